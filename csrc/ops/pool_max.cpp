// max_pool1d to 3d, and adaptive_max_pool1d to 3d: largest elements with their places, to which gradients go back.
#include "ops/call.h"
#include "ops/pool.h"

namespace st {

std::tuple<Tensor, Tensor> largest_of(const Tensor& x, const PoolPlan& plan, int k, bool with_places) {
  const Dims sizes = pooled_sizes(x.sizes(), plan, k);
  const Tensor y = empty(sizes, computed_in(x.dtype())), places = with_places ? empty(sizes, Dtype::Int64) : Tensor();
  pool_largest(y, places, contiguous_copy(widened(x)), plan);
  return {narrowed(y, x.dtype()), places};
}

namespace {

// The gradient goes to the places in output 1.
void largest_gradient(Grads& d, const Tensor& x, int k) {
  if (d.needs(0) && d.defined(0)) d.set(0, add_at_places(d.g(), x, d.y(1), x.sizes(), k));
}

PoolPlan max_plan(const Tensor& x, int k, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode) {
  const char* name = k == 3 ? "max_pool3d" : "max_pool2d";
  const PoolPlan plan = plan_of(x, pool_shape(name, k, false, kernel, stride, padding, dilation, ceil_mode));
  if (x.dtype() == Dtype::Bool || is_complex(x.dtype())) not_implemented("\"", name, "\" not implemented for '", info(x.dtype()).scalar_type, "'");
  return plan;
}

template <int kDims>
struct MaxPool {
  static constexpr OpInfo info{
      .sig = kDims == 2 ? "_max_pool2d_with_indices(Tensor input, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, bool ceil_mode) -> (Tensor, Tensor)"
                        : "_max_pool3d_with_indices(Tensor input, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, bool ceil_mode) -> (Tensor, Tensor)",
      .doc = "The largest elements and their places in their planes.",
      .saves = {X0 | Y1},
      .where = 0,
      .grad_name = kDims == 2 ? "MaxPool2DWithIndicesBackward0" : "MaxPool3DWithIndicesBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode) {
    return largest_of(x, max_plan(x, kDims, kernel, stride, padding, dilation, ceil_mode), kDims, true);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims&, const OptDims&, const Dims&, const Dims&, bool) { largest_gradient(d, x, kDims); }
};

template <int kDims>
struct MaxPoolValues {
  static constexpr OpInfo info{
      .sig = kDims == 2 ? "_max_pool2d_values(Tensor input, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, bool ceil_mode) -> Tensor"
                        : "_max_pool3d_values(Tensor input, int[] kernel_size, int[]? stride, int[] padding, int[] dilation, bool ceil_mode) -> Tensor",
      .doc = "The largest elements alone, where no gradient is wanted.",
      .where = 0};
  static Tensor fwd(const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode) {
    return std::get<0>(largest_of(x, max_plan(x, kDims, kernel, stride, padding, dilation, ceil_mode), kDims, false));
  }
};

template <int kDims>
Value max_pool(const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode, bool with_places) {
  if (!with_places && !(grad_enabled() && x.requires_grad())) return call_op<MaxPoolValues<kDims>>(x, kernel, stride, padding, dilation, ceil_mode);
  auto result = call_op<MaxPool<kDims>>(x, kernel, stride, padding, dilation, ceil_mode);
  if (with_places) return to_value(std::move(result));
  return std::get<0>(std::move(result));
}

struct MaxPool2d : Composite {
  static constexpr OpInfo info{.sig = "max_pool2d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False, "
                                      "bool return_indices=False) -> Tensor",
                               .doc = "The largest elements over windows of input (N, C, H, W) or (C, H, W); stride is kernel_size unless given. "
                                      "return_indices adds their places in each plane, as max_unpool2d takes them.",
                               .where = kFunction | kNN};
  static Value fwd(const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode, bool with_places) {
    return max_pool<2>(x, kernel, stride, padding, dilation, ceil_mode, with_places);
  }
};
struct MaxPool3d : Composite {
  static constexpr OpInfo info{.sig = "max_pool3d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False, "
                                      "bool return_indices=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The largest elements over windows of input (N, C, D, H, W) or (C, D, H, W), as max_pool2d.",
                               .where = kFunction | kNN};
  static Value fwd(const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode, bool with_places) {
    return max_pool<3>(x, kernel, stride, padding, dilation, ceil_mode, with_places);
  }
};
struct MaxPool1d : Composite {
  static constexpr OpInfo info{.sig = "max_pool1d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, int[1] dilation=1, bool ceil_mode=False, "
                                      "bool return_indices=False) -> Tensor",
                               .doc = "The largest elements over windows of input (N, C, L) or (C, L), as max_pool2d.",
                               .where = kFunction | kNN};
  static Value fwd(const Tensor& x, const Dims& kernel, const OptDims& given, const Dims& padding, const Dims& dilation, bool ceil_mode, bool with_places) {
    const Dims& stride = !given || given->empty() ? kernel : *given;
    check(x, kernel, stride, padding, dilation);
    if (!with_places) check_numbers(x, kernel[0], stride[0], padding[0], dilation[0], ceil_mode);
    const Tensor row = unsqueeze(x, -2);
    const Value y = max_pool<2>(row, Dims{1, kernel[0]}, Dims{1, stride[0]}, Dims{0, padding[0]}, Dims{1, dilation[0]}, ceil_mode, with_places);
    if (!with_places) return squeeze(std::get<Tensor>(y), -2);
    const Tensors& both = std::get<Tensors>(y);
    return Tensors{squeeze(both[0], -2), squeeze(both[1], -2)};
  }

