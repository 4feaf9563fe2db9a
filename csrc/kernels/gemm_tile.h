// Register tiles of the matrix product: a few rows of C by a few registers of columns, and tiles of dot products.
#pragma once

#include "kernels/lane.h"

// Loops over the registers of a tile have to disappear, or the sums live in memory.
#if defined(__clang__)
#define STEEPEST_UNROLL _Pragma("unroll")
#else
#define STEEPEST_UNROLL _Pragma("GCC unroll 8")
#endif

namespace st::STEEPEST_ISA {
namespace {

using lane::Simd;

template <class T>
constexpr int kLanes = Simd<T>::width;

// Accumulators, one register for each column of B and one for the broadcast of A must fit into the register file:
// 8 x 3 + 4 of 32, 4 x 3 + 4 of 16.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kTileRows = 8;
constexpr int kDotRows = 4;
#else
constexpr int kTileRows = 4;
constexpr int kDotRows = 2;
#endif
constexpr int kTileRegisters = 3;
constexpr int kDotColumns = 4;

// Tiles::tile<i, j> for the numbers 1 <= i <= kMostRows and 1 <= j <= kMostColumns that a shape asks for.
template <class Tiles, int kMostColumns, int kCount, int... kIndex>
struct TileTable : TileTable<Tiles, kMostColumns, kCount - 1, kCount - 1, kIndex...> {};
template <class Tiles, int kMostColumns, int... kIndex>
struct TileTable<Tiles, kMostColumns, 0, kIndex...> {
  static constexpr typename Tiles::Function kTiles[] = {Tiles::template tile<kIndex / kMostColumns + 1, kIndex % kMostColumns + 1>...};
};
template <class Tiles, int kMostRows, int kMostColumns>
typename Tiles::Function choose_tile(int64_t i, int64_t j) {
  return TileTable<Tiles, kMostColumns, kMostRows * kMostColumns>::kTiles[(i - 1) * kMostColumns + j - 1];
}

// alpha * sum + beta * c, without a look at c where beta is 0.
template <class T>
STEEPEST_LANE Simd<T> blend(Simd<T> sum, T alpha, T beta, Simd<T> c) {
  return lane::mul_add(Simd<T>(alpha), sum, Simd<T>(beta) * c);
}

#if defined(STEEPEST_LANE_AVX512) || defined(STEEPEST_LANE_AVX2)
constexpr bool kHasMasks = true;
#else
constexpr bool kHasMasks = false;
#endif

// How B is read: by whole registers; the last by those lanes that exist; or so, and each row is left behind in `copy`, where
// the other rows of tiles will read it. The stores of such a copy cost nothing while the multiplications are waited for.
enum class Reading { kWhole, kPartial, kCopied };
// Rows of B that a copying tile asks for in advance, since they are further apart than the processor looks by itself.
constexpr int kAhead = 8;

// C (R, N registers) = alpha * A * B + beta * C. Element (r, p) of A is a[r * row + p * column]. In the last register
// of columns only `last` lanes exist.
template <class T, int R, int N, Reading kReading>
void tile(int64_t k, const T* a, int64_t row, int64_t column, const T* b, int64_t ldb, T alpha, T beta, T* c,
          int64_t ldc, int last, [[maybe_unused]] T* copy) {
  constexpr bool kPartial = kReading == Reading::kPartial || (kReading == Reading::kCopied && kHasMasks);
  Simd<T> sum[R][N];
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) sum[r][j] = Simd<T>(0);
  // C is often far away: it travels while the sums are made.
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) __builtin_prefetch(c + r * ldc + j * kLanes<T>, 1);
  for (int64_t p = 0; p < k; ++p) {
    Simd<T> x[N];
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) {
      const T* from = b + j * kLanes<T>;
      x[j] = kPartial && j == N - 1 ? lane::load_partial(from, last) : lane::load(from);
      if constexpr (kReading == Reading::kCopied) {
        __builtin_prefetch(from + kAhead * ldb);
        lane::store(copy + j * kLanes<T>, x[j]);
      }
    }
    if constexpr (kReading == Reading::kCopied) copy += N * kLanes<T>;
    STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
      const Simd<T> s(a[r * row]);
      STEEPEST_UNROLL for (int j = 0; j < N; ++j) sum[r][j] = lane::mul_add(s, x[j], sum[r][j]);
    }
    a += column;
    b += ldb;
  }
  STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
    T* out = c + r * ldc;
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) {
      T* to = out + j * kLanes<T>;
      if (j < N - 1 || last == kLanes<T>) {
        lane::store(to, beta == 0 ? Simd<T>(alpha) * sum[r][j] : blend(sum[r][j], alpha, beta, lane::load(to)));
      } else {
        const Simd<T> y = beta == 0 ? Simd<T>(alpha) * sum[r][j]
                                    : blend(sum[r][j], alpha, beta, lane::load_partial(to, last));
        lane::store_partial(to, y, last);
      }
    }
  }
}

