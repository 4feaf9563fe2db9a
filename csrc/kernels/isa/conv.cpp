// Convolutions on one thread: register tiles of some channels by some places, over steps that are a channel and a place in the kernel.
#include "kernels/gemm_pack.h"

#include "kernels/conv_table.h"

namespace st::STEEPEST_ISA {
namespace {

template <class T>
STEEPEST_LANE Simd<T> get(const T* p, int n) {
  return n == kLanes<T> ? lane::load(p) : lane::load_partial(p, n);
}
template <class T>
STEEPEST_LANE void put(T* p, Simd<T> v, int n) {
  if (n == kLanes<T>) lane::store(p, v);
  else lane::store_partial(p, v, n);
}

// A row of places. Registers are written whole, in order: what is too much is overwritten by what follows.
template <class T>
STEEPEST_LANE void fill_row(const T* from, const ConvInside& w, int64_t length, int64_t step, T* to) {
  for (int64_t i = 0; i < w.first; i += kLanes<T>) lane::store(to + i, Simd<T>(0));
  if (step == 1) {
    int64_t i = w.first;
    for (; i + kLanes<T> <= w.last; i += kLanes<T>) lane::store(to + i, lane::load(from + i));
    if (i < w.last) lane::store(to + i, lane::load_partial(from + i, static_cast<int>(w.last - i)));
  } else if (step == 2) {
    for (int64_t i = w.first; i < w.last; ++i) to[i] = from[2 * i];
  } else {
    for (int64_t i = w.first; i < w.last; ++i) to[i] = from[i * step];
  }
  for (int64_t i = w.last; i < length; i += kLanes<T>) lane::store(to + i, Simd<T>(0));
}

template <class T>
void fill(const ConvFill<T>& f) {
  const int64_t length = f.length[2];
  T* to = f.to;
  const ConvInside outside{0, 0, 0};
  for (int64_t c = 0; c < f.channels; ++c)
    for (int64_t a = 0; a < f.n_phases[0]; ++a)
      for (int64_t b = 0; b < f.n_phases[1]; ++b)
        for (int64_t e = 0; e < f.n_phases[2]; ++e) {
          const ConvInside &z = f.phases[0][a], &h = f.phases[1][b], &w = f.phases[2][e];
          for (int64_t i = 0; i < f.length[0]; ++i)
            for (int64_t j = 0; j < f.length[1]; ++j, to += length) {
              const bool inside = i >= z.first && i < z.last && j >= h.first && j < h.last;
              const T* const from = f.from + c * f.plane + (z.from + i * f.step[0]) * f.sheet + (h.from + j * f.step[1]) * f.row + w.from;
              fill_row(from, inside ? w : outside, length, f.step[2], to);
            }
        }
}

// R rows of N segments.
template <class T, int R, int N>
void product_tile(const ConvProduct<T>& c, const T* left, const ConvSegment* s, T* out, const T* bias) {
  Simd<T> sum[R][N];
  const T* from[N];
  STEEPEST_UNROLL for (int j = 0; j < N; ++j) from[j] = c.source + s[j].start;
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) sum[r][j] = Simd<T>(bias && !c.add ? bias[r] : T(0));
  const int64_t* p = c.offsets;
  repeat(c.depth, [&]() __attribute__((always_inline)) {
    Simd<T> x[N];
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) x[j] = lane::load(from[j] + *p);
    STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
      const Simd<T> w(left[r]);
      STEEPEST_UNROLL for (int j = 0; j < N; ++j) add_product(sum[r][j], w, x[j]);
    }
    ++p;
    left += R;
  });
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) {
      T* const to = out + r * c.out_step + s[j].at;
      put(to, c.add ? get(to, s[j].length) + sum[r][j] : sum[r][j], s[j].length);
    }
}

template <class T>
using ProductTile = void (*)(const ConvProduct<T>&, const T*, const ConvSegment*, T*, const T*);

