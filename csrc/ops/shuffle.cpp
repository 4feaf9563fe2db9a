// pixel_shuffle, pixel_unshuffle and channel_shuffle: elements moved between channels and space.
#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

// (..., C, ...) seen as more dimensions, permuted, and copied into `sizes`.
Tensor rearranged(const Tensor& x, const Dims& apart, const Dims& order, const Dims& sizes) { return contiguous(reshape(permute(reshape(x, apart), order), sizes)); }

// The dimensions before the last three, and after them those of a list.
Dims behind(const Tensor& x, std::initializer_list<int64_t> last) {
  Dims out = x.sizes().first(static_cast<size_t>(x.dim() - 3));
  for (int64_t v : last) out.push_back(v);
  return out;
}
Dims order_behind(const Tensor& x, std::initializer_list<int64_t> last) {
  Dims out;
  for (int64_t d = 0; d < x.dim() - 3; ++d) out.push_back(d);
  for (int64_t v : last) out.push_back(x.dim() - 3 + v);
  return out;
}

Tensor unshuffled(const Tensor& x, int64_t r);

struct PixelShuffle {
  static constexpr OpInfo info{.sig = "pixel_shuffle(Tensor input, int upscale_factor) -> Tensor",
                               .doc = "(*, C r^2, H, W) as (*, C, H r, W r), where r is upscale_factor (Shi et al. 2016, arXiv:1609.05158).",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, int64_t r) {
    if (x.dim() < 3) runtime_error("pixel_shuffle expects input to have at least 3 dimensions, but got input with ", x.dim(), " dimension(s)");
    if (r <= 0) runtime_error("pixel_shuffle expects a positive upscale_factor, but got ", r);
    const int64_t c = x.size(-3), h = x.size(-2), w = x.size(-1);
    if (r > 46340 || c % (r * r)) {
      runtime_error("pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=", c,
                    " is not divisible by ", r > 46340 ? r : r * r);
    }
    return rearranged(x, behind(x, {c / (r * r), r, r, h, w}), order_behind(x, {0, 3, 1, 4, 2}), behind(x, {c / (r * r), h * r, w * r}));
  }
  static void vjp(Grads& d, const Tensor&, int64_t r) {
    d.set(0, unshuffled(d.g(), r));
  }
};

struct PixelUnshuffle {
  static constexpr OpInfo info{.sig = "pixel_unshuffle(Tensor input, int downscale_factor) -> Tensor",
                               .doc = "(*, C, H r, W r) as (*, C r^2, H, W), where r is downscale_factor: the reverse of pixel_shuffle.",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, int64_t r) {
    if (x.dim() < 3) runtime_error("pixel_unshuffle expects input to have at least 3 dimensions, but got input with ", x.dim(), " dimension(s)");
    if (r <= 0) runtime_error("pixel_unshuffle expects a positive downscale_factor, but got ", r);
    const int64_t c = x.size(-3), h = x.size(-2), w = x.size(-1);
    if (h % r) runtime_error("pixel_unshuffle expects height to be divisible by downscale_factor, but input.size(-2)=", h, " is not divisible by ", r);
    if (w % r) runtime_error("pixel_unshuffle expects width to be divisible by downscale_factor, but input.size(-1)=", w, " is not divisible by ", r);
    return rearranged(x, behind(x, {c, h / r, r, w / r, r}), order_behind(x, {0, 2, 4, 1, 3}), behind(x, {c * r * r, h / r, w / r}));
  }
  static void vjp(Grads& d, const Tensor&, int64_t r) {
    d.set(0, call_op<PixelShuffle>(d.g(), r));
  }
};

Tensor unshuffled(const Tensor& x, int64_t r) { return call_op<PixelUnshuffle>(x, r); }

struct ChannelShuffle {
  static constexpr OpInfo info{.sig = "channel_shuffle(Tensor input, int groups) -> Tensor",
                               .doc = "(N, C, *) with the channels of groups of C / groups dealt out in turn (Zhang et al. 2017, arXiv:1707.01083).",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, int64_t groups) {
    if (x.dim() < 3) runtime_error("channel_shuffle expects input with > 2 dims, but got input with sizes ", x.sizes());
    if (groups <= 0) runtime_error("Number of groups to divide channels in must be positive. Value of groups:", groups);
    const int64_t c = x.size(1);
    if (c % groups) runtime_error("Number of channels must be divisible by groups. Got ", c, " channels and ", groups, " groups.");
    Dims apart = x.sizes();
    apart[1] = groups;
    apart.insert(2, c / groups);
    Dims order;
    for (int64_t d = 0; d <= x.dim(); ++d) order.push_back(d);
    std::swap(order[1], order[2]);
    return rearranged(x, apart, order, x.sizes());
  }
  static void vjp(Grads& d, const Tensor& x, int64_t groups) {
    d.set(0, call_op<ChannelShuffle>(d.g(), x.size(1) / groups));
  }
};

const Register<PixelShuffle, PixelUnshuffle, ChannelShuffle> registered;

}  // namespace
}  // namespace st
