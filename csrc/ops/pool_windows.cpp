// Windows of pooling: kernel, stride, padding and dilation as lists of places, and PyTorch's errors.
#include <algorithm>

#include "ops/pool.h"

namespace st {
namespace {

constexpr const char* kWords[] = {"", "one int", "two ints", "three ints"};
constexpr char kAxes[] = "THW";

size_t at(int64_t i) { return static_cast<size_t>(i); }

Dims for_all(const PoolShape& s, const char* argument, const char* how, const Dims& given) {
  if (given.size() == 1) return Dims::filled(s.k, given[0]);
  if (given.size() == s.k) return given;
  runtime_error(s.name, ": ", argument, " ", how, ", or a tuple of ", kWords[s.k]);
}

// kH: 2 kW: 3
std::string by_axis(const char* letter, const Dims& values, const char* word = "") {
  std::string out;
  for (int i = 0; i < values.size(); ++i) out += cat(i ? " " : "", letter, word, kAxes[3 - values.size() + i], ": ", values[i]);
  return out;
}
std::string by_cross(int64_t channels, const Dims& values) {
  std::string out = cat("(", channels);
  for (int64_t v : values) out += cat("x", v);
  return out + ")";
}

int64_t output_size(int64_t in, const PoolShape& s, int i) {
  const int64_t k = s.kernel[i], stride = s.stride[i], pad = s.padding[i], dilation = s.dilation[i];
  if (stride == 0) runtime_error("stride should not be zero");
  if (pad < 0) runtime_error("pad must be non-negative, but got pad: ", pad);
  if (pad > ((k - 1) * dilation + 1) / 2) {
    runtime_error("pad should be at most half of effective kernel size, but got pad=", pad, ", kernel_size=", k, " and dilation=", dilation);
  }
  const int64_t room = in + 2 * pad - dilation * (k - 1) - 1 + (s.ceil_mode ? stride - 1 : 0);
  int64_t out = (room >= 0 || room % stride == 0 ? room / stride : room / stride - 1) + 1;
  if (s.ceil_mode && (out - 1) * stride >= in + pad) --out;  // the last window begins inside
  return out;
}

Windows windows_of(int64_t in, int64_t out, const PoolShape& s, int i) {
  Windows w;
  w.size = in;
  w.step = s.dilation[i];
  w.list.clear();
  w.list.reserve(at(std::max<int64_t>(out, 0)));
  for (int64_t o = 0; o < out; ++o) {
    int64_t begin = o * s.stride[i] - s.padding[i];
    const int64_t end = begin + (s.kernel[i] - 1) * s.dilation[i] + 1, length = std::min(end, in + s.padding[i]) - begin;
    if (begin < 0) begin += (-begin + w.step - 1) / w.step * w.step;
    w.list.push_back({begin, std::min(end, in), length});
  }
  return w;
}

PoolPlan unchecked_plan(DimSpan sizes, const PoolShape& s) {
  PoolPlan plan;
  const auto ndim = static_cast<int>(sizes.size());
  for (int d = 0; d < ndim - s.k; ++d) plan.planes *= sizes[at(d)];
  for (int i = 0; i < s.k; ++i) {
    const int64_t in = sizes[at(ndim - s.k + i)];
    plan.dims[3 - s.k + i] = windows_of(in, output_size(in, s, i), s, i);
  }
  return plan;
}

void check_positive(const PoolShape& s) {
  for (int64_t v : s.kernel) if (v <= 0) runtime_error("kernel size should be greater than zero, but got ", by_axis("k", s.kernel));
  for (int64_t v : s.stride) if (v <= 0) runtime_error("stride should be greater than zero, but got ", by_axis("d", s.stride));
  for (int64_t v : s.dilation) if (v <= 0) runtime_error("dilation should be greater than zero, but got ", by_axis("dilation", s.dilation));
}

void check_shape(const Tensor& x, const PoolShape& s) {
  if (s.k == 2) {
    bool fits = x.dim() == 3 || x.dim() == 4;
    for (int d = x.dim() == 4; d < x.dim() && fits; ++d) fits = x.size(d) > 0;
    if (!fits) {
      if (x.dim() != 3 && x.dim() != 4 && !s.average) runtime_error("non-empty 3D or 4D (batch mode) tensor expected for input");
      runtime_error("Expected 3D or 4D (batch mode) tensor with optional 0 dim batch size for input, but got:", x.sizes());
    }
    return;
  }
  if (x.dim() != 4 && x.dim() != 5) runtime_error("non-empty 4D or 5D (batch mode) tensor expected for input");
  for (int d = x.dim() == 5; d < x.dim(); ++d) {
    if (x.size(d) > 0) continue;
    runtime_error(s.average ? "avg_pool3d" : "max_pool3d_with_indices_out_cpu_template", "(): Expected input's non-batch dimensions to have positive length, ",
                  "but input has a shape of ", x.sizes(), " and non-batch dimension ", d - (x.dim() == 5), " has length zero!");
  }
}

}  // namespace

PoolShape pool_shape(const char* name, int k, bool average, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode) {
  PoolShape s{name, k, average, {}, {}, {}, {}, ceil_mode};
  const bool short_form = average && k == 3;  // the words of avg_pool3d
  s.kernel = for_all(s, "kernel_size", short_form ? "must be a single int" : "must either be a single int", kernel);
  s.stride = !stride || stride->empty() ? s.kernel
                                        : for_all(s, "stride", short_form ? "must be omitted, a single int" : "must either be omitted, a single int", *stride);
  s.padding = for_all(s, "padding", short_form ? "must be a single int" : "must either be a single int", padding);
  s.dilation = for_all(s, "dilation", "must be either a single int", dilation);
  return s;
}

PoolPlan plan_of(const Tensor& x, const PoolShape& s) {
  if (s.k == 3 || x.dim() < s.k || (x.dim() != 3 && x.dim() != 4)) check_shape(x, s);
  Dims in, out;
  for (int i = 0; i < s.k; ++i) {
    in.push_back(x.size(x.dim() - s.k + i));
    out.push_back(output_size(in[i], s, i));
  }
  check_positive(s);
  check_shape(x, s);
  for (int i = 0; i < s.k && s.k == 3 && s.average; ++i) {
    if (in[i] + 2 * s.padding[i] < s.kernel[i]) {
      runtime_error("input image (", by_axis("", in), ") smaller than kernel size (", by_axis("k", s.kernel), ")");
    }
  }
  for (int64_t o : out) {
    if (o >= 1) continue;
    const int64_t channels = x.size(x.dim() - s.k - 1);
    runtime_error("Given input size: ", by_cross(channels, in), ". Calculated output size: ", by_cross(channels, out), ". Output size is too small");
  }
  return unchecked_plan(x.sizes(), s);
}

PoolPlan average_plan(DimSpan sizes, const PoolShape& s, bool count_padding, int64_t divisor) {
  return averaging(unchecked_plan(sizes, s), count_padding, divisor);
}

PoolPlan averaging(PoolPlan plan, bool count_padding, int64_t divisor) {
  plan.divisor = divisor;
  for (Windows& w : plan.dims) {
    for (Window& v : w.list) if (!count_padding) v.length = std::max<int64_t>(v.end - v.begin, 0);
  }
  return plan;
}

PoolPlan adaptive_plan(DimSpan sizes, const Dims& output) {
  PoolPlan plan;
  const int k = output.size(), ndim = static_cast<int>(sizes.size());
  for (int d = 0; d < ndim - k; ++d) plan.planes *= sizes[at(d)];
  for (int i = 0; i < k; ++i) {
    Windows& w = plan.dims[3 - k + i];
    const int64_t in = sizes[at(ndim - k + i)], out = output[i];
    w.size = in;
    w.list.clear();
    for (int64_t o = 0; o < out; ++o) {
      const int64_t begin = o * in / out, end = ((o + 1) * in + out - 1) / out;
      w.list.push_back({begin, end, end - begin});
    }
  }
  return plan;
}

Dims pooled_sizes(DimSpan sizes, const PoolPlan& plan, int k) {
  Dims out = sizes;
  for (int i = 0; i < k; ++i) out[out.size() - k + i] = plan.dims[3 - k + i].count();
  return out;
}

void check_pooled_dims(const char* name, const Tensor& x, int k) {
  if (x.dim() == k + 1 || x.dim() == k + 2) return;
  runtime_error("Expected ", k + 1, " to ", k + 2, " dimensions, but got ", x.dim(), "-dimensional tensor for argument #1 'self' (while checking arguments for ", name, ")");
}

void check_output_length(const char* name, const char* argument, const Dims& sizes) {
  if (sizes.size() != 1) runtime_error(name, "() argument '", argument, "' should contain one int (got ", sizes.size(), ")");
}

}  // namespace st
