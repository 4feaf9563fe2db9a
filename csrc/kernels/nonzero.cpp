// Counting and listing nonzero elements.
#include "kernels/nonzero.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kBlock = 256, kGrain = 16384;  // elements: looked at together, shared by threads

// The places among n <= kBlock elements that are not zero, in order; without a branch, which random elements make the processor guess
// wrong.
template <class T>
int64_t places_in(const T* p, int64_t n, int32_t* places) {
  int64_t count = 0;
  for (int64_t i = 0; i < n; ++i) {
    places[count] = static_cast<int32_t>(i);
    count += p[i] != T(0);
  }
  return count;
}

// Of the contiguous elements [begin, end).
template <class T>
int64_t count_in(const T* p, int64_t begin, int64_t end) {
  int64_t n = 0;
  for (int64_t i = begin; i < end; i += kBlock) {
    const int64_t stop = std::min(end, i + kBlock);
    int32_t part = 0;
    for (int64_t k = i; k < stop; ++k) part += p[k] != T(0);
    n += part;
  }
  return n;
}

// The counts of the parts of kGrain elements of a contiguous tensor.
std::vector<int64_t> counts_of(const Tensor& x) {
  std::vector<int64_t> counts(static_cast<size_t>((x.numel() + kGrain - 1) / kGrain));
  visit(x.dtype(), [&]<class T>() {
    parallel_for(x.numel(), kGrain, [&](int64_t begin, int64_t end) {
      for (; begin < end; begin += kGrain) counts[static_cast<size_t>(begin / kGrain)] = count_in(x.data<T>(), begin, std::min(begin + kGrain, end));
    });
  });
  return counts;
}

// Of the contiguous elements [begin, end); the first place goes to `out`.
template <class T>
void write_places(const Tensor& x, int64_t begin, int64_t end, int64_t* out, int64_t row_step, int64_t column_step) {
  const int last = x.dim() - 1;
  const int64_t length = last < 0 ? 1 : x.size(last);
  int32_t places[kBlock];
  Dims at = Dims::filled(x.dim(), 0);
  int64_t rest = begin / length, first = begin % length;  // within a row
  for (int d = last - 1; d >= 0; --d) {
    at[d] = rest % x.size(d);
    rest /= x.size(d);
  }
  for (const T* row = x.data<T>() + (begin - first); begin < end; row += length) {
    const int64_t stop = std::min(length, first + end - begin);
    for (int64_t i = first; i < stop; i += kBlock) {
      const int64_t count = places_in(row + i, std::min(kBlock, stop - i), places);
      for (int d = 0; d < last; ++d) {
        for (int64_t e = 0; e < count; ++e) out[e * row_step + d * column_step] = at[d];
      }
      for (int64_t e = 0; e < count && last >= 0; ++e) out[e * row_step + last * column_step] = i + places[e];
      out += count * row_step;
    }
    for (int d = last - 1; d >= 0 && ++at[d] == x.size(d); --d) at[d] = 0;
    begin += stop - first;
    first = 0;
  }
}

}  // namespace

int64_t count_nonzero_elements(const Tensor& x) {
  const std::vector<int64_t> counts = counts_of(contiguous_copy(x));
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

void write_nonzero(const Tensor& x, int64_t* out, int64_t row_step, int64_t column_step) {
  const Tensor c = contiguous_copy(x);
  if (c.numel() == 0) return;
  visit(c.dtype(), [&]<class T>() {
    if (c.numel() <= kGrain || num_threads() == 1) return write_places<T>(c, 0, c.numel(), out, row_step, column_step);
    const std::vector<int64_t> counts = counts_of(c);
    std::vector<int64_t> before(counts.size());
    std::exclusive_scan(counts.begin(), counts.end(), before.begin(), int64_t{0});
    parallel_for(c.numel(), kGrain, [&](int64_t begin, int64_t end) {
      write_places<T>(c, begin, end, out + before[static_cast<size_t>(begin / kGrain)] * row_step, row_step, column_step);
    });
  });
}

}  // namespace st
