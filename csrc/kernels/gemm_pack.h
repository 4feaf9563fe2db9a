// Packing for the matrix product: copies of blocks in the order in which the register tiles read them.
#pragma once

#include "kernels/gemm_tile.h"

namespace st::STEEPEST_ISA {
namespace {

#if defined(__clang__)
#define STEEPEST_SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#define STEEPEST_SHUFFLE2(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
#define STEEPEST_SHUFFLE(x, y, ...) __builtin_shuffle(x, y, Int4{__VA_ARGS__})
#define STEEPEST_SHUFFLE2(x, y, ...) __builtin_shuffle(x, y, Long2{__VA_ARGS__})
#endif

typedef float Float4 __attribute__((vector_size(16)));
typedef double Double2 __attribute__((vector_size(16)));
typedef int32_t Int4 __attribute__((vector_size(16)));
typedef int64_t Long2 __attribute__((vector_size(16)));

int64_t divide_up(int64_t x, int64_t y) { return (x + y - 1) / y; }

// Cuts `size` into the fewest parts of at most `limit`, as equal as can be: part i goes from begin(i) to begin(i + 1).
struct Parts {
  int64_t count, base, longer;
  Parts(int64_t size, int64_t limit)
      : count(size > limit ? divide_up(size, limit) : 1), base(size / count), longer(size % count) {}
  int64_t begin(int64_t i) const { return i * base + (i < longer ? i : longer); }
};

template <class V, class T>
STEEPEST_LANE V load_as(const T* from) {
  V v;
  __builtin_memcpy(&v, from, sizeof v);
  return v;
}

// to[p * width + j] = from[j * ld + p] for a square of 4 x 4.
STEEPEST_LANE void transpose_square(const float* from, int64_t ld, float* to, int64_t width) {
  const Float4 a = load_as<Float4>(from), b = load_as<Float4>(from + ld);
  const Float4 c = load_as<Float4>(from + 2 * ld), d = load_as<Float4>(from + 3 * ld);
  const Float4 ab0 = STEEPEST_SHUFFLE(a, b, 0, 4, 1, 5), ab1 = STEEPEST_SHUFFLE(a, b, 2, 6, 3, 7);
  const Float4 cd0 = STEEPEST_SHUFFLE(c, d, 0, 4, 1, 5), cd1 = STEEPEST_SHUFFLE(c, d, 2, 6, 3, 7);
  const Float4 out[4] = {STEEPEST_SHUFFLE(ab0, cd0, 0, 1, 4, 5), STEEPEST_SHUFFLE(ab0, cd0, 2, 3, 6, 7),
                         STEEPEST_SHUFFLE(ab1, cd1, 0, 1, 4, 5), STEEPEST_SHUFFLE(ab1, cd1, 2, 3, 6, 7)};
  STEEPEST_UNROLL for (int p = 0; p < 4; ++p) __builtin_memcpy(to + p * width, &out[p], sizeof out[p]);
}
STEEPEST_LANE void transpose_square(const double* from, int64_t ld, double* to, int64_t width) {
  STEEPEST_UNROLL for (int j = 0; j < 4; j += 2) {
    const double *row = from + j * ld, *next = row + ld;
    STEEPEST_UNROLL for (int p = 0; p < 4; p += 2) {
      const Double2 a = load_as<Double2>(row + p), b = load_as<Double2>(next + p);
      const Double2 low = STEEPEST_SHUFFLE2(a, b, 0, 2), high = STEEPEST_SHUFFLE2(a, b, 1, 3);
      __builtin_memcpy(to + p * width + j, &low, sizeof low);
      __builtin_memcpy(to + (p + 1) * width + j, &high, sizeof high);
    }
  }
}
#undef STEEPEST_SHUFFLE
#undef STEEPEST_SHUFFLE2

template <class T>
STEEPEST_LANE void transpose_plain(const T* from, int64_t ld, int64_t rows, int64_t k, T* to, int64_t width) {
  for (int64_t p = 0; p < k; ++p)
    for (int64_t j = 0; j < rows; ++j) to[p * width + j] = from[j * ld + p];
}

// to[p * width + j] = from[j * ld + p] for j < rows, p < k. Eight rows at a time: as many streams as a cache of eight
// ways holds when the rows lie a power of two apart.
template <class T>
void transpose(const T* from, int64_t ld, int64_t rows, int64_t k, T* to, int64_t width) {
  int64_t j = 0;
  for (; j + 8 <= rows; j += 8) {
    const T* row = from + j * ld;
    int64_t p = 0;
    for (; p + 4 <= k; p += 4) {
      transpose_square(row + p, ld, to + p * width + j, width);
      transpose_square(row + 4 * ld + p, ld, to + p * width + j + 4, width);
    }
    transpose_plain(row + p, ld, 8, k - p, to + p * width + j, width);
  }
  for (; j + 4 <= rows; j += 4) {
    const T* row = from + j * ld;
    int64_t p = 0;
    for (; p + 4 <= k; p += 4) transpose_square(row + p, ld, to + p * width + j, width);
    transpose_plain(row + p, ld, 4, k - p, to + p * width + j, width);
  }
  if (j < rows) transpose_plain(from + j * ld, ld, rows - j, k, to + j, width);
}

// `k` rows of `columns` columns of op(B), as rows of whole registers whose missing lanes are 0.
template <class T>
void pack_panel(bool transposed, const T* b, int64_t ldb, int64_t columns, int64_t k, T* to) {
  const int64_t width = divide_up(columns, kLanes<T>) * kLanes<T>;
  if (transposed) {
    transpose(b, ldb, columns, k, to, width);
    if (columns == width) return;
    for (int64_t p = 0; p < k; ++p)
      for (int64_t j = columns; j < width; ++j) to[p * width + j] = 0;
    return;
  }
  const int last = static_cast<int>(columns - (width - kLanes<T>));
  for (int64_t p = 0; p < k; ++p, b += ldb, to += width) {
    for (int64_t j = 0; j < width - kLanes<T>; j += kLanes<T>) lane::store(to + j, lane::load(b + j));
    const int64_t j = width - kLanes<T>;
    lane::store(to + j, last == kLanes<T> ? lane::load(b + j) : lane::load_partial(b + j, last));
  }
}

// A tile of op(A), where element (r, p) is a[r * row + p * column]: to[p * rows + r].
template <class T>
void pack_rows(const T* a, int64_t row, int64_t column, int64_t rows, int64_t k, T* to) {
  if (row == 1 && rows == kTileRows) {
    for (int64_t p = 0; p < k; ++p) __builtin_memcpy(to + p * kTileRows, a + p * column, kTileRows * sizeof(T));
    return;
  }
  for (int64_t p = 0; p < k; ++p)
    for (int64_t r = 0; r < rows; ++r) to[p * rows + r] = a[r * row + p * column];
}

}  // namespace
}  // namespace st::STEEPEST_ISA
