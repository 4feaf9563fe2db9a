// Weighted sums of the elements around places, a register of places at a time.
#include "kernels/grid_sample_table.h"

#include "kernels/lane_part.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Mask;

constexpr int kPlaces = static_cast<int>(kSamplePlaces);
constexpr int kMostNear = 4, kMostWays = 16;  // of a dimension; of a plane by cubics, a volume by lines has 8

// Coordinates in elements, and their slopes by the grid's numbers.
template <class T>
struct Places {
  Simd<T> at, slope;
};

// Of the last element; where T has no such number, of one before it: what lies behind is not to be read.
template <class T>
STEEPEST_LANE T last_place(int64_t size) {
  int64_t last = size - 1;
  while (static_cast<int64_t>(static_cast<T>(last)) >= size) --last;
  return static_cast<T>(last);
}

// Where nothing stands outside, coordinates are brought inside: by reflection at the edges, then to the nearest element. A NaN goes to 0.
template <class T>
STEEPEST_LANE void bring_inside(Places<T>& p, T last, const Sampling& how) {
  if (how.outside == Outside::Zeros) return;
  if (how.outside == Outside::Reflection) {
    const T low = how.align_corners ? T(0) : T(-0.5), span = how.align_corners ? last : last + 1;
    if (span > 0) {
      const Simd<T> from = p.at - low, distance = lane::abs(from), flips = lane::floor(distance / span), rest = distance - flips * span;
      const Mask<T> even = flips - 2 * lane::floor(flips * T(0.5)) == 0;
      p.at = lane::where(even, rest + low, span - rest + low);
      p.slope = lane::where(even ^ (from >= 0), -p.slope, p.slope);
    } else {
      p.at = p.slope = Simd<T>(0);
    }
  }
  const Mask<T> above = p.at > 0, below = p.at < last;
  p.at = lane::where(above, lane::where(below, p.at, last), 0);
  p.slope = lane::where(above & below, p.slope, 0);
}

// Keys 1981, "Cubic convolution interpolation", with a = -0.75, as two polynomials of the distance.
template <class T>
STEEPEST_LANE Simd<T> close_to(Simd<T> x) { return (T(1.25) * x - T(2.25)) * x * x + 1; }
template <class T>
STEEPEST_LANE Simd<T> far_from(Simd<T> x) { return ((T(-0.75) * x + T(3.75)) * x - 6) * x + 3; }
template <class T>
STEEPEST_LANE Simd<T> close_slope(Simd<T> x) { return (T(3.75) * x - T(4.5)) * x; }
template <class T>
STEEPEST_LANE Simd<T> far_slope(Simd<T> x) { return (T(-2.25) * x + T(7.5)) * x - 6; }

// Of a block of places, their neighbours along one dimension, as steps from the plane's first element; below 0 stands for none, whose
// weight is 0.
template <class T>
struct Near {
  int count = 0;
  alignas(64) int64_t at[kMostNear][kPlaces];
  alignas(64) T weight[kMostNear][kPlaces], slope[kMostNear][kPlaces];

  // The numbers of m places begin at grid; those beyond count as 0, which is a place like others.
  STEEPEST_LANE void find(const T* grid, int64_t m, int64_t size, int64_t step, const Sampling& how) {
    alignas(64) T numbers[kPlaces] = {};
    if (how.dims == 2) for (int64_t j = 0; j < m; ++j) numbers[j] = grid[2 * j];
    else for (int64_t j = 0; j < m; ++j) numbers[j] = grid[3 * j];
    count = how.mode == SampleMode::Linear ? 2 : how.mode == SampleMode::Nearest ? 1 : 4;
    const T scale = static_cast<T>(how.align_corners ? size - 1 : size) / 2, last = last_place<T>(size);
    for (int j = 0; j < kPlaces && j < m; j += kWidth<T>) {
      const Simd<T> number = lane::load(numbers + j);
      Places<T> p{how.align_corners ? (number + 1) * scale : (number + 1) * scale - T(0.5), scale};
      if (how.mode == SampleMode::Cubic) {
        const Simd<T> below = lane::floor(p.at), t = p.at - below;
        const Simd<T> weights[] = {far_from(t + 1), close_to(t), close_to(1 - t), far_from(2 - t)};
        const Simd<T> slopes[] = {far_slope(t + 1), close_slope(t), -close_slope(1 - t), -far_slope(2 - t)};
        for (int k = 0; k < 4; ++k) {
          Places<T> neighbour{below + static_cast<T>(k - 1), 0};
          bring_inside(neighbour, last, how);
          set(k, j, neighbour.at, last, step, weights[k], slopes[k] * scale);
        }
        continue;
      }
      bring_inside(p, last, how);
      if (how.mode == SampleMode::Nearest) {
        set(0, j, lane::roundeven(p.at), last, step, 1, 0);
        continue;
      }
      const Simd<T> below = lane::floor(p.at), t = p.at - below;
      set(0, j, below, last, step, 1 - t, -p.slope);
      set(1, j, below + 1, last, step, t, p.slope);
    }
  }

