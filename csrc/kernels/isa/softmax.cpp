// Softmax along rows and columns, its logarithm, their gradients, and the rows of cross entropy.
#include "kernels/softmax_table.h"

#include "kernels/lane_rows.h"

namespace st::STEEPEST_ISA {
namespace {

template <class T>
STEEPEST_LANE void softmax_row(int64_t n, const T* x, T* y) {
  const T top = largest(x, n);
  const T sum = sum_of<T>(n, [&](int64_t i, int count) {
    const Simd<T> e = existing(decay(get(x + i, count) - Simd<T>(top)), count);
    put(y + i, e, count);
    return e;
  });
  const Simd<T> scale(1 / sum);
  each<T>(n, [&](int64_t i, int count) { put(y + i, get(y + i, count) * scale, count); });
}

template <class T>
STEEPEST_LANE T log_sum(int64_t n, const T* x, T top) {
  return lane::log(sum_of<T>(n, [&](int64_t i, int count) { return existing(decay(get(x + i, count) - Simd<T>(top)), count); }));
}

template <class T>
STEEPEST_LANE void log_softmax_row(int64_t n, const T* x, T* y) {
  const T top = largest(x, n), rest = log_sum(n, x, top);
  each<T>(n, [&](int64_t i, int count) { put(y + i, get(x + i, count) - Simd<T>(top) - Simd<T>(rest), count); });
}

template <class T>
STEEPEST_LANE void softmax_row_backward(int64_t n, const T* y, const T* g, T* dx) {
  const T sum = sum_of<T>(n, [&](int64_t i, int count) { return get(y + i, count) * get(g + i, count); });
  each<T>(n, [&](int64_t i, int count) { put(dx + i, get(y + i, count) * (get(g + i, count) - Simd<T>(sum)), count); });
}
template <class T>
STEEPEST_LANE void log_softmax_row_backward(int64_t n, const T* y, const T* g, T* dx) {
  const T sum = sum_of<T>(n, [&](int64_t i, int count) { return get(g + i, count); });
  each<T>(n, [&](int64_t i, int count) { put(dx + i, get(g + i, count) - decay(get(y + i, count)) * Simd<T>(sum), count); });
}

// Log of the sum of exponentials: infinite where the largest is.
template <class T>
void log_sum_rows(const SoftmaxCall& c, const T* x, T* y) {
  for (int64_t j = 0; j < c.m; ++j, x += c.n) {
    const T top = largest(x, c.n);
    y[j] = lane::isfinite(top) ? top + log_sum(c.n, x, top) : top;
  }
}

// Columns side by side go row by row, as they lie in memory, with what is known of each column in a line of its own.
template <class T>
struct Columns {
  T top[kSoftmaxColumns], sum[kSoftmaxColumns], part[kSoftmaxColumns];

  // f(number of the column, offset, count)
  template <class F>
  STEEPEST_LANE static void each_row(const SoftmaxCall& c, int64_t begin, int64_t end, F f) {
    for (int64_t i = begin; i < end; ++i) {
      each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) { f(j, i * c.step + j, count); });
    }
  }
  template <class F>
  STEEPEST_LANE static void each_row(const SoftmaxCall& c, F f) {
    each_row(c, 0, c.n, f);
  }
  STEEPEST_LANE void find_top(const SoftmaxCall& c, const T* x) {
    each<T>(c.m, [&](int64_t j, int count) { put(top + j, get(x + j, count), count); });
    each_row(c, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) {
      put(top + j, lane::maximum(get(top + j, count), get(x + at, count)), count);
    });
  }
  // sum of term(j, offset, count); of parts of some rows, which keeps the rounding errors small
  template <class Term>
  STEEPEST_LANE void add_up(const SoftmaxCall& c, Term term) {
    constexpr int64_t kPart = 32;
    each<T>(c.m, [&](int64_t j, int count) { put(sum + j, Simd<T>(0), count); });
    for (int64_t i = 0; i < c.n; i += kPart) {
      each<T>(c.m, [&](int64_t j, int count) { put(part + j, Simd<T>(0), count); });
      each_row(c, i, i + kPart < c.n ? i + kPart : c.n, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) {
        put(part + j, get(part + j, count) + term(j, at, count), count);
      });
      each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) { put(sum + j, get(sum + j, count) + get(part + j, count), count); });
    }
  }
};

