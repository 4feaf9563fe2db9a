// Weight gradient of convolutions: for every channel and place in the kernel, products of shifted sources with gradients, summed over places.
#include <algorithm>
#include <vector>

#include "kernels/conv_float.h"
#include "kernels/conv_plan.h"
#include "kernels/conv_pointwise.h"
#include "kernels/conv_winograd.h"
#include "kernels/parallel.h"

namespace st {
namespace {

// Places between two looks at the sums, for the widest panel of channels: their gradients should stay in the first cache; but where the
// sums are as large as the second, looking at them costs more.
constexpr int64_t kPlaces = 160, kMorePlaces = 256;
// Parts into which images are cut, each with sums of its own, where those are small.
constexpr int64_t kImageParts = 8, kSumsRoom = 1 << 18;
// Of the second cache: a task's source, its sums; and all gradients turned round.
constexpr int64_t kSourceBytes = 1 << 20, kSumsBytes = 512 << 10, kTurnedBytes = 4 << 20;
constexpr int64_t kConvElements = 1 << 15;  // that are worth a thread of their own

template <class T>
class WeightRun {
 public:
  WeightRun(const ConvShape& s, const T* x, const T* y, T* w)
      : s_(s), axes_{output_axis(s, 0), output_axis(s, 1), output_axis(s, 2)}, x_(x), y_(y), w_(w), kernels_(conv_kernels<T>()) {}

