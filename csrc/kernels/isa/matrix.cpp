// Factorizations of blocks that fit the first cache: LU, Cholesky, triangular solves, Householder's QR. Rows are worked on by lanes.
#include "kernels/gemm_pack.h"
#include "kernels/lane.h"
#include "kernels/matrix_table.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Simd;

template <class T>
STEEPEST_LANE T magnitude(T x) {
  if constexpr (sizeof(T) == 4) return __builtin_fabsf(x);
  else return __builtin_fabs(x);
}

// f(place, lanes) for each register of n elements; `lanes` is less than a register's in the last.
template <class T, class F>
STEEPEST_LANE void for_registers(int64_t n, F f) {
  constexpr int kWidth = Simd<T>::width;
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) f(i, kWidth);
  if (i < n) f(i, static_cast<int>(n - i));
}
template <class T>
STEEPEST_LANE Simd<T> take(const T* p, int lanes) {
  return lanes == Simd<T>::width ? lane::load(p) : lane::load_partial(p, lanes);
}
template <class T>
STEEPEST_LANE void put(T* p, Simd<T> x, int lanes) {
  if (lanes == Simd<T>::width) lane::store(p, x);
  else lane::store_partial(p, x, lanes);
}

template <class T>
STEEPEST_LANE void add_row(int64_t n, T s, const T* x, T* y) {
  for_registers<T>(n, [&](int64_t i, int lanes) { put(y + i, lane::mul_add(Simd<T>(s), take(x + i, lanes), take(y + i, lanes)), lanes); });
}

template <class T>
void add_scaled(int64_t n, T s, const T* x, T* y) {
  add_row(n, s, x, y);
}

template <class T>
void swap_rows(int64_t n, T* x, T* y) {
  for_registers<T>(n, [&](int64_t j, int lanes) {
    const Simd<T> held = take(x + j, lanes);
    put(x + j, take(y + j, lanes), lanes);
    put(y + j, held, lanes);
  });
}

template <class T>
void rotate(int64_t n, T c, T s, T* x, T* y) {
  const Simd<T> cosine(c), sine(s);
  for_registers<T>(n, [&](int64_t j, int lanes) {
    const Simd<T> a = take(x + j, lanes), b = take(y + j, lanes);
    put(x + j, sine * b + cosine * a, lanes);
    put(y + j, cosine * b - sine * a, lanes);
  });
}

// Note [A panel turned round]
// A panel of at most kMatrixPanel columns is factored in a copy whose rows are the columns of A, `stride` elements apart: looking for a
// pivot, dividing by it and subtracting multiples of earlier columns then go along rows of many elements. The first kMatrixPanel
// elements of a column, in which L's triangle ends, come first, with zeros where L has its triangle of zeros and its unit diagonal.
constexpr int64_t kTop = kMatrixPanel;
template <class T>
constexpr T kNumbers[kTop] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Column k minus what columns before it contribute. top[j] has the first elements of L's column j.
template <class T>
STEEPEST_LANE void reduce_column(int64_t m, int64_t k, T (*top)[kTop], const T* columns, int64_t stride, T* column) {
  constexpr int kWidth = Simd<T>::width;
  for (int64_t j = 0; j < k; ++j) {
    const Simd<T> u(-column[j]);
    for (int64_t i = j / kWidth * kWidth; i < kTop; i += kWidth) {
      lane::store(column + i, lane::mul_add(u, lane::load(top[j] + i), lane::load(column + i)));
    }
  }
  if (k == 0) return;
  int64_t i = kTop;
  for (; i + 4 * kWidth <= m; i += 4 * kWidth) {
    Simd<T> x[4];
    for (int r = 0; r < 4; ++r) x[r] = lane::load(column + i + r * kWidth);
    for (int64_t j = 0; j < k; ++j) {
      const Simd<T> u(-column[j]);
      for (int r = 0; r < 4; ++r) x[r] = lane::mul_add(u, lane::load(columns + j * stride + i + r * kWidth), x[r]);
    }
    for (int r = 0; r < 4; ++r) lane::store(column + i + r * kWidth, x[r]);
  }
  for (; i < m; i += kWidth) {
    Simd<T> x = lane::load(column + i);
    for (int64_t j = 0; j < k; ++j) x = lane::mul_add(Simd<T>(-column[j]), lane::load(columns + j * stride + i), x);
    lane::store(column + i, x);
  }
}

