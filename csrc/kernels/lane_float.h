// exp, log, log1p, tanh, sigmoid, erf, sin, cos of floats, in registers of floats, for machines that multiply and add in one instruction.
#pragma once

#include "lane_log_tables.h"
#include "lane_pieces.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

using F = Simd<float>;

// Note [Floats in floats]
// Widened to doubles a function is rounded once but takes twice the registers and longer polynomials. The bodies below stay within
// 1 ulp: what is added last is split into a sum and its rounding error wherever the rest is not small beside it.
// Without a fused instruction the splitting costs more than it saves, and the bodies for doubles serve.

// Interpolants: (e^r - 1 - r) / r^2 on |r| <= log(2) / 2; (log(1 + f) - f + f^2 / 2) / f^3 on [-1/3, 1/2];
// in z = x^2 on x <= 1: (tanh(x) / x - 1) / z and erf(x) / x - 1; log(erfc(x)) in x - 1 on [1, 4].
inline constexpr float kFloatExp[] = {0x1p-1f, 0x1.555556p-3f, 0x1.55548p-5f, 0x1.11108ap-7f, 0x1.6d97acp-10f, 0x1.a1a7b4p-13f};
inline constexpr float kFloatLog[] = {0x1.555528p-2f, -0x1.000084p-2f, 0x1.99b67p-3f, -0x1.554022p-3f, 0x1.21c792p-3f,
                                      -0x1.fcf05p-4f, 0x1.fb1448p-4f, -0x1.e687f4p-4f, 0x1.f0c7f6p-5f};
inline constexpr float kFloatTanh[] = {-0x1.55553ep-2f, 0x1.110c2cp-3f, -0x1.b969eep-5f, 0x1.603904p-6f,
                                       -0x1.04f1b4p-7f, 0x1.2f56d6p-9f, -0x1.7bd26ap-12f};
inline constexpr float kFloatErf[] = {0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2d1ep-4f, -0x1.b7fb92p-6f,
                                      0x1.541908p-8f, -0x1.a4800ep-11f, 0x1.4ad6ccp-14f};
inline constexpr float kFloatLogErfc[] = {-0x1.d97fcp+0f, -0x1.51c9bp+1f, -0x1.afabbcp-1f, -0x1.547cc6p-5f, 0x1.493238p-7f,
                                          -0x1.07afb2p-9f, 0x1.2f7c2ap-12f, -0x1.6b83e2p-16f};
// log(2) in 16 bits, so that a product with an exponent is exact, and the rest.
inline constexpr float kFloatLn2 = 0x1.62e4p-1f, kFloatLn2Rest = 0x1.7f7d1cp-20f;

template <int N>
STEEPEST_LANE F polynomial(F x, const float (&c)[N]) {
  F y(c[N - 1]);
#pragma GCC unroll 32
  for (int i = N - 2; i >= 0; --i) y = mul_add(y, x, c[i]);
  return y;
}
// Right to about an ulp.
STEEPEST_LANE F near_reciprocal(F b) {
#if defined(STEEPEST_LANE_AVX512)
  return rough_reciprocal(b);
#else
  return 1 / b;
#endif
}
inline constexpr float kFloatShift = 0x1.8p23f;
// e^x = 2^n (hi + lo); and p * 2^n rounded once, for |n| < 250.
struct FloatExp {
  F hi, lo, n;
};
#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE FloatExp float_exp(F x) {
  const PowerOf<float> p = power_of(x, 0);
  return {p.power, p.power * p.rest, p.n};
}
STEEPEST_LANE F scale(F p, F n) { return scale_by(p, n); }
#else
// n log(2) is taken off x in two steps, the first exact; hi is 1 + h. As an integer n stands in the low bits of a sum with kFloatShift.
STEEPEST_LANE FloatExp float_exp(F x) {
  const F shifted = mul_add(x, 0x1.715476p+0f, kFloatShift), n = shifted - kFloatShift, h = mul_add(n, -kFloatLn2, x);
  const F r = mul_add(n, -kFloatLn2Rest, h), s = 1 + h, lost = mul_add(n, -kFloatLn2Rest, (1 - s) + h);
  return {s, mul_add(r * r, polynomial(r, kFloatExp), lost), shifted};
}
STEEPEST_LANE F scale(F p, F shifted) {
  const F::Int n = bits(shifted) - 0x4b400000, half = n >> 1, rest = n - half;
  return p * from_bits<float>((half + 127) << 23) * from_bits<float>((rest + 127) << 23);
}
#endif
STEEPEST_LANE F exp_float(F x) {
  const FloatExp e = float_exp(largest(-104, least(89, x)));
  return scale(e.hi + e.lo, e.n);
}

