// Simd<T> and Mask<T>: one register of floats or doubles, its operators, loads and stores.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Note [One copy per instruction set]
// Kernel units are compiled once per instruction set, and a linker keeps a single copy of every inline function of one name.
// All that lives here is therefore in a namespace named after the set, and calls no inline function of the standard library.
#ifndef STEEPEST_ISA
#define STEEPEST_ISA base
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__AVX512BW__)
#define STEEPEST_LANE_AVX512 1
#define STEEPEST_LANE_BYTES 64
#elif defined(__AVX2__) && defined(__FMA__)
#define STEEPEST_LANE_AVX2 1
#define STEEPEST_LANE_BYTES 32
#else
#define STEEPEST_LANE_BYTES 16
#endif

#define STEEPEST_LANE __attribute__((always_inline)) inline

// Registers are passed by value between inlined functions only, so how a call would pass them does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace st::lane {
inline namespace STEEPEST_ISA {

inline constexpr int kRegisterBytes = STEEPEST_LANE_BYTES;

template <class T>
struct Register;
template <>
struct Register<float> {
  typedef float Vec __attribute__((vector_size(STEEPEST_LANE_BYTES)));
  typedef int32_t Int __attribute__((vector_size(STEEPEST_LANE_BYTES)));
  typedef uint32_t UInt __attribute__((vector_size(STEEPEST_LANE_BYTES)));
  typedef int8_t Bytes __attribute__((vector_size(STEEPEST_LANE_BYTES / 4)));
  using Bit = int32_t;
};
template <>
struct Register<double> {
  typedef double Vec __attribute__((vector_size(STEEPEST_LANE_BYTES)));
  typedef int64_t Int __attribute__((vector_size(STEEPEST_LANE_BYTES)));
  typedef uint64_t UInt __attribute__((vector_size(STEEPEST_LANE_BYTES)));
  typedef int8_t Bytes __attribute__((vector_size(STEEPEST_LANE_BYTES / 8)));
  using Bit = int64_t;
};

template <class T>
concept Arithmetic = __is_same(T, bool) || __is_same(T, int8_t) || __is_same(T, uint8_t) || __is_same(T, int16_t) ||
                     __is_same(T, uint16_t) || __is_same(T, int32_t) || __is_same(T, uint32_t) || __is_same(T, long) ||
                     __is_same(T, unsigned long) || __is_same(T, long long) || __is_same(T, unsigned long long) ||
                     __is_same(T, float) || __is_same(T, double);

template <class T>
struct Identity {
  using type = T;
};

// One truth value a lane: bits of a mask register with AVX-512, all-ones or all-zeros integers elsewhere.
template <class T>
struct Mask {
#if defined(STEEPEST_LANE_AVX512)
  using Bits = uint32_t;
  static constexpr Bits kAll = (Bits{1} << (kRegisterBytes / sizeof(T))) - 1;
  Bits m;
  STEEPEST_LANE friend Mask operator!(Mask a) { return {~a.m & kAll}; }
#else
  using Bits = typename Register<T>::Int;
  Bits m;
  STEEPEST_LANE friend Mask operator!(Mask a) { return {~a.m}; }
#endif
  STEEPEST_LANE friend Mask operator~(Mask a) { return !a; }
  STEEPEST_LANE friend Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
  STEEPEST_LANE friend Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
  STEEPEST_LANE friend Mask operator^(Mask a, Mask b) { return {a.m ^ b.m}; }
};

#if defined(STEEPEST_LANE_AVX512)
#define STEEPEST_LANE_COMPARE(op, code)                                                    \
  STEEPEST_LANE friend Mask<T> operator op(Simd a, Simd b) {                               \
    if constexpr (sizeof(T) == 4) return {_mm512_cmp_ps_mask((__m512)a.v, (__m512)b.v, code)}; \
    else return {_mm512_cmp_pd_mask((__m512d)a.v, (__m512d)b.v, code)};                    \
  }
#else
#define STEEPEST_LANE_COMPARE(op, code) \
  STEEPEST_LANE friend Mask<T> operator op(Simd a, Simd b) { return {a.v op b.v}; }
#endif

template <class T>
struct Simd {
  using value_type = T;
  using Vec = typename Register<T>::Vec;
  using Int = typename Register<T>::Int;
  using UInt = typename Register<T>::UInt;
  static constexpr int width = kRegisterBytes / static_cast<int>(sizeof(T));

  Vec v;

  Simd() = default;
  STEEPEST_LANE explicit Simd(Vec x) : v(x) {}
  template <Arithmetic U>
  STEEPEST_LANE Simd(U s) : v(static_cast<T>(s) - Vec{}) {}  // s - 0 keeps the sign of -0, s + 0 would not

  STEEPEST_LANE T operator[](int i) const { return v[i]; }

  STEEPEST_LANE friend Simd operator+(Simd a, Simd b) { return Simd(a.v + b.v); }
  STEEPEST_LANE friend Simd operator-(Simd a, Simd b) { return Simd(a.v - b.v); }
  STEEPEST_LANE friend Simd operator*(Simd a, Simd b) { return Simd(a.v * b.v); }
  STEEPEST_LANE friend Simd operator/(Simd a, Simd b) { return Simd(a.v / b.v); }
  STEEPEST_LANE friend Simd operator-(Simd a) { return Simd(-a.v); }
  STEEPEST_LANE friend Simd operator+(Simd a) { return a; }
  STEEPEST_LANE Simd& operator+=(Simd b) { return *this = *this + b; }
  STEEPEST_LANE Simd& operator-=(Simd b) { return *this = *this - b; }
  STEEPEST_LANE Simd& operator*=(Simd b) { return *this = *this * b; }
  STEEPEST_LANE Simd& operator/=(Simd b) { return *this = *this / b; }

  STEEPEST_LANE_COMPARE(<, _CMP_LT_OQ)
  STEEPEST_LANE_COMPARE(<=, _CMP_LE_OQ)
  STEEPEST_LANE_COMPARE(>, _CMP_GT_OQ)
  STEEPEST_LANE_COMPARE(>=, _CMP_GE_OQ)
  STEEPEST_LANE_COMPARE(==, _CMP_EQ_OQ)
  STEEPEST_LANE_COMPARE(!=, _CMP_NEQ_UQ)
};
#undef STEEPEST_LANE_COMPARE

template <class T>
inline constexpr bool kIsSimd = false;
template <class T>
inline constexpr bool kIsSimd<Simd<T>> = true;

// The bits of a register as integers, and back.
template <class T>
STEEPEST_LANE typename Simd<T>::Int bits(Simd<T> x) {
  return (typename Simd<T>::Int)x.v;
}
template <class T>
STEEPEST_LANE Simd<T> from_bits(typename Simd<T>::Int b) {
  return Simd<T>((typename Simd<T>::Vec)b);
}

template <class T>
STEEPEST_LANE Simd<T> where(Mask<T> m, typename Identity<Simd<T>>::type a, typename Identity<Simd<T>>::type b) {
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof(T) == 4) return Simd<T>((typename Simd<T>::Vec)_mm512_mask_blend_ps(m.m, (__m512)b.v, (__m512)a.v));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_mask_blend_pd(m.m, (__m512d)b.v, (__m512d)a.v));
#else
  return Simd<T>(m.m ? a.v : b.v);
