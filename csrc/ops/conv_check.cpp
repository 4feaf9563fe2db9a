// What convolutions ask of their arguments, in PyTorch's words, and the sizes of their results.
#include "ops/check.h"
#include "ops/conv.h"

namespace st {
namespace {

void widen(Dims& list, int n, const char* name) {
  if (list.size() == n) return;
  if (list.size() != 1) {
    runtime_error("expected ", name, " to be a single integer value or a list of ", n, " values to match the convolution dimensions, but got ", name, "=",
                  DimSpan(list));
  }
  list = Dims::filled(n, list[0]);
}

bool any_below(const Dims& list, int64_t limit) {
  for (int64_t v : list) if (v < limit) return true;
  return false;
}

// "(5 x 5)"
std::string plane(const Dims& sizes) {
  std::string out = "(";
  for (int i = 0; i < sizes.size(); ++i) out += cat(i ? " x " : "", sizes[i]);
  return out + ")";
}

void check_channels(const Tensor& x, const Tensor& weight, const Tensor& bias, bool transposed, int64_t groups) {
  const DimSpan w = weight.sizes();
  if (w[0] < groups) {
    runtime_error("Given groups=", groups, ", expected weight to be at least ", groups, " at dimension 0, but got weight of size ", w, " instead");
  }
  if (w[0] % groups) {
    runtime_error("Given groups=", groups, ", expected weight to be divisible by ", groups, " at dimension 0, but got weight of size [", w, "] instead");
  }
  const int64_t in = transposed ? w[0] : w[1] * groups, out = transposed ? w[1] * groups : w[0];
  const std::string given = transposed ? "Given transposed=1" : cat("Given groups=", groups);
  if (x.size(1) != in) {
    runtime_error(given, ", weight of size ", w, ", expected input", x.sizes(), " to have ", in, " channels, but got ", x.size(1), " channels instead");
  }
  if (bias.defined() && (bias.dim() != 1 || bias.size(0) != out)) {
    runtime_error(transposed ? given + ", weight" : text("Given weight"), " of size ", w, ", expected bias to be 1-dimensional with ", out,
                  " elements, but got bias of size ", bias.sizes(), " instead");
  }
}

// "kernel_height: 0 kernel_width: 3"
std::string named(const char* name, const Dims& list) {
  static constexpr const char* kAxes[] = {"depth", "height", "width"};
  const int n = list.size() == 1 ? 2 : list.size();  // one dimension counts as two
  std::string out;
  for (int i = 0; i < n; ++i) {
    const int from = i - (n - list.size());
    out += cat(i ? " " : "", name, "_", kAxes[3 - n + i], ": ", from < 0 ? (std::string_view(name) == "output_padding" ? 0 : 1) : list[from]);
  }
  return out;
}

Dims spatial(const Tensor& t) { return Dims(t.sizes().subspan(2)); }

}  // namespace

ConvSteps check_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, ConvSteps steps, bool transposed, int64_t groups) {
  const int n = weight.dim() - 2;
  if (n < 1) runtime_error("weight should have at least three dimensions");
  if (n > 3) runtime_error("unsupported ConvNd parameters");
  if (groups <= 0) runtime_error("non-positive groups is not supported");
  widen(steps.stride, n, "stride");
  widen(steps.padding, n, "padding");
  widen(steps.dilation, n, "dilation");
  widen(steps.output_padding, n, "output_padding");
  if (any_below(steps.padding, 0)) runtime_error("negative padding is not supported");
  if (any_below(steps.output_padding, 0)) runtime_error("negative output_padding is not supported");
  if (any_below(steps.stride, 1)) runtime_error("non-positive stride is not supported");
  if (any_below(steps.dilation, 1)) runtime_error("dilation should be greater than zero, but got ", DimSpan(steps.dilation));
  if (x.dim() != weight.dim()) {
    runtime_error("Expected ", weight.dim(), "-dimensional input for ", weight.dim(), "-dimensional weight ", weight.sizes(), ", but got ", x.dim(),
                  "-dimensional input of size ", x.sizes(), " instead");
  }
  check_channels(x, weight, bias, transposed, groups);
  if (any_below(spatial(weight), 1)) runtime_error("kernel size should be greater than zero, but got ", named("kernel", spatial(weight)));
  return steps;
}

Dims conv_sizes(const Tensor& x, const Tensor& weight, const ConvSteps& steps, bool transposed, int64_t groups) {
  const Dims in = spatial(x), kernel = spatial(weight);
  Dims sizes{x.size(0), transposed ? weight.size(1) * groups : weight.size(0)};
  Dims padded, out;
  bool fits = true, small = false;
  for (int i = 0; i < in.size(); ++i) {
    const int64_t reach = steps.dilation[i] * (kernel[i] - 1) + 1;
    padded.push_back(in[i] + 2 * steps.padding[i]);
    fits &= padded[i] >= reach;
    out.push_back(transposed ? (in[i] - 1) * steps.stride[i] - 2 * steps.padding[i] + reach + steps.output_padding[i] : (padded[i] - reach) / steps.stride[i] + 1);
    small |= out[i] < 1;
    sizes.push_back(out[i]);
  }
  if (!transposed) {
    if (!fits) {
      Dims reach;
      for (int i = 0; i < in.size(); ++i) reach.push_back(steps.dilation[i] * (kernel[i] - 1) + 1);
      runtime_error("Calculated padded input size per channel: ", plane(padded), ". Kernel size: ", plane(reach),
                    ". Kernel size can't be greater than actual input size");
    }
  } else {
    for (int i = 0; i < in.size(); ++i) {
      if (steps.output_padding[i] < steps.stride[i] || steps.output_padding[i] < steps.dilation[i]) continue;
      runtime_error("output padding must be smaller than either stride or dilation, but got ", named("output_padding", steps.output_padding), " ",
                    named("stride", steps.stride), " ", named("dilation", steps.dilation));
    }
    if (small) runtime_error("Given input size per channel: ", plane(in), ". Calculated output size per channel: ", plane(out), ". Output size is too small");
  }
  if (any_below(in, 1)) runtime_error("Only zero batch or zero channel inputs are supported, but got input shape: ", x.sizes());
  return sizes;
}

void check_conv_types(const Tensor& x, const Tensor& weight, const Tensor& bias, bool transposed) {
  const bool other_bias = bias.defined() && bias.dtype() != x.dtype();
  if (x.dtype() != weight.dtype() && (transposed || !other_bias)) runtime_error("expected scalar type ", info(x.dtype()).scalar_type, " but found ", info(weight.dtype()).scalar_type);
  if (other_bias) runtime_error("Input type (", cpp_name(x.dtype()), ") and bias type (", cpp_name(bias.dtype()), ") should be the same");
  if (is_complex(x.dtype())) not_implemented("convolutions of complex tensors are not implemented");
  const bool three = weight.dim() == 5;
  if (x.dtype() == Dtype::Bool || (transposed && is_integral(x.dtype()) && x.dtype() != Dtype::Int64)) {
    const char* kernel = transposed ? (three ? "slow_conv_transpose3d_out_cpu" : "slow_conv_transpose2d_out_cpu") : three ? "compute_columns3d" : "slow_conv2d_cpu";
    not_implemented("\"", kernel, "\" not implemented for '", info(x.dtype()).scalar_type, "'");
  }
}

}  // namespace st