template <class T>
void softmax_columns(const SoftmaxCall& c, const T* x, T* y) {
  Columns<T> column;
  column.find_top(c, x);
  column.add_up(c, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) {
    const Simd<T> e = decay(get(x + at, count) - get(column.top + j, count));
    put(y + at, e, count);
    return e;
  });
  column.each_row(c, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) {
    put(y + at, get(y + at, count) / get(column.sum + j, count), count);
  });
}
template <class T>
STEEPEST_LANE void add_decays(Columns<T>& column, const SoftmaxCall& c, const T* x) {
  column.find_top(c, x);
  column.add_up(c, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) { return decay(get(x + at, count) - get(column.top + j, count)); });
  each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) { put(column.sum + j, lane::log(get(column.sum + j, count)), count); });
}
template <class T>
void log_softmax_columns(const SoftmaxCall& c, const T* x, T* y) {
  Columns<T> column;
  add_decays(column, c, x);
  column.each_row(c, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) {
    put(y + at, get(x + at, count) - get(column.top + j, count) - get(column.sum + j, count), count);
  });
}
template <class T>
void log_sum_columns(const SoftmaxCall& c, const T* x, T* y) {
  Columns<T> column;
  add_decays(column, c, x);
  each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) {
    const Simd<T> top = get(column.top + j, count);
    put(y + j, lane::where(lane::isfinite(top), top + get(column.sum + j, count), top), count);
  });
}
template <class T, bool kLogarithm>
void columns_backward(const SoftmaxCall& c, const T* y, const T* g, T* dx) {
  Columns<T> column;
  column.add_up(c, [&](int64_t, int64_t at, int count) __attribute__((always_inline)) {
    return kLogarithm ? get(g + at, count) : get(y + at, count) * get(g + at, count);
  });
  column.each_row(c, [&](int64_t j, int64_t at, int count) __attribute__((always_inline)) {
    const Simd<T> a = get(y + at, count), b = get(g + at, count), sum = get(column.sum + j, count);
    put(dx + at, kLogarithm ? b - decay(a) * sum : a * (b - sum), count);
  });
}

template <class T, bool kLogarithm>
void forward(const SoftmaxCall& c, const T* x, T* y) {
  if (c.step != 1) return kLogarithm ? log_softmax_columns(c, x, y) : softmax_columns(c, x, y);
  for (int64_t at = 0; at < c.m * c.n; at += c.n) {
    if constexpr (kLogarithm) log_softmax_row(c.n, x + at, y + at);
    else softmax_row(c.n, x + at, y + at);
  }
}
template <class T, bool kLogarithm>
void backward(const SoftmaxCall& c, const T* y, const T* g, T* dx) {
  if (c.step != 1) return columns_backward<T, kLogarithm>(c, y, g, dx);
  for (int64_t at = 0; at < c.m * c.n; at += c.n) {
    if constexpr (kLogarithm) log_softmax_row_backward(c.n, y + at, g + at, dx + at);
    else softmax_row_backward(c.n, y + at, g + at, dx + at);
  }
}
template <class T>
void log_sum_exp(const SoftmaxCall& c, const T* x, T* y) {
  if (c.step == 1) log_sum_rows(c, x, y);
  else log_sum_columns(c, x, y);
}

template <class T>
void row_stats(int64_t n, int64_t rows, const T* x, T* stats) {
  for (int64_t r = 0; r < rows; ++r) {
    const T top = largest(x + r * n, n);
    stats[2 * r] = top;
    stats[2 * r + 1] = log_sum(n, x + r * n, top);
  }
}

template <class T>
void cross_entropy_backward(int64_t n, int64_t rows, const T* x, const T* stats, const int64_t* target, const T* scale, T* dx) {
  for (int64_t r = 0; r < rows; ++r, x += n, dx += n) {
    if (scale[r] == 0) {
      each<T>(n, [&](int64_t i, int count) { put(dx + i, Simd<T>(0), count); });
      continue;
    }
    const Simd<T> top(stats[2 * r]), rest(stats[2 * r + 1]), s(scale[r]);
    each<T>(n, [&](int64_t i, int count) { put(dx + i, decay(get(x + i, count) - top - rest) * s, count); });
    dx[target[r]] -= scale[r];
  }
}

template <class T>
constexpr SoftmaxKernels<T> kernels() {
  return {forward<T, false>, forward<T, true>, backward<T, false>, backward<T, true>, log_sum_exp<T>, row_stats<T>, cross_entropy_backward<T>};
}

}  // namespace

extern const SoftmaxTable kSoftmaxTable;
constexpr SoftmaxTable kSoftmaxTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
