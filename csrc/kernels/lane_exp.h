// exp and its kin: exp2, expm1, sigmoid, sinh, cosh, tanh.
#pragma once

#include "lane_float.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

inline constexpr double kLog2E = 0x1.71547652b82fep+0;
inline constexpr double kLn2[] = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
// 32 bits, so that a product with an exponent is exact, and the rest.
inline constexpr double kLn2Short = 0x1.62e42fee00000p-1, kLn2Rest = 0x1.a39ef35793c76p-33;

// Interpolants on |r| <= ln(2) / 2 of (e^r - 1) / r and of (e^r - 1 - r - r^2 / 2) / r^3.
inline constexpr double kExpm1Short[] = {
    0x1.fffffffff61f7p-1, 0x1.fffffffffe068p-2, 0x1.5555557e72511p-3, 0x1.55555565c5d19p-5,
    0x1.1110a62027ad5p-7, 0x1.6c166be5bb8e9p-10, 0x1.a17df64c523d6p-13, 0x1.a136b31ea54a3p-16};
inline constexpr double kExpTail[] = {
    0x1.5555555555556p-3, 0x1.5555555555555p-5, 0x1.11111111109b4p-7, 0x1.6c16c16c167e2p-10,
    0x1.a01a01a7c327ap-13, 0x1.a01a01a47a78fp-16, 0x1.71de0db21e27fp-19, 0x1.27e4e1f6a6779p-22,
    0x1.af38a0d2d9620p-26, 0x1.1f66da6ee7eeap-29};

// x = n ln(2) + r.hi + r.lo
struct ExpArgument {
  Rounded n;
  Pair r;
};
STEEPEST_LANE ExpArgument exp_argument(D x) {
  const Rounded n = round_product(x, kLog2E);
  const D head = mul_add(n.value, -kLn2Short, x), rest = n.value * kLn2Rest, r = head - rest;
  return {n, {r, (head - r) - rest}};
}
// e^(r.hi + r.lo) - 1 - r.hi
STEEPEST_LANE D exp_tail(Pair r) {
  return mul_add(r.hi * r.hi, mul_add(r.hi, polynomial(r.hi, kExpTail), 0.5), mul_add(r.hi, r.lo, r.lo));
}
STEEPEST_LANE D exp_reduced(Pair r) {
  const Pair s = fast_two_sum(1, r.hi);
  return s.hi + (s.lo + exp_tail(r));
}
STEEPEST_LANE Pair exp_pair(Pair r) {
  const Pair s = fast_two_sum(1, r.hi);
  return fast_two_sum(s.hi, s.lo + exp_tail(r));
}

// e^x = power (1 + rest), right to 2^-37, for floats; the argument is n steps and r, a step being log(2) or, where a register holds
// a table of the powers between 1 and 2, log(2) / 8.
struct BriefExp {
  D power, rest;
};
#if defined(STEEPEST_LANE_AVX512)
inline constexpr double kSteps = 8;
// (e^r - 1) / r on |r| <= log(2) / 16; and 2^(j / 8), j taken off its exponent field in eighths, as adding n puts it back.
inline constexpr double kExpm1Eighth[] = {
    0x1.0000000000000p+0, 0x1.ffffffe5b9780p-2, 0x1.5555554dd37c3p-3, 0x1.555c2b0494cb8p-5,
    0x1.1114f8e104197p-7};
inline constexpr double kEighths[] = {
    0x1.0000000000000p+0, 0x1.f72b83c7d517bp-1, 0x1.f06fe0a31b715p-1, 0x1.ebfdad5362a27p-1,
    0x1.ea09e667f3bcdp-1, 0x1.eace5422aa0dbp-1, 0x1.ee89f995ad3adp-1, 0x1.f5818dcfba487p-1};
STEEPEST_LANE BriefExp brief_exp(D::Int n, D r) {
  const D entry((D::Vec)_mm512_maskz_permutexvar_pd(-1, (__m512i)n, _mm512_loadu_pd(kEighths)));
  const D power = from_bits<double>((D::Int)((D::UInt)bits(entry) + ((D::UInt)n << 49)));
  return {power, r * polynomial(r, kExpm1Eighth)};
}
#else
inline constexpr double kSteps = 1;
STEEPEST_LANE BriefExp brief_exp(D::Int n, D r) { return {scale_normal(1, n), r * polynomial(r, kExpm1Short)}; }
#endif
STEEPEST_LANE BriefExp brief_exp(D x) {
  const Rounded n = round_product(x, kLog2E * kSteps);
  return brief_exp(n.low, mul_add(n.value, -kLn2[0] / kSteps, x));
}
// For |x| <= 200.
STEEPEST_LANE D exp_brief(D x) {
  const BriefExp e = brief_exp(x);
  return mul_add(e.power, e.rest, e.power);
}
STEEPEST_LANE D expm1_brief(D x) {
  const BriefExp e = brief_exp(x);
  return mul_add(e.power, e.rest, e.power - 1);
}

STEEPEST_LANE D exp_double(D x) {
  const D bounded = largest(-800, least(800, x));
#if defined(STEEPEST_LANE_AVX512)
  return exp_of(bounded);
#else
  const ExpArgument a = exp_argument(bounded);
  return scale(exp_reduced(a.r), a.n.value);
#endif
}
STEEPEST_LANE D exp_single(D x) { return exp_brief(largest(-200, least(200, x))); }
STEEPEST_LANE_FUNCTION_FLOAT(exp)

