// Output and input gradient of convolutions whose rows of places do not fill registers: lanes over channels of the result instead.
#include <algorithm>
#include <vector>

#include "kernels/conv_plan.h"
#include "kernels/parallel.h"

namespace st {
namespace {

// Note [Lanes over channels]
// Rows of 14 places leave two of sixteen lanes idle at every multiplication, while channels mostly come in whole registers. So the
// roles of the product's sides are exchanged, as the weight's gradient has them: an element of the source is broadcast, and meets the
// weights of a step, which lie side by side for all channels of the result. The sums, (places, channels), are turned round at the end.
// Steps between two looks at the sums: their weights, a panel of channels wide, should stay in the first cache.
constexpr int64_t kSteps = 192;
// All weights should stay in the second cache.
constexpr int64_t kWeightBytes = 512 << 10;
// Cycles that a register of sums costs for such a look, and for being turned round; and for a step beside those of its multiplication,
// since both sides come from the first cache, or more where registers have no neighbour with which to share what is broadcast.
constexpr double kLook = 2, kTurn = 6, kStep = 0.03, kStepAlone = 0.2;

template <class T>
class ChannelRun {
 public:
  explicit ChannelRun(const ConvDirection<T>& d)
      : d_(d), kernels_(conv_kernels<T>()), depth_(d.channels * d.s.taps()), width_((d.rows + kernels_.lanes - 1) / kernels_.lanes * kernels_.lanes) {}

  // What one row of places costs for a step beyond its multiplications, in cycles, here and with lanes over places.
  bool pays() const {
    const int64_t lanes = kernels_.lanes, places = d_.axes[2].result;
    if (d_.axes[0].spread * d_.axes[1].spread * d_.axes[2].spread != 1 || depth_ * d_.rows * places == 0) return false;
    if (depth_ * width_ * static_cast<int64_t>(sizeof(T)) > kWeightBytes) return false;
    const double registers = static_cast<double>(places * (width_ / lanes)), steps = static_cast<double>(depth_);
    const double filled = registers - static_cast<double>(places * d_.rows) / static_cast<double>(lanes);
    const double step = kLook / static_cast<double>(std::min(depth_, kSteps)) + kTurn / steps + (width_ == lanes ? kStepAlone : kStep);
    const double here = filled / 2 + registers * step;
    const ConvWaste there = wasted(d_, lanes);
    return here < std::min({there.idle, there.gaps, there.copied});
  }

  void operator()() {
    const int64_t none[3] = {0, 0, 0}, many[3] = {d_.axes[0].result, d_.axes[1].result, d_.axes[2].result};
    const ConvRegion region(d_.axes, none, many, many, d_.channels);
    const ConvPass pass(d_.axes, d_.s, region, 0);
    const ConvRows lines(d_.axes, region, none);
    std::vector<int64_t> places, steps;
    for (const ConvRow& line : lines.rows)
      for (int64_t w = 0; w < lines.width; ++w) places.push_back(line.source + w);
    for (int64_t c = 0; c < d_.channels; ++c)
      for (const int64_t offset : pass.offsets) steps.push_back(c * region.channel + offset);
    const int64_t count = static_cast<int64_t>(places.size());
    const ConvBuffer weights(bytes(d_.s.groups * depth_ * width_));
    for (int64_t g = 0; g < d_.s.groups; ++g) pack(g, pass, weights.template data<T>() + g * depth_ * width_);
    const double each = static_cast<double>(count * d_.rows) * static_cast<double>(depth_);
    parallel_items(d_.s.n * d_.s.groups, each, kConvGrain, [&](int64_t begin, int64_t end) {
      const int64_t source = region.image + kernels_.lanes;
      const ConvBuffer memory(bytes(source + count * width_));
      T *const image = memory.template data<T>(), *const sums = image + source;
      for (int64_t i = begin; i < end; ++i) {
        const int64_t group = i % d_.s.groups;
        fill_region(d_.axes, region, d_.source + i * d_.channels * d_.source_plane(), d_.channels, image);
        if (d_.bias) spread_bias(d_.bias + group * d_.rows, count, sums);
        const ConvCuts cuts(depth_, (depth_ + kSteps - 1) / kSteps);
        for (int64_t b = 0; b < cuts.count; ++b) {
          kernels_.weight_sums({count, places.data(), width_, image, steps.data() + cuts.begin(b), weights.template data<T>() + group * depth_ * width_,
                                depth_, cuts.begin(b), cuts.length(b), sums, b > 0 || d_.bias != nullptr});
        }
        kernels_.transpose(sums, width_, count, d_.rows, d_.result + i * d_.rows * count, count);
      }
    });
  }

 private:
  static int64_t bytes(int64_t elements) { return elements * static_cast<int64_t>(sizeof(T)); }

  // In the panels that ConvWeightSums asks for, a step being what a place is there.
  void pack(int64_t group, const ConvPass& pass, T* to) const {
    const int64_t lanes = kernels_.lanes, taps = d_.s.taps();
    const ConvCuts panels(width_ / lanes, (width_ / lanes + kConvPanel - 1) / kConvPanel);
    for (int64_t j = 0; j < panels.count; ++j) {
      const int64_t m = panels.begin(j) * lanes, width = panels.length(j) * lanes, rows = std::min(width, d_.rows - m);
      T* const panel = to + depth_ * m;
      if (rows < width) std::fill_n(panel, depth_ * width, T(0));
      const T* const from = d_.w + group * d_.w_group + m * d_.w_row;
      for (int64_t c = 0; c < d_.channels; ++c)
        for (int64_t t = 0; t < taps; ++t) {
          T* const step = panel + (c * taps + t) * width;
          for (int64_t r = 0; r < rows; ++r) step[r] = from[r * d_.w_row + c * d_.w_step + pass.taps[static_cast<size_t>(t)]];
        }
    }
  }

  void spread_bias(const T* bias, int64_t count, T* sums) const {
    std::fill_n(sums + d_.rows, width_ - d_.rows, T(0));
    std::copy_n(bias, d_.rows, sums);
    for (int64_t i = 1; i < count; ++i) std::copy_n(sums, width_, sums + i * width_);
  }

  const ConvDirection<T>& d_;
  const ConvKernels<T>& kernels_;
  int64_t depth_, width_;
};

}  // namespace

template <class T>
bool conv_by_channels(const ConvDirection<T>& d) {
  ChannelRun<T> run(d);
  if (!run.pays()) return false;
  run();
  return true;
}
template bool conv_by_channels<float>(const ConvDirection<float>&);
template bool conv_by_channels<double>(const ConvDirection<double>&);

}  // namespace st