#endif
}

template <class T>
STEEPEST_LANE bool any(Mask<T> m) {
#if defined(STEEPEST_LANE_AVX512)
  return m.m != 0;
#elif defined(STEEPEST_LANE_AVX2)
  return !_mm256_testz_si256((__m256i)m.m, (__m256i)m.m);
#elif defined(__x86_64__)
  return _mm_movemask_epi8((__m128i)m.m) != 0;
#else
  typename Register<T>::Bit r = 0;
  for (int i = 0; i < Simd<T>::width; ++i) r |= m.m[i];
  return r != 0;
#endif
}
template <class T>
STEEPEST_LANE bool all(Mask<T> m) {
  return !any(!m);
}

template <class T>
STEEPEST_LANE Simd<T> load(const T* p) {
  Simd<T> r;
  __builtin_memcpy(&r.v, p, sizeof r.v);
  return r;
}
template <class T>
STEEPEST_LANE void store(T* p, Simd<T> x) {
  __builtin_memcpy(p, &x.v, sizeof x.v);
}

#if defined(STEEPEST_LANE_AVX2)
// All bits of the first n lanes, for loads and stores under a mask.
template <class T>
STEEPEST_LANE __m256i first_bits(int n) {
  if constexpr (sizeof(T) == 4) return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  else return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
}
#endif

// The first n lanes, 0 <= n <= width; the others are 0, and nothing behind p[n - 1] is touched.
template <class T>
STEEPEST_LANE Simd<T> load_partial(const T* p, int n) {
#if defined(STEEPEST_LANE_AVX512)
  const uint32_t m = (1u << n) - 1;
  if constexpr (sizeof(T) == 4) return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_loadu_ps(m, p));
  else return Simd<T>((typename Simd<T>::Vec)_mm512_maskz_loadu_pd(m, p));
#elif defined(STEEPEST_LANE_AVX2)
  if constexpr (sizeof(T) == 4) return Simd<T>((typename Simd<T>::Vec)_mm256_maskload_ps(p, first_bits<T>(n)));
  else return Simd<T>((typename Simd<T>::Vec)_mm256_maskload_pd(p, first_bits<T>(n)));
#else
  T lanes[Simd<T>::width] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i];
  return load(lanes);
#endif
}
template <class T>
STEEPEST_LANE void store_partial(T* p, Simd<T> x, int n) {
#if defined(STEEPEST_LANE_AVX512)
  const uint32_t m = (1u << n) - 1;
  if constexpr (sizeof(T) == 4) _mm512_mask_storeu_ps(p, m, (__m512)x.v);
  else _mm512_mask_storeu_pd(p, m, (__m512d)x.v);
#elif defined(STEEPEST_LANE_AVX2)
  if constexpr (sizeof(T) == 4) _mm256_maskstore_ps(p, first_bits<T>(n), (__m256)x.v);
  else _mm256_maskstore_pd(p, first_bits<T>(n), (__m256d)x.v);
#else
  T lanes[Simd<T>::width];
  store(lanes, x);
  for (int i = 0; i < n; ++i) p[i] = lanes[i];
#endif
}

