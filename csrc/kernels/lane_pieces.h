// Piecewise polynomials whose coefficients are picked from registers, and what stands on them alone. For AVX-512.
#pragma once

#include "lane_dd.h"
#include "lane_log_tables.h"
#include "lane_tables.h"

#if defined(STEEPEST_LANE_AVX512)
namespace st::lane {
inline namespace STEEPEST_ISA {

// Note [Pieces]
// One instruction picks for every lane one of the sixteen numbers of a row, by the low four bits of an index. A function is cut where the
// index changes, so that a short polynomial serves each piece; nothing is computed twice, nor divided, and no lane waits for another.
STEEPEST_LANE Simd<float> pick(Simd<float>::Int index, const float (&row)[16]) {
  return Simd<float>((Simd<float>::Vec)_mm512_maskz_permutexvar_ps(-1, (__m512i)index, _mm512_loadu_ps(row)));
}
STEEPEST_LANE D pick(D::Int index, const double (&row)[16]) {
  return D((D::Vec)_mm512_permutex2var_pd(_mm512_loadu_pd(row), (__m512i)index, _mm512_loadu_pd(row + 8)));
}
STEEPEST_LANE D pick(D::Int index, const double (&row)[8]) {
  return D((D::Vec)_mm512_maskz_permutexvar_pd(-1, (__m512i)index, _mm512_loadu_pd(row)));
}
// The polynomial in t of the piece that the index names: its first `Terms` terms.
template <int Terms, class T, int N>
STEEPEST_LANE Simd<T> piece(typename Simd<T>::Int index, Simd<T> t, const T (&c)[N][16]) {
  Simd<T> y = pick(index, c[Terms - 1]);
#pragma GCC unroll 32
  for (int i = Terms - 2; i >= 0; --i) y = mul_add(y, t, pick(index, c[i]));
  return y;
}
template <class T, int N>
STEEPEST_LANE Simd<T> piece(typename Simd<T>::Int index, Simd<T> t, const T (&c)[N][16]) {
  return piece<N>(index, t, c);
}
// The exponent and the first `Bits` bits of the mantissa of a positive number.
template <int Bits, class T>
STEEPEST_LANE typename Simd<T>::Int leading_bits(Simd<T> x) {
  return (typename Simd<T>::Int)((typename Simd<T>::UInt)bits(x) >> ((sizeof(T) == 4 ? 23 : 52) - Bits));
}

// e^(x - less) = 2^n power (1 + rest), where scaling by 2^n ignores n's fraction. Adding kShift rounds to steps between powers.
template <class T>
struct PowerOf {
  Simd<T> n, power, rest;
};
inline constexpr float kPowerShift = 0x1.8p19f;
STEEPEST_LANE PowerOf<float> power_beside(Simd<float> shifted, Simd<float> r) {
  const Simd<float> slope = mul_add(r, kFloatPowerTail[1], kFloatPowerTail[0]);
  return {shifted - kPowerShift, pick(bits(shifted), kFloatPowers), r + mul_add(r * r, slope, pick(bits(shifted), kFloatPowersRest))};
}
STEEPEST_LANE PowerOf<float> power_of(Simd<float> x, Simd<float> less) {
  using F = Simd<float>;
  const F shifted = mul_add(x, 0x1.715476p+0f, kPowerShift), n = shifted - kPowerShift;
  return power_beside(shifted, mul_add(n, 0x1.05c61p-29f, mul_add(n, -0x1.62e43p-1f, x)) - less);
}
STEEPEST_LANE PowerOf<double> power_of(D x, D less) {
  constexpr double kShift = 0x1.8p49;
  const D shifted = mul_add(x, 0x1.71547652b82fep+0, kShift), n = shifted - kShift;
  const D r = mul_add(n, -0x1.abc9e3b39803fp-56, mul_add(n, -0x1.62e42fefa39efp-1, x)) - less;
  return {n, pick(bits(shifted), kPowers), r + mul_add(r * r, polynomial(r, kPowerTail), pick(bits(shifted), kPowersRest))};
}
// 1 / b, right to about an ulp.
STEEPEST_LANE Simd<float> rough_reciprocal(Simd<float> b) {
  const Simd<float> r((Simd<float>::Vec)_mm512_maskz_rcp14_ps(-1, (__m512)b.v));
  return mul_add(r, mul_add(-b, r, 1), r);
}
template <class T>
STEEPEST_LANE Simd<T> scale_by(Simd<T> x, Simd<T> n) {
  if constexpr (sizeof(T) == 4) return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_scalef_ps(-1, (__m512)x.v, (__m512)n.v));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_scalef_pd(-1, (__m512d)x.v, (__m512d)n.v));
}
template <class T>
STEEPEST_LANE Simd<T> exp_of(Simd<T> x) {
  const PowerOf<T> e = power_of(x, 0);
  return scale_by(mul_add(e.power, e.rest, e.power), e.n);
}

