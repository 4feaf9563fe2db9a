// asin, acos, atan and atan2.
#pragma once

#include "lane_trig.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Interpolants in z = t^2: atan(t) / t and (atan(t) / t - 1) / z on |t| <= tan(pi / 8);
// asin(t) / t and (asin(t) / t - 1) / z on |t| <= 1/2.
inline constexpr double kAtanShort[] = {
    0x1.fffffffffff0fp-1, -0x1.55555554e60f4p-2, 0x1.99999911d54ffp-3, -0x1.2492291d40614p-3,
    0x1.c714d4ad13b85p-4, -0x1.73d9d60172a67p-4, 0x1.35cf259873279p-4, -0x1.e13d0e90b29a6p-5,
    0x1.f65ece0773984p-6};
inline constexpr double kAtanTail[] = {
    -0x1.5555555555555p-2, 0x1.9999999999953p-3, -0x1.249249248d7ecp-3, 0x1.c71c71c304a0ap-4,
    -0x1.745d165defb8dp-4, 0x1.3b1392d96c957p-4, -0x1.110e8801da3d8p-4, 0x1.e19a12f3a3a6bp-5,
    -0x1.ac7a8dd693ad1p-5, 0x1.74ddba0118e5fp-5, -0x1.1b337632305b5p-5, 0x1.0ad2d5e4f477dp-6};
inline constexpr double kAsinShort[] = {
    0x1.ffffffffffe37p-1, 0x1.55555556ba261p-3, 0x1.333331c54a5c9p-4, 0x1.6db76c4073936p-5,
    0x1.f1aa2e3259ba2p-6, 0x1.703109f1e31b1p-6, 0x1.0de3abdd2358ep-6, 0x1.315f91ce454b4p-6,
    -0x1.76633841944a1p-9, 0x1.05af6a78bec66p-5};
inline constexpr double kAsinTail[] = {
    0x1.5555555555556p-3, 0x1.3333333332ecap-4, 0x1.6db6db6e31f13p-5, 0x1.f1c71c1db0623p-6,
    0x1.6e8bb1c8209a2p-6, 0x1.1c4d35cf95421p-6, 0x1.c9cf07674736ap-7, 0x1.782651caa6547p-7,
    0x1.52420b04b37bep-7, 0x1.65a9c4dfcf8b2p-8, 0x1.1d189408314eep-6, -0x1.e6aaa8a0a04ccp-7,
    0x1.d72b2bc8155f8p-6};

inline constexpr double kTanEighthPi = 0x1.a827999fcef32p-2;

// The angle of the point (x, y), x and y >= 0 and finite, is quarters * pi / 4 + turn * atan(numerator / denominator), the quotient
// at most tan(pi / 8) in size: atan(s / l) = pi / 4 - atan((l - s) / (l + s)), and pi / 2 minus that where y > x.
struct Octant {
  Pair numerator, denominator;
  D quarters, turn;
};
STEEPEST_LANE Octant octant(D y, D x) {
  const Mask<double> steep = y > x;
  const D small = where(steep, x, y), large = where(steep, y, x);
  const Mask<double> middle = small > kTanEighthPi * large;
  const Pair up = fast_two_sum(large, small), down = fast_two_sum(large, -small);
  const D c = where(middle, 1, 0);
  return {{where(middle, -down.hi, small), where(middle, -down.lo, 0)},
          {where(middle, up.hi, large), where(middle, up.lo, 0)},
          where(steep, 2 - c, c),
          where(steep, D(-1), 1)};
}
STEEPEST_LANE D arc_double(Octant o) {
  const Pair t = divide(o.numerator, o.denominator);
  const D z = t.hi * t.hi, tail = mul_add(t.hi * z, polynomial(z, kAtanTail), t.lo);
  const Pair base = two_product(o.quarters, 0.5 * kHalfPi[0]), s = fast_two_sum(base.hi, o.turn * t.hi);
  return s.hi + (s.lo + mul_add(o.quarters, 0.5 * kHalfPi[1], mul_add(o.turn, tail, base.lo)));
}
STEEPEST_LANE D arc_single(Octant o) {
  const D t = near_quotient(o.numerator.hi, o.denominator.hi);
  return mul_add(o.quarters, 0.5 * kHalfPi[0], o.turn * t * polynomial(t * t, kAtanShort));
}

STEEPEST_LANE D atan_double(D x) { return copysign(arc_double(octant(least(0x1p800, abs(x)), 1)), x); }
STEEPEST_LANE D atan_single(D x) { return copysign(arc_single(octant(least(0x1p800, abs(x)), 1)), x); }
#if defined(STEEPEST_LANE_AVX512)
// In z = t^2 on t <= 1: (atan(t) / t - 1) / z.
inline constexpr float kFloatAtan[] = {-0x1.55554p-2f, 0x1.99922p-3f, -0x1.2422fcp-3f, 0x1.c0a626p-4f, -0x1.58558p-4f,
                                       0x1.db33cep-5f, -0x1.ff999p-6f, 0x1.6673c6p-7f, -0x1.d7911ep-10f};
