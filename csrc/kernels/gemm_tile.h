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

// The steps of a tile. What counts them takes the place of multiplications: where there are registers for it, a turn is two steps.
template <class Step>
STEEPEST_LANE void repeat(int64_t n, Step step) {
#if defined(__AVX512F__)
  for (int64_t turns = n >> 1; turns > 0; --turns) {
    step();
    // The compiler would mix the steps, and run out of registers.
    asm volatile("" ::: "memory");
    step();
  }
  if (n % 2 != 0) step();
#else
  for (; n > 0; --n) step();
#endif
}

// sum += s * x. What a compiler makes of the expression moves sums from register to register, and some of them to memory, when a
// turn is two steps.
template <class T>
STEEPEST_LANE void add_product(Simd<T>& sum, Simd<T> s, Simd<T> x) {
#if defined(__AVX512F__)
  if constexpr (sizeof(T) == 4) asm("vfmadd231ps %2, %1, %0" : "+v"(sum.v) : "v"(s.v), "v"(x.v));
  else asm("vfmadd231pd %2, %1, %0" : "+v"(sum.v) : "v"(s.v), "v"(x.v));
#else
  sum = lane::mul_add(s, x, sum);
#endif
}

// Keeps the compiler from holding the addresses of all rows of C in registers, or in memory, through a loop that does not use them.
template <class T>
STEEPEST_LANE T* forget(T* p) {
  asm("" : "+r"(p));
  return p;
}

// C = sum + beta * D for R rows, whose last register has `last` lanes where it is not whole.
template <bool kWhole, class T, int R, int N>
STEEPEST_LANE void put_sums(const Simd<T> (&sum)[R][N], T beta, const T* d, int64_t ldd, T* c, int64_t ldc, int last) {
  const auto put = [&](auto blend) __attribute__((always_inline)) {
    const T* from = d;
    T* to = c;
    STEEPEST_UNROLL for (int r = 0; r < R; ++r, from += ldd, to += ldc)
      STEEPEST_UNROLL for (int j = 0; j < N; ++j) {
        const int64_t at = j * kLanes<T>;
        if (kWhole || j < N - 1) {
          lane::store(to + at, blend(sum[r][j], [&]() __attribute__((always_inline)) { return lane::load(from + at); }));
        } else {
          lane::store_partial(to + at, blend(sum[r][j], [&]() __attribute__((always_inline)) { return lane::load_partial(from + at, last); }), last);
        }
      }
  };
  if (beta == 0) put([](Simd<T> x, auto) __attribute__((always_inline)) { return x; });
  else put([beta](Simd<T> x, auto old) __attribute__((always_inline)) { return lane::mul_add(Simd<T>(beta), old(), x); });
}

// Tiles of one size, one after the other: each C = alpha * A * B + beta * D.
template <class T>
struct TileRun {
  int64_t k;
  // Of the first tile, as all pointers here. Element (r, p) of A is a[r * row + p * column].
  const T* a;
  int64_t row, column;
  const T* b;
  int64_t ldb;
  T alpha, beta;  // beta 0: D is not read
  const T* d;
  int64_t ldd;
  T* c;
  int64_t ldc;
  // Lanes that exist of the last register of columns.
  int last;
  // Where a copying tile leaves B.
  T* copy;
  int64_t count, a_step, b_step, d_step, c_step;
};

template <class T, int R, int N, Reading kReading>
void tile(const TileRun<T>& run) {
  constexpr bool kPartial = kReading == Reading::kPartial || (kReading == Reading::kCopied && kHasMasks);
  const int64_t row = run.row, column = run.column, ldb = run.ldb, ldc = run.ldc;
  [[maybe_unused]] const int last = run.last;
  for (int64_t i = 0; i < run.count; ++i) {
    const T *a = run.a + i * run.a_step, *b = run.b + i * run.b_step;
    T* const c = run.c + i * run.c_step;
    Simd<T> sum[R][N];
    STEEPEST_UNROLL for (int r = 0; r < R; ++r)
      STEEPEST_UNROLL for (int j = 0; j < N; ++j) sum[r][j] = Simd<T>(0);
    // C is often far away: it travels while the sums are made.
    const T* ahead = c;
    STEEPEST_UNROLL for (int r = 0; r < R; ++r, ahead += ldc)
      STEEPEST_UNROLL for (int j = 0; j < N; ++j) __builtin_prefetch(ahead + j * kLanes<T>, 1);
    [[maybe_unused]] T* copy = run.copy;
    const auto step = [&]() __attribute__((always_inline)) {
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
        STEEPEST_UNROLL for (int j = 0; j < N; ++j) add_product(sum[r][j], s, x[j]);
      }
      a += column;
      b += ldb;
    };
    repeat(run.k, step);
    if (run.alpha != 1) {
      STEEPEST_UNROLL for (int r = 0; r < R; ++r)
        STEEPEST_UNROLL for (int j = 0; j < N; ++j) sum[r][j] *= Simd<T>(run.alpha);
    }
    const T* const d = run.d + i * run.d_step;
    if (last == kLanes<T>) put_sums<true>(sum, run.beta, d, run.ldd, forget(c), ldc, last);
    else put_sums<false>(sum, run.beta, d, run.ldd, forget(c), ldc, last);
  }
}

template <class T>
using Tile = void (*)(const TileRun<T>&);

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
void dots(int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, T alpha, T beta, const T* d, int64_t ldd, T* c, int64_t ldc) {
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
      const T x = alpha * sum_lanes(sum[r][s]);
      c[r * ldc + s] = beta == 0 ? x : x + beta * d[r * ldd + s];
    }
}

template <class T>
using Dots = void (*)(int64_t, const T*, int64_t, const T*, int64_t, T, T, const T*, int64_t, T*, int64_t);

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
