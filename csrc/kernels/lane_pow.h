// pow: the logarithm in twice the precision of a double, times y, and exp of that. And hypot.
#pragma once

#include "lane_log.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Interpolant of (2 atanh(s) / s - 2 - 2 z / 3) / z^2 in z = s^2; see lane_log.h.
inline constexpr double kLogPow[] = {
    0x1.999999999999ap-2, 0x1.2492492492483p-2, 0x1.c71c71c721532p-3, 0x1.745d1740efa61p-3,
    0x1.3b13b3ac83d18p-3, 0x1.1110619af40d5p-3, 0x1.e21b84dfc2302p-4, 0x1.a9ad3ccc33fc7p-4,
    0x1.cce4a9d8eab91p-4};

// log(x), right to about 2^-65.
STEEPEST_LANE Pair log_precise(D x) {
  const LogArgument a = log_argument_wide(x);
  const Pair s = divide({a.f, 0}, fast_two_sum(2, a.f));
  const Pair z = multiply(s, s);
  const Pair c = fast_two_sum(0x1.5555555555555p-1, z.hi * polynomial(z.hi, kLogPow));
  const Pair t = multiply(multiply(s, z), {c.hi, c.lo + 0x1.5555555555555p-55});
  // k ln(2) + 2 s + t, largest first
  const Pair u = fast_two_sum(2 * s.hi, t.hi);
  const D ul = u.lo + (2 * s.lo + t.lo);
  const Pair v = fast_two_sum(a.k * kLn2Short, u.hi), rest = two_product(a.k, kLn2Rest), w = two_sum(v.hi, rest.hi);
  return fast_two_sum(w.hi, w.lo + (v.lo + (ul + mul_add(a.k, 0x1.cc01f97b57a08p-87, rest.lo))));
}

STEEPEST_LANE D pow_magnitude_double(D x, D y) {
  const Pair l = log_precise(x), p = two_product(y, l.hi);
  const D hi = largest(-800, least(800, p.hi));
  const ExpArgument a = exp_argument(hi);
  const Pair r = fast_two_sum(a.r.hi, a.r.lo + where((hi == p.hi) & (abs(y) < 0x1p900), mul_add(y, l.lo, p.lo), 0));
  return scale(exp_reduced(r), a.n.value);
}
STEEPEST_LANE D pow_magnitude_single(D x, D y) { return exp_brief(largest(-200, least(200, y * log_brief(x)))); }

// What pow is apart from |x|^y for finite x and y: C11 F.10.4.4.
STEEPEST_LANE D pow_edges(D x, D y, D magnitude) {
  const D a = abs(x), inf = __builtin_inf();
  if (__builtin_expect(all((x > 0) & (x < inf) & (abs(y) < inf)), 1)) return magnitude;
  D r = magnitude;
  const Mask<double> up = y > 0, flat = abs(y) == inf, zero = (a == 0), end = zero | (a == inf) | flat;
  // 0 or infinity: grows where |x| > 1 and y > 0, or |x| < 1 and y < 0
  r = where(end, where((a > 1) ^ up, 0, inf), r);
  const Mask<double> whole = trunc(y) == y;
  const D half = 0.5 * y;
  const Mask<double> odd = whole & (trunc(half) != half);
  r = where(signbit(x) & odd, -r, r);
  r = where((x < 0) & (a < inf) & !whole, __builtin_nan(""), r);
  r = where((a == 1) & flat, 1, r);
  r = where(isnan(x) | isnan(y), x + y, r);
  return where((y == 0) | (x == 1), 1, r);
}

STEEPEST_LANE D pow_double(D x, D y) { return pow_edges(x, y, pow_magnitude_double(abs(x), y)); }
STEEPEST_LANE D pow_single(D x, D y) { return pow_edges(x, y, pow_magnitude_single(abs(x), y)); }
STEEPEST_LANE_FUNCTION2(pow)

// Infinite where either is, even beside NaN. Squares of floats are exact in double; those of doubles are scaled into its range.
STEEPEST_LANE D hypot_edges(D a, D b, D y) {
  constexpr double kInf = __builtin_inf();
  return where((a == kInf) | (b == kInf), kInf, y);
}
STEEPEST_LANE D hypot_single(D x, D y) { return hypot_edges(abs(x), abs(y), sqrt(mul_add(x, x, y * y))); }
STEEPEST_LANE D hypot_double(D x, D y) {
  const D a = abs(x), b = abs(y), most = where(a > b, a, b);
  const Mask<double> large = most > 0x1p500, small = most < 0x1p-450;
  const D factor = where(large, 0x1p-600, where(small, D(0x1p600), 1)), back = where(large, 0x1p600, where(small, D(0x1p-600), 1));
  const Pair u = two_product(a * factor, a * factor), v = two_product(b * factor, b * factor), s = two_sum(u.hi, v.hi);
  const Pair root = sqrt_pair(fast_two_sum(s.hi, s.lo + (u.lo + v.lo)));
  return hypot_edges(a, b, (root.hi + root.lo) * back);
}
STEEPEST_LANE_FUNCTION2(hypot)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
