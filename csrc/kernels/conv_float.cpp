// Output and input gradient of convolutions: products of weights with shifted rows, shared among threads by images, places, groups and channels.
#include "kernels/conv_float.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/conv_plan.h"
#include "kernels/conv_pointwise.h"
#include "kernels/conv_winograd.h"
#include "kernels/parallel.h"

namespace st {
namespace {

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

// Steps of a block of channels: what a panel of results reads in one go should stay in the first cache, its weights in the second.
constexpr int64_t kPanelBytes = 28 << 10, kDepth = 512, kColumnsDepth = 192;
// What a task's source and results may take of the second cache, and results enough to make a task worth its overhead. Weights from
// kHeavyBytes on are worth more: they are read once by as many results as a source that fills the cache gives.
constexpr int64_t kTaskBytes = 768 << 10, kSourceBytes = 1 << 20, kTaskPlaces = 4096, kLeastPlaces = 256, kHeavyBytes = 1 << 20;

template <class T>
class Run {
 public:
  explicit Run(const ConvDirection<T>& d) : d_(d), kernels_(conv_kernels<T>()) { cut(); }

  void operator()() {
    const int64_t n_passes = d_.axes[0].spread * d_.axes[1].spread * d_.axes[2].spread;
    const ConvRegion whole = region(0, 0);  // the first part is the longest; all have room for as much, and so the same offsets
    for (int64_t i = 0; i < n_passes; ++i) passes_.emplace_back(d_.axes, d_.s, whole, i);
    if (!packs_itself_) pack_weights(n_passes);
    if (columns_) for (int64_t p = 0; p < depth_.length(0) * d_.s.taps(); ++p) steps_.push_back(p * panel());
    const int64_t tasks = images_.count * places_.count * groups_.count * rows_.count;
    const double each = work() / static_cast<double>(tasks);
    parallel_items(tasks, each, kConvGrain, [&](int64_t begin, int64_t end) {
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
    const bool heavy = bytes(d_.rows * d_.channels * d_.s.taps()) >= kHeavyBytes;
    const int64_t source = std::max<int64_t>(bytes(d_.channels * phases), 1);
    const int64_t room = std::max<int64_t>(heavy ? kSourceBytes / source : kTaskBytes / (source + bytes(d_.rows)), 64);
    const int64_t wanted = threads == 1 ? kTaskPlaces : std::clamp(total / (heavy ? threads : 4 * threads), kLeastPlaces, kTaskPlaces);
    const int64_t target = std::min(wanted, room), lines = d_.axes[axis_].places(), line = places / lines;
    const int64_t part = places >= 2 * target ? std::clamp<int64_t>(target / line, std::min<int64_t>(lines, 4), lines) : lines;
    places_ = ConvCuts(lines, divide_up(lines, part));
    images_ = ConvCuts(d_.s.n, divide_up(d_.s.n, std::max<int64_t>(1, target / std::max<int64_t>(places, 1))));
    const int64_t tasks = images_.count * places_.count;
    groups_ = ConvCuts(d_.s.groups, divide_up(4 * threads, tasks));
    const int64_t all = tasks * groups_.count;
    rows_ = ConvCuts(d_.rows, all < threads ? std::min(divide_up(threads, all), divide_up(d_.rows, 16)) : 1);
    // Nobody else would read the packed weights: they stay in the cache of the task.
    packs_itself_ = tasks == 1 || (heavy && tasks <= threads);
    cut_depth();
  }

  void cut_depth() {
    const int64_t lanes = kernels_.lanes, size = static_cast<int64_t>(sizeof(T)), taps = d_.s.taps();
    const ConvWaste waste = wasted(d_, lanes);
    columns_ = waste.copied < std::min(waste.idle, waste.gaps);
    flat_ = !columns_ && waste.gaps < waste.idle;
    const int64_t per_channel = d_.s.k[0] * d_.s.k[1] * (kConvPanel + 1) * lanes * size;
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
    parallel_items(n_passes * parts, each, int64_t{65536}, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t pass = i / parts, block = i % depth_.count, part = i / depth_.count % rows_.count, group = i / (depth_.count * rows_.count) % d_.s.groups;
        pack(pass, group, part, block, packed(pass, group, part, block));
      }
    });
  }

