// Factorizations of row-major matrices over raw memory, `ld` elements from row to row: what LAPACK calls getrf, potrf, trtrs, geqrf.
// Large ones are cut into blocks whose products are gemm's; the results do not depend on the number of threads. T is float, double or
// a complex number of these; an adjoint is the matrix turned round and, where it is complex, conjugated.
#pragma once

#include <cstdint>

namespace st {

// op(A), a triangle: of a (n, n) what lies above or below the diagonal, the adjoint of that where `adjoint`.
template <class T>
struct Triangle {
  const T* a;
  int64_t ld;
  bool upper, adjoint, unit;
};
// X of op(A) X = B in place of B (n, m).
template <class T>
void solve_triangle(const Triangle<T>& t, int64_t n, int64_t m, T* b, int64_t ldb);

// A (m, n) becomes L (unit diagonal) and U of P A = L U: going down, row k was exchanged with row pivots[k]. Returns the first column
// (from 1) that has no pivot, or 0.
template <class T>
int64_t lu_factor(int64_t m, int64_t n, T* a, int64_t ld, int32_t* pivots);
// The exchanges, in the order of the factorization or undone, on the rows of B (., m).
template <class T>
void exchange_rows(int64_t n, const int32_t* pivots, bool undo, int64_t m, T* b, int64_t ldb);
// X of A X = B, or of A^H X = B, in place of B (n, m).
template <class T>
void lu_solve(int64_t n, const T* lu, int64_t ld, const int32_t* pivots, bool adjoint, int64_t m, T* b, int64_t ldb);
// The inverse (n, n), contiguous.
template <class T>
void lu_inverse(int64_t n, const T* lu, int64_t ld, const int32_t* pivots, T* y);

// The upper triangle of A becomes U of A = U^H U; what is below it is not read, and holds nothing of use afterwards. Returns the order
// of the first minor that is not positive, or 0.
template <class T>
int64_t cholesky_factor(int64_t n, T* a, int64_t ld);

// A (m, n) becomes R and, below its diagonal, Householder's vectors; tau has min(m, n) elements.
template <class T>
void qr_factor(int64_t m, int64_t n, T* a, int64_t ld, T* tau);
// C (m, n) becomes Q C, or Q^H C, where Q is the product of the k reflections in a (m, k) and tau.
template <class T>
void qr_apply(bool adjoint, int64_t m, int64_t n, int64_t k, const T* a, int64_t ld, const T* tau, T* c, int64_t ldc);

}  // namespace st
