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
  // Calls run(i, n, size) for the ranges of n equal parts from part i on that make up parts [first, end).
  template <class F>
  STEEPEST_LANE void runs(int64_t first, int64_t end, F run) const {
    const int64_t middle = longer < first ? first : longer < end ? longer : end;
    if (middle > first) run(first, middle - first, base + 1);
    if (end > middle) run(middle, end - middle, base);
  }
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

// The same for 8 rows and 4 columns.
#if defined(__AVX2__)
// Each half of a register holds rows of its own: shuffles do not cross halves.
STEEPEST_LANE void transpose_strip(const float* from, int64_t ld, float* to, int64_t width) {
  const auto rows = [&](int64_t i) __attribute__((always_inline)) {
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + i * ld)), _mm_loadu_ps(from + (i + 4) * ld), 1);
  };
  const __m256 a = rows(0), b = rows(1), c = rows(2), d = rows(3);
  const __m256 ab0 = _mm256_unpacklo_ps(a, b), ab1 = _mm256_unpackhi_ps(a, b);
  const __m256 cd0 = _mm256_unpacklo_ps(c, d), cd1 = _mm256_unpackhi_ps(c, d);
  _mm256_storeu_ps(to, _mm256_shuffle_ps(ab0, cd0, 0x44));
  _mm256_storeu_ps(to + width, _mm256_shuffle_ps(ab0, cd0, 0xee));
  _mm256_storeu_ps(to + 2 * width, _mm256_shuffle_ps(ab1, cd1, 0x44));
  _mm256_storeu_ps(to + 3 * width, _mm256_shuffle_ps(ab1, cd1, 0xee));
}
STEEPEST_LANE void transpose_strip(const double* from, int64_t ld, double* to, int64_t width) {
  STEEPEST_UNROLL for (int j = 0; j < 8; j += 4) {
    STEEPEST_UNROLL for (int p = 0; p < 4; p += 2) {
      const auto rows = [&](int64_t i) __attribute__((always_inline)) {
        const double* const row = from + (j + i) * ld + p;
        return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(row)), _mm_loadu_pd(row + 2 * ld), 1);
      };
      const __m256d a = rows(0), b = rows(1);
      _mm256_storeu_pd(to + p * width + j, _mm256_unpacklo_pd(a, b));
      _mm256_storeu_pd(to + (p + 1) * width + j, _mm256_unpackhi_pd(a, b));
    }
  }
}
#else
template <class T>
STEEPEST_LANE void transpose_strip(const T* from, int64_t ld, T* to, int64_t width) {
  transpose_square(from, ld, to, width);
  transpose_square(from + 4 * ld, ld, to + 4, width);
}
#endif
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
    for (; p + 4 <= k; p += 4) transpose_strip(row + p, ld, to + p * width + j, width);
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

// The rows of some tiles of op(A), parts [first, end) of `rows`, where element (r, p) is a[r + p * column]: tile after tile,
// to[p * height + r]. Going through the tiles at every step, all of each cache line is used.
template <class T>
void pack_rows(const T* a, int64_t column, const Parts& rows, int64_t first, int64_t end, int64_t k, T* to) {
  constexpr int64_t kColumnsAhead = 8, kLine = 64 / sizeof(T);
  const int64_t origin = rows.begin(first), width = rows.begin(end) - origin;
  a += origin;
  const bool full = width == (end - first) * kTileRows;
  for (int64_t p = 0; p < k; ++p, a += column) {
    const T* const ahead = a + kColumnsAhead * column;
    for (int64_t r = 0; r < width; r += kLine) __builtin_prefetch(ahead + r);
    __builtin_prefetch(ahead + width - 1);
    if (full) {
      T* out = to + p * kTileRows;
      for (int64_t r = 0; r < width; r += kTileRows, out += kTileRows * k) __builtin_memcpy(out, a + r, kTileRows * sizeof(T));
      continue;
    }
    for (int64_t i = first; i < end; ++i) {
      const int64_t begin = rows.begin(i) - origin, height = rows.begin(i + 1) - origin - begin;
      T* const out = to + begin * k + p * height;
      for (int64_t r = 0; r < height; ++r) out[r] = a[begin + r];
    }
  }
}

}  // namespace
}  // namespace st::STEEPEST_ISA
