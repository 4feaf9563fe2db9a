// Output and input gradient of convolutions: products of weights with shifted rows, shared among threads by images, places, groups and channels.
#include "kernels/conv_float.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/conv_plan.h"
#include "kernels/parallel.h"

namespace st {
namespace {

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Steps of a block of channels: what a panel of results reads in one go should stay in the first cache, its weights in the second.
constexpr int64_t kPanelBytes = 28 << 10, kDepth = 512, kColumnsDepth = 192;
// What a task's source may take of the second cache, and results enough to make a task worth its overhead.
constexpr int64_t kSourceBytes = 1 << 20, kTaskPlaces = 4096, kLeastPlaces = 256;
constexpr int64_t kPanelRegisters = 3;

// Source, weights and results of one direction: weight element (channel of the result, channel of the source, tap) of a group is
// w[group * w_group + r * w_row + c * w_step + tap].
template <class T>
struct Direction {
  ConvShape s;
  ConvAxis axes[3];
  int64_t rows, channels;  // of the result and of the source, in a group
  int64_t w_group, w_row, w_step;
  const T* source;
  const T* w;
  const T* bias;
  T* result;
  int64_t source_plane() const { return axes[0].source * axes[1].source * axes[2].source; }
  int64_t result_plane() const { return axes[0].result * axes[1].result * axes[2].result; }
};

template <class T>
class Run {
 public:
  explicit Run(const Direction<T>& d) : d_(d), kernels_(conv_kernels<T>()) { cut(); }

  void operator()() {
    const int64_t n_passes = d_.axes[0].spread * d_.axes[1].spread * d_.axes[2].spread;
    const ConvRegion whole = region(0, 0);  // the first part is the longest; all have room for as much, and so the same offsets
    for (int64_t i = 0; i < n_passes; ++i) passes_.emplace_back(d_.axes, d_.s, whole, i);
    pack_weights(n_passes);
    const int64_t tasks = images_.count * places_.count * groups_.count * rows_.count;
    const double each = work() / static_cast<double>(tasks);
    parallel_for(tasks, std::max<int64_t>(1, static_cast<int64_t>(kConvGrain / std::max(each, 1.0))), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) task(i);
    });
  }

 private:
  double work() const {
    return static_cast<double>(d_.s.n * d_.s.groups * d_.rows * d_.channels) * static_cast<double>(d_.s.taps() * d_.s.y_plane());
  }

  void cut() {
    axis_ = 0;
    while (axis_ < 2 && d_.axes[axis_].places() == 1) ++axis_;
    int64_t places = 1, phases = 1;
    for (const ConvAxis& a : d_.axes) places *= a.places(), phases *= static_cast<int64_t>(a.phases.size());
    const int64_t threads = num_threads(), total = places * d_.s.n;
    const int64_t room = std::max<int64_t>(kSourceBytes / (static_cast<int64_t>(sizeof(T)) * std::max<int64_t>(d_.channels, 1) * phases), 64);
    const int64_t wanted = threads == 1 ? kTaskPlaces : std::clamp(total / (4 * threads), kLeastPlaces, kTaskPlaces);
    const int64_t target = std::min(wanted, room), lines = d_.axes[axis_].places(), line = places / lines;
    const int64_t part = places >= 2 * target ? std::clamp<int64_t>(target / line, std::min<int64_t>(lines, 4), lines) : lines;
    places_ = ConvCuts(lines, divide_up(lines, part));
    images_ = ConvCuts(d_.s.n, divide_up(d_.s.n, std::max<int64_t>(1, target / std::max<int64_t>(places, 1))));
    const int64_t tasks = images_.count * places_.count;
    groups_ = ConvCuts(d_.s.groups, divide_up(4 * threads, tasks));
    const int64_t all = tasks * groups_.count;
    rows_ = ConvCuts(d_.rows, all < threads ? std::min(divide_up(threads, all), divide_up(d_.rows, 16)) : 1);
    cut_depth();
  }

