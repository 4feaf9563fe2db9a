// Results written to out=.
#include "ops/out.h"

#include "core/error.h"
#include "graph/node.h"
#include "ops/check.h"
#include "ops/inplace.h"

namespace st {

void check_out(const Row& row, const Tensor& y, const Tensor& out, const Tensors& inputs) {
  // What has no node was made by a factory, which has been asked for a tensor that requires grad.
  if (grad_enabled() && (y->grad_fn || out.requires_grad())) {
    runtime_error(row.name(), "(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.");
  }
  const bool apart = row.info.out & kOutApart;
  if (!casts_to_out(row) && y.dtype() != out.dtype()) {
    runtime_error("Expected out tensor to have dtype ", cpp_name(y.dtype()), ", but got ", cpp_name(out.dtype()), " instead");
  }
  if (!can_cast(y.dtype(), out.dtype())) {
    runtime_error("result type ", info(y.dtype()).scalar_type, " can't be cast to the desired output type ", info(out.dtype()).scalar_type);
  }
  check_inplace(out, false);
  for (const Tensor& x : inputs) {
    if (!x.defined()) continue;
    const bool same = x.impl() == out.impl() || (x->data == out->data && x.numel() && out.numel()), resized = !same_shape(y, out);
    if (same && (apart || resized)) refuse_overlap();
    if (apart && resized && x->storage == out->storage) refuse_overlap();  // where PyTorch would resize it, over the input
    if (row.elementwise || apart) refuse_partial_overlap(out, x);
  }
  if (same_shape(y, out) || out.numel() == 0) return;
  warn(cat("An output with one or more elements was resized since it had shape ", out.sizes(), ", which does not match the required output shape ",
           y.sizes(), ". This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have zero elements. "
           "You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0)."));
}

void write_to_out(const Tensor& y, const Tensor& out) {
  if (!same_shape(y, out)) adopt_contents(out, empty(y.sizes(), out.dtype()));
  copy_elements(out, y);
  out.bump();
  if (y.requires_grad() && !y->grad_fn) out->set(kRequiresGrad, true);
}

}  // namespace st
