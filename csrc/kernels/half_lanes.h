// Float16 and bfloat16 as elements that kernels read into registers of floats.
#pragma once

#include <cstdint>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace st {
inline namespace STEEPEST_ISA {

// Their bits; no arithmetic.
struct Float16Bits {
  uint16_t bits;
};
struct BFloat16Bits {
  uint16_t bits;
};

typedef float EightFloats __attribute__((vector_size(32)));
typedef uint32_t EightWords __attribute__((vector_size(32)));

__attribute__((always_inline)) inline EightWords widen_eight(const void* p) {
#if defined(__AVX2__)
  __m128i h;
  __builtin_memcpy(&h, p, sizeof h);
  return (EightWords)_mm256_cvtepu16_epi32(h);
#else
  typedef uint16_t EightHalves __attribute__((vector_size(16)));
  EightHalves h;
  __builtin_memcpy(&h, p, sizeof h);
  return __builtin_convertvector(h, EightWords);
#endif
}
__attribute__((always_inline)) inline EightFloats read_eight(const BFloat16Bits* p) { return (EightFloats)(widen_eight(p) << 16); }
__attribute__((always_inline)) inline EightFloats read_eight(const Float16Bits* p) {
#if defined(__F16C__)
  __m128i h;
  __builtin_memcpy(&h, p, sizeof h);
  return (EightFloats)_mm256_cvtph_ps(h);
#else
  const EightWords h = widen_eight(p), sign = (h & 0x8000u) << 16, rest = h & 0x7fffu;
  const EightWords large = (rest << 13) + (EightWords)(rest >= 0x7c00u ? EightWords{} + 0x70000000u : EightWords{} + 0x38000000u);
  typedef int32_t EightInts __attribute__((vector_size(32)));
  const EightFloats small = __builtin_convertvector((EightInts)rest, EightFloats) * 0x1p-24f;
  return (EightFloats)(sign | (rest < 0x400u ? (EightWords)small : large));
#endif
}
__attribute__((always_inline)) inline float read_one(BFloat16Bits b) { return __builtin_bit_cast(float, static_cast<uint32_t>(b.bits) << 16); }
__attribute__((always_inline)) inline float read_one(Float16Bits h) {
  const uint32_t sign = (h.bits & 0x8000u) << 16, rest = h.bits & 0x7fffu;
  const uint32_t large = (rest << 13) + (rest >= 0x7c00u ? 0x70000000u : 0x38000000u);  // infinities and NaNs move on
  const float small = static_cast<float>(static_cast<int32_t>(rest)) * 0x1p-24f;
  return __builtin_bit_cast(float, sign | (rest < 0x400u ? __builtin_bit_cast(uint32_t, small) : large));
}

}  // namespace STEEPEST_ISA
}  // namespace st
