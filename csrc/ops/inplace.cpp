// Views and in-place writes in the graph.
//
// Note [History of a base]
// A write into a view v of base b is recorded as two nodes: the op that made v's new value, and CopySlices, whose inputs are the old
// b and that value, and whose output is b. v itself becomes AsStrided of the new b. Other views of b notice by the storage's version
// that their grad_fn is old, and are cut anew from b the next time somebody asks (refresh_view).
//
// Where one of b and v is complex and the other its parts, both nodes count in real numbers: the complex one is taken as pairs.
#include "ops/inplace.h"

#include <algorithm>

#include "core/error.h"
#include "ops/complex.h"
#include "ops/functions.h"

namespace st {
namespace {

// Where a view lies in its base.
struct Region {
  Dims sizes, strides;
  int64_t offset;  // elements, from the base's first
};

struct RegionOf {
  Region region;
  Dims base_sizes, base_strides;
  bool base_pairs, view_pairs;  // taken as pairs of real numbers
};

void destroy_region(void* p) { delete static_cast<RegionOf*>(p); }

// Elements of `whole` (laid out as the base) that the region covers.
Tensor cut(const Tensor& whole, const Region& r) { return alias(whole, r.sizes, r.strides, whole.offset() + r.offset); }

// Gradients as the region counts, and back.
Tensor apart(const Tensor& g, bool pairs) { return pairs ? view_as_real(g) : g; }
Tensor together(const Tensor& g, bool pairs) { return pairs ? view_as_complex(contiguous(g)) : g; }

void as_strided_backward(BackwardCall& call) {
  if (!call.grad().defined() || !call.needs(0)) return;
  const auto& r = *static_cast<RegionOf*>(call.node.attributes);
  const Tensor g = apart(call.grad(), r.view_pairs);
  call.results[0] = together(put_region(g, r.base_sizes, r.base_strides, r.region.sizes, r.region.strides, r.region.offset), r.base_pairs);
}

void copy_slices_backward(BackwardCall& call) {
  if (!call.grad().defined()) return;
  const auto& r = *static_cast<RegionOf*>(call.node.attributes);
  const Tensor g = apart(call.grad(), r.base_pairs);
  if (call.needs(0)) {
    Tensor rest = empty_like_strided(r.base_sizes, r.base_strides, g.dtype());
    const bool recorded = call.create_graph && g.requires_grad();  // then a factor, so that it can be differentiated
    if (recorded) fill_elements(rest, Scalar(1.0));
    else copy_elements(rest, g);
    fill_elements(cut(rest, r.region), Scalar(0.0));
    call.results[0] = together(recorded ? g * rest : rest, r.base_pairs);
  }
  if (call.needs(1)) {
    call.results[1] = together(take_region(g, r.base_sizes, r.base_strides, r.region.sizes, r.region.strides, r.region.offset), r.view_pairs);
  }
}

constexpr NodeType kCopySlices{"CopySlices", copy_slices_backward, destroy_region};
constexpr NodeType kAsStrided{"AsStridedBackward0", as_strided_backward, destroy_region};

Node* region_node(const NodeType* type, const Tensor& base, const TensorImpl* view, int n_edges) {
  Node* n = make_node(type, n_edges, 1, 0);
  const Tensor v = Tensor::share(const_cast<TensorImpl*>(view));
  const bool differ = v.dtype() != base.dtype(), base_pairs = differ && is_complex(base.dtype()), view_pairs = differ && is_complex(v.dtype());
  const Tensor whole = base_pairs ? pairs_of(base) : base, part = view_pairs ? pairs_of(v) : v;
  n->attributes = new RegionOf{{part.sizes(), part.strides(), part.offset() - whole.offset()}, whole.sizes(), whole.strides(), base_pairs, view_pairs};
  return n;
}

void set_grad_fn(TensorImpl* t, Node* n) {
  const Tensor y = Tensor::share(t);
  set_output(n, 0, y);
  t->view_version = t->storage->version;
}

}  // namespace

void refresh_view(TensorImpl* view) {
  const Tensor base = Tensor::share(view->base);
  view->view_version = view->storage->version;
  if (!base.requires_grad()) return;
  if (base->grad_fn == nullptr && view->grad_fn != nullptr) return;  // a leaf written without record: the old node still tells the truth
  Node* n = region_node(&kAsStrided, base, view, 1);
  connect(n, 0, base);
  finish(n);
  set_grad_fn(view, n);
  release(n);
}

void check_inplace(const Tensor& self, bool recorded) {
  if (overlaps_itself(self)) {
    runtime_error("unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
                  "Please clone() the tensor before performing the operation.");
  }
  if (self->has(kInference) && !thread_state().inference) {
    runtime_error("Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor "
                  "before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.");
  }
  if (!grad_enabled()) return;
  if (!self->grad_fn && self->has(kRequiresGrad)) runtime_error("a leaf Variable that requires grad is being used in an in-place operation.");
  if (!self->base) return;
  const TensorImpl* base = self->base;
  if (!(recorded || self.requires_grad())) return;
  if (!base->grad_fn && (base->flags & kRequiresGrad || self.requires_grad())) runtime_error("a view of a leaf Variable that requires grad is being used in an in-place operation.");
  if (self->has(kFunctionView)) {
    runtime_error("Output ", int64_t{self->output_nr}, " of ", self->grad_fn ? op_name(self->grad_fn->type->name) : "a Function",
                  " is a view and is being modified inplace. This view was created inside a custom Function (or because an input was "
                  "returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the "
                  "custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of "
                  "the custom Function.");
  }
  if (self->has(kMultiView)) {
    runtime_error("Output ", int64_t{self->output_nr}, " of ", self->grad_fn ? op_name(self->grad_fn->type->name) : "Unbind",
                  " is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such "
                  "functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.");
  }
  if (self->has(kNoGradView)) {
    runtime_error("A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this use case is "
                  "ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both "
                  "inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).");
  }
}

Tensor before_write(const Tensor& self, bool needs_value) {
  Tensor before = needs_value ? contiguous_copy(self, true) : detach(self);
  if (is_stale_view(self.impl())) refresh_view(self.impl());
  if (self->grad_fn) {
    retain(self->grad_fn->refs);
    before->grad_fn = self->grad_fn;
    before->output_nr = self->output_nr;
  }
  return before;
}

void rebase(const Tensor& self, Node* node, const std::function<void(const Tensor&)>& save) {
  if (save) save(self);
  if (!self->base) {
    set_output(node, 0, self);
    release(node);
    return;
  }
  const Tensor base = Tensor::share(self->base);
  set_output_meta(node, 0, self);
  Node* slices = region_node(&kCopySlices, base, self.impl(), 2);
  connect(slices, 0, base);
  set_edge(slices, 1, {reinterpret_cast<uintptr_t>(node), 0});
  finish(slices);
  set_grad_fn(base.impl(), slices);
  base->set(kRequiresGrad, false);
  release(slices);
  Node* n = region_node(&kAsStrided, base, self.impl(), 1);
  connect(n, 0, base);
  finish(n);
  set_grad_fn(self.impl(), n);
  release(n);
}

Tensor as_view(const Tensor& x, DimSpan sizes, DimSpan strides, int64_t offset) {
  Tensor y = alias(x, sizes, strides, offset);
  TensorImpl* base = x->base ? x->base : x.impl();
  retain(base->refs);
  y->base = base;
  y->view_version = y->storage->version;
  return y;
}

Tensor detach(const Tensor& x) { return alias(x, x.sizes(), x.strides(), x.offset()); }

Tensor zeros(DimSpan sizes, Dtype dtype) {
  Tensor t = empty(sizes, dtype);
  fill_zero(t);
  return t;
}

}  // namespace st
