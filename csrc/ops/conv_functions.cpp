// The convolutions that Python calls: conv1d to conv3d, their transposes, and the general forms.
#include <utility>

#include "ops/conv.h"
#include "ops/functions.h"

namespace st {
namespace {

Tensor convolve(const Tensor& x, const Tensor& weight, const Tensor& bias, ConvSteps steps, bool transposed, int64_t groups) {
  steps = check_conv(x, weight, bias, std::move(steps), transposed, groups);
  const Dims sizes = conv_sizes(x, weight, steps, transposed, groups);
  check_conv_types(x, weight, bias, transposed);
  return transposed ? conv_backward_input(x, weight, bias, sizes, steps, groups) : conv_forward(x, weight, bias, sizes, steps, groups);
}

// f(images) of x as a batch; a single image is one of its own.
template <class F>
Tensor batched(const Tensor& x, int spatial, const char* name, F f) {
  if (x.dim() == spatial + 2) [[likely]] return f(x);
  if (x.dim() != spatial + 1) {
    runtime_error("Expected ", spatial + 1, "D (unbatched) or ", spatial + 2, "D (batched) input to ", name, spatial, "d, but got input of size: ", x.sizes());
  }
  return squeeze(f(unsqueeze(x, 0)), 0);
}

// padding='same': as many zeros in front as behind, or one less.
Tensor convolve_same(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& stride, const Dims& dilation, int64_t groups) {
  const int n = weight.dim() - 2;
  for (int64_t s : stride) if (s != 1) runtime_error("padding='same' is not supported for strided convolutions");
  if (stride.size() != 1 && stride.size() != n) runtime_error("stride cannot broadcast to ", n, " dimensions");
  if (dilation.size() != 1 && dilation.size() != n) runtime_error("dilation cannot broadcast to ", n, " dimensions");
  ConvSteps steps = check_conv(x, weight, bias, {stride, {0}, dilation, {0}}, false, groups);
  check_conv_types(x, weight, bias, false);
  Dims sizes = x.sizes();
  sizes[1] = weight.size(0);
  for (int i = 0; i < n; ++i) {
    static WarnOnce warn_once;
    const int64_t both = steps.dilation[i] * (weight.size(2 + i) - 1);
    steps.padding[i] = both / 2;
    if (both % 2) warn_once("Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy of the input be created");
  }
  return conv_forward(x, weight, bias, sizes, steps, groups);
}

#define STEEPEST_CONV_DOC \
  "input (N, C, ...) or (C, ...), weight (F, C / groups, ...), bias (F) or None. padding is a number of zeros on either side, or of each dimension."
#define STEEPEST_CONV_TEXT_DOC "The same with padding 'valid', which is none, or 'same', which keeps the sizes."
#define STEEPEST_TRANSPOSED_DOC \
  "The gradient of a convolution by its input as a layer: input (N, C, ...) or (C, ...), weight (C, F / groups, ...), bias (F) or None."
#define STEEPEST_CONV_SIG(n) \
  "conv" #n "d(Tensor input, Tensor weight, Tensor? bias=None, int[" #n "] stride=1, int[" #n "] padding=0, int[" #n "] dilation=1, int groups=1) -> Tensor"
#define STEEPEST_CONV_TEXT_SIG(n)                                                                                                             \
  "conv" #n "d(Tensor input, Tensor weight, Tensor? bias=None, int[" #n "] stride=1, str padding='valid', int[" #n "] dilation=1, int groups=1) " \
  "-> Tensor"
#define STEEPEST_TRANSPOSED_SIG(n)                                                                                                           \
  "conv_transpose" #n "d(Tensor input, Tensor weight, Tensor? bias=None, int[" #n "] stride=1, int[" #n "] padding=0, int[" #n             \
  "] output_padding=0, int groups=1, int[" #n "] dilation=1) -> Tensor"

constexpr const char* kSigs[] = {STEEPEST_CONV_SIG(1), STEEPEST_CONV_SIG(2), STEEPEST_CONV_SIG(3)};
constexpr const char* kTextSigs[] = {STEEPEST_CONV_TEXT_SIG(1), STEEPEST_CONV_TEXT_SIG(2), STEEPEST_CONV_TEXT_SIG(3)};
constexpr const char* kTransposedSigs[] = {STEEPEST_TRANSPOSED_SIG(1), STEEPEST_TRANSPOSED_SIG(2), STEEPEST_TRANSPOSED_SIG(3)};

template <int kSpatial>
struct Conv : Composite {
  static constexpr OpInfo info{.sig = kSigs[kSpatial - 1], .autocast = Autocast::Lower, .doc = STEEPEST_CONV_DOC, .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& stride, const Dims& padding, const Dims& dilation,
                    int64_t groups) {
    return batched(x, kSpatial, "conv", [&](const Tensor& images) {
      return convolve(images, weight, bias, {stride, padding, dilation, {0}}, false, groups);
    });
  }
};

template <int kSpatial>
struct ConvText : Composite {
  static constexpr OpInfo info{.sig = kTextSigs[kSpatial - 1], .autocast = Autocast::Lower, .doc = STEEPEST_CONV_TEXT_DOC, .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& stride, const std::string& padding, const Dims& dilation,
                    int64_t groups) {
    return batched(x, kSpatial, "conv", [&](const Tensor& images) {
      if (padding == "same") return convolve_same(images, weight, bias, stride, dilation, groups);
      if (padding != "valid") runtime_error("Invalid padding string: '", padding, "'");
      return convolve(images, weight, bias, {stride, {0}, dilation, {0}}, false, groups);
    });
  }
};

template <int kSpatial>
struct ConvTransposed : Composite {
  static constexpr OpInfo info{.sig = kTransposedSigs[kSpatial - 1], .autocast = Autocast::Lower, .doc = STEEPEST_TRANSPOSED_DOC, .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& stride, const Dims& padding, const Dims& output_padding,
                    int64_t groups, const Dims& dilation) {
    return batched(x, kSpatial, "conv_transpose", [&](const Tensor& images) {
      return convolve(images, weight, bias, {stride, padding, dilation, output_padding}, true, groups);
    });
  }
};

struct Convolution : Composite {
  static constexpr OpInfo info{.sig = "convolution(Tensor input, Tensor weight, Tensor? bias, int[] stride, int[] padding, int[] dilation, "
                                      "bool transposed, int[] output_padding, int groups) -> Tensor",
                               .doc = "conv1d() to conv3d() and their transposes, as the number of dimensions and `transposed` say.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& stride, const Dims& padding, const Dims& dilation,
                    bool transposed, const Dims& output_padding, int64_t groups) {
    return convolve(x, weight, bias, {stride, padding, dilation, output_padding}, transposed, groups);
  }
};

struct ConvTbc : Composite {
  static constexpr OpInfo info{.sig = "conv_tbc(Tensor input, Tensor weight, Tensor bias, int pad=0) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "conv1d() with time first: input (T, N, C), weight (K, C, F), bias (F) give (T + 2 pad - K + 1, N, F).",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t pad) {
    if (x.dim() != 3) runtime_error("Input must have 3 dims: time, batch, in_channel");
    if (weight.dim() != 3) runtime_error("Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.");
    if (bias.dim() != 1) runtime_error("Bias must be 1-D");
    if (x.size(2) != weight.size(1)) runtime_error("Input dim 2 (input channels) is not == dim 1 in the weight tensor");
    if (bias.size(0) != weight.size(2)) runtime_error("Bias size must equal dim 2 in the weight tensor (output channels).");
    const Tensor y = convolve(permute(x, {1, 2, 0}), permute(weight, {2, 1, 0}), bias, {{1}, {pad}, {1}, {0}}, false, 1);
    return permute(y, {2, 0, 1});
  }
};

const Register<Conv<1>, ConvText<1>, Conv<2>, ConvText<2>, Conv<3>, ConvText<3>, ConvTransposed<1>, ConvTransposed<2>, ConvTransposed<3>, Convolution,
               ConvTbc>
    registered;

}  // namespace
}  // namespace st