  void cut_depth() {
    const int64_t lanes = kernels_.lanes, size = static_cast<int64_t>(sizeof(T)), taps = d_.s.taps();
    // Columns are copied where that costs less than registers that are partly idle: in cycles, for a step.
    const int64_t width = d_.axes[2].places();
    const double idle = static_cast<double>(divide_up(width, lanes) * lanes - width) / static_cast<double>(lanes) * static_cast<double>(d_.rows) / 2;
    columns_ = idle > 2.5 * static_cast<double>(divide_up(width, lanes));
    const int64_t per_channel = d_.s.k[0] * d_.s.k[1] * (kPanelRegisters + 1) * lanes * size;
    const int64_t depth = columns_ ? std::max<int64_t>(1, kColumnsDepth / taps) : std::max<int64_t>(1, std::min(kPanelBytes / per_channel, kDepth / taps));
    depth_ = ConvCuts(d_.channels, divide_up(d_.channels, depth));
  }

  ConvRegion region(int64_t part, int64_t channels) const {
    int64_t begin[3] = {0, 0, 0}, count[3], room[3];
    for (int i = 0; i < 3; ++i) count[i] = room[i] = d_.axes[i].places();
    begin[axis_] = places_.begin(part);
    count[axis_] = places_.length(part);
    room[axis_] = places_.length(0);
    return ConvRegion(d_.axes, begin, count, room, channels);
  }

  // Every block of channels of every part of the rows lies by itself.
  T* packed(int64_t pass, int64_t group, int64_t row_part, int64_t block) const {
    const int64_t taps = static_cast<int64_t>(passes_[pass].taps.size());
    return left_ + starts_[pass] + ((group * d_.rows + rows_.begin(row_part)) * d_.channels + rows_.length(row_part) * depth_.begin(block)) * taps;
  }