  void pack(int64_t pass, int64_t group, int64_t row_part, int64_t block, T* to) const {
    const ConvPass& p = passes_[static_cast<size_t>(pass)];
    const T* const from = d_.w + group * d_.w_group + rows_.begin(row_part) * d_.w_row + depth_.begin(block) * d_.w_step;
    const int64_t taps = static_cast<int64_t>(p.taps.size());
    kernels_.pack({from, rows_.length(row_part), d_.w_row, depth_.length(block), d_.w_step, p.taps.data(), taps, p.dense && taps == d_.s.taps()}, to);
  }

  // What the products of one pass need, the same for every group of a task.
  struct Layout {
    ConvRows lines;
    bool apart;      // results go through memory of their own
    int64_t total;   // columns
    int64_t pitch;   // from one row to the next in that memory
    std::vector<ConvSegment> segments;
    std::vector<ConvPiece> pieces;
    std::vector<int64_t> first;    // piece of each panel
    std::vector<int64_t> offsets;  // of each step of a block of channels
  };
  struct Task {
    int64_t image, images, row_part;
    ConvRegion region;
    const T* source;
    int64_t group;
    T *own, *columns, *weights;
  };
  int64_t panel() const { return kConvPanel * kernels_.lanes; }
  static int64_t bytes(int64_t elements) { return elements * static_cast<int64_t>(sizeof(T)); }

  Layout layout(const Task& t, const ConvPass& pass) const {
    Layout l{ConvRows(d_.axes, t.region, pass.residue), false, 0, 0, {}, {}, {}, {}};
    if (l.lines.width == 0 || l.lines.rows.empty()) return l;
    const int64_t lanes = kernels_.lanes, width = l.lines.width, image = d_.s.groups * d_.rows * d_.result_plane();
    const int64_t per_image = static_cast<int64_t>(l.lines.rows.size()) * width;
    l.pitch = flat_ ? t.region.length[2] : width;
    l.total = static_cast<int64_t>(l.lines.rows.size()) * l.pitch * t.images;
    // Results that do not lie side by side, or registers that cross images.
    l.apart = flat_ || d_.axes[2].spread > 1 ||
              (columns_ && ((t.images > 1 && per_image % lanes) || (d_.axes[0].spread * d_.axes[1].spread > 1 && l.lines.rows.size() > 1)));
    if (flat_) add_flat(l, t);
    int64_t column = 0;
    for (int64_t n = 0; n < t.images && !flat_; ++n)
      for (const ConvRow& row : l.lines.rows) {
        if (columns_) {
          add_pieces(l, n * t.region.image + row.source, column);
        } else {
          for (int64_t w = 0; w < width; w += lanes) {
            l.segments.push_back({n * t.region.image + row.source + w, l.apart ? column + w : n * image + row.result + w,
                                  static_cast<int32_t>(std::min(lanes, width - w))});
          }
        }
        column += width;
      }
    if (columns_) {
      l.first.push_back(static_cast<int64_t>(l.pieces.size()));
      for (int64_t c = 0; c < l.total; c += lanes) {
        const int64_t at = l.apart ? c : c / per_image * image + l.lines.rows[0].result + c % per_image;
        l.segments.push_back({c % panel(), at, static_cast<int32_t>(std::min(lanes, l.total - c))});
      }
    }
    for (int64_t c = 0; c < depth_.length(0); ++c)
      for (const int64_t offset : pass.offsets) l.offsets.push_back(c * t.region.channel + offset);
    return l;
  }

