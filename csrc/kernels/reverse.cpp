// Reversed runs, as flip() along the last dimension needs them.
#include "kernels/reverse.h"

#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace st {
namespace {

template <int64_t Item>
void reverse(char* dst, const char* src, int64_t i, int64_t n) {
  for (; i < n; ++i) std::memcpy(dst + i * Item, src - i * Item, Item);
}

}  // namespace

void copy_reversed(char* dst, const char* src, int64_t item, int64_t n) {
  int64_t i = 0;
#if defined(__SSE2__)
  // Sixteen bytes at a time, turned round in a register.
  if (item == 4) {
    for (; i + 4 <= n; i += 4) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(src - (i + 3) * 4));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + i * 4), _mm_shuffle_epi32(v, _MM_SHUFFLE(0, 1, 2, 3)));
    }
  } else if (item == 8) {
    for (; i + 2 <= n; i += 2) {
      const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(src - (i + 1) * 8));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + i * 8), _mm_shuffle_epi32(v, _MM_SHUFFLE(1, 0, 3, 2)));
    }
  }
#endif
  switch (item) {
    case 1: return reverse<1>(dst, src, i, n);
    case 2: return reverse<2>(dst, src, i, n);
    case 4: return reverse<4>(dst, src, i, n);
    case 8: return reverse<8>(dst, src, i, n);
    default: return reverse<16>(dst, src, i, n);
  }
}

}  // namespace st
