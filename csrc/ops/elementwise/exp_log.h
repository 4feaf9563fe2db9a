// Exponentials and logarithms.
#pragma once
#include "kernels/lane.h"
#include "ops/record.h"

namespace st {

struct Exp : Elementwise<1> {
  static constexpr OpInfo info{.sig = "exp(Tensor input) -> Tensor", .doc = "e to the power of input.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::exp(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g * y; }
};
inline constexpr Fn<Exp> exp{};

struct Exp2 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "exp2(Tensor input) -> Tensor", .doc = "2 to the power of input.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::exp2(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g * y * 0.69314718055994530942; }
};
inline constexpr Fn<Exp2> exp2{};

struct Expm1 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "expm1(Tensor input) -> Tensor", .doc = "e to the power of input, minus 1, accurate near zero.",
                               .kind = Kind::Float, .saves = {Y}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return lane::expm1(x); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g * (y + 1.0); }
};
inline constexpr Fn<Expm1> expm1{};

struct Log : Elementwise<1> {
  static constexpr OpInfo info{.sig = "log(Tensor input) -> Tensor", .doc = "Natural logarithm of input.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::log(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / x; }
};
inline constexpr Fn<Log> log{};

struct Log2 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "log2(Tensor input) -> Tensor", .doc = "Logarithm of input to base 2.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::log2(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / (x * 0.69314718055994530942); }
};
inline constexpr Fn<Log2> log2{};

struct Log10 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "log10(Tensor input) -> Tensor", .doc = "Logarithm of input to base 10.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .complex = true};
  static auto fwd(auto x) { return lane::log10(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / (x * 2.30258509299404568402); }
};
inline constexpr Fn<Log10> log10{};

struct Log1p : Elementwise<1> {
  static constexpr OpInfo info{.sig = "log1p(Tensor input) -> Tensor", .doc = "Natural logarithm of 1 + input, accurate near zero.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace, .grad_name = "Log1PBackward0"};
  static auto fwd(auto x) { return lane::log1p(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / (x + 1.0); }
};
inline constexpr Fn<Log1p> log1p{};

// In one pass over input; the others mostly broadcast.
struct ExpShare : Elementwise<3> {
  static constexpr OpInfo info{.sig = "_exp_share(Tensor grad, Tensor input, Tensor total) -> Tensor", .doc = "grad * exp(input - total): the gradient of logsumexp().",
                               .kind = Kind::FloatOnly, .saves = {X1 | X2, Y, Y}, .where = 0};
  static auto fwd(auto g, auto x, auto total) { return g * lane::exp(x - total); }
  template <int I> static auto vjp(auto h, auto, auto x, auto total, auto y) {
    if constexpr (I == 0) return h * Fn<Exp>{}(x - total);
    else if constexpr (I == 1) return h * y;
    else return -(h * y);
  }
};
inline constexpr Fn<ExpShare> exp_share{};

using exp_log_records = Family<Exp, Exp2, Expm1, Log, Log2, Log10, Log1p, ExpShare>;

}  // namespace st
