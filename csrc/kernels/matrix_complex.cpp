// Factorizations of blocks of complex numbers, in plain loops, and products of such blocks as products of real ones.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/matrix_blocks.h"

namespace st {
namespace {

template <class R>
struct Blocks {
  using T = std::complex<R>;

  // Without the library's second look at results that are nan.
  static T times(T x, T y) { return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()}; }
  // What LAPACK compares where it looks for a pivot.
  static R magnitude(T x) { return std::fabs(x.real()) + std::fabs(x.imag()); }

  static void add_scaled(int64_t n, T s, const T* x, T* y) {
    for (int64_t i = 0; i < n; ++i) y[i] += times(s, x[i]);
  }
  static void swap_rows(int64_t n, T* x, T* y) { std::swap_ranges(x, x + n, y); }
  static void rotate(int64_t n, T c, T s, T* x, T* y) {
    for (int64_t i = 0; i < n; ++i) {
      const T a = x[i], b = y[i];
      x[i] = times(c, a) + times(s, b);
      y[i] = times(c, b) - times(s, a);
    }
  }

  static int64_t lu(int64_t m, int64_t n, T* a, int64_t ld, int32_t* pivots, T*, int64_t) {
    int64_t missing = 0;
    for (int64_t k = 0; k < std::min(m, n); ++k) {
      int64_t p = k;
      for (int64_t i = k + 1; i < m; ++i) if (magnitude(a[i * ld + k]) > magnitude(a[p * ld + k])) p = i;
      pivots[k] = static_cast<int32_t>(p);
      T* const top = a + k * ld;
      if (a[p * ld + k] == T(0)) {
        if (missing == 0) missing = k + 1;
        continue;
      }
      if (p != k) swap_rows(n, top, a + p * ld);
      for (int64_t i = k + 1; i < m; ++i) {
        T* const row = a + i * ld;
        row[k] /= top[k];
        add_scaled(n - k - 1, -row[k], top + k + 1, row + k + 1);
      }
    }
    return missing;
  }

  template <bool kUpper>
  static void solve(int64_t n, int64_t m, const T* a, int64_t ld, bool unit, T* b, int64_t ldb) {
    for (int64_t step = 0; step < n; ++step) {
      const int64_t i = kUpper ? n - 1 - step : step;
      T* const row = b + i * ldb;
      for (int64_t k = kUpper ? i + 1 : 0; k < (kUpper ? n : i); ++k) add_scaled(m, -a[i * ld + k], b + k * ldb, row);
      if (!unit) for (int64_t j = 0; j < m; ++j) row[j] /= a[i * ld + i];
    }
  }

  static int64_t cholesky(int64_t n, T* a, int64_t ld) {
    for (int64_t k = 0; k < n; ++k) {
      T* const top = a + k * ld;
      if (!(top[k].real() > 0)) return k + 1;
      const R root = std::sqrt(top[k].real());
      top[k] = root;
      for (int64_t j = k + 1; j < n; ++j) top[j] /= root;
      for (int64_t i = k + 1; i < n; ++i) add_scaled(n - i, -conjugate(top[i]), top + i, a + i * ld + i);
    }
    return 0;
  }

  // The diagonal of R is real: tau is what turns the column's first element into such a number.
  static void qr(int64_t m, int64_t n, T* a, int64_t ld, T* tau, T* work) {
    for (int64_t k = 0; k < std::min(m, n); ++k) {
      T* const top = a + k * ld + k;
      const std::complex<double> alpha(*top);
      double rest = 0;
      for (int64_t i = k + 1; i < m; ++i) {
        const T x = a[i * ld + k];
        rest = std::hypot(rest, std::hypot(static_cast<double>(x.real()), static_cast<double>(x.imag())));
      }
      if (rest == 0 && alpha.imag() == 0) {
        tau[k] = 0;
        continue;
      }
      const double norm = std::hypot(rest, std::hypot(alpha.real(), alpha.imag())), beta = alpha.real() >= 0 ? -norm : norm;
      tau[k] = T(std::complex<double>((beta - alpha.real()) / beta, -alpha.imag() / beta));
      const std::complex<double> divisor = alpha - beta;
      *top = static_cast<R>(beta);
      const int64_t columns = n - k - 1;
      std::copy_n(top + 1, columns, work);
      for (int64_t i = k + 1; i < m; ++i) {
        T* const row = a + i * ld + k;
        row[0] = T(std::complex<double>(row[0]) / divisor);
        add_scaled(columns, conjugate(row[0]), row + 1, work);
      }
      for (int64_t j = 0; j < columns; ++j) {
        work[j] = times(work[j], -conjugate(tau[k]));
        top[1 + j] += work[j];
      }
      for (int64_t i = k + 1; i < m; ++i) add_scaled(columns, a[i * ld + k], work, a + i * ld + k + 1);
    }
  }

  static constexpr MatrixKernels<T> kKernels{lu, solve<false>, solve<true>, cholesky, qr, add_scaled, swap_rows, rotate};
};

}  // namespace

template <>
const MatrixKernels<std::complex<float>>& complex_matrix_kernels<std::complex<float>>() {
  return Blocks<float>::kKernels;
}
template <>
const MatrixKernels<std::complex<double>>& complex_matrix_kernels<std::complex<double>>() {
  return Blocks<double>::kKernels;
}

// With A = X + iY, and C and B as real matrices of twice the columns: [X Y] times B on top of iB.
template <class T>
void complex_product(bool adjoint, int64_t m, int64_t n, int64_t k, int sign, const T* a, int64_t lda, const T* b, int64_t ldb, int beta, T* c,
                     int64_t ldc) {
  using R = typename T::value_type;
  const int64_t rows = adjoint ? k : m, columns = adjoint ? m : k;  // of A as it lies
  std::vector<R> left(static_cast<size_t>(2 * m * k)), right(static_cast<size_t>(4 * k * n));
  // Of A^H the parts lie one above the other, and are turned round by the product; of A side by side.
  R* const second = left.data() + (adjoint ? m * k : k);
  const int64_t step = adjoint ? m : 2 * k;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      left[static_cast<size_t>(i * step + j)] = a[i * lda + j].real();
      second[i * step + j] = adjoint ? -a[i * lda + j].imag() : a[i * lda + j].imag();
    }
  }
  R *to = right.data(), *const below = to + 2 * k * n;
  for (int64_t i = 0; i < k; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      const T x = b[i * ldb + j];
      to[2 * (i * n + j)] = x.real();
      to[2 * (i * n + j) + 1] = x.imag();
      below[2 * (i * n + j)] = -x.imag();
      below[2 * (i * n + j) + 1] = x.real();
    }
  }
  gemm<R>(adjoint, false, m, 2 * n, 2 * k, R(sign), left.data(), step, to, 2 * n, R(beta), reinterpret_cast<R*>(c), 2 * ldc);
}

#define STEEPEST_PRODUCT(T) \
  template void complex_product<T>(bool, int64_t, int64_t, int64_t, int, const T*, int64_t, const T*, int64_t, int, T*, int64_t);
STEEPEST_PRODUCT(std::complex<float>)
STEEPEST_PRODUCT(std::complex<double>)
#undef STEEPEST_PRODUCT

}  // namespace st
