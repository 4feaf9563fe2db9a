// Packing for products of bfloat16: strips of rows and panels of columns, in pairs along k. See Note [Strips and panels].
#pragma once

#include "kernels/gemm_bf16_table.h"
#include "kernels/gemm_pack.h"

// As STEEPEST_UNROLL, of more registers.
#if defined(__clang__)
#define STEEPEST_UNROLL_16 STEEPEST_UNROLL
#else
#define STEEPEST_UNROLL_16 _Pragma("GCC unroll 16")
#endif

namespace st::STEEPEST_ISA {
namespace {

constexpr int64_t kHalf = 16;

// The first `count` lanes of 32, of which there may be none.
STEEPEST_LANE __mmask32 first_lanes(int64_t count) {
  if (count <= 0) return 0;
  return count >= 32 ? ~__mmask32{0} : (__mmask32{1} << count) - 1;
}

// Two rows of 32 as pairs: `low` those of the first 16 columns.
STEEPEST_LANE void interleave(__m512i x, __m512i y, __m512i& low, __m512i& high) {
  const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  x = _mm512_maskz_permutexvar_epi64(-1, order, x);
  y = _mm512_maskz_permutexvar_epi64(-1, order, y);
  low = _mm512_unpacklo_epi16(x, y);
  high = _mm512_unpackhi_epi16(x, y);
}

// Rows of 16 pairs become columns.
STEEPEST_LANE void transpose_pairs(__m512i (&r)[16]) {
  __m512i t[16];
  STEEPEST_UNROLL_16 for (int i = 0; i < 16; i += 4) {
    const __m512i a = _mm512_maskz_unpacklo_epi32(-1, r[i], r[i + 1]), b = _mm512_maskz_unpackhi_epi32(-1, r[i], r[i + 1]);
    const __m512i c = _mm512_maskz_unpacklo_epi32(-1, r[i + 2], r[i + 3]), d = _mm512_maskz_unpackhi_epi32(-1, r[i + 2], r[i + 3]);
    t[i] = _mm512_maskz_unpacklo_epi64(-1, a, c);
    t[i + 1] = _mm512_maskz_unpackhi_epi64(-1, a, c);
    t[i + 2] = _mm512_maskz_unpacklo_epi64(-1, b, d);
    t[i + 3] = _mm512_maskz_unpackhi_epi64(-1, b, d);
  }
  // t[4 * g + c], quarter q: column 4 * q + c of rows 4 * g to 4 * g + 3.
  STEEPEST_UNROLL for (int c = 0; c < 4; ++c) {
    const __m512i even = _mm512_maskz_shuffle_i32x4(-1, t[c], t[4 + c], 0x88), odd = _mm512_maskz_shuffle_i32x4(-1, t[c], t[4 + c], 0xdd);
    const __m512i even2 = _mm512_maskz_shuffle_i32x4(-1, t[8 + c], t[12 + c], 0x88), odd2 = _mm512_maskz_shuffle_i32x4(-1, t[8 + c], t[12 + c], 0xdd);
    r[c] = _mm512_maskz_shuffle_i32x4(-1, even, even2, 0x88);
    r[4 + c] = _mm512_maskz_shuffle_i32x4(-1, odd, odd2, 0x88);
    r[8 + c] = _mm512_maskz_shuffle_i32x4(-1, even, even2, 0xdd);
    r[12 + c] = _mm512_maskz_shuffle_i32x4(-1, odd, odd2, 0xdd);
  }
}

// A panel whose columns are contiguous rows of `from`: `to` takes divide_up(k, kBf16Chunk) * kBf16Chunk * kBf16Side elements.
inline void panel_from_columns(const uint16_t* from, int64_t ld, int64_t columns, int64_t k, uint16_t* to) {
  for (int64_t half = 0; half < 2; ++half, from += kHalf * ld, columns -= kHalf) {
    for (int64_t p = 0; p < k; p += kBf16Chunk) {
      const __mmask32 mask = first_lanes(k - p);
      __m512i row[16];
      STEEPEST_UNROLL_16 for (int64_t j = 0; j < 16; ++j) row[j] = j < columns ? _mm512_maskz_loadu_epi16(mask, from + j * ld + p) : _mm512_setzero_si512();
      transpose_pairs(row);
      uint16_t* const out = to + p * kBf16Side + half * kBf16Chunk;
      STEEPEST_UNROLL_16 for (int64_t q = 0; q < 16; ++q) _mm512_store_si512(out + q * 2 * kBf16Side, row[q]);
    }
  }
}

// The same from rows of op(B).
inline void panel_from_rows(const uint16_t* from, int64_t ld, int64_t columns, int64_t k, uint16_t* to) {
  constexpr int64_t kAhead = 16;
  const __mmask32 mask = first_lanes(columns);
  const int64_t end = (k + kBf16Chunk - 1) / kBf16Chunk * kBf16Chunk;
  for (int64_t p = 0; p < end; p += 2, to += 2 * kBf16Side) {
    const uint16_t* const at = from + p * ld;
    __builtin_prefetch(at + kAhead * ld);
    __builtin_prefetch(at + (kAhead + 1) * ld);
    __m512i low, high;
    interleave(_mm512_maskz_loadu_epi16(p < k ? mask : 0, at), _mm512_maskz_loadu_epi16(p + 1 < k ? mask : 0, at + ld), low, high);
    _mm512_store_si512(to, low);
    _mm512_store_si512(to + kBf16Side, high);
  }
}

// A strip of `rows` rows: chunk after chunk, each as its rows. Those that it lacks are 0.
inline void strip_from_rows(const uint16_t* from, int64_t ld, int64_t rows, int64_t k, uint16_t* to) {
  for (int64_t r = 0; r < kBf16Side; ++r, from += ld) {
    uint16_t* out = to + r * kBf16Chunk;
    for (int64_t p = 0; p < k; p += kBf16Chunk, out += kBf16Side * kBf16Chunk) {
      _mm512_store_si512(out, r < rows ? _mm512_maskz_loadu_epi16(first_lanes(k - p), from + p) : _mm512_setzero_si512());
    }
  }
}

// The same from columns of op(A), which are contiguous.
inline void strip_from_columns(const uint16_t* from, int64_t ld, int64_t rows, int64_t k, uint16_t* to) {
  const __mmask32 mask = first_lanes(rows);
  for (int64_t p = 0; p < k; p += kBf16Chunk, to += kBf16Side * kBf16Chunk) {
    __m512i low[16], high[16];
    STEEPEST_UNROLL_16 for (int64_t q = 0; q < 16; ++q) {
      const int64_t at = p + 2 * q;
      interleave(_mm512_maskz_loadu_epi16(at < k ? mask : 0, from + at * ld), _mm512_maskz_loadu_epi16(at + 1 < k ? mask : 0, from + (at + 1) * ld), low[q],
                 high[q]);
    }
    transpose_pairs(low);
    transpose_pairs(high);
    STEEPEST_UNROLL_16 for (int64_t r = 0; r < 16; ++r) {
      _mm512_store_si512(to + r * kBf16Chunk, low[r]);
      _mm512_store_si512(to + (kHalf + r) * kBf16Chunk, high[r]);
    }
  }
}

}  // namespace
}  // namespace st::STEEPEST_ISA
