// Matrix products over raw memory, row-major, with leading dimensions and transposition; threaded by parallel_for.
#pragma once

#include <cstdint>

namespace st {

struct Half;
struct BFloat16;

// What numbers of a product's alpha and beta are: float for the half types.
template <class T>
struct ScaleOf {
  using Type = T;
};
template <>
struct ScaleOf<Half> {
  using Type = float;
};
template <>
struct ScaleOf<BFloat16> {
  using Type = float;
};
template <class T>
using Scale = typename ScaleOf<T>::Type;

// Chooses the kernels: "v2", "v3", "v4" or "neon", as the build has them; throws std::invalid_argument for others.
// Not while a product runs. Before the first call: the lowest there is.
void gemm_select(const char* isa);

// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * C for float and double, complex numbers of both, and for Half and BFloat16,
// whose elements are rounded once, from sums of floats. op(A)(i, p) is a[p * lda + i] where
// ta is set, otherwise a[i * lda + p]; op(B) likewise. With beta = 0, C is not read; with alpha = 0 or k = 0, A and B
// are not. C may not overlap A or B. The result does not depend on the number of threads.
template <class T>
void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, Scale<T> alpha, const T* a, int64_t lda, const T* b, int64_t ldb,
          Scale<T> beta, T* c, int64_t ldc);

// The same with a matrix D in place of what C was. With ldd = 0, one row is added to all.
template <class T>
void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, Scale<T> alpha, const T* a, int64_t lda, const T* b, int64_t ldb,
          Scale<T> beta, const T* d, int64_t ldd, T* c, int64_t ldc);

// `batch` products, matrix i at a + i * step_a and so on; step_a and step_b may be 0, step_c may not.
template <class T>
void gemm_batched(int64_t batch, bool ta, bool tb, int64_t m, int64_t n, int64_t k, Scale<T> alpha, const T* a, int64_t lda,
                  int64_t step_a, const T* b, int64_t ldb, int64_t step_b, Scale<T> beta, T* c, int64_t ldc, int64_t step_c);

// C = op(A) * op(B) for int8 to int64 and uint8, modulo 2^bits.
template <class T>
void matmul_int(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb,
                T* c, int64_t ldc);

}  // namespace st