// The first of the largest elements, by magnitude, from k on; k where all compare with nothing.
template <class T>
STEEPEST_LANE int64_t largest(int64_t m, int64_t k, const T* x) {
  constexpr int kWidth = Simd<T>::width;
  T best = 0;
  int64_t i = k;
  const int64_t first = k + 2 * kWidth < m ? (k + kWidth - 1) / kWidth * kWidth : m;
  for (; i < first; ++i) best = magnitude(x[i]) > best ? magnitude(x[i]) : best;
  if (i < m) {
    Simd<T> most(0);
    for (; i + kWidth <= m; i += kWidth) {
      const Simd<T> v = lane::abs(lane::load(x + i));
      most = lane::where(v > most, v, most);
    }
    for (int lane = 0; lane < kWidth; ++lane) best = most[lane] > best ? most[lane] : best;
    for (; i < m; ++i) best = magnitude(x[i]) > best ? magnitude(x[i]) : best;
  }
  i = k;
  for (; i + kWidth <= m; i += kWidth) if (lane::any(lane::abs(lane::load(x + i)) == Simd<T>(best))) break;
  for (; i < m; ++i) if (magnitude(x[i]) == best) return i;
  return k;
}

template <class T>
int64_t lu(int64_t m, int64_t n, T* a, int64_t ld, int32_t* pivots, T* work, int64_t stride) {
  constexpr int kWidth = Simd<T>::width;
  const int64_t steps = m < n ? m : n;
  T top[kTop][kTop];
  transpose(a, ld, m, n, work, stride);
  for (int64_t j = 0; j < n; ++j) for (int64_t i = m; i < stride; ++i) work[j * stride + i] = 0;
  int64_t missing = 0;
  for (int64_t k = 0; k < n; ++k) {
    T* const column = work + k * stride;
    reduce_column(m, k < steps ? k : steps, top, work, stride, column);
    if (k >= steps) continue;
    const int64_t p = largest(m, k, column);
    pivots[k] = static_cast<int32_t>(p);
    if (column[p] == 0) {
      if (missing == 0) missing = k + 1;
    } else {
      if (p != k) {
        for (int64_t j = 0; j < n; ++j) {
          T* const at = work + j * stride;
          const T held = at[k];
          at[k] = at[p];
          at[p] = held;
        }
        if (p < kTop) {
          for (int64_t j = 0; j < k; ++j) {
            const T held = top[j][k];
            top[j][k] = top[j][p];
            top[j][p] = held;
          }
        } else {
          for (int64_t j = 0; j < k; ++j) top[j][k] = work[j * stride + k];
        }
      }
      const Simd<T> pivot(column[k]);
      for (int64_t i = 0; i < kTop; i += kWidth) {
        const auto below = lane::load(kNumbers<T> + i) > Simd<T>(static_cast<T>(k));
        const Simd<T> x = lane::load(column + i);
        lane::store(column + i, lane::where(below, x / pivot, x));
      }
      for (int64_t i = kTop; i < m; i += kWidth) lane::store(column + i, lane::load(column + i) / pivot);
    }
    for (int64_t i = 0; i < kTop; i += kWidth) {
      lane::store(top[k] + i, lane::where(lane::load(kNumbers<T> + i) > Simd<T>(static_cast<T>(k)), lane::load(column + i), Simd<T>(0)));
    }
  }
  transpose(work, stride, n, m, a, ld);
  return missing;
}

// R registers of columns of B at once, in the last of which `lanes` exist.
template <class T, int R, bool kUpper>
STEEPEST_LANE void solve_columns(int64_t n, const T* a, int64_t ld, bool unit, T* b, int64_t ldb, int lanes) {
  constexpr int kWidth = Simd<T>::width;
  for (int64_t step = 0; step < n; ++step) {
    const int64_t i = kUpper ? n - 1 - step : step;
    T* const row = b + i * ldb;
    Simd<T> x[R];
    for (int r = 0; r < R; ++r) x[r] = r == R - 1 ? take(row + r * kWidth, lanes) : lane::load(row + r * kWidth);
    for (int64_t k = kUpper ? i + 1 : 0; k < (kUpper ? n : i); ++k) {
      const Simd<T> s(-a[i * ld + k]);
      const T* const known = b + k * ldb;
      for (int r = 0; r < R; ++r) x[r] = lane::mul_add(s, r == R - 1 ? take(known + r * kWidth, lanes) : lane::load(known + r * kWidth), x[r]);
    }
    for (int r = 0; r < R; ++r) {
      if (!unit) x[r] = x[r] / Simd<T>(a[i * ld + i]);
      if (r == R - 1) put(row + r * kWidth, x[r], lanes);
      else lane::store(row + r * kWidth, x[r]);
    }
  }
}
template <class T, bool kUpper>
void solve(int64_t n, int64_t m, const T* a, int64_t ld, bool unit, T* b, int64_t ldb) {
  constexpr int kWidth = Simd<T>::width;
  int64_t j = 0;
  for (; j + 4 * kWidth <= m; j += 4 * kWidth) solve_columns<T, 4, kUpper>(n, a, ld, unit, b + j, ldb, kWidth);
  for_registers<T>(m - j, [&](int64_t i, int lanes) { solve_columns<T, 1, kUpper>(n, a, ld, unit, b + j + i, ldb, lanes); });
}