STEEPEST_LANE F exp2_float(F x) {
  constexpr float kLn2 = 0x1.62e43p-1f;
  const F bounded = largest(-152, least(129, x));
#if defined(STEEPEST_LANE_AVX512)
  const F shifted = bounded + kPowerShift;
  const PowerOf<float> p = power_beside(shifted, (bounded - (shifted - kPowerShift)) * kLn2);
  return scale_by(mul_add(p.power, p.rest, p.power), p.n);
#else
  const F shifted = bounded + kFloatShift, f = bounded - (shifted - kFloatShift), h = f * kLn2;
  const F h_rest = mul_add(f, -0x1.05c61p-29f, mul_add(f, kLn2, -h)), s = 1 + h;
  return scale(s + mul_add(h * h, polynomial(h, kFloatExp), ((1 - s) + h) + h_rest), shifted);
#endif
}

// 1 / (1 + e^-x) where t + lo is e^-|x|: t at most 1.
template <class T>
STEEPEST_LANE Simd<T> sigmoid_from(Simd<T> x, Simd<T> t, Simd<T> lo) {
  const Simd<T> d = 1 + t, rest = ((1 - d) + t) + lo, r = near_reciprocal(d);
  const Mask<T> left = x < 0;
  const Simd<T> top = where(left, t, 1), q = top * r;
  return mul_add(mul_add(-q, d, top) + (where(left, lo, 0) - q * rest), r, q);
}
STEEPEST_LANE F sigmoid_float(F x) {
  const FloatExp e = float_exp(largest(-104, -abs(x)));
  const F hi = e.hi + e.lo;
  return sigmoid_from(x, scale(hi, e.n), scale((e.hi - hi) + e.lo, e.n));
}

#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE F tanh_float(F x) { return tanh_pieces(x); }
STEEPEST_LANE F erf_float(F x) { return erf_pieces(x); }
#else
// 1 - 2 e^(-2 x) / (1 + e^(-2 x)) where the subtrahend is small.
STEEPEST_LANE F tanh_float(F x) {
  const F a = least(10, abs(x)), z = a * a;
  const FloatExp e = float_exp(-2 * a);
  const F t = scale(e.hi + e.lo, e.n), far = 1 - 2 * t * near_reciprocal(1 + t);
  return copysign(where(a < 1, mul_add(a * z, polynomial(z, kFloatTanh), a), far), x);
}
STEEPEST_LANE F erf_float(F x) {
  const F a = least(4, abs(x)), near = mul_add(a, polynomial(a * a, kFloatErf), a);
  const FloatExp e = float_exp(polynomial(a - 1, kFloatLogErfc));
  return copysign(where(a < 1, near, 1 - scale(e.hi + e.lo, e.n)), x);
}
#endif

// sin and cos of |x| <= 6000. x = n pi / 2 + r + rest: the first part of pi / 2 leaves no error, and the second has so few bits that its
// products have none either, so that what r loses is found whole.
inline constexpr float kFloatHalfPi[] = {0x1.921fb6p+0f, -0x1.778p-25f, 0x1.68c234p-39f};
inline constexpr float kFloatAngles = 6000;
// Interpolants in z = r^2, r <= pi / 4, of (sin(r) / r - 1) / z and (cos(r) - 1 + z / 2) / z^2.
inline constexpr float kFloatSin[] = {-0x1.555552p-3f, 0x1.110c28p-7f, -0x1.9ac9aap-13f};
inline constexpr float kFloatCos[] = {0x1.555554p-5f, -0x1.6c12d2p-10f, 0x1.9bd896p-16f};
struct FloatAngle {
  F::UInt n;
  F r, rest;
};
STEEPEST_LANE FloatAngle float_angle(F x) {
  const F shifted = mul_add(x, 0x1.45f306p-1f, kFloatShift), n = shifted - kFloatShift;
  const F a = mul_add(n, -kFloatHalfPi[0], x), r = mul_add(n, -kFloatHalfPi[1], a), lost = mul_add(n, -kFloatHalfPi[1], a - r);
  return {(F::UInt)bits(shifted), r, mul_add(n, -kFloatHalfPi[2], lost)};
}
struct FloatPair {
  F hi, lo;
};
STEEPEST_LANE FloatPair float_sin_pair(FloatAngle a) {
  const F z = a.r * a.r;
  return {a.r, mul_add(a.r * z, polynomial(z, kFloatSin), a.rest)};
}
STEEPEST_LANE FloatPair float_cos_pair(FloatAngle a) {
  const F z = a.r * a.r, half = -0.5f * a.r, c = mul_add(half, a.r, 1), lost = mul_add(half, a.r, 1 - c);
  return {c, mul_add(z * z, polynomial(z, kFloatCos), mul_add(-a.r, a.rest, lost))};
}
STEEPEST_LANE Mask<float> is_odd(F::UInt n) { return signbit(from_bits<float>((F::Int)(n << 31))); }
// One of the two by the parity of n + `quarters`, its sign by the next bit.
STEEPEST_LANE F float_turn(FloatAngle a, uint32_t quarters) {
  const F::UInt n = a.n + quarters;
  const FloatPair s = float_sin_pair(a), c = float_cos_pair(a);
  return xorsign(where(is_odd(n), c.hi + c.lo, s.hi + s.lo), from_bits<float>((F::Int)(n << 30)));
}
STEEPEST_LANE F float_sin(F x) { return xorsign(float_turn(float_angle(abs(x)), 0), x); }
STEEPEST_LANE F float_cos(F x) { return float_turn(float_angle(x), 1); }
// The quotient of the two, or minus its inverse, in parts as they are.
STEEPEST_LANE F float_tan(F x) {
  const FloatAngle a = float_angle(abs(x));
  const FloatPair s = float_sin_pair(a), c = float_cos_pair(a);
  const F::UInt n = a.n;
  const Mask<float> odd = is_odd(n);
  const F sine = s.hi + s.lo, sine_rest = (s.hi - sine) + s.lo, cosine = c.hi + c.lo, cosine_rest = (c.hi - cosine) + c.lo;
  const F top = where(odd, cosine, sine), under = where(odd, sine, cosine), r = near_reciprocal(under), q = top * r;
  const F left = mul_add(-q, under, top) + mul_add(-q, where(odd, sine_rest, cosine_rest), where(odd, cosine_rest, sine_rest));
  return xorsign(xorsign(mul_add(left, r, q), from_bits<float>((F::Int)(n << 31))), x);
}

