// Symmetric matrices of up to 25 rows: Householder's reduction to tridiagonal form, then QL or QR iterations with implicit shifts.
//
// Note [Signs of eigenvectors]
// Programs print eigenvectors, whose signs are an accident of the method. PyTorch shows those of LAPACK's sytd2 and steqr with rotations as
// LAPACK made them before 3.10 (Anderson, "Discontinuous plane rotations and the symmetric eigenvalue problem", LAWN 150, tells how they
// differ). So shifts, the choice between QL and QR, deflation and rotations follow Greenbaum and Dongarra, "Experiments with QR/QL methods
// for the symmetric tridiagonal eigenproblem", LAWN 17, step by step.
#include "kernels/eigen.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/matrix_blocks.h"

namespace st {
namespace {

// sqrt(x x + y y), as directly as the numbers allow.
template <class T>
T length(T x, T y) {
  const T square = x * x + y * y;
  return square > std::numeric_limits<T>::min() * 16 && square < std::numeric_limits<T>::max() ? std::sqrt(square) : std::hypot(x, y);
}

template <class T>
struct Rotation {
  T c, s, r;
};

// (c, s) that turns (f, g) into (r, 0).
template <class T>
Rotation<T> rotation(T f, T g) {
  if (g == 0) return {1, 0, f};
  if (f == 0) return {0, 1, g};
  T r = length(f, g);
  if (std::fabs(f) > std::fabs(g) && f < 0) r = -r;
  return {f / r, g / r, r};
}

// Eigenvalues of [a b; b c], that of larger magnitude first, whose unit vector is (c, s).
template <class T>
struct Pair {
  T first, second, c, s;
};
template <class T>
Pair<T> eigen_pair(T a, T b, T c) {
  const T sum = a + c, difference = a - c, twice = b + b, size = std::fabs(twice), root = length(difference, twice);
  const T larger = std::fabs(a) > std::fabs(c) ? a : c, smaller = std::fabs(a) > std::fabs(c) ? c : a;
  Pair<T> y{};
  if (sum == 0) {
    y.first = root / 2;
    y.second = -root / 2;
  } else {
    y.first = (sum + (sum < 0 ? -root : root)) / 2;
    y.second = (larger / y.first) * smaller - (b / y.first) * b;
  }
  const bool up = difference >= 0;
  const T cs = up ? difference + root : difference - root;
  if (std::fabs(cs) > size) {
    const T cot = -twice / cs;
    y.s = 1 / std::sqrt(1 + cot * cot);
    y.c = cot * y.s;
  } else if (size == 0) {
    y.c = 1;
    y.s = 0;
  } else {
    const T tan = -cs / twice;
    y.c = 1 / std::sqrt(1 + tan * tan);
    y.s = tan * y.c;
  }
  if ((sum >= 0) == up) {
    const T tan = y.c;
    y.c = -y.s;
    y.s = tan;
  }
  return y;
}

template <class T>
class Solver {
 public:
  Solver(int64_t n, const T* a, bool upper) : n_(n) {
    // An upper triangle is a lower one read from the other end.
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        const T v = upper ? a[(n - 1 - i) * n + n - 1 - j] : a[i * n + j];
        a_[i][j] = a_[j][i] = v;
        largest_ = std::max(largest_, std::fabs(v));
        finite_ &= std::isfinite(v);
      }
    }
    if (!finite_) return;
    reduce();
    if (!upper) return;
    std::reverse(d_, d_ + n);
    std::reverse(e_, e_ + std::max<int64_t>(n - 1, 0));
  }

  bool run(bool upper, T* values, T* vectors) {
    if (!finite_) return false;
    if (vectors) form(upper);
    if (!iterate()) return false;
    sort();
    for (int64_t i = 0; i < n_; ++i) values[i] = d_[i] * scale_;
    if (vectors) for (int64_t i = 0; i < n_; ++i) for (int64_t j = 0; j < n_; ++j) vectors[i * n_ + j] = z_[j][i];
    return true;
  }

 private:
  static constexpr int64_t kRow = 32;
  using Matrix = T[kSmallEigen][kRow];

