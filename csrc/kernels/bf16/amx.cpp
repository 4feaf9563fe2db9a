// The engine of processors with matrix tiles (AMX): 16 rows by 16 columns by 32 of k at once.
#include "kernels/gemm_bf16_table.h"

#include <immintrin.h>

namespace st::STEEPEST_ISA {
namespace {

// Tiles 0 to 3 are sums, 4 and 5 of A, 6 and 7 of B. The instructions are spelled out, for the compilers' functions do not tell that
// they read memory.
template <int kTile>
__attribute__((always_inline)) inline void zero() {
  asm volatile("tilezero %%tmm%c0" : : "i"(kTile));
}
template <int kTile, class T>
__attribute__((always_inline)) inline void load(const T* from, int64_t bytes) {
  asm volatile("tileloadd (%1,%2,1), %%tmm%c0" : : "i"(kTile), "r"(from), "r"(bytes) : "memory");
}
template <int kTile>
__attribute__((always_inline)) inline void store(float* to, int64_t bytes) {
  asm volatile("tilestored %%tmm%c0, (%1,%2,1)" : : "i"(kTile), "r"(to), "r"(bytes) : "memory");
}
template <int kSums, int kA, int kB>
__attribute__((always_inline)) inline void multiply_add() {
  asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(kSums), "i"(kA), "i"(kB));
}

struct alignas(64) Configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

void begin() {
  constexpr uint16_t kBytes = 64;
  constexpr uint8_t kRows = 16;
  static constexpr Configuration kAll = {1, 0, {}, {kBytes, kBytes, kBytes, kBytes, kBytes, kBytes, kBytes, kBytes}, {kRows, kRows, kRows, kRows, kRows, kRows, kRows, kRows}};
  asm volatile("ldtilecfg %0" : : "m"(kAll));
}

// Tiles in use make every switch between threads dearer.
void end() { asm volatile("tilerelease"); }

template <bool kTall, bool kWide>
void multiply_block(const Bf16Block& t) {
  constexpr int64_t kAhead = 2, kChunk = kBf16Chunk * kBf16Side;
  constexpr int64_t kItem = sizeof(uint16_t), kPanelRow = 2 * kBf16Side * kItem;
  const int64_t a_row = t.a_row * kItem, sum_row = t.ld * static_cast<int64_t>(sizeof(float));
  float *const right = t.sums + 16, *const below = t.sums + 16 * t.ld;
  if (t.adds) {
    load<0>(t.sums, sum_row);
    if constexpr (kWide) load<1>(right, sum_row);
    if constexpr (kTall) load<2>(below, sum_row);
    if constexpr (kTall && kWide) load<3>(below + 16, sum_row);
  } else {
    zero<0>();
    if constexpr (kWide) zero<1>();
    if constexpr (kTall) zero<2>();
    if constexpr (kTall && kWide) zero<3>();
  }
  const uint16_t *a = t.a, *b = t.b;
  for (int64_t q = 0; q < t.chunks; ++q, a += t.a_chunk, b += kChunk) {
    // The panel comes from the second cache, and no tile is asked for before there is room for it.
    for (int64_t line = 0; line < kChunk; line += 32) __builtin_prefetch(b + kAhead * kChunk + line);
    load<4>(a, a_row);
    load<6>(b, kPanelRow);
    multiply_add<0, 4, 6>();
    if constexpr (kWide) {
      load<7>(b + kBf16Side, kPanelRow);
      multiply_add<1, 4, 7>();
    }
    if constexpr (kTall) {
      load<5>(a + t.a_half, a_row);
      multiply_add<2, 5, 6>();
      if constexpr (kWide) multiply_add<3, 5, 7>();
    }
  }
  store<0>(t.sums, sum_row);
  if constexpr (kWide) store<1>(right, sum_row);
  if constexpr (kTall) store<2>(below, sum_row);
  if constexpr (kTall && kWide) store<3>(below + 16, sum_row);
}

void multiply(const Bf16Block& t) {
  if (t.tall) return t.wide ? multiply_block<true, true>(t) : multiply_block<true, false>(t);
  return t.wide ? multiply_block<false, true>(t) : multiply_block<false, false>(t);
}

}  // namespace

extern const Bf16Engine kBf16Engine;
const Bf16Engine kBf16Engine = {begin, multiply, end, true};

}  // namespace st::STEEPEST_ISA