  // Rows of a sheet lie `pitch` apart in the source and in the results.
  void add_flat(Layout& l, const Task& t) const {
    const auto& rows = l.lines.rows;
    for (int64_t n = 0, at = 0; n < t.images; ++n)
      for (size_t first = 0, end; first < rows.size(); first = end) {
        for (end = first + 1; end < rows.size() && rows[end].source == rows[end - 1].source + l.pitch;) ++end;
        const int64_t length = static_cast<int64_t>(end - first) * l.pitch;
        for (int64_t w = 0; w < length - l.pitch + l.lines.width; w += kernels_.lanes) {
          l.segments.push_back({n * t.region.image + rows[first].source + w, at + w, static_cast<int32_t>(std::min<int64_t>(kernels_.lanes, length - w))});
        }
        at += length;
      }
  }

  void add_pieces(Layout& l, int64_t start, int64_t column) const {
    for (int64_t w = 0; w < l.lines.width;) {
      const int64_t at = (column + w) % panel();
      if (at == 0) l.first.push_back(static_cast<int64_t>(l.pieces.size()));
      l.pieces.push_back({start + w, at});
      w += std::min({int64_t{kernels_.lanes}, l.lines.width - w, panel() - at});
    }
  }

  void task(int64_t i) const {
    const int64_t row_part = i % rows_.count, group_part = i / rows_.count % groups_.count;
    const int64_t part = i / (rows_.count * groups_.count) % places_.count, image_part = i / (rows_.count * groups_.count * places_.count);
    Task t{images_.begin(image_part), images_.length(image_part), row_part, region(part, d_.channels), nullptr, 0, nullptr, nullptr, nullptr};
    std::vector<Layout> layouts;
    int64_t own = 0, taps = 0;
    for (const ConvPass& pass : passes_) {
      layouts.push_back(layout(t, pass));
      if (layouts.back().apart) own = std::max(own, rows_.length(row_part) * layouts.back().total);
      taps = std::max(taps, static_cast<int64_t>(pass.taps.size()));
    }
    const int64_t source = t.images * t.region.image + kernels_.lanes, columns = columns_ ? depth_.length(0) * taps * panel() + kernels_.lanes : 0;
    const int64_t weights = packs_itself_ ? rows_.length(row_part) * depth_.length(0) * taps : 0;
    const ConvBuffer memory(bytes(source + columns + own + weights));
    T* const images = memory.data<T>();
    t.columns = images + source;
    t.own = t.columns + columns;
    t.weights = t.own + own;
    t.source = images;
    for (t.group = groups_.begin(group_part); t.group < groups_.begin(group_part + 1); ++t.group) {
      for (int64_t n = 0; n < t.images; ++n) {
        const T* const from = d_.source + ((t.image + n) * d_.s.groups + t.group) * d_.channels * d_.source_plane();
        fill_region(d_.axes, t.region, from, d_.channels, images + n * t.region.image);
      }
      for (size_t p = 0; p < passes_.size(); ++p) if (layouts[p].total) run_pass(t, static_cast<int64_t>(p), layouts[p]);
    }
  }

  T* result_of(const Task& t) const {
    return d_.result + ((t.image * d_.s.groups + t.group) * d_.rows + rows_.begin(t.row_part)) * d_.result_plane();
  }

  void run_pass(const Task& t, int64_t number, const Layout& l) const {
    const int64_t taps = static_cast<int64_t>(passes_[static_cast<size_t>(number)].taps.size());
    ConvProduct<T> call{};
    call.rows = rows_.length(t.row_part);
    call.segments = l.segments.data();
    call.count = static_cast<int64_t>(l.segments.size());
    call.out = l.apart ? t.own : result_of(t);
    call.out_step = l.apart ? l.total : d_.result_plane();
    call.bias = d_.bias ? d_.bias + t.group * d_.rows + rows_.begin(t.row_part) : nullptr;
    for (int64_t block = 0; block < depth_.count; ++block) {
      call.depth = depth_.length(block) * taps;
      if (packs_itself_) pack(number, t.group, t.row_part, block, t.weights);
      call.left = packs_itself_ ? t.weights : packed(number, t.group, t.row_part, block);
      call.offsets = l.offsets.data();
      call.source = t.source + depth_.begin(block) * t.region.channel;
      call.add = block > 0;
      if (columns_) run_columns(call, t, l);
      else kernels_.product(call);
    }
    if (l.apart) put_apart(t, l);
  }