template <class T>
struct ProductTiles {
  using Function = ProductTile<T>;
  template <int R, int N>
  static constexpr Function at() {
    if constexpr (N <= tile_registers(R)) return product_tile<T, R, N>;
    else return nullptr;
  }
  template <int R, int N>
  static constexpr Function tile = at<R, N>();
};

// The segments of a panel meet all rows while they are in the first cache; the weights pass from the second.
template <class T>
void product(const ConvProduct<T>& c) {
  const Parts rows(c.rows, kTileRows), panels(c.count, tile_registers(c.rows));
  for (int64_t j = 0; j < panels.count; ++j) {
    const int64_t first = panels.begin(j), width = panels.begin(j + 1) - first;
    for (int64_t i = 0; i < rows.count; ++i) {
      const int64_t r = rows.begin(i), height = rows.begin(i + 1) - r;
      const auto tile = choose_tile<ProductTiles<T>, kTileRows, kWidest>(height, width);
      tile(c, c.left + r * c.depth, c.segments + first, c.out + r * c.out_step, c.bias ? c.bias + r : nullptr);
    }
  }
}

template <class T>
void pack(const ConvWeights<T>& w, T* to) {
  const Parts rows(w.rows, kTileRows);
  for (int64_t i = 0; i < rows.count; ++i) {
    const int64_t r = rows.begin(i), height = rows.begin(i + 1) - r;
    const T* const from = w.weight + r * w.row;
    if (w.dense && w.step == w.n_taps) {
      transpose(from, w.row, height, w.channels * w.n_taps, to, height);
      to += w.channels * w.n_taps * height;
      continue;
    }
    for (int64_t c = 0; c < w.channels; ++c, to += w.n_taps * height) {
      if (w.dense) {
        if (w.n_taps == 1 && w.row == 1) {
          for (int64_t k = 0; k < height; ++k) to[k] = from[c * w.step + k];
        } else {
          transpose(from + c * w.step, w.row, height, w.n_taps, to, height);
        }
        continue;
      }
      for (int64_t t = 0; t < w.n_taps; ++t)
        for (int64_t k = 0; k < height; ++k) to[t * height + k] = from[k * w.row + c * w.step + w.taps[t]];
    }
  }
}

template <class T>
void columns(const ConvColumns<T>& c, T* to) {
  for (int64_t p = 0; p < c.depth; ++p, to += c.width) {
    const T* const from = c.source + c.offsets[p];
    for (int64_t i = 0; i < c.count; ++i) lane::store(to + c.pieces[i].at, lane::load(from + c.pieces[i].start));
  }
}

// R rows of sums by N registers.
template <class T, int R, int N>
void sums_tile(const ConvWeightSums<T>& c, int64_t row, int64_t column, const T* y) {
  Simd<T> sum[R][N];
  T* const out = c.sums + row * c.width + column;
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) sum[r][j] = c.add ? lane::load(out + r * c.width + j * kLanes<T>) : Simd<T>(0);
  const T* x[R];
  STEEPEST_UNROLL for (int r = 0; r < R; ++r) x[r] = c.x + c.rows[row + r];
  const int64_t* place = c.x_places;
  repeat(c.places, [&]() __attribute__((always_inline)) {
    Simd<T> v[N];
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) v[j] = lane::load(y + j * kLanes<T>);
    STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
      const Simd<T> s(x[r][*place]);
      STEEPEST_UNROLL for (int j = 0; j < N; ++j) add_product(sum[r][j], s, v[j]);
    }
    ++place;
    y += N * kLanes<T>;
  });
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < N; ++j) lane::store(out + r * c.width + j * kLanes<T>, sum[r][j]);
}

static_assert(kTileRegisters == kConvPanel);
template <class T>
using SumsTile = void (*)(const ConvWeightSums<T>&, int64_t, int64_t, const T*);
template <class T>
struct SumsTiles {
  using Function = SumsTile<T>;
  template <int R, int N>
  static constexpr Function tile = sums_tile<T, R, N>;
};

