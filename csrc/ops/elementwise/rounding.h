// Rounding, magnitude and sign. Integers are whole already.
#pragma once
#include "ops/elementwise/compare.h"

namespace st {

struct Floor : Elementwise<1> {
  static constexpr OpInfo info{.sig = "floor(Tensor input) -> Tensor", .doc = "The largest integer not above input.",
                               .where = kFunction | kMethod | kInplace, .bools = Bools::Refused, .kernel = "floor_vml_cpu"};
  static auto fwd(auto x) {
    if constexpr (lane::FloatLane<decltype(x)>) return lane::floor(x);
    else return x;
  }
  template <int I> static auto vjp(auto g, auto, auto) { return zero(g); }
};
inline constexpr Fn<Floor> floor{};

struct Ceil : Elementwise<1> {
  static constexpr OpInfo info{.sig = "ceil(Tensor input) -> Tensor", .doc = "The smallest integer not below input.",
                               .where = kFunction | kMethod | kInplace, .bools = Bools::Refused, .kernel = "ceil_vml_cpu"};
  static auto fwd(auto x) {
    if constexpr (lane::FloatLane<decltype(x)>) return lane::ceil(x);
    else return x;
  }
  template <int I> static auto vjp(auto g, auto, auto) { return zero(g); }
};
inline constexpr Fn<Ceil> ceil{};

struct Trunc : Elementwise<1> {
  static constexpr OpInfo info{.sig = "trunc(Tensor input) -> Tensor", .doc = "The integer part of input.",
                               .where = kFunction | kMethod | kInplace, .bools = Bools::Refused, .kernel = "trunc_vml_cpu"};
  static auto fwd(auto x) {
    if constexpr (lane::FloatLane<decltype(x)>) return lane::trunc(x);
    else return x;
  }
  template <int I> static auto vjp(auto g, auto, auto) { return zero(g); }
};
inline constexpr Fn<Trunc> trunc{};

struct Fix : Alias<Trunc> {
  static constexpr OpInfo info = renamed(Trunc::info, "fix(Tensor input) -> Tensor", "TruncBackward0");
};

struct Frac : Elementwise<1> {
  static constexpr OpInfo info{.sig = "frac(Tensor input) -> Tensor", .doc = "What trunc leaves of input, with its sign.",
                               .kind = Kind::FloatOnly, .passes = 1, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return x - lane::trunc(x); }
};

struct Round : Elementwise<1> {
  static constexpr OpInfo info{.sig = "round(Tensor input) -> Tensor", .doc = "The nearest integer, the even one of two equally near.",
                               .where = kFunction | kMethod | kInplace, .bools = Bools::Refused, .kernel = "round_vml_cpu"};
  static auto fwd(auto x) {
    if constexpr (lane::FloatLane<decltype(x)>) return lane::round(x);
    else return x;
  }
  template <int I> static auto vjp(auto g, auto, auto) { return zero(g); }
};
inline constexpr Fn<Round> round{};

// Over 10^|decimals| and its sign.
struct RoundScaled : Elementwise<1, 2> {
  static constexpr OpInfo info{.sig = "_round_scaled(Tensor input, Scalar scale, Scalar up) -> Tensor",
                               .doc = "round(input * scale) / scale where up holds, round(input / scale) * scale elsewhere.",
                               .kind = Kind::FloatOnly, .where = kInplace, .grad_name = "RoundBackward1", .kernel = "round_cpu"};
  static auto fwd(auto x, double scale, double up) {
    using T = decltype(x);
    return up != 0.0 ? lane::round(x * T(scale)) / T(scale) : lane::round(x / T(scale)) * T(scale);
  }
  template <int I> static auto vjp(auto g, auto, auto, double, double) { return zero(g); }
};

struct Sign : Elementwise<1> {
  static constexpr OpInfo info{.sig = "sign(Tensor input) -> Tensor", .doc = "-1, 0 or 1 as input is negative, zero or positive; 0 for NaN.",
                               .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto x) { return lane::sign(x); }
  template <int I> static auto vjp(auto g, auto, auto) { return zero(g); }
};
inline constexpr Fn<Sign> sign{};

struct Sgn : Alias<Sign> {
  static constexpr OpInfo info = renamed(Sign::info, "sgn(Tensor input) -> Tensor", "SgnBackward0");
};
inline constexpr Fn<Sgn> sgn{};  // of complex numbers too

struct Abs : Elementwise<1> {
  static constexpr OpInfo info{.sig = "abs(Tensor input) -> Tensor", .doc = "Absolute value of input; the derivative at 0 is 0.",
                               .saves = {X0}, .where = kFunction | kMethod | kInplace, .bools = Bools::Refused, .kernel = "abs_cpu"};
  static auto fwd(auto x) { return lane::abs(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * sign(x); }
};
inline constexpr Fn<Abs> abs{};

struct Absolute : Alias<Abs> {
  static constexpr OpInfo info = [] {
    OpInfo own = renamed(Abs::info, "absolute(Tensor input) -> Tensor", "AbsBackward0");
    own.where = kFunction | kMethod | kMethodInplace;
    return own;
  }();
};

struct Signbit : Elementwise<1> {
  static constexpr OpInfo info{.sig = "signbit(Tensor input) -> Tensor", .doc = "Whether the sign of input is set, that of -0.0 too.", .kind = Kind::Compare};
  static auto fwd(auto x) {
    using T = decltype(x);
    if constexpr (lane::FloatLane<T>) return lane::signbit(x);
    else if constexpr (T(-1) < T(0)) return x < 0;
    else return false;
  }
};

struct CopysignNumber;
struct Copysign : Elementwise<2> {
  using WithNumber = CopysignNumber;
  static constexpr OpInfo info{.sig = "copysign(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "The magnitude of input with the sign of other.",
                               .kind = Kind::Float, .saves = {X0 | Y, 0}, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return lane::copysign(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto, auto y) {
    if constexpr (I == 0) return where(a == 0.0, zero(g), g * (y / a));
    else return zero(g);
  }
};
struct CopysignNumber : Alias<Copysign> {
  static constexpr OpInfo info = renamed(Copysign::info, "copysign(Tensor input, Scalar other) -> Tensor", "CopysignBackward1");
};

using rounding_records = Family<Floor, Ceil, Trunc, Fix, Frac, Round, RoundScaled, Sign, Sgn, Abs, Absolute, Signbit, Copysign, CopysignNumber>;

}  // namespace st
