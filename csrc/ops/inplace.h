// Writing into tensors under autograd: what is refused, and how history is rewritten for the tensor and its views.
#pragma once
#include <functional>

#include "graph/node.h"
#include "kernels/layout.h"

namespace st {

// Before a write: leaves that require grad, views that must not be written, expanded tensors. PyTorch's errors.
void check_inplace(const Tensor& self, bool recorded);

// self's history from before a recorded write, under another name, for the node to refer to: a copy where its value is needed too.
Tensor before_write(const Tensor& self, bool needs_value);

// After a recorded write: `node` (whose count is taken) is what made self's new value. For a view, the base's history becomes
// "the old base with this region replaced", and the view is cut from that. `save` may save the result in the node.
void rebase(const Tensor& self, Node* node, const std::function<void(const Tensor&)>& save = {});

// The functional form of a record whose `inplace` does the work.
template <class Op, class... A>
Tensor on_copy(const Tensor& x, const A&... args) {
  const Tensor y = contiguous_copy(x, true);
  Op::inplace(y, args...);
  return y;
}

// A view of x for an op that records (or not): same storage, counted as a view of x's base.
Tensor as_view(const Tensor& x, DimSpan sizes, DimSpan strides, int64_t offset);
// The quick way to one: its sizes and strides, and its data where that moves, are for the caller to write before settle_shape().
inline Tensor unshaped_view(const Tensor& x, int ndim) {
  Tensor y = unshaped_alias(x, ndim);
  TensorImpl* base = x->base ? x->base : x.impl();
  retain(base->refs);
  y->base = base;
  y->view_version = y->storage->version;
  return y;
}
inline void move_data(const Tensor& y, int64_t elements) { y->data += elements * item_size(y.dtype()); }

Tensor detach(const Tensor& x);
Tensor zeros(DimSpan sizes, Dtype dtype);

}  // namespace st
