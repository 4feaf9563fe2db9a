// The lane vocabulary for plain numbers, and for calls that mix lanes with numbers.
#pragma once

#include "lane_arith.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// The value type of a call: the lane's type if there is a lane; among numbers, a literal (double beside float, int beside a smaller
// integer) takes the other's type, as it does beside a lane.
template <class A, class B>
struct Common {
  static constexpr bool kLeft = kIsSimd<A> || (!kIsSimd<B> && (__is_same(A, float) || (__is_same(A, double) && !__is_same(B, float)) ||
                                                 (!__is_same(B, float) && !__is_same(B, double) && sizeof(A) <= sizeof(B))));
  template <bool Left, class X, class>
  struct Pick { using type = X; };
  template <class X, class Y>
  struct Pick<false, X, Y> { using type = Y; };
  using type = typename Pick<kLeft, A, B>::type;
};
template <class A, class B>
using common = typename Common<A, B>::type;

template <class T>
concept Float = __is_same(T, float) || __is_same(T, double);
template <class T>
concept Lane = kIsSimd<T> || Arithmetic<T>;
template <class T>
concept FloatLane = kIsSimd<T> || Float<T>;

template <Lane A, Lane B>
STEEPEST_LANE common<A, B> where(bool m, A a, B b) {
  using T = common<A, B>;
  return m ? T(a) : T(b);
}
STEEPEST_LANE bool any(bool m) { return m; }
STEEPEST_LANE bool all(bool m) { return m; }

STEEPEST_LANE bool isnan(float x) { return x != x; }
STEEPEST_LANE bool isnan(double x) { return x != x; }
template <Float T>
STEEPEST_LANE bool isinf(T x) {
  return __builtin_fabs(x) == __builtin_inf();
}
template <Float T>
STEEPEST_LANE bool isfinite(T x) {
  return __builtin_fabs(x) < __builtin_inf();
}
template <Float T>
STEEPEST_LANE bool signbit(T x) {
  return __builtin_signbit(x) != 0;
}

// A number's function is lane 0 of the register's: the same bits, whichever path an element takes.
#define STEEPEST_LANE_SCALAR(name)   \
  template <Float T>                 \
  STEEPEST_LANE T name(T x) {        \
    return name(Simd<T>(x))[0];      \
  }
STEEPEST_LANE_SCALAR(floor)
STEEPEST_LANE_SCALAR(ceil)
STEEPEST_LANE_SCALAR(trunc)
STEEPEST_LANE_SCALAR(round)
#undef STEEPEST_LANE_SCALAR

template <Arithmetic T>
STEEPEST_LANE T abs(T x) {
  if constexpr (__is_same(T, float)) return __builtin_fabsf(x);
  else if constexpr (__is_same(T, double)) return __builtin_fabs(x);
  else if constexpr (T(-1) > T(0)) return x;
  else return x < 0 ? static_cast<T>(0 - static_cast<uint64_t>(x)) : x;  // wraps at the smallest value
}
template <Arithmetic T>
STEEPEST_LANE T sign(T x) {
  return static_cast<T>((x > T(0)) - (x < T(0)));
}
template <Arithmetic T>
STEEPEST_LANE T square(T x) {
  if constexpr (Float<T>) return x * x;
  else return static_cast<T>(static_cast<uint64_t>(x) * static_cast<uint64_t>(x));
}
template <Float T>
STEEPEST_LANE T sqrt(T x) {
  if constexpr (sizeof(T) == 4) return __builtin_sqrtf(x);
  else return __builtin_sqrt(x);
}
template <Float T>
STEEPEST_LANE T rsqrt(T x) {
  return rsqrt(Simd<T>(x))[0];
}
template <Float T>
STEEPEST_LANE T reciprocal(T x) {
  return T(1) / x;
}

template <FloatLane A, Lane B, Lane C>
STEEPEST_LANE common<common<A, B>, C> fma(A a, B b, C c) {
  using T = common<common<A, B>, C>;
  if constexpr (kIsSimd<T>) return fused(T(a), T(b), T(c));
  else if constexpr (sizeof(T) == 4) return __builtin_fmaf(T(a), T(b), T(c));
  else return __builtin_fma(T(a), T(b), T(c));
}

// c + a * b; of floating types rounded once, as PyTorch's ops of this form are.
template <class T>
STEEPEST_LANE T plus_product(T c, T a, T b) {
  if constexpr (kIsSimd<T> || Float<T>) return fma(a, b, c);
  else return static_cast<T>(c + a * b);
}

// NaN in either wins; the first of equals.
template <Lane A, Lane B>
STEEPEST_LANE common<A, B> maximum(A a, B b) {
  using T = common<A, B>;
  const T x(a), y(b);
  if constexpr (kIsSimd<T>) return where(isnan(y), y, largest(y, x));
  else if constexpr (Float<T>) return y > x || isnan(y) ? y : x;
  else return y > x ? y : x;
}
template <Lane A, Lane B>
STEEPEST_LANE common<A, B> minimum(A a, B b) {
  using T = common<A, B>;
  const T x(a), y(b);
  if constexpr (kIsSimd<T>) return where(isnan(y), y, least(y, x));
  else if constexpr (Float<T>) return y < x || isnan(y) ? y : x;
  else return y < x ? y : x;
}
// The number wins over NaN.
template <Lane A, Lane B>
STEEPEST_LANE common<A, B> fmax(A a, B b) {
  using T = common<A, B>;
  const T x(a), y(b);
  if constexpr (kIsSimd<T>) return where(isnan(x), y, largest(y, x));
  else if constexpr (Float<T>) return y > x || isnan(x) ? y : x;
  else return y > x ? y : x;
}
template <Lane A, Lane B>
STEEPEST_LANE common<A, B> fmin(A a, B b) {
  using T = common<A, B>;
  const T x(a), y(b);
  if constexpr (kIsSimd<T>) return where(isnan(x), y, least(y, x));
  else if constexpr (Float<T>) return y < x || isnan(x) ? y : x;
  else return y < x ? y : x;
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
