// pad: with a constant in any dimensions, or by reflection, replication or wrapping in the last one to three.
#include "kernels/pad.h"

#include <algorithm>

#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

struct ConstantPad {
  static constexpr OpInfo info{.sig = "constant_pad_nd(Tensor input, int[] pad, Scalar value=0) -> Tensor",
                               .doc = "input with pad[0] elements of value before and pad[1] behind its last dimension, pad[2] and pad[3] its last but one, "
                                      "and so on; negative numbers take elements away.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& pad, const Scalar& value) {
    if (pad.size() % 2) runtime_error("Length of pad must be even but instead it equals ", pad.size());
    if (pad.size() > 2 * x.dim()) {
      runtime_error("Length of pad should be no more than twice the number of dimensions of the input. Pad length is ", pad.size(), "while the input has ",
                    x.dim(), " dimensions.");
    }
    Dims sizes = x.sizes(), kept = x.sizes();
    int64_t from = x.offset(), to = 0;
    const int pairs = pad.size() / 2;
    for (int i = 0; i < pairs; ++i) {
      const int64_t d = x.dim() - 1 - i, before = pad[2 * i], behind = pad[2 * i + 1];
      const int64_t cut = std::min<int64_t>(before, 0) + std::min<int64_t>(behind, 0);
      if (kept[d] + cut < 0) runtime_error("narrow(): length must be non-negative.");
      kept[d] += cut;
      sizes[d] += before + behind;
      from -= std::min<int64_t>(before, 0) * x.stride(d);
    }
    const Tensor y = empty(sizes, x.dtype());
    for (int i = 0; i < pairs; ++i) to += std::max<int64_t>(pad[2 * i], 0) * y.stride(x.dim() - 1 - i);
    if (!equal(kept, sizes)) fill_elements(y, value);
    if (count_elements(kept) > 0) copy_elements(alias(y, kept, y.strides(), to), alias(x, kept, x.strides(), from));
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Dims& pad, const Scalar&) {
    Dims back = pad;
    for (int64_t& p : back) p = -p;
    d.set(0, call_op<ConstantPad>(d.g(), back, Scalar(0)));
  }
};

enum PadMode { kReflect, kReplicate, kCircular };

// Which place of a dimension of `size` each place of the padded one shows.
std::vector<int64_t> places(PadMode mode, int64_t size, int64_t before, int64_t behind) {
  const int64_t total = size + before + behind, first = std::max<int64_t>(-before, 0), last = size - 1 + std::min<int64_t>(behind, 0);
  std::vector<int64_t> at(static_cast<size_t>(std::max<int64_t>(total, 0)));
  for (int64_t o = 0; o < total; ++o) {
    int64_t i = o - before;
    if (mode == kReflect) {
      i = i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
    } else if (mode == kReplicate) {
      i = std::clamp<int64_t>(i, 0, size - 1);
    } else {
      const int64_t length = last - first + 1;
      i = first + ((i - first) % length + length) % length;
    }
    at[static_cast<size_t>(o)] = i;
  }
  return at;
}

// Of an input (planes..., the k padded dimensions); PyTorch's errors where the padding does not fit it.
template <PadMode kMode>
PlaneMap map_of(DimSpan sizes, const Dims& pad, int k) {
  const auto ndim = static_cast<int>(sizes.size());
  PlaneMap map;
  for (int d = 0; d < ndim - k; ++d) map.planes *= sizes[static_cast<size_t>(d)];
  for (int i = 0; i < 3; ++i) {
    const int behind = 2 - i;  // padded dimensions behind this one
    if (behind >= k) {
      map.at[i] = {0};
      continue;
    }
    const int d = ndim - 1 - behind;
    const int64_t size = sizes[static_cast<size_t>(d)], a = pad[2 * behind], b = pad[2 * behind + 1];
    if (kMode == kReflect && (a >= size || b >= size)) {
      runtime_error("Argument #", 4 + 2 * behind, ": Padding size should be less than the corresponding input dimension, but got: padding (", a, ", ", b,
                    ") at dimension ", d, " of input ", sizes);
    }
    if (kMode == kCircular && (a > size || b > size)) runtime_error("Padding value causes wrapping around more than once.");
    if (kMode == kCircular && size + std::min<int64_t>(a, 0) + std::min<int64_t>(b, 0) <= 0) {
      runtime_error("Negative padding value is resulting in an empty dimension");
    }
    if (size + a + b < 0) runtime_error("Trying to create tensor with negative dimension ", size + a + b, ": ", sizes);
    map.sizes[i] = size;
    map.at[i] = places(kMode, size, a, b);
  }
  return map;
}

