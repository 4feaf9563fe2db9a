// fractional_max_pool2d and 3d: windows at pseudo-random distances (Graham 2014, arXiv:1412.6071), other ones for every plane.
#include "ops/call.h"
#include "ops/pool.h"

namespace st {
namespace {

// Of `out` windows of `kernel` places, the first begins at 0 and the last ends with the input; u in [0, 1) shifts those between.
template <class T>
void set_windows(Windows& w, T u, int64_t out, int64_t kernel) {
  w.list.clear();
  const T step = out > 1 ? static_cast<T>(w.size - kernel) / static_cast<T>(out - 1) : T(0);
  for (int64_t o = 0; o < out; ++o) {
    const int64_t begin = o == out - 1 ? w.size - kernel
                                       : static_cast<int64_t>((static_cast<T>(o) + u) * step) - static_cast<int64_t>(u * step);
    w.list.push_back({begin, begin + kernel, kernel});
  }
}

template <int kDims>
struct FractionalMax {
  static constexpr OpInfo info{
      .sig = kDims == 2 ? "fractional_max_pool2d(Tensor input, int[2] kernel_size, int[2] output_size, Tensor _random_samples) -> (Tensor, Tensor)"
                        : "fractional_max_pool3d(Tensor input, int[3] kernel_size, int[3] output_size, Tensor _random_samples) -> (Tensor, Tensor)",
      .doc = "The largest elements, and their places, over output_size windows at random distances, which _random_samples (N, C, dimensions) in [0, 1) decides.",
      .saves = {X0 | Y1},
      .grads = 1,
      .where = kNN,
      .grad_name = kDims == 2 ? "FractionalMaxPool2DBackward0" : "FractionalMaxPool3DBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Dims& kernel, const Dims& output, const Tensor& samples) {
    check(x, kernel, output, samples);
    PoolPlan plan;
    const int first = x.dim() - kDims;
    Dims sizes = x.sizes();
    for (int i = 0; i < kDims; ++i) {
      plan.dims[3 - kDims + i].size = x.size(first + i);
      sizes[first + i] = output[i];
    }
    const Tensor y = empty(sizes, computed_in(x.dtype())), places = empty(sizes, Dtype::Int64);
    if (y.numel() == 0) return {narrowed(y, x.dtype()), places};
    const Tensor from = contiguous_copy(widened(x)), u = contiguous_copy(widened(samples));
    const int64_t channels = x.size(first - 1), planes = from.numel() / plan.plane_size(), n = y.numel() / planes, m = plan.plane_size();
    visit_float(from.dtype(), [&]<class T>() {
      for (int64_t p = 0; p < planes; ++p) {
        const T* draw = u.data<T>() + (p / channels * samples.size(1) + p % channels) * kDims;
        for (int i = 0; i < kDims; ++i) {
          // The first sample is the last dimension's in the plane, the other way round in a volume.
          set_windows<T>(plan.dims[3 - kDims + i], draw[kDims == 2 ? 1 - i : i], output[i], kernel[i]);
        }
        const Dims flat{n}, one{1};
        pool_largest(alias(y, flat, one, p * n), alias(places, flat, one, p * n), alias(from, Dims{m}, one, from.offset() + p * m), plan);
      }
    });
    return {narrowed(y, x.dtype()), places};
  }
  static void vjp(Grads& d, const Tensor& x, const Dims&, const Dims&, const Tensor&) {
    if (d.needs(0) && d.defined(0)) d.set(0, add_at_places(d.g(), x, d.y(1), x.sizes(), kDims));
  }

 private:
  static void check(const Tensor& x, const Dims& kernel, const Dims& output, const Tensor& samples) {
    const std::string name = cat("fractional_max_pool", kDims, "d");
    const std::string shown = kDims == 2 ? name + "()" : name + "_out()";
    if (kernel.size() != kDims) runtime_error(name, ": kernel_size must either be a single Int or tuple of Ints");
    if (output.size() != kDims) runtime_error(name, ": output_size must either be a single Int or tuple of Ints");
    if (x.dim() != kDims + 1 && x.dim() != kDims + 2) {
      runtime_error(shown, ": Expected ", kDims + 1, "D or ", kDims + 2, "D tensor, but got: ", x.sizes());
    }
    for (int d = x.dim() - kDims - 1; d < x.dim(); ++d) {
      if (x.size(d) == 0) {
        runtime_error(shown, ": Expected input to have non-zero size for non-batch dimensions, but got", x.sizes(), " with dimension ", d, " being empty.");
      }
    }
    static constexpr const char* kAxes[] = {"time", "height", "width"};
    for (int i = 0; i < kDims; ++i) {
      const int64_t in = x.size(x.dim() - kDims + i);
      if (output[i] + kernel[i] - 1 > in) {
        runtime_error(shown, ": pool ", kAxes[3 - kDims + i], " ", kernel[i], " too large relative to input ", kAxes[3 - kDims + i], " ", in);
      }
      if (output[i] < 0) runtime_error("Trying to create tensor with negative dimension ", output[i], ": ", output);
      if (kernel[i] < 0) runtime_error(name, ": kernel_size must be at least 0, but got ", kernel[i]);
    }
    if (!is_floating(x.dtype())) not_implemented("\"", name, "\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    if (samples.dtype() != x.dtype()) runtime_error("Expect _random_samples to have the same dtype as input");
    if (samples.dim() != 3) runtime_error("Expect _random_samples to have 3 dimensions, got ", samples.dim());
    const int64_t batch = x.dim() == kDims + 2 ? x.size(0) : 1;
    if (samples.size(0) < batch) runtime_error("Expect _random_samples.size(0) no less then input batch size.");
    if (samples.size(1) < x.size(-kDims - 1)) runtime_error("Expect _random_samples.size(1) equals to input channel size.");
    if (samples.size(2) != kDims) runtime_error("Expect _random_samples.size(2) equals to ", kDims, "; got ", samples.size(2), ".");
  }
};

const Register<FractionalMax<2>, FractionalMax<3>> registered;

}  // namespace
}  // namespace st
