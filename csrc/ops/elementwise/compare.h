// Comparisons and choice.
#pragma once
#include "kernels/lane.h"
#include "ops/record.h"

namespace st {

struct Lt : Elementwise<2> {
  static constexpr OpInfo info{.sig = "lt(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "input < other, element by element.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a < b; }
};
struct Le : Elementwise<2> {
  static constexpr OpInfo info{.sig = "le(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "input <= other, element by element.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a <= b; }
};
struct Gt : Elementwise<2> {
  static constexpr OpInfo info{.sig = "gt(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "input > other, element by element.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a > b; }
};
struct Ge : Elementwise<2> {
  static constexpr OpInfo info{.sig = "ge(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "input >= other, element by element.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a >= b; }
};
struct Eq : Elementwise<2> {
  static constexpr OpInfo info{.sig = "eq(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "input == other, element by element.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace, .complex = true};
  static auto fwd(auto a, auto b) { return a == b; }
};
struct Ne : Elementwise<2> {
  static constexpr OpInfo info{.sig = "ne(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "input != other, element by element.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace, .complex = true};
  static auto fwd(auto a, auto b) { return a != b; }
};

struct Less : Alias<Lt> {
  static constexpr OpInfo info = renamed(Lt::info, "less(Tensor input, Tensor|Scalar other) -> Tensor");
};
struct LessEqual : Alias<Le> {
  static constexpr OpInfo info = renamed(Le::info, "less_equal(Tensor input, Tensor|Scalar other) -> Tensor");
};
struct Greater : Alias<Gt> {
  static constexpr OpInfo info = renamed(Gt::info, "greater(Tensor input, Tensor|Scalar other) -> Tensor");
};
struct GreaterEqual : Alias<Ge> {
  static constexpr OpInfo info = renamed(Ge::info, "greater_equal(Tensor input, Tensor|Scalar other) -> Tensor");
};
struct NotEqual : Alias<Ne> {
  static constexpr OpInfo info = renamed(Ne::info, "not_equal(Tensor input, Tensor|Scalar other) -> Tensor");
};

struct Operand;

struct Where_ : Elementwise<3> {
  static constexpr OpInfo info{.sig = "where(Tensor condition, Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "input where condition holds, other elsewhere.",
                               .saves = {0, X0, X0}, .grads = 0b110, .where = kFunction, .complex = true, .selector = true};
  static void check(const Operand* x);  // that the condition is a bool tensor
  // Among tiles the condition comes as a number of the type computed in, among derivatives as a mask.
  static auto fwd(auto c, auto a, auto b) {
    if constexpr (requires { c != 0; }) return lane::where(c != 0, a, b);
    else return lane::where(c, a, b);
  }
  template <int I> static auto vjp(auto g, auto c, auto, auto, auto) {
    if constexpr (I == 1) return Fn<Where_>{}(c != 0, g, zero(g));
    else return Fn<Where_>{}(c != 0, zero(g), g);
  }
};
inline constexpr Fn<Where_> where{};

using compare_records = Family<Lt, Le, Gt, Ge, Eq, Ne, Less, LessEqual, Greater, GreaterEqual, NotEqual, Where_>;

}  // namespace st