constexpr const char* kPadSignatures[3][3] = {
    {"_reflection_pad1d(Tensor input, int[] padding) -> Tensor", "_reflection_pad2d(Tensor input, int[] padding) -> Tensor",
     "_reflection_pad3d(Tensor input, int[] padding) -> Tensor"},
    {"_replication_pad1d(Tensor input, int[] padding) -> Tensor", "_replication_pad2d(Tensor input, int[] padding) -> Tensor",
     "_replication_pad3d(Tensor input, int[] padding) -> Tensor"},
    {"_circular_pad1d(Tensor input, int[] padding) -> Tensor", "_circular_pad2d(Tensor input, int[] padding) -> Tensor",
     "_circular_pad3d(Tensor input, int[] padding) -> Tensor"}};
constexpr const char* kUnpadSignatures[3][3] = {
    {"_reflection_pad1d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor", "_reflection_pad2d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor",
     "_reflection_pad3d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor"},
    {"_replication_pad1d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor",
     "_replication_pad2d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor",
     "_replication_pad3d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor"},
    {"_circular_pad1d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor", "_circular_pad2d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor",
     "_circular_pad3d_backward(Tensor grad, Tensor input, int[] padding) -> Tensor"}};
constexpr const char* kPadGradients[3][3] = {{"ReflectionPad1DBackward0", "ReflectionPad2DBackward0", "ReflectionPad3DBackward0"},
                                             {"ReplicationPad1DBackward0", "ReplicationPad2DBackward0", "ReplicationPad3DBackward0"},
                                             {"CopySlices", "CopySlices", "CopySlices"}};  // PyTorch wraps by writing into slices
constexpr const char* kUnpadGradients[2][3] = {
    {"ReflectionPad1DBackwardBackward0", "ReflectionPad2DBackwardBackward0", "ReflectionPad3DBackwardBackward0"},
    {"ReplicationPad1DBackwardBackward0", "ReplicationPad2DBackwardBackward0", "ReplicationPad3DBackwardBackward0"}};

template <PadMode kMode, int kDims>
struct Pad {
  static constexpr OpInfo info{.sig = kPadSignatures[kMode][kDims - 1], .doc = "Of the last dimensions.", .saves = {kMode == kCircular ? uint8_t{0} : uint8_t{X0}},
                               .where = 0, .grad_name = kPadGradients[kMode][kDims - 1]};
  static Tensor fwd(const Tensor& x, const Dims& pad) {
    if (kMode != kCircular) check_input(x);
    const PlaneMap map = map_of<kMode>(x.sizes(), pad, kDims);
    Dims sizes = x.sizes();
    for (int i = 3 - kDims; i < 3; ++i) sizes[x.dim() - 3 + i] = static_cast<int64_t>(map.at[i].size());
    const Tensor y = empty(sizes, x.dtype());
    take_mapped(y, contiguous_copy(x), map);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& pad) {
    d.set(0, call_op<Backward>(d.g(), x, pad));
  }

