// Factorizations of matrices of up to 8 rows, of which batches hold thousands: plain loops of fixed length.
#pragma once
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace st {

inline constexpr int64_t kSmallMatrix = 8;
template <class T> inline constexpr bool kHasSmall = std::is_floating_point_v<T>;  // complex ones are no such batches

template <class T, int N>
struct SmallMatrix {
  // As lu_factor.
  static int64_t factor(T* a, int64_t ld, int32_t* pivots) {
    int64_t missing = 0;
    for (int k = 0; k < N; ++k) {
      int p = k;
      T best = std::fabs(a[k * ld + k]);
      for (int i = k + 1; i < N; ++i) {
        const T v = std::fabs(a[i * ld + k]);
        p = v > best ? i : p;
        best = v > best ? v : best;
      }
      pivots[k] = p;
      T* const top = a + k * ld;
      if (a[p * ld + k] == 0) {
        if (missing == 0) missing = k + 1;
        continue;
      }
      if (p != k) for (int j = 0; j < N; ++j) std::swap(top[j], a[p * ld + j]);
      for (int i = k + 1; i < N; ++i) {
        const T f = a[i * ld + k] / top[k];
        a[i * ld + k] = f;
        for (int j = k + 1; j < N; ++j) a[i * ld + j] -= f * top[j];
      }
    }
    return missing;
  }

  // As lu_inverse: each column of the identity, with its rows exchanged, through both triangles.
  static void invert(const T* lu, int64_t ld, const int32_t* pivots, T* y) {
    for (int i = 0; i < N * N; ++i) y[i] = 0;
    int order[N];
    for (int i = 0; i < N; ++i) order[i] = i;
    for (int i = 0; i < N; ++i) std::swap(order[i], order[pivots[i]]);
    for (int i = 0; i < N; ++i) y[i * N + order[i]] = 1;
    solve(lu, ld, N, y, N);
  }

  // L U X = B in place of B (N, m).
  static void solve(const T* lu, int64_t ld, int64_t m, T* b, int64_t ldb) {
    for (int i = 1; i < N; ++i) {
      for (int k = 0; k < i; ++k) for (int64_t j = 0; j < m; ++j) b[i * ldb + j] -= lu[i * ld + k] * b[k * ldb + j];
    }
    for (int i = N - 1; i >= 0; --i) {
      for (int k = i + 1; k < N; ++k) for (int64_t j = 0; j < m; ++j) b[i * ldb + j] -= lu[i * ld + k] * b[k * ldb + j];
      for (int64_t j = 0; j < m; ++j) b[i * ldb + j] /= lu[i * ld + i];
    }
  }

  // As cholesky_factor.
  static int64_t cholesky(T* a, int64_t ld) {
    for (int k = 0; k < N; ++k) {
      T* const top = a + k * ld;
      if (!(top[k] > 0)) return k + 1;
      top[k] = std::sqrt(top[k]);
      for (int j = k + 1; j < N; ++j) top[j] /= top[k];
      for (int i = k + 1; i < N; ++i) for (int j = i; j < N; ++j) a[i * ld + j] -= top[i] * top[j];
    }
    return 0;
  }
};

// f(SmallMatrix<T, n>()) for 1 <= n <= kSmallMatrix.
template <class T, class F>
auto with_small(int64_t n, F f) {
  switch (n) {
    case 1: return f(SmallMatrix<T, 1>());
    case 2: return f(SmallMatrix<T, 2>());
    case 3: return f(SmallMatrix<T, 3>());
    case 4: return f(SmallMatrix<T, 4>());
    case 5: return f(SmallMatrix<T, 5>());
    case 6: return f(SmallMatrix<T, 6>());
    case 7: return f(SmallMatrix<T, 7>());
    default: return f(SmallMatrix<T, 8>());
  }
}

}  // namespace st
