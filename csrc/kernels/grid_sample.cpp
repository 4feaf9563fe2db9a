// Weighted sums of the elements around places, a block of places at a time for all channels.
#include "kernels/grid_sample.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 8192;  // elements read
constexpr int64_t kBlock = 64;    // places

// A coordinate in elements, and its slope by the grid's number.
template <class T>
struct Place {
  T at, slope;
};

// Where nothing stands outside, coordinates are brought inside: by reflection at the edges, then to the nearest element. A NaN goes to 0.
template <class T>
void bring_inside(Place<T>& p, int64_t size, const Sampling& how) {
  const T last = static_cast<T>(size - 1);
  if (how.outside == Outside::Reflection) {
    const T low = how.align_corners ? T(0) : T(-0.5), span = how.align_corners ? last : last + 1;
    if (span <= 0) p = {0, 0};
    const T from = p.at - low, distance = std::abs(from), flips = span > 0 ? std::floor(distance / span) : T(0), rest = distance - flips * span;
    const bool even = std::fmod(flips, T(2)) == 0;
    if (span > 0) p = {even ? rest + low : span - rest + low, even == (from >= 0) ? p.slope : -p.slope};
  }
  if (how.outside == Outside::Zeros) return;
  if (!(p.at > 0)) p = {0, 0};
  else if (!(p.at < last)) p = {last, 0};
}

template <class T>
T near(T x) { return ((T(-0.75) + 2) * x - (T(-0.75) + 3)) * x * x + 1; }
template <class T>
T far(T x) { return ((T(-0.75) * x + T(3.75)) * x - 6) * x + 3; }
template <class T>
T near_slope(T x) { return (T(3.75) * x - T(4.5)) * x; }
template <class T>
T far_slope(T x) { return (T(-2.25) * x + T(7.5)) * x - 6; }

// The neighbours of a place along one dimension.
template <class T>
struct Neighbours {
  int count = 0;
  int64_t at[4];
  T weight[4], slope[4];

  Neighbours(T number, int64_t size, const Sampling& how) {
    const T scale = static_cast<T>(how.align_corners ? size - 1 : size) / 2;
    Place<T> p{how.align_corners ? (number + 1) * scale : (number + 1) * scale - T(0.5), scale};
    if (how.mode == SampleMode::Cubic) {
      const T below = std::floor(p.at), t = p.at - below;
      const T weights[] = {far(t + 1), near(t), near(1 - t), far(2 - t)};
      const T slopes[] = {far_slope(t + 1), near_slope(t), -near_slope(1 - t), -far_slope(2 - t)};
      for (int k = 0; k < 4; ++k) {
        Place<T> neighbour{below + static_cast<T>(k - 1), 0};
        bring_inside(neighbour, size, how);
        add(neighbour.at, size, weights[k], slopes[k] * scale);
      }
      return;
    }
    bring_inside(p, size, how);
    if (how.mode == SampleMode::Nearest) {
      add(std::nearbyint(p.at), size, 1, 0);
      return;
    }
    const T below = std::floor(p.at), t = p.at - below;
    add(below, size, 1 - t, -p.slope);
    add(below + 1, size, t, p.slope);
  }

 private:
  void add(T place, int64_t size, T w, T s) {
    const bool exists = place >= 0 && place <= static_cast<T>(size - 1);
    at[count] = exists ? static_cast<int64_t>(place) : 0;
    weight[count] = exists ? w : T(0);
    slope[count++] = exists ? s : T(0);
  }
};

int64_t ways_of(const Sampling& how) {
  const int64_t each = how.mode == SampleMode::Linear ? 2 : how.mode == SampleMode::Nearest ? 1 : 4;
  return how.dims == 2 ? each * each : each * each * each;
}

// Of a block of places: each way to choose a neighbour by dimension, as a place in the plane, a weight and the weight's slopes.
template <class T>
struct Ways {
  int64_t count;
  std::vector<int64_t> at;
  std::vector<T> weight, slope[3];

