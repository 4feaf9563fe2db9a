// exp, log, log1p, tanh, sigmoid, erf of floats, in registers of floats, for machines that multiply and add in one instruction.
#pragma once

#include "lane_dd.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

using F = Simd<float>;

// Note [Floats in floats]
// Widened to doubles a function is rounded once but takes twice the registers and longer polynomials. The bodies below stay within
// 1 ulp: what is added last is split into a sum and its rounding error wherever the rest is not small beside it.
// Without a fused instruction the splitting costs more than it saves, and the bodies for doubles serve.

// Interpolants: (e^r - 1 - r) / r^2 on |r| <= log(2) / 2; (log(1 + f) - f + f^2 / 2) / f^3 on [-1/3, 1/2];
// in z = x^2 on x <= 1: (tanh(x) / x - 1) / z and erf(x) / x - 1; log(erfc(x)) in x - 1 on [1, 4].
inline constexpr float kFloatExp[] = {0x1p-1f, 0x1.555556p-3f, 0x1.55548p-5f, 0x1.11108ap-7f, 0x1.6d97acp-10f, 0x1.a1a7b4p-13f};
inline constexpr float kFloatLog[] = {0x1.555528p-2f, -0x1.000084p-2f, 0x1.99b67p-3f, -0x1.554022p-3f, 0x1.21c792p-3f,
                                      -0x1.fcf05p-4f, 0x1.fb1448p-4f, -0x1.e687f4p-4f, 0x1.f0c7f6p-5f};
inline constexpr float kFloatTanh[] = {-0x1.55553ep-2f, 0x1.110c2cp-3f, -0x1.b969eep-5f, 0x1.603904p-6f,
                                       -0x1.04f1b4p-7f, 0x1.2f56d6p-9f, -0x1.7bd26ap-12f};
inline constexpr float kFloatErf[] = {0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2d1ep-4f, -0x1.b7fb92p-6f,
                                      0x1.541908p-8f, -0x1.a4800ep-11f, 0x1.4ad6ccp-14f};
inline constexpr float kFloatLogErfc[] = {-0x1.d97fcp+0f, -0x1.51c9bp+1f, -0x1.afabbcp-1f, -0x1.547cc6p-5f, 0x1.493238p-7f,
                                          -0x1.07afb2p-9f, 0x1.2f7c2ap-12f, -0x1.6b83e2p-16f};
// log(2) in 16 bits, so that a product with an exponent is exact, and the rest.
inline constexpr float kFloatLn2 = 0x1.62e4p-1f, kFloatLn2Rest = 0x1.7f7d1cp-20f;

template <int N>
STEEPEST_LANE F polynomial(F x, const float (&c)[N]) {
  F y(c[N - 1]);
#pragma GCC unroll 32
  for (int i = N - 2; i >= 0; --i) y = mul_add(y, x, c[i]);
  return y;
}
STEEPEST_LANE F least(F a, F b) {
#if defined(STEEPEST_LANE_AVX512)
  return F((F::Vec)_mm512_maskz_min_ps(-1, (__m512)a.v, (__m512)b.v));
#else
  return F(a.v < b.v ? a.v : b.v);
#endif
}
STEEPEST_LANE F largest(F a, F b) {
#if defined(STEEPEST_LANE_AVX512)
  return F((F::Vec)_mm512_maskz_max_ps(-1, (__m512)a.v, (__m512)b.v));
#else
  return F(a.v > b.v ? a.v : b.v);
#endif
}
// Right to about an ulp.
STEEPEST_LANE F near_reciprocal(F b) {
#if defined(STEEPEST_LANE_AVX512)
  const F r((F::Vec)_mm512_maskz_rcp14_ps(-1, (__m512)b.v));
  return mul_add(r, mul_add(-b, r, 1), r);
#else
  return 1 / b;
#endif
}
// p * 2^n rounded once, for |n| < 250; `shifted` is n + kFloatShift.
inline constexpr float kFloatShift = 0x1.8p23f;
STEEPEST_LANE F scale(F p, F shifted) {
#if defined(STEEPEST_LANE_AVX512)
  return F((F::Vec)_mm512_maskz_scalef_ps(-1, (__m512)p.v, (__m512)(shifted - kFloatShift).v));
#else
  const F::Int n = bits(shifted) - 0x4b400000, half = n >> 1, rest = n - half;
  return p * from_bits<float>((half + 127) << 23) * from_bits<float>((rest + 127) << 23);
#endif
}

// e^x = 2^n (1 + h - rest), n log(2) being taken off x in two steps, the first exact; r is h - rest.
struct FloatExp {
  F shifted, h, r, n;
};
STEEPEST_LANE FloatExp float_exp(F x) {
  const F shifted = mul_add(x, 0x1.715476p+0f, kFloatShift), n = shifted - kFloatShift, h = mul_add(n, -kFloatLn2, x);
  return {shifted, h, mul_add(n, -kFloatLn2Rest, h), n};
}
struct FloatPair {
  F hi, lo;
};
// e^x 2^-n as a sum of which hi is 1 + h.
STEEPEST_LANE FloatPair float_exp_sum(const FloatExp& e) {
  const F s = 1 + e.h, lost = mul_add(e.n, -kFloatLn2Rest, (1 - s) + e.h);
  return {s, mul_add(e.r * e.r, polynomial(e.r, kFloatExp), lost)};
}
STEEPEST_LANE F exp_float(F x) {
  const FloatExp e = float_exp(largest(-104, least(89, x)));
  const FloatPair p = float_exp_sum(e);
  return scale(p.hi + p.lo, e.shifted);
}