// Of a quotient up to 1, taken as a sum.
STEEPEST_LANE F arc_float(F small, F large) {
  const F r = near_reciprocal(large), q = small * r, rest = mul_add(-q, large, small) * r, z = q * q;
  return q + mul_add(q * z, polynomial(z, kFloatAtan), rest);
}
STEEPEST_LANE F atan_float(F x) {
  const F a = least(0x1p60f, abs(x));
  const Mask<float> steep = a > 1;
  const F t = arc_float(where(steep, 1, a), where(steep, a, 1));
  return copysign(where(steep, 0x1.921fb6p+0f - (t + 0x1.777a5cp-25f), t), x);
}
STEEPEST_LANE_FUNCTION_FLOAT(atan)
#else
STEEPEST_LANE_FUNCTION(atan)
#endif

// The octant of any point: scaled into the range where quotients neither overflow nor lose digits, infinite legs made finite.
STEEPEST_LANE Octant octant_of(D y, D x) {
  D v = abs(y), u = abs(x);
  const D inf = __builtin_inf(), longer = where(v > u, v, u);
  const D factor = where(longer > 0x1p900, 0x1p-200, where(longer < 0x1p-900, D(0x1p200), 1));
  const Mask<double> far = longer == inf;
  v = where(far, where(v == inf, D(1), 0), v * factor);
  u = where(far, where(u == inf, D(1), 0), u * factor);
  u = where(longer == 0, 1, u);
  Octant o = octant(v, u);
  const Mask<double> left = signbit(x);
  o.quarters = where(left, 4 - o.quarters, o.quarters);
  o.turn = where(left, -o.turn, o.turn);
  return o;
}
STEEPEST_LANE D atan2_double(D y, D x) {
  D angle = arc_double(octant_of(y, x));
  const Mask<double> flat = abs(y) * 0x1p700 < x;  // the angle is the quotient, whose last digits may be subnormal
  if (any(flat)) angle = where(flat, abs(y) / x, angle);
  return where(isnan(x) | isnan(y), x + y, copysign(angle, y));
}
STEEPEST_LANE D atan2_single(D y, D x) { return where(isnan(x) | isnan(y), x + y, copysign(arc_single(octant_of(y, x)), y)); }
#if defined(STEEPEST_LANE_AVX512)
// Points with a leg that is 0, infinite or NaN, or so long or short that the quotient's steps leave the range of floats, go through doubles.
STEEPEST_LANE F atan2_float(F y, F x) {
  const F v = abs(y), u = abs(x);
  const Mask<float> steep = v > u, left = signbit(x);
  const F small = least(v, u), t = arc_float(small, largest(v, u));
  const F base = where(steep, 0x1.921fb6p+0f, where(left, F(0x1.921fb6p+1f), 0));
  const F base_rest = where(steep, -0x1.777a5cp-25f, where(left, F(-0x1.777a5cp-24f), 0));
  const F angle = base + (where(steep ^ left, -t, t) + base_rest);
  const Mask<float> plain = (small > 0x1p-60f) & (v < 0x1p60f) & (u < 0x1p60f);
  if (__builtin_expect(all(plain), 1)) return copysign(angle, y);
  const Halves a = to_double(y), b = to_double(x);
  return where(plain, copysign(angle, y), to_float(atan2_single(a.lo, b.lo), atan2_single(a.hi, b.hi)));
}
template <Lane A, Lane B>
STEEPEST_LANE common<A, B> atan2(A a, B b) {
  using T = common<A, B>;
  if constexpr (__is_same(T, F)) return atan2_float(T(a), T(b));
  else if constexpr (__is_same(T, float)) return atan2_float(F(T(a)), F(T(b)))[0];
  else if constexpr (kIsSimd<T>) return atan2_double(T(a), T(b));
  else return atan2_double(D(T(a)), D(T(b)))[0];
}
#else
STEEPEST_LANE_FUNCTION2(atan2)
#endif