  struct Backward {
    static constexpr OpInfo info{.sig = kUnpadSignatures[kMode][kDims - 1],
                                 .doc = "The gradient of the padding of an input of those sizes. The input is there for its own derivative, which is zero, not none.",
                                 .where = 0,
                                 .grad_name = kMode == kCircular ? nullptr : kUnpadGradients[kMode % 2][kDims - 1]};
    static Tensor fwd(const Tensor& g, const Tensor& x, const Dims& pad) {
      const Tensor dx = empty(x.sizes(), computed_in(g.dtype()));
      add_mapped(dx, contiguous_copy(widened(g)), map_of<kMode>(x.sizes(), pad, kDims));
      return narrowed(dx, g.dtype());
    }
    static void vjp(Grads& d, const Tensor&, const Tensor& x, const Dims& pad) {
      if (d.needs(0)) d.set(0, call_op<Pad>(d.g(), pad));
      if (d.needs(1)) d.set(1, zeros(x.sizes(), x.dtype()));
    }
  };

  // PyTorch's errors for what it does not pad.
  static void check_input(const Tensor& x) {
    bool fits = true;
    for (int d = 0; d < x.dim(); ++d) fits &= x.size(d) > 0 || (d == 0 && x.dim() == kDims + 2);
    if (!fits) {
      runtime_error("Expected ", kDims + 1, "D or ", kDims + 2, "D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ",
                    x.sizes());
    }
    if (x.dtype() == Dtype::Bool) {
      not_implemented("\"", kMode == kReflect ? "reflection" : "replication", "_pad", kDims, "d\" not implemented for 'Bool'");
    }
  }
};

template <PadMode kMode>
Tensor pad_last(const Tensor& x, const Dims& pad) {
  if (pad.size() == 2) return call_op<Pad<kMode, 1>>(x, pad);
  if (pad.size() == 4) return call_op<Pad<kMode, 2>>(x, pad);
  return call_op<Pad<kMode, 3>>(x, pad);
}

struct AnyPad : Composite {
  static constexpr OpInfo info{.sig = "pad(Tensor input, int[] pad, str mode='constant', float? value=None) -> Tensor",
                               .doc = "input widened by pad[0] elements before and pad[1] behind its last dimension, pad[2] and pad[3] its last but one, and so "
                                      "on. mode is 'constant' (value, 0 unless given), 'reflect', 'replicate' or 'circular'; the last three take the last one to "
                                      "three dimensions of (C, *) or (N, C, *).",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, const Dims& pad, const std::string& mode, std::optional<double> value) {
    const bool constant = mode == "constant";
    if (!constant && mode != "reflect" && mode != "replicate" && mode != "circular") not_implemented("Unrecognised padding mode ", mode);
    if (pad.size() % 2) runtime_error("Padding length must be divisible by 2");
    if (pad.size() > 2 * x.dim()) {
      runtime_error("Padding length should be less than or equal to two times the input dimension but got padding length ", pad.size(),
                    " and input of dimension ", x.dim());
    }
    if (constant) return call_op<ConstantPad>(x, pad, Scalar(value.value_or(0)));
    if (value && *value != 0) runtime_error("Padding mode \"", mode, "\" doesn't take in value argument");
    const int k = pad.size() / 2;
    if (k < 1 || k > 3 || (x.dim() != k + 1 && x.dim() != k + 2)) {
      not_implemented("Padding size ", pad.size(), " is not supported for ", x.dim(), "D input tensor.\nSupported combinations for non-constant padding:\n",
                      "  - 2D or 3D input: padding size = 2 (pads last dimension)\n  - 3D or 4D input: padding size = 4 (pads last 2 dimensions)\n",
                      "  - 4D or 5D input: padding size = 6 (pads last 3 dimensions)");
    }
    return mode == "reflect" ? pad_last<kReflect>(x, pad) : mode == "replicate" ? pad_last<kReplicate>(x, pad) : pad_last<kCircular>(x, pad);
  }
};

template <PadMode kMode>
using Pads = Register<Pad<kMode, 1>, Pad<kMode, 2>, Pad<kMode, 3>, typename Pad<kMode, 1>::Backward, typename Pad<kMode, 2>::Backward,
                      typename Pad<kMode, 3>::Backward>;
const Register<ConstantPad, AnyPad> registered;
const Pads<kReflect> reflections;
const Pads<kReplicate> replications;
const Pads<kCircular> wraps;

}  // namespace
}  // namespace st
