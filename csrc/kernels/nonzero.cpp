// Counting and listing nonzero elements.
#include "kernels/nonzero.h"

#include <algorithm>

#include "kernels/layout.h"

namespace st {
namespace {

constexpr int64_t kBlock = 256;

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

}  // namespace

int64_t count_nonzero_elements(const Tensor& x) {
  const Tensor c = contiguous_copy(x);
  return visit(c.dtype(), [&]<class T>() {
    const T* p = c.data<T>();
    int64_t n = 0;
    for (int64_t i = 0; i < c.numel(); i += kBlock) {
      const int64_t end = std::min(c.numel(), i + kBlock);
      int32_t part = 0;
      for (int64_t k = i; k < end; ++k) part += p[k] != T(0);
      n += part;
    }
    return n;
  });
}

void write_nonzero(const Tensor& x, int64_t* out, int64_t row_step, int64_t column_step) {
  const Tensor c = contiguous_copy(x);
  if (c.numel() == 0) return;
  const int last = c.dim() - 1;
  const int64_t length = last < 0 ? 1 : c.size(last);
  visit(c.dtype(), [&]<class T>() {
    const T* p = c.data<T>();
    int32_t places[kBlock];
    Dims at = Dims::filled(c.dim(), 0);
    for (const T* end = p + c.numel(); p < end; p += length) {
      for (int64_t i = 0; i < length; i += kBlock) {
        const int64_t count = places_in(p + i, std::min(kBlock, length - i), places);
        for (int d = 0; d < last; ++d) {
          for (int64_t e = 0; e < count; ++e) out[e * row_step + d * column_step] = at[d];
        }
        for (int64_t e = 0; e < count && last >= 0; ++e) out[e * row_step + last * column_step] = i + places[e];
        out += count * row_step;
      }
      for (int d = last - 1; d >= 0 && ++at[d] == c.size(d); --d) at[d] = 0;
    }
  });
}

}  // namespace st
