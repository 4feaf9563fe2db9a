// Fourier transforms of a few elements, a register of lines at a time: the butterflies of the passes.
#pragma once

#include "kernels/fft_table.h"
#include "kernels/gemm_tile.h"

namespace st::STEEPEST_ISA {
namespace {

// Real and imaginary parts of as many numbers as a register has lanes.
template <class T>
struct Pair {
  Simd<T> re, im;
  STEEPEST_LANE friend Pair operator+(Pair a, Pair b) { return {a.re + b.re, a.im + b.im}; }
  STEEPEST_LANE friend Pair operator-(Pair a, Pair b) { return {a.re - b.re, a.im - b.im}; }
  STEEPEST_LANE friend Pair operator*(Pair a, Pair b) {
    return {lane::mul_add(-a.im, b.im, a.re * b.re), lane::mul_add(a.im, b.re, a.re * b.im)};
  }
  STEEPEST_LANE friend Pair operator*(Pair a, Simd<T> b) { return {a.re * b, a.im * b}; }
};
template <class T>
STEEPEST_LANE Pair<T> conj(Pair<T> a) {
  return {a.re, -a.im};
}
// a - i b and a + i b
template <class T>
STEEPEST_LANE Pair<T> minus_i(Pair<T> a, Pair<T> b) {
  return {a.re + b.im, a.im - b.re};
}
template <class T>
STEEPEST_LANE Pair<T> plus_i(Pair<T> a, Pair<T> b) {
  return {a.re - b.im, a.im + b.re};
}

template <class T>
STEEPEST_LANE void four(Pair<T> a, Pair<T> b, Pair<T> c, Pair<T> d, Pair<T> (&y)[4]) {
  const Pair<T> s = a + c, t = a - c, u = b + d, v = b - d;
  y[0] = s + u;
  y[1] = minus_i(t, v);
  y[2] = s - u;
  y[3] = plus_i(t, v);
}

// x and y each become its transform. Elements j and r - j go together: their sum meets cosines only, their difference sines only.
template <int kRadix, class T>
STEEPEST_LANE void odd(const Pair<T>* x, Pair<T>* y, const T* roots, int radix) {
  const int r = kRadix ? kRadix : radix, half = r / 2;
  Pair<T> sums[kRadix ? kRadix / 2 : kFftMostRadix / 2], differences[kRadix ? kRadix / 2 : kFftMostRadix / 2], first = x[0];
  STEEPEST_UNROLL for (int j = 0; j < half; ++j) {
    sums[j] = x[j + 1] + x[r - 1 - j];
    differences[j] = x[j + 1] - x[r - 1 - j];
    first = first + sums[j];
  }
  y[0] = first;
  STEEPEST_UNROLL for (int k = 1; k <= half; ++k) {
    Pair<T> even = x[0], uneven{Simd<T>(0), Simd<T>(0)};
    STEEPEST_UNROLL for (int j = 0; j < half; ++j) {
      const int at = (j + 1) * k % r;
      const Simd<T> c(roots[2 * at]), s(roots[2 * at + 1]);
      even = {lane::mul_add(sums[j].re, c, even.re), lane::mul_add(sums[j].im, c, even.im)};
      uneven = j == 0 ? differences[j] * s : Pair<T>{lane::mul_add(differences[j].re, s, uneven.re), lane::mul_add(differences[j].im, s, uneven.im)};
    }
    y[k] = minus_i(even, uneven);
    y[r - k] = plus_i(even, uneven);
  }
}

template <int kRadix, class T>
STEEPEST_LANE void butterfly(const Pair<T> (&x)[kRadix], Pair<T> (&y)[kRadix], const T* roots) {
  if constexpr (kRadix == 2) {
    y[0] = x[0] + x[1];
    y[1] = x[0] - x[1];
  } else if constexpr (kRadix == 4) {
    four(x[0], x[1], x[2], x[3], y);
  } else if constexpr (kRadix == 8) {
    const Simd<T> root(T(0.70710678118654752440));
    Pair<T> e[4], o[4];
    four(x[0], x[2], x[4], x[6], e);
    four(x[1], x[3], x[5], x[7], o);
    y[0] = e[0] + o[0];
    y[4] = e[0] - o[0];
    y[2] = minus_i(e[2], o[2]);
    y[6] = plus_i(e[2], o[2]);
    // o[1] (1 - i) / sqrt(2) and o[3] (-1 - i) / sqrt(2)
    const auto add = [](Pair<T> a, Pair<T> b, Simd<T> by) __attribute__((always_inline)) {
      return Pair<T>{lane::mul_add(b.re, by, a.re), lane::mul_add(b.im, by, a.im)};
    };
    const Pair<T> first{o[1].re + o[1].im, o[1].im - o[1].re}, third{o[3].im - o[3].re, -(o[3].re + o[3].im)};
    y[1] = add(e[1], first, root);
    y[5] = add(e[1], first, -root);
    y[3] = add(e[3], third, root);
    y[7] = add(e[3], third, -root);
  } else if constexpr (kRadix == 16) {
    const T c(0.92387953251128675613), s(0.38268343236508977173), root(0.70710678118654752440);
    const auto by = [](Pair<T> a, T re, T im) __attribute__((always_inline)) { return a * Pair<T>{Simd<T>(re), Simd<T>(im)}; };
    Pair<T> t[4][4];
    STEEPEST_UNROLL for (int b = 0; b < 4; ++b) four(x[b], x[4 + b], x[8 + b], x[12 + b], t[b]);
    t[1][1] = by(t[1][1], c, -s);
    t[1][2] = by(t[1][2], root, -root);
    t[1][3] = by(t[1][3], s, -c);
    t[2][1] = by(t[2][1], root, -root);
    t[2][2] = {t[2][2].im, -t[2][2].re};
    t[2][3] = by(t[2][3], -root, -root);
    t[3][1] = by(t[3][1], s, -c);
    t[3][2] = by(t[3][2], -root, -root);
    t[3][3] = by(t[3][3], -c, s);
    STEEPEST_UNROLL for (int k = 0; k < 4; ++k) {
      Pair<T> z[4];
      four(t[0][k], t[1][k], t[2][k], t[3][k], z);
      STEEPEST_UNROLL for (int i = 0; i < 4; ++i) y[k + 4 * i] = z[i];
    }
  } else {
    odd<kRadix>(x, y, roots, kRadix);
  }
}

}  // namespace
}  // namespace st::STEEPEST_ISA
