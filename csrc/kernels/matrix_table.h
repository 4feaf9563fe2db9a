// What the factorizations of matrices ask of the kernels that are compiled once per instruction set: blocks that fit the first cache.
#pragma once

#include <cstdint>

namespace st {

// The most columns of a panel; a whole number of registers of every instruction set.
inline constexpr int64_t kMatrixPanel = 16;

// Matrices are row-major, `ld` elements from row to row.
template <class T>
struct MatrixKernels {
  // A (m, n), n <= kMatrixPanel, becomes L and U of P A = L U; row k was exchanged with row pivots[k]. Returns the first column (from 1)
  // without a pivot, or 0. `work` has n * stride elements: stride is at least m, and a multiple of kMatrixPanel.
  int64_t (*lu)(int64_t m, int64_t n, T* a, int64_t ld, int32_t* pivots, T* work, int64_t stride);
  // X of A X = B in B's place, for a triangle A (n, n) and B (n, m); `unit`: the diagonal counts as ones.
  void (*solve_lower)(int64_t n, int64_t m, const T* a, int64_t ld, bool unit, T* b, int64_t ldb);
  void (*solve_upper)(int64_t n, int64_t m, const T* a, int64_t ld, bool unit, T* b, int64_t ldb);
  // The upper triangle of A (n, n) becomes U of A = U^T U. Returns the order (from 1) of the first minor that is not positive, or 0.
  int64_t (*cholesky)(int64_t n, T* a, int64_t ld);
  // A (m, n) becomes R with, below its diagonal, the vectors of Householder's reflections 1 - tau v v^T. `work` has n elements.
  void (*qr)(int64_t m, int64_t n, T* a, int64_t ld, T* tau, T* work);
  // y += s * x, n elements; and x exchanged with y.
  void (*add_scaled)(int64_t n, T s, const T* x, T* y);
  void (*swap_rows)(int64_t n, T* x, T* y);
  // (x, y) becomes (c x + s y, c y - s x).
  void (*rotate)(int64_t n, T c, T s, T* x, T* y);
};

struct MatrixTable {
  MatrixKernels<float> f32;
  MatrixKernels<double> f64;
};

}  // namespace st