// The same for elements that lie `stride` elements apart.
template <class T>
STEEPEST_LANE Simd<T> load_strided(const T* p, int64_t stride, int n) {
  T lanes[Simd<T>::width] = {};
  for (int i = 0; i < n; ++i) lanes[i] = p[i * stride];
  return load(lanes);
}
template <class T>
STEEPEST_LANE void store_strided(T* p, int64_t stride, Simd<T> x, int n) {
  T lanes[Simd<T>::width];
  store(lanes, x);
  for (int i = 0; i < n; ++i) p[i * stride] = lanes[i];
}

// Masks in memory are one byte a lane, 0 or 1; any byte but 0 reads as true.
template <class T>
STEEPEST_LANE void store_bool(uint8_t* p, Mask<T> m, int n = Simd<T>::width) {
#if defined(STEEPEST_LANE_AVX512)
  _mm_mask_storeu_epi8(p, static_cast<__mmask16>((1u << n) - 1), _mm_maskz_set1_epi8(static_cast<__mmask16>(m.m), 1));
#else
  const auto bytes = __builtin_convertvector(m.m, typename Register<T>::Bytes) & 1;
  if (n == Simd<T>::width) {
    __builtin_memcpy(p, &bytes, sizeof bytes);
  } else {
    for (int i = 0; i < n; ++i) p[i] = static_cast<uint8_t>(bytes[i]);
  }
#endif
}
template <class T>
STEEPEST_LANE Mask<T> load_bool(const uint8_t* p, int n = Simd<T>::width) {
#if defined(STEEPEST_LANE_AVX512)
  const __m128i bytes = _mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p);
  return {_mm_test_epi8_mask(bytes, bytes)};
#else
  typename Register<T>::Int m = {};
  for (int i = 0; i < n; ++i) m[i] = p[i] ? -1 : 0;
  return {m};
#endif
}

// Lanes 0..n-1 true.
template <class T>
STEEPEST_LANE Mask<T> first_lanes(int n) {
#if defined(STEEPEST_LANE_AVX512)
  return {(1u << n) - 1};
#else
  typename Register<T>::Int m = {};
  for (int i = 0; i < n; ++i) m[i] = -1;
  return {m};
#endif
}

// A register of floats as two of doubles: lanes [0, width/2) and [width/2, width).
struct Halves {
  Simd<double> lo, hi;
};
STEEPEST_LANE Halves to_double(Simd<float> x) {
#if defined(STEEPEST_LANE_AVX512)
  const __m512 v = (__m512)x.v;
  return {Simd<double>((Simd<double>::Vec)_mm512_maskz_cvtps_pd(-1, _mm512_maskz_extractf32x8_ps(-1, v, 0))),
          Simd<double>((Simd<double>::Vec)_mm512_maskz_cvtps_pd(-1, _mm512_maskz_extractf32x8_ps(-1, v, 1)))};
#elif defined(STEEPEST_LANE_AVX2)
  const __m256 v = (__m256)x.v;
  return {Simd<double>((Simd<double>::Vec)_mm256_cvtps_pd(_mm256_castps256_ps128(v))),
          Simd<double>((Simd<double>::Vec)_mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)))};
#elif defined(__x86_64__)
  const __m128 v = (__m128)x.v;
  return {Simd<double>((Simd<double>::Vec)_mm_cvtps_pd(v)),
          Simd<double>((Simd<double>::Vec)_mm_cvtps_pd(_mm_movehl_ps(v, v)))};
#else
  return {Simd<double>(Simd<double>::Vec{x.v[0], x.v[1]}), Simd<double>(Simd<double>::Vec{x.v[2], x.v[3]})};
#endif
}
STEEPEST_LANE Simd<float> to_float(Simd<double> lo, Simd<double> hi) {
#if defined(STEEPEST_LANE_AVX512)
  return Simd<float>((Simd<float>::Vec)_mm512_maskz_insertf32x8(-1, _mm512_castps256_ps512(_mm512_maskz_cvtpd_ps(-1, (__m512d)lo.v)),
                                                           _mm512_maskz_cvtpd_ps(-1, (__m512d)hi.v), 1));
#elif defined(STEEPEST_LANE_AVX2)
  return Simd<float>((Simd<float>::Vec)_mm256_set_m128(_mm256_cvtpd_ps((__m256d)hi.v), _mm256_cvtpd_ps((__m256d)lo.v)));
#elif defined(__x86_64__)
  return Simd<float>((Simd<float>::Vec)_mm_movelh_ps(_mm_cvtpd_ps((__m128d)lo.v), _mm_cvtpd_ps((__m128d)hi.v)));
#else
  return Simd<float>(Simd<float>::Vec{static_cast<float>(lo.v[0]), static_cast<float>(lo.v[1]),
                                      static_cast<float>(hi.v[0]), static_cast<float>(hi.v[1])});
#endif
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
