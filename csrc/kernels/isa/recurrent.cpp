// The elementwise part of a time step of LSTM, GRU and RNN, forward and backward.
#include "kernels/recurrent_table.h"

#include "kernels/lane_rows.h"

namespace st::STEEPEST_ISA {
namespace {

// Note [Activations of gates]
// tanh and sigmoid in single precision as quotients of exponentials that are split, within two units in the last place, in a third
// of the time of lane::tanh and lane::sigmoid, which are exact to one. The sums of hundreds of products that gates are functions of
// are less accurate by far.
STEEPEST_LANE Split falling(Simd<float> x) { return Split(lane::where(x < -87, -87, x)); }
// nan comes out of both: the polynomial is nan.
STEEPEST_LANE Simd<float> squashed(Simd<float> x) {
  const Split f = falling(-2 * lane::abs(x));
  const Simd<float> power = two_to(f.power), e = lane::mul_add(power, f.rest, power - 1);
  return lane::copysign(-e / (2 + e), x);
}
STEEPEST_LANE Simd<float> gate(Simd<float> x) {
  const Split f = falling(-lane::abs(x));
  const Simd<float> power = two_to(f.power), e = lane::mul_add(power, f.rest, power);
  return lane::where(x < 0, e, 1) / (1 + e);
}
STEEPEST_LANE Simd<double> squashed(Simd<double> x) { return lane::tanh(x); }
STEEPEST_LANE Simd<double> gate(Simd<double> x) { return lane::sigmoid(x); }

template <class T>
STEEPEST_LANE Simd<T> biased(Simd<T> x, const T* bias, int64_t at, int count) {
  return bias == nullptr ? x : x + get(bias + at, count);
}

template <class T>
void lstm(const LstmStep<T>& s) {
  const int64_t n = s.hidden;
  for (int64_t r = 0; r < s.rows; ++r) {
    T* const gates = s.gates + r * 4 * n;
    T *const c = s.c + r * n, *const before = s.c_before + r * n, *const h = s.h + r * n;
    each<T>(n, [&](int64_t k, int count) __attribute__((always_inline)) {
      const Simd<T> i = gate(biased(get(gates + k, count), s.bias, k, count));
      const Simd<T> f = gate(biased(get(gates + n + k, count), s.bias, n + k, count));
      const Simd<T> g = squashed(biased(get(gates + 2 * n + k, count), s.bias, 2 * n + k, count));
      const Simd<T> o = gate(biased(get(gates + 3 * n + k, count), s.bias, 3 * n + k, count));
      const Simd<T> old = get(c + k, count), cell = lane::mul_add(f, old, i * g);
      put(gates + k, i, count);
      put(gates + n + k, f, count);
      put(gates + 2 * n + k, g, count);
      put(gates + 3 * n + k, o, count);
      put(before + k, old, count);
      put(c + k, cell, count);
      put(h + k, o * squashed(cell), count);
    });
  }
}

template <class T>
void lstm_backward(const LstmBackwardStep<T>& s) {
  const int64_t n = s.hidden;
  for (int64_t r = 0; r < s.rows; ++r) {
    const T *const gates = s.gates + r * 4 * n, *const before = s.c_before + r * n, *const dh = s.dh + r * n;
    T *const dc = s.dc + r * n, *const out = s.dgates + r * 4 * n;
    each<T>(n, [&](int64_t k, int count) __attribute__((always_inline)) {
      const Simd<T> i = get(gates + k, count), f = get(gates + n + k, count), g = get(gates + 2 * n + k, count);
      const Simd<T> o = get(gates + 3 * n + k, count), old = get(before + k, count);
      const Simd<T> t = squashed(lane::mul_add(f, old, i * g)), gradient = get(dh + k, count), od = gradient * o;
      const Simd<T> d = get(dc + k, count) + (od - od * t * t);
      const Simd<T> di = d * g * i, df = d * old * f, dg = d * i, dout = od * t;
      put(out + k, di - di * i, count);
      put(out + n + k, df - df * f, count);
      put(out + 2 * n + k, dg - dg * g * g, count);
      put(out + 3 * n + k, dout - dout * o, count);
      put(dc + k, d * f, count);
      if (s.h != nullptr) put(s.h + r * n + k, o * t, count);
    });
  }
}

template <class T>
void gru(const GruStep<T>& s) {
  const int64_t n = s.hidden;
  for (int64_t row = 0; row < s.rows; ++row) {
    T *const work = s.work + row * 4 * n, *const h = s.h + row * n, *const y = s.y + row * n;
    const T* const sums = s.hidden_sums + row * 3 * n;
    each<T>(n, [&](int64_t k, int count) __attribute__((always_inline)) {
      const auto sum = [&](int64_t at) __attribute__((always_inline)) {
        return biased(get(work + at, count), s.bias_ih, at, count) + biased(get(sums + at, count), s.bias_hh, at, count);
      };
      const Simd<T> r = gate(sum(k)), z = gate(sum(n + k));
      const Simd<T> inner = biased(get(sums + 2 * n + k, count), s.bias_hh, 2 * n + k, count);
      const Simd<T> fresh = squashed(biased(get(work + 2 * n + k, count), s.bias_ih, 2 * n + k, count) + r * inner);
      const Simd<T> next = lane::mul_add(z, get(h + k, count) - fresh, fresh);
      put(work + k, r, count);
      put(work + n + k, z, count);
      put(work + 2 * n + k, fresh, count);
      put(work + 3 * n + k, inner, count);
      put(h + k, next, count);
      put(y + k, next, count);
    });
  }
}

template <class T>
void gru_backward(const GruBackwardStep<T>& s) {
  const int64_t n = s.hidden;
  for (int64_t row = 0; row < s.rows; ++row) {
    const T *const work = s.work + row * 4 * n, *const before = s.h_before + row * n;
    T *const dh = s.dh + row * n, *const in = s.dinput + row * 3 * n, *const hidden = s.dhidden + row * 3 * n;
    each<T>(n, [&](int64_t k, int count) __attribute__((always_inline)) {
      const Simd<T> r = get(work + k, count), z = get(work + n + k, count), fresh = get(work + 2 * n + k, count);
      const Simd<T> inner = get(work + 3 * n + k, count), d = get(dh + k, count), kept = d * z;
      const Simd<T> toward = d - kept, dn = toward - toward * fresh * fresh;
      const Simd<T> dz = (get(before + k, count) - fresh) * kept, update = dz - dz * z;
      const Simd<T> dr = dn * inner * r, reset = dr - dr * r;
      put(in + k, reset, count);
      put(in + n + k, update, count);
      put(in + 2 * n + k, dn, count);
      put(hidden + k, reset, count);
      put(hidden + n + k, update, count);
      put(hidden + 2 * n + k, dn * r, count);
      put(dh + k, kept, count);
    });
  }
}

template <class T>
void rnn(int64_t rows, int64_t hidden, bool relu, const T* bias, T* y, T* h) {
  for (int64_t r = 0; r < rows; ++r, y += hidden, h += hidden) {
    each<T>(hidden, [&](int64_t k, int count) __attribute__((always_inline)) {
      const Simd<T> sum = biased(get(y + k, count), bias, k, count);
      const Simd<T> next = relu ? lane::where(sum < 0, 0, sum) : squashed(sum);
      put(y + k, next, count);
      put(h + k, next, count);
    });
  }
}

template <class T>
void rnn_backward(int64_t n, bool relu, const T* y, const T* dh, T* dsums) {
  each<T>(n, [&](int64_t k, int count) __attribute__((always_inline)) {
    const Simd<T> value = get(y + k, count), d = get(dh + k, count);
    put(dsums + k, relu ? lane::where(value <= 0, 0, d) : d - d * value * value, count);
  });
}

// Strips of four registers, whose sums stay there.
template <class T>
void add_rows(int64_t rows, int64_t n, const T* x, T* to) {
  constexpr int64_t kStrip = 4 * kWidth<T>;
  int64_t k = 0;
  for (; k + kStrip <= n; k += kStrip) {
    Simd<T> sum[4] = {Simd<T>(0), Simd<T>(0), Simd<T>(0), Simd<T>(0)};
    for (int64_t r = 0; r < rows; ++r) {
#pragma GCC unroll 4
      for (int q = 0; q < 4; ++q) sum[q] += lane::load(x + r * n + k + q * kWidth<T>);
    }
#pragma GCC unroll 4
    for (int q = 0; q < 4; ++q) lane::store(to + k + q * kWidth<T>, lane::load(to + k + q * kWidth<T>) + sum[q]);
  }
  each<T>(n - k, [&](int64_t i, int count) __attribute__((always_inline)) {
    Simd<T> sum(0);
    for (int64_t r = 0; r < rows; ++r) sum += get(x + r * n + k + i, count);
    put(to + k + i, get(to + k + i, count) + sum, count);
  });
}

template <class T>
constexpr RecurrentKernels<T> kernels() {
  return {lstm<T>, lstm_backward<T>, gru<T>, gru_backward<T>, rnn<T>, rnn_backward<T>, add_rows<T>};
}

}  // namespace

extern const RecurrentTable kRecurrentTable;
constexpr RecurrentTable kRecurrentTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
