// Weight gradient of convolutions: for every channel and place in the kernel, products of shifted sources with gradients, summed over places.
#include <algorithm>
#include <vector>

#include "kernels/conv_float.h"
#include "kernels/conv_plan.h"
#include "kernels/parallel.h"

namespace st {
namespace {

// Places between two looks at the sums: their gradients, a panel of channels wide, should stay in the first cache; but where the sums are
// larger than the second, looking at them costs more.
constexpr int64_t kPlaces = 160, kMorePlaces = 320, kManySums = 1 << 18;
// Parts into which images are cut, each with sums of its own, where those are small.
constexpr int64_t kImageParts = 8, kSumsRoom = 1 << 18;
constexpr int64_t kSourceBytes = 1 << 20;

template <class T>
class WeightRun {
 public:
  WeightRun(const ConvShape& s, const T* x, const T* y, T* w)
      : s_(s), axes_{output_axis(s, 0), output_axis(s, 1), output_axis(s, 2)}, x_(x), y_(y), w_(w), kernels_(conv_kernels<T>()) {}

  void operator()() {
    const int64_t lanes = kernels_.lanes, depth = s_.ci * s_.taps();
    dots_ = s_.co <= lanes / 2;
    width_ = dots_ ? s_.co : (s_.co + lanes - 1) / lanes * lanes;
    // The cut of the images decides the order of sums: it depends on the sizes alone. The other cuts do not.
    const int64_t sums = s_.groups * depth * width_;
    images_ = ConvCuts(s_.n, std::clamp<int64_t>(kSumsRoom / std::max<int64_t>(sums, 1), 1, kImageParts));
    const int64_t wanted = num_threads() == 1 ? 1 : 2 * num_threads();
    groups_ = ConvCuts(s_.groups, (wanted + images_.count - 1) / images_.count);
    const int64_t parts = images_.count * groups_.count;
    channels_ = ConvCuts(s_.ci, parts < wanted ? std::min((wanted + parts - 1) / parts, s_.ci * s_.taps() / 32) : 1);
    const ConvBuffer memory(images_.count * sums * static_cast<int64_t>(sizeof(T)));
    sums_ = memory.data<T>();
    const int64_t tasks = parts * channels_.count;
    const double each = static_cast<double>(s_.n * s_.groups * s_.co * s_.y_plane()) * static_cast<double>(depth) / static_cast<double>(tasks);
    parallel_for(tasks, std::max<int64_t>(1, static_cast<int64_t>(kConvGrain / std::max(each, 1.0))), [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) task(i % images_.count, i / images_.count % groups_.count, i / parts);
    });
    parallel_for(s_.groups, std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, depth * width_ * images_.count)), [&](int64_t begin, int64_t end) {
      for (int64_t g = begin; g < end; ++g) finish(g);
    });
  }

 private:
  T* sums_of(int64_t image_part, int64_t group) const { return sums_ + (image_part * s_.groups + group) * s_.ci * s_.taps() * width_; }

  void task(int64_t image_part, int64_t group_part, int64_t channel_part) const {
    const int64_t none[3] = {0, 0, 0}, channels = channels_.length(channel_part), first = channels_.begin(channel_part), count = channels * s_.taps();
    const ConvRegion region(axes_, none, s_.y, s_.y, channels);
    const ConvPass pass(axes_, s_, region, 0);
    const ConvRows rows(axes_, region, none);
    std::vector<int64_t> offsets;
    for (int64_t c = 0; c < channels; ++c)
      for (const int64_t offset : pass.offsets) offsets.push_back(c * region.channel + offset);
    // Small images go together, so that there are places enough between two looks at the sums.
    const int64_t places = s_.ci * s_.taps() * width_ > kManySums ? kMorePlaces : kPlaces;
    const int64_t fit = kSourceBytes / static_cast<int64_t>(sizeof(T)) / std::max<int64_t>(1, region.image);
    const int64_t together = dots_ ? 1 : std::clamp<int64_t>(std::min(fit, places / std::max<int64_t>(1, s_.y_plane())), 1, images_.length(image_part));
    const ConvBuffer source((together * region.image + kernels_.lanes) * static_cast<int64_t>(sizeof(T)));
    const ConvBuffer turned(dots_ ? 0 : together * s_.y_plane() * width_ * static_cast<int64_t>(sizeof(T)));
    std::vector<ConvLine> lines;
    for (int64_t n = 0; n < together; ++n)
      for (const ConvRow& row : rows.rows)
        for (int64_t l = 0; l < rows.width; l += places) {
          lines.push_back({n * region.image + row.source + l, n * s_.y_plane() + row.result + l, std::min(places, rows.width - l)});
        }
    if (!dots_) std::fill_n(turned.data<T>(), together * s_.y_plane() * width_, T(0));
    for (int64_t g = groups_.begin(group_part); g < groups_.begin(group_part + 1); ++g) {
      T* const sums = sums_of(image_part, g);
      if (dots_) {
        // Rows of channels of y; the part of the channels of x is a range of columns, so it has sums of its own.
        std::vector<T> own(static_cast<size_t>(s_.co * count), T(0));
        for (int64_t n = images_.begin(image_part); n < images_.begin(image_part + 1); ++n) {
          fill_region(axes_, region, x_of(n, g, first), channels, source.data<T>());
          kernels_.weight_dots({count, offsets.data(), s_.co, s_.y_plane(), source.data<T>(), y_of(n, g), lines.data(), static_cast<int64_t>(lines.size()), own.data()});
        }
        for (int64_t m = 0; m < s_.co; ++m) std::copy_n(own.data() + m * count, count, sums + (m * s_.ci + first) * s_.taps());
        continue;
      }
      T* const own = sums + first * s_.taps() * width_;
      bool add = false;
      for (int64_t n = images_.begin(image_part); n < images_.begin(image_part + 1); n += together) {
        const int64_t many = std::min(together, images_.begin(image_part + 1) - n);
        for (int64_t i = 0; i < many; ++i) {
          fill_region(axes_, region, x_of(n + i, g, first), channels, source.data<T>() + i * region.image);
          kernels_.transpose(y_of(n + i, g), s_.y_plane(), s_.co, s_.y_plane(), turned.data<T>() + i * s_.y_plane() * width_, width_);
        }
        const size_t used = lines.size() / static_cast<size_t>(together) * static_cast<size_t>(many);
        for (size_t i = 0; i < used;) {
          size_t end = i;
          for (int64_t sum = 0; end < used && (sum == 0 || sum + lines[end].length <= places); ++end) sum += lines[end].length;
          kernels_.weight_sums({count, offsets.data(), width_, source.data<T>(), turned.data<T>(), lines.data() + i, static_cast<int64_t>(end - i), own, add});
          add = true;
          i = end;
        }
      }
    }
  }

  const T* x_of(int64_t n, int64_t g, int64_t c) const { return x_ + ((n * s_.groups + g) * s_.ci + c) * s_.x_plane(); }
  const T* y_of(int64_t n, int64_t g) const { return y_ + (n * s_.groups + g) * s_.co * s_.y_plane(); }

  // The parts of the images together, in the weight's order.
  void finish(int64_t group) const {
    const int64_t depth = s_.ci * s_.taps(), size = depth * width_;
    T* const sums = sums_of(0, group);
    for (int64_t i = 1; i < images_.count; ++i) {
      const T* const more = sums_of(i, group);
      for (int64_t k = 0; k < size; ++k) sums[k] += more[k];
    }
    T* const to = w_ + group * s_.co * depth;
    if (dots_) std::copy_n(sums, size, to);
    else kernels_.transpose(sums, width_, depth, s_.co, to, depth);
  }

  ConvShape s_;
  ConvAxis axes_[3];
  const T *x_, *y_;
  T* w_;
  const ConvKernels<T>& kernels_;
  bool dots_ = false;
  int64_t width_ = 0;
  ConvCuts images_{1, 1}, groups_{1, 1}, channels_{1, 1};
  T* sums_ = nullptr;
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
  WeightRun<T> run(s, x, y, w);
  run();
}

template void float_conv_weight<float>(const ConvShape&, const float*, const float*, float*);
template void float_conv_weight<double>(const ConvShape&, const double*, const double*, double*);

}  // namespace st
