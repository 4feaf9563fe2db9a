// Division with a rest: fmod (C), remainder and floor_divide (Python's signs, PyTorch's values at the edges).
#pragma once

#include "lane_dd.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Exact while the quotient is below `limit`: then quotient * y is off by at most one y, and the difference to x has no rounding error.
STEEPEST_LANE D fmod_below(D x, D y, double limit) {
  const D a = abs(x), b = abs(y), q = a / b;
  const Mask<double> quick = (q < limit) & (b > 0x1p-900) & (b < 0x1p900) & (a < 0x1p900);
  D r = residual(a, trunc(q), b);
  r = where(r < 0, r + b, r);
  r = where(r >= b, r - b, r);
  r = copysign(r, x);
  if (__builtin_expect(all(quick), 1)) return r;
  return where(quick, r, each_lane([](double s, double t) { return __builtin_fmod(s, t); }, x, where(quick, 1, y)));
}
STEEPEST_LANE D fmod_double(D x, D y) { return fmod_below(x, y, 0x1p50); }
STEEPEST_LANE D fmod_single(D x, D y) { return fmod_below(x, y, 0x1p28); }
STEEPEST_LANE_FUNCTION2(fmod)

STEEPEST_LANE D remainder_double(D x, D y) {
  const D r = fmod_double(x, y);
  return where((r != 0) & ((r < 0) ^ (y < 0)), r + y, r);
}
// In float as PyTorch does it: the sum is rounded to float, which is where double would tell the difference.
STEEPEST_LANE D remainder_single(D x, D y) {
  const D r = fmod_single(x, y);
  return where((r != 0) & ((r < 0) ^ (y < 0)), r + y, r);
}
STEEPEST_LANE_FUNCTION2(remainder)

// floor(x / y) found from the rest, so that a quotient just below an integer does not round up to it.
template <FloatLane T>
STEEPEST_LANE T floor_quotient(T x, T y) {
  const T r = fmod(x, y), ratio = x / y;
  T q = (x - r) / y;
  q = where((r != 0) & ((y < 0) ^ (r < 0)), q - 1, q);
  const T f = floor(q), whole = where(q - f > 0.5, f + 1, f);
  return where(y == 0, ratio, where(q != 0, whole, copysign(T(0), ratio)));
}
template <Lane A, Lane B>
STEEPEST_LANE common<A, B> floor_divide(A a, B b) {
  using T = common<A, B>;
  if constexpr (kIsSimd<T>) return floor_quotient(T(a), T(b));
  else return floor_quotient(Simd<T>(a), Simd<T>(b))[0];
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