  void pack_weights(int64_t n_passes) {
    int64_t total = 0;
    for (const ConvPass& pass : passes_) {
      starts_.push_back(total);
      total += d_.s.groups * d_.rows * d_.channels * static_cast<int64_t>(pass.taps.size());
    }
    memory_ = std::make_unique<ConvBuffer>(total * static_cast<int64_t>(sizeof(T)));
    left_ = memory_->template data<T>();
    const int64_t parts = d_.s.groups * rows_.count * depth_.count, each = std::max<int64_t>(1, total / std::max<int64_t>(1, parts * n_passes));
    parallel_for(n_passes * parts, std::max<int64_t>(1, 65536 / each), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t pass = i / parts, block = i % depth_.count, part = i / depth_.count % rows_.count, group = i / (depth_.count * rows_.count) % d_.s.groups;
        const ConvPass& p = passes_[pass];
        kernels_.pack({d_.w + group * d_.w_group + rows_.begin(part) * d_.w_row + depth_.begin(block) * d_.w_step, rows_.length(part), d_.w_row,
                       depth_.length(block), d_.w_step, p.taps.data(), static_cast<int64_t>(p.taps.size()),
                       p.dense && static_cast<int64_t>(p.taps.size()) == d_.s.taps()},
                      packed(pass, group, part, block));
      }
    });
  }

  struct Task {
    int64_t image, images, part, rows_part;
    ConvRegion region;
    const T* source;
    int64_t group;
  };

  void task(int64_t i) const {
    const int64_t row_part = i % rows_.count, group_part = i / rows_.count % groups_.count;
    const int64_t part = i / (rows_.count * groups_.count) % places_.count, image_part = i / (rows_.count * groups_.count * places_.count);
    Task t{images_.begin(image_part), images_.length(image_part), part, row_part, region(part, d_.channels), nullptr, 0};
    const ConvBuffer source((t.images * t.region.image + kernels_.lanes) * static_cast<int64_t>(sizeof(T)));
    std::fill_n(source.data<T>() + t.images * t.region.image, kernels_.lanes, T(0));
    t.source = source.data<T>();
    std::vector<ConvRows> lines;
    for (const ConvPass& pass : passes_) lines.emplace_back(d_.axes, t.region, pass.residue);
    for (int64_t g = groups_.begin(group_part); g < groups_.begin(group_part + 1); ++g) {
      t.group = g;
      for (int64_t n = 0; n < t.images; ++n) {
        const T* const from = d_.source + ((t.image + n) * d_.s.groups + g) * d_.channels * d_.source_plane();
        fill_region(d_.axes, t.region, from, d_.channels, source.data<T>() + n * t.region.image);
      }
      for (size_t p = 0; p < passes_.size(); ++p) {
        if (lines[p].width > 0 && !lines[p].rows.empty()) run_pass(t, static_cast<int64_t>(p), lines[p]);
      }
    }
  }

  T* result_of(const Task& t) const {
    return d_.result + ((t.image * d_.s.groups + t.group) * d_.rows + rows_.begin(t.rows_part)) * d_.result_plane();
  }

  void run_pass(const Task& t, int64_t number, const ConvRows& lines) const {
    const int64_t spread = d_.axes[2].spread, plane = d_.result_plane(), image = d_.s.groups * d_.rows * plane, lanes = kernels_.lanes;
    const int64_t rows = rows_.length(t.rows_part), per_image = static_cast<int64_t>(lines.rows.size()) * lines.width, total = per_image * t.images;
    // Results that do not lie side by side, or registers that cross images, go through memory of their own.
    const bool apart = spread > 1 || (columns_ && ((t.images > 1 && per_image % lanes) || (d_.axes[0].spread * d_.axes[1].spread > 1 && lines.rows.size() > 1)));
    ConvBuffer own(apart ? rows * total * static_cast<int64_t>(sizeof(T)) : 0);
    T* const out = apart ? own.data<T>() : result_of(t);
    std::vector<ConvSegment> segments;
    std::vector<ConvPiece> pieces;
    std::vector<int64_t> first;  // piece of each panel
    const int64_t panel = kPanelRegisters * lanes;
    int64_t column = 0;
    for (int64_t n = 0; n < t.images; ++n)
      for (const ConvRow& row : lines.rows) {
        if (!columns_) {
          for (int64_t l = 0; l < lines.width; l += lanes) {
            segments.push_back({n * t.region.image + row.source + l, apart ? column + l : n * image + row.result + l,
                                static_cast<int32_t>(std::min(lanes, lines.width - l))});
          }
          column += lines.width;
          continue;
        }
        for (int64_t l = 0; l < lines.width;) {
          if (column % panel == 0) first.push_back(static_cast<int64_t>(pieces.size()));
          const int64_t length = std::min({lanes, lines.width - l, panel - column % panel});
          pieces.push_back({n * t.region.image + row.source + l, column % panel});
          column += length;
          l += length;
        }
      }
    if (columns_) {
      first.push_back(static_cast<int64_t>(pieces.size()));
      for (int64_t c = 0; c < total; c += lanes) {
        const int64_t at = apart ? c : c / per_image * image + lines.rows[0].result + c % per_image;
        segments.push_back({c % panel, at, static_cast<int32_t>(std::min(lanes, total - c))});
      }
    }
    const ConvPass& pass = passes_[number];
    const int64_t taps = static_cast<int64_t>(pass.taps.size());
    std::vector<int64_t> offsets(static_cast<size_t>(depth_.length(0) * taps));
    for (int64_t c = 0; c < depth_.length(0); ++c)
      for (int64_t k = 0; k < taps; ++k) offsets[static_cast<size_t>(c * taps + k)] = c * t.region.channel + pass.offsets[static_cast<size_t>(k)];
    const T* const bias = d_.bias ? d_.bias + t.group * d_.rows + rows_.begin(t.rows_part) : nullptr;
    ConvProduct<T> call{rows, 0, nullptr, offsets.data(), nullptr, segments.data(), static_cast<int64_t>(segments.size()), out, apart ? total : plane, bias, false};
    ConvBuffer packed_columns(columns_ ? (depth_.length(0) * taps * panel + lanes) * static_cast<int64_t>(sizeof(T)) : 0);
    std::vector<int64_t> steps;
    if (columns_) for (int64_t p = 0; p < depth_.length(0) * taps; ++p) steps.push_back(p * panel);
    for (int64_t block = 0; block < depth_.count; ++block) {
      call.depth = depth_.length(block) * taps;
      call.left = packed(number, t.group, t.rows_part, block);
      call.source = t.source + depth_.begin(block) * t.region.channel;
      call.add = block > 0;
      if (!columns_) {
        kernels_.product(call);
        continue;
      }
      const T* const source = call.source;
      for (size_t j = 0; j + 1 < first.size(); ++j) {
        kernels_.columns({call.depth, panel, offsets.data(), source, pieces.data() + first[j], first[j + 1] - first[j]}, packed_columns.data<T>());
        call.source = packed_columns.data<T>();
        call.offsets = steps.data();
        call.segments = segments.data() + static_cast<int64_t>(j) * kPanelRegisters;
        call.count = std::min<int64_t>(kPanelRegisters, static_cast<int64_t>(segments.size()) - static_cast<int64_t>(j) * kPanelRegisters);
        kernels_.product(call);
      }
    }
    if (apart) put_apart(t, lines, out, total);
  }

  void put_apart(const Task& t, const ConvRows& lines, const T* from, int64_t total) const {
    const int64_t spread = d_.axes[2].spread, plane = d_.result_plane(), image = d_.s.groups * d_.rows * plane;
    T* const result = result_of(t);
    for (int64_t r = 0; r < rows_.length(t.rows_part); ++r) {
      const T* row = from + r * total;
      for (int64_t n = 0; n < t.images; ++n)
        for (const ConvRow& line : lines.rows) {
          T* const to = result + r * plane + n * image + line.result;
          for (int64_t l = 0; l < lines.width; ++l) to[l * spread] = row[l];
          row += lines.width;
        }
    }
  }

  Direction<T> d_;
  const ConvKernels<T>& kernels_;
  int axis_ = 0;
  bool columns_ = false;
  ConvCuts images_{1, 1}, places_{1, 1}, groups_{1, 1}, rows_{1, 1}, depth_{1, 1};
  std::vector<ConvPass> passes_;
  std::vector<int64_t> starts_;
  std::unique_ptr<ConvBuffer> memory_;
  T* left_ = nullptr;
};

}  // namespace

