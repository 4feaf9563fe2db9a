// Products of bfloat16 matrices of few rows, which read B once and where it is; how sums become elements of C.
#pragma once

#include "kernels/bf16/pack.h"

namespace st::STEEPEST_ISA {
namespace {

STEEPEST_LANE __m512 add_pairs(__m512 sum, __m512i x, __m512i y) { return _mm512_dpbf16_ps(sum, (__m512bh)x, (__m512bh)y); }
STEEPEST_LANE __m512i broadcast_pair(const uint16_t* from) {
  int pair;
  __builtin_memcpy(&pair, from, sizeof pair);
  return _mm512_set1_epi32(pair);
}
// Elements 32 at a time, as two registers of floats.
STEEPEST_LANE __m512 widen(__m256i x) { return (__m512)_mm512_maskz_slli_epi32(-1, _mm512_maskz_cvtepu16_epi32(-1, x), 16); }

// Up to 32 columns of row i of C, from column j on.
STEEPEST_LANE void put_row(const Bf16Call& call, __m512 low, __m512 high, int64_t i, int64_t j, int64_t columns) {
  const __mmask32 mask = first_lanes(columns);
  if (call.alpha != 1) {
    low = _mm512_mul_ps(low, _mm512_set1_ps(call.alpha));
    high = _mm512_mul_ps(high, _mm512_set1_ps(call.alpha));
  }
  if (call.beta != 0) {
    const __m512i d = _mm512_maskz_loadu_epi16(mask, call.d + i * call.ldd + j);
    const __m512 beta = _mm512_set1_ps(call.beta);
    low = _mm512_fmadd_ps(beta, widen(_mm512_maskz_extracti64x4_epi64(-1, d, 0)), low);
    high = _mm512_fmadd_ps(beta, widen(_mm512_maskz_extracti64x4_epi64(-1, d, 1)), high);
  }
  _mm512_mask_storeu_epi16(call.c + i * call.ldc + j, mask, (__m512i)_mm512_cvtne2ps_pbh(high, low));
}

// The same for a block of rows.
void put_sums(const Bf16Call& call, const float* sums, int64_t ld, int64_t i, int64_t rows, int64_t j, int64_t columns) {
  if (call.turned) {
    for (int64_t c = 0; c < columns; ++c, ++sums) {
      float row[kBf16Side] = {};
      for (int64_t r = 0; r < rows; ++r) row[r] = sums[r * ld];
      put_row(call, _mm512_loadu_ps(row), _mm512_loadu_ps(row + kHalf), j + c, i, rows);
    }
    return;
  }
  for (int64_t r = 0; r < rows; ++r, sums += ld) put_row(call, _mm512_loadu_ps(sums), _mm512_loadu_ps(sums + kHalf), i + r, j, columns);
}

// Dot products of R rows of A with columns of B, which are contiguous.
template <int R>
void dots(const Bf16Call& call, const uint16_t* a, int64_t lda, int64_t i) {
  constexpr int64_t kColumns = 4, kRun = 32;
  for (int64_t run = 0; run < call.n; run += kRun) {
    float found[R][kRun] = {};
    const int64_t end = call.n - run < kRun ? call.n - run : kRun;
    for (int64_t j = 0; j < end; j += kColumns) {
      const uint16_t* column[kColumns];
      for (int64_t s = 0; s < kColumns; ++s) column[s] = call.b + (run + (j + s < end ? j + s : end - 1)) * call.ldb;
      __m512 sum[R][kColumns];
      STEEPEST_UNROLL for (int r = 0; r < R; ++r)
        STEEPEST_UNROLL for (int s = 0; s < kColumns; ++s) sum[r][s] = _mm512_setzero_ps();
      const auto step = [&](int64_t p, auto read) __attribute__((always_inline)) {
        __m512i x[kColumns];
        STEEPEST_UNROLL for (int s = 0; s < kColumns; ++s) x[s] = read(column[s] + p);
        STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
          const __m512i y = read(a + r * lda + p);
          STEEPEST_UNROLL for (int s = 0; s < kColumns; ++s) sum[r][s] = add_pairs(sum[r][s], y, x[s]);
        }
      };
      int64_t p = 0;
      for (; p + 32 <= call.k; p += 32) step(p, [](const uint16_t* from) __attribute__((always_inline)) { return _mm512_loadu_si512(from); });
      if (p < call.k) {
        const __mmask32 mask = first_lanes(call.k - p);
        step(p, [mask](const uint16_t* from) __attribute__((always_inline)) { return _mm512_maskz_loadu_epi16(mask, from); });
      }
      STEEPEST_UNROLL for (int r = 0; r < R; ++r)
        STEEPEST_UNROLL for (int s = 0; s < kColumns; ++s) found[r][j + s] = sum_lanes(Simd<float>((Simd<float>::Vec)sum[r][s]));
    }
    put_sums(call, found[0], kRun, i, R, run, end);
  }
}

// Rows of B scaled and added, two at a time, to R rows of sums. All columns of some rows pass before the next rows, so that B is read in
// the order in which it lies.
template <int R>
void add_rows(const Bf16Call& call, const uint16_t* a, int64_t lda, int64_t i, float* sums) {
  constexpr int64_t kRows = 64, kColumns = 8192;
  for (int64_t left = 0; left < call.n; left += kColumns) {
    const int64_t width = call.n - left < kColumns ? call.n - left : kColumns;
    for (int64_t first = 0; first < call.k; first += kRows) {
      const int64_t end = call.k - first < kRows ? call.k : first + kRows;
      for (int64_t j = 0; j < width; j += kBf16Side) {
        const __mmask32 mask = first_lanes(width - j);
        float* const to = sums + j * R;
        __m512 sum[R][2];
        STEEPEST_UNROLL for (int r = 0; r < R; ++r)
          STEEPEST_UNROLL for (int h = 0; h < 2; ++h) sum[r][h] = first > 0 ? _mm512_load_ps(to + (2 * r + h) * kHalf) : _mm512_setzero_ps();
        const uint16_t* b = call.b + first * call.ldb + left + j;
        const auto step = [&](int64_t p, __mmask32 next, auto pair) __attribute__((always_inline)) {
          __m512i low, high;
          interleave(_mm512_maskz_loadu_epi16(mask, b), _mm512_maskz_loadu_epi16(next, b + call.ldb), low, high);
          STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
            const __m512i y = pair(a + r * lda + p);
            sum[r][0] = add_pairs(sum[r][0], y, low);
            sum[r][1] = add_pairs(sum[r][1], y, high);
          }
        };
        int64_t p = first;
        for (; p + 2 <= end; p += 2, b += 2 * call.ldb) step(p, mask, [](const uint16_t* from) __attribute__((always_inline)) { return broadcast_pair(from); });
        if (p < end) step(p, 0, [](const uint16_t* from) __attribute__((always_inline)) { return _mm512_set1_epi32(*from); });
        STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
          if (end == call.k) {
            put_row(call, sum[r][0], sum[r][1], i + r, left + j, width - j);
          } else {
            _mm512_store_ps(to + 2 * r * kHalf, sum[r][0]);
            _mm512_store_ps(to + (2 * r + 1) * kHalf, sum[r][1]);
          }
        }
      }
    }
  }
}

template <int R>
void some_rows(const Bf16Call& call, const uint16_t* a, int64_t lda, int64_t i, float* sums) {
  if (call.tb) dots<R>(call, a, lda, i);
  else add_rows<R>(call, a, lda, i, sums);
}

void multiply_few_rows(const Bf16Call& call, uint16_t* memory) {
  const uint16_t* a = call.a;
  int64_t lda = call.lda;
  if (call.ta) {
    for (int64_t r = 0; r < call.m; ++r)
      for (int64_t p = 0; p < call.k; ++p) memory[r * call.k + p] = call.a[p * call.lda + r];
    a = memory;
    lda = call.k;
  }
  float* const sums = reinterpret_cast<float*>(memory + kBf16FewElements);
  for (int64_t i = 0; i < call.m; i += 4) {
    const uint16_t* const rows = a + i * lda;
    switch (call.m - i) {
      case 1: some_rows<1>(call, rows, lda, i, sums); break;
      case 2: some_rows<2>(call, rows, lda, i, sums); break;
      case 3: some_rows<3>(call, rows, lda, i, sums); break;
      default: some_rows<4>(call, rows, lda, i, sums); break;
    }
  }
}

}  // namespace
}  // namespace st::STEEPEST_ISA
