// Copies: clone, contiguous, changes of dtype, copy_, fill and zero_.
#include "ops/call.h"
#include "ops/check.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

struct Clone {
  static constexpr OpInfo info{.sig = "clone(Tensor input, *, ignored? memory_format=None) -> Tensor",
                               .doc = "A copy with memory of its own; gradients flow through it to input."};
  static Tensor fwd(const Tensor& x) { return copy_keeping_strides(x, x.dtype()); }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, d.g());
  }
};

struct ContiguousCopy {
  static constexpr OpInfo info{.sig = "_contiguous_copy(Tensor input) -> Tensor", .doc = "A row-major copy.", .where = 0, .grad_name = "CloneBackward0"};
  static Tensor fwd(const Tensor& x) { return contiguous_copy(x, true); }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, d.g());
  }
};

struct Contiguous : Composite {
  static constexpr OpInfo info{.sig = "contiguous(Tensor input, *, ignored? memory_format=None) -> Tensor",
                               .doc = "input itself if its elements lie row-major without gaps, otherwise such a copy.", .where = kMethod};
  static Tensor fwd(const Tensor& x) { return contiguous(x); }
};

void note_lost_part(Dtype from, Dtype to) {
  static WarnOnce warn_once;
  if (is_complex(from) && !is_complex(to) && to != Dtype::Bool) warn_once("Casting complex values to real discards the imaginary part");
}

struct ToCopy {
  static constexpr OpInfo info{.sig = "_to_copy(Tensor input, dtype dtype) -> Tensor", .doc = "A copy of another dtype.", .where = 0};
  static Tensor fwd(const Tensor& x, Dtype dtype) {
    note_lost_part(x.dtype(), dtype);
    return copy_keeping_strides(x, dtype);
  }
  static void vjp(Grads& d, const Tensor&, Dtype) {
    d.set(0, d.g());
  }
};

struct TypeAs : Composite {
  static constexpr OpInfo info{.sig = "type_as(Tensor input, Tensor other) -> Tensor", .doc = "input in the dtype of other.", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Tensor& other) { return to_dtype(x, other.dtype()); }
};

struct CopyIn {
  static constexpr OpInfo info{.sig = "copy(Tensor input, Tensor other, bool non_blocking=False) -> Tensor",
                               .doc = "Writes other, broadcast and cast, into input.",
                               .where = kOnlyInplace,
                               .grad_name = "CopyBackwards"};
  static void inplace(const Tensor& self, const Tensor& src, bool) {
    if (!same_shape(self, src)) {
      const Dims sizes = broadcast(self.sizes(), src.sizes());
      if (!equal(sizes, self.sizes())) runtime_error("output with shape ", self.sizes(), " doesn't match the broadcast shape ", DimSpan(sizes));
    }
    refuse_partial_overlap(self, src);
    note_lost_part(src.dtype(), self.dtype());
    copy_elements(self, src);
  }
  static Tensor fwd(const Tensor& self, const Tensor& src, bool) {
    const Tensor y = empty(self.sizes(), self.dtype());
    inplace(y, src, false);
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Tensor&, bool) {
    if (d.needs(0)) d.set(0, zeros_like(d.g()));
    if (d.needs(1)) d.set(1, d.g());
  }
};

struct Fill {
  static constexpr OpInfo info{.sig = "fill(Tensor input, Scalar value) -> Tensor", .doc = "A tensor like input with value everywhere.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Scalar& value) {
    const Tensor y = copy_keeping_strides(x, x.dtype());
    inplace(y, value);
    return y;
  }
  static void inplace(const Tensor& self, const Scalar& value) {
    check_fits(value, self.dtype());
    fill_elements(self, value);
  }
  static void vjp(Grads& d, const Tensor&, const Scalar&) {
    d.set(0, zeros_like(d.g()));
  }
};
struct FillIn : Fill {
  static constexpr OpInfo info{.sig = Fill::info.sig, .doc = "Writes value everywhere.", .where = kFunction | kOnlyInplace, .grad_name = "FillBackward2"};
};

struct FillTensor {
  static constexpr OpInfo info{.sig = "fill(Tensor input, Tensor value) -> Tensor", .doc = "A tensor like input with the 0-d tensor value everywhere.",
                               .where = kFunction, .grad_name = "FillBackward1"};
  static Tensor fwd(const Tensor& x, const Tensor& value) {
    const Tensor y = copy_keeping_strides(x, x.dtype());
    inplace(y, value);
    return y;
  }
  static void inplace(const Tensor& self, const Tensor& value) {
    if (value.dim() != 0) runtime_error("fill_ only supports 0-dimension value tensor but got tensor with ", value.dim(), " dimensions.");
    copy_elements(self, value);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor&) {
    if (d.needs(0)) d.set(0, zeros_like(d.g()));
    if (d.needs(1)) d.set(1, d.g());
  }
};
struct FillTensorIn : FillTensor {
  static constexpr OpInfo info{.sig = FillTensor::info.sig, .doc = "Writes the 0-d tensor value everywhere.", .where = kFunction | kOnlyInplace, .grad_name = "FillBackward3"};
};

struct ZeroIn {
  static constexpr OpInfo info{.sig = "zero(Tensor input) -> Tensor", .doc = "Writes 0 everywhere.", .where = kFunction | kOnlyInplace};
  static void inplace(const Tensor& self) {
    if (self.is_contiguous()) fill_zero(self);
    else fill_elements(self, Scalar(0));
  }
  static Tensor fwd(const Tensor& self) { return zeros(self.sizes(), self.dtype()); }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, zeros_like(d.g()));
  }
};

const Register<Clone, Contiguous, ContiguousCopy, ToCopy, TypeAs, CopyIn, FillTensor, Fill, FillIn, FillTensorIn, ZeroIn> registered;

}  // namespace

Tensor clone(const Tensor& x) { return call_op<Clone>(x); }
Tensor contiguous(const Tensor& x) { return x.is_contiguous() ? x : call_op<ContiguousCopy>(x); }
Tensor to_dtype(const Tensor& x, Dtype dtype) {
  if (x.dtype() == dtype) return x;
  if (!differentiable(dtype)) return ToCopy::fwd(x, dtype);
  return call_op<ToCopy>(x, dtype);
}

}  // namespace st