  void run_columns(ConvProduct<T> call, const Task& t, const Layout& l) const {
    const T* const source = call.source;
    call.source = t.columns;
    call.offsets = steps_.data();
    for (size_t j = 0; j + 1 < l.first.size(); ++j) {
      kernels_.columns({call.depth, panel(), l.offsets.data(), source, l.pieces.data() + l.first[j], l.first[j + 1] - l.first[j]}, t.columns);
      const int64_t begin = static_cast<int64_t>(j) * kConvPanel;
      call.segments = l.segments.data() + begin;
      call.count = std::min<int64_t>(kConvPanel, static_cast<int64_t>(l.segments.size()) - begin);
      kernels_.product(call);
    }
  }

  void put_apart(const Task& t, const Layout& l) const {
    const int64_t spread = d_.axes[2].spread, plane = d_.result_plane(), image = d_.s.groups * d_.rows * plane;
    T* const result = result_of(t);
    const T* row = t.own;
    for (int64_t r = 0; r < rows_.length(t.row_part); ++r)
      for (int64_t n = 0; n < t.images; ++n)
        for (const ConvRow& line : l.lines.rows) {
          T* const to = result + r * plane + n * image + line.result;
          if (spread == 1) std::copy_n(row, l.lines.width, to);
          else for (int64_t w = 0; w < l.lines.width; ++w) to[w * spread] = row[w];
          row += l.pitch;
        }
  }

  ConvDirection<T> d_;
  const ConvKernels<T>& kernels_;
  int axis_ = 0;
  bool columns_ = false, flat_ = false, packs_itself_ = false;
  ConvCuts images_{1, 1}, places_{1, 1}, groups_{1, 1}, rows_{1, 1}, depth_{1, 1};
  std::vector<ConvPass> passes_;
  std::vector<int64_t> starts_;
  std::vector<int64_t> steps_;  // of packed columns
  std::unique_ptr<ConvBuffer> memory_;
  T* left_ = nullptr;
};

template <class T>
void run(const ConvDirection<T>& d) {
  if (conv_pointwise(d)) return;
  if constexpr (std::is_same_v<T, float>) if (conv_winograd(d)) return;
  if (conv_by_channels(d)) return;
  Run<T> rows(d);
  rows();
}

}  // namespace

template <class T>
void float_conv_output(const ConvShape& given, const T* x, const T* w, const T* bias, T* y) {
  const ConvShape s = merged(given);
  if (s.n * s.groups * s.co * s.y_plane() == 0) return;
  run<T>({s, {output_axis(s, 0), output_axis(s, 1), output_axis(s, 2)}, s.co, s.ci, s.co * s.ci * s.taps(), s.ci * s.taps(), s.taps(), x, w, bias, y});
}

template <class T>
void float_conv_input(const ConvShape& given, const T* y, const T* w, const T* bias, T* x) {
  const ConvShape s = merged(given);
  if (s.n * s.groups * s.ci * s.x_plane() == 0) return;
  run<T>({s, {input_axis(s, 0), input_axis(s, 1), input_axis(s, 2)}, s.ci, s.co, s.co * s.ci * s.taps(), s.taps(), s.ci * s.taps(), y, w, bias, x});
}

template void float_conv_output<float>(const ConvShape&, const float*, const float*, const float*, float*);
template void float_conv_output<double>(const ConvShape&, const double*, const double*, const double*, double*);
template void float_conv_input<float>(const ConvShape&, const float*, const float*, const float*, float*);
template void float_conv_input<double>(const ConvShape&, const double*, const double*, const double*, double*);

}  // namespace st
