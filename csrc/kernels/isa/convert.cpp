// Conversions among floating types. Those of float16 and bfloat16 have no branches, and the same results as core/half.h.
#include "kernels/convert_table.h"

#include "kernels/half_lanes.h"

namespace st::STEEPEST_ISA {
namespace {

void half_to_float(const uint16_t* __restrict x, float* __restrict y, int64_t n) {
  int64_t i = 0;
#if defined(__AVX512F__)
  for (; i + 16 <= n; i += 16) {
    const __m256i h = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x + i));
    _mm512_storeu_ps(y + i, _mm512_maskz_cvtph_ps(-1, h));
  }
#endif
  for (; i + 8 <= n; i += 8) {
    const EightFloats v = read_eight(reinterpret_cast<const Float16Bits*>(x + i));
    __builtin_memcpy(y + i, &v, sizeof v);
  }
  for (; i < n; ++i) y[i] = read_one(Float16Bits{x[i]});
}

// a where the condition holds, b elsewhere: by masks, as a choice is not always made a lane's.
inline uint32_t choose(bool condition, uint32_t a, uint32_t b) {
  const uint32_t mask = -static_cast<uint32_t>(condition);
  return (a & mask) | (b & ~mask);
}

void float_to_half(const float* __restrict x, uint16_t* __restrict y, int64_t n) {
  int64_t i = 0;
#if defined(__AVX512F__)
  // The lines that will be written are fetched ahead, as in cast().
  for (; i + 32 <= n; i += 32) {
    __builtin_prefetch(y + i + 128, 1);
    for (int64_t k = i; k < i + 32; k += 16) {
      const __m512 v = _mm512_loadu_ps(x + k);
      const __mmask16 nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
      // Of every NaN there is one kind, with either sign: (bits & sign) | quiet NaN.
      const __m512i sign = _mm512_set1_epi32(static_cast<int>(0x80000000u)), quiet = _mm512_set1_epi32(0x7fc00000);
      const __m512i known = _mm512_mask_ternarylogic_epi32(_mm512_castps_si512(v), nan, sign, quiet, 0xea);
      const __m256i h = _mm512_maskz_cvtps_ph(-1, _mm512_castsi512_ps(known), _MM_FROUND_TO_NEAREST_INT);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(y + k), h);
    }
  }
#endif
#if defined(__F16C__)
  for (; i + 8 <= n; i += 8) {
    const __m256 v = _mm256_loadu_ps(x + i);
    // Of every NaN there is one kind, with either sign.
    const __m256 nan = _mm256_or_ps(_mm256_and_ps(v, _mm256_set1_ps(-0.0f)), _mm256_castsi256_ps(_mm256_set1_epi32(0x7fc00000)));
    const __m256 known = _mm256_blendv_ps(v, nan, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(y + i), _mm256_cvtps_ph(known, _MM_FROUND_TO_NEAREST_INT));
  }
#endif
  for (; i < n; ++i) {
    const uint32_t bits = __builtin_bit_cast(uint32_t, x[i]), sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    const uint32_t large = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
    // Below 2^-14, adding 0.5 lets the hardware round at 2^-24.
    const uint32_t small = __builtin_bit_cast(uint32_t, __builtin_bit_cast(float, magnitude) + 0.5f) - 0x3f000000u;
    const uint32_t finite = choose(magnitude < 0x38800000u, small, large);
    const uint32_t h = choose(magnitude > 0x7f800000u, 0x7e00u, choose(magnitude >= 0x477ff000u, 0x7c00u, finite));
    y[i] = static_cast<uint16_t>(sign | h);
  }
}

// Blocks of a length that the compiler knows, with what comes next fetched ahead, as in cast().
constexpr int64_t kBlock = 32, kAheadHalves = 256;

void bfloat_to_float(const uint16_t* __restrict x, float* __restrict y, int64_t n) {
  const auto run = [=](int64_t at, int64_t length) __attribute__((always_inline)) {
    for (int64_t i = at; i < at + length; ++i) y[i] = __builtin_bit_cast(float, static_cast<uint32_t>(x[i]) << 16);
  };
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    __builtin_prefetch(x + i + kAheadHalves);
    run(i, kBlock);
  }
  run(i, n - i);
}

void float_to_bfloat(const float* __restrict x, uint16_t* __restrict y, int64_t n) {
  const auto run = [=](int64_t at, int64_t length) __attribute__((always_inline)) {
    for (int64_t i = at; i < at + length; ++i) {
      const uint32_t bits = __builtin_bit_cast(uint32_t, x[i]), rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
      y[i] = static_cast<uint16_t>((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : rounded);
    }
  };
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    __builtin_prefetch(y + i + kAheadHalves, 1);
    run(i, kBlock);
  }
  run(i, n - i);
}

// The lines that will be written are fetched ahead, as stores do not overlap by themselves.
template <class From, class To>
void cast(const From* __restrict x, To* __restrict y, int64_t n) {
  constexpr int64_t kBlock = 32, kLine = 64 / sizeof(To), kAhead = 4 * kLine;
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    for (int64_t k = 0; k < kBlock; k += kLine) __builtin_prefetch(y + i + kAhead + k, 1);
    for (int64_t k = 0; k < kBlock; ++k) y[i + k] = static_cast<To>(x[i + k]);
  }
  for (; i < n; ++i) y[i] = static_cast<To>(x[i]);
}

}  // namespace

extern const ConvertTable kConvertTable;
constexpr ConvertTable kConvertTable{half_to_float, float_to_half, bfloat_to_float, float_to_bfloat, cast<float, double>, cast<double, float>};

}  // namespace st::STEEPEST_ISA
