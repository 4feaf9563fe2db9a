// The largest and the smallest along rows and columns, alone and with their places.
#include "kernels/lane_part.h"
#include "kernels/reduce_table.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Mask;

template <class T>
constexpr bool kFloat = __is_same(T, float) || __is_same(T, double);

template <bool kLargest, class V>
STEEPEST_LANE auto beats(V x, V best) {
  if constexpr (kLargest) return x > best;
  else return x < best;
}

// The better of two, NaN before all. (largest and least give the second operand where one is NaN.)
template <bool kLargest, class T>
STEEPEST_LANE Simd<T> better(Simd<T> a, Simd<T> x) {
  return lane::where(lane::isnan(a), a, kLargest ? lane::largest(a, x) : lane::least(a, x));
}
template <bool kLargest, class T>
STEEPEST_LANE T better(T a, T x) {
  if constexpr (kFloat<T>) return beats<kLargest>(x, a) || x != x ? x : a;
  else return beats<kLargest>(x, a) ? x : a;
}

template <bool kLargest, class T>
STEEPEST_LANE T best_of_row(const T* x, int64_t n) {
  constexpr int kStep = kWidth<T>;
  if (n < kStep) {
    T best = x[0];
    for (int64_t i = 1; i < n; ++i) best = better<kLargest>(best, x[i]);
    return best;
  }
  // What is left over is read together with what came before: seeing an element twice changes nothing.
  Simd<T> a[4];
  a[0] = a[1] = a[2] = a[3] = lane::load(x + n - kStep);
  int64_t i = 0;
  for (; i + 4 * kStep <= n; i += 4 * kStep) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) a[k] = better<kLargest>(a[k], lane::load(x + i + k * kStep));
  }
  for (; i + kStep <= n; i += kStep) a[0] = better<kLargest>(a[0], lane::load(x + i));
  const Simd<T> joined = better<kLargest>(better<kLargest>(a[0], a[1]), better<kLargest>(a[2], a[3]));
  return fold_halves<T>(joined.v, [](auto p, auto q) __attribute__((always_inline)) { return beats<kLargest>(q, p) | (q != q) ? q : p; });
}

// `count` columns `column` apart, at most a register of them, `kBlocks` registers side by side.
template <bool kLargest, class T, int kBlocks, class Read>
STEEPEST_LANE void best_of_columns(T* out, int64_t n, int count, Read read) {
  Simd<T> best[kBlocks];
#pragma GCC unroll 4
  for (int b = 0; b < kBlocks; ++b) best[b] = get(out + b * kWidth<T>, count);
  for (int64_t i = 0; i < n; ++i) {
#pragma GCC unroll 4
    for (int b = 0; b < kBlocks; ++b) best[b] = better<kLargest>(best[b], read(i, b));
  }
#pragma GCC unroll 4
  for (int b = 0; b < kBlocks; ++b) put(out + b * kWidth<T>, best[b], count);
}

// Columns side by side: rows go by as they lie in memory, a few at a time, over a block of results that stays in the nearest cache.
template <bool kLargest, class T>
STEEPEST_LANE void best_of_rows(T* out, const T* x, int64_t n, int64_t step, int64_t m) {
  constexpr int64_t kRows = 4, kBlock = 8192 / static_cast<int64_t>(sizeof(T));
  for (int64_t first = 0; first < m; first += kBlock) {
    const int64_t length = m - first < kBlock ? m - first : kBlock;
    T* y = out + first;
    int64_t i = 0;
    for (; i + kRows <= n; i += kRows) {
      const T* row = x + i * step + first;
      each<T>(length, [&](int64_t j, int count) __attribute__((always_inline)) {
        const Simd<T> a = better<kLargest>(get(row + j, count), get(row + step + j, count));
        const Simd<T> b = better<kLargest>(get(row + 2 * step + j, count), get(row + 3 * step + j, count));
        put(y + j, better<kLargest>(get(y + j, count), better<kLargest>(a, b)), count);
      });
    }
    for (; i < n; ++i) {
      const T* row = x + i * step + first;
      each<T>(length, [&](int64_t j, int count) __attribute__((always_inline)) { put(y + j, better<kLargest>(get(y + j, count), get(row + j, count)), count); });
    }
  }
}