template <class T>
void float_conv_output(const ConvShape& given, const T* x, const T* w, const T* bias, T* y) {
  const ConvShape s = merged(given);
  if (s.n * s.groups * s.co * s.y_plane() == 0) return;
  const Direction<T> d{s, {output_axis(s, 0), output_axis(s, 1), output_axis(s, 2)}, s.co, s.ci, s.co * s.ci * s.taps(), s.ci * s.taps(), s.taps(), x, w, bias, y};
  Run<T> run(d);
  run();
}

template <class T>
void float_conv_input(const ConvShape& given, const T* y, const T* w, const T* bias, T* x) {
  const ConvShape s = merged(given);
  if (s.n * s.groups * s.ci * s.x_plane() == 0) return;
  const Direction<T> d{s, {input_axis(s, 0), input_axis(s, 1), input_axis(s, 2)}, s.ci, s.co, s.co * s.ci * s.taps(), s.taps(), s.ci * s.taps(), y, w, bias, x};
  Run<T> run(d);
  run();
}

template void float_conv_output<float>(const ConvShape&, const float*, const float*, const float*, float*);
template void float_conv_output<double>(const ConvShape&, const double*, const double*, const double*, double*);
template void float_conv_input<float>(const ConvShape&, const float*, const float*, const float*, float*);
template void float_conv_input<double>(const ConvShape&, const double*, const double*, const double*, double*);

}  // namespace st