STEEPEST_LANE D exp2_double(D x) {
  const D bounded = largest(-1200, least(1200, x));
  const Rounded n = round_product(bounded, 1);
  const D f = bounded - n.value;
  const Pair r = two_product(f, kLn2[0]);
  return scale(exp_reduced({r.hi, mul_add(f, kLn2[1], r.lo)}), n.value);
}
STEEPEST_LANE D exp2_single(D x) {
  const D bounded = largest(-300, least(300, x));
  const Rounded n = round_product(bounded, kSteps);
  const BriefExp e = brief_exp(n.low, mul_add(n.value, -1 / kSteps, bounded) * kLn2[0]);
  return mul_add(e.power, e.rest, e.power);
}
STEEPEST_LANE_FUNCTION_FLOAT(exp2)

// (e^x - 1) / 2, for -60 <= x <= 710.
STEEPEST_LANE Pair half_expm1(D x) {
  const ExpArgument a = exp_argument(x);
  const D s = scale_normal(0.5, a.n.low);
  const D r = a.r.hi;
  const Pair q = two_product(0.5 * r, r), p = fast_two_sum(r, q.hi);
  const D tail = mul_add(r * r, r * polynomial(r, kExpTail), mul_add(r, a.r.lo, a.r.lo) + q.lo);
  const Pair u = two_sum(s, -0.5), h = two_sum(u.hi, s * p.hi);
  return fast_two_sum(h.hi, h.lo + mul_add(s, p.lo + tail, u.lo));
}
STEEPEST_LANE D expm1_double(D x) {
  const Pair e = half_expm1(largest(-60, least(710, x)));
  return where(abs(x) < 0x1p-54, x, 2 * (e.hi + e.lo));
}
STEEPEST_LANE D expm1_single(D x) { return where(x == 0, x, expm1_brief(largest(-200, least(200, x)))); }
STEEPEST_LANE_FUNCTION(expm1)

#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE D sigmoid_double(D x) {
  const PowerOf<double> e = power_of(largest(-800, -abs(x)), 0);
  const D hi = mul_add(e.power, e.rest, e.power), lo = mul_add(e.power, e.rest, e.power - hi);
  return sigmoid_from(x, scale_by(hi, e.n), scale_by(lo, e.n));
}
#else
STEEPEST_LANE D sigmoid_double(D x) {
  const ExpArgument a = exp_argument(largest(-800, -abs(x)));
  const Pair e = exp_pair(a.r), t = {scale(e.hi, a.n.value), scale(e.lo, a.n.value)};
  const Pair d = fast_two_sum(1, t.hi);
  const Mask<double> left = x < 0;
  const Pair q = divide({where(left, t.hi, 1), where(left, t.lo, 0)}, {d.hi, d.lo + t.lo});
  return q.hi + q.lo;
}
#endif
STEEPEST_LANE D sigmoid_single(D x) { return near_reciprocal(1 + exp_brief(largest(-200, least(200, -x)))); }
STEEPEST_LANE_FUNCTION_FLOAT(sigmoid)

// By -expm1(-2 |x|) / (2 + expm1(-2 |x|)), which neither cancels nor overflows.
#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE D tanh_double(D x) { return tanh_pieces(x); }
#else
STEEPEST_LANE D tanh_double(D x) {
  const Pair e = half_expm1(largest(-60, -2 * abs(x)));
  const Pair d = fast_two_sum(1, e.hi), q = divide({-e.hi, -e.lo}, {d.hi, d.lo + e.lo});
  return where(abs(x) < 0x1p-28, x, copysign(q.hi + q.lo, x));
}
#endif
STEEPEST_LANE D tanh_single(D x) {
  const D e = expm1_brief(largest(-60, -2 * abs(x)));
  return copysign(near_quotient(e, 2 + e), x);
}
STEEPEST_LANE_FUNCTION_FLOAT(tanh)

// Interpolants of sinh(x) / x and of (sinh(x) - x) / x^3 in x^2, on |x| <= 1.
inline constexpr double kSinhShort[] = {
    0x1.ffffffffffd34p-1, 0x1.5555555587b48p-3, 0x1.111110ec59911p-7, 0x1.a01a28c329346p-13,
    0x1.71cb623ab9f8ap-19, 0x1.b6be36e12230dp-26};
inline constexpr double kSinhTail[] = {
    0x1.5555555555555p-3, 0x1.11111111110fdp-7, 0x1.a01a01a01ee70p-13, 0x1.71de3a4e14f40p-19,
    0x1.ae6460fae3728p-26, 0x1.611cb330c1fe8p-33, 0x1.b41232cf9950fp-41};

// e^|x| / 2
STEEPEST_LANE Pair half_exp(D x) {
  const ExpArgument a = exp_argument(least(720, abs(x)));
  const Pair e = exp_pair(a.r);
  const D n = a.n.value - 1;
  return {scale(e.hi, n), scale(e.lo, n)};
}
STEEPEST_LANE D sinh_double(D x) {
  const Pair h = half_exp(x);
  const D z = x * x, wide = h.hi + (h.lo - quotient(0.25, least(0x1p900, h.hi)));
  return where(abs(x) < 1, mul_add(x * z, polynomial(z, kSinhTail), x), copysign(wide, x));
}
STEEPEST_LANE D sinh_single(D x) {
  const D h = 0.5 * exp_brief(least(200, abs(x))), z = x * x;
  return where(abs(x) < 1, x * polynomial(z, kSinhShort), copysign(h - near_quotient(0.25, h), x));
}
STEEPEST_LANE_FUNCTION(sinh)

STEEPEST_LANE D cosh_double(D x) {
  const Pair h = half_exp(x);
  return h.hi + (h.lo + quotient(0.25, least(0x1p900, h.hi)));
}
STEEPEST_LANE D cosh_single(D x) {
  const D h = 0.5 * exp_brief(least(200, abs(x)));
  return h + near_quotient(0.25, h);
}
STEEPEST_LANE_FUNCTION(cosh)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