#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE F log_float(F x) { return log_of_number(x); }
STEEPEST_LANE F log1p_float(F x) { return log1p_of(x); }
STEEPEST_LANE F log_float(F x, const FloatBase& base) {
  return mend_log(log_in(x, base), x);
}
#else
// x = 2^k (1 + f), for positive x, -1/3 <= f < 1/2.
struct FloatLog {
  F k, f;
};
STEEPEST_LANE FloatLog float_log(F x) {
  constexpr int32_t kTwoThirds = 0x3f2aaaab;
  const Mask<float> tiny = x < 0x1p-126f;
  const F::Int u = bits(where(tiny, x * 0x1p24f, x)) - kTwoThirds;
  const F k(__builtin_convertvector(u >> 23, F::Vec));
  return {where(tiny, k - 24, k), from_bits<float>((u & 0x7fffff) + kTwoThirds) - 1};
}
// f - f^2 / 2, and what that lacks of its own value
struct FloatLogHead {
  F hi, lost;
};
STEEPEST_LANE FloatLogHead float_log_head(F f) {
  const F half = -0.5f * f, a = mul_add(half, f, f);
  return {a, mul_add(half, f, f - a)};
}
// k log(2) + log(1 + f) + rest
STEEPEST_LANE F float_log_sum(FloatLog l, F rest) {
  const FloatLogHead a = float_log_head(l.f);
  const F s = mul_add(l.k, kFloatLn2, a.hi), low = mul_add(l.k, kFloatLn2, -s) + a.hi;
  const F cube = l.f * l.f * l.f, tail = mul_add(cube, polynomial(l.f, kFloatLog), mul_add(l.k, kFloatLn2Rest, rest));
  return s + ((low + a.lost) + tail);
}
STEEPEST_LANE F float_log_edges(F x, F y) {
  return where(x < 0, __builtin_nanf(""), where(x == 0, -__builtin_inff(), where(x < __builtin_inff(), y, x)));
}
STEEPEST_LANE F log_float(F x) { return float_log_edges(x, float_log_sum(float_log(x), 0)); }
STEEPEST_LANE F log_float(F x, const FloatBase& base) {
  const FloatLog l = float_log(x);
  const FloatLogHead a = float_log_head(l.f);
  const F lo = mul_add(l.f * l.f * l.f, polynomial(l.f, kFloatLog), a.lost), p = a.hi * base.scale;
  const F rest = mul_add(a.hi, base.scale, -p) + mul_add(a.hi, base.scale_rest, lo * base.scale), head = l.k * base.two, s = head + p;
  return float_log_edges(x, s + (((head - s) + p) + mul_add(l.k, base.two_rest, rest)));
}
// What 1 + x loses is put back; near 0 nothing need be added to x.
STEEPEST_LANE F log1p_float(F x) {
  const F u = 1 + x, t = u - 1, lost = (1 - (u - t)) + (x - t);
  const FloatLog l = float_log(u);
  const Mask<float> near = abs(x) < 0.25;
  const F y = float_log_sum({l.k, where(near, x, l.f)}, where(near, 0, lost * near_reciprocal(u)));
  const F inside = where((x < __builtin_inff()) & (x != 0), y, x);
  return where(x == -1, -__builtin_inff(), where(x < -1, __builtin_nanf(""), inside));
}
#endif

// As STEEPEST_LANE_FUNCTION, of name_double, name_single and name_float.
#define STEEPEST_LANE_FUNCTION_FLOAT(name)                                                       \
  STEEPEST_LANE Simd<double> name(Simd<double> x) { return name##_double(x); }                   \
  STEEPEST_LANE Simd<float> name(Simd<float> x) {                                                \
    if constexpr (kHasFma) return name##_float(x);                                               \
    const Halves h = to_double(x);                                                               \
    return to_float(name##_single(h.lo), name##_single(h.hi));                                   \
  }                                                                                              \
  STEEPEST_LANE double name(double x) { return name##_double(x)[0]; }                            \
  STEEPEST_LANE float name(float x) { return name(F(x))[0]; }

}  // namespace STEEPEST_ISA
}  // namespace st::lane