  // A = Q T Q^T: T's diagonals into d and e, the reflections' vectors below the diagonal of A.
  void reduce() {
    using Limits = std::numeric_limits<T>;
    const T small = std::sqrt(Limits::min() / (Limits::epsilon() / 2));
    if (largest_ > 0 && (largest_ < small || largest_ > 1 / small)) {
      scale_ = largest_ / (largest_ < small ? small : 1 / small);
      for (int64_t i = 0; i < n_; ++i) for (int64_t j = 0; j < n_; ++j) a_[i][j] /= scale_;
    }
    const auto add = matrix_kernels<T>().add_scaled;
    T v[kRow], w[kRow];
    for (int64_t k = 0; k + 1 < n_; ++k) {
      const int64_t m = n_ - k - 1;
      T norm = 0;
      for (int64_t i = k + 2; i < n_; ++i) norm = length(norm, a_[i][k]);
      const T alpha = a_[k + 1][k];
      d_[k] = a_[k][k];
      if (norm == 0) {
        e_[k] = alpha;
        tau_[k] = 0;
        continue;
      }
      const T beta = -std::copysign(length(alpha, norm), alpha), tau = (beta - alpha) / beta;
      e_[k] = beta;
      tau_[k] = tau;
      v[0] = 1;
      for (int64_t i = 1; i < m; ++i) a_[k + 1 + i][k] = v[i] = a_[k + 1 + i][k] / (alpha - beta);
      std::fill_n(w, m, T(0));
      for (int64_t i = 0; i < m; ++i) add(m, tau * v[i], &a_[k + 1 + i][k + 1], w);
      T dot = 0;
      for (int64_t i = 0; i < m; ++i) dot += w[i] * v[i];
      add(m, -tau * dot / 2, v, w);
      for (int64_t i = 0; i < m; ++i) {
        add(m, -v[i], w, &a_[k + 1 + i][k + 1]);
        add(m, -w[i], v, &a_[k + 1 + i][k + 1]);
      }
    }
    if (n_ > 0) d_[n_ - 1] = a_[n_ - 1][n_ - 1];
  }

  // z = Q^T: its rows become the eigenvectors.
  void form(bool upper) {
    rows_ = n_;
    Matrix q;
    const auto add = matrix_kernels<T>().add_scaled;
    for (int64_t i = 0; i < n_; ++i) {
      std::fill_n(q[i], n_, T(0));
      q[i][i] = 1;
    }
    T w[kRow];
    for (int64_t k = n_ - 2; k >= 0; --k) {
      if (tau_[k] == 0) continue;
      const int64_t first = k + 1, m = n_ - first;
      std::copy_n(&q[first][first], m, w);
      for (int64_t i = first + 1; i < n_; ++i) add(m, a_[i][k], &q[i][first], w);
      for (int64_t j = 0; j < m; ++j) w[j] *= -tau_[k];
      add(m, T(1), w, &q[first][first]);
      for (int64_t i = first + 1; i < n_; ++i) add(m, a_[i][k], w, &q[i][first]);
    }
    for (int64_t i = 0; i < n_; ++i) {
      for (int64_t j = 0; j < n_; ++j) z_[j][i] = upper ? q[n_ - 1 - i][n_ - 1 - j] : q[i][j];
    }
  }

  void rotate(int64_t j, T c, T s) {
    if (rows_) matrix_kernels<T>().rotate(rows_, c, s, z_[j], z_[j + 1]);
  }

  bool iterate() {
    int64_t left = 30 * n_;
    for (int64_t begin = 0; begin < n_;) {
      if (begin > 0) e_[begin - 1] = 0;
      int64_t end = begin;
      for (; end + 1 < n_; ++end) {
        const T size = std::fabs(e_[end]);
        if (size == 0) break;
        if (size <= std::sqrt(std::fabs(d_[end])) * std::sqrt(std::fabs(d_[end + 1])) * kEps) {
          e_[end] = 0;
          break;
        }
      }
      // From the end with the larger element towards the other.
      const bool done = end == begin || (std::fabs(d_[end]) < std::fabs(d_[begin]) ? up(end, begin, left) : down(begin, end, left));
      if (!done) return false;
      begin = end + 1;
    }
    return true;
  }

