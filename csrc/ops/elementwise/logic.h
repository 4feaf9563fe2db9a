// Logic: of truth values, of bits, and questions about numbers.
#pragma once
#include "kernels/lane.h"
#include "ops/record.h"

namespace st {

struct LogicalNot : Elementwise<1> {
  static constexpr OpInfo info{.sig = "logical_not(Tensor input) -> Tensor", .doc = "Whether input is zero.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace, .complex = true};
  static auto fwd(auto x) { return x == decltype(x)(0); }
};
struct LogicalAnd : Elementwise<2> {
  static constexpr OpInfo info{.sig = "logical_and(Tensor input, Tensor other) -> Tensor", .doc = "Whether both are nonzero.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace, .complex = true};
  static auto fwd(auto a, auto b) { return (a != decltype(a)(0)) & (b != decltype(b)(0)); }
};
struct LogicalOr : Elementwise<2> {
  static constexpr OpInfo info{.sig = "logical_or(Tensor input, Tensor other) -> Tensor", .doc = "Whether one of both is nonzero.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace, .complex = true};
  static auto fwd(auto a, auto b) { return (a != decltype(a)(0)) | (b != decltype(b)(0)); }
};
struct LogicalXor : Elementwise<2> {
  static constexpr OpInfo info{.sig = "logical_xor(Tensor input, Tensor other) -> Tensor", .doc = "Whether exactly one of both is nonzero.",
                               .kind = Kind::Compare, .where = kFunction | kMethod | kMethodInplace, .complex = true};
  static auto fwd(auto a, auto b) { return (a != decltype(a)(0)) ^ (b != decltype(b)(0)); }
};

struct BitwiseNot : Elementwise<1> {
  static constexpr OpInfo info{.sig = "bitwise_not(Tensor input) -> Tensor", .doc = "Every bit of input turned; of bool, logical not.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto x) {
    if constexpr (__is_same(decltype(x), bool)) return !x;
    else return ~x;
  }
};
inline constexpr Fn<BitwiseNot> bitwise_not{};
struct BitwiseAnd : Elementwise<2> {
  static constexpr OpInfo info{.sig = "bitwise_and(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "The bits set in both.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a & b; }
};
inline constexpr Fn<BitwiseAnd> bitwise_and{};
struct BitwiseOr : Elementwise<2> {
  static constexpr OpInfo info{.sig = "bitwise_or(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "The bits set in one of both.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a | b; }
};
inline constexpr Fn<BitwiseOr> bitwise_or{};
struct BitwiseXor : Elementwise<2> {
  static constexpr OpInfo info{.sig = "bitwise_xor(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "The bits set in exactly one of both.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kMethodInplace};
  static auto fwd(auto a, auto b) { return a ^ b; }
};

// The unsigned number in which T is shifted.
template <int kBytes> struct WordOf { using type = uint32_t; };
template <> struct WordOf<8> { using type = uint64_t; };
template <class T> using Word = typename WordOf<sizeof(T)>::type;

// A shift by as many bits as there are, or by a negative number, shifts all out.
struct BitwiseLeftShift : Elementwise<2> {
  static constexpr OpInfo info{.sig = "bitwise_left_shift(Tensor|Scalar input, Tensor|Scalar other) -> Tensor", .doc = "The bits of input moved up by other places.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kMethodInplace, .bools = Bools::Refused, .kernel = "lshift_cpu"};
  static auto fwd(auto a, auto b) {
    using T = decltype(a);
    const auto by = static_cast<Word<T>>(b);
    return by < 8 * sizeof(T) ? static_cast<T>(static_cast<Word<T>>(a) << by) : T(0);
  }
};
struct BitwiseRightShift : Elementwise<2> {
  static constexpr OpInfo info{.sig = "bitwise_right_shift(Tensor|Scalar input, Tensor|Scalar other) -> Tensor",
                               .doc = "The bits of input moved down by other places; the sign moves in.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kMethodInplace, .bools = Bools::Refused, .kernel = "rshift_cpu"};
  static auto fwd(auto a, auto b) {
    using T = decltype(a);
    const auto by = static_cast<Word<T>>(b);
    return static_cast<T>(a >> (by < 8 * sizeof(T) ? by : 8 * sizeof(Word<T>) - 1));
  }
};

struct Isnan : Elementwise<1> {
  static constexpr OpInfo info{.sig = "isnan(Tensor input) -> Tensor", .doc = "Whether input is NaN.", .kind = Kind::Compare, .complex = true};
  static auto fwd(auto x) { return x != x; }
};
inline constexpr Fn<Isnan> isnan{};
struct Isinf : Elementwise<1> {
  static constexpr OpInfo info{.sig = "isinf(Tensor input) -> Tensor", .doc = "Whether input is infinite.", .kind = Kind::Compare, .complex = true};
  static auto fwd(auto x) {
    if constexpr (lane::Inexact<decltype(x)>) return lane::isinf(x);
    else return false;
  }
};
struct Isfinite : Elementwise<1> {
  static constexpr OpInfo info{.sig = "isfinite(Tensor input) -> Tensor", .doc = "Whether input is neither infinite nor NaN.", .kind = Kind::Compare, .complex = true};
  static auto fwd(auto x) {
    if constexpr (lane::Inexact<decltype(x)>) return lane::isfinite(x);
    else return true;
  }
};
struct Isposinf : Elementwise<1> {
  static constexpr OpInfo info{.sig = "isposinf(Tensor input) -> Tensor", .doc = "Whether input is positive infinity.", .kind = Kind::Compare};
  static auto fwd(auto x) {
    using T = decltype(x);
    if constexpr (lane::FloatLane<T>) return x == T(__builtin_inf());
    else return false;
  }
};
struct Isneginf : Elementwise<1> {
  static constexpr OpInfo info{.sig = "isneginf(Tensor input) -> Tensor", .doc = "Whether input is negative infinity.", .kind = Kind::Compare};
  static auto fwd(auto x) {
    using T = decltype(x);
    if constexpr (lane::FloatLane<T>) return x == T(-__builtin_inf());
    else return false;
  }
};

using logic_records = Family<LogicalNot, LogicalAnd, LogicalOr, LogicalXor, BitwiseNot, BitwiseAnd, BitwiseOr, BitwiseXor, BitwiseLeftShift,
                             BitwiseRightShift, Isnan, Isinf, Isfinite, Isposinf, Isneginf>;

}  // namespace st