STEEPEST_LANE F sigmoid_float(F x) {
  const FloatExp e = float_exp(largest(-104, -abs(x)));
  const FloatPair p = float_exp_sum(e);
  const F hi = p.hi + p.lo, t = scale(hi, e.shifted), lo = scale((p.hi - hi) + p.lo, e.shifted);
  const F d = 1 + t, rest = ((1 - d) + t) + lo, r = near_reciprocal(d);
  const Mask<float> left = x < 0;
  const F top = where(left, t, 1), q = top * r;
  return mul_add(mul_add(-q, d, top) + (where(left, lo, 0) - q * rest), r, q);
}

// 1 - 2 e^(-2 x) / (1 + e^(-2 x)) where the subtrahend is small.
STEEPEST_LANE F tanh_float(F x) {
  const F a = least(10, abs(x)), z = a * a;
  const FloatExp e = float_exp(-2 * a);
  const FloatPair p = float_exp_sum(e);
  const F t = scale(p.hi + p.lo, e.shifted), far = 1 - 2 * t * near_reciprocal(1 + t);
  return copysign(where(a < 1, mul_add(a * z, polynomial(z, kFloatTanh), a), far), x);
}

#if defined(STEEPEST_LANE_AVX512)
// A register holds a coefficient of 16 pieces: in t = x - (j + 1/2) / 4, erf(x) / x - 1 up to 1 and erfc(x) beyond.
inline constexpr float kFloatErfPieces[6][16] = {
    {0x1.f5e1a2p-4f, 0x1.3e08c8p-4f, -0x1.70e9e2p-9f, -0x1.a9a1f4p-4f, 0x1.c9296cp-4f, 0x1.a8973ap-5f,
     0x1.612d88p-6f, 0x1.067844p-7f, 0x1.5bde74p-9f, 0x1.9a7c3ep-11f, 0x1.aeb468p-13f,
     0x1.916fc8p-15f, 0x1.4c14c6p-17f, 0x1.e74a68p-20f, 0x1.3ce8d6p-22f, 0x1.6d339p-25f},
    {-0x1.7d900ap-4f, -0x1.09ac3cp-2f, -0x1.7edef6p-2f, -0x1.b29324p-2f, -0x1.45e99cp-2f, -0x1.5ce596p-3f,
     -0x1.499d46p-4f, -0x1.12ceb2p-5f, -0x1.94624cp-7f, -0x1.06918cp-8f, -0x1.2ce8ap-10f,
     -0x1.3053a8p-12f, -0x1.0f9e4ep-14f, -0x1.abe13ap-17f, -0x1.296b32p-19f, -0x1.6ce336p-22f},
    {-0x1.766afp-2f, -0x1.276b4ep-2f, -0x1.527662p-3f, -0x1.4579d8p-5f, 0x1.6ea75cp-2f, 0x1.dfbd44p-3f,
     0x1.0bd0d4p-3f, 0x1.01a26p-4f, 0x1.ada76cp-6f, 0x1.37c942p-7f, 0x1.8ae6ecp-9f,
     0x1.b56308p-11f, 0x1.a8457cp-13f, 0x1.68d9f4p-15f, 0x1.0d5944p-17f, 0x1.61242ep-20f},
    {0x1.c5a5dcp-5f, 0x1.24d516p-3f, 0x1.671b06p-3f, 0x1.367b28p-3f, -0x1.4cb25cp-3f, -0x1.43750ep-3f,
     -0x1.d664f8p-4f, -0x1.143e9ap-4f, -0x1.0ea59ap-5f, -0x1.c1ebcap-7f, -0x1.407c7ap-8f,
     -0x1.89d748p-10f, -0x1.a35ed4p-12f, -0x1.84325cp-14f, -0x1.3923b6p-16f, -0x1.b90efp-19f},
    {0x1.b2666ep-4f, 0x1.00d04ap-4f, 0x1.03900cp-9f, -0x1.6bb9c2p-5f, -0x1.d03be6p-6f, 0x1.eb3e3ep-6f,
     0x1.948836p-5f, 0x1.59669cp-5f, 0x1.b09596p-6f, 0x1.b0bb6ap-7f, 0x1.6647e4p-8f,
     0x1.f44f7cp-10f, 0x1.29e92ap-11f, 0x1.30cdc4p-13f, 0x1.0d4d4p-15f, 0x1.9c796ep-18f},
    {-0x1.3e50dep-6f, -0x1.7a563cp-5f, -0x1.7c79a4p-5f, -0x1.a2e89p-6f, 0x1.f3e7dcp-5f, 0x1.f62826p-6f,
     0x1.3107bcp-9f, -0x1.728f66p-7f, -0x1.978792p-7f, -0x1.11f94p-7f, -0x1.15cf68p-8f,
     -0x1.c572dap-10f, -0x1.32debap-11f, -0x1.5e3076p-13f, -0x1.54730ep-15f, -0x1.1bf45cp-17f}};
