// What gemm_half.cpp asks of the kernels for processors that multiply bfloat16 by themselves.
#pragma once

#include <cstdint>

namespace st {

// C (m, n) = alpha * op(A) (m, k) * op(B) (k, n) + beta * D, as in gemm_table.h; elements are the bits of bfloat16. Sums are floats, of
// which each is rounded once.
struct Bf16Call {
  // Plans, which may not depend on how threads share C: `few` rows take B where it is, and so does the product turned round, C^T, whose
  // left side it is.
  bool few, turned;
  bool ta, tb;
  int64_t m, n, k;
  float alpha;
  const uint16_t* a;
  int64_t lda;
  const uint16_t* b;
  int64_t ldb;
  float beta;  // 0: D is not read
  const uint16_t* d;
  int64_t ldd;
  uint16_t* c;
  int64_t ldc;
};

// Note [Strips and panels]
// A strip is kBf16Side rows of A, a panel as many columns of B, both cut along k into chunks of kBf16Chunk elements; what they lack of
// whole chunks is 0. A row of a strip is contiguous along k. A panel is packed in pairs along k: row p holds elements 2p and 2p + 1 of all
// columns, one pair after the other. This is the order in which all the instructions for bfloat16 take their operands.
inline constexpr int64_t kBf16Side = 32, kBf16Chunk = 32;

// The sums (32, 32) of a strip and a panel; or of the first 16 rows or columns alone.
struct Bf16Block {
  const uint16_t* a;
  int64_t a_row, a_half, a_chunk;  // elements to the next row, to row 16, to the next chunk
  const uint16_t* b;
  int64_t chunks;
  float* sums;
  int64_t ld;
  bool adds;  // to the sums that are there
  bool tall, wide;  // more than 16 rows, columns
};

// An engine multiplies blocks; between begin() and end(), which are called by the thread that multiplies.
struct Bf16Engine {
  void (*begin)();
  void (*multiply)(const Bf16Block&);
  void (*end)();
  bool turns;  // is so fast that packing B takes longer
};

inline constexpr int64_t kBf16ScratchBytes = 1536 << 10;

// The product on one thread. `scratch` gives kBf16ScratchBytes aligned to a cache line.
using Bf16Product = void (*)(const Bf16Call&, const Bf16Engine&, void* (*scratch)());

// The most rows that are few; and the most elements of A, where it is transposed.
inline constexpr int64_t kBf16FewRows = 8, kBf16FewElements = 256 << 10;

}  // namespace st
