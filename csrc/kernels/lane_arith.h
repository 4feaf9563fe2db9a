// Arithmetic of lanes that is exact or rounded once: fma, sqrt, rounding, sign, minimum, classification, remainders.
#pragma once

#include "lane_simd.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Applies a scalar function to every lane: for slow or rare paths.
template <class T, class F>
STEEPEST_LANE Simd<T> each_lane(F f, Simd<T> x) {
  for (int i = 0; i < Simd<T>::width; ++i) x.v[i] = f(x.v[i]);
  return x;
}
template <class T, class F>
STEEPEST_LANE Simd<T> each_lane(F f, Simd<T> x, Simd<T> y) {
  for (int i = 0; i < Simd<T>::width; ++i) x.v[i] = f(x.v[i], y.v[i]);
  return x;
}

// Hardware instructions, one row a function: the expressions for a register of floats and of doubles.
#define STEEPEST_LANE_NATIVE(name, reg, ps, pd)                                                                                     \
  STEEPEST_LANE Simd<float> name(Simd<float> x) { const auto v = (reg)x.v; return Simd<float>((Simd<float>::Vec)(ps)); }            \
  STEEPEST_LANE Simd<double> name(Simd<double> x) { const auto v = (reg##d)x.v; return Simd<double>((Simd<double>::Vec)(pd)); }
#define STEEPEST_LANE_LOOPED(name)                                                                                                  \
  STEEPEST_LANE Simd<float> name(Simd<float> x) { return each_lane([](float s) { return __builtin_##name##f(s); }, x); }             \
  STEEPEST_LANE Simd<double> name(Simd<double> x) { return each_lane([](double s) { return __builtin_##name(s); }, x); }

// (The zero-masked forms with a full mask are the plain instructions; g++ 12 warns of an undefined register in the plain forms.)
#if defined(STEEPEST_LANE_AVX512)
inline constexpr bool kHasFma = true;
STEEPEST_LANE_NATIVE(slow_sqrt, __m512, _mm512_maskz_sqrt_ps(-1, v), _mm512_maskz_sqrt_pd(-1, v))
STEEPEST_LANE_NATIVE(estimate_rsqrt, __m512, _mm512_maskz_rsqrt14_ps(-1, v), _mm512_maskz_rsqrt14_pd(-1, v))
STEEPEST_LANE_NATIVE(roundeven, __m512, _mm512_maskz_roundscale_ps(-1, v, 8), _mm512_maskz_roundscale_pd(-1, v, 8))
STEEPEST_LANE_NATIVE(floor, __m512, _mm512_maskz_roundscale_ps(-1, v, 9), _mm512_maskz_roundscale_pd(-1, v, 9))
STEEPEST_LANE_NATIVE(ceil, __m512, _mm512_maskz_roundscale_ps(-1, v, 10), _mm512_maskz_roundscale_pd(-1, v, 10))
STEEPEST_LANE_NATIVE(trunc, __m512, _mm512_maskz_roundscale_ps(-1, v, 11), _mm512_maskz_roundscale_pd(-1, v, 11))
#elif defined(STEEPEST_LANE_AVX2)
inline constexpr bool kHasFma = true;
STEEPEST_LANE_NATIVE(sqrt, __m256, _mm256_sqrt_ps(v), _mm256_sqrt_pd(v))
STEEPEST_LANE_NATIVE(roundeven, __m256, _mm256_round_ps(v, 8), _mm256_round_pd(v, 8))
STEEPEST_LANE_NATIVE(floor, __m256, _mm256_round_ps(v, 9), _mm256_round_pd(v, 9))
STEEPEST_LANE_NATIVE(ceil, __m256, _mm256_round_ps(v, 10), _mm256_round_pd(v, 10))
STEEPEST_LANE_NATIVE(trunc, __m256, _mm256_round_ps(v, 11), _mm256_round_pd(v, 11))
#elif defined(__SSE4_1__)
inline constexpr bool kHasFma = false;
STEEPEST_LANE_NATIVE(sqrt, __m128, _mm_sqrt_ps(v), _mm_sqrt_pd(v))
STEEPEST_LANE_NATIVE(roundeven, __m128, _mm_round_ps(v, 8), _mm_round_pd(v, 8))
STEEPEST_LANE_NATIVE(floor, __m128, _mm_round_ps(v, 9), _mm_round_pd(v, 9))
STEEPEST_LANE_NATIVE(ceil, __m128, _mm_round_ps(v, 10), _mm_round_pd(v, 10))
STEEPEST_LANE_NATIVE(trunc, __m128, _mm_round_ps(v, 11), _mm_round_pd(v, 11))
#else
#if defined(__aarch64__)
inline constexpr bool kHasFma = true;
#else
inline constexpr bool kHasFma = false;
#endif
STEEPEST_LANE_LOOPED(sqrt)
STEEPEST_LANE_LOOPED(floor)
STEEPEST_LANE_LOOPED(ceil)
STEEPEST_LANE_LOOPED(trunc)
STEEPEST_LANE Simd<float> roundeven(Simd<float> x) { return each_lane([](float s) { return __builtin_rintf(s); }, x); }
STEEPEST_LANE Simd<double> roundeven(Simd<double> x) { return each_lane([](double s) { return __builtin_rint(s); }, x); }
#endif
#undef STEEPEST_LANE_NATIVE
#undef STEEPEST_LANE_LOOPED

template <class T>
STEEPEST_LANE Simd<T> round(Simd<T> x) {
  return roundeven(x);
}

// Bits.
template <class T>
inline constexpr typename Register<T>::Bit kSignBit = typename Register<T>::Bit(1) << (8 * sizeof(T) - 2) << 1;

template <class T>
STEEPEST_LANE Simd<T> abs(Simd<T> x) {
  return from_bits<T>(bits(x) & ~kSignBit<T>);
}
template <class T>
STEEPEST_LANE Simd<T> copysign(Simd<T> x, typename Identity<Simd<T>>::type s) {
  return from_bits<T>((bits(x) & ~kSignBit<T>) | (bits(s) & kSignBit<T>));
}
// x with its sign flipped where s is negative.
template <class T>
STEEPEST_LANE Simd<T> xorsign(Simd<T> x, Simd<T> s) {
  return from_bits<T>(bits(x) ^ (bits(s) & kSignBit<T>));
}

template <class T>
STEEPEST_LANE Mask<T> isnan(Simd<T> x) {
  return x != x;
}
template <class T>
STEEPEST_LANE Mask<T> isinf(Simd<T> x) {
  return abs(x) == Simd<T>(__builtin_inf());
}
template <class T>
STEEPEST_LANE Mask<T> isfinite(Simd<T> x) {
  return abs(x) < Simd<T>(__builtin_inf());
}
template <class T>
STEEPEST_LANE Mask<T> signbit(Simd<T> x) {
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof(T) == 4) return {_mm512_movepi32_mask((__m512i)x.v)};
  else return {_mm512_movepi64_mask((__m512i)x.v)};
#else
  return {bits(x) < 0};
#endif
}

// The smaller and the larger; the second argument where either is NaN (one instruction on x86).
template <class T>
STEEPEST_LANE Simd<T> least(typename Identity<Simd<T>>::type a, Simd<T> b) {
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof(T) == 4) return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_min_ps(-1, (__m512)a.v, (__m512)b.v));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_min_pd(-1, (__m512d)a.v, (__m512d)b.v));
#else
  return Simd<T>(a.v < b.v ? a.v : b.v);
#endif
}
template <class T>
STEEPEST_LANE Simd<T> largest(typename Identity<Simd<T>>::type a, Simd<T> b) {
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof(T) == 4) return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_max_ps(-1, (__m512)a.v, (__m512)b.v));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_max_pd(-1, (__m512d)a.v, (__m512d)b.v));
#else
  return Simd<T>(a.v > b.v ? a.v : b.v);
#endif
}

// fma rounds once on every machine. mul_add is for code that is right either way: fused where that is one instruction.
template <class T>
STEEPEST_LANE Simd<T> mul_add(Simd<T> a, typename Identity<Simd<T>>::type b, typename Identity<Simd<T>>::type c) {
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof(T) == 4)
    return Simd<T>((typename Simd<T>::Vec)_mm512_fmadd_ps((__m512)a.v, (__m512)b.v, (__m512)c.v));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_fmadd_pd((__m512d)a.v, (__m512d)b.v, (__m512d)c.v));
