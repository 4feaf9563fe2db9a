// Incomplete gamma functions, the multivariate one, and zeta.
#pragma once
#include "ops/elementwise/special.h"

namespace st {

STEEPEST_LANE double log_gamma(double x) {
  int sign;
  return __builtin_lgamma_r(x, &sign);
}

// x^a exp(-x) / gamma(a + 1). For a > 16 through Stirling's series (Abramowitz and Stegun 6.1.41), in which the large terms cancel before
// they are rounded.
STEEPEST_LANE double gamma_weight(double a, double x) {
  if (a <= 16.0) return __builtin_exp(a * __builtin_log(x) - x - log_gamma(a + 1.0));
  const long double away = (static_cast<long double>(x) - a) / a;
  const auto power = static_cast<double>(static_cast<long double>(a) * (__builtin_log1pl(away) - away));
  const double z = 1.0 / a, rest = z * (1.0 / 12 - z * z * (1.0 / 360 - z * z / 1260));
  return __builtin_exp(power - rest) / __builtin_sqrt(6.28318530717958647693 * a);
}

// Both regularised functions: what is not computed directly is 1 minus the other.
struct GammaParts {
  double lower, upper;
};
STEEPEST_LANE GammaParts from_lower(double p) { return {p, 1.0 - p}; }
STEEPEST_LANE GammaParts from_upper(double q) { return {1.0 - q, q}; }

// For large a near x: Temme's uniform expansion to second order (SIAM J. Math. Anal. 10, 1979, 757-766), with l = x / a - 1.
STEEPEST_LANE GammaParts gamma_uniform(double a, double x) {
  const double l = (x - a) / a;
  const auto half = static_cast<double>(static_cast<long double>(l) - __builtin_log1pl(l));  // eta^2 / 2
  const double eta = __builtin_copysign(__builtin_sqrt(2.0 * half), l);
  const bool close = __builtin_fabs(l) < 1e-3;
  const double c0 = close ? -1.0 / 3 + eta * (1.0 / 12 - eta * (2.0 / 135)) : 1.0 / l - 1.0 / eta;
  const double c1 = close ? -1.0 / 540 - eta / 288 : 1.0 / (eta * eta * eta) - 1.0 / (l * l * l) - 1.0 / (l * l) - 1.0 / (12.0 * l);
  const double rest = __builtin_exp(-a * half) / __builtin_sqrt(6.28318530717958647693 * a) * (c0 + c1 / a);
  const double turn = eta * __builtin_sqrt(0.5 * a);
  return {0.5 * __builtin_erfc(-turn) - rest, 0.5 * __builtin_erfc(turn) + rest};
}

// a > 0, x > 0, both finite.
// `close` is the relative size of what may be left out.
STEEPEST_LANE GammaParts gamma_parts(double a, double x, double close) {
  if (a > 1e4 && __builtin_fabs(x - a) < 0.5 * a) return gamma_uniform(a, x);
  if (x <= 1.0 && a < 1.0) {  // 1 - x^a / gamma(a + 1) (1 + a sum of (-x)^n / ((a + n) n!)), where the power is near 1
    double term = 1.0, sum = 0.0;
    for (int n = 1; n < 100; ++n) {
      term *= -x / n;
      sum += term / (a + n);
      if (__builtin_fabs(term) < close) break;
    }
    const double logs = a * __builtin_log(x) - log_gamma(1.0 + a), p = __builtin_exp(logs);
    return {p * (1.0 + a * sum), -__builtin_expm1(logs) - p * a * sum};
  }
  if (x < a + 1.0) {  // Abramowitz and Stegun 6.5.29
    double term = 1.0, sum = 1.0;
    for (double n = a + 1.0; term > sum * close; n += 1.0) {
      term *= x / n;
      sum += term;
    }
    return from_lower(sum * gamma_weight(a, x));
  }
  // The continued fraction 6.5.31 of Abramowitz and Stegun, contracted, by Lentz's method.
  double b = x + 1.0 - a, c = 1e300, d = 1.0 / b, f = d;
  for (int n = 1; n < 100000; ++n) {
    const double k = -n * (n - a);
    b += 2.0;
    d = 1.0 / (k * d + b);
    c = b + k / c;
    const double step = c * d;
    f *= step;
    if (__builtin_fabs(step - 1.0) <= close) break;
  }
  return from_upper(f * gamma_weight(a, x) * a);
}
template <class T>
STEEPEST_LANE GammaParts incomplete_gamma(T a, T x) {
  const double nan = __builtin_nan(""), inf = __builtin_inf();
  if (a < 0.0 || x < 0.0) return {nan, nan};
  if (a == 0.0) return x > 0.0 ? GammaParts{1.0, 0.0} : GammaParts{nan, nan};
  if (x == 0.0) return {0.0, 1.0};
  if (a == inf) return x == inf ? GammaParts{nan, nan} : GammaParts{0.0, 1.0};
  if (x == inf) return {1.0, 0.0};
  return a != a || x != x ? GammaParts{nan, nan} : gamma_parts(a, x, sizeof(T) == 4 ? 1e-10 : 0x1p-53);
}

struct Lgamma;
struct Igamma : Elementwise<2> {
  static constexpr OpInfo info{.sig = "igamma(Tensor input, Tensor other) -> Tensor",
                               .doc = "The lower incomplete gamma function of input at other, over gamma(input); both not negative.",
                               .kind = Kind::FloatOnly, .saves = {0, X0 | X1}, .refused = 0b01, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto x) {
    return lane::each_lane([](auto s, auto t) { return static_cast<decltype(s)>(incomplete_gamma(s, t).lower); }, a, x);
  }
  template <int I> static auto vjp(auto g, auto a, auto x, auto) {
    if constexpr (I == 1) return g * exp((a - 1.0) * log(x) - x - Fn<Lgamma>{}(a));
  }
};
struct Igammac : Elementwise<2> {
  static constexpr OpInfo info{.sig = "igammac(Tensor input, Tensor other) -> Tensor",
                               .doc = "The upper incomplete gamma function of input at other, over gamma(input): 1 - igamma().",
                               .kind = Kind::FloatOnly, .saves = {0, X0 | X1}, .refused = 0b01, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto x) {
    return lane::each_lane([](auto s, auto t) { return static_cast<decltype(s)>(incomplete_gamma(s, t).upper); }, a, x);
  }
  template <int I> static auto vjp(auto g, auto a, auto x, auto) {
    if constexpr (I == 1) return -g * exp((a - 1.0) * log(x) - x - Fn<Lgamma>{}(a));
  }
};

// The sum of lgamma(x - i / 2) for i < p, and p (p - 1) / 4 log(pi).
struct Mvlgamma : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "_mvlgamma(Tensor input, int p) -> Tensor", .doc = "Logarithm of the multivariate gamma function of dimension p.",
                               .kind = Kind::Float, .saves = {X0}, .where = kInplace, .grad_name = "MvlgammaBackward0"};
  static auto fwd(auto x, double p) {
    auto sum = lane::lgamma(x) + p * (p - 1.0) * 0.28618247146235004;
    for (double i = 1.0; i < p; i += 1.0) sum = sum + lane::lgamma(x - 0.5 * i);
    return sum;
  }
  template <int I> static auto vjp(auto g, auto x, auto, double p) {
    auto sum = digamma(x);
    for (double i = 1.0; i < p; i += 1.0) sum = sum + digamma(x - 0.5 * i);
    return g * sum;
  }
};

