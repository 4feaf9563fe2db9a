// Arithmetic of two tensors or numbers.
#pragma once
#include "kernels/lane.h"
#include "ops/record.h"

namespace st {

struct Add : Elementwise<2> {
  static constexpr OpInfo info{.sig = "add(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "input + other.",
                               .passes = 0b11,
                               .where = kFunction | kMethod | kMethodInplace,
                               .numbers = true, .complex = true};
  static auto fwd(auto a, auto b) { return a + b; }
};
inline constexpr Fn<Add> add{};

struct AddAlpha : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "add(Tensor|Scalar input, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor",
                               .doc = "input + alpha * other.",
                               .passes = 0b01,
                               .where = kFunction | kMethod | kMethodInplace,
                               .numbers = true, .alpha = true, .complex = true,
                               .older = {"add(Tensor|Scalar input, Scalar alpha, Tensor other) -> Tensor"}};
  static auto fwd(auto a, auto b, double alpha) { return lane::plus_product(a, b, static_cast<decltype(b)>(alpha)); }
  template <int I> static auto vjp(auto g, auto, auto, auto, double alpha) { return g * alpha; }
};

struct Operand;

struct Sub : Elementwise<2> {
  static constexpr OpInfo info{.sig = "sub(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "input - other.",
                               .passes = 0b01,
                               .where = kFunction | kMethod | kMethodInplace,
                               .no_bool = "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
                               .numbers = true, .complex = true};
  static void check(const Operand* x);  // a bool beside a number is refused too
  static auto fwd(auto a, auto b) { return a - b; }
  template <int I> static auto vjp(auto g, auto, auto, auto) { return -g; }
};
inline constexpr Fn<Sub> sub{};

struct SubAlpha : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "sub(Tensor|Scalar input, Tensor|Scalar other, *, Scalar alpha=1) -> Tensor",
                               .doc = "input - alpha * other.",
                               .passes = 0b01,
                               .where = kFunction | kMethod | kMethodInplace,
                               .no_bool = Sub::info.no_bool,
                               .numbers = true, .alpha = true, .complex = true,
                               .older = {"sub(Tensor|Scalar input, Scalar alpha, Tensor other) -> Tensor"}};
  static void check(const Operand* x) { Sub::check(x); }
  static auto fwd(auto a, auto b, double alpha) { return lane::plus_product(a, b, static_cast<decltype(b)>(-static_cast<decltype(b)>(alpha))); }
  template <int I> static auto vjp(auto g, auto, auto, auto, double alpha) { return g * -alpha; }
};

struct Mul : Elementwise<2> {
  static constexpr OpInfo info{.sig = "mul(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "input * other.",
                               .saves = {X1, X0},
                               .where = kFunction | kMethod | kMethodInplace,
                               .numbers = true, .complex = true};
  static auto fwd(auto a, auto b) { return a * b; }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return g * b;
    else return g * a;
  }
};
inline constexpr Fn<Mul> mul{};

struct Div : Elementwise<2> {
  static constexpr OpInfo info{.sig = "div(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "input / other, in floating point for integers too.",
                               .kind = Kind::Float,
                               .saves = {X1, X0 | X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .numbers = true, .complex = true};
  static auto fwd(auto a, auto b) { return a / b; }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return g / b;
    else return -g * ((a / b) / b);
  }
};
inline constexpr Fn<Div> div{};

struct Neg : Elementwise<1> {
  static constexpr OpInfo info{.sig = "neg(Tensor input) -> Tensor",
                               .doc = "-input.",
                               .where = kFunction | kMethod | kInplace,
                               .no_bool = "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.", .complex = true};
  static auto fwd(auto x) { return -x; }
  template <int I> static auto vjp(auto g, auto, auto) { return -g; }
};
inline constexpr Fn<Neg> neg{};

// In one pass over input; the others mostly broadcast.
struct ScaledDistance : Elementwise<3> {
  static constexpr OpInfo info{.sig = "_scaled_distance(Tensor input, Tensor from, Tensor scale) -> Tensor",
                               .doc = "scale * (input - from): the gradient of var() from the mean.",
                               .kind = Kind::FloatOnly, .saves = {X2, X2, X0 | X1}, .where = 0};
  static auto fwd(auto x, auto from, auto scale) { return scale * (x - from); }
  template <int I> static auto vjp(auto g, auto x, auto from, auto scale, auto) {
    if constexpr (I == 0) return g * scale;
    else if constexpr (I == 1) return -(g * scale);
    else return g * (x - from);
  }
};
inline constexpr Fn<ScaledDistance> scaled_distance{};

using arithmetic_records = Family<Add, AddAlpha, Sub, SubAlpha, Mul, Div, Neg, ScaledDistance>;

}  // namespace st
