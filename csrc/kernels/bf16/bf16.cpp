// The product of bfloat16 matrices around an engine: packing, blocks for the caches, few rows; and the engine of AVX512_BF16 itself.
#include "kernels/bf16/few_rows.h"

namespace st::STEEPEST_ISA {
namespace {

// Note [Blocks of a bfloat16 product]
// Columns of B are packed as panels, at most kBlockElements, which stay in the second cache while all strips of A pass. Along k, a strip
// is cut into pieces that stay in the first cache while the panels pass; where there are more than one, sums wait in between. Sums wait
// for all of k where a block is cut along k as well, of kWaiting rows at a time. Each cut of k follows from k alone.
constexpr int64_t kBlockElements = 512 << 10, kMostColumns = 1024, kPiece = 256, kDepth = 4096, kWaiting = 512;
constexpr int64_t kBlockSums = kBf16Side * kBf16Side;
constexpr int64_t kSums = kWaiting * (kBlockElements / kDepth);
static_assert(kMostColumns * kBf16Side <= kSums);
static_assert((kBlockElements + kPiece * kBf16Side) * 2 + kSums * 4 <= kBf16ScratchBytes);
// Rows that lie such a distance apart would share few sets of the first cache.
constexpr int64_t kFarElements = 1024;

// Cuts `size` into the fewest parts of at most `limit`, as equal as whole units can be.
struct Cuts {
  int64_t size, count, each;
  Cuts(int64_t size, int64_t limit, int64_t unit) : size(size) {
    count = divide_up(size, limit);
    each = divide_up(divide_up(size, count), unit) * unit;
    count = divide_up(size, each);
  }
  int64_t begin(int64_t i) const { return i * each; }
  int64_t end(int64_t i) const { return (i + 1) * each < size ? (i + 1) * each : size; }
};

// `count` elements of k from `begin` on of the `rows` rows of op(A) from `first` on, as they are in a Bf16Block.
void set_strip(const Bf16Call& call, int64_t first, int64_t rows, int64_t begin, int64_t count, uint16_t* memory, Bf16Block& block) {
  const uint16_t* const at = call.ta ? call.a + begin * call.lda + first : call.a + first * call.lda + begin;
  const bool in_place = !call.ta && rows % kHalf == 0 && count % kBf16Chunk == 0 && call.lda % kFarElements != 0;
  block.chunks = divide_up(count, kBf16Chunk);
  block.tall = rows > kHalf;
  if (in_place) {
    block.a = at;
    block.a_row = call.lda;
    block.a_half = kHalf * call.lda;
    block.a_chunk = kBf16Chunk;
    return;
  }
  if (call.ta) strip_from_columns(at, call.lda, rows, count, memory);
  else strip_from_rows(at, call.lda, rows, count, memory);
  block.a = memory;
  block.a_row = kBf16Chunk;
  block.a_half = kHalf * kBf16Chunk;
  block.a_chunk = kBf16Side * kBf16Chunk;
}

void pack_panel(const Bf16Call& call, int64_t j, int64_t columns, int64_t begin, int64_t count, uint16_t* to) {
  if (call.tb) panel_from_columns(call.b + j * call.ldb + begin, call.ldb, columns, count, to);
  else panel_from_rows(call.b + begin * call.ldb + j, call.ldb, columns, count, to);
}

// Rows [low, high) and columns [left, right) of C.
void multiply_part(const Bf16Call& call, const Bf16Engine& engine, const Cuts& depth, int64_t low, int64_t high, int64_t left, int64_t right, uint16_t* memory) {
  uint16_t *const panels = memory, *const strip = panels + kBlockElements;
  float* const sums = reinterpret_cast<float*>(strip + kPiece * kBf16Side);
  const int64_t across = divide_up(right - left, kBf16Side);
  for (int64_t q = 0; q < depth.count; ++q) {
    const int64_t begin = depth.begin(q), count = depth.end(q) - begin;
    const Cuts pieces(count, kPiece, kBf16Chunk);
    const bool one = depth.count == 1 && pieces.count == 1;
    for (int64_t i = low; i < high; i += kBf16Side) {
      const int64_t rows = high - i < kBf16Side ? high - i : kBf16Side;
      float* const waiting = sums + (depth.count == 1 ? 0 : (i - low) / kBf16Side * across * kBlockSums);
      for (int64_t s = 0; s < pieces.count; ++s) {
        const bool last = q + 1 == depth.count && s + 1 == pieces.count;
        const int64_t p = begin + pieces.begin(s), steps = pieces.end(s) - pieces.begin(s);
        Bf16Block block;
        set_strip(call, i, rows, p, steps, strip, block);
        block.ld = kBf16Side;
        block.adds = q + s > 0;
        for (int64_t j = 0; j < across; ++j) {
          const int64_t column = left + j * kBf16Side, columns = right - column < kBf16Side ? right - column : kBf16Side;
          // Panels lie in the order in which strips meet them. The first strip finds each as it is packed.
          uint16_t* const panel = panels + (pieces.begin(s) * across + j * block.chunks * kBf16Chunk) * kBf16Side;
          if (i == low) pack_panel(call, column, columns, p, steps, panel);
          block.b = panel;
          block.sums = waiting + (one ? 0 : j * kBlockSums);
          block.wide = columns > kHalf;
          engine.multiply(block);
          if (last) put_sums(call, block.sums, kBf16Side, i, rows, column, columns);
        }
      }
    }
  }
}

Bf16Call turned_round(Bf16Call call) {
  const Bf16Call old = call;
  call.ta = false, call.a = old.b, call.lda = old.ldb, call.m = old.n;
  call.tb = !old.ta, call.b = old.a, call.ldb = old.lda, call.n = old.m;
  return call;
}

void product(const Bf16Call& asked, const Bf16Engine& engine, void* (*scratch)()) {
  uint16_t* const memory = static_cast<uint16_t*>(scratch());
  if (asked.few) return multiply_few_rows(asked, memory);
  const Bf16Call call = asked.turned ? turned_round(asked) : asked;
  const Cuts depth(call.k, kDepth, kBf16Chunk);
  const int64_t room = kBlockElements / depth.each / kBf16Side * kBf16Side;
  const Cuts columns(call.n, room < kMostColumns ? room : kMostColumns, kBf16Side), rows(call.m, depth.count == 1 ? call.m : kWaiting, kBf16Side);
  engine.begin();
  for (int64_t j = 0; j < columns.count; ++j)
    for (int64_t i = 0; i < rows.count; ++i) multiply_part(call, engine, depth, rows.begin(i), rows.end(i), columns.begin(j), columns.end(j), memory);
  engine.end();
}

void nothing() {}

// Eight rows at a time: 16 sums hide the latency of the additions.
void multiply(const Bf16Block& t) {
  constexpr int kRows = 8;
  for (int64_t r = 0; r < (t.tall ? kBf16Side : kHalf); r += kRows) {
    float* const to = t.sums + r * t.ld;
    __m512 sum[kRows][2];
    STEEPEST_UNROLL for (int i = 0; i < kRows; ++i)
      STEEPEST_UNROLL for (int j = 0; j < 2; ++j) sum[i][j] = t.adds ? _mm512_loadu_ps(to + i * t.ld + j * kHalf) : _mm512_setzero_ps();
    const uint16_t *a = t.a + (r < kHalf ? r * t.a_row : t.a_half + (r - kHalf) * t.a_row), *b = t.b;
    for (int64_t q = 0; q < t.chunks; ++q, a += t.a_chunk) {
      for (int64_t p = 0; p < kBf16Chunk; p += 2, b += 2 * kBf16Side) {
        const __m512i x[2] = {_mm512_load_si512(b), _mm512_load_si512(b + kBf16Side)};
        STEEPEST_UNROLL for (int i = 0; i < kRows; ++i) {
          const __m512i y = broadcast_pair(a + i * t.a_row + p);
          STEEPEST_UNROLL for (int j = 0; j < 2; ++j) sum[i][j] = add_pairs(sum[i][j], y, x[j]);
        }
      }
    }
    STEEPEST_UNROLL for (int i = 0; i < kRows; ++i)
      STEEPEST_UNROLL for (int j = 0; j < 2; ++j) _mm512_storeu_ps(to + i * t.ld + j * kHalf, sum[i][j]);
  }
}

}  // namespace

extern const Bf16Engine kBf16Engine;
const Bf16Engine kBf16Engine = {nothing, multiply, nothing, false};
extern const Bf16Product kBf16Product;
const Bf16Product kBf16Product = product;

}  // namespace st::STEEPEST_ISA