 private:
  static void check(const Tensor& x, const Dims& kernel, const Dims& stride, const Dims& padding, const Dims& dilation) {
    bool fits = x.dim() == 2 || x.dim() == 3;
    for (int d = x.dim() == 3; d < x.dim() && fits; ++d) fits = x.size(d) > 0;
    if (!fits) runtime_error("max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:", x.sizes());
    auto one = [](const char* argument, const char* kinds, const Dims& v) {
      if (v.size() != 1) runtime_error("max_pool1d() ", argument, " must be ", kinds, " tuple of ints of size 1 but got size ", v.size());
    };
    one("kernel_size", "an int, list of ints or", kernel);
    one("stride", "None, an int, list of ints, or", stride);
    one("padding", "an int, list of ints, or", padding);
    one("dilation", "an int, list of ints, or", dilation);
    if (!differentiable(x.dtype())) not_implemented("\"max_pool1d_impl\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
  }
  static void check_numbers(const Tensor& x, int64_t k, int64_t s, int64_t p, int64_t n, bool ceil_mode) {
    if (k <= 0) runtime_error("max_pool1d() kernel_size must be greater than zero, but got ", k);
    if (s <= 0) runtime_error("max_pool1d() stride must be greater than zero, but got ", s);
    if (p < 0) runtime_error("max_pool1d() padding must be non-negative, but got ", p);
    if (p > k / 2) runtime_error("max_pool1d() padding should be at most half of kernel size, but got padding=", p, " and kernel_size=", k);
    if (n <= 0) runtime_error("max_pool1d() dilation must be greater than zero, but got ", n);
    const int64_t room = x.size(-1) + 2 * p - n * (k - 1) - 1 + (ceil_mode ? s - 1 : 0), out = (room < 0 ? -((-room + s - 1) / s) : room / s) + 1;
    if (out <= 0) runtime_error("max_pool1d() Invalid computed output size: ", out);
  }
};

template <int kDims>
struct AdaptiveMax {
  static constexpr OpInfo info{.sig = kDims == 2 ? "adaptive_max_pool2d(Tensor input, int[2] output_size) -> (Tensor, Tensor)"
                                                 : "adaptive_max_pool3d(Tensor input, int[3] output_size) -> (Tensor, Tensor)",
                               .autocast = kDims == 3 ? Autocast::Float32 : Autocast::None, .doc = kDims == 2 ? "The largest elements, and their places, over windows that cut (N, C, H, W) or (C, H, W) into output_size."
                                                 : "The largest elements, and their places, over windows that cut (N, C, D, H, W) or (C, D, H, W) into output_size.",
                               .saves = {X0 | Y1},
                               .where = kNN,
                               .grad_name = kDims == 2 ? "AdaptiveMaxPool2DBackward0" : "AdaptiveMaxPool3DBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Dims& output) {
    const std::string name = cat("adaptive_max_pool", kDims, "d");
    if (x.dim() != kDims + 1 && x.dim() != kDims + 2) runtime_error(name, "(): Expected ", kDims + 1, "D or ", kDims + 2, "D tensor, but got: ", x.sizes());
    for (int d = x.dim() - kDims - 1; d < x.dim(); ++d) {
      if (x.size(d) == 0) {
        runtime_error(name, "(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ", x.sizes(), " with dimension ", d, " being empty");
      }
    }
    if (output.size() != kDims) runtime_error(name, "(): internal error: output_size.size() must be ", kDims);
    if (!differentiable(x.dtype())) not_implemented("\"", name, kDims == 3 ? "_cpu" : "", "\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    Dims sizes = x.sizes();
    for (int i = 0; i < kDims; ++i) sizes[x.dim() - kDims + i] = output[i];
    for (int64_t v : output) if (v < 0) runtime_error("Trying to create tensor with negative dimension ", v, ": ", sizes);
    return largest_of(x, adaptive_plan(x.sizes(), output), kDims, true);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims&) { largest_gradient(d, x, kDims); }
};

struct AdaptiveMax1d : Composite {
  static constexpr OpInfo info{.sig = "adaptive_max_pool1d(Tensor input, int[1] output_size) -> (Tensor, Tensor)",
                               .doc = "The largest elements, and their places, over windows that cut (N, C, L) or (C, L) into output_size.",
                               .where = kFunction | kNN};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Dims& output) {
    check_pooled_dims("adaptive_max_pool1d", x, 1);
    check_output_length("adaptive_max_pool1d", "output_size", output);
    for (int d = x.dim() - 2; d < x.dim(); ++d) {
      if (x.size(d) == 0) {
        runtime_error("adaptive_max_pool1d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ", x.sizes(), " with dimension ", d,
                      " being empty");
      }
    }
    const auto [y, places] = call_op<AdaptiveMax<2>>(unsqueeze(x, -2), Dims{1, output[0]});
    return {squeeze(y, -2), squeeze(places, -2)};
  }
};

const Register<MaxPool<2>, MaxPool<3>, MaxPoolValues<2>, MaxPoolValues<3>, MaxPool1d, MaxPool2d, MaxPool3d, AdaptiveMax1d, AdaptiveMax<2>, AdaptiveMax<3>> registered;

}  // namespace
}  // namespace st