// log(x) as a sum of which hi is most.
template <class T>
struct LogOf {
  Simd<T> hi, lo;
};
// The logarithm of x is that of 2^k, what the tables have at i, and log(1 + r).
struct FloatLogPlace {
  Simd<float> k, r;
  Simd<float>::Int i;
};
STEEPEST_LANE FloatLogPlace log_place(Simd<float> x) {
  using F = Simd<float>;
  const F m((F::Vec)_mm512_maskz_getmant_ps(-1, (__m512)x.v, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero));
  const F k((F::Vec)_mm512_maskz_getexp_ps(-1, (__m512)x.v));
  const F::Int i = leading_bits<4>(m);
  return {k, mul_add(m, pick(i, kFloatLogInverse), -1), i};
}
STEEPEST_LANE LogOf<float> log_of(Simd<float> x) {
  using F = Simd<float>;
  const FloatLogPlace l = log_place(x);
  const F head = mul_add(l.k, 0x1.62e4p-1f, pick(l.i, kFloatLogHead)), s = head + l.r;
  const F rest = mul_add(l.k, 0x1.7f7d1cp-20f, pick(l.i, kFloatLogRest));
  F p(kFloatLogSeries[3]);
#pragma GCC unroll 3
  for (int j = 2; j >= 0; --j) p = mul_add(p, l.r, kFloatLogSeries[j]);
  return {s, ((head - s) + l.r) + mul_add(l.r * l.r, mul_add(p, l.r, -0.5f), rest)};
}
STEEPEST_LANE Simd<float> log_in(Simd<float> x, const FloatBase& base) {
  using F = Simd<float>;
  const FloatLogPlace l = log_place(x);
  const F p = l.r * base.scale, lost = mul_add(l.r, base.scale, -p);
  const F head = mul_add(l.k, base.two, pick(l.i, base.head)), s = head + p;
  const F rest = mul_add(l.k, base.two_rest, pick(l.i, base.rest)) + mul_add(l.r, base.scale_rest, lost);
  F q(base.series[4]);
#pragma GCC unroll 4
  for (int j = 3; j >= 0; --j) q = mul_add(q, l.r, base.series[j]);
  return s + (((head - s) + p) + mul_add(l.r * l.r, q, rest));
}
STEEPEST_LANE LogOf<double> log_of(D x) {
  const D m((D::Vec)_mm512_maskz_getmant_pd(-1, (__m512d)x.v, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero));
  const D k((D::Vec)_mm512_maskz_getexp_pd(-1, (__m512d)x.v));
  const D::Int i = leading_bits<4>(m);
  const D r = mul_add(m, pick(i, kLogInverse), -1), head = mul_add(k, 0x1.62e42fefa4p-1, pick(i, kLogHead)), s = head + r;
  const D rest = mul_add(k, -0x1.8432a1b0e2634p-43, pick(i, kLogRest));
  return {s, ((head - s) + r) + mul_add(r * r, mul_add(polynomial(r, kLogSeries), r, -0.5), rest)};
}
// y, but what a logarithm is where x is not a positive number: one instruction, told so by four bits for each class of x.
template <class T>
STEEPEST_LANE Simd<T> mend_log(Simd<T> y, Simd<T> x) {
  constexpr int kClasses = 0x03530422;  // from NaN on: NaN twice, 0: -inf, 1: y, -inf: NaN, inf: inf, negative: NaN, positive: y
  if constexpr (sizeof(T) == 4)
    return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_fixupimm_ps(-1, (__m512)y.v, (__m512)x.v, _mm512_set1_epi32(kClasses), 0));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_fixupimm_pd(-1, (__m512d)y.v, (__m512d)x.v, _mm512_set1_epi64(kClasses), 0));
}

template <class T>
STEEPEST_LANE Simd<T> log_of_number(Simd<T> x) {
  const LogOf<T> l = log_of(x);
  return mend_log(l.hi + l.lo, x);
}
// The same times the inverse of another base's logarithm.
STEEPEST_LANE D log_of_number(D x, Pair inverse) {
  const LogOf<double> l = log_of(x);
  const Pair y = multiply({l.hi, l.lo}, inverse);
  return mend_log(y.hi + y.lo, x);
}
// What 1 + x loses is put back.
template <class T>
STEEPEST_LANE Simd<T> log1p_of(Simd<T> x) {
  const Simd<T> u = 1 + x, t = u - 1, lost = (1 - (u - t)) + (x - t);
  const LogOf<T> l = log_of(u);
  Simd<T> change;
  if constexpr (sizeof(T) == 4) change = lost * rough_reciprocal(u);
  else change = quotient(lost, u);
  return where(x == 0, x, mend_log(l.hi + (l.lo + change), u));
}

