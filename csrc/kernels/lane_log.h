// log and its kin: log2, log10, log1p, asinh, acosh, atanh.
#pragma once

#include "lane_exp.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

inline constexpr double kInverseLn2[] = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
inline constexpr double kInverseLn10[] = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
inline constexpr double kLog10Of2Short = 0x1.3441350800000p-2, kLog10Of2Rest = 0x1.f79fef311f12bp-34;

// Interpolants in z = s^2, s = f / (2 + f), sqrt(1/2) <= 1 + f < 3/2, where log(1 + f) = 2 atanh(s):
// 2 atanh(s) / s, and (2 atanh(s) / s - 2) / z.
inline constexpr double kLogShort[] = {
    0x1.ffffffffff9fcp+0, 0x1.5555555a9e4bcp-1, 0x1.99998d9671dc3p-2, 0x1.249743d1d1831p-2,
    0x1.c5410934ee9d1p-3, 0x1.9cc4e8cd85f5dp-3};
inline constexpr double kLogTail[] = {
    0x1.5555555555555p-1, 0x1.9999999999989p-2, 0x1.2492492494f47p-2, 0x1.c71c71c1c54f8p-3,
    0x1.745d19f1fd0b4p-3, 0x1.3b12f148de6e6p-3, 0x1.11309837289f6p-3, 0x1.dbe297aa178e8p-4,
    0x1.fca3ba5547e48p-4};

// x = 2^k (1 + f), for positive x.
struct LogArgument {
  D k, f;
};
#if defined(STEEPEST_LANE_AVX512)
// 3/4 <= 1 + f < 3/2: two instructions take a number apart.
STEEPEST_LANE LogArgument log_argument(D x) {
  const D m((D::Vec)_mm512_maskz_getmant_pd(-1, (__m512d)x.v, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero));
  const D e((D::Vec)_mm512_maskz_getexp_pd(-1, (__m512d)x.v));
  return {where(m < 1, e + 1, e), m - 1};
}
STEEPEST_LANE LogArgument log_argument_wide(D x) { return log_argument(x); }
#else
// sqrt(1/2) <= 1 + f < sqrt(2), for normal x.
STEEPEST_LANE LogArgument log_argument(D x) {
  constexpr uint64_t kRootHalf = 0x3fe6a09e667f3bcd, kMantissa = 0x000fffffffffffff;
  const D::UInt u = (D::UInt)bits(x) - kRootHalf;
  // the exponent, made non-negative and put into the mantissa of 2^52
  const D k = from_bits<double>((D::Int)(((u + (uint64_t{1024} << 52)) >> 52) | 0x4330000000000000u));
  return {k - (0x1p52 + 1024), from_bits<double>((D::Int)((u & kMantissa) + kRootHalf)) - 1};
}
// The same with subnormal x.
STEEPEST_LANE LogArgument log_argument_wide(D x) {
  const Mask<double> tiny = x < 0x1p-1022;
  LogArgument a = log_argument(where(tiny, x * 0x1p54, x));
  a.k = where(tiny, a.k - 54, a.k);
  return a;
}
#endif
// log(1 + f + c (1 + f)) for c below an ulp, right to about 2^-58; lo is not small beside hi.
STEEPEST_LANE Pair log_reduced(D f, D c) {
  const Pair q = two_product(0.5 * f, f);
  const D s = quotient(f, 2 + f), z = s * s;
  const Pair a = fast_two_sum(f, -q.hi);
  return {a.hi, (a.lo - q.lo) + mul_add(s, mul_add(z, polynomial(z, kLogTail), q.hi), c)};
}
STEEPEST_LANE Pair log_sum(D k, Pair l) {
  const Pair s = fast_two_sum(k * kLn2Short, l.hi);
  return {s.hi, s.lo + mul_add(k, kLn2Rest, l.lo)};
}
// log(u.hi + u.lo) for finite normal u > 0.
STEEPEST_LANE Pair log_pair(Pair u) {
#if defined(STEEPEST_LANE_AVX512)
  const LogOf<double> l = log_of(u.hi);
  return fast_two_sum(l.hi, l.lo + near_quotient(u.lo, u.hi));
#else
  const LogArgument a = log_argument(u.hi);
  return log_sum(a.k, log_reduced(a.f, quotient(u.lo, u.hi)));
#endif
}
// What every logarithm is at 0, below 0, at infinity and NaN.
STEEPEST_LANE D log_edges(D x, D y) {
  y = where(x < __builtin_inf(), y, x);
  y = where(x == 0, -__builtin_inf(), y);
  return where(x < 0, __builtin_nan(""), y);
}

