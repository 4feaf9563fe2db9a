// LU factorization with partial pivoting, recursive in the columns (Toledo, "Locality of reference in LU decomposition with partial
// pivoting", 1997), and what is solved with it.
#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/matrix.h"
#include "kernels/matrix_blocks.h"
#include "kernels/matrix_small.h"

namespace st {
namespace {

// X = L^-1 for the unit lower triangle L, X being zeros above its diagonal.
template <class T>
void invert_unit_lower(int64_t n, const T* l, int64_t ld, T* x, int64_t ldx) {
  if (n <= 24) {
    for (int64_t i = 0; i < n; ++i) {
      std::fill_n(x + i * ldx, n, T(0));
      x[i * ldx + i] = 1;
    }
    return matrix_kernels<T>().solve_lower(n, n, l, ld, true, x, ldx);
  }
  const int64_t h = (n / 2 + 7) / 8 * 8, r = n - h;
  T* const low = x + h * ldx;
  invert_unit_lower(h, l, ld, x, ldx);
  for (int64_t i = 0; i < h; ++i) std::fill_n(x + i * ldx + h, r, T(0));
  set_product<T>(false, r, h, h, -1, l + h * ld, ld, x, ldx, low, ldx);
  solve_triangle(Triangle<T>{l + h * ld + h, ld, false, false, true}, r, h, low, ldx);
  invert_unit_lower(r, l + h * ld + h, ld, low + h, ldx);
}

// Whole registers for m rows, and not a power of two apart.
int64_t stride_of(int64_t m) { return (m + kMatrixPanel - 1) / kMatrixPanel * kMatrixPanel + kMatrixPanel; }

template <class T>
int64_t factor(int64_t m, int64_t n, T* a, int64_t ld, int32_t* pivots, T* work) {
  if (n <= kMatrixPanel) return matrix_kernels<T>().lu(m, n, a, ld, pivots, work, stride_of(m));
  const int64_t steps = std::min(m, n), h = std::min(steps, std::max(kMatrixPanel, steps / 2 / kMatrixPanel * kMatrixPanel)), r = n - h;
  int64_t missing = factor(m, h, a, ld, pivots, work);
  exchange_rows(h, pivots, false, r, a + h, ld);
  solve_triangle(Triangle<T>{a, ld, false, false, true}, h, r, a + h, ld);
  if (m == h) return missing;
  T* const rest = a + h * ld + h;
  add_product<T>(false, m - h, r, h, -1, a + h * ld, ld, a + h, ld, rest, ld);
  if (const int64_t later = factor(m - h, r, rest, ld, pivots + h, work); later && !missing) missing = h + later;
  exchange_rows(steps - h, pivots + h, false, h, a + h * ld, ld);
  for (int64_t k = h; k < steps; ++k) pivots[k] += static_cast<int32_t>(h);
  return missing;
}

}  // namespace

template <class T>
void exchange_rows(int64_t n, const int32_t* pivots, bool undo, int64_t m, T* b, int64_t ldb) {
  const auto swap = m > kSmallMatrix ? matrix_kernels<T>().swap_rows : [](int64_t count, T* x, T* y) { std::swap_ranges(x, x + count, y); };
  for (int64_t step = 0; step < n; ++step) {
    const int64_t k = undo ? n - 1 - step : step;
    if (pivots[k] != k) swap(m, b + k * ldb, b + pivots[k] * ldb);
  }
}

template <class T>
int64_t lu_factor(int64_t m, int64_t n, T* a, int64_t ld, int32_t* pivots) {
  if constexpr (kHasSmall<T>) {
    if (m == n && n > 0 && n <= kSmallMatrix) return with_small<T>(n, [&](auto small) { return small.factor(a, ld, pivots); });
  }
  const int64_t size = std::min(n, kMatrixPanel) * stride_of(m);
  constexpr int64_t kInline = 1024;
  if (size <= kInline) {
    T work[kInline];
    return factor(m, n, a, ld, pivots, work);
  }
  std::vector<T> work(static_cast<size_t>(size));
  return factor(m, n, a, ld, pivots, work.data());
}

template <class T>
void lu_solve(int64_t n, const T* lu, int64_t ld, const int32_t* pivots, bool adjoint, int64_t m, T* b, int64_t ldb) {
  const Triangle<T> lower{lu, ld, false, adjoint, true}, upper{lu, ld, true, adjoint, false};
  if (!adjoint) {
    exchange_rows(n, pivots, false, m, b, ldb);
    if constexpr (kHasSmall<T>) {
      if (n > 0 && n <= kSmallMatrix && m < kSmallMatrix) return with_small<T>(n, [&](auto small) { small.solve(lu, ld, m, b, ldb); });
    }
    solve_triangle(lower, n, m, b, ldb);
    solve_triangle(upper, n, m, b, ldb);
  } else {
    solve_triangle(upper, n, m, b, ldb);
    solve_triangle(lower, n, m, b, ldb);
    exchange_rows(n, pivots, true, m, b, ldb);
  }
}

template <class T>
void lu_inverse(int64_t n, const T* lu, int64_t ld, const int32_t* pivots, T* y) {
  if constexpr (kHasSmall<T>) {
    if (n > 0 && n <= kSmallMatrix) return with_small<T>(n, [&](auto small) { small.invert(lu, ld, pivots, y); });
  }
  invert_unit_lower(n, lu, ld, y, n);
  solve_triangle(Triangle<T>{lu, ld, true, false, false}, n, n, y, n);
  // U^-1 L^-1 still lacks P: its columns are put where P takes them.
  std::vector<int32_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  for (int64_t k = 0; k < n; ++k) std::swap(order[static_cast<size_t>(k)], order[static_cast<size_t>(pivots[k])]);
  std::vector<T> row(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    T* const at = y + i * n;
    std::copy_n(at, n, row.data());
    for (int64_t j = 0; j < n; ++j) at[order[static_cast<size_t>(j)]] = row[static_cast<size_t>(j)];
  }
}

#define STEEPEST_LU(T)                                                                             \
  template int64_t lu_factor<T>(int64_t, int64_t, T*, int64_t, int32_t*);                          \
  template void exchange_rows<T>(int64_t, const int32_t*, bool, int64_t, T*, int64_t);             \
  template void lu_solve<T>(int64_t, const T*, int64_t, const int32_t*, bool, int64_t, T*, int64_t); \
  template void lu_inverse<T>(int64_t, const T*, int64_t, const int32_t*, T*);
STEEPEST_LU(float)
STEEPEST_LU(double)
STEEPEST_LU(std::complex<float>)
STEEPEST_LU(std::complex<double>)
#undef STEEPEST_LU

}  // namespace st
