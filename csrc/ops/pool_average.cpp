// avg_pool1d to 3d and adaptive_avg_pool1d to 3d: averages over windows, and the gradients that spread over them.
#include "ops/call.h"
#include "ops/pool.h"

namespace st {

Tensor average_of(const Tensor& x, const PoolPlan& plan, int k) {
  const Tensor y = empty(pooled_sizes(x.sizes(), plan, k), computed_in(x.dtype()));
  pool_average(y, contiguous_copy(widened(x)), plan);
  return narrowed(y, x.dtype());
}

Tensor average_gradient(const Tensor& g, DimSpan sizes, const PoolPlan& plan) {
  const Tensor dx = empty(sizes, computed_in(g.dtype()));
  pool_average_backward(dx, contiguous_copy(widened(g)), plan);
  return narrowed(dx, g.dtype());
}

namespace {

template <int kDims>
PoolShape average_shape(const Dims& kernel, const OptDims& stride, const Dims& padding, bool ceil_mode) {
  return pool_shape(kDims == 2 ? "avg_pool2d" : "avg_pool3d", kDims, true, kernel, stride, padding, Dims{1}, ceil_mode);
}

template <int kDims>
struct AveragePool {
  static constexpr OpInfo info{
      .sig = kDims == 2 ? "avg_pool2d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True, "
                          "int? divisor_override=None) -> Tensor"
                        : "avg_pool3d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, bool count_include_pad=True, "
                          "int? divisor_override=None) -> Tensor",
      .autocast = kDims == 3 ? Autocast::Float32 : Autocast::None, .doc = kDims == 2 ? "Averages over windows of input (N, C, H, W) or (C, H, W); stride is kernel_size unless given. Sums are divided by the number of elements, "
                          "the padding's zeros among them unless count_include_pad is False, or by divisor_override."
                        : "Averages over windows of input (N, C, D, H, W) or (C, D, H, W), as avg_pool2d.",
      .saves = {X0},
      .where = kNN,
      .grad_name = kDims == 2 ? "AvgPool2DBackward0" : "AvgPool3DBackward0"};

  struct Backward {
    static constexpr OpInfo info{
        .sig = kDims == 2 ? "_avg_pool2d_backward(Tensor grad, Tensor input, int[] kernel_size, int[]? stride, int[] padding, bool ceil_mode, bool count_include_pad, "
                            "int? divisor_override) -> Tensor"
                          : "_avg_pool3d_backward(Tensor grad, Tensor input, int[] kernel_size, int[]? stride, int[] padding, bool ceil_mode, bool count_include_pad, "
                            "int? divisor_override) -> Tensor",
        .doc = "grad shared out evenly over the windows.",
        .where = 0,
        .grad_name = kDims == 2 ? "AvgPool2DBackwardBackward0" : "AvgPool3DBackwardBackward0"};
    static Tensor fwd(const Tensor& g, const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, bool ceil_mode, bool count_padding,
                      std::optional<int64_t> divisor) {
      return average_gradient(g, x.sizes(), average_plan(x.sizes(), average_shape<kDims>(kernel, stride, padding, ceil_mode), count_padding, divisor.value_or(0)));
    }
    static void vjp(Grads& d, const Tensor&, const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, bool ceil_mode, bool count_padding,
                    const std::optional<int64_t>& divisor) {
      if (d.needs(0)) d.set(0, call_op<AveragePool>(d.g(), kernel, stride, padding, ceil_mode, count_padding, divisor));
      if (d.needs(1)) d.set(1, zeros(x.sizes(), x.dtype()));
    }
  };