template <bool kLargest, class T>
STEEPEST_LANE void best_of_integers(T* __restrict out, const T* __restrict x, int64_t n, int64_t step, int64_t m) {
  int64_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const T *a = x + i * step, *b = a + step, *c = b + step, *d = c + step;
    for (int64_t j = 0; j < m; ++j) out[j] = better<kLargest>(better<kLargest>(better<kLargest>(out[j], a[j]), b[j]), better<kLargest>(c[j], d[j]));
  }
  for (; i < n; ++i) {
    const T* row = x + i * step;
    for (int64_t j = 0; j < m; ++j) out[j] = better<kLargest>(out[j], row[j]);
  }
}

template <bool kLargest, class T>
STEEPEST_LANE void best_of_integers_apart(T* __restrict out, const T* __restrict x, int64_t n, int64_t step, int64_t m, int64_t column) {
  for (int64_t i = 0; i < n; ++i) for (int64_t j = 0; j < m; ++j) out[j] = better<kLargest>(out[j], x[i * step + j * column]);
}

// Places are counted in lanes as wide as the values, carried as bits.
template <bool kLargest, class T, int kBlocks, class Read>
STEEPEST_LANE void places_of_columns(T* values, int64_t* indices, int64_t n, int count, Read read) {
  using Int = typename Simd<T>::Int;
  Simd<T> best[kBlocks], place[kBlocks];
#pragma GCC unroll 4
  for (int b = 0; b < kBlocks; ++b) {
    best[b] = read(0, b);
    place[b] = lane::from_bits<T>(Int{});
  }
  Int at = {};
  for (int64_t i = 1; i < n; ++i) {
    at += 1;
#pragma GCC unroll 4
    for (int b = 0; b < kBlocks; ++b) {
      const Simd<T> x = read(i, b);
      const Mask<T> wins = beats<kLargest>(x, best[b]) | (lane::isnan(x) & !lane::isnan(best[b]));
      best[b] = lane::where(wins, x, best[b]);
      place[b] = lane::where(wins, lane::from_bits<T>(at), place[b]);
    }
  }
  for (int b = 0; b < kBlocks; ++b) {
    put(values + b * kWidth<T>, best[b], count);
    const Int p = lane::bits(place[b]);
    for (int k = 0; k < count; ++k) indices[b * kWidth<T> + k] = p[k];
  }
}

// Calls f.template operator()<kBlocks>(j, count, read) for all columns; read(i, b) gives register b of row i.
template <class T, class F>
STEEPEST_LANE void each_block(const T* in, int64_t step, int64_t m, int64_t column, F f) {
  constexpr int kStep = kWidth<T>;
  int64_t j = 0;
  if (column == 1) {
    for (; j + 4 * kStep <= m; j += 4 * kStep) {
      f.template operator()<4>(j, kStep, [=](int64_t i, int b) __attribute__((always_inline)) { return lane::load(in + i * step + j + b * kStep); });
    }
    for (; j < m; j += kStep) {
      const int count = m - j < kStep ? static_cast<int>(m - j) : kStep;
      f.template operator()<1>(j, count, [=](int64_t i, int) __attribute__((always_inline)) { return get(in + i * step + j, count); });
    }
  } else {
    for (; j + kStep <= m; j += kStep) {
      f.template operator()<1>(j, kStep, [=](int64_t i, int) __attribute__((always_inline)) { return lane::load_strided(in + i * step + j * column, column, kStep); });
    }
    if (j < m) {
      const int count = static_cast<int>(m - j);
      f.template operator()<1>(j, count, [=](int64_t i, int) __attribute__((always_inline)) { return lane::load_strided(in + i * step + j * column, column, count); });
    }
  }
}

// Rows as short as this are read as columns: a register of rows at a time.
template <class T>
constexpr int64_t kShort = 24;
constexpr int64_t kManyRows = 16;

template <bool kLargest, class T>
void fold(const FoldCall& call) {
  T* out = reinterpret_cast<T*>(call.out);
  const T* in = reinterpret_cast<const T*>(call.in);
  if constexpr (kFloat<T>) {
    const bool rows = call.step == 1 && (call.n > kShort<T> || call.m < kManyRows);
    if (rows) {
      for (int64_t j = 0; j < call.m; ++j) {
        T& y = out[j * call.out_step];
        y = better<kLargest>(y, best_of_row<kLargest>(in + j * call.column, call.n));
      }
      return;
    }
    if (call.out_step == 1 && call.column == 1 && call.step != 1) return best_of_rows<kLargest>(out, in, call.n, call.step, call.m);
    if (call.out_step == 1) {
      each_block(in, call.step, call.m, call.column, [&]<int kBlocks>(int64_t j, int count, auto read) __attribute__((always_inline)) {
        best_of_columns<kLargest, T, kBlocks>(out + j, call.n, count, read);
      });
      return;
    }
  } else if (call.out_step == 1 && call.column < call.step) {
    if (call.column == 1) return best_of_integers<kLargest>(out, in, call.n, call.step, call.m);
    return best_of_integers_apart<kLargest>(out, in, call.n, call.step, call.m, call.column);
  }
  for (int64_t j = 0; j < call.m; ++j) {
    T best = out[j * call.out_step];
    for (int64_t i = 0; i < call.n; ++i) best = better<kLargest>(best, in[j * call.column + i * call.step]);
    out[j * call.out_step] = best;
  }
}

