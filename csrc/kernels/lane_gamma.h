// lgamma and digamma.
#pragma once

#include "lane_log.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// The reentrant form: lgamma itself writes a global variable. In long double, as the double one is off by up to 2.5 ulps.
STEEPEST_LANE D lgamma_lanes(D x) {
  return each_lane([](double s) { int sign; return static_cast<double>(__builtin_lgammal_r(s, &sign)); }, x);
}
STEEPEST_LANE D lgamma_lanes_brief(D x) {
  return each_lane([](double s) { int sign; return __builtin_lgamma_r(s, &sign); }, x);
}

// By the recurrence up to 16, then Stirling's series (Abramowitz and Stegun 6.3.18); by reflection (6.3.7) below 0; by its Taylor series
// about the positive root, where the series above would cancel. In long double, for the cancellation that is left.
inline double digamma_number(double number) {
  if (number == 0) return __builtin_copysign(__builtin_inf(), -number);
  if (number != number || number == __builtin_inf()) return number;
  long double x = number, y = 0;
  constexpr long double kPi = 3.14159265358979323846264338327950288L;
  if (x < 0) {
    if (number == -__builtin_inf() || x == __builtin_floorl(x)) return __builtin_nan("");
    const long double f = x - __builtin_rintl(x);
    y = -kPi / __builtin_tanl(kPi * f);
    x = 1 - x;
  }
  constexpr long double kRoot = 1.46163214496836234126265954232572133L;
  if (y == 0 && __builtin_fabsl(x - kRoot) < 0x1p-6L) {
    const long double t = x - kRoot;
    long double p = -0.00720453438635686824097L;
    constexpr long double kTaylor[] = {
        0.0105387916166121753881L, -0.0154247659049489591388L, 0.0225976482322181046596L, -0.0331611264748473592923L,
        0.0488042881641431072251L, -0.0721995612564547109261L, 0.107824050691262365757L, -0.163942705442406527504L,
        0.258499760955651010624L, -0.442763168983592106093L, 0.967672245447621170427L};
    for (long double c : kTaylor) p = p * t + c;
    return static_cast<double>(p * t);
  }
  for (; x < 16; x += 1) y -= 1 / x;
  const long double z = 1 / (x * x);
  const long double tail = z * (1 / 12.0L - z * (1 / 120.0L - z * (1 / 252.0L - z * (1 / 240.0L - z * (1 / 132.0L - z * (691 / 32760.0L -
                           z * (1 / 12.0L - z * (3617 / 8160.0L))))))));
  return static_cast<double>(y + __builtin_logl(x) - 0.5L / x - tail);
}
STEEPEST_LANE D digamma_lanes(D x) { return each_lane([](double s) { return digamma_number(s); }, x); }

#if defined(STEEPEST_LANE_AVX512)
// Note [Gamma functions]
// For x >= 16 Stirling's series (Abramowitz and Stegun 6.1.41 and 6.3.18) serves. From 1 on the function over its zeros is cut into pieces,
// and below 1 the recurrence lgamma(x) = lgamma(1 + x) - log(x), digamma(x) = digamma(1 + x) - 1 / x leads there. What is not positive,
// where the zeros between the poles want more digits, goes to scalar functions lane by lane.
struct GammaPlace {
  D::Int index;
  D t, less;  // x + less lies in [1, 16), t from the centre of its piece
};
STEEPEST_LANE GammaPlace gamma_place(D x, Mask<double> below, const double (&centres)[16]) {
  const D less = where(below, 1, 0), y = x + less;
  const D::Int i = leading_bits<2>(y);
  return {i, x - (pick(i, centres) - less), less};
}
// 1 / (12 z) - 1 / (360 z^3) + ..., and 1 / (12 z^2) - 1 / (120 z^4) + ... in w = 1 / z^2
inline constexpr double kStirling[] = {1 / 12.0, -1 / 360.0, 1 / 1260.0, -1 / 1680.0, 1 / 1188.0, -691 / 360360.0, 1 / 156.0};
inline constexpr double kStirlingSlope[] = {1 / 12.0, -1 / 120.0, 1 / 252.0, -1 / 240.0, 1 / 132.0, -691 / 32760.0, 1 / 12.0};
template <class F>
STEEPEST_LANE D patch_not_positive(D x, D y, F lanes) {
  const Mask<double> good = x > 0;
  if (__builtin_expect(all(good), 1)) return y;
  return where(good, y, lanes(where(good, 1, x)));
}

