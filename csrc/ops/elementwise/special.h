// Sigmoid, error functions, gamma functions, and sums in logarithms.
#pragma once
#include "ops/elementwise/power.h"

namespace st {

struct Row;
struct Operand;

struct Sigmoid : Elementwise<1> {
  static constexpr OpInfo info{.sig = "sigmoid(Tensor input) -> Tensor", .doc = "1 / (1 + exp(-input)).",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return 1.0 / (1.0 + lane::exp(-x)); }  // rounded at each step, as PyTorch's printed digits are
  template <int I> static auto vjp(auto g, auto, auto y) { return g * (1.0 - y) * y; }
};
inline constexpr Fn<Sigmoid> sigmoid{};

struct Logit : Elementwise<1> {
  static constexpr OpInfo info{.sig = "logit(Tensor input) -> Tensor", .doc = "log(input / (1 - input)), the inverse of sigmoid; NaN outside [0, 1].",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return lane::log(x / (1.0 - x)); }
  template <int I> static auto vjp(auto g, auto x, auto) {
    return where(x < 0.0, zero(g) * __builtin_nan(""), where(x > 1.0, zero(g) * __builtin_nan(""), g / (x * (1.0 - x))));
  }
};
struct LogitClamped : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "logit(Tensor input, float eps) -> Tensor", .doc = "logit of input clamped to [eps, 1 - eps].",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x, double eps) {
    using T = decltype(x);
    if (eps < 0.0) return Logit::fwd(x);
    const T low(eps), high = T(1) - low;
    return Logit::fwd(lane::where(x < low, low, lane::where(x > high, high, x)));
  }
  template <int I> static auto vjp(auto g, auto x, auto, double eps) {
    auto slope = g / (x * (1.0 - x));
    if (eps < 0.0) return where(x < 0.0, zero(g) * __builtin_nan(""), where(x > 1.0, zero(g) * __builtin_nan(""), slope));
    return where(x < eps, zero(g), where(x > 1.0 - eps, zero(g), slope));
  }
};

struct Erf : Elementwise<1> {
  static constexpr OpInfo info{.sig = "erf(Tensor input) -> Tensor", .doc = "The error function, 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return lane::erf(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return 1.12837916709551257390 * exp(-(x * x)) * g; }
};
inline constexpr Fn<Erf> erf{};

struct Erfc : Elementwise<1> {
  static constexpr OpInfo info{.sig = "erfc(Tensor input) -> Tensor", .doc = "1 - erf(input), accurate where that is small.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return lane::erfc(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return -1.12837916709551257390 * exp(-(x * x)) * g; }
};

struct Erfinv : Elementwise<1> {
  static constexpr OpInfo info{.sig = "erfinv(Tensor input) -> Tensor", .doc = "The inverse of erf, for input in [-1, 1].",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto x) { return lane::erfinv(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return 0.88622692545275801365 * exp(y * y) * g; }
};

// (-1)^(n + 1) n! zeta(n + 1, x). Below 0 from the sum over all integers, which depends on x's fraction alone.
STEEPEST_LANE double polygamma_number(double n, double x) {
  if (n == 0.0) return lane::digamma(x);
  const double s = n + 1.0, f = x - __builtin_floor(x);
  double factor = static_cast<int64_t>(n) & 1 ? 1.0 : -1.0;
  const double turn = -factor;
  for (double k = 2.0; k <= n; k += 1.0) factor *= k;
  if (x > 0.0) return factor * lane::zeta_number(s, x);
  if (x != x) return x;
  if (f != f || f == 0.0) return factor * __builtin_inf();
  return factor * (lane::zeta_number(s, f) - turn * (lane::zeta_number(s, 1.0 - f) - lane::zeta_number(s, 1.0 - x)));
}

struct Polygamma : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "_polygamma(Tensor input, int n) -> Tensor", .doc = "The derivative of order n of digamma.",
                               .kind = Kind::Float, .saves = {X0}, .where = kInplace, .grad_name = "PolygammaBackward0"};
  static auto fwd(auto x, double n) {
    if (n == 1.0) return lane::trigamma(x);
    return lane::each_lane([n](auto v) { return static_cast<decltype(v)>(polygamma_number(n, v)); }, x);
  }
  template <int I> static auto vjp(auto g, auto x, auto, double n) { return g * Fn<Polygamma>{}(x, n + 1.0); }
};
inline constexpr Fn<Polygamma> polygamma_of{};

struct Digamma : Elementwise<1> {
  static constexpr OpInfo info{.sig = "digamma(Tensor input) -> Tensor", .doc = "The derivative of lgamma.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto x) { return lane::digamma(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * polygamma_of(x, 1.0); }
};
inline constexpr Fn<Digamma> digamma{};

struct Lgamma : Elementwise<1> {
  static constexpr OpInfo info{.sig = "lgamma(Tensor input) -> Tensor", .doc = "Logarithm of the size of the gamma function.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto x) { return lane::lgamma(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * digamma(x); }
};

struct XlogyNumber;
struct XlogyOfNumber;
struct Xlogy : Elementwise<2> {
  static constexpr OpInfo info{.sig = "xlogy(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "input * log(other), and 0 where input is 0.",
                               .kind = Kind::Float, .saves = {X0 | X1, X0 | X1}, .where = kFunction | kMethod | kInplace};
  static const Row* redirect(const Operand* x, double* params);
  static auto fwd(auto a, auto b) {
    return lane::where(b != b, b, lane::where(a == 0.0, 0.0, a * lane::log(b)));
  }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where(a == 0.0, where(b <= 0.0, zero(g), g * log(b)), g * log(b));
    else return g * (a / b);
  }
};
struct XlogyOfNumber : Alias<Xlogy> {
  static constexpr OpInfo info = renamed(Xlogy::info, "xlogy(Scalar input, Tensor other) -> Tensor", "XlogyBackward1");
};
struct XlogyNumber : Alias<Xlogy> {
  static constexpr OpInfo info = renamed(Xlogy::info, "xlogy(Tensor input, Scalar other) -> Tensor", "XlogyBackward2");
};

struct Logaddexp : Elementwise<2> {
  static constexpr OpInfo info{.sig = "logaddexp(Tensor input, Tensor other) -> Tensor", .doc = "log(exp(input) + exp(other)), without overflow.",
                               .kind = Kind::FloatOnly, .saves = {X0 | X1, X0 | X1}};
  static auto fwd(auto a, auto b) {
    const auto high = lane::maximum(a, b);
    return lane::where(a == b, a + 0.69314718055994530942, high + lane::log1p(lane::exp(-lane::abs(a - b))));
  }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return g / (1.0 + exp(b - a));
    else return g / (1.0 + exp(a - b));
  }
};
struct Logaddexp2 : Elementwise<2> {
  static constexpr OpInfo info{.sig = "logaddexp2(Tensor input, Tensor other) -> Tensor", .doc = "log2(2^input + 2^other), without overflow.",
                               .kind = Kind::FloatOnly, .saves = {X0 | X1, X0 | X1}};
  static auto fwd(auto a, auto b) {
    const auto high = lane::maximum(a, b);
    return lane::where(a == b, a + 1.0, high + lane::log1p(lane::exp2(-lane::abs(a - b))) * 1.44269504088896340736);
  }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return g / (1.0 + exp2(b - a));
    else return g / (1.0 + exp2(a - b));
  }
};

using special_records = Family<Sigmoid, Logit, LogitClamped, Erf, Erfc, Erfinv, Polygamma, Digamma, Lgamma, Xlogy, XlogyOfNumber, XlogyNumber,
                               Logaddexp, Logaddexp2>;

}  // namespace st
