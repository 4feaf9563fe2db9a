// Triangular solves, and Cholesky's factorization on top of them: recursion down to blocks, products in between.
#include <algorithm>

#include "kernels/matrix.h"
#include "kernels/matrix_blocks.h"
#include "kernels/matrix_small.h"

namespace st {

#define X(isa)                            \
  namespace isa {                         \
  extern const MatrixTable kMatrixTable;  \
  }
STEEPEST_ISAS
#undef X

const MatrixTable& matrix_table() {
  static constexpr const MatrixTable* kTables[] = {
#define X(isa) &isa::kMatrixTable,
      STEEPEST_ISAS
#undef X
  };
  static const MatrixTable& chosen = *kTables[chosen_isa()];
  return chosen;
}

namespace {

constexpr int64_t kBlock = 24, kCholeskyBlock = 32;

int64_t half_of(int64_t n, int64_t block) { return (n / 2 + block - 1) / block * block; }

// a's part at (i, j) of the stored matrix
template <class T>
Triangle<T> corner(const Triangle<T>& t, int64_t i) {
  Triangle<T> c = t;
  c.a += i * t.ld + i;
  return c;
}

template <class T>
void solve_block(const Triangle<T>& t, int64_t n, int64_t m, T* b, int64_t ldb) {
  const auto& k = matrix_kernels<T>();
  if (!t.adjoint) return (t.upper ? k.solve_upper : k.solve_lower)(n, m, t.a, t.ld, t.unit, b, ldb);
  T turned[kBlock * kBlock];
  for (int64_t i = 0; i < n; ++i) for (int64_t j = 0; j < n; ++j) turned[j * n + i] = conjugate(t.a[i * t.ld + j]);
  (t.upper ? k.solve_lower : k.solve_upper)(n, m, turned, n, t.unit, b, ldb);
}

// A22 -= A12^H A12, its upper triangle: the products below the diagonal are left out where that pays.
template <class T>
void subtract_square(int64_t n, int64_t k, const T* x, T* a, int64_t ld) {
  constexpr int64_t kWhole = 96;
  if (n <= kWhole) return add_product<T>(true, n, n, k, -1, x, ld, x, ld, a, ld);
  const int64_t h = half_of(n, 16);
  subtract_square(h, k, x, a, ld);
  add_product<T>(true, h, n - h, k, -1, x, ld, x + h, ld, a + h, ld);
  subtract_square(n - h, k, x + h, a + h * ld + h, ld);
}

}  // namespace

template <class T>
void solve_triangle(const Triangle<T>& t, int64_t n, int64_t m, T* b, int64_t ldb) {
  if (n == 0 || m == 0) return;
  if (n <= kBlock) return solve_block(t, n, m, b, ldb);
  const int64_t h = half_of(n, 8), r = n - h;
  // The stored block beside the two triangles; which of them comes first follows from what op(A) is.
  const T* const beside = t.upper ? t.a + h : t.a + h * t.ld;
  if (t.upper == t.adjoint) {
    solve_triangle(t, h, m, b, ldb);
    add_product<T>(t.adjoint, r, m, h, -1, beside, t.ld, b, ldb, b + h * ldb, ldb);
    solve_triangle(corner(t, h), r, m, b + h * ldb, ldb);
  } else {
    solve_triangle(corner(t, h), r, m, b + h * ldb, ldb);
    add_product<T>(t.adjoint, h, m, r, -1, beside, t.ld, b + h * ldb, ldb, b, ldb);
    solve_triangle(t, h, m, b, ldb);
  }
}

template <class T>
int64_t cholesky_factor(int64_t n, T* a, int64_t ld) {
  if constexpr (kHasSmall<T>) {
    if (n > 0 && n <= kSmallMatrix) return with_small<T>(n, [&](auto small) { return small.cholesky(a, ld); });
  }
  if (n <= kCholeskyBlock) return matrix_kernels<T>().cholesky(n, a, ld);
  const int64_t h = half_of(n, 16);
  if (const int64_t bad = cholesky_factor(h, a, ld)) return bad;
  solve_triangle(Triangle<T>{a, ld, true, true, false}, h, n - h, a + h, ld);
  T* const rest = a + h * ld + h;
  subtract_square(n - h, h, a + h, rest, ld);
  const int64_t bad = cholesky_factor(n - h, rest, ld);
  return bad ? h + bad : 0;
}

#define STEEPEST_TRIANGLE(T)                                                          \
  template void solve_triangle<T>(const Triangle<T>&, int64_t, int64_t, T*, int64_t); \
  template int64_t cholesky_factor<T>(int64_t, T*, int64_t);
STEEPEST_TRIANGLE(float)
STEEPEST_TRIANGLE(double)
STEEPEST_TRIANGLE(std::complex<float>)
STEEPEST_TRIANGLE(std::complex<double>)
#undef STEEPEST_TRIANGLE

}  // namespace st