  explicit Ways(const Sampling& how) : count(ways_of(how)), at(static_cast<size_t>(count * kBlock)), weight(at.size()) {
    for (int d = 0; d < how.dims; ++d) slope[d].resize(at.size());
  }
  // m places from `grid` on.
  void prepare(const T* grid, DimSpan sizes, int64_t m, bool slopes, const Sampling& how) {
    for (int64_t j = 0; j < m; ++j, grid += how.dims) {
      // A plane counts as a volume of one layer.
      static constexpr Sampling kOne{1, SampleMode::Nearest, Outside::Border, true};
      const int k = how.dims;
      const Neighbours<T> deep = k == 3 ? Neighbours<T>(grid[2], sizes[0], how) : Neighbours<T>(0, 1, kOne);
      const Neighbours<T> high(grid[1], sizes[sizes.size() - 2], how), wide(grid[0], sizes.back(), how);
      auto i = static_cast<size_t>(j);
      for (int a = 0; a < deep.count; ++a) {
        for (int b = 0; b < high.count; ++b) {
          for (int c = 0; c < wide.count; ++c, i += kBlock) {
            at[i] = (deep.at[a] * sizes[sizes.size() - 2] + high.at[b]) * sizes.back() + wide.at[c];
            weight[i] = deep.weight[a] * high.weight[b] * wide.weight[c];
            if (!slopes) continue;
            slope[0][i] = deep.weight[a] * high.weight[b] * wide.slope[c];
            slope[1][i] = deep.weight[a] * high.slope[b] * wide.weight[c];
            if (k == 3) slope[2][i] = deep.slope[a] * high.weight[b] * wide.weight[c];
          }
        }
      }
    }
  }
};

}  // namespace

void grid_sample(const Tensor& y, const Tensor& x, const Tensor& grid, const Sampling& how) {
  if (y.numel() == 0) return;
  const int64_t batch = y.size(0), channels = y.size(1), places = y.size(2), plane = x.numel() / (batch * channels);
  const int64_t blocks = (places + kBlock - 1) / kBlock;
  const DimSpan sizes = x.sizes().last(static_cast<size_t>(how.dims));
  visit_float(x.dtype(), [&]<class T>() {
    const int64_t work = kBlock * channels * ways_of(how);
    parallel_for(batch * blocks, std::max<int64_t>(1, kGrain / work), [&](int64_t begin, int64_t end) {
      Ways<T> ways(how);
      for (int64_t b = begin; b < end; ++b) {
        const int64_t n = b / blocks, first = b % blocks * kBlock, m = std::min(kBlock, places - first);
        ways.prepare(grid.data<T>() + (n * places + first) * how.dims, sizes, m, false, how);
        for (int64_t c = 0; c < channels; ++c) {
          const T* from = x.data<T>() + (n * channels + c) * plane;
          T sum[kBlock] = {};
          for (int64_t k = 0; k < ways.count; ++k) {
            const int64_t* at = ways.at.data() + k * kBlock;
            const T* weight = ways.weight.data() + k * kBlock;
            for (int64_t j = 0; j < m; ++j) sum[j] += weight[j] * from[at[j]];
          }
          std::memcpy(y.data<T>() + (n * channels + c) * places + first, sum, static_cast<size_t>(m) * sizeof(T));
        }
      }
    });
  });
}

void grid_sample_backward(const Tensor& dx, const Tensor& dgrid, const Tensor& g, const Tensor& x, const Tensor& grid, const Sampling& how) {
  if (dx.defined()) std::memset(dx->data, 0, static_cast<size_t>(dx.numel() * item_size(dx.dtype())));
  if (g.numel() == 0) return;
  const int64_t batch = g.size(0), channels = g.size(1), places = g.size(2), plane = x.numel() / (batch * channels);
  const DimSpan sizes = x.sizes().last(static_cast<size_t>(how.dims));
  visit_float(x.dtype(), [&]<class T>() {
    parallel_for(batch, std::max<int64_t>(1, kGrain / (channels * places)), [&](int64_t begin, int64_t end) {
      Ways<T> ways(how);
      for (int64_t n = begin; n < end; ++n) {
        for (int64_t first = 0; first < places; first += kBlock) {
          const int64_t m = std::min(kBlock, places - first);
          ways.prepare(grid.data<T>() + (n * places + first) * how.dims, sizes, m, dgrid.defined(), how);
          T by[3][kBlock] = {};
          for (int64_t c = 0; c < channels; ++c) {
            const int64_t start = (n * channels + c) * plane;
            const T *from = x.data<T>() + start, *grad = g.data<T>() + (n * channels + c) * places + first;
            for (int64_t k = 0; k < ways.count; ++k) {
              const int64_t* at = ways.at.data() + k * kBlock;
              if (dx.defined()) {
                for (int64_t j = 0; j < m; ++j) dx.data<T>()[start + at[j]] += grad[j] * ways.weight[static_cast<size_t>(k * kBlock + j)];
              }
              for (int d = 0; d < how.dims && dgrid.defined(); ++d) {
                for (int64_t j = 0; j < m; ++j) by[d][j] += grad[j] * from[at[j]] * ways.slope[d][static_cast<size_t>(k * kBlock + j)];
              }
            }
          }
          if (!dgrid.defined()) continue;
          for (int64_t j = 0; j < m; ++j) {
            for (int d = 0; d < how.dims; ++d) dgrid.data<T>()[(n * places + first + j) * how.dims + d] = by[d][j];
          }
        }
      }
    });
  });
}

}  // namespace st
