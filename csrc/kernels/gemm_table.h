// What gemm.cpp asks of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

#include "kernels/gemm.h"

namespace st {

// How a product is computed. It follows from the shapes alone, never from the number of threads, because it decides
// the order in which the products of one element are summed.
enum class GemmPlan : uint8_t {
  kOuter,      // tiles of C over lanes of n; B packed where its rows are not contiguous or too far apart
  kTransposed, // few columns, or B transposed and few rows: computes C^T, lanes over m
  kDot,        // rows of A and B contiguous in k, or few columns: dot products with lanes over k
};

// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * D, all row-major; op transposes where ta, tb say so. D is C, or a matrix
// of its own; its rows may be one and the same.
template <class T>
struct GemmCall {
  bool ta, tb;
  int64_t m, n, k;
  Scale<T> alpha;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  Scale<T> beta;  // 0: D is not read
  const T* d;
  int64_t ldd;
  T* c;
  int64_t ldc;
};

// The most columns that the plans for few columns take.
inline constexpr int64_t kGemmFewColumns = 12;

inline constexpr int64_t kGemmScratchBytes = 1 << 20;

template <class T>
struct GemmKernels {
  // Plain loops, for products of a few dozen multiplications.
  void (*tiny)(const GemmCall<T>&);
  // On one thread. `scratch` gives kGemmScratchBytes aligned to a cache line; called only where memory is needed.
  void (*run)(const GemmCall<T>&, GemmPlan, void* (*scratch)());
  // sum of x[i] * y[i], contiguous.
  T (*dot)(int64_t n, const T* x, const T* y);
};

struct GemmTable {
  GemmKernels<float> f32;
  GemmKernels<double> f64;
};

}  // namespace st