STEEPEST_LANE D log_double(D x) {
#if defined(STEEPEST_LANE_AVX512)
  return log_of_number(x);
#else
  const LogArgument a = log_argument_wide(x);
  const Pair l = log_sum(a.k, log_reduced(a.f, 0));
  return log_edges(x, l.hi + l.lo);
#endif
}
// For normal x > 0, right to 2^-43.
STEEPEST_LANE D log_brief(D x) {
  const LogArgument a = log_argument(x);
  const D s = near_quotient(a.f, 2 + a.f);
  return mul_add(a.k, kLn2[0], s * polynomial(s * s, kLogShort));
}
STEEPEST_LANE D log_single(D x) { return log_edges(x, log_brief(x)); }
STEEPEST_LANE_FUNCTION_FLOAT(log)

STEEPEST_LANE D log2_double(D x) {
#if defined(STEEPEST_LANE_AVX512)
  return log_of_number(x, {kInverseLn2[0], kInverseLn2[1]});
#else
  const LogArgument a = log_argument_wide(x);
  const Pair l = multiply(log_reduced(a.f, 0), {kInverseLn2[0], kInverseLn2[1]}), s = fast_two_sum(a.k, l.hi);
  return log_edges(x, s.hi + (s.lo + l.lo));
#endif
}
STEEPEST_LANE D log2_single(D x) {
  const LogArgument a = log_argument(x);
  const D s = near_quotient(a.f, 2 + a.f);
  return log_edges(x, mul_add(s * kInverseLn2[0], polynomial(s * s, kLogShort), a.k));
}
STEEPEST_LANE F log2_float(F x) { return log_float(x, kFloatBase2); }
STEEPEST_LANE_FUNCTION_FLOAT(log2)

STEEPEST_LANE D log10_double(D x) {
#if defined(STEEPEST_LANE_AVX512)
  return log_of_number(x, {kInverseLn10[0], kInverseLn10[1]});
#else
  const LogArgument a = log_argument_wide(x);
  const Pair l = multiply(log_reduced(a.f, 0), {kInverseLn10[0], kInverseLn10[1]}), s = fast_two_sum(a.k * kLog10Of2Short, l.hi);
  return log_edges(x, s.hi + (s.lo + mul_add(a.k, kLog10Of2Rest, l.lo)));
#endif
}
STEEPEST_LANE D log10_single(D x) { return log_edges(x, log_brief(x) * kInverseLn10[0]); }
STEEPEST_LANE F log10_float(F x) { return log_float(x, kFloatBase10); }
STEEPEST_LANE_FUNCTION_FLOAT(log10)

STEEPEST_LANE D log1p_double(D x) {
#if defined(STEEPEST_LANE_AVX512)
  return log1p_of(x);
#else
  const Pair u = two_sum(1, x), l = log_pair(u);
  const D y = where(abs(x) < 0x1p-54, x, l.hi + l.lo);
  return where(x == -1, -__builtin_inf(), where(x < -1, __builtin_nan(""), where(x < __builtin_inf(), y, x)));
#endif
}
STEEPEST_LANE D log1p_single(D x) {
  // 1 + x is exact in double unless x is tiny; what is then lost is put back
  const Pair u = two_sum(1, x);
  const LogArgument a = log_argument(u.hi);
  const D s = near_quotient(a.f, 2 + a.f), y = mul_add(a.k, kLn2[0], mul_add(s, polynomial(s * s, kLogShort), where(x < 1, u.lo, 0)));
  return where(x == -1, -__builtin_inf(), where(x < -1, __builtin_nan(""), where((x < __builtin_inf()) & (x != 0), y, x)));
}
STEEPEST_LANE_FUNCTION_FLOAT(log1p)

// Interpolants of (asinh(x) - x) / x^3 and of (atanh(x) - x) / x^3 in x^2, on |x| <= 1/4.
inline constexpr double kAsinhTail[] = {
    -0x1.5555555555555p-3, 0x1.33333333332aap-4, -0x1.6db6db6d9a488p-5, 0x1.f1c71c4cfd125p-6,
    -0x1.6e8b97057d3ffp-6, 0x1.1c4c9ae3d48b0p-6, -0x1.c92281c89a719p-7, 0x1.72fefa06496fbp-7,
    -0x1.f8f759025db53p-8};
inline constexpr double kAtanhTail[] = {
    0x1.5555555555555p-2, 0x1.9999999999718p-3, 0x1.24924924d5071p-3, 0x1.c71c7171c0842p-4,
    0x1.745d328ed0b79p-4, 0x1.3b0ecee9607e1p-4, 0x1.1193db1f242dep-4, 0x1.d21879d10e3bdp-5,
    0x1.17b47282a6cf1p-4};