#elif defined(STEEPEST_LANE_AVX2)
  if constexpr (sizeof(T) == 4)
    return Simd<T>((typename Simd<T>::Vec)_mm256_fmadd_ps((__m256)a.v, (__m256)b.v, (__m256)c.v));
  else return Simd<T>((typename Simd<T>::Vec)_mm256_fmadd_pd((__m256d)a.v, (__m256d)b.v, (__m256d)c.v));
#elif defined(__aarch64__)
  for (int i = 0; i < Simd<T>::width; ++i) {
    if constexpr (sizeof(T) == 4) c.v[i] = __builtin_fmaf(a.v[i], b.v[i], c.v[i]);
    else c.v[i] = __builtin_fma(a.v[i], b.v[i], c.v[i]);
  }
  return c;
#else
  return a * b + c;
#endif
}
template <class T>
STEEPEST_LANE Simd<T> fused(Simd<T> a, Simd<T> b, Simd<T> c) {
  if constexpr (kHasFma) return mul_add(a, b, c);
  for (int i = 0; i < Simd<T>::width; ++i) {
    if constexpr (sizeof(T) == 4) c.v[i] = __builtin_fmaf(a.v[i], b.v[i], c.v[i]);
    else c.v[i] = __builtin_fma(a.v[i], b.v[i], c.v[i]);
  }
  return c;
}

