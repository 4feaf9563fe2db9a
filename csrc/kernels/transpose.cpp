// Transposing copies, tile by tile. A tile's source rows are one cache line each and pass through a small buffer, so that strides
// that are powers of two do not push each other's lines out of the cache.
#include "kernels/transpose.h"

#include <algorithm>
#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kLine = 64, kGrain = 8192;

#if defined(__SSE2__)
// A full tile of 4-byte elements, four by four in registers.
void turn_words(char* dst, int64_t dst_step, const char* src, int64_t src_step) {
  for (int64_t j = 0; j < 16; j += 4) {
    for (int64_t i = 0; i < 16; i += 4) {
      auto row = [&](int64_t r) { return _mm_loadu_ps(reinterpret_cast<const float*>(src + (i + r) * src_step + j * 4)); };
      __m128 a = row(0), b = row(1), c = row(2), d = row(3);
      _MM_TRANSPOSE4_PS(a, b, c, d);
      auto put = [&](int64_t r, __m128 v) { _mm_storeu_ps(reinterpret_cast<float*>(dst + (j + r) * dst_step + i * 4), v); };
      put(0, a);
      put(1, b);
      put(2, c);
      put(3, d);
    }
  }
}
#endif

template <class T>
void turn_tile(char* dst, int64_t dst_step, const char* src, int64_t src_step, int64_t dense, int64_t rows) {
  constexpr int64_t kSide = kLine / sizeof(T);
  T tile[kSide][kSide];
  if (dense == kSide && rows == kSide) {
#if defined(__SSE2__)
    if constexpr (sizeof(T) == 4) return turn_words(dst, dst_step, src, src_step);
#endif
    for (int64_t i = 0; i < kSide; ++i) {
      T line[kSide];
      std::memcpy(line, src + i * src_step, kLine);
      for (int64_t j = 0; j < kSide; ++j) tile[j][i] = line[j];
    }
    for (int64_t j = 0; j < kSide; ++j) std::memcpy(dst + j * dst_step, tile[j], kLine);
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < dense; ++j) std::memcpy(&tile[j][i], src + i * src_step + j * sizeof(T), sizeof(T));
  }
  for (int64_t j = 0; j < dense; ++j) std::memcpy(dst + j * dst_step, tile[j], static_cast<size_t>(rows) * sizeof(T));
}

// Blocks of tiles keep the pages in use few.
constexpr int64_t kBlockLines = 8, kBlockRows = 64;

template <class T>
void turn(const TransposedCopy& c) {
  constexpr int64_t kItem = sizeof(T), kSide = kLine / kItem, kBlock = kBlockLines * kSide;
  const int last = c.ndim - 1;
  const int64_t dense = c.sizes[c.k], rows = c.sizes[last], blocks = (dense + kBlock - 1) / kBlock;
  int64_t planes = 1;
  for (int d = 0; d < last; ++d) if (d != c.k) planes *= c.sizes[d];
  parallel_items(planes * blocks, std::min(kBlock, dense) * rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; ++at) {
      const int64_t first = at % blocks * kBlock, beyond = std::min(first + kBlock, dense);
      char* dst = c.dst;
      const char* src = c.src;
      int64_t plane = at / blocks;
      for (int d = last - 1; d >= 0; --d) {
        if (d == c.k) continue;
        dst += plane % c.sizes[d] * c.to[d];
        src += plane % c.sizes[d] * c.from[d];
        plane /= c.sizes[d];
      }
      for (int64_t top = 0; top < rows; top += kBlockRows) {
        const int64_t bottom = std::min(top + kBlockRows, rows);
        for (int64_t j = first; j < beyond; j += kSide) {
          for (int64_t i = top; i < bottom; i += kSide) {
            turn_tile<T>(dst + j * c.to[c.k] + i * kItem, c.to[c.k], src + i * c.from[last] + j * kItem, c.from[last], std::min(kSide, beyond - j),
                         std::min(kSide, bottom - i));
          }
        }
      }
    }
  });
}

}  // namespace

void copy_transposed(const TransposedCopy& c) {
  switch (c.item) {
    case 1: return turn<uint8_t>(c);
    case 2: return turn<uint16_t>(c);
    case 4: return turn<uint32_t>(c);
    default: return turn<uint64_t>(c);
  }
}

}  // namespace st
