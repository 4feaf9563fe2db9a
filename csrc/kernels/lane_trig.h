// sin, cos and tan.
#pragma once

#include "lane_float.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

inline constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
inline constexpr double kHalfPi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
// pi / 2 in pieces of 29 bits, whose products with integers below 2^24 are exact.
inline constexpr double kHalfPi29[] = {
    0x1.921fb54000000p+0, 0x1.10b4611000000p-30, 0x1.4c4c6628b80dcp-59};

// pi / 2 as a double, 33 bits of what that lacks, and the rest.
inline constexpr double kHalfPi33[] = {0x1.921fb54442d18p+0, 0x1.1a626331p-54, 0x1.1701b839a252p-88};

// Interpolants in z = r^2: sin(r) / r and cos(r) on |r| <= pi / 4 and sin(r) / r on |r| <= pi / 2 for floats;
// (sin(r) / r - 1) / z and (cos(r) - 1 + z / 2) / z^2 on |r| <= pi / 4 for doubles.
inline constexpr double kSinQuarter[] = {
    0x1.fffffffffffd9p-1, -0x1.5555555550eecp-3, 0x1.1111110bdd4e2p-7, -0x1.a019f8a0a7197p-13,
    0x1.71d730c3cba43p-19, -0x1.a9503d06ac8b5p-26};
inline constexpr double kCosQuarter[] = {
    0x1.ffffffffffe0bp-1, -0x1.ffffffffe36efp-2, 0x1.5555554472cfap-5, -0x1.6c16b2d1a9e50p-10,
    0x1.a00e955bbe076p-16, -0x1.23c58ba448ef7p-22};
inline constexpr double kSinShort[] = {
    0x1.ffffffffffe3ap-1, -0x1.5555555543b87p-3, 0x1.11111109ed2f3p-7, -0x1.a019fd480c31ap-13,
    0x1.71dcf7ee7558fp-19, -0x1.ae043ee903382p-26, 0x1.52e4bd2c5acacp-33};
inline constexpr double kSinTail[] = {
    -0x1.5555555555555p-3, 0x1.1111111110bb1p-7, -0x1.a01a019e8357dp-13, 0x1.71de37961e4c6p-19,
    -0x1.ae600a926c89ap-26, 0x1.5e0af186af739p-33};
inline constexpr double kCosTail[] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16966p-10, 0x1.a01a019f4e867p-16, -0x1.27e4fa17a41b4p-22,
    0x1.1eeb68b109173p-29, -0x1.907d7aebd5e3dp-37};

// Beyond these sizes an argument is reduced with more of pi's digits than fit here; such lanes go to libm one by one.
inline constexpr double kSmallAngle = 0x1p28, kSmallAngleSingle = 0x1p22;

STEEPEST_LANE Mask<double> is_odd(D::Int i) {
#if defined(STEEPEST_LANE_AVX512)
  return {_mm512_test_epi64_mask((__m512i)i, _mm512_set1_epi64(1))};
#else
  return signbit(from_bits<double>((D::Int)((D::UInt)i << 63)));
#endif
}
STEEPEST_LANE D flip_by_bit(D x, D::Int i, int bit) { return xorsign(x, from_bits<double>((D::Int)((D::UInt)i << (63 - bit)))); }

// x = n pi / 2 + r.hi + r.lo, |r| <= pi / 4. With fma the first difference is exact: both sides are multiples of the last bit of pi / 2.
struct Angle {
  Rounded n;
  Pair r;
};
STEEPEST_LANE Angle reduce_angle(D x) {
  const Rounded n = round_product(x, kTwoOverPi);
  Pair first;
  if constexpr (kHasFma) {
    first = {mul_add(-n.value, kHalfPi[0], x), 0};
  } else {
    const Pair p = two_product(n.value, kHalfPi[0]);
    first = two_sum(x - p.hi, -p.lo);
  }
  const Pair second = two_product(n.value, kHalfPi[1]), d = two_sum(first.hi, -second.hi);
  return {n, fast_two_sum(d.hi, d.lo + (first.lo - mul_add(n.value, kHalfPi[2], second.lo)))};
}
// For |x| <= kNearAngle, with fma. The second part of pi / 2 has so few bits that its products with n are exact, and what r.hi loses is
// found whole.
inline constexpr double kNearAngle = 0x1p20;
STEEPEST_LANE Angle reduce_near_angle(D x) {
  const Rounded n = round_product(x, kTwoOverPi);
  const D a = mul_add(n.value, -kHalfPi33[0], x), r = mul_add(n.value, -kHalfPi33[1], a), lost = mul_add(n.value, -kHalfPi33[1], a - r);
  return {n, {r, mul_add(n.value, -kHalfPi33[2], lost)}};
}
STEEPEST_LANE Pair sin_reduced(Pair r) {
  const D z = r.hi * r.hi;
  return {r.hi, mul_add(r.hi * z, polynomial(z, kSinTail), r.lo)};
}
STEEPEST_LANE Pair cos_reduced(Pair r) {
  if constexpr (kHasFma) {
    const D z = r.hi * r.hi, half = -0.5 * r.hi, c = mul_add(half, r.hi, 1), lost = mul_add(half, r.hi, 1 - c);
    return {c, mul_add(z * z, polynomial(z, kCosTail), mul_add(-r.hi, r.lo, lost))};
  }
  const Pair q = two_product(0.5 * r.hi, r.hi), c = fast_two_sum(1, -q.hi);
  const D z = r.hi * r.hi;
  return {c.hi, c.lo - q.lo + mul_add(z * z, polynomial(z, kCosTail), -r.hi * r.lo)};
}
template <class F>
STEEPEST_LANE D patch_large(D x, D y, double limit, F libm) {
  const Mask<double> small = abs(x) <= limit;
  if (__builtin_expect(all(small), 1)) return y;
  return where(small, y, each_lane(libm, where(small, 0, x)));
}

