// Laying out a convolution's source.
#include "kernels/conv_plan.h"

#include <algorithm>
#include <type_traits>

#include "core/allocator.h"
#include "kernels/choice.h"

namespace st {

#define X(isa)                          \
  namespace isa {                       \
  extern const ConvTable kConvTable;    \
  }
STEEPEST_ISAS
#undef X

template <class T>
const ConvKernels<T>& conv_kernels() {
  static constexpr const ConvTable* kTables[] = {
#define X(isa) &isa::kConvTable,
      STEEPEST_ISAS
#undef X
  };
  static const ConvTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}
template const ConvKernels<float>& conv_kernels<float>();
template const ConvKernels<double>& conv_kernels<double>();

ConvAxis output_axis(const ConvShape& s, int d) {
  const int64_t step = s.stride[d];
  ConvAxis axis{s.x[d], s.y[d], 1, step, (s.pad[d] + step - 1) / step * step, 0, {}, {}};
  axis.taps.resize(1);
  for (int64_t k = 0; k < s.k[d]; ++k) {
    const int64_t at = k * s.dilation[d] - s.pad[d] + axis.shift, phase = at % step;
    auto found = std::find(axis.phases.begin(), axis.phases.end(), phase);
    if (found == axis.phases.end()) found = axis.phases.insert(found, phase);
    axis.taps[0].push_back({k, found - axis.phases.begin(), at / step});
    axis.reach = std::max(axis.reach, at / step);
  }
  return axis;
}

ConvAxis input_axis(const ConvShape& s, int d) {
  const int64_t spread = s.stride[d];
  ConvAxis axis{s.y[d], s.x[d], spread, 1, 0, 0, {0}, {}};
  axis.taps.resize(static_cast<size_t>(spread));
  for (int64_t r = 0; r < spread; ++r)
    for (int64_t k = 0; k < s.k[d]; ++k) {
      const int64_t at = r + s.pad[d] - k * s.dilation[d];
      if (at % spread) continue;
      axis.taps[static_cast<size_t>(r)].push_back({k, 0, at / spread});
      axis.shift = std::max(axis.shift, -(at / spread));
    }
  for (auto& taps : axis.taps)
    for (ConvTap& tap : taps) axis.reach = std::max(axis.reach, tap.offset += axis.shift);
  return axis;
}

ConvShape merged(ConvShape s) {
  const auto single = [&](int d) { return s.k[d] == 1 && s.stride[d] == 1 && s.pad[d] == 0 && s.x[d] == s.y[d]; };
  for (int d = 1; d >= 0; --d) {
    if (!single(2) || !single(d)) break;
    s.x[2] *= s.x[d];
    s.y[2] *= s.y[d];
    s.x[d] = s.y[d] = 1;
  }
  return s;
}

ConvRegion::ConvRegion(const ConvAxis* axes, const int64_t* from, const int64_t* many, const int64_t* room, int64_t channels) {
  plane = channel = 1;
  for (int d = 0; d < 3; ++d) {
    begin[d] = from[d];
    count[d] = many[d];
    length[d] = room[d] + axes[d].reach;
    plane *= length[d];
    channel *= static_cast<int64_t>(axes[d].phases.size());
    for (const int64_t phase : axes[d].phases) {
      const int64_t step = axes[d].step, at = begin[d] * step + phase - axes[d].shift;
      const int64_t first = std::min(length[d], at < 0 ? (-at + step - 1) / step : 0), end = at < axes[d].source ? (axes[d].source - at + step - 1) / step : 0;
      inside[d].push_back({at, first, std::clamp(end, first, length[d])});
    }
  }
  channel *= plane;
  image = channel * channels;
}

template <class T>
void fill_region(const ConvAxis* axes, const ConvRegion& region, const T* from, int64_t channels, T* to) {
  const int64_t row = axes[2].source, sheet = axes[1].source * row;
  ConvFill<T> call{from, to, channels, axes[0].source * sheet, sheet, row, {}, {}, {}, {}};
  for (int d = 0; d < 3; ++d) {
    call.phases[d] = region.inside[d].data();
    call.n_phases[d] = static_cast<int64_t>(region.inside[d].size());
    call.length[d] = region.length[d];
    call.step[d] = axes[d].step;
  }
  conv_kernels<T>().fill(call);
}
template void fill_region<float>(const ConvAxis*, const ConvRegion&, const float*, int64_t, float*);
template void fill_region<double>(const ConvAxis*, const ConvRegion&, const double*, int64_t, double*);

ConvPass::ConvPass(const ConvAxis* axes, const ConvShape& s, const ConvRegion& region, int64_t number) : dense(true) {
  for (int d = 2; d >= 0; --d) {
    residue[d] = number % axes[d].spread;
    number /= axes[d].spread;
  }
  const auto count = [&](int d) { return static_cast<int64_t>(axes[d].phases.size()); };
  const auto of = [&](int d) -> const std::vector<ConvTap>& { return axes[d].taps[static_cast<size_t>(residue[d])]; };
  for (const ConvTap& a : of(0))
    for (const ConvTap& b : of(1))
      for (const ConvTap& c : of(2)) {
        const int64_t phase = (a.phase * count(1) + b.phase) * count(2) + c.phase;
        taps.push_back((a.k * s.k[1] + b.k) * s.k[2] + c.k);
        offsets.push_back(phase * region.plane + (a.offset * region.length[1] + b.offset) * region.length[2] + c.offset);
        dense &= taps.back() + 1 == static_cast<int64_t>(taps.size());
      }
}

ConvRows::ConvRows(const ConvAxis* axes, const ConvRegion& region, const int64_t* residue) {
  int64_t end[3];
  for (int d = 0; d < 3; ++d) end[d] = std::min(region.count[d], axes[d].places(residue[d]) - region.begin[d]);
  width = std::max<int64_t>(0, end[2]);
  if (width == 0) return;
  for (int64_t i = 0; i < end[0]; ++i)
    for (int64_t j = 0; j < end[1]; ++j) {
      const int64_t z = (region.begin[0] + i) * axes[0].spread + residue[0], h = (region.begin[1] + j) * axes[1].spread + residue[1];
      rows.push_back({(i * region.length[1] + j) * region.length[2],
                      (z * axes[1].result + h) * axes[2].result + region.begin[2] * axes[2].spread + residue[2]});
    }
}

ConvBuffer::ConvBuffer(int64_t bytes) : bytes_(static_cast<size_t>(std::max<int64_t>(bytes, 1))), memory_(allocate_bytes(bytes_)) {}
ConvBuffer::~ConvBuffer() { release_bytes(memory_, bytes_); }

}  // namespace st
