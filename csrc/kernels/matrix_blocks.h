// What the factorizations share: the kernels of this machine for blocks, and products of blocks, for real and complex numbers.
#pragma once
#include <complex>
#include <type_traits>

#include "kernels/choice.h"
#include "kernels/gemm.h"
#include "kernels/matrix_table.h"

namespace st {

const MatrixTable& matrix_table();

// Kernels of blocks of complex numbers (kernels/matrix_complex.cpp).
template <class T>
const MatrixKernels<T>& complex_matrix_kernels();

template <class T>
const MatrixKernels<T>& matrix_kernels() {
  if constexpr (std::is_same_v<T, float>) return matrix_table().f32;
  else if constexpr (std::is_same_v<T, double>) return matrix_table().f64;
  else return complex_matrix_kernels<T>();
}

inline float conjugate(float x) { return x; }
inline double conjugate(double x) { return x; }
template <class R>
std::complex<R> conjugate(std::complex<R> x) {
  return {x.real(), -x.imag()};
}

// C (m, n) = sign * op(A) (m, k) B (k, n) + beta * C, where op(A) is A or, where `adjoint`, A^H, and beta is 0 or 1.
template <class T>
void complex_product(bool adjoint, int64_t m, int64_t n, int64_t k, int sign, const T* a, int64_t lda, const T* b, int64_t ldb, int beta, T* c,
                     int64_t ldc);
template <class T>
void block_product(bool adjoint, int64_t m, int64_t n, int64_t k, int sign, const T* a, int64_t lda, const T* b, int64_t ldb, int beta, T* c,
                   int64_t ldc) {
  if constexpr (std::is_floating_point_v<T>) gemm<T>(adjoint, false, m, n, k, T(sign), a, lda, b, ldb, T(beta), c, ldc);
  else complex_product<T>(adjoint, m, n, k, sign, a, lda, b, ldb, beta, c, ldc);
}
template <class T>
void set_product(bool adjoint, int64_t m, int64_t n, int64_t k, int sign, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc) {
  block_product<T>(adjoint, m, n, k, sign, a, lda, b, ldb, 0, c, ldc);
}
template <class T>
void add_product(bool adjoint, int64_t m, int64_t n, int64_t k, int sign, const T* a, int64_t lda, const T* b, int64_t ldb, T* c, int64_t ldc) {
  block_product<T>(adjoint, m, n, k, sign, a, lda, b, ldb, 1, c, ldc);
}

}  // namespace st
