// Convolutions with 3 x 3 kernels by Winograd's transforms: blocks of tiles, and the products between the transforms.
#include "kernels/conv_winograd.h"

#include <algorithm>
#include <atomic>
#include <vector>

#include "kernels/choice.h"
#include "kernels/gemm.h"
#include "kernels/parallel.h"
#include "kernels/winograd_table.h"

namespace st {

#define X(isa)                                    \
  namespace isa {                                 \
  extern const WinogradKernels kWinogradKernels;  \
  }
STEEPEST_ISAS
#undef X

namespace {

// A block's tiles, before and after the product, should stay in the second cache; and more are worth it where the transformed weight,
// which passes once a block, is large.
constexpr int64_t kBlockBytes = 1 << 20, kLeastTiles = 48, kMostTiles = 192;
// The same for the weight's gradient, whose sums are looked at once a block: more where they are not in the second cache.
constexpr int64_t kSumTiles = 128, kFarSumTiles = 256;
// Channels between two looks at the sums: what a panel of tiles reads should stay in the first cache.
constexpr int64_t kDepth = 128;
// Where a product has fewer rows or channels, transforms cost more than they save; of more filters the transformed ones are too large a
// part of a program's memory.
constexpr int64_t kLeastChannels = 32, kMostFilters = 1 << 19;
// In cycles: transforming a register of tiles of a channel, and a filter; and the parts of the peak at which multiplications are done,
// with transforms and without.
struct Costs {
  double tiles, filter, with, without;
};
constexpr Costs kForward{100, 12, 0.75, 0.75}, kBackward{200, 16, 0.6, 0.8};
constexpr int64_t kPlaces = kWinogradPlaces, kRowUnit = 8;

int64_t bytes(int64_t elements) { return elements * static_cast<int64_t>(sizeof(float)); }

const WinogradKernels& transforms() {
  static constexpr const WinogradKernels* kTables[] = {
#define X(isa) &isa::kWinogradKernels,
      STEEPEST_ISAS
#undef X
  };
  static const WinogradKernels& chosen = *kTables[chosen_isa()];
  return chosen;
}

bool fits(const ConvShape& s) {
  for (int d = 1; d < 3; ++d) if (s.k[d] != 3 || s.stride[d] != 1 || s.dilation[d] != 1) return false;
  return s.groups == 1 && s.k[0] == 1 && s.x[0] == 1 && s.y[0] == 1 && std::min(s.ci, s.co) >= kLeastChannels && s.ci * s.co <= kMostFilters;
}

// The tiles of all images, row after row.
struct TileGrid {
  int64_t images, high, wide;
  TileGrid(int64_t images, int64_t height, int64_t width) : images(images), high((height + 1) / 2), wide((width + 1) / 2) {}
  int64_t count() const { return images * high * wide; }
  // What runs do not go beyond: a row, or an image whose rows are short.
  int64_t line(int64_t lanes) const { return 2 * wide > lanes ? wide : high * wide; }
  int64_t registers(int64_t lanes) const { return count() / line(lanes) * ((line(lanes) + lanes - 1) / lanes); }

  std::vector<WinogradRun> runs(int64_t begin, int64_t end, int64_t lanes) const {
    std::vector<WinogradRun> found;
    for (int64_t at = begin, count; at < end; at += count) {
      const int64_t row = at / wide;
      count = std::min({lanes, line(lanes) - at % line(lanes), end - at});
      found.push_back({row / high, row % high, at % wide, at - begin, static_cast<int32_t>(count)});
    }
    return found;
  }
};

// Whether transforms cost less than the multiplications they save, for `results` places of so many channels on each side.
bool pays(const Costs& costs, const TileGrid& grid, int64_t results, int64_t channels, int64_t rows, int64_t lanes) {
  const double filters = static_cast<double>(channels) * static_cast<double>(rows), at_once = 2 * static_cast<double>(lanes);
  const double direct = 9 * static_cast<double>(results) * filters / (at_once * costs.without);
  const double product = kPlaces * static_cast<double>(grid.count()) * filters / (at_once * costs.with);
  return product + static_cast<double>(grid.registers(lanes) * (channels + rows)) * costs.tiles + filters * costs.filter < direct;
}

// Rows or columns of zeros before a source's first: what the first tap of place 0 sees.
int64_t padding(const ConvAxis& axis) {
  const std::vector<ConvTap>& taps = axis.taps[0];
  return axis.shift - std::min(taps.front().offset, taps.back().offset);
}

// From source to result, of the output or of the gradient by x, whose taps come in reverse.
class Forward {
 public:
  explicit Forward(const ConvDirection<float>& d) : d_(d), grid_(d.s.n, d.axes[1].result, d.axes[2].result), lanes_(conv_kernels<float>().lanes) {}