STEEPEST_LANE F erf_float(F x) {
  const F a = least(0x1.fffffep+1f, abs(x));
  constexpr int kDown = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
  const F floor((F::Vec)_mm512_fmadd_round_ps((__m512)a.v, (__m512)F(4).v, (__m512)F(kFloatShift).v, kDown));
  const F t = a - mul_add(floor - kFloatShift, 0.25f, 0.125f);
  const auto piece = [&](int d) __attribute__((always_inline)) {
    return F((F::Vec)_mm512_maskz_permutexvar_ps(-1, (__m512i)floor.v, _mm512_loadu_ps(kFloatErfPieces[d])));
  };
  F y = piece(5);
#pragma GCC unroll 5
  for (int d = 4; d >= 0; --d) y = mul_add(y, t, piece(d));
  const Mask<float> near = a < 1;
  return copysign(mul_add(where(near, a, -1), y, where(near, a, 1)), x);
}
#else
STEEPEST_LANE F erf_float(F x) {
  const F a = least(4, abs(x)), near = mul_add(a, polynomial(a * a, kFloatErf), a);
  const FloatExp e = float_exp(polynomial(a - 1, kFloatLogErfc));
  const FloatPair p = float_exp_sum(e);
  return copysign(where(a < 1, near, 1 - scale(p.hi + p.lo, e.shifted)), x);
}
#endif

// x = 2^k (1 + f), for positive x, -1/3 <= f < 1/2.
struct FloatLog {
  F k, f;
};
STEEPEST_LANE FloatLog float_log(F x) {
#if defined(STEEPEST_LANE_AVX512)
  const F m((F::Vec)_mm512_maskz_getmant_ps(-1, (__m512)x.v, _MM_MANT_NORM_p75_1p5, _MM_MANT_SIGN_zero));
  const F e((F::Vec)_mm512_maskz_getexp_ps(-1, (__m512)x.v));
  return {where(m < 1, e + 1, e), m - 1};
#else
  constexpr int32_t kTwoThirds = 0x3f2aaaab;
  const Mask<float> tiny = x < 0x1p-126f;
  const F::Int u = bits(where(tiny, x * 0x1p24f, x)) - kTwoThirds;
  const F k(__builtin_convertvector(u >> 23, F::Vec));
  return {where(tiny, k - 24, k), from_bits<float>((u & 0x7fffff) + kTwoThirds) - 1};
#endif
}
// k log(2) + log(1 + f) + rest
STEEPEST_LANE F float_log_sum(FloatLog l, F rest) {
  const F half = -0.5f * l.f, a = mul_add(half, l.f, l.f), lost = mul_add(half, l.f, l.f - a);
  const F s = mul_add(l.k, kFloatLn2, a), low = mul_add(l.k, kFloatLn2, -s) + a;
  const F cube = l.f * l.f * l.f, tail = mul_add(cube, polynomial(l.f, kFloatLog), mul_add(l.k, kFloatLn2Rest, rest));
  return s + ((low + lost) + tail);
}
STEEPEST_LANE F log_float(F x) {
  const F y = where(x < __builtin_inff(), float_log_sum(float_log(x), 0), x);
  return where(x < 0, __builtin_nanf(""), where(x == 0, -__builtin_inff(), y));
}
// What 1 + x loses is put back; near 0 nothing need be added to x.
STEEPEST_LANE F log1p_float(F x) {
  const F u = 1 + x, t = u - 1, lost = (1 - (u - t)) + (x - t);
  const FloatLog l = float_log(u);
  const Mask<float> near = abs(x) < 0.25;
  const F y = float_log_sum({l.k, where(near, x, l.f)}, where(near, 0, lost * near_reciprocal(u)));
  const F inside = where((x < __builtin_inff()) & (x != 0), y, x);
  return where(x == -1, -__builtin_inff(), where(x < -1, __builtin_nanf(""), inside));
}

// As STEEPEST_LANE_FUNCTION, of name_double, name_single and name_float.
#define STEEPEST_LANE_FUNCTION_FLOAT(name)                                                       \
  STEEPEST_LANE Simd<double> name(Simd<double> x) { return name##_double(x); }                   \
  STEEPEST_LANE Simd<float> name(Simd<float> x) {                                                \
    if constexpr (kHasFma) return name##_float(x);                                               \
    const Halves h = to_double(x);                                                               \
    return to_float(name##_single(h.lo), name##_single(h.hi));                                   \
  }                                                                                              \
  STEEPEST_LANE double name(double x) { return name##_double(x)[0]; }                            \
  STEEPEST_LANE float name(float x) { return name(F(x))[0]; }

}  // namespace STEEPEST_ISA
}  // namespace st::lane
