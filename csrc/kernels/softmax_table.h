// What softmax and cross entropy ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

inline constexpr int64_t kSoftmaxColumns = 512;

// m lines of n elements `step` apart, in contiguous memory: rows (step 1, the next line n further) or at most kSoftmaxColumns columns
// (the next line beside).
struct SoftmaxCall {
  int64_t n, step, m;
};

template <class T>
struct SoftmaxKernels {
  // y = softmax or log softmax of x; x and y may be the same.
  void (*softmax)(const SoftmaxCall&, const T* x, T* y);
  void (*log_softmax)(const SoftmaxCall&, const T* x, T* y);
  // dx from the result y and the gradient g
  void (*softmax_backward)(const SoftmaxCall&, const T* y, const T* g, T* dx);
  void (*log_softmax_backward)(const SoftmaxCall&, const T* y, const T* g, T* dx);
  // y[j] = log(sum(exp(x))) of line j
  void (*log_sum_exp)(const SoftmaxCall&, const T* x, T* y);
  // Of each row of n: the largest element and the logarithm of the sum of exp(x - largest), side by side.
  void (*row_stats)(int64_t n, int64_t rows, const T* x, T* stats);
  // dx = scale[row] * (softmax(x) - 1 at target[row]); a row whose scale is 0 becomes 0.
  void (*cross_entropy_backward)(int64_t n, int64_t rows, const T* x, const T* stats, const int64_t* target, const T* scale, T* dx);
};
struct SoftmaxTable {
  SoftmaxKernels<float> f32;
  SoftmaxKernels<double> f64;
};

}  // namespace st
