// Trigonometric and hyperbolic functions and their inverses.
#pragma once
#include "ops/elementwise/power.h"

namespace st {

struct Cos;
struct Sin : Elementwise<1> {
  static constexpr OpInfo info{.sig = "sin(Tensor input) -> Tensor", .doc = "Sine of input, in radians.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::sin(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * Fn<Cos>{}(x); }
};
inline constexpr Fn<Sin> sin{};

struct Cos : Elementwise<1> {
  static constexpr OpInfo info{.sig = "cos(Tensor input) -> Tensor", .doc = "Cosine of input, in radians.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::cos(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * -sin(x); }
};
inline constexpr Fn<Cos> cos{};

struct Tan : Elementwise<1> {
  static constexpr OpInfo info{.sig = "tan(Tensor input) -> Tensor", .doc = "Tangent of input, in radians.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::tan(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g * (1.0 + y * y); }
};
inline constexpr Fn<Tan> tan{};

struct Asin : Elementwise<1> {
  static constexpr OpInfo info{.sig = "asin(Tensor input) -> Tensor", .doc = "The angle in [-pi/2, pi/2] whose sine is input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::asin(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * rsqrt(1.0 - x * x); }
};
inline constexpr Fn<Asin> asin{};
struct Arcsin : Alias<Asin> {
  static constexpr OpInfo info = renamed(Asin::info, "arcsin(Tensor input) -> Tensor", "AsinBackward0");
};

struct Acos : Elementwise<1> {
  static constexpr OpInfo info{.sig = "acos(Tensor input) -> Tensor", .doc = "The angle in [0, pi] whose cosine is input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::acos(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * -rsqrt(1.0 - x * x); }
};
inline constexpr Fn<Acos> acos{};
struct Arccos : Alias<Acos> {
  static constexpr OpInfo info = renamed(Acos::info, "arccos(Tensor input) -> Tensor", "AcosBackward0");
};

struct Atan : Elementwise<1> {
  static constexpr OpInfo info{.sig = "atan(Tensor input) -> Tensor", .doc = "The angle in (-pi/2, pi/2) whose tangent is input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::atan(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / (x * x + 1.0); }
};
inline constexpr Fn<Atan> atan{};
struct Arctan : Alias<Atan> {
  static constexpr OpInfo info = renamed(Atan::info, "arctan(Tensor input) -> Tensor", "AtanBackward0");
};

struct Atan2 : Elementwise<2> {
  static constexpr OpInfo info{.sig = "atan2(Tensor input, Tensor other) -> Tensor", .doc = "The angle in [-pi, pi] of the point with x = other and y = input.",
                               .kind = Kind::Float, .saves = {X0 | X1, X0 | X1}, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return lane::atan2(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    auto n = a * a + b * b;
    auto r = where(n == 0.0, zero(g), reciprocal(n));
    if constexpr (I == 0) return g * (b * r);
    else return g * (-a * r);
  }
};
struct Arctan2 : Alias<Atan2> {
  static constexpr OpInfo info = renamed(Atan2::info, "arctan2(Tensor input, Tensor other) -> Tensor", "Atan2Backward0");
};

struct Cosh;
struct Sinh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "sinh(Tensor input) -> Tensor", .doc = "Hyperbolic sine of input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::sinh(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * Fn<Cosh>{}(x); }
};
inline constexpr Fn<Sinh> sinh{};

struct Cosh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "cosh(Tensor input) -> Tensor", .doc = "Hyperbolic cosine of input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::cosh(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * sinh(x); }
};
inline constexpr Fn<Cosh> cosh{};

struct Tanh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "tanh(Tensor input) -> Tensor", .doc = "Hyperbolic tangent of input.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::tanh(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g * (1.0 - y * y); }
};
inline constexpr Fn<Tanh> tanh{};

struct Asinh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "asinh(Tensor input) -> Tensor", .doc = "Inverse of the hyperbolic sine.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::asinh(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * rsqrt(x * x + 1.0); }
};
struct Arcsinh : Alias<Asinh> {
  static constexpr OpInfo info = renamed(Asinh::info, "arcsinh(Tensor input) -> Tensor", "AsinhBackward0");
};

struct Acosh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "acosh(Tensor input) -> Tensor", .doc = "Inverse of the hyperbolic cosine, for input >= 1.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return lane::acosh(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * rsqrt(x * x - 1.0); }
};
struct Arccosh : Alias<Acosh> {
  static constexpr OpInfo info = renamed(Acosh::info, "arccosh(Tensor input) -> Tensor", "AcoshBackward0");
};

struct Atanh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "atanh(Tensor input) -> Tensor", .doc = "Inverse of the hyperbolic tangent, for input in [-1, 1].",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::atanh(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / (1.0 - x * x); }
};
struct Arctanh : Alias<Atanh> {
  static constexpr OpInfo info = renamed(Atanh::info, "arctanh(Tensor input) -> Tensor", "AtanhBackward0");
};

struct Deg2rad : Elementwise<1> {
  static constexpr OpInfo info{.sig = "deg2rad(Tensor input) -> Tensor", .doc = "Degrees as radians.",
                               .kind = Kind::Float, .where = kFunction | kMethod | kInplace, .grad_name = "Deg2RadBackward0"};
  static auto fwd(auto x) { return x * 0.017453292519943295769; }
  template <int I> static auto vjp(auto g, auto, auto) { return g * 0.017453292519943295769; }
};
struct Rad2deg : Elementwise<1> {
  static constexpr OpInfo info{.sig = "rad2deg(Tensor input) -> Tensor", .doc = "Radians as degrees.",
                               .kind = Kind::Float, .where = kFunction | kMethod | kInplace, .grad_name = "Rad2DegBackward0"};
  static auto fwd(auto x) { return x * 57.295779513082320877; }
  template <int I> static auto vjp(auto g, auto, auto) { return g * 57.295779513082320877; }
};

struct Sinc : Elementwise<1> {
  static constexpr OpInfo info{.sig = "sinc(Tensor input) -> Tensor", .doc = "sin(pi x) / (pi x), and 1 at 0.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static constexpr double kPi = 3.14159265358979323846;
  static auto fwd(auto x) { return lane::where(x == 0.0, 1.0, lane::sin(x * kPi) / (x * kPi)); }
  template <int I> static auto vjp(auto g, auto x, auto) {
    return g * where(x == 0.0, zero(x), (x * kPi * cos(x * kPi) - sin(x * kPi)) / (x * x * kPi));
  }
};

using trig_records = Family<Sin, Cos, Tan, Asin, Arcsin, Acos, Arccos, Atan, Arctan, Atan2, Arctan2, Sinh, Cosh, Tanh, Asinh, Arcsinh, Acosh,
                            Arccosh, Atanh, Arctanh, Deg2rad, Rad2deg, Sinc>;

}  // namespace st
