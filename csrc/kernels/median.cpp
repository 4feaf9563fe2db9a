// Medians: the element in the middle of a sorted line, and its place.
#include <algorithm>
#include <cmath>
#include <memory>

#include "kernels/cumulate.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 4096;
constexpr int64_t kWorthSampling = 256;

template <class T>
bool is_nan(T v) {
  if constexpr (std::is_floating_point_v<T>) return v != v;
  else return false;
}

template <class T>
struct Middle {
  T value;
  int64_t below;  // elements that are less
};

// What stands at place k of n sorted numbers. As Floyd and Rivest do (Algorithm 489, 1975): a sample says between which two numbers it
// lies; only what is between them is looked at again. `spare` has room for n.
template <class T>
Middle<T> select(T* x, T* spare, int64_t n, int64_t k) {
  T* found = x;
  int64_t count = n, below = 0;
  if (n >= kWorthSampling) {
    const int64_t size = 64 + static_cast<int64_t>(std::pow(static_cast<double>(n), 2.0 / 3.0)) / 4, step = n / size;
    for (int64_t i = 0; i < size; ++i) spare[i] = x[i * step];
    const int64_t at = k * size / n, margin = 1 + static_cast<int64_t>(1.25 * std::sqrt(static_cast<double>(size)));
    const int64_t first = std::max<int64_t>(0, at - margin), last = std::min(size - 1, at + margin);
    std::nth_element(spare, spare + first, spare + size);
    const T low = spare[first];
    std::nth_element(spare + first, spare + last, spare + size);
    const T high = spare[last];
    int64_t between = 0;
    for (int64_t i = 0; i < n; ++i) {  // without jumps, which could not be foreseen
      const T v = x[i];
      spare[between] = v;
      between += !(v < low) & !(high < v);
      below += v < low;
    }
    if (below <= k && k < below + between) {
      found = spare;
      count = between;
    } else {
      below = 0;
    }
  }
  T* const middle = found + (k - below);
  std::nth_element(found, middle, found + count);
  for (const T* p = found; p < middle; ++p) below += *p < *middle;
  return {*middle, below};
}

}  // namespace

Extreme median(const Tensor& given, int64_t dim, bool keepdim, bool skip_nan) {
  const Dims sizes = reduced_sizes(given.sizes(), given.dim() ? DimMask{1} << dim : 0, keepdim);
  const Tensor x = contiguous_copy(dim_last(given, dim));
  Extreme out{empty(sizes, x.dtype()), empty(sizes, Dtype::Int64)};
  const int64_t n = given.dim() ? given.size(dim) : 1;
  visit_real(x.dtype(), [&]<class T>() {
    if constexpr (!std::is_same_v<T, Half> && !std::is_same_v<T, BFloat16>) {
      parallel_items(out.values.numel(), n, kGrain, [&](int64_t begin, int64_t end) {
        const auto memory = std::make_unique_for_overwrite<T[]>(static_cast<size_t>(2 * n));
        T* const numbers = memory.get();
        for (int64_t j = begin; j < end; ++j) {
          const T* line = x.data<T>() + j * n;
          int64_t count = 0, place = -1;
          for (int64_t i = 0; i < n; ++i) {
            numbers[count] = line[i];
            if (!is_nan(line[i])) ++count;
            else if (place < 0) place = i;
          }
          if (place < 0 || (skip_nan && count > 0)) {
            const int64_t k = (count - 1) / 2;
            const Middle<T> middle = select(numbers, numbers + n, count, k);
            // Of equal elements, the one that stands in the middle when they keep their order.
            int64_t rank = k - middle.below;
            for (place = 0; !(line[place] == middle.value) || rank-- > 0;) ++place;
          }
          out.values.data<T>()[j] = line[place];
          out.indices.data<int64_t>()[j] = place;
        }
      });
    } else {
      no_half(x.dtype());
    }
  });
  return out;
}

}  // namespace st