// Where what the pieces give stands for y / a - 1 near 0 and for 1 - y beyond.
template <class T>
STEEPEST_LANE Simd<T> odd_function(Simd<T> x, Simd<T> a, Mask<T> near, Simd<T> y) {
  return xorsign(mul_add(where(near, a, -1), y, where(near, a, 1)), x);
}

// The first piece ends behind `first` and starts at 0; from `last` on the result is 1.
template <class T, int N>
STEEPEST_LANE Simd<T> tanh_pieces(Simd<T> x, double first, double last, const T (&centres)[16], const T (&pieces)[N][16]) {
  using S = Simd<T>;
  const S a = least(last, abs(x));
  const auto i = leading_bits<1>(largest(a, S(first)));
  return odd_function(x, a, a < 1, piece(i, a - pick(i, centres), pieces));
}
STEEPEST_LANE Simd<float> tanh_pieces(Simd<float> x) { return tanh_pieces(x, 0.0625, 9.05, kFloatTanhCentres, kFloatTanhPieces); }
STEEPEST_LANE D tanh_pieces(D x) { return tanh_pieces(x, 0.125, 19.07, kTanhCentres, kTanhPieces); }

// The piece of that width in which a lies, and where a lies in it, from its middle.
template <class T>
struct Place {
  Simd<T> piece, t;
  typename Simd<T>::Int index;
};
template <class T>
STEEPEST_LANE Place<T> place_in(Simd<T> a, T width) {
  using V = typename Simd<T>::Vec;
  constexpr int kDown = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
  constexpr T kWhole = sizeof(T) == 4 ? 0x1.8p23 : 0x1.8p52;
  const Simd<T> inverse(1 / width), whole(kWhole);
  Simd<T> shifted;
  if constexpr (sizeof(T) == 4) shifted = Simd<T>((V)_mm512_fmadd_round_ps((__m512)a.v, (__m512)inverse.v, (__m512)whole.v, kDown));
  else shifted = Simd<T>((V)_mm512_fmadd_round_pd((__m512d)a.v, (__m512d)inverse.v, (__m512d)whole.v, kDown));
  const Simd<T> n = shifted - kWhole;
  return {n, a - mul_add(n, width, T(0.5) * width), bits(shifted)};
}
// `near` pieces reach about as far as 1; at `last` and beyond the result is 1.
template <class T, int N>
STEEPEST_LANE Simd<T> erf_pieces(Simd<T> x, double last, T width, int near, const T (&pieces)[N][16]) {
  const Simd<T> a = least(last, abs(x));
  const Place<T> p = place_in(a, width);
  return odd_function(x, a, p.piece < near, piece(p.index, p.t, pieces));
}
STEEPEST_LANE Simd<float> erf_pieces(Simd<float> x) { return erf_pieces(x, 0x1.fffffep+1, 0.25f, 4, kFloatErfPieces); }
STEEPEST_LANE D erf_pieces(D x) { return erf_pieces(x, 5.99, 0.375, 3, kErfPieces); }

// e^(-x^2) times what the pieces give; their sum with the power is rounded once. Beyond `last` the result is 0.
template <class T, int N>
STEEPEST_LANE Simd<T> erfc_pieces(Simd<T> x, double last, double offset, const T (&centres)[16], const T (&pieces)[N][16]) {
  using S = Simd<T>;
  const S a = least(last, abs(x)), square = a * a;
  const auto i = leading_bits<2>(a + S(offset));
  const S y = piece(i, a - pick(i, centres), pieces);
  const PowerOf<T> e = power_of(-square, mul_add(a, a, -square));
  const S hi = mul_add(e.power, e.rest, e.power), lo = mul_add(e.power, e.rest, e.power - hi);
  const S tail = scale_by(mul_add(hi, y, lo * y), e.n);
  return where(x < 0, 2 - tail, tail);
}
STEEPEST_LANE Simd<float> erfc_pieces(Simd<float> x) { return erfc_pieces(x, 10.2, 1, kFloatErfcCentres, kFloatErfcPieces); }
STEEPEST_LANE D erfc_pieces(D x) { return erfc_pieces(x, 27.5, 2, kErfcCentres, kErfcPieces); }

}  // namespace STEEPEST_ISA
}  // namespace st::lane
#endif