  bool negligible(int64_t e, int64_t near, int64_t far) const {
    return e_[e] * e_[e] <= (kEps * kEps * std::fabs(d_[near])) * std::fabs(d_[far]) + std::numeric_limits<T>::min();
  }
  static T shifted(T d, T next, T e, T last) {
    const T g = (next - d) / (2 * e);
    return last - d + e / (g + std::copysign(length(g, T(1)), g));
  }

  // QL: eigenvalues are found from l on upwards.
  bool down(int64_t l, int64_t end, int64_t& left) {
    while (l <= end) {
      int64_t m = l;
      while (m < end && !negligible(m, m, m + 1)) ++m;
      if (m < end) e_[m] = 0;
      if (m == l) {
        ++l;
        continue;
      }
      if (m == l + 1) {
        const Pair<T> y = eigen_pair(d_[l], e_[l], d_[l + 1]);
        rotate(l, y.c, y.s);
        d_[l] = y.first;
        d_[l + 1] = y.second;
        e_[l] = 0;
        l += 2;
        continue;
      }
      if (left-- == 0) return false;
      T g = shifted(d_[l], d_[l + 1], e_[l], d_[m]), s = 1, c = 1, p = 0;
      for (int64_t i = m - 1; i >= l; --i) {
        const T f = s * e_[i], b = c * e_[i];
        const Rotation<T> turn = rotation(g, f);
        c = turn.c;
        s = turn.s;
        if (i != m - 1) e_[i + 1] = turn.r;
        g = d_[i + 1] - p;
        const T r = (d_[i] - g) * s + 2 * c * b;
        p = s * r;
        d_[i + 1] = g + p;
        g = c * r - b;
        rotate(i, c, -s);
      }
      d_[l] -= p;
      e_[l] = g;
    }
    return true;
  }
  // QR: from l on downwards.
  bool up(int64_t l, int64_t end, int64_t& left) {
    while (l >= end) {
      int64_t m = l;
      while (m > end && !negligible(m - 1, m, m - 1)) --m;
      if (m > end) e_[m - 1] = 0;
      if (m == l) {
        --l;
        continue;
      }
      if (m == l - 1) {
        const Pair<T> y = eigen_pair(d_[l - 1], e_[l - 1], d_[l]);
        rotate(l - 1, y.c, y.s);
        d_[l - 1] = y.first;
        d_[l] = y.second;
        e_[l - 1] = 0;
        l -= 2;
        continue;
      }
      if (left-- == 0) return false;
      T g = shifted(d_[l], d_[l - 1], e_[l - 1], d_[m]), s = 1, c = 1, p = 0;
      for (int64_t i = m; i < l; ++i) {
        const T f = s * e_[i], b = c * e_[i];
        const Rotation<T> turn = rotation(g, f);
        c = turn.c;
        s = turn.s;
        if (i != m) e_[i - 1] = turn.r;
        g = d_[i] - p;
        const T r = (d_[i + 1] - g) * s + 2 * c * b;
        p = s * r;
        d_[i] = g + p;
        g = c * r - b;
        rotate(i, c, s);
      }
      d_[l] -= p;
      e_[l - 1] = g;
    }
    return true;
  }

  void sort() {
    for (int64_t i = 0; i + 1 < n_; ++i) {
      const int64_t k = std::min_element(d_ + i, d_ + n_) - d_;
      if (k == i) continue;
      std::swap(d_[i], d_[k]);
      if (rows_) std::swap_ranges(z_[i], z_[i] + n_, z_[k]);
    }
  }

  static constexpr T kEps = std::numeric_limits<T>::epsilon() / 2;
  int64_t n_, rows_ = 0;
  T largest_ = 0, scale_ = 1;
  bool finite_ = true;
  T d_[kRow] = {}, e_[kRow] = {}, tau_[kRow] = {};
  Matrix a_, z_;
};

}  // namespace

template <class T>
bool eigen_symmetric(int64_t n, const T* a, bool upper, T* values, T* vectors) {
  return Solver<T>(n, a, upper).run(upper, values, vectors);
}
template bool eigen_symmetric<float>(int64_t, const float*, bool, float*, float*);
template bool eigen_symmetric<double>(int64_t, const double*, bool, double*, double*);

}  // namespace st
