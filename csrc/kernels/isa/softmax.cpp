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

// The same with a register of columns side by side.
template <class T>
STEEPEST_LANE void softmax_columns(int64_t n, int64_t step, const T* x, T* y, int count, bool logarithm) {
  Simd<T> top = get(x, count);
  for (int64_t i = 1; i < n; ++i) top = lane::maximum(top, get(x + i * step, count));
  Simd<T> sum(0);
  for (int64_t i = 0; i < n; ++i) {
    const Simd<T> e = decay(get(x + i * step, count) - top);
    if (!logarithm) put(y + i * step, e, count);
    sum += e;
  }
  if (logarithm) {
    const Simd<T> rest = lane::log(sum);
    for (int64_t i = 0; i < n; ++i) put(y + i * step, get(x + i * step, count) - top - rest, count);
  } else {
    for (int64_t i = 0; i < n; ++i) put(y + i * step, get(y + i * step, count) / sum, count);
  }
}
template <class T>
STEEPEST_LANE void softmax_columns_backward(int64_t n, int64_t step, const T* y, const T* g, T* dx, int count, bool logarithm) {
  Simd<T> sum(0);
  for (int64_t i = 0; i < n; ++i) sum += logarithm ? get(g + i * step, count) : get(y + i * step, count) * get(g + i * step, count);
  for (int64_t i = 0; i < n; ++i) {
    const Simd<T> a = get(y + i * step, count), b = get(g + i * step, count);
    put(dx + i * step, logarithm ? b - decay(a) * sum : a * (b - sum), count);
  }
}

template <class T, bool kLogarithm>
void forward(const SoftmaxCall& c, const T* x, T* y) {
  if (c.step == 1) {
    for (int64_t j = 0; j < c.m; ++j) {
      if constexpr (kLogarithm) log_softmax_row(c.n, x + j * c.n, y + j * c.n);
      else softmax_row(c.n, x + j * c.n, y + j * c.n);
    }
  } else {
    each<T>(c.m, [&](int64_t j, int count) { softmax_columns(c.n, c.step, x + j, y + j, count, kLogarithm); });
  }
}
template <class T, bool kLogarithm>
void backward(const SoftmaxCall& c, const T* y, const T* g, T* dx) {
  if (c.step == 1) {
    for (int64_t at = 0; at < c.m * c.n; at += c.n) {
      if constexpr (kLogarithm) log_softmax_row_backward(c.n, y + at, g + at, dx + at);
      else softmax_row_backward(c.n, y + at, g + at, dx + at);
    }
  } else {
    each<T>(c.m, [&](int64_t j, int count) { softmax_columns_backward(c.n, c.step, y + j, g + j, dx + j, count, kLogarithm); });
  }
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
  return {forward<T, false>, forward<T, true>, backward<T, false>, backward<T, true>, row_stats<T>, cross_entropy_backward<T>};
}

}  // namespace

extern const SoftmaxTable kSoftmaxTable;
constexpr SoftmaxTable kSoftmaxTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
