// What changes a tensor's geometry or history and leaves its elements alone: squeeze_, transpose_, as_strided_, detach and their like.
#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

// Gives x the geometry, and where that is recorded the history, of a view of it.
template <class F>
Tensor take_geometry(const Tensor& x, F view_of) {
  const bool recorded = grad_enabled() && x.requires_grad();
  if (!overlaps_itself(x)) check_inplace(x, recorded);
  const Tensor y = view_of(before_write(x, false));
  set_geometry(x.impl(), y.sizes(), y.strides());
  x->data = y->data;
  x.bump();
  x->view_version = x.version();
  if (recorded) {
    Node* old = x->grad_fn;
    retain(y->grad_fn->refs);
    x->grad_fn = y->grad_fn;
    x->output_nr = y->output_nr;
    if (old) release(old);
  }
  return x;
}

struct SqueezeIn : Composite {
  static constexpr OpInfo info{.sig = "squeeze_(Tensor input) -> Tensor", .doc = "Drops the dimensions of size 1 of input itself.", .where = kMethod};
  static Tensor fwd(const Tensor& x) {
    return take_geometry(x, [](const Tensor& t) { return squeeze(t); });
  }
};
struct SqueezeDimIn : Composite {
  static constexpr OpInfo info{.sig = "squeeze_(Tensor input, int dim) -> Tensor", .doc = "Drops dimension dim of input itself if that has size 1.", .where = kMethod};
  static Tensor fwd(const Tensor& x, int64_t dim) {
    return take_geometry(x, [&](const Tensor& t) { return squeeze(t, dim); });
  }
};
struct SqueezeDimsIn : Composite {
  static constexpr OpInfo info{.sig = "squeeze_(Tensor input, int[] dim) -> Tensor", .doc = "Drops those of the dimensions that have size 1, of input itself.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& dims) {
    return take_geometry(x, [&](const Tensor& t) { return squeeze(t, dims); });
  }
};
struct UnsqueezeIn : Composite {
  static constexpr OpInfo info{.sig = "unsqueeze_(Tensor input, int dim) -> Tensor", .doc = "Gives input itself a dimension of size 1 more, at place dim.", .where = kMethod};
  static Tensor fwd(const Tensor& x, int64_t dim) {
    return take_geometry(x, [&](const Tensor& t) { return unsqueeze(t, dim); });
  }
};
struct TransposeIn : Composite {
  static constexpr OpInfo info{.sig = "transpose_(Tensor input, int dim0, int dim1) -> Tensor", .doc = "Exchanges two dimensions of input itself.", .where = kMethod};
  static Tensor fwd(const Tensor& x, int64_t a, int64_t b) {
    return take_geometry(x, [&](const Tensor& t) { return transpose(t, a, b); });
  }
};
struct SwapAxesIn : TransposeIn {
  static constexpr OpInfo info{.sig = "swapaxes_(Tensor input, int axis0, int axis1) -> Tensor", .doc = "Alias of transpose_().", .where = kMethod};
};
struct SwapDimsIn : TransposeIn {
  static constexpr OpInfo info{.sig = "swapdims_(Tensor input, int dim0, int dim1) -> Tensor", .doc = "Alias of transpose_().", .where = kMethod};
};
struct TIn : Composite {
  static constexpr OpInfo info{.sig = "t_(Tensor input) -> Tensor", .doc = "Transposes input itself, a matrix.", .where = kMethod};
  static Tensor fwd(const Tensor& x) {
    if (x.dim() > 2) runtime_error("t_() expects a tensor with <= 2 dimensions, but self is ", x.dim(), "D");
    return take_geometry(x, [](const Tensor& y) { return t(y); });
  }
};

struct AsStridedIn : Composite {
  static constexpr OpInfo info{.sig = "as_strided_(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
                               .doc = "Gives input itself any sizes, strides and offset inside its storage."};
  static Tensor fwd(const Tensor& x, const Dims& size, const Dims& stride, std::optional<int64_t> offset) {
    return take_geometry(x, [&](const Tensor& t) { return as_strided(t, size, stride, offset.value_or(t.offset())); });
  }
};

struct Detach {
  static constexpr OpInfo info{.sig = "detach(Tensor input) -> Tensor", .doc = "The same memory without history; it requires no gradient."};
  static Tensor fwd(const Tensor& x) { return detach(x); }
};

struct DetachIn {
  static constexpr OpInfo info{.sig = "detach_(Tensor input) -> Tensor", .doc = "Takes the history from input itself, which then requires no gradient. Views refuse it."};
  static Tensor fwd(const Tensor& x) {
    if (x->base) {
      runtime_error("Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and "
                    "gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on "
                    "these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.");
    }
    if (Node* old = x->grad_fn) {
      if (x->has(kRetainsGrad)) graph_hooks.forget_retained(x.impl());
      x->grad_fn = nullptr;
      release(old);
    }
    x->set(kRequiresGrad, false);
    x->set(kRetainsGrad, false);
    x->output_nr = 0;
    return x;
  }
};

struct Positive : Composite {
  static constexpr OpInfo info{.sig = "positive(Tensor input) -> Tensor", .doc = "+input: input itself, of any dtype but bool."};
  static Tensor fwd(const Tensor& x) {
    if (x.dtype() == Dtype::Bool) runtime_error("The `+` operator, on a bool tensor is not supported.");
    return x;
  }
};

const Register<SqueezeIn, SqueezeDimIn, SqueezeDimsIn, UnsqueezeIn, TransposeIn, SwapAxesIn, SwapDimsIn, TIn, AsStridedIn, Detach, DetachIn, Positive> registered;

}  // namespace
}  // namespace st
