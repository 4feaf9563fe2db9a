// Softmax along rows and columns, its logarithm, their gradients, and the rows of cross entropy.
#include "kernels/softmax_table.h"

#include "kernels/lane.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Simd;

template <class T>
constexpr int kWidth = Simd<T>::width;
// Sums have the same order, PyTorch's with AVX-512, on every instruction set: this many lanes, whatever registers hold them; joined
// half to half, or one after the other where a row is shorter.
template <class T>
constexpr int kSumLanes = 64 / static_cast<int>(sizeof(T));
template <class T>
constexpr int kSums = kSumLanes<T> / kWidth<T>;

// e^x for x <= 0 to an ulp, in a third of lane::exp's time: values that are divided by their sum need no more. The polynomial
// interpolates (e^r - 1 - r) / r^2 on |r| <= log(2) / 2; the power of two comes in halves, as the result may be below the normal range.
STEEPEST_LANE Simd<float> decay(Simd<float> x) {
  using F = Simd<float>;
  using Int = F::Int;
  const F bounded = lane::where(x < -104, -104, x);
  const F shifted = lane::mul_add(bounded, 0x1.715476p+0f, 0x1.8p23f), n = shifted - 0x1.8p23f;
  const F r = lane::mul_add(n, -0x1.7f7d1cp-20f, lane::mul_add(n, -0x1.62e400p-1f, bounded));
  F q(0x1.a151bcp-13f);
  q = lane::mul_add(q, r, 0x1.6d4366p-10f);
  q = lane::mul_add(q, r, 0x1.1110c6p-7f);
  q = lane::mul_add(q, r, 0x1.5554e8p-5f);
  q = lane::mul_add(q, r, 0x1.555556p-3f);
  q = lane::mul_add(q, r, 0.5f);
  const F p = lane::mul_add(r * r, q, r) + 1;
  const Int power = lane::bits(shifted) - 0x4b400000, half = power >> 1;
  const auto two_to = [](Int k) __attribute__((always_inline)) { return lane::from_bits<float>((k + 127) << 23); };
  return p * two_to(half) * two_to(power - half);
}
STEEPEST_LANE Simd<double> decay(Simd<double> x) { return lane::exp(x); }

template <class T>
STEEPEST_LANE T largest(const T* x, int64_t n) {
  T best = x[0];
  int64_t i = 0;
  if (n >= kWidth<T>) {
    Simd<T> lanes = lane::load(x);
    for (i = kWidth<T>; i + kWidth<T> <= n; i += kWidth<T>) lanes = lane::maximum(lanes, lane::load(x + i));
    best = lanes[0];
    for (int k = 1; k < kWidth<T>; ++k) best = lane::maximum(best, lanes[k]);
  }
  for (; i < n; ++i) best = lane::maximum(best, x[i]);
  return best;
}

// Sum over i of term(i, lanes): `term` gives a register of terms from element i on, of which `count` exist, the rest being zero.
template <class T, class Term>
STEEPEST_LANE T sum_of(int64_t n, Term term) {
  Simd<T> sum[kSums<T>];
#pragma GCC unroll 4
  for (int r = 0; r < kSums<T>; ++r) sum[r] = Simd<T>(0);
  int64_t i = 0;
  for (; i + kSumLanes<T> <= n; i += kSumLanes<T>) {
#pragma GCC unroll 4
    for (int r = 0; r < kSums<T>; ++r) sum[r] += term(i + r * kWidth<T>, kWidth<T>);
  }
#pragma GCC unroll 4
  for (int r = 0; r < kSums<T>; ++r) {
    const int64_t left = n - i - r * kWidth<T>;
    if (left > 0) sum[r] += term(i + r * kWidth<T>, left < kWidth<T> ? static_cast<int>(left) : kWidth<T>);
  }
  T lanes[kSumLanes<T>];
#pragma GCC unroll 4
  for (int r = 0; r < kSums<T>; ++r) lane::store(lanes + r * kWidth<T>, sum[r]);
  if (n < kSumLanes<T>) {
    for (int k = 1; k < n; ++k) lanes[0] += lanes[k];
    return lanes[0];
  }
  for (int half = kSumLanes<T> / 2; half > 0; half /= 2)
    for (int k = 0; k < half; ++k) lanes[k] += lanes[k + half];
  return lanes[0];
}

// y = f(register of x) for a row.
template <class T, class F>
STEEPEST_LANE void each(int64_t n, F f) {
  int64_t i = 0;
  for (; i + kWidth<T> <= n; i += kWidth<T>) f(i, kWidth<T>);
  if (i < n) f(i, static_cast<int>(n - i));
}
template <class T>
STEEPEST_LANE Simd<T> get(const T* p, int count) {
  return count == kWidth<T> ? lane::load(p) : lane::load_partial(p, count);
}
template <class T>
STEEPEST_LANE void put(T* p, Simd<T> v, int count) {
  if (count == kWidth<T>) lane::store(p, v);
  else lane::store_partial(p, v, count);
}
template <class T>
STEEPEST_LANE Simd<T> existing(Simd<T> v, int count) {
  return count == kWidth<T> ? v : lane::where(lane::first_lanes<T>(count), v, 0);
}

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
