// Powers and roots.
#pragma once
#include "ops/elementwise/compare.h"
#include "ops/elementwise/exp_log.h"

namespace st {

struct Row;
struct Operand;

// By squaring, wrapping as products do; what a negative exponent leaves of an integer is -1, 0 or 1.
template <class T>
STEEPEST_LANE T integer_power(T base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 1) return 1;
    if (T(-1) < T(0) && base == T(-1)) return exponent % 2 ? base : 1;
    return 0;
  }
  uint64_t power = 1;
  for (uint64_t b = static_cast<uint64_t>(base); exponent; exponent >>= 1, b *= b) {
    if (exponent & 1) power *= b;
  }
  return static_cast<T>(power);
}

struct Pow : Elementwise<2> {
  static constexpr OpInfo info{.sig = "pow(Tensor|Scalar input, Tensor|Scalar exponent) -> Tensor",
                               .doc = "input to the power of exponent, element by element.",
                               .saves = {X0 | X1, X0 | X1 | Y}, .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "PowBackward1", .bools = Bools::Refused, .kernel = "pow", .complex = true};
  static const Row* redirect(const Operand* x, double* params);  // to the two below where one side is a number
  static auto fwd(auto a, auto b) {
    if constexpr (lane::Inexact<decltype(a)>) return lane::pow(a, b);
    else return integer_power(a, static_cast<int64_t>(b));
  }
  template <int I> static auto vjp(auto g, auto a, auto b, auto y) {
    if constexpr (I == 0) return where(b == 0.0, zero(g), g * (b * Fn<Pow>{}(a, b - 1.0)));
    else return where(a == 0.0, where(real(b) >= 0.0, zero(g), g * (y * log(a))), g * (y * log(a)));
  }
};
inline constexpr Fn<Pow> pow{};

struct PowOfNumber : Alias<Pow> {
  static constexpr OpInfo info = renamed(Pow::info, "pow(Scalar input, Tensor exponent) -> Tensor", "PowBackward2");
};

struct PowNumber : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "pow(Tensor input, Scalar exponent) -> Tensor", .doc = "input to the power of a number.",
                               .saves = {X0}, .where = kFunction | kMethod | kMethodInplace, .kernel = "pow", .complex = true};
  // The powers that programs use are products and roots, rounded as those are.
  static auto fwd(auto x, double p) {
    using T = decltype(x);
    if constexpr (lane::Inexact<T>) {
      if (p == 2.0) return x * x;
      if (p == 1.0) return x;
      if (p == 3.0) return x * x * x;
      if (p == 0.5) return lane::sqrt(x);
      if (p == -1.0) return T(1) / x;
      if (p == -2.0) return T(1) / (x * x);
      if (p == -0.5) return lane::rsqrt(x);
      if (p == 0.0) return T(1);
      return lane::pow(x, T(p));
    } else {
      return integer_power(x, static_cast<int64_t>(p));
    }
  }
  template <int I> static auto vjp(auto g, auto x, auto, double p) {
    if (p == 2.0) return g * (x * 2.0);
    if (p == 0.0) return zero(g);
    return g * (p * Fn<PowNumber>{}(x, p - 1.0));
  }
};

struct Square : Elementwise<1> {
  static constexpr OpInfo info{.sig = "square(Tensor input) -> Tensor", .doc = "input * input.",
                               .saves = {X0}, .where = kFunction | kMethod | kInplace, .grad_name = "PowBackward0", .bools = Bools::AsInt64, .complex = true};
  static auto fwd(auto x) { return lane::square(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * (x * 2.0); }
};
inline constexpr Fn<Square> square{};

struct Sqrt : Elementwise<1> {
  static constexpr OpInfo info{.sig = "sqrt(Tensor input) -> Tensor", .doc = "Square root of input.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::sqrt(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g / (2.0 * y); }
};
inline constexpr Fn<Sqrt> sqrt{};

struct Rsqrt : Elementwise<1> {
  static constexpr OpInfo info{.sig = "rsqrt(Tensor input) -> Tensor", .doc = "1 / sqrt(input).",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::rsqrt(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return -0.5 * g * (y * y * y); }
};
inline constexpr Fn<Rsqrt> rsqrt{};

struct Reciprocal : Elementwise<1> {
  static constexpr OpInfo info{.sig = "reciprocal(Tensor input) -> Tensor", .doc = "1 / input.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::reciprocal(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return -g * (y * y); }
};
inline constexpr Fn<Reciprocal> reciprocal{};

using power_records = Family<Pow, PowNumber, PowOfNumber, Square, Sqrt, Rsqrt, Reciprocal>;

}  // namespace st