 private:
  STEEPEST_LANE void set(int k, int j, Simd<T> place, T last, int64_t step, Simd<T> w, Simd<T> s) {
    const Mask<T> exists = (place >= 0) & (place <= last);
    const Simd<T> known = lane::where(exists, place, -1);
    T numbers[kWidth<T>];
    lane::store(numbers, known);
    for (int i = 0; i < kWidth<T>; ++i) at[k][j + i] = static_cast<int64_t>(numbers[i]) * step;
    lane::store(weight[k] + j, lane::where(exists, w, 0));
    lane::store(slope[k] + j, lane::where(exists, s, 0));
  }
};

// Each way to choose a neighbour by dimension: a place in the plane, a weight and the weight's slopes; by registers of places.
template <class T>
struct Ways {
  int count = 0;
  int64_t length;  // whole registers of places
  alignas(64) int64_t at[kMostWays][kPlaces];  // 0 for none
  alignas(64) T weight[kMostWays][kPlaces], slope[3][kMostWays][kPlaces];
  alignas(64) typename lane::Register<T>::Bit exists[kMostWays][kPlaces];  // all bits or none

  STEEPEST_LANE Ways(const SampleCall& c, const T* grid, bool slopes) : length((c.m + kWidth<T> - 1) / kWidth<T> * kWidth<T>) {
    Near<T> deep, high, wide;
    high.find(grid + 1, c.m, c.sizes[1], c.sizes[2], c.how);
    wide.find(grid, c.m, c.sizes[2], 1, c.how);
    if (c.how.dims == 2) {
      for (int h = 0; h < high.count; ++h)
        for (int w = 0; w < wide.count; ++w) add<2>(deep, 0, high, h, wide, w, slopes);
    } else {
      deep.find(grid + 2, c.m, c.sizes[0], c.sizes[1] * c.sizes[2], c.how);
      for (int d = 0; d < deep.count; ++d)
        for (int h = 0; h < high.count; ++h)
          for (int w = 0; w < wide.count; ++w) add<3>(deep, d, high, h, wide, w, slopes);
    }
  }
  // Of way k the elements of a plane at the places j, j + 1, ...; 0 where there is none, here and below.
  STEEPEST_LANE Simd<T> taken(int k, int64_t j, const T* plane) const {
    Simd<T> v;
#if defined(STEEPEST_LANE_AVX512)
    if constexpr (sizeof(T) == 4) {
      const __m256 none = _mm256_setzero_ps();
      const __m256 low = _mm512_mask_i64gather_ps(none, 255, _mm512_loadu_si512(at[k] + j), plane, 4);
      const __m256 high = _mm512_mask_i64gather_ps(none, 255, _mm512_loadu_si512(at[k] + j + 8), plane, 4);
      v.v = (typename Simd<T>::Vec)_mm512_maskz_insertf32x8(-1, _mm512_castps256_ps512(low), high, 1);
    } else {
      v.v = (typename Simd<T>::Vec)_mm512_mask_i64gather_pd(_mm512_setzero_pd(), 255, _mm512_loadu_si512(at[k] + j), plane, 8);
    }
#else
    for (int i = 0; i < kWidth<T>; ++i) v.v[i] = plane[at[k][j + i]];
#endif
    return known(k, j, v);
  }
  STEEPEST_LANE Simd<T> known(int k, int64_t j, Simd<T> v) const {
    typename Simd<T>::Int mask;
    __builtin_memcpy(&mask, exists[k] + j, sizeof mask);
    return lane::from_bits<T>(lane::bits(v) & mask);
  }

