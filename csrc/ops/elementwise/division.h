// Division with a rest, and the other names of arithmetic.
#pragma once
#include "ops/elementwise/arithmetic.h"
#include "ops/elementwise/rounding.h"

namespace st {

// The smallest integer by -1 wraps to itself, where the processor would trap.
template <class T>
STEEPEST_LANE T integer_quotient(T a, T b) { return T(-1) < T(0) && b == T(-1) ? static_cast<T>(0 - a) : static_cast<T>(a / b); }
template <class T>
STEEPEST_LANE T integer_rest(T a, T b) { return T(-1) < T(0) && b == T(-1) ? T(0) : static_cast<T>(a % b); }

// What divides integers states how it does so by way of floating numbers (`quick`), which is right unless lane::too_large says otherwise.
struct Division : Elementwise<2> {
  template <class T>
  static uint64_t slow(T a, T b) { return lane::too_large(a) | lane::too_large(b); }
};

struct DivFloor : Division {
  static constexpr OpInfo info{.sig = "_div_floor(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "input / other, rounded down.",
                               .where = kInplace, .grad_name = "DivBackward2", .bools = Bools::Refused, .kernel = "div_floor_cpu", .zero_check = true};
  static auto fwd(auto a, auto b) {
    using T = decltype(a);
    if constexpr (lane::FloatLane<T>) return lane::floor_divide(a, b);
    else return static_cast<T>(integer_quotient(a, b) - (integer_rest(a, b) != 0 && (a < 0) != (b < 0)));
  }
  static auto quick(auto a, auto b) { return lane::quotient_below(a, b); }
  template <int I> static auto vjp(auto g, auto, auto, auto) { return zero(g); }
};
inline constexpr Fn<DivFloor> div_floor{};

struct FloorDivide : Alias<DivFloor> {
  static constexpr OpInfo info{.sig = "floor_divide(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = DivFloor::info.doc,
                               .where = kFunction | kMethod | kMethodInplace, .grad_name = "torch::autograd::NotImplemented", .bools = Bools::Refused, .kernel = "div_floor_cpu",
                               .zero_check = true, .undifferentiable = true, .numbers = true};
};

struct DivTrunc : Division {
  static constexpr OpInfo info{.sig = "_div_trunc(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "input / other, rounded towards zero.",
                               .where = kInplace, .grad_name = "DivBackward2", .bools = Bools::Refused, .kernel = "div_trunc_cpu", .zero_check = true};
  static auto fwd(auto a, auto b) {
    if constexpr (lane::FloatLane<decltype(a)>) return lane::trunc(a / b);
    else return integer_quotient(a, b);
  }
  static auto quick(auto a, auto b) { return lane::quotient_part(a, b); }
  template <int I> static auto vjp(auto g, auto, auto, auto) { return zero(g); }
};
inline constexpr Fn<DivTrunc> div_trunc{};

struct RemainderNumber;
struct Remainder : Division {
  using WithNumber = RemainderNumber;
  static constexpr OpInfo info{.sig = "remainder(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "What floor division of input by other leaves; it has the sign of other.",
                               .saves = {0, X0 | X1}, .passes = 0b01, .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "RemainderBackward1", .bools = Bools::Refused, .zero_check = true};
  static auto fwd(auto a, auto b) {
    using T = decltype(a);
    if constexpr (lane::FloatLane<T>) {
      return lane::remainder(a, b);
    } else {
      const T r = integer_rest(a, b);
      return static_cast<T>(r != 0 && (r < 0) != (b < 0) ? r + b : r);
    }
  }
  static auto quick(auto a, auto b) { return lane::rest_below(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) { return -g * div_floor(a, b); }
};
inline constexpr Fn<Remainder> remainder{};
struct RemainderNumber : Alias<Remainder> {
  static constexpr OpInfo info = renamed(Remainder::info, "remainder(Tensor input, Scalar other) -> Tensor", "RemainderBackward0");
};

struct FmodNumber;
struct Fmod : Division {
  using WithNumber = FmodNumber;
  static constexpr OpInfo info{.sig = "fmod(Tensor input, Tensor|Scalar other) -> Tensor",
                               .doc = "What truncated division of input by other leaves; it has the sign of input.",
                               .saves = {0, X0 | X1}, .passes = 0b01, .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "FmodBackward1", .bools = Bools::Refused, .zero_check = true};
  static auto fwd(auto a, auto b) {
    if constexpr (lane::FloatLane<decltype(a)>) return lane::fmod(a, b);
    else return integer_rest(a, b);
  }
  static auto quick(auto a, auto b) { return lane::rest_part(a, b); }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) { return -g * div_trunc(a, b); }
};
struct FmodNumber : Alias<Fmod> {
  static constexpr OpInfo info = renamed(Fmod::info, "fmod(Tensor input, Scalar other) -> Tensor", "FmodBackward0");
};

// What `number - x` is.
struct RsubNumber;
struct Rsub : Elementwise<2> {
  using WithNumber = RsubNumber;
  static constexpr OpInfo info{.sig = "rsub(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "other - input.",
                               .passes = 0b10, .where = kFunction, .no_bool = Sub::info.no_bool, .complex = true};
  static void check(const Operand* x) { Sub::check(x); }
  static auto fwd(auto a, auto b) { return b - a; }
  template <int I> static auto vjp(auto g, auto, auto, auto) { return -g; }
};
struct RsubNumber : Alias<Rsub> {
  static constexpr OpInfo info = renamed(Rsub::info, "rsub(Tensor input, Scalar other) -> Tensor", "RsubBackward1");
};
struct RsubAlpha : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "rsub(Tensor input, Tensor|Scalar other, *, Scalar alpha) -> Tensor", .doc = "other - alpha * input.",
                               .passes = 0b10, .where = kFunction, .no_bool = Sub::info.no_bool, .alpha = true, .complex = true};
  static void check(const Operand* x) { Sub::check(x); }
  static auto fwd(auto a, auto b, double alpha) { return lane::plus_product(b, a, static_cast<decltype(a)>(-static_cast<decltype(a)>(alpha))); }
  template <int I> static auto vjp(auto g, auto, auto, auto, double alpha) { return g * -alpha; }
};

struct TrueDivide : Alias<Div> {
  static constexpr OpInfo info = renamed(Div::info, "true_divide(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", "DivBackward0");
};
struct Divide : Alias<Div> {
  static constexpr OpInfo info = renamed(Div::info, "divide(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", "DivBackward0");
};
struct Multiply : Alias<Mul> {
  static constexpr OpInfo info = renamed(Mul::info, "multiply(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", "MulBackward0");
};
struct Subtract : Alias<Sub> {
  static constexpr OpInfo info = renamed(Sub::info, "subtract(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", "SubBackward0");
};
struct SubtractAlpha : Alias<SubAlpha> {
  static constexpr OpInfo info = renamed(SubAlpha::info, "subtract(Tensor|Scalar input, Tensor|Scalar other, *, Scalar alpha) -> Tensor", "SubBackward0");
};
struct Negative : Alias<Neg> {
  static constexpr OpInfo info = renamed(Neg::info, "negative(Tensor input) -> Tensor", "NegBackward0");
};

using division_records = Family<DivFloor, FloorDivide, DivTrunc, Remainder, RemainderNumber, Fmod, FmodNumber, Rsub, RsubNumber, RsubAlpha,
                                TrueDivide, Divide, Multiply, Subtract, SubtractAlpha, Negative>;

}  // namespace st