  bool pays() const {
    return d_.rows % kRowUnit == 0 && st::pays(kForward, grid_, d_.s.n * d_.result_plane(), d_.channels, d_.rows, lanes_);
  }

  bool operator()() {
    const int64_t room = kBlockBytes / bytes(kPlaces * (d_.channels + d_.rows)) / kLeastTiles * kLeastTiles, tiles = grid_.count();
    const int64_t most = std::clamp(room, kLeastTiles, kMostTiles);
    const ConvCuts depth(d_.channels, (d_.channels + kDepth - 1) / kDepth);
    // A line between the places, or all of them would share the same sets of the caches.
    const int64_t place = d_.rows * d_.channels + lanes_;
    const ConvBuffer memory(bytes(kPlaces * place));
    pack(depth, memory.data<float>(), place);
    // Blocks are whole registers: how they are cut changes no sum.
    const int64_t units = (tiles + lanes_ - 1) / lanes_, threads = num_threads();
    const ConvCuts blocks(units, std::max((tiles + most - 1) / most, std::min(threads, units)));
    std::atomic<bool> finite = true;
    parallel_items(blocks.count, work() / static_cast<double>(blocks.count), kConvGrain, [&](int64_t begin, int64_t end) {
      const int64_t line = blocks.length(0) * lanes_ + lanes_, before = d_.channels * line + lanes_, after = d_.rows * line + lanes_;
      const ConvBuffer own(bytes(kPlaces * (before + after) + lanes_));
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = blocks.begin(i) * lanes_, last = std::min(blocks.begin(i + 1) * lanes_, tiles);
        if (!block(first, last, depth, memory.data<float>(), place, own.data<float>(), line, before, after)) finite = false;
      }
    });
    return finite;
  }

 private:
  double work() const { return static_cast<double>(kPlaces * grid_.count()) * static_cast<double>(d_.channels * d_.rows); }

  // The transformed weight: for every place and block of channels, tiles of rows as the product reads them.
  void pack(const ConvCuts& depth, float* to, int64_t place) const {
    const WinogradKernels& kernels = transforms();
    const int64_t height = kernels.weight_rows, tiles = d_.rows / height;
    const std::vector<ConvTap>& taps = d_.axes[1].taps[0];
    const bool turned = taps.front().offset > taps.back().offset;
    parallel_items(tiles, d_.channels * height * kPlaces, int64_t{65536}, [&](int64_t begin, int64_t end) {
      const ConvBuffer packed(bytes(depth.length(0) * 9 * height));
      for (int64_t i = begin; i < end; ++i)
        for (int64_t b = 0; b < depth.count; ++b) {
          const int64_t c = depth.begin(b), channels = depth.length(b);
          conv_kernels<float>().pack({d_.w + i * height * d_.w_row + c * d_.w_step, height, d_.w_row, channels, d_.w_step, nullptr, 9, true}, packed.data<float>());
          kernels.weight(packed.data<float>(), channels, turned, to + d_.rows * c + i * height * channels, place);
        }
    });
  }