  void operator()() {
    cut();
    const int64_t sums = images_.count > 1 ? images_.count * s_.groups * s_.ci * s_.taps() * width_ : 0;
    const int64_t turned = turns_first_ ? s_.n * s_.groups * s_.y_plane() * width_ : 0;
    const ConvBuffer memory(bytes(sums + turned));
    sums_ = memory.data<T>();
    turned_ = sums_ + sums;
    if (turns_first_) {
      parallel_items(s_.n * s_.groups, s_.y_plane() * width_, kConvElements, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) turn(i, 0, s_.y_plane(), block_of(i), block_places(), s_.groups == 1 ? i * s_.y_plane() : 0);
      });
    }
    const int64_t parts = images_.count * groups_.count, tasks = parts * channels_.count;
    const double all = static_cast<double>(s_.n * s_.groups * s_.co * s_.y_plane()) * static_cast<double>(s_.ci * s_.taps());
    const double each = all / static_cast<double>(tasks);
    parallel_items(tasks, each, kConvGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) task(i % images_.count, i / images_.count % groups_.count, i / parts);
    });
    if (images_.count == 1) return;
    const int64_t size = s_.ci * s_.taps() * width_ * images_.count;
    parallel_items(s_.groups, size, kConvElements, [&](int64_t begin, int64_t end) {
      for (int64_t g = begin; g < end; ++g) add_parts(g);
    });
  }

 private:
  static int64_t bytes(int64_t elements) { return elements * static_cast<int64_t>(sizeof(T)); }

  void cut() {
    const int64_t lanes = kernels_.lanes, depth = s_.ci * s_.taps(), threads = num_threads();
    dots_ = s_.co <= lanes / 2;
    width_ = dots_ ? s_.co : (s_.co + lanes - 1) / lanes * lanes;
    // The cut of the images decides the order of sums: it depends on the sizes alone. The other cuts do not.
    const int64_t sums = s_.groups * depth * width_;
    images_ = ConvCuts(s_.n, std::clamp<int64_t>(kSumsRoom / std::max<int64_t>(sums, 1), 1, kImageParts));
    const int64_t wanted = threads == 1 ? 1 : 2 * threads;
    groups_ = ConvCuts(s_.groups, (wanted + images_.count - 1) / images_.count);
    const int64_t parts = images_.count * groups_.count;
    const int64_t for_threads = parts < wanted ? std::min((wanted + parts - 1) / parts, depth / 32) : 1;
    const int64_t for_cache = images_.count == 1 && !dots_ ? bytes(depth * width_) / kSumsBytes : 1;
    channels_ = ConvCuts(s_.ci, std::max(for_threads, for_cache));
    turns_first_ = !dots_ && channels_.count > 1 && bytes(s_.n * s_.groups * s_.y_plane() * width_) <= kTurnedBytes;
  }

  struct Task {
    int64_t image_begin, image_end, group, first, count;  // channels of x: the first, and the rows of sums of all
    const ConvRegion& region;
    const std::vector<int64_t>& offsets;
    const std::vector<ConvLine>& lines;
    const std::vector<int64_t>& x_places;
    int64_t places, together;  // images whose lines there are
    T *source, *turned, *own;
  };

  void task(int64_t image_part, int64_t group_part, int64_t channel_part) const {
    const int64_t none[3] = {0, 0, 0}, channels = channels_.length(channel_part), count = channels * s_.taps();
    const ConvRegion region(axes_, none, s_.y, s_.y, channels);
    const ConvPass pass(axes_, s_, region, 0);
    const ConvRows rows(axes_, region, none);
    std::vector<int64_t> offsets;
    for (int64_t c = 0; c < channels; ++c)
      for (const int64_t offset : pass.offsets) offsets.push_back(c * region.channel + offset);
    // Small images go together, so that there are places enough between two looks at the sums.
    const int64_t fit = kSourceBytes / std::max<int64_t>(1, bytes(region.image)), plane = s_.y_plane();
    const ConvCuts panels = this->panels();
    const int64_t most = (turns_first_ ? kMorePlaces : kPlaces) * kConvPanel / panels.length(0);
    const int64_t together = dots_ ? 1 : std::clamp<int64_t>(std::min(fit, most / plane), 1, images_.length(image_part));
    const int64_t places = ConvCuts(together * plane, (together * plane + most - 1) / most).length(0);
    std::vector<ConvLine> lines;
    std::vector<int64_t> x_places;
    for (const ConvRow& row : rows.rows) lines.push_back({row.source, row.result, rows.width});
    for (int64_t n = 0; n < together && !dots_; ++n)
      for (const ConvRow& row : rows.rows)
        for (int64_t l = 0; l < rows.width; ++l) x_places.push_back(n * region.image + row.source + l);
    const int64_t source = together * region.image + kernels_.lanes, turned = dots_ || turns_first_ ? 0 : places * width_;
    const ConvBuffer memory(bytes(source + turned + count * width_));
    T* const start = memory.data<T>();
    Task t{images_.begin(image_part), images_.begin(image_part + 1), 0, channels_.begin(channel_part), count, region, offsets, lines, x_places, places, together,
           start, start + source, start + source + turned};
    for (t.group = groups_.begin(group_part); t.group < groups_.begin(group_part + 1); ++t.group) {
      if (dots_) run_dots(t);
      else run_sums(t);
      const int64_t depth = s_.ci * s_.taps(), at = t.first * s_.taps();
      T* const to = images_.count == 1 ? w_ + t.group * s_.co * depth + at : part(image_part, t.group) + at;
      // A few rows of the weight at a time, or each of its cache lines would come and go several times.
      constexpr int64_t kRows = 16;
      if (dots_) {
        for (int64_t m = 0; m < s_.co; ++m) std::copy_n(t.own + m * count, count, to + m * depth);
      } else {
        for (int64_t m = 0; m < s_.co; m += kRows) kernels_.transpose(t.own + m, width_, count, std::min(kRows, s_.co - m), to + m * depth, depth);
      }
    }
  }

  void run_dots(const Task& t) const {
    std::fill_n(t.own, s_.co * t.count, T(0));
    for (int64_t n = t.image_begin; n < t.image_end; ++n) {
      fill(t, n, t.source);
      kernels_.weight_dots({t.count, t.offsets.data(), s_.co, s_.y_plane(), t.source, y_of(n * s_.groups + t.group), t.lines.data(),
                            static_cast<int64_t>(t.lines.size()), t.own});
    }
  }

  void run_sums(const Task& t) const {
    const int64_t plane = s_.y_plane();
    bool add = false;
    for (int64_t n = t.image_begin; n < t.image_end; n += t.together) {
      const int64_t many = std::min(t.together, t.image_end - n), total = many * plane;
      for (int64_t i = 0; i < many; ++i) fill(t, n + i, t.source + i * t.region.image);
      for (int64_t p = 0, count; p < total; p += count) {
        count = std::min(t.places, total - p);
        // Images of one group lie side by side only where there are no others.
        if (turns_first_ && s_.groups > 1) count = std::min(count, plane - p % plane);
        const T* y = t.turned;
        int64_t step = count, first = 0;
        if (turns_first_) {
          y = block_of((n + p / plane) * s_.groups + t.group);
          step = block_places();
          first = s_.groups == 1 ? n * plane + p : p % plane;
        } else {
          turn_places(t, n, p, count);
        }
        kernels_.weight_sums({t.count, t.offsets.data(), width_, t.source, t.x_places.data() + p, y, step, first, count, t.own, add});
        add = true;
      }
    }
  }

  // Gradients of places [p, p + count) of the images from n on, which may span several of them.
  void turn_places(const Task& t, int64_t n, int64_t p, int64_t count) const {
    const int64_t plane = s_.y_plane();
    for (int64_t done = 0, part; done < count; done += part) {
      const int64_t at = (p + done) % plane, image = n + (p + done) / plane;
      part = std::min(count - done, plane - at);
      turn(image * s_.groups + t.group, at, part, t.turned, count, done);
    }
  }

  // Gradients turned round first lie in one block, or in one for every image and group where there are several groups.
  int64_t block_places() const { return s_.groups == 1 ? s_.n * s_.y_plane() : s_.y_plane(); }
  T* block_of(int64_t i) const { return turned_ + (s_.groups == 1 ? 0 : i * s_.y_plane() * width_); }

  // Of channels of y, in registers.
  ConvCuts panels() const {
    const int64_t registers = std::max<int64_t>(1, width_ / kernels_.lanes);
    return {registers, (registers + kConvPanel - 1) / kConvPanel};
  }

  // Panels of (places, channels) of image and group number i into a block of so many places, from place `to_place` on.
  void turn(int64_t i, int64_t place, int64_t count, T* block, int64_t block_places, int64_t to_place) const {
    const int64_t lanes = kernels_.lanes;
    const ConvCuts panels = this->panels();
    for (int64_t j = 0; j < panels.count; ++j) {
      const int64_t m = panels.begin(j) * lanes, width = panels.length(j) * lanes, channels = std::min(width, s_.co - m);
      T* const to = block + block_places * m + to_place * width;
      kernels_.transpose(y_of(i) + m * s_.y_plane() + place, s_.y_plane(), channels, count, to, width);
      for (int64_t p = 0; p < count && channels < width; ++p) std::fill_n(to + p * width + channels, width - channels, T(0));
    }
  }

  void fill(const Task& t, int64_t n, T* to) const {
    fill_region(axes_, t.region, x_ + ((n * s_.groups + t.group) * s_.ci + t.first) * s_.x_plane(), t.region.image / t.region.channel, to);
  }
  const T* y_of(int64_t i) const { return y_ + i * s_.co * s_.y_plane(); }
  T* part(int64_t image_part, int64_t group) const { return sums_ + (image_part * s_.groups + group) * s_.co * s_.ci * s_.taps(); }

  void add_parts(int64_t group) const {
    const int64_t size = s_.co * s_.ci * s_.taps();
    T* const to = w_ + group * size;
    std::copy_n(part(0, group), size, to);
    for (int64_t i = 1; i < images_.count; ++i) {
      const T* const more = part(i, group);
      for (int64_t k = 0; k < size; ++k) to[k] += more[k];
    }
  }

  ConvShape s_;
  ConvAxis axes_[3];
  const T *x_, *y_;
  T* w_;
  const ConvKernels<T>& kernels_;
  bool dots_ = false, turns_first_ = false;  // gradients are turned round once, for all channels of x
  int64_t width_ = 0;
  ConvCuts images_{1, 1}, groups_{1, 1}, channels_{1, 1};
  T *sums_ = nullptr, *turned_ = nullptr;
};

}  // namespace

template <class T>
void float_conv_weight(const ConvShape& given, const T* x, const T* y, T* w) {
  const ConvShape s = merged(given);
  if (s.groups * s.co * s.ci * s.taps() == 0) return;
  if (s.n * s.y_plane() == 0) {
    std::fill_n(w, s.groups * s.co * s.ci * s.taps(), T(0));
    return;
  }
  if (conv_pointwise_weight(s, x, y, w)) return;
  if constexpr (std::is_same_v<T, float>) if (conv_winograd_weight(s, x, y, w)) return;
  WeightRun<T> run(s, x, y, w);
  run();
}

template void float_conv_weight<float>(const ConvShape&, const float*, const float*, float*);
template void float_conv_weight<double>(const ConvShape&, const double*, const double*, double*);

}  // namespace st
