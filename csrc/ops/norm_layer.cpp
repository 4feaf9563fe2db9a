// layer_norm and rms_norm: each row of the last dimensions by its own mean and spread.
#include "ops/norm_formula.h"

namespace st {
namespace {

Dims last_dims(int count) {
  Dims dims;
  for (int d = count; d > 0; --d) dims.push_back(-d);
  return dims;
}
Dims first_dims(int count) {
  Dims dims;
  for (int d = 0; d < count; ++d) dims.push_back(d);
  return dims;
}

void check_parameter(const Tensor& p, const char* what, const Dims& shape) {
  if (p.defined() && !equal(p.sizes(), shape)) {
    runtime_error("Expected ", what, " to be of same shape as normalized_shape, but got ", what, " of shape ", p.sizes(), " and normalized_shape = ", DimSpan(shape));
  }
}
// `separator` is what PyTorch prints between the asterisk and the sizes.
void check_shape(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias, const char* separator) {
  if (shape.empty()) {
    runtime_error("Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []");
  }
  check_parameter(weight, "weight", shape);
  check_parameter(bias, "bias", shape);
  const int before = x.dim() - shape.size();
  if (before < 0 || !equal(x.sizes().subspan(static_cast<size_t>(before)), shape)) {
    std::string expected;
    for (int64_t size : shape) expected += (expected.empty() ? separator : ", ") + text(size);
    runtime_error("Given normalized_shape=", DimSpan(shape), ", expected input with shape [*", expected, "], but got input of size", x.sizes());
  }
}

int64_t row_length(const Dims& shape) { return count_elements(shape); }

// The outputs' statistics: ones in place of the normalised sizes.
Tensor beside_rows(const Tensor& stats, const Tensor& x, const Dims& shape) {
  if (!stats.defined()) return stats;
  Dims sizes = x.sizes();
  for (int d = x.dim() - shape.size(); d < x.dim(); ++d) sizes[d] = 1;
  return alias(stats, sizes, contiguous_strides(sizes), stats.offset());
}
Tensor in_shape(const Tensor& t, const Dims& shape) { return t.defined() ? alias(t, shape, contiguous_strides(shape), t.offset()) : t; }

// The gradients of both norms; `stats` is the number of the output that holds rstd, the one before it the mean's.
void gradients(Grads& d, const Tensor& x, const Dims& shape, const Tensor& weight, double eps, bool centred, int stats) {
  const Dims last = last_dims(shape.size()), first = first_dims(x.dim() - shape.size());
  const bool bias = centred && d.needs(2);
  const auto over_rows = [&](const Tensor& t) { return first.empty() ? t : sum(t, first, false); };
  if (!d.needs(0) && !d.needs(1)) {
    if (bias) d.set(2, over_rows(wide(d.g())));
  } else if (d.create_graph()) {
    const Normalised n = normalise(wide(x), last, eps, centred);
    const Tensor g = wide(d.g());
    if (d.needs(0)) d.set(0, normalised_gradient(n, weight.defined() ? g * weight : g, last, centred));
    if (d.needs(1)) d.set(1, over_rows(g * n.u));
    if (bias) d.set(2, over_rows(g));
  } else {
    const NormGradients made =
        norm_rows_backward(ready(x), ready_gradient(d.g(), x.dtype()), row_length(shape), d.needs(0) ? ready(weight) : Tensor(),
                           centred ? d.y(stats - 1) : Tensor(), d.y(stats), centred, Wanted{d.needs(0), d.needs(1), bias});
    if (d.needs(0)) d.set(0, made.dx);
    if (d.needs(1)) d.set(1, in_shape(made.dweight, shape));
    if (bias) d.set(2, in_shape(made.dbias, shape));
  }
}

struct LayerNormed {
  static constexpr OpInfo info{.sig = "_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)",
                               .doc = "Layer norm, and the mean and 1 / standard deviation of each row.", .saves = {X0 | X1 | Y1, X0 | Y1, 0}, .where = 0,
                               .grad_name = "NativeLayerNormBackward0"};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias, double eps) {
    check_shape(x, shape, weight, bias, ", ");
    if (!is_floating(x.dtype())) not_implemented("\"LayerNormKernelImpl\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    check_mixed(x, {&weight, &bias});
    const RowNormed out = norm_rows(ready(x), row_length(shape), ready(weight), ready(bias), eps, true);
    return {narrowed(out.y, x.dtype()), beside_rows(out.mean, x, shape), beside_rows(out.rstd, x, shape)};
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor&, double eps) {
    gradients(d, x, shape, weight, eps, true, 2);
  }
};

struct LayerNorm : Composite {
  static constexpr OpInfo info{.sig = "layer_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, "
                                      "bool cudnn_enable=True) -> Tensor",
                               .doc = "(input - mean) / sqrt(variance + eps) * weight + bias with the mean and variance of the last dimensions, of sizes "
                                      "normalized_shape, which are those of weight and bias too (Ba et al. 2016, arXiv:1607.06450).",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias, double eps, bool) {
    return std::get<0>(call_op<LayerNormed>(x, shape, weight, bias, eps));
  }
};
struct NativeLayerNorm : Composite {
  static constexpr OpInfo info{.sig = "native_layer_norm(Tensor input, int[] normalized_shape, Tensor? weight, Tensor? bias, float eps) -> (Tensor, Tensor, Tensor)",
                               .doc = "layer_norm(), and the mean and 1 / standard deviation that it used, which have no gradient.", .where = kFunction};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, const Dims& shape, const Tensor& weight, const Tensor& bias, double eps) {
    const auto [y, mean, rstd] = call_op<LayerNormed>(x, shape, weight, bias, eps);
    const Dtype type = weight.defined() ? weight.dtype() : bias.defined() ? bias.dtype() : x.dtype();
    return {y, cast_copy(detach(mean), type), cast_copy(detach(rstd), type)};
  }
};

struct RmsNormed {
  static constexpr OpInfo info{.sig = "_rms_norm(Tensor input, int[] normalized_shape, Tensor? weight, float eps) -> (Tensor, Tensor)",
                               .doc = "RMS norm, and 1 / root mean square of each row.", .saves = {X0 | X1 | Y1, X0 | Y1}, .where = 0, .grad_name = "MulBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Dims& shape, const Tensor& weight, double eps) {
    const RowNormed out = norm_rows(ready(x), row_length(shape), ready(weight), Tensor(), eps, false);
    return {narrowed(out.y, x.dtype()), beside_rows(out.rstd, x, shape)};
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& shape, const Tensor& weight, double eps) { gradients(d, x, shape, weight, eps, false, 1); }
};

struct RmsNorm : Composite {
  static constexpr OpInfo info{.sig = "rms_norm(Tensor input, int[] normalized_shape, Tensor? weight=None, float? eps=None) -> Tensor",
                               .doc = "input / sqrt(mean(input^2) + eps) * weight with the mean over the last dimensions, of sizes normalized_shape; eps is the type's "
                                      "epsilon where it is None (Zhang and Sennrich 2019, arXiv:1910.07467).",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Dims& shape, const Tensor& weight, std::optional<double> eps) {
    check_shape(x, shape, weight, Tensor(), "");
    if (!is_floating(x.dtype())) not_implemented("\"rms_norm\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    const double e = eps.value_or(epsilon(x.dtype()));
    if (!weight.defined() || weight.dtype() == x.dtype()) return std::get<0>(call_op<RmsNormed>(x, shape, weight, e));
    return to_dtype(std::get<0>(call_op<RmsNormed>(x, shape, Tensor(), e)) * weight, x.dtype());
  }
};

const Register<LayerNormed, LayerNorm, NativeLayerNorm, RmsNormed, RmsNorm> registered;

}  // namespace
}  // namespace st