struct ZetaNumber;
struct ZetaOfNumber;
struct Zeta : Elementwise<2> {
  static constexpr OpInfo info{.sig = "special_zeta(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "Hurwitz's zeta function: the sum of (k + other)^-input over k = 0, 1, ...",
                               .kind = Kind::Float, .saves = {0, X0 | X1}, .refused = 0b01, .where = kSpecial};
  static const Row* redirect(const Operand* x, double* params);
  static auto fwd(auto s, auto x) {
    return lane::zeta(s, x);
  }
  template <int I> static auto vjp(auto g, auto s, auto x, auto) {
    if constexpr (I == 1) return g * -s * Fn<Zeta>{}(s + 1.0, x);
  }
};
struct ZetaOfNumber : Alias<Zeta> {
  static constexpr OpInfo info = renamed(Zeta::info, "special_zeta(Scalar input, Tensor other) -> Tensor", "SpecialZetaBackward1");
};
struct ZetaNumber : Alias<Zeta> {
  static constexpr OpInfo info = renamed(Zeta::info, "special_zeta(Tensor input, Scalar other) -> Tensor", "SpecialZetaBackward2");
};

struct Xlog1pyNumber;
struct Xlog1pyOfNumber;
struct Xlog1py : Elementwise<2> {
  static constexpr OpInfo info{.sig = "special_xlog1py(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "input * log1p(other), and 0 where input is 0.", .kind = Kind::Float, .saves = {X0 | X1, X0 | X1},
                               .where = kSpecial, .grad_name = "SpecialXlog1PyBackward0"};
  static const Row* redirect(const Operand* x, double* params);
  static auto fwd(auto a, auto b) { return lane::where(b != b, b, lane::where(a == 0.0, 0.0, a * lane::log1p(b))); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where(a == 0.0, where(b <= -1.0, zero(g), g * log1p(b)), g * log1p(b));
    else return g * (a / (b + 1.0));
  }
};
struct Xlog1pyOfNumber : Alias<Xlog1py> {
  static constexpr OpInfo info = renamed(Xlog1py::info, "special_xlog1py(Scalar input, Tensor other) -> Tensor", "SpecialXlog1PyBackward1");
};
struct Xlog1pyNumber : Alias<Xlog1py> {
  static constexpr OpInfo info = renamed(Xlog1py::info, "special_xlog1py(Tensor input, Scalar other) -> Tensor", "SpecialXlog1PyBackward2");
};

using gamma_records = Family<Igamma, Igammac, Mvlgamma, Zeta, ZetaOfNumber, ZetaNumber, Xlog1py, Xlog1pyOfNumber, Xlog1pyNumber>;

}  // namespace st