#if defined(STEEPEST_LANE_AVX512)
// Note [Square roots]
// The instruction takes twice as long as the steps below, for doubles three times. From an estimate y of 1 / sqrt(x), off by at most
// 2^-14, come g near sqrt(x) and h near 1 / (2 sqrt(x)), by steps that double their digits (Goldschmidt 1964), and at last g + h (x - g^2),
// rounded once (Markstein 1990). Before that rounding it is off by less than 2^-43 of the root for floats and 2^-100 for doubles: it is
// rounded right unless a midpoint m between two numbers is that close to the root. Then x - m^2 is a few hundred units of its last place,
// and all such x are found by solving m^2 = d modulo a power of two for each d. They have been tried, up to a million units, and so have
// all floats, each with estimates as bad as they may be; tests/kernels/lane_accuracy.cpp does so again with the nearest.
template <class T>
STEEPEST_LANE Simd<T> sqrt_by(Simd<T> x, Simd<T> y) {
  Simd<T> g = x * y, h = T(0.5) * y;
#pragma GCC unroll 2
  for (int step = 0; step < static_cast<int>(sizeof(T) / 4); ++step) {
    const Simd<T> e = mul_add(-g, h, T(0.5));
    g = mul_add(g, e, g);
    h = mul_add(h, e, h);
  }
  return mul_add(mul_add(-g, g, x), h, g);
}
// What has no positive root, and roots so small that what x - g^2 is made of would be below the smallest number, are left to the instruction.
template <class T>
STEEPEST_LANE Simd<T> sqrt(Simd<T> x) {
  const Simd<T> y = sqrt_by(x, estimate_rsqrt(x));
  const Mask<T> usual = y > (sizeof(T) == 4 ? 0x1p-48 : 0x1p-480);
  return __builtin_expect(all(usual), 1) ? y : where(usual, y, slow_sqrt(x));
}

// A root and a division take three times as long as an estimate of 14 bits and steps of Halley's method, whose last knows what the square
// lost: within 0.51 ulp. Where x is 0, infinite or NaN the estimate is right, and a step gives NaN.
template <class T>
STEEPEST_LANE Simd<T> rsqrt(Simd<T> x) {
  using S = Simd<T>;
  const S estimate = estimate_rsqrt(x);
  S y = estimate;
  if constexpr (sizeof(T) == 8) {
    const S e = mul_add(-(x * estimate), estimate, 1);
    y = mul_add(estimate * e, mul_add(e, 0.375, 0.5), estimate);
  }
  const S p = x * y, lost = mul_add(x, y, -p), e = mul_add(-p, y, 1) - lost * y;
  const S better = mul_add(y * e, mul_add(e, 0.375, 0.5), y);
  return where(e == e, better, estimate);
}
#else
template <class T>
STEEPEST_LANE Simd<T> rsqrt(Simd<T> x) {
  return 1 / sqrt(x);
}
#endif
template <class T>
STEEPEST_LANE Simd<T> reciprocal(Simd<T> x) {
  return 1 / x;
}
template <class T>
STEEPEST_LANE Simd<T> square(Simd<T> x) {
  return x * x;
}
// 0 for NaN, as PyTorch has it.
template <class T>
STEEPEST_LANE Simd<T> sign(Simd<T> x) {
  return where(x > 0, 1, where(x < 0, Simd<T>(-1), 0));
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
