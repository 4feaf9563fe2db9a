// What concerns the representation of numbers: common divisors, neighbours, powers of two, angles.
#pragma once
#include "ops/elementwise/special.h"

namespace st {

// Without signs. Two divisions find what numbers near each other have in common, and halving what others have. The result of the
// smallest number wraps.
template <class T>
STEEPEST_LANE T common_divisor(T a, T b) {
  constexpr uint64_t kOnes = ~uint64_t{0} >> (64 - 8 * sizeof(T));
  uint64_t x = static_cast<uint64_t>(lane::abs(a)) & kOnes, y = static_cast<uint64_t>(lane::abs(b)) & kOnes;
  for (int step = 0; step < 2 && y != 0 && (x | y) >> 32 == 0; ++step) {
    const uint64_t rest = static_cast<uint32_t>(x) % static_cast<uint32_t>(y);
    x = y;
    y = rest;
  }
  if (x == 0 || y == 0) return static_cast<T>(x | y);
  const int twos = __builtin_ctzll(x | y);
  x >>= __builtin_ctzll(x);
  y >>= __builtin_ctzll(y);
  while (x != y && y != 1) {  // both odd
    const uint64_t gap = x - y;
    const bool more = x > y;
    y = more ? y : x;
    x = (more ? gap : 0 - gap) >> __builtin_ctzll(gap);
  }
  return static_cast<T>(y << twos);
}

template <int kBytes> struct IntegerOf { using type = int64_t; };
template <> struct IntegerOf<4> { using type = int32_t; };

struct Gcd : Elementwise<2> {
  static constexpr OpInfo info{.sig = "gcd(Tensor input, Tensor other) -> Tensor", .doc = "The greatest common divisor of integers; gcd(0, 0) is 0.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kInplace, .bools = Bools::Refused};
  static auto fwd(auto a, auto b) { return common_divisor(a, b); }
};
struct Lcm : Elementwise<2> {
  static constexpr OpInfo info{.sig = "lcm(Tensor input, Tensor other) -> Tensor", .doc = "The least common multiple of integers, not negative; 0 with 0.",
                               .kind = Kind::Bits, .where = kFunction | kMethod | kInplace, .bools = Bools::Refused};
  static auto fwd(auto a, auto b) {
    using T = decltype(a);
    const T d = common_divisor(a, b);
    return d == 0 ? T(0) : lane::abs(static_cast<T>(static_cast<uint64_t>(a / d) * static_cast<uint64_t>(b)));
  }
};

// Neighbours in size are neighbours as integers.
template <class T>
STEEPEST_LANE T next_number(T from, T to) {
  using Bits = typename IntegerOf<sizeof(T)>::type;
  const Bits bits = __builtin_bit_cast(Bits, from);
  const T away = __builtin_bit_cast(T, static_cast<Bits>((from < to) == (from > T(0)) ? bits + 1 : bits - 1));
  const T least = __builtin_bit_cast(T, static_cast<Bits>(1));
  const T next = from == T(0) ? (to > T(0) ? least : -least) : away;
  return from == to ? to : from == from && to == to ? next : from + to;
}

struct Nextafter : Elementwise<2> {
  static constexpr OpInfo info{.sig = "nextafter(Tensor input, Tensor other) -> Tensor", .doc = "The number next to input in the direction of other.",
                               .kind = Kind::FloatOnly, .saves = {X0 | X1, 0}, .where = kFunction | kMethod | kMethodInplace};
  static void check(const Operand* x);
  static auto fwd(auto a, auto b) {
    return lane::each_lane([](auto s, auto t) { return next_number(s, t); }, a, b);
  }
  template <int I> static auto vjp(auto g, auto a, auto b, auto) {
    if constexpr (I == 0) return where(a == b, zero(g), g);
    else return zero(g);
  }
};

struct Ldexp : Elementwise<2> {
  static constexpr OpInfo info{.sig = "ldexp(Tensor input, Tensor other) -> Tensor", .doc = "input * 2^other.",
                               .kind = Kind::Float, .saves = {X1, X1 | Y}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto a, auto b) { return a * lane::exp2(b); }
  template <int I> static auto vjp(auto g, auto, auto b, auto y) {
    if constexpr (I == 0) return g * exp2(b);
    else return g * y * 0.69314718055994530942;
  }
};

struct Angle : Elementwise<1> {
  static constexpr OpInfo info{.sig = "angle(Tensor input) -> Tensor", .doc = "The angle of input in the complex plane: pi below 0, else 0.", .kind = Kind::Float};
  static auto fwd(auto x) { return lane::where(x != x, x, lane::where(x < 0.0, 3.14159265358979323846, 0.0)); }
  template <int I> static auto vjp(auto g, auto, auto) { return zero(g); }
};

using number_records = Family<Gcd, Lcm, Nextafter, Ldexp, Angle>;

}  // namespace st
