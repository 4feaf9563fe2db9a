// Quotients of integers and their rests by way of floating numbers, which registers divide and integers they do not.
#pragma once

#include "lane_simd.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// A type that holds integers of so many bytes, and the sum of any two, exactly; added to kUnits, an integer is what the last bits say.
template <int kBytes>
struct Exact {
  using Number = double;
  using Bits = int64_t;
  static constexpr Number kUnits = 0x1.8p52;
};
struct ExactSingle {
  using Number = float;
  using Bits = int32_t;
  static constexpr Number kUnits = 0x1.8p23f;
};
template <> struct Exact<1> : ExactSingle {};
template <> struct Exact<2> : ExactSingle {};

// 0 where the integer is exact as a number, for the functions below.
template <class T>
STEEPEST_LANE uint64_t too_large(T a) {
  constexpr uint64_t kBound = uint64_t{1} << 50;
  if constexpr (sizeof(T) < 8) return 0;
  else return (static_cast<uint64_t>(a) + kBound) / (2 * kBound);
}

template <class T>
STEEPEST_LANE auto as_number(T a) {
  using E = Exact<sizeof(T)>;
  if constexpr (sizeof(T) < 8) return static_cast<typename E::Number>(a);
  else return __builtin_bit_cast(double, a + __builtin_bit_cast(int64_t, E::kUnits)) - E::kUnits;
}
template <class T>
STEEPEST_LANE T as_integer(typename Exact<sizeof(T)>::Number whole) {  // what does not fit wraps
  using E = Exact<sizeof(T)>;
  using Bits = typename E::Bits;
  return static_cast<T>(__builtin_bit_cast(Bits, whole + E::kUnits) - __builtin_bit_cast(Bits, E::kUnits));
}
STEEPEST_LANE float whole_below(float x) { return __builtin_floorf(x); }
STEEPEST_LANE double whole_below(double x) { return __builtin_floor(x); }
STEEPEST_LANE float whole_part(float x) { return __builtin_truncf(x); }
STEEPEST_LANE double whole_part(double x) { return __builtin_trunc(x); }

// A quotient that is not whole is at least 1 / b from the next whole number, which is more than rounding moves it by.
template <class T>
STEEPEST_LANE T quotient_below(T a, T b) { return as_integer<T>(whole_below(as_number(a) / as_number(b))); }
template <class T>
STEEPEST_LANE T quotient_part(T a, T b) { return as_integer<T>(whole_part(as_number(a) / as_number(b))); }
template <class T>
STEEPEST_LANE T rest_below(T a, T b) {
  const auto x = as_number(a), y = as_number(b);
  return as_integer<T>(x - whole_below(x / y) * y);
}
template <class T>
STEEPEST_LANE T rest_part(T a, T b) {
  const auto x = as_number(a), y = as_number(b);
  return as_integer<T>(x - whole_part(x / y) * y);
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