  static Tensor fwd(const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, bool ceil_mode, bool count_padding,
                    std::optional<int64_t> divisor) {
    const PoolShape shape = average_shape<kDims>(kernel, stride, padding, ceil_mode);
    if (divisor && *divisor == 0) runtime_error("divisor must be not zero");
    if (kDims == 2 && x.dim() < 3) wrap_dim(-3, x.dim());
    PoolPlan plan = plan_of(x, shape);
    if (!is_floating(x.dtype()) && x.dtype() != Dtype::Int64) {
      not_implemented("\"", kDims == 2 ? "avg_pool2d" : "avg_pool3d_out_frame", "\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    }
    return average_of(x, averaging(std::move(plan), count_padding, divisor.value_or(0)), kDims);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& kernel, const OptDims& stride, const Dims& padding, bool ceil_mode, bool count_padding,
                  const std::optional<int64_t>& divisor) {
    d.set(0, call_op<Backward>(d.g(), x, kernel, stride, padding, ceil_mode, count_padding, divisor));
  }
};

struct AveragePool1d : Composite {
  static constexpr OpInfo info{.sig = "avg_pool1d(Tensor input, int[1] kernel_size, int[1]? stride=None, int[1] padding=0, bool ceil_mode=False, "
                                      "bool count_include_pad=True) -> Tensor",
                               .doc = "Averages over windows of input (N, C, L) or (C, L), as avg_pool2d.",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Dims& kernel, const OptDims& given, const Dims& padding, bool ceil_mode, bool count_padding) {
    const Dims& stride = !given || given->empty() ? kernel : *given;
    check_pooled_dims("avg_pool1d", x, 1);
    check_output_length("avg_pool1d", "kernel_size", kernel);
    check_output_length("avg_pool1d", "stride", stride);
    check_output_length("avg_pool1d", "padding", padding);
    const Tensor y = call_op<AveragePool<2>>(unsqueeze(x, -2), Dims{1, kernel[0]}, OptDims(Dims{1, stride[0]}), Dims{0, padding[0]}, ceil_mode, count_padding,
                                             std::optional<int64_t>());
    return squeeze(y, -2);
  }
};

template <int kDims>
struct AdaptiveAverage {
  static constexpr OpInfo info{.sig = kDims == 2 ? "_adaptive_avg_pool2d(Tensor input, int[] output_size) -> Tensor" : "_adaptive_avg_pool3d(Tensor input, int[] output_size) -> Tensor",
                               .doc = "Averages over windows that cut the input into output_size.",
                               .saves = {X0},
                               .where = 0,
                               .grad_name = kDims == 2 ? "AdaptiveAvgPool2DBackward0" : "AdaptiveAvgPool3DBackward0"};

  struct Backward {
    static constexpr OpInfo info{.sig = kDims == 2 ? "_adaptive_avg_pool2d_backward(Tensor grad, Tensor input) -> Tensor"
                                                   : "_adaptive_avg_pool3d_backward(Tensor grad, Tensor input) -> Tensor",
                                 .doc = "grad shared out evenly over the windows.",
                                 .where = 0,
                                 .grad_name = kDims == 2 ? "AdaptiveAvgPool2DBackwardBackward0" : "AdaptiveAvgPool3DBackwardBackward0"};
    static Tensor fwd(const Tensor& g, const Tensor& x) { return average_gradient(g, x.sizes(), adaptive_plan(x.sizes(), last(g))); }
    static void vjp(Grads& d, const Tensor& g, const Tensor& x) {
      if (d.needs(0)) d.set(0, call_op<AdaptiveAverage>(d.g(), last(g)));
      if (d.needs(1)) d.set(1, zeros(x.sizes(), x.dtype()));
    }
    static Dims last(const Tensor& g) { return g.sizes().last(kDims); }
  };

  static Tensor fwd(const Tensor& x, const Dims& output) {
    for (int64_t d = 1; d <= kDims; ++d) {
      if (x.size(-d) == 0) {
        runtime_error("adaptive_avg_pool", kDims, "d(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ", x.sizes(),
                      " with dimension ", x.dim() - d, " being empty");
      }
    }
    if (x.dim() != kDims + 1 && x.dim() != kDims + 2) {
      runtime_error("adaptive_avg_pool", kDims, "d(): Expected ", kDims + 1, "D or ", kDims + 2, "D tensor, but got ", x.sizes());
    }
    if (!is_floating(x.dtype())) not_implemented("\"adaptive_avg_pool", kDims, "d", kDims == 3 ? "_cpu" : "", "\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    return average_of(x, adaptive_plan(x.sizes(), output), kDims);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims&) {
    d.set(0, call_op<Backward>(d.g(), x));
  }
};

template <int kDims>
Tensor adaptive_average(const Tensor& x, const Dims& output) {
  if (output.size() != kDims) runtime_error("adaptive_avg_pool", kDims, "d: output_size must be ", kDims);
  bool whole = true;
  for (int64_t v : output) {
    if (v < 0) {
      runtime_error("adaptive_avg_pool", kDims, "d: elements of output_size must be greater than or equal to 0 but received {", output[0], ", ", output[1],
                    kDims == 3 ? cat(",", output.back()) : std::string(), "}");
    }
    whole &= v == 1;
  }
  if (whole) return mean(x, kDims == 2 ? Dims{-1, -2} : Dims{-1, -2, -3}, true);
  if (x.dim() < kDims) wrap_dim(-kDims, x.dim());
  return call_op<AdaptiveAverage<kDims>>(x, output);
}

struct AdaptiveAverage1d : Composite {
  static constexpr OpInfo info{.sig = "adaptive_avg_pool1d(Tensor input, int[1] output_size) -> Tensor",
                               .doc = "Averages over windows that cut input (N, C, L) or (C, L) into output_size.",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Dims& output) {
    check_pooled_dims("adaptive_avg_pool1d", x, 1);
    check_output_length("adaptive_avg_pool1d", "output_size", output);
    return squeeze(adaptive_average<2>(unsqueeze(x, -2), Dims{1, output[0]}), -2);
  }
};
struct AdaptiveAverage2d : Composite {
  static constexpr OpInfo info{.sig = "adaptive_avg_pool2d(Tensor input, int[2] output_size) -> Tensor",
                               .doc = "Averages over windows that cut input (N, C, H, W) or (C, H, W) into output_size.",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, const Dims& output) { return adaptive_average<2>(x, output); }
};
struct AdaptiveAverage3d : Composite {
  static constexpr OpInfo info{.sig = "adaptive_avg_pool3d(Tensor input, int[3] output_size) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Averages over windows that cut input (N, C, D, H, W) or (C, D, H, W) into output_size.",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, const Dims& output) { return adaptive_average<3>(x, output); }
};

const Register<AveragePool<2>, AveragePool<2>::Backward, AveragePool<3>, AveragePool<3>::Backward, AveragePool1d, AdaptiveAverage<2>, AdaptiveAverage<2>::Backward,
               AdaptiveAverage<3>, AdaptiveAverage<3>::Backward, AdaptiveAverage1d, AdaptiveAverage2d, AdaptiveAverage3d>
    registered;

}  // namespace
}  // namespace st
