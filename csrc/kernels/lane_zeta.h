// Hurwitz's zeta function and trigamma: the first terms, then Euler and Maclaurin's sum (Abramowitz and Stegun 6.4.11, 6.4.12).
#pragma once

#include "lane_pow.h"
#include "lane_trig.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// B_2, B_4, ...
inline constexpr double kBernoulli[] = {1 / 6.0,        -1 / 30.0, 1 / 42.0,         -1 / 30.0,       5 / 66.0,
                                        -691 / 2730.0, 7 / 6.0,   -3617 / 510.0, 43867 / 798.0, -174611 / 330.0};

// For x > 0. The series shrinks only where x is not small beside s; before that, terms soon do not count any more.
inline double zeta_number(double s, double x) {
  double sum = 0.0;
  for (; x < 16.0 || x < s; x += 1.0) {
    const double term = __builtin_pow(x, -s);
    sum += term;
    if (term < sum * 0x1p-56) return sum;
    if (term == 0.0) break;
  }
  const double power = __builtin_pow(x, -s);
  sum += power * x / (s - 1.0) + 0.5 * power;
  double term = 0.5 * power * s / x;
  for (int k = 1; k <= 8; ++k) {
    sum += kBernoulli[k - 1] * term;
    term *= (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2) * x * x);
  }
  return sum;
}
// At x <= 0 for whole s through the sum over all integers, which depends on x's fraction alone.
inline double hurwitz_number(double s, double x) {
  if (s == 1.0) return __builtin_inf();
  if (s < 1.0) return __builtin_nan("");
  const double f = x - __builtin_floor(x);
  if (x <= 0.0 && f == 0.0) return __builtin_inf();
  if (s != s || x != x || x == __builtin_inf()) return __builtin_nan("");
  if (x > 0.0) return zeta_number(s, x);
  if (s != __builtin_floor(s) || f != f) return __builtin_nan("");
  const double turn = __builtin_fmod(s, 2.0) == 0.0 ? 1.0 : -1.0;
  return zeta_number(s, f) + turn * (zeta_number(s, 1.0 - f) - zeta_number(s, 1.0 - x));
}

// The sum's terms shrink where s is not large; other lanes are computed one by one.
template <int kFirst, int kTerms, class Power>
STEEPEST_LANE D zeta_of(D s, D x, Power power_of_minus_s) {
  const Mask<double> good = (x > 0) & (x < 0x1p500) & (s > 1) & (s <= 40);
  const D t = where(good, s, 2), first = where(good, x, 1);
  const Mask<double> near = first < 50;
  const D y = where(near, first + kFirst, first);
  const D power = power_of_minus_s(y, -t), r = quotient(1, y), w = r * r;
  D term = 0.5 * power * t * r, sum(0);
#pragma GCC unroll 16
  for (int k = 1; k <= kTerms; ++k) {
    sum = mul_add(term, kBernoulli[k - 1], sum);
    term = term * w * ((t + (2 * k - 1)) * (t + 2 * k)) * (1.0 / ((2 * k + 1) * (2 * k + 2)));
  }
  sum = quotient(power * y, t - 1) + mul_add(power, 0.5, sum);
  for (int k = kFirst - 1; k >= 0 && any(near); --k) sum = where(near, sum + power_of_minus_s(first + k, -t), sum);
  if (__builtin_expect(all(good), 1)) return sum;
  return where(good, sum, each_lane([](double a, double b) { return hurwitz_number(a, b); }, where(good, 1, s), x));
}
STEEPEST_LANE D zeta_double(D s, D x) {
  return zeta_of<10, 10>(s, x, [](D a, D b) __attribute__((always_inline)) { return pow_magnitude_double(a, b); });
}
STEEPEST_LANE D zeta_single(D s, D x) {
  return zeta_of<6, 6>(s, x, [](D a, D b) __attribute__((always_inline)) { return pow_magnitude_single(a, b); });
}
STEEPEST_LANE_FUNCTION2(zeta)

// Below 0 by reflection: pi^2 / sin(pi x)^2 - trigamma(1 - x), of which the first is at least six times the second.
template <int kFirst, int kTerms, class Inverse, class Sine>
STEEPEST_LANE D trigamma_of(D x, Inverse inverse, Sine sine) {
  const Mask<double> left = x <= 0;
  const D a = where(left, 1 - x, x);
  const Mask<double> near = a < kFirst;
  const D r = 1 / where(near, a + kFirst, a), w = r * r;
  D tail(kBernoulli[kTerms - 1]);
#pragma GCC unroll 16
  for (int k = kTerms - 2; k >= 0; --k) tail = mul_add(tail, w, kBernoulli[k]);
  D sum = mul_add(w, mul_add(r, tail, 0.5), r);
  if (any(near)) {
    const D once = 1 / a;
    D terms = sum;
#pragma GCC unroll 16
    for (int k = kFirst - 1; k > 0; --k) {
      const D next = inverse(a + k);
      terms = mul_add(next, next, terms);
    }
    sum = where(near, mul_add(once, once, terms), sum);
  }
  if (any(left)) {
    const D p = 3.14159265358979323846 / sine(3.14159265358979323846 * (x - roundeven(x)));
    sum = where(left, mul_add(p, p, -sum), sum);
  }
  return sum;
}
STEEPEST_LANE D trigamma_double(D x) {
  return trigamma_of<10, 10>(x, [](D v) __attribute__((always_inline)) { return quotient(1, v); },
                             [](D v) __attribute__((always_inline)) { return sin_double(v); });
}
STEEPEST_LANE D trigamma_single(D x) {
  return trigamma_of<6, 6>(x, [](D v) __attribute__((always_inline)) { return near_reciprocal(v); },
                           [](D v) __attribute__((always_inline)) { return sin_single(v); });
}
STEEPEST_LANE_FUNCTION(trigamma)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
