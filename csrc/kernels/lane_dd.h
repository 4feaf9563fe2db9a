// Tools of the elementary functions: exact sums and products, polynomials, rounding to integers, scaling by powers of two.
#pragma once

#include "lane_scalar.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

using D = Simd<double>;

// An unevaluated sum hi + lo, |lo| at most a few ulps of hi. Formulas: Dekker 1971, Knuth TAOCP 2, 4.2.2.
struct Pair {
  D hi, lo;
};

STEEPEST_LANE Pair two_sum(D a, D b) {
  const D s = a + b, t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}
// The same where |a| >= |b| or a == 0.
STEEPEST_LANE Pair fast_two_sum(D a, D b) {
  const D s = a + b;
  return {s, (a - s) + b};
}
STEEPEST_LANE Pair two_product(D a, D b) {
  const D p = a * b;
  if constexpr (kHasFma) {
    return {p, mul_add(a, b, -p)};
  } else {
    const D ca = 0x1p27 * a + a, cb = 0x1p27 * b + b;
    const D ah = ca - (ca - a), bh = cb - (cb - b), al = a - ah, bl = b - bh;
    return {p, ((ah * bh - p) + ah * bl + al * bh) + al * bl};
  }
}
// c - a * b, rounded once or nearly so where the two almost cancel.
STEEPEST_LANE D residual(D c, D a, D b) {
  if constexpr (kHasFma) return mul_add(-a, b, c);
  const Pair p = two_product(a, b);
  return (c - p.hi) - p.lo;
}

// A division holds up AVX-512 for as long as ten multiplications. `near` is right to 2^-42 there: a 14 bit estimate and one step of
// third order; for 2^-900 < |b| < 2^900.
STEEPEST_LANE D near_reciprocal(D b) {
#if defined(STEEPEST_LANE_AVX512)
  const D r((D::Vec)_mm512_maskz_rcp14_pd(-1, (__m512d)b.v)), e = mul_add(-b, r, 1);
  return mul_add(r, mul_add(e, e, e), r);
#else
  return 1 / b;
#endif
}
STEEPEST_LANE D near_quotient(D a, D b) {
#if defined(STEEPEST_LANE_AVX512)
  return a * near_reciprocal(b);
#else
  return a / b;
#endif
}
// Right to an ulp.
STEEPEST_LANE D quotient(D a, D b) {
#if defined(STEEPEST_LANE_AVX512)
  const D r = near_reciprocal(b), q = a * r;
  return mul_add(r, residual(a, q, b), q);
#else
  return a / b;
#endif
}
STEEPEST_LANE Pair divide(Pair a, Pair b) {
  const D r = near_reciprocal(b.hi), q = a.hi * r;
  return fast_two_sum(q, (residual(a.hi, q, b.hi) + (a.lo - q * b.lo)) * r);
}
STEEPEST_LANE Pair multiply(Pair a, Pair b) {
  const Pair p = two_product(a.hi, b.hi);
  return {p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi)};
}
// sqrt(u.hi + u.lo), 0 or 2^-900 < u.hi < 2^900. (A square root, too, holds up AVX-512: an estimate, and what it leaves over, do not.)
STEEPEST_LANE Pair sqrt_pair(Pair u) {
#if defined(STEEPEST_LANE_AVX512)
  const D r((D::Vec)_mm512_maskz_rsqrt14_pd(static_cast<__mmask8>((u.hi != 0).m), (__m512d)u.hi.v)), e = mul_add(-u.hi * r, r, 1);
  const D better = mul_add(r * e, mul_add(e, 0.375, 0.5), r), half = 0.5 * better;  // right to 2^-41
  const D near = u.hi * better, s = mul_add(residual(u.hi, near, near), half, near);
  return {s, (residual(u.hi, s, s) + u.lo) * half};
#else
  const D s = sqrt(u.hi);
  return {s, where(s > 0, near_quotient(residual(u.hi, s, s) + u.lo, 2 * s), 0)};
#endif
}

