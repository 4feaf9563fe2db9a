// Choosing between values: extremes of two, limits, interpolation, and sums of products.
#pragma once
#include "ops/elementwise/logic.h"
#include "ops/elementwise/rounding.h"

namespace st {

struct Maximum : Elementwise<2> {
  static constexpr OpInfo info{.sig = "maximum(Tensor input, Tensor other) -> Tensor",
                               .doc = "The larger of both, NaN where one is NaN; equal ones share the gradient.", .saves = {X0 | X1, X0 | X1}};
  static auto fwd(auto a, auto b) { return lane::maximum(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where(a == b, g * 0.5, where(a < b, zero(g), g));
    else return where(a == b, g * 0.5, where(a > b, zero(g), g));
  }
};
inline constexpr Fn<Maximum> maximum{};

struct Minimum : Elementwise<2> {
  static constexpr OpInfo info{.sig = "minimum(Tensor input, Tensor other) -> Tensor",
                               .doc = "The smaller of both, NaN where one is NaN; equal ones share the gradient.", .saves = {X0 | X1, X0 | X1}};
  static auto fwd(auto a, auto b) { return lane::minimum(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where(a == b, g * 0.5, where(a > b, zero(g), g));
    else return where(a == b, g * 0.5, where(a < b, zero(g), g));
  }
};
inline constexpr Fn<Minimum> minimum{};

struct Fmax : Elementwise<2> {
  static constexpr OpInfo info{.sig = "fmax(Tensor input, Tensor other) -> Tensor", .doc = "The larger of both, a number rather than NaN.",
                               .saves = {X0 | X1, X0 | X1}};
  static auto fwd(auto a, auto b) { return lane::fmax(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where((a >= b) | (b != b), g, zero(g));
    else return where((a >= b) | (b != b), zero(g), g);
  }
};
struct Fmin : Elementwise<2> {
  static constexpr OpInfo info{.sig = "fmin(Tensor input, Tensor other) -> Tensor", .doc = "The smaller of both, a number rather than NaN.",
                               .saves = {X0 | X1, X0 | X1}};
  static auto fwd(auto a, auto b) { return lane::fmin(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where((a <= b) | (b != b), g, zero(g));
    else return where((a <= b) | (b != b), zero(g), g);
  }
};

struct ClampMinNumber;
struct ClampMin : Elementwise<2> {
  using WithNumber = ClampMinNumber;
  static constexpr OpInfo info{.sig = "clamp_min(Tensor input, Tensor|Scalar min) -> Tensor", .doc = "input, but at least min.",
                               .saves = {X0 | X1, X0 | X1}, .where = kFunction | kMethod | kInplace, .grad_name = "ClampMinBackward1"};
  static void check(const Operand* x);  // that numbers fit an integer type
  static auto fwd(auto x, auto low) { return lane::maximum(x, low); }
  template <int I> static auto vjp(auto g, auto x, auto low, auto) {
    if constexpr (I == 0) return where(x >= low, g, zero(g));
    else return where(x < low, g, zero(g));
  }
};
struct ClampMinNumber : Alias<ClampMin> {
  static constexpr OpInfo info = renamed(ClampMin::info, "clamp_min(Tensor input, Scalar min) -> Tensor", "ClampMinBackward0");
};
struct ClampMaxNumber;
struct ClampMax : Elementwise<2> {
  using WithNumber = ClampMaxNumber;
  static constexpr OpInfo info{.sig = "clamp_max(Tensor input, Tensor|Scalar max) -> Tensor", .doc = "input, but at most max.",
                               .saves = {X0 | X1, X0 | X1}, .where = kFunction | kMethod | kInplace, .grad_name = "ClampMaxBackward1"};
  static void check(const Operand* x) { ClampMin::check(x); }
  static auto fwd(auto x, auto high) { return lane::minimum(x, high); }
  template <int I> static auto vjp(auto g, auto x, auto high, auto) {
    if constexpr (I == 0) return where(x <= high, g, zero(g));
    else return where(x > high, g, zero(g));
  }
};
struct ClampMaxNumber : Alias<ClampMax> {
  static constexpr OpInfo info = renamed(ClampMax::info, "clamp_max(Tensor input, Scalar max) -> Tensor", "ClampMaxBackward0");
};

// What clamp runs: by tensors, by numbers, and from one side.
struct ClampBoth : Elementwise<3> {
  static constexpr OpInfo info{.sig = "_clamp(Tensor input, Tensor|Scalar min, Tensor|Scalar max) -> Tensor",
                               .doc = "input limited to [min, max]; max where the two cross.",
                               .saves = {X0 | X1 | X2, X0 | X1 | X2, X0 | X1 | X2}, .where = kInplace, .grad_name = "ClampBackward0",
                               .bools = Bools::Refused, .kernel = "clamp_cpu"};
  static void check(const Operand* x);
  static auto fwd(auto x, auto low, auto high) { return lane::minimum(lane::maximum(x, low), high); }
  template <int I> static auto vjp(auto g, auto x, auto low, auto high, auto) {
    if constexpr (I == 0) return where((x >= low) & (x <= high), g, zero(g));
    else if constexpr (I == 1) return where((low < high) & (x < low), g, zero(g));
    else return where((x > high) | (high < low), g, zero(g));
  }
};
struct ClampNumbers : Alias<ClampBoth> {
  static constexpr OpInfo info = renamed(ClampBoth::info, "_clamp_numbers(Tensor input, Scalar min, Scalar max) -> Tensor", "ClampBackward1");
};
template <class Op>
constexpr OpInfo inner(const char* sig, const char* grad_name) {
  OpInfo info = renamed(Op::info, sig, grad_name);
  info.where = kInplace;
  return info;
}
struct ClampLow : Alias<ClampMin> {
  static constexpr OpInfo info = inner<ClampMin>("_clamp_low(Tensor input, Tensor|Scalar min) -> Tensor", "ClampBackward0");
};
struct ClampLowNumber : Alias<ClampMin> {
  static constexpr OpInfo info = inner<ClampMin>("_clamp_low_number(Tensor input, Scalar min) -> Tensor", "ClampBackward1");
};
struct ClampHigh : Alias<ClampMax> {
  static constexpr OpInfo info = inner<ClampMax>("_clamp_high(Tensor input, Tensor|Scalar max) -> Tensor", "ClampBackward0");
};
struct ClampHighNumber : Alias<ClampMax> {
  static constexpr OpInfo info = inner<ClampMax>("_clamp_high_number(Tensor input, Scalar max) -> Tensor", "ClampBackward1");
};

// From the nearer end, so that weight 0 and 1 give the ends exactly.
STEEPEST_LANE auto interpolate(auto a, auto b, auto w) {
  const decltype(a) rest = 1.0 - w;
  return lane::where(lane::abs(w) < 0.5, lane::plus_product(a, w, b - a), lane::plus_product(b, a - b, rest));
}
struct LerpNumber;
struct Lerp : Elementwise<3> {
  static constexpr OpInfo info{.sig = "lerp(Tensor input, Tensor end, Tensor weight) -> Tensor", .doc = "input + weight * (end - input).",
                               .kind = Kind::FloatOnly, .saves = {X2, X2, X0 | X1}, .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "LerpBackward1", .kernel = "lerp_kernel_tensor"};
  static void check(const Operand* x);  // that all are of one dtype
  static auto fwd(auto a, auto b, auto w) { return interpolate(a, b, w); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto w, auto) {
    if constexpr (I == 0) return g * (1.0 - w);
    else if constexpr (I == 1) return g * w;
    else return g * (b - a);
  }
};
struct LerpNumber : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "lerp(Tensor input, Tensor end, Scalar weight) -> Tensor", .doc = Lerp::info.doc, .kind = Kind::FloatOnly,
                               .where = kFunction | kMethod | kMethodInplace, .grad_name = "LerpBackward0", .kernel = "lerp_kernel_scalar"};
  static void check(const Operand* x);
  static auto fwd(auto a, auto b, double w) { return interpolate(a, b, decltype(a)(w)); }
  template <int I> static auto vjp(auto g, auto, auto, auto, double w) {
    if constexpr (I == 0) return g * (1.0 - w);
    else return g * w;
  }
};

struct Addcmul : Elementwise<3, 1> {
  static constexpr OpInfo info{.sig = "addcmul(Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
                               .doc = "input + value * tensor1 * tensor2.", .saves = {0, X2, X1}, .passes = 1,
                               .where = kFunction | kMethod | kMethodInplace, .bools = Bools::Refused, .kernel = "addcmul_cpu_out", .complex = true,
                               .older = {"addcmul(Tensor input, Scalar value, Tensor tensor1, Tensor tensor2) -> Tensor"}};
  static auto fwd(auto x, auto a, auto b, double value) {
    using T = decltype(x);
    return lane::plus_product(x, static_cast<T>(static_cast<T>(value) * a), b);
  }
  template <int I> static auto vjp(auto g, auto, auto a, auto b, auto, double value) {
    if constexpr (I == 1) return g * (b * value);
    else return g * (a * value);
  }
};
struct Addcdiv : Elementwise<3, 1> {
  static constexpr OpInfo info{.sig = "addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, *, Scalar value=1) -> Tensor",
                               .doc = "input + value * tensor1 / tensor2, of floating-point tensors.", .kind = Kind::FloatOnly,
                               .saves = {0, X2, X1 | X2}, .passes = 1, .where = kFunction | kMethod | kMethodInplace, .kernel = "addcdiv_cpu_out", .complex = true,
                               .older = {"addcdiv(Tensor input, Scalar value, Tensor tensor1, Tensor tensor2) -> Tensor"}};
  static void check(const Operand* x);
  static auto fwd(auto x, auto a, auto b, double value) {
    using T = decltype(x);
    return x + static_cast<T>(value) * a / b;
  }
  template <int I> static auto vjp(auto g, auto, auto a, auto b, auto, double value) {
    if constexpr (I == 1) return g * (value / b);
    else return -g * (value * a / (b * b));
  }
};

struct NanToNum : Elementwise<1, 3> {
  static constexpr OpInfo info{.sig = "_nan_to_num(Tensor input, float nan, float posinf, float neginf) -> Tensor",
                               .doc = "input with NaN and the infinities replaced.", .saves = {X0}, .where = kInplace, .grad_name = "NanToNumBackward0"};
  static auto fwd(auto x, double nan, double posinf, double neginf) {
    using T = decltype(x);
    if constexpr (lane::FloatLane<T>) {
      return lane::where(x != x, T(nan), lane::where(x == T(__builtin_inf()), T(posinf), lane::where(x == T(-__builtin_inf()), T(neginf), x)));
    } else {
      return x;
    }
  }
  template <int I> static auto vjp(auto g, auto x, auto, double, double, double) { return where(x - x == 0.0, g, zero(g)); }
};

struct Heaviside : Elementwise<2> {
  static constexpr OpInfo info{.sig = "heaviside(Tensor input, Tensor values) -> Tensor", .doc = "0 where input is negative, values where it is 0, else 1.",
                               .where = kFunction | kMethod | kMethodInplace, .grad_name = "torch::autograd::NotImplemented", .undifferentiable = true};
  static void check(const Operand* x);
  static auto fwd(auto x, auto v) {
    using T = decltype(x);
    return lane::where(x == T(0), v, lane::where(x > T(0), T(1), T(0)));
  }
};

struct Hypot : Elementwise<2> {
  static constexpr OpInfo info{.sig = "hypot(Tensor input, Tensor other) -> Tensor", .doc = "sqrt(input^2 + other^2), without overflow.",
                               .kind = Kind::FloatOnly, .saves = {X0 | Y, X1 | Y}, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return lane::hypot(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto y) {
    if constexpr (I == 0) return g * (a / y);
    else return g * (b / y);
  }
};

using choice_records = Family<Maximum, Minimum, Fmax, Fmin, ClampMin, ClampMinNumber, ClampMax, ClampMaxNumber, ClampBoth,
                              ClampNumbers, ClampLow, ClampLowNumber, ClampHigh, ClampHighNumber, Lerp, LerpNumber, Addcmul, Addcdiv, NanToNum,
                              Heaviside, Hypot>;

}  // namespace st