// (Past 2^1000 the result is infinite or nearly so: the logarithm times x is rounded once.)
STEEPEST_LANE D lgamma_far(D x, LogOf<double> l) {
  constexpr double kHead = 0x1.d67f1c864beb5p-1, kRest = -0x1.65b5a1b7ff5dfp-55;  // log(2 pi) / 2
  const D half = x - 0.5, r = near_reciprocal(x);
  const Pair less = fast_two_sum(l.hi, -1), p = two_product(half, less.hi);
  const D low = mul_add(half, less.lo + l.lo, p.lo) + mul_add(r, polynomial(r * r, kStirling), kRest);
  const Pair s = two_sum(p.hi, kHead - 0.5);
  return s.hi + (s.lo + low);
}
STEEPEST_LANE D lgamma_double(D x) {
  const Mask<double> below = x < 1, far = x >= 16;
  const GammaPlace g = gamma_place(x, below, kLgammaCentres);
  const D y = piece(g.index, g.t, kLgammaPieces), a = x - (1 - g.less);
  const Pair zeros = two_product(a, x - (2 - g.less));
  const Pair p = {zeros.hi * y, 0};
  const D p_lo = mul_add(zeros.hi, y, -p.hi) + zeros.lo * y;
  const LogOf<double> l = log_of(x);
  D out = p.hi + p_lo;
  if (any(below)) {
    const Pair s = two_sum(p.hi, -l.hi);
    out = where(below, s.hi + (s.lo + (p_lo - l.lo)), out);
  }
  if (any(far)) out = where(far, where(x < 0x1p1000, lgamma_far(x, l), x * (l.hi - 1)), out);
  return patch_not_positive(x, out, [](D v) { return lgamma_lanes(v); });
}
STEEPEST_LANE D lgamma_single(D x) {
  const Mask<double> below = x < 1, far = x >= 16;
  const GammaPlace g = gamma_place(x, below, kLgammaCentres);
  D out = mul_add(piece<10>(g.index, g.t, kLgammaPieces) * (x - (1 - g.less)), x - (2 - g.less), 0);  // at the zeros not -0
  if (any(below | far)) {
    const LogOf<double> log = log_of(x);
    const D l = log.hi + log.lo, r = near_reciprocal(x);
    out = where(below, out - l, where(far, mul_add(x - 0.5, l, 0x1.d67f1c864beb5p-1 - x) + r * mul_add(r * r, kStirling[1], kStirling[0]), out));
  }
  return patch_not_positive(x, where(x < __builtin_inf(), out, x), [](D v) { return lgamma_lanes_brief(v); });
}

// The root in two parts.
inline constexpr double kDigammaRoot[] = {0x1.762d86356be3fp+0, 0x1.b86a722197829p-54};
STEEPEST_LANE D digamma_double(D x) {
  const Mask<double> below = x < 1, far = x >= 16;
  const GammaPlace g = gamma_place(x, below, kDigammaCentres);
  const D y = piece(g.index, g.t, kDigammaPieces);
  const Pair zero = two_sum(x, g.less - kDigammaRoot[0]);
  const D hi = zero.hi * y, lo = mul_add(zero.hi, y, -hi) + (zero.lo - kDigammaRoot[1]) * y;
  D out = hi + lo;
  const D r = quotient(1, x), under = mul_add(-r, x, 1) * r;
  if (any(below)) {
    const Pair s = two_sum(hi, -r);
    out = where(below, where(x > 0x1p-60, s.hi + (s.lo + (lo - under)), -1 / x), out);
  }
  if (any(far)) {
    const LogOf<double> l = log_of(x);
    const D w = r * r;
    out = where(far, where(x < 0x1p500, l.hi + (l.lo - mul_add(w, polynomial(w, kStirlingSlope), 0.5 * r)), l.hi + l.lo), out);
  }
  return patch_not_positive(x, where(x < __builtin_inf(), out, x), [](D v) { return digamma_lanes(v); });
}
STEEPEST_LANE D digamma_single(D x) {
  const Mask<double> below = x < 1, far = x >= 16;
  const GammaPlace g = gamma_place(x, below, kDigammaCentres);
  const D r = near_reciprocal(x), zero = (x + (g.less - kDigammaRoot[0])) - kDigammaRoot[1];
  D out = piece<10>(g.index, g.t, kDigammaPieces) * zero;
  out = where(below, out - r, out);
  if (any(far)) {
    const LogOf<double> l = log_of(x);
    const D w = r * r;
    out = where(far, (l.hi + l.lo) - mul_add(w, mul_add(w, kStirlingSlope[1], kStirlingSlope[0]), 0.5 * r), out);
  }
  return patch_not_positive(x, where(x < __builtin_inf(), out, x), [](D v) { return digamma_lanes(v); });
}
#else
STEEPEST_LANE D lgamma_double(D x) { return lgamma_lanes(x); }
STEEPEST_LANE D lgamma_single(D x) { return lgamma_lanes_brief(x); }
STEEPEST_LANE D digamma_double(D x) { return digamma_lanes(x); }
STEEPEST_LANE D digamma_single(D x) { return digamma_lanes(x); }
#endif
STEEPEST_LANE_FUNCTION(lgamma)
STEEPEST_LANE_FUNCTION(digamma)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