template <int N>
STEEPEST_LANE D polynomial(D x, const double (&c)[N]) {
  D y(c[N - 1]);
#pragma GCC unroll 32
  for (int i = N - 2; i >= 0; --i) y = mul_add(y, x, c[i]);
  return y;
}

// The same with the last step unrounded; `rest` is what c[0] lacks of the true coefficient.
template <int N>
STEEPEST_LANE Pair polynomial_pair(D x, const double (&c)[N], double rest) {
  D y(c[N - 1]);
#pragma GCC unroll 32
  for (int i = N - 2; i >= 1; --i) y = mul_add(y, x, c[i]);
  const Pair p = two_product(y, x), s = two_sum(c[0], p.hi);
  return {s.hi, s.lo + (p.lo + rest)};
}

// Adding kShift rounds to an integer, which then stands in the low bits of the sum. For |x| < 2^51.
inline constexpr double kShift = 0x1.8p52;
struct Rounded {
  D value;
  D::Int low;  // the integer in the low bits
};
STEEPEST_LANE Rounded round_product(D x, double factor) {
  const D t = mul_add(x, factor, kShift);
  return {t - kShift, bits(t)};
}

// p * 2^n where neither p nor the result leaves the normal range.
STEEPEST_LANE D scale_normal(D p, D::Int n) {
  return from_bits<double>((D::Int)((D::UInt)bits(p) + ((D::UInt)n << 52)));
}
// p * 2^n rounded once, for |n| < 2100: overflow and subnormal results included.
STEEPEST_LANE D scale(D p, D n) {
#if defined(STEEPEST_LANE_AVX512)
  return D((D::Vec)_mm512_maskz_scalef_pd(-1, (__m512d)p.v, (__m512d)n.v));
#else
  const Rounded half = round_product(n, 0.5);
  const D rest = n - half.value;
  return scale_normal(1, bits(rest + kShift)) * (p * scale_normal(1, half.low));
#endif
}

// Defines a function for lanes and numbers of both types, from name_double, right to a fraction of an ulp of a double, and name_single,
// which is given floats as doubles, and whose error is far below half an ulp of a float (so that rounding gives nearly always the
// float nearest to the true value).
#define STEEPEST_LANE_FUNCTION(name)                                                             \
  STEEPEST_LANE Simd<double> name(Simd<double> x) { return name##_double(x); }                   \
  STEEPEST_LANE Simd<float> name(Simd<float> x) {                                                \
    const Halves h = to_double(x);                                                               \
    return to_float(name##_single(h.lo), name##_single(h.hi));                                   \
  }                                                                                              \
  STEEPEST_LANE double name(double x) { return name##_double(x)[0]; }                            \
  STEEPEST_LANE float name(float x) { return static_cast<float>(name##_single(x)[0]); }

// The same for two arguments, which may mix lanes and numbers.
#define STEEPEST_LANE_FUNCTION2(name)                                                            \
  template <Lane A, Lane B>                                                                      \
  STEEPEST_LANE common<A, B> name(A a, B b) {                                                    \
    using T = common<A, B>;                                                                      \
    if constexpr (__is_same(T, Simd<float>)) {                                                   \
      const Halves x = to_double(T(a)), y = to_double(T(b));                                     \
      return to_float(name##_single(x.lo, y.lo), name##_single(x.hi, y.hi));                     \
    } else if constexpr (kIsSimd<T>) {                                                           \
      return name##_double(T(a), T(b));                                                          \
    } else if constexpr (__is_same(T, float)) {                                                  \
      return static_cast<float>(name##_single(D(T(a)), D(T(b)))[0]);                             \
    } else {                                                                                     \
      return name##_double(D(T(a)), D(T(b)))[0];                                                 \
    }                                                                                            \
  }

}  // namespace STEEPEST_ISA
}  // namespace st::lane
