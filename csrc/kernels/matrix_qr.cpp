// Householder's QR factorization, in panels whose reflections are applied together as 1 - V T V^H (Schreiber and Van Loan, "A
// storage-efficient WY representation for products of Householder transformations", 1989).
#include <algorithm>
#include <vector>

#include "kernels/matrix.h"
#include "kernels/matrix_blocks.h"

namespace st {
namespace {

constexpr int64_t kPanel = 32;

template <class T>
class Reflections {
 public:
  // The b reflections whose vectors are the columns of a (m, b) below the diagonal.
  Reflections(int64_t m, int64_t b, const T* a, int64_t ld, const T* tau) : m_(m), b_(b), v_(static_cast<size_t>(m * b)), t_(static_cast<size_t>(b * b)) {
    for (int64_t i = 0; i < m; ++i) {
      T* const row = &v_[static_cast<size_t>(i * b)];
      const int64_t below = std::min(i, b);
      std::copy_n(a + i * ld, below, row);
      std::fill_n(row + below, b - below, T(0));
      if (i < b) row[i] = 1;
    }
    std::vector<T> dots(static_cast<size_t>(b * b));
    set_product<T>(true, b, b, m, 1, v_.data(), b, v_.data(), b, dots.data(), b);
    for (int64_t j = 0; j < b; ++j) {
      for (int64_t i = 0; i < j; ++i) {
        T sum = 0;
        for (int64_t k = i; k < j; ++k) sum += at(i, k) * dots[static_cast<size_t>(k * b + j)];
        at(i, j) = -tau[j] * sum;
      }
      at(j, j) = tau[j];
    }
  }
  // C (m, n) becomes Q C or Q^H C.
  void apply(bool adjoint, int64_t n, T* c, int64_t ldc) const {
    if (n == 0) return;
    std::vector<T> w(static_cast<size_t>(b_ * n)), u(w.size());
    set_product<T>(true, b_, n, m_, 1, v_.data(), b_, c, ldc, w.data(), n);
    set_product<T>(adjoint, b_, n, b_, 1, t_.data(), b_, w.data(), n, u.data(), n);
    add_product<T>(false, m_, n, b_, -1, v_.data(), b_, u.data(), n, c, ldc);
  }

 private:
  T& at(int64_t i, int64_t j) { return t_[static_cast<size_t>(i * b_ + j)]; }
  int64_t m_, b_;
  std::vector<T> v_, t_;
};

// One reflection after the other: cheaper where there are few columns.
template <class T>
void apply_singly(bool adjoint, int64_t m, int64_t n, int64_t k, const T* a, int64_t ld, const T* tau, T* c, int64_t ldc) {
  const auto add = matrix_kernels<T>().add_scaled;
  T small[kPanel];
  std::vector<T> large(n > kPanel ? static_cast<size_t>(n) : 0);
  T* const w = n > kPanel ? large.data() : small;
  for (int64_t step = 0; step < k; ++step) {
    const int64_t j = adjoint ? step : k - 1 - step;
    std::copy_n(c + j * ldc, n, w);
    for (int64_t i = j + 1; i < m; ++i) add(n, conjugate(a[i * ld + j]), c + i * ldc, w);
    const T factor = -(adjoint ? conjugate(tau[j]) : tau[j]);
    for (int64_t i = 0; i < n; ++i) w[i] *= factor;
    add(n, T(1), w, c + j * ldc);
    for (int64_t i = j + 1; i < m; ++i) add(n, a[i * ld + j], w, c + i * ldc);
  }
}

}  // namespace

template <class T>
void qr_factor(int64_t m, int64_t n, T* a, int64_t ld, T* tau) {
  T work[kPanel];
  const int64_t steps = std::min(m, n);
  for (int64_t k = 0; k < steps; k += kPanel) {
    const int64_t b = std::min(kPanel, steps - k), rest = n - k - b;
    T* const panel = a + k * ld + k;
    matrix_kernels<T>().qr(m - k, b, panel, ld, tau + k, work);
    if (rest > 0) Reflections<T>(m - k, b, panel, ld, tau + k).apply(true, rest, panel + b, ld);
  }
}

template <class T>
void qr_apply(bool adjoint, int64_t m, int64_t n, int64_t k, const T* a, int64_t ld, const T* tau, T* c, int64_t ldc) {
  if (m * n <= 32 * 32) return apply_singly(adjoint, m, n, k, a, ld, tau, c, ldc);
  const int64_t panels = (k + kPanel - 1) / kPanel;
  for (int64_t step = 0; step < panels; ++step) {
    const int64_t j = (adjoint ? step : panels - 1 - step) * kPanel;
    Reflections<T>(m - j, std::min(kPanel, k - j), a + j * ld + j, ld, tau + j).apply(adjoint, n, c + j * ldc, ldc);
  }
}

#define STEEPEST_QR(T)                                             \
  template void qr_factor<T>(int64_t, int64_t, T*, int64_t, T*);  \
  template void qr_apply<T>(bool, int64_t, int64_t, int64_t, const T*, int64_t, const T*, T*, int64_t);
STEEPEST_QR(float)
STEEPEST_QR(double)
STEEPEST_QR(std::complex<float>)
STEEPEST_QR(std::complex<double>)
#undef STEEPEST_QR

}  // namespace st