template <class T>
using Tile = void (*)(int64_t, const T*, int64_t, int64_t, const T*, int64_t, T, T, T*, int64_t, int, T*);

// One or two rows alone take wider tiles, so that enough sums are under way to hide the latency of the addition.
constexpr int kWidest = 8;
constexpr int tile_registers(int64_t rows) {
  if (rows == 1) return kWidest;
  return rows == 2 ? kTileRows / 2 + 2 : kTileRegisters;
}

template <class T, int R, int N, Reading kReading>
constexpr Tile<T> tile_or_null() {
  // Copies are worth it for three rows of tiles or more, none of which is then so low.
  constexpr bool kExists = N <= tile_registers(R) && (kReading != Reading::kCopied || R > kTileRows / 2);
  if constexpr (kExists) return tile<T, R, N, kReading>;
  else return nullptr;
}

template <class T, Reading kReading>
struct Tiles {
  using Function = Tile<T>;
  template <int R, int N>
  static constexpr Function tile = tile_or_null<T, R, N, kReading>();
};

template <class T>
Tile<T> tile_for(int64_t rows, int64_t registers, Reading reading) {
  switch (reading) {
    case Reading::kWhole: return choose_tile<Tiles<T, Reading::kWhole>, kTileRows, kWidest>(rows, registers);
    case Reading::kPartial: return choose_tile<Tiles<T, Reading::kPartial>, kTileRows, kWidest>(rows, registers);
    case Reading::kCopied: return choose_tile<Tiles<T, Reading::kCopied>, kTileRows, kWidest>(rows, registers);
  }
  __builtin_unreachable();
}

// The sum of the lanes, pairwise: always in the same order.
STEEPEST_LANE float sum_lanes(Simd<float> x) {
#if defined(STEEPEST_LANE_AVX512)
  const __m512 v = (__m512)x.v;
  const __m256 half = _mm256_add_ps(_mm512_maskz_extractf32x8_ps(-1, v, 0), _mm512_maskz_extractf32x8_ps(-1, v, 1));
  const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
#elif defined(STEEPEST_LANE_AVX2)
  const __m256 half = (__m256)x.v;
  const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
#else
  const auto quarter = x.v;
#endif
  return (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);
}
STEEPEST_LANE double sum_lanes(Simd<double> x) {
#if defined(STEEPEST_LANE_AVX512)
  const __m512d v = (__m512d)x.v;
  const __m256d half = _mm256_add_pd(_mm512_maskz_extractf64x4_pd(-1, v, 0), _mm512_maskz_extractf64x4_pd(-1, v, 1));
  const __m128d quarter = _mm_add_pd(_mm256_castpd256_pd128(half), _mm256_extractf128_pd(half, 1));
#elif defined(STEEPEST_LANE_AVX2)
  const __m256d half = (__m256d)x.v;
  const __m128d quarter = _mm_add_pd(_mm256_castpd256_pd128(half), _mm256_extractf128_pd(half, 1));
#else
  const auto quarter = x.v;
#endif
  return quarter[0] + quarter[1];
}

// C (R, S) of dot products of rows of A (R, k) and rows of B (S, k).
template <class T, int R, int S>
void dots(int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T alpha, T beta, T* c, int64_t ldc) {
  Simd<T> sum[R][S];
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int s = 0; s < S; ++s) sum[r][s] = Simd<T>(0);
  const auto step = [&](auto read) __attribute__((always_inline)) {
    Simd<T> x[S];
    STEEPEST_UNROLL for (int s = 0; s < S; ++s) x[s] = read(b + s * ldb);
    STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
      const Simd<T> y = read(a + r * lda);
      STEEPEST_UNROLL for (int s = 0; s < S; ++s) sum[r][s] = lane::mul_add(y, x[s], sum[r][s]);
    }
  };
  const T* const end = a + k / kLanes<T> * kLanes<T>;
  for (; a != end; a += kLanes<T>, b += kLanes<T>) step([](const T* from) { return lane::load(from); });
  const int rest = static_cast<int>(k % kLanes<T>);
  if (rest != 0) step([rest](const T* from) { return lane::load_partial(from, rest); });
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int s = 0; s < S; ++s) {
      T& y = c[r * ldc + s];
      const T x = alpha * sum_lanes(sum[r][s]);
      y = beta == 0 ? x : x + beta * y;
    }
}

template <class T>
using Dots = void (*)(int64_t, const T*, int64_t, const T*, int64_t, T, T, T*, int64_t);

template <class T>
struct DotsTiles {
  using Function = Dots<T>;
  template <int R, int S>
  static constexpr Function tile = dots<T, R, S>;
};

template <class T>
Dots<T> dots_for(int64_t rows, int64_t columns) {
  return choose_tile<DotsTiles<T>, kDotRows, kDotColumns>(rows, columns);
}

}  // namespace
}  // namespace st::STEEPEST_ISA