 private:
  template <int kDims>
  STEEPEST_LANE void add(const Near<T>& deep, int d, const Near<T>& high, int h, const Near<T>& wide, int w, bool slopes) {
    const auto times_deep = [&](T v, int64_t j) __attribute__((always_inline)) { return kDims == 3 ? deep.weight[d][j] * v : v; };
    for (int64_t j = 0; j < length; ++j) {
      const int64_t z = kDims == 3 ? deep.at[d][j] : 0, y = high.at[h][j], x = wide.at[w][j];
      const bool known = (z | y | x) >= 0;
      at[count][j] = known ? z + y + x : 0;
      exists[count][j] = known ? -1 : 0;
    }
    for (int64_t j = 0; j < length; ++j) weight[count][j] = times_deep(high.weight[h][j], j) * wide.weight[w][j];
    for (int64_t j = 0; j < length && slopes; ++j) {
      slope[0][count][j] = times_deep(high.weight[h][j], j) * wide.slope[w][j];
      slope[1][count][j] = times_deep(high.slope[h][j], j) * wide.weight[w][j];
      if constexpr (kDims == 3) slope[2][count][j] = deep.slope[d][j] * high.weight[h][j] * wide.weight[w][j];
    }
    ++count;
  }
};

template <class T>
void forward(const SampleCall& c, const T* x, const T* grid, T* y) {
  const Ways<T> ways(c, grid, false);
  const int64_t plane = c.sizes[0] * c.sizes[1] * c.sizes[2];
  for (int64_t channel = 0; channel < c.channels; ++channel, x += plane, y += c.places) {
    each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) {
      Simd<T> sum(0);
      for (int k = 0; k < ways.count; ++k) sum += lane::load(ways.weight[k] + j) * ways.taken(k, j, x);
      put(y + j, sum, count);
    });
  }
}

template <class T>
void backward(const SampleCall& c, const T* x, const T* grid, const T* g, T* dx, T* dgrid) {
  const Ways<T> ways(c, grid, dgrid != nullptr);
  const int64_t plane = c.sizes[0] * c.sizes[1] * c.sizes[2];
  T by[3][kPlaces] = {};
  for (int64_t channel = 0; channel < c.channels; ++channel, x += plane, g += c.places) {
    for (int k = 0; k < ways.count && dx; ++k) {
      T share[kPlaces];
      each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) {
        lane::store(share + j, ways.known(k, j, get(g + j, count) * lane::load(ways.weight[k] + j)));
      });
      // One after the other: places may be neighbours of the same element. What has none adds 0 somewhere.
      T* to = dx + channel * plane;
      for (int64_t j = 0; j < c.m; ++j) to[ways.at[k][j]] += share[j];
    }
    for (int k = 0; k < ways.count && dgrid; ++k) {
      each<T>(c.m, [&](int64_t j, int count) __attribute__((always_inline)) {
        const Simd<T> term = get(g + j, count) * ways.taken(k, j, x);
        for (int d = 0; d < c.how.dims; ++d) lane::store(by[d] + j, lane::load(by[d] + j) + term * lane::load(ways.slope[d][k] + j));
      });
    }
  }
  for (int64_t j = 0; j < c.m && dgrid; ++j) {
    for (int d = 0; d < c.how.dims; ++d) dgrid[j * c.how.dims + d] = by[d][j];
  }
}

template <class T>
constexpr SampleKernels<T> kernels() {
  return {forward<T>, backward<T>};
}

}  // namespace

extern const SampleTable kSampleTable;
constexpr SampleTable kSampleTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