// log(x + sqrt(x^2 + sign)), the square taken only where it matters
STEEPEST_LANE D log_of_leg(D x, double sign) {
  const Mask<double> large = x > 0x1p30;
  const Pair q = two_product(where(large, 1, x), where(large, 1, x)), p = two_sum(q.hi, sign);
  const Pair root = sqrt_pair({p.hi, p.lo + q.lo}), sum = two_sum(x, root.hi);
  const Pair u = {where(large, x, sum.hi), where(large, 0, sum.lo + root.lo)};
  const Pair l = log_pair(u), twice = fast_two_sum(l.hi, where(large, kLn2[0], 0));
  return where(x < __builtin_inf(), twice.hi + (twice.lo + l.lo), x);
}
STEEPEST_LANE D asinh_double(D x) {
  const D a = abs(x), z = a * a, small = mul_add(a * z, polynomial(z, kAsinhTail), a);
  return copysign(where(a < 0.25, small, log_of_leg(a, 1)), x);
}
STEEPEST_LANE D asinh_single(D x) {
  const D a = abs(x), z = a * a, small = mul_add(a * z, polynomial(z, kAsinhTail), a);
  const D wide = where(a < __builtin_inf(), log_brief(a + sqrt(mul_add(a, a, 1))), a);
  return copysign(where(a < 0.25, small, wide), x);
}
STEEPEST_LANE_FUNCTION(asinh)

STEEPEST_LANE D acosh_double(D x) { return where(x >= 1, log_of_leg(x, -1), __builtin_nan("")); }
STEEPEST_LANE D acosh_single(D x) {
  // log1p of t + sqrt(t (t + 2)), t = x - 1 exact
  const D t = x - 1, y = t + sqrt(t * (t + 2));
  const LogArgument a = log_argument(1 + y);
  const D f = where(a.k == 0, y, a.f), s = near_quotient(f, 2 + f);
  const D l = mul_add(a.k, kLn2[0], s * polynomial(s * s, kLogShort));
  return where(x >= 1, where(x < __builtin_inf(), l, x), __builtin_nan(""));
}
STEEPEST_LANE_FUNCTION(acosh)

STEEPEST_LANE D atanh_double(D x) {
  const D a = abs(x), z = a * a, small = mul_add(a * z, polynomial(z, kAtanhTail), a);
  const Pair u = divide(two_sum(1, a), fast_two_sum(1, -a)), l = log_pair(u);
  const D wide = where(a < 1, 0.5 * l.hi + 0.5 * l.lo, where(a == 1, __builtin_inf(), __builtin_nan("")));
  return copysign(where(a < 0.25, small, wide), x);
}
STEEPEST_LANE D atanh_single(D x) {
  const D a = abs(x), z = a * a, small = mul_add(a * z, polynomial(z, kAtanhTail), a);
  const D wide = where(a < 1, 0.5 * log_brief(near_quotient(1 + a, 1 - a)), where(a == 1, __builtin_inf(), __builtin_nan("")));
  return copysign(where(a < 0.25, small, wide), x);
}
#if defined(STEEPEST_LANE_AVX512)
// In z = x^2 on |x| <= 1/2: (atanh(x) - x) / x^3.
inline constexpr float kFloatAtanh[] = {0x1.55554p-2f, 0x1.99a6bap-3f, 0x1.234896p-3f,
                                        0x1.e451fep-4f, 0x1.a45ddep-5f, 0x1.6a09ccp-3f};
// Half of log(1 + a) - log(1 - a), both with what the sums lose put back.
STEEPEST_LANE F atanh_float(F x) {
  const F a = abs(x), z = a * a, small = mul_add(a * z, polynomial(z, kFloatAtanh), a);
  const F u = 1 + a, v = 1 - a, u_lost = a - (u - 1), v_lost = (1 - v) - a;
  const LogOf<float> p = log_of(u), q = log_of(v);
  const F s = p.hi - q.hi, rest = ((p.hi - s) - q.hi) + (p.lo - q.lo), change = mul_add(u_lost, near_reciprocal(u), -(v_lost * near_reciprocal(v)));
  const F wide = where(a < 1, 0.5f * (s + (rest + change)), where(a == 1, __builtin_inff(), F(__builtin_nanf(""))));
  return copysign(where(a < 0.5f, small, wide), x);
}
STEEPEST_LANE_FUNCTION_FLOAT(atanh)
#else
STEEPEST_LANE_FUNCTION(atanh)
#endif

}  // namespace STEEPEST_ISA
}  // namespace st::lane
