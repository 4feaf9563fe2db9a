// Weighted sums of rows, and of elements within a row: the two directions of separable resampling.
#include "kernels/resample_table.h"

#include "kernels/lane.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Simd;

template <class T>
constexpr int kWidth = Simd<T>::width;

template <class T, int kCount>
STEEPEST_LANE Simd<T> weighted(int64_t count, const T* const* rows, const T* weight, int64_t j, int lanes) {
  Simd<T> sum(0);
  const int64_t n = kCount ? kCount : count;
  for (int64_t k = 0; k < n; ++k) {
    const Simd<T> x = lanes == kWidth<T> ? lane::load(rows[k] + j) : lane::load_partial(rows[k] + j, lanes);
    const Simd<T> term = x * Simd<T>(weight[k]);
    sum = k == 0 ? term : sum + term;
  }
  return sum;
}

template <class T, int kCount>
STEEPEST_LANE void combine_rows(int64_t count, const T* const* rows, const T* weight, int64_t n, T* y) {
  int64_t j = 0;
  for (; j + kWidth<T> <= n; j += kWidth<T>) lane::store(y + j, weighted<T, kCount>(count, rows, weight, j, kWidth<T>));
  if (j < n) {
    const int rest = static_cast<int>(n - j);
    lane::store_partial(y + j, weighted<T, kCount>(count, rows, weight, j, rest), rest);
  }
}
template <class T>
void combine(int64_t count, const T* const* rows, const T* weight, int64_t n, T* y) {
  if (count == 2) combine_rows<T, 2>(count, rows, weight, n, y);
  else if (count == 4) combine_rows<T, 4>(count, rows, weight, n, y);
  else combine_rows<T, 0>(count, rows, weight, n, y);
}

template <class T>
void gather(int64_t count, const int32_t* at, const T* weight, int64_t m, const T* __restrict x, T* __restrict y) {
  if (count == 2) {
    for (int64_t j = 0; j < m; ++j) y[j] = weight[j] * x[at[j]] + weight[m + j] * x[at[m + j]];
    return;
  }
  for (int64_t j = 0; j < m; ++j) {
    T sum = weight[j] * x[at[j]];
    for (int64_t k = 1; k < count; ++k) sum += weight[k * m + j] * x[at[k * m + j]];
    y[j] = sum;
  }
}

template <class T>
constexpr ResampleKernels<T> kernels() {
  return {combine<T>, gather<T>};
}

}  // namespace

extern const ResampleTable kResampleTable;
constexpr ResampleTable kResampleTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