template <class T>
int64_t cholesky(int64_t n, T* a, int64_t ld) {
  for (int64_t k = 0; k < n; ++k) {
    T* const top = a + k * ld;
    if (!(top[k] > 0)) return k + 1;
    T root;
    if constexpr (sizeof(T) == 4) root = __builtin_sqrtf(top[k]);
    else root = __builtin_sqrt(top[k]);
    top[k] = root;
    for_registers<T>(n - k - 1, [&](int64_t j, int lanes) { put(top + k + 1 + j, take(top + k + 1 + j, lanes) / Simd<T>(root), lanes); });
    for (int64_t i = k + 1; i < n; ++i) add_row(n - i, -top[i], top + i, a + i * ld + i);
  }
  return 0;
}

// The length of rows k to m of a column, and whether those below k are all zeros. The squares of floats fit into a double; others
// are scaled where they might not.
template <class T>
STEEPEST_LANE double length(int64_t m, int64_t k, const T* column, int64_t ld, bool* zero) {
  double sum = 0;
  for (int64_t i = k + 1; i < m; ++i) {
    const double v = static_cast<double>(column[i * ld]);
    sum += v * v;
  }
  *zero = sum == 0;
  const double alpha = static_cast<double>(column[k * ld]);
  const double whole = sum + alpha * alpha;
  if (sizeof(T) == 4 || (sum > 1e-280 && whole < 1e280)) return __builtin_sqrt(whole);
  double scale = 0;
  for (int64_t i = k + 1; i < m; ++i) scale = magnitude<double>(column[i * ld]) > scale ? magnitude<double>(column[i * ld]) : scale;
  *zero = scale == 0 && sum == 0;
  scale = magnitude(alpha) > scale ? magnitude(alpha) : scale;
  if (*zero || !(scale < __builtin_inf())) return __builtin_sqrt(whole);
  sum = 0;
  for (int64_t i = k; i < m; ++i) {
    const double v = static_cast<double>(column[i * ld]) / scale;
    sum += v * v;
  }
  return scale * __builtin_sqrt(sum);
}

template <class T>
void qr(int64_t m, int64_t n, T* a, int64_t ld, T* tau, T* work) {
  const int64_t steps = m < n ? m : n;
  for (int64_t k = 0; k < steps; ++k) {
    bool zero;
    const double norm = length(m, k, a + k, ld, &zero);
    T* const top = a + k * ld + k;
    if (zero) {
      tau[k] = 0;
      continue;
    }
    const double alpha = *top, beta = alpha >= 0 ? -norm : norm;
    tau[k] = static_cast<T>((beta - alpha) / beta);
    const double divisor = alpha - beta, factor = 1 / divisor;
    const bool divides = magnitude(divisor) < 1e-290;  // factor may be infinite
    *top = static_cast<T>(beta);
    const int64_t rest = n - k - 1;
    for_registers<T>(rest, [&](int64_t j, int lanes) { put(work + j, take(top + 1 + j, lanes), lanes); });
    for (int64_t i = k + 1; i < m; ++i) {
      T* const row = a + i * ld + k;
      row[0] = static_cast<T>(divides ? row[0] / divisor : row[0] * factor);
      add_row(rest, row[0], row + 1, work);
    }
    const T t = tau[k];
    for_registers<T>(rest, [&](int64_t j, int lanes) { put(work + j, take(work + j, lanes) * Simd<T>(-t), lanes); });
    add_row(rest, T(1), work, top + 1);
    for (int64_t i = k + 1; i < m; ++i) {
      T* const row = a + i * ld + k;
      add_row(rest, row[0], work, row + 1);
    }
  }
}

template <class T>
constexpr MatrixKernels<T> kKernels{lu<T>, solve<T, false>, solve<T, true>, cholesky<T>, qr<T>, add_scaled<T>, swap_rows<T>,
                                    rotate<T>};

}  // namespace

extern const MatrixTable kMatrixTable;
constexpr MatrixTable kMatrixTable{kKernels<float>, kKernels<double>};

}  // namespace st::STEEPEST_ISA