// Floats beyond the reach of the bodies for them go through doubles.
template <class G>
STEEPEST_LANE F patch_wide(F x, F y, G wide) {
  const Mask<float> small = abs(x) <= kFloatAngles;
  if (__builtin_expect(all(small), 1)) return y;
  const Halves h = to_double(x);
  return where(small, y, to_float(wide(h.lo), wide(h.hi)));
}

// sin of the angle and so many quarters of a turn.
STEEPEST_LANE D turn(Angle a, int64_t quarters) {
  const Pair s = sin_reduced(a.r), c = cos_reduced(a.r);
  const D::Int n = a.n.low + quarters;
  return flip_by_bit(where(is_odd(n), c.hi + c.lo, s.hi + s.lo), n, 1);
}
// f, but `any_size`, which takes longer, where a lane does not lie near. (A lane's result is the same whatever its neighbours are.)
template <class F, class G>
STEEPEST_LANE D near_or(D x, F f, G any_size) {
  if constexpr (!kHasFma) return any_size(x);
  const Mask<double> near = abs(x) <= kNearAngle;
  const D y = f(x);
  return __builtin_expect(all(near), 1) ? y : where(near, y, any_size(x));
}
STEEPEST_LANE D sin_double(D x) {
  return near_or(x, [](D v) { return xorsign(turn(reduce_near_angle(abs(v)), 0), v); }, [](D v) {
    return patch_large(v, xorsign(turn(reduce_angle(abs(v)), 0), v), kSmallAngle, [](double w) { return __builtin_sin(w); });
  });
}
STEEPEST_LANE D sin_single(D x) {
  const Rounded n = round_product(x, 0.5 * kTwoOverPi);
  const D m = 2 * n.value;
  const D r = mul_add(m, -kHalfPi29[2], mul_add(m, -kHalfPi29[1], mul_add(m, -kHalfPi29[0], x)));
  const D y = flip_by_bit(r * polynomial(r * r, kSinShort), n.low, 0);
  return patch_large(x, y, kSmallAngleSingle, [](double v) { return __builtin_sin(v); });
}
STEEPEST_LANE F sin_float(F x) { return patch_wide(x, float_sin(x), [](D v) { return sin_single(v); }); }
STEEPEST_LANE_FUNCTION_FLOAT(sin)

STEEPEST_LANE D cos_double(D x) {
  return near_or(x, [](D v) { return turn(reduce_near_angle(v), 1); }, [](D v) {
    return patch_large(v, turn(reduce_angle(v), 1), kSmallAngle, [](double w) { return __builtin_cos(w); });
  });
}
// cos(x) = -(-1)^n sin(x - (2 n + 1) pi / 2)
STEEPEST_LANE D cos_single(D x) {
  const D t = mul_add(x, 0.5 * kTwoOverPi, -0.5) + kShift, m = 2 * (t - kShift) + 1;
  const D r = mul_add(m, -kHalfPi29[2], mul_add(m, -kHalfPi29[1], mul_add(m, -kHalfPi29[0], x)));
  const D y = flip_by_bit(-r * polynomial(r * r, kSinShort), bits(t), 0);
  return patch_large(x, y, kSmallAngleSingle, [](double v) { return __builtin_cos(v); });
}
STEEPEST_LANE F cos_float(F x) { return patch_wide(x, float_cos(x), [](D v) { return cos_single(v); }); }
STEEPEST_LANE_FUNCTION_FLOAT(cos)

STEEPEST_LANE D tan_of(Angle a) {
  const Pair s = sin_reduced(a.r), c = cos_reduced(a.r);
  const Pair sn = fast_two_sum(s.hi, s.lo), cn = fast_two_sum(c.hi, c.lo);
  const Mask<double> odd = is_odd(a.n.low);
  const Pair q = divide({where(odd, cn.hi, sn.hi), where(odd, cn.lo, sn.lo)}, {where(odd, sn.hi, cn.hi), where(odd, sn.lo, cn.lo)});
  return flip_by_bit(q.hi + q.lo, a.n.low, 0);
}
STEEPEST_LANE D tan_double(D x) {
  return near_or(x, [](D v) { return where(v == 0, v, tan_of(reduce_near_angle(v))); }, [](D v) {
    return patch_large(v, where(v == 0, v, tan_of(reduce_angle(v))), kSmallAngle, [](double w) { return __builtin_tan(w); });
  });
}
STEEPEST_LANE D tan_single(D x) {
  const Rounded n = round_product(x, kTwoOverPi);
  const D m = n.value;
  const D r = mul_add(m, -kHalfPi29[2], mul_add(m, -kHalfPi29[1], mul_add(m, -kHalfPi29[0], x))), z = r * r;
  const D s = r * polynomial(z, kSinQuarter), c = polynomial(z, kCosQuarter);
  const Mask<double> odd = is_odd(n.low);
  const D y = flip_by_bit(near_quotient(where(odd, c, s), where(odd, s, c)), n.low, 0);
  return patch_large(x, y, kSmallAngleSingle, [](double v) { return __builtin_tan(v); });
}
STEEPEST_LANE F tan_float(F x) { return patch_wide(x, float_tan(x), [](D v) { return tan_single(v); }); }
STEEPEST_LANE_FUNCTION_FLOAT(tan)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