  bool block(int64_t first, int64_t last, const ConvCuts& depth, const float* weights, int64_t w_place, float* own, int64_t line, int64_t before,
             int64_t after) const {
    const std::vector<WinogradRun> runs = grid_.runs(first, last, lanes_);
    const auto n_runs = static_cast<int64_t>(runs.size());
    const ConvAxis &high = d_.axes[1], &wide = d_.axes[2];
    const int64_t from_plane = d_.source_plane(), to_plane = d_.result_plane();
    float* const sums = own + kPlaces * before;
    transforms().source({d_.source, high.source, wide.source, from_plane, d_.channels * from_plane, d_.channels, {padding(high), padding(wide)}, grid_.wide,
                         runs.data(), n_runs, before, line}, own);
    std::vector<ConvSegment> segments;
    for (int64_t at = 0; at < last - first; at += lanes_) segments.push_back({at, at, static_cast<int32_t>(lanes_)});
    std::vector<int64_t> offsets;
    for (int64_t c = 0; c < depth.length(0); ++c) offsets.push_back(c * line);
    for (int64_t p = 0; p < kPlaces; ++p)
      for (int64_t b = 0; b < depth.count; ++b) {
        conv_kernels<float>().product({d_.rows, depth.length(b), weights + p * w_place + d_.rows * depth.begin(b), offsets.data(),
                                       own + p * before + depth.begin(b) * line, segments.data(), static_cast<int64_t>(segments.size()), sums + p * after,
                                       line, nullptr, b > 0});
      }
    return transforms().result({d_.result, high.result, wide.result, to_plane, d_.rows * to_plane, d_.rows, {0, 0}, grid_.wide, runs.data(), n_runs, after,
                                line}, sums, d_.bias);
  }

  const ConvDirection<float>& d_;
  TileGrid grid_;
  int64_t lanes_;
};

// Planes transformed by threads that share the channels.
void transform(void (*kernel)(const WinogradTiles<const float>&, float*), WinogradTiles<const float> call, float* to) {
  const int64_t each = kPlaces * call.line, all = call.channels;
  const float* const planes = call.planes;
  parallel_items(all, each, int64_t{32768}, [=](int64_t begin, int64_t end) {
    WinogradTiles<const float> mine = call;
    mine.planes = planes + begin * call.channel;
    mine.channels = end - begin;
    kernel(mine, to + begin * call.line);
  });
}

}  // namespace

bool conv_winograd(const ConvDirection<float>& d) {
  if (!fits(d.s)) return false;
  Forward forward(d);
  return forward.pays() && forward();
}

bool conv_winograd_weight(const ConvShape& s, const float* x, const float* y, float* w) {
  if (!fits(s)) return false;
  const int64_t lanes = conv_kernels<float>().lanes, plane = s.y[1] * s.y[2];
  const TileGrid grid(s.n, s.y[1], s.y[2]);
  if (!pays(kBackward, grid, s.n * plane, s.ci, s.co, lanes)) return false;
  const int64_t tiles = grid.count(), together = bytes(kPlaces * s.ci * s.co) > kBlockBytes ? kFarSumTiles : kSumTiles;
  const ConvCuts blocks(tiles, (tiles + together - 1) / together);
  const int64_t line = blocks.length(0) + lanes, x_place = s.ci * line + lanes, y_place = s.co * line + lanes, sum_place = s.co * s.ci + lanes;
  const ConvBuffer memory(bytes(kPlaces * (x_place + y_place + sum_place) + lanes));
  float *const from = memory.data<float>(), *const gradients = from + kPlaces * x_place, *const sums = gradients + kPlaces * y_place;
  for (int64_t b = 0; b < blocks.count; ++b) {
    const std::vector<WinogradRun> runs = grid.runs(blocks.begin(b), blocks.begin(b + 1), lanes);
    const auto n_runs = static_cast<int64_t>(runs.size());
    const int64_t x_plane = s.x[1] * s.x[2], count = blocks.length(b);
    transform(transforms().source, {x, s.x[1], s.x[2], x_plane, s.ci * x_plane, s.ci, {s.pad[1], s.pad[2]}, grid.wide, runs.data(), n_runs, x_place, line}, from);
    transform(transforms().gradient, {y, s.y[1], s.y[2], plane, s.co * plane, s.co, {0, 0}, grid.wide, runs.data(), n_runs, y_place, line}, gradients);
    parallel_items(kPlaces, static_cast<double>(count * s.co) * static_cast<double>(s.ci), kConvGrain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        gemm<float>(false, true, s.co, s.ci, count, 1, gradients + p * y_place, line, from + p * x_place, line, b > 0 ? 1.0f : 0.0f, sums + p * sum_place, s.ci);
      }
    });
  }
  std::atomic<bool> finite = true;
  parallel_items(s.co, s.ci * kPlaces, int64_t{32768}, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      if (!transforms().weight_gradient(sums + r * s.ci, sum_place, s.ci, w + r * s.ci * 9)) finite = false;
    }
  });
  return finite;
}

}  // namespace st
