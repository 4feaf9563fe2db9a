// Activations with a parameter or with halves: prelu and glu.
#include "ops/elementwise/activation.h"

#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

struct Prelu : Composite {
  static constexpr OpInfo info{.sig = "prelu(Tensor input, Tensor weight) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "input where positive, weight * input elsewhere; one weight, or one for each channel (dim 1).",
                               .where = kFunction | kMethod | kNN};
  static Tensor fwd(const Tensor& x, const Tensor& weight) {
    if (x.dtype() != weight.dtype()) {
      runtime_error("prelu: Type promoting not supported. Got ", st::info(x.dtype()).scalar_type, " and ", st::info(weight.dtype()).scalar_type);
    }
    if (weight.numel() != 1) {
      if (x.dim() == 0) runtime_error("Not allow zero-dim input tensor.");
      const int64_t channels = x.dim() > 1 ? x.size(1) : 1;
      if (channels != weight.numel()) {
        runtime_error("Mismatch of parameter numbers and input channel size. Found parameter numbers = ", weight.numel(), " and channel size = ", channels, ".");
      }
    }
    if (weight.dim() > 1) runtime_error("prelu: Expected `weight` to be a scalar or 1D tensor, but got: ndim = ", weight.dim());
    Dims sizes = Dims::filled(x.dim(), 1);
    if (x.dim() > 1) sizes[1] = weight.numel();
    return Fn<PreluKernel>{}(x, equal(sizes, weight.sizes()) ? weight : reshape(weight, sizes));
  }
};

struct Glu {
  static constexpr OpInfo info{.sig = "glu(Tensor input, int dim=-1) -> Tensor",
                               .doc = "a * sigmoid(b) for the halves a, b of input along dim, whose size has to be even (Dauphin et al. 2016, arXiv:1612.08083).",
                               .saves = {X0}, .where = kNN};
  static Tensor fwd(const Tensor& x, int64_t given) {
    if (x.dim() == 0) runtime_error("glu does not support scalars because halving size must be even");
    const int64_t dim = wrap_dim(given, x.dim()), size = x.size(dim);
    if (size % 2) runtime_error("Halving dimension must be even, but dimension ", dim, " is size ", size);
    if (!is_floating(x.dtype())) not_implemented("\"glu_cpu\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    return Fn<GluGate>{}(narrow(x, dim, 0, size / 2), narrow(x, dim, size / 2, size / 2));
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim) {
    const int64_t half = x.size(dim) / 2;
    const Tensor gate = sigmoid(narrow(x, dim, half, half)), first = d.g() * gate;
    d.set(0, cat({first, first * narrow(x, dim, 0, half) * (1.0 - gate)}, dim));
  }
};

const Register<Prelu, Glu> registered;

}  // namespace
}  // namespace st