// asin(|x|) = v or, beyond 1/2, pi / 2 - v with v = 2 asin(sqrt((1 - |x|) / 2)).
struct ArcSine {
  Mask<double> far;
  Pair v;
};
STEEPEST_LANE ArcSine arc_sine(D a) {
  const Mask<double> far = a > 0.5;
  const D rest = mul_add(a, -0.5, 0.5), z = where(far, rest, a * a);
  const Pair root = sqrt_pair({rest, 0});
  const D t = where(far, root.hi, a), factor = where(far, D(2), 1);
  const D tail = mul_add(t * z, polynomial(z, kAsinTail), where(far, root.lo, 0));
  return {far, {factor * t, factor * tail}};
}
// base - v for base a multiple of pi / 2
STEEPEST_LANE D complement(D halves, Pair v) {
  const Pair s = fast_two_sum(halves * kHalfPi[0], -v.hi);
  return s.hi + (s.lo + mul_add(halves, kHalfPi[1], -v.lo));
}
STEEPEST_LANE D asin_double(D x) {
  const ArcSine s = arc_sine(abs(x));
  return copysign(where(s.far, complement(1, s.v), s.v.hi + s.v.lo), x);
}
STEEPEST_LANE D acos_double(D x) {
  const ArcSine s = arc_sine(abs(x));
  const Mask<double> left = x < 0;
  // acos(|x|) = pi / 2 - v, or v beyond 1/2; acos(-x) = pi - acos(x)
  const D halves = where(s.far, where(left, D(2), 0), 1), turn = where(s.far ^ left, D(-1), 1);
  return complement(halves, {turn * s.v.hi, turn * s.v.lo});
}
STEEPEST_LANE D asin_brief(D a) {
  const Mask<double> far = a > 0.5;
  const D z = where(far, mul_add(a, -0.5, 0.5), a * a), t = where(far, -2 * sqrt(z), a);
  return mul_add(t, polynomial(z, kAsinShort), where(far, kHalfPi[0], D(0)));
}
STEEPEST_LANE D asin_single(D x) { return copysign(asin_brief(abs(x)), x); }
STEEPEST_LANE D acos_single(D x) {
  const D a = abs(x);
  const Mask<double> far = a > 0.5, left = x < 0;
  const D z = where(far, mul_add(a, -0.5, 0.5), a * a), t = where(far, 2 * sqrt(z), -a);
  const D base = where(far, where(left, D(2), 0), 1), v = t * polynomial(z, kAsinShort);
  return mul_add(base, kHalfPi[0], where(left, -v, v));
}

// In z = t^2 on |t| <= 1/2: (asin(t) / t - 1) / z; pi / 2 in two parts.
inline constexpr float kFloatAsin[] = {0x1.555556p-3f, 0x1.33331ep-4f, 0x1.6dc0fp-5f,  0x1.efedf8p-6f,
                                       0x1.82db24p-6f, 0x1.5a80ap-7f,  0x1.fb7ca4p-6f};
inline constexpr float kFloatRightAngle = 0x1.921fb6p+0f, kFloatRightAngleRest = -0x1.777a5cp-25f;
// asin(|x|) = t + tail or, beyond 1/2, pi / 2 - 2 (t + tail).
struct FloatArcSine {
  Mask<float> far;
  F t, tail;
};
STEEPEST_LANE FloatArcSine arc_sine_float(F a) {
  const Mask<float> far = a > 0.5f;
  const F z = where(far, mul_add(a, -0.5f, 0.5f), a * a);
#if defined(STEEPEST_LANE_AVX512)
  const F r((F::Vec)_mm512_maskz_rsqrt14_ps(static_cast<__mmask16>((z != 0).m), (__m512)z.v)), e = mul_add(-z * r, r, 1);
  const F half = 0.5f * r, root = mul_add(z * half, e, z * r), lost = mul_add(-root, root, z) * half;  // of the root by rounding
#else
  const F root = sqrt(z), lost = mul_add(-root, root, z) * (0.5f * near_reciprocal(largest(0x1p-60f, root)));
#endif
  const F t = where(far, root, a);
  return {far, t, mul_add(t * z, polynomial(z, kFloatAsin), where(far, lost, 0))};
}
// base - (v + tail), base 0 or a multiple of pi / 2 that is larger than v
STEEPEST_LANE F complement(F halves, F v, F tail) {
  const F base = halves * kFloatRightAngle, s = base - v;
  return s + (((base - s) - v) + mul_add(halves, kFloatRightAngleRest, -tail));
}
STEEPEST_LANE F asin_float(F x) {
  const FloatArcSine s = arc_sine_float(abs(x));
  return copysign(where(s.far, complement(1, 2 * s.t, 2 * s.tail), s.t + s.tail), x);
}
STEEPEST_LANE F acos_float(F x) {
  const FloatArcSine s = arc_sine_float(abs(x));
  const Mask<float> left = x < 0;
  const F halves = where(s.far, where(left, F(2), 0), 1), turn = where(s.far, where(left, F(2), -2), where(left, F(-1), 1));
  return complement(halves, turn * s.t, turn * s.tail);
}
STEEPEST_LANE_FUNCTION_FLOAT(asin)
STEEPEST_LANE_FUNCTION_FLOAT(acos)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