template <class T>
void weight_sums(const ConvWeightSums<T>& c) {
  const Parts rows(c.count, kTileRows), panels(c.width / kLanes<T>, kTileRegisters);
  for (int64_t j = 0; j < panels.count; ++j)
    for (int64_t i = 0; i < rows.count; ++i) {
      const int64_t r = rows.begin(i), column = panels.begin(j) * kLanes<T>;
      const int64_t height = rows.begin(i + 1) - r, width = panels.begin(j + 1) - panels.begin(j);
      choose_tile<SumsTiles<T>, kTileRows, kTileRegisters>(height, width)(c, r, column, c.y + column * c.y_step + c.y_first * width * kLanes<T>);
    }
}

// M channels of y by K rows, with lanes over places.
template <class T, int M, int K>
void dots_tile(const ConvWeightDots<T>& c, int64_t channel, int64_t row) {
  Simd<T> sum[M][K];
  STEEPEST_UNROLL for (int m = 0; m < M; ++m)
    STEEPEST_UNROLL for (int k = 0; k < K; ++k) sum[m][k] = Simd<T>(0);
  const T* x[K];
  STEEPEST_UNROLL for (int k = 0; k < K; ++k) x[k] = c.x + c.rows[row + k];
  for (int64_t i = 0; i < c.n_lines; ++i) {
    const T* const y = c.y + channel * c.y_step + c.lines[i].y;
    const int64_t at = c.lines[i].x, length = c.lines[i].length;
    for (int64_t o = 0; o < length; o += kLanes<T>) {
      Simd<T> v[M];
      STEEPEST_UNROLL for (int m = 0; m < M; ++m) v[m] = get(y + m * c.y_step + o, length - o < kLanes<T> ? static_cast<int>(length - o) : kLanes<T>);
      STEEPEST_UNROLL for (int k = 0; k < K; ++k) {
        const Simd<T> u = get(x[k] + at + o, length - o < kLanes<T> ? static_cast<int>(length - o) : kLanes<T>);
        STEEPEST_UNROLL for (int m = 0; m < M; ++m) sum[m][k] = lane::mul_add(u, v[m], sum[m][k]);
      }
    }
  }
  STEEPEST_UNROLL for (int m = 0; m < M; ++m)
    STEEPEST_UNROLL for (int k = 0; k < K; ++k) c.sums[(channel + m) * c.count + row + k] += sum_lanes(sum[m][k]);
}

// One channel meets more rows than several do.
constexpr int kDotsMost = 6;
constexpr int dots_rows(int64_t channels) { return channels == 1 ? kDotsMost : kDotColumns; }
template <class T>
using DotsTile = void (*)(const ConvWeightDots<T>&, int64_t, int64_t);
template <class T>
struct WeightDotsTiles {
  using Function = DotsTile<T>;
  template <int M, int K>
  static constexpr Function at() {
    if constexpr (K <= dots_rows(M)) return dots_tile<T, M, K>;
    else return nullptr;
  }
  template <int M, int K>
  static constexpr Function tile = at<M, K>();
};

template <class T>
void weight_dots(const ConvWeightDots<T>& c) {
  const Parts channels(c.width, kDotRows);
  for (int64_t i = 0; i < channels.count; ++i) {
    const int64_t m = channels.begin(i), height = channels.begin(i + 1) - m;
    const Parts rows(c.count, dots_rows(height));
    for (int64_t j = 0; j < rows.count; ++j) {
      const int64_t k = rows.begin(j), width = rows.begin(j + 1) - k;
      choose_tile<WeightDotsTiles<T>, kDotRows, kDotsMost>(height, width)(c, m, k);
    }
  }
}

template <class T>
constexpr ConvKernels<T> kernels() {
  return {kLanes<T>, fill<T>, product<T>, pack<T>, columns<T>, weight_sums<T>, weight_dots<T>, transpose<T>};
}

}  // namespace

extern const ConvTable kConvTable;
constexpr ConvTable kConvTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