// The first place of `value` in a row of n that holds it.
template <class T>
STEEPEST_LANE int64_t find(const T* x, int64_t n, T value) {
  int64_t i = 0;
  if (value != value) {
    while (x[i] == x[i]) ++i;
    return i;
  }
  if constexpr (kFloat<T>) {
    while (i + kWidth<T> <= n && !lane::any(lane::load(x + i) == Simd<T>(value))) i += kWidth<T>;
  } else {
    constexpr int64_t kBlock = 64;
    for (; i + kBlock <= n; i += kBlock) {
      T found = 0;
      for (int64_t k = i; k < i + kBlock; ++k) found |= static_cast<T>(x[k] == value);
      if (found) break;
    }
  }
  while (x[i] != value) ++i;
  return i;
}

// Rows go by as they lie in memory.
template <bool kLargest, class T>
STEEPEST_LANE void places_of_rows(T* __restrict values, int64_t* __restrict indices, const T* __restrict in, int64_t n, int64_t step, int64_t m,
                                  int64_t column) {
  for (int64_t j = 0; j < m; ++j) {
    values[j] = in[j * column];
    indices[j] = 0;
  }
  for (int64_t i = 1; i < n; ++i) {
    const T* x = in + i * step;
    for (int64_t j = 0; j < m; ++j) {
      const T b = x[j * column], a = values[j];
      const bool wins = beats<kLargest>(b, a) | ((b != b) & (a == a));
      values[j] = wins ? b : a;
      indices[j] = wins ? i : indices[j];
    }
  }
}

template <bool kLargest, class T>
void places(const ExtremeCall& call) {
  const T* in = reinterpret_cast<const T*>(call.in);
  T* values = reinterpret_cast<T*>(call.values);
  if constexpr (kFloat<T>) {
    // Places must fit the lanes that carry them.
    const bool narrow = call.n < (int64_t{1} << 31);
    if (narrow && (call.step != 1 || (call.n <= kShort<T> && call.m >= kManyRows))) {
      each_block(in, call.step, call.m, call.column, [&]<int kBlocks>(int64_t j, int count, auto read) __attribute__((always_inline)) {
        places_of_columns<kLargest, T, kBlocks>(values + j, call.indices + j, call.n, count, read);
      });
      return;
    }
  }
  if (call.step == 1) {
    for (int64_t j = 0; j < call.m; ++j) {
      const T* x = in + j * call.column;
      T best = x[0];
      if constexpr (kFloat<T>) best = best_of_row<kLargest>(x, call.n);
      else for (int64_t i = 1; i < call.n; ++i) best = better<kLargest>(best, x[i]);
      values[j] = best;
      call.indices[j] = find(x, call.n, best);
    }
    return;
  }
  if (call.column == 1) places_of_rows<kLargest>(values, call.indices, in, call.n, call.step, call.m, int64_t{1});
  else places_of_rows<kLargest>(values, call.indices, in, call.n, call.step, call.m, call.column);
}

// Truth values are compared as the bytes 0 and 1 that they are.
#define STEEPEST_TYPES(f, kLargest)                                                                                                       \
  {                                                                                                                                       \
    f<kLargest, uint8_t>, f<kLargest, uint8_t>, f<kLargest, int8_t>, f<kLargest, int16_t>, f<kLargest, int32_t>, f<kLargest, int64_t>,       \
        f<kLargest, float>, f<kLargest, double>                                                                                           \
  }

}  // namespace

extern const ExtremeTable kExtremeTable;
constexpr ExtremeTable kExtremeTable{{STEEPEST_TYPES(fold, true), STEEPEST_TYPES(fold, false)}, {STEEPEST_TYPES(places, true), STEEPEST_TYPES(places, false)}};

}  // namespace st::STEEPEST_ISA
