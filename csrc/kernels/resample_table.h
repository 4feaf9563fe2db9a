// What resampling asks of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

template <class T>
struct ResampleKernels {
  // y[j] = sum over k of weight[k] * rows[k][j], for n elements.
  void (*combine)(int64_t count, const T* const* rows, const T* weight, int64_t n, T* y);
  // y[j] = sum over k of weight[k * m + j] * x[at[k * m + j]], for m results.
  void (*gather)(int64_t count, const int32_t* at, const T* weight, int64_t m, const T* x, T* y);
};
struct ResampleTable {
  ResampleKernels<float> f32;
  ResampleKernels<double> f64;
};

}  // namespace st
