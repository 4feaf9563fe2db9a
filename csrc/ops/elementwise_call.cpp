// Calling and recording elementwise ops: one path for all of them.
#include "ops/elementwise_call.h"

#include <algorithm>

#include "kernels/layout.h"
#include "ops/check.h"
#include "ops/complex.h"
#include "ops/elementwise_quick.h"
#include "ops/inplace.h"
#include "ops/out.h"

namespace st {
namespace {

bool wants_grad(const Row& row, const Operand* x) {
  for (int i = 0; i < row.n_inputs; ++i) {
    if (x[i].t && x[i].t->requires_grad()) return true;
  }
  return false;
}

// A node of this scope, until it is given away.
struct NewNode {
  Node* node;
  ~NewNode() { if (node) release(node); }
  Node* give() { return std::exchange(node, nullptr); }
};

// The node of a call; y is set as its output by the caller, and saved there when the record says so.
Node* record(const Row& row, const Operand* x, const double* params) {
  uint8_t saves = 0;
  const int n = row.n_inputs;
  NewNode made{make_small_node(&row, n)};
  Node* node = made.node;
  for (int i = 0; i < n; ++i) {
    if (!x[i].t || !(row.info.grads >> i & 1)) continue;
    connect(node, i, *x[i].t);
    if (node->inline_edges[i]) saves |= row.info.saves[i];
  }
  if (saves) {
    reserve_saved(node, n + 1);
    for (int i = 0; i < n; ++i) {
      if (!(saves >> i & 1)) continue;
      if (x[i].t) {
        save_input(node, i, *x[i].t);
      } else if (x[i].s.kind == Scalar::Complex) {
        save_input(node, i, wrap_number(x[i].s, Dtype::Complex128));
      } else {
        node->saved[i].kind = Saved::Number;
        node->saved[i].number = x[i].s.to_double();
      }
    }
  }
  for (int i = 0; i < row.n_params; ++i) node->params[i] = params[i];
  finish(node);
  return made.give();
}

bool saves_output(const Row& row, const Operand* x) {
  for (int i = 0; i < row.n_inputs; ++i) {
    if (x[i].t && (row.info.saves[i] & Y) && x[i].t->requires_grad()) return true;
  }
  return false;
}

}  // namespace

Tensor tensor_zero(const Tensor& g) { return zeros(g.sizes(), g.dtype()); }
Tensor tensor_real(const Tensor& x) { return real_part(x); }

Tensor call_elementwise(const Row& row, const Operand* x, const double* params) {
  if (row.redirect) {
    double numbers[Node::kParams] = {};
    if (const Row* other = row.redirect(x, numbers)) return call_elementwise(*other, x, numbers);
  }
  QuickCall q;
  const bool quick = look(q, row, x);
  if (!quick && row.of_complex && x[0].t && is_complex(x[0].t->dtype())) return row.of_complex(*x[0].t);
  Tensor y = quick ? run_quick(q, row, x, params) : compute_new(row, types_of(row, x), x, params);
  if ((quick ? q.wants_grad : wants_grad(row, x)) && row.differentiable && grad_enabled() && differentiable(y.dtype())) {
    Node* node = record(row, x, params);
    if (node->n_saved && saves_output(row, x)) save_output(node, row.n_inputs, y);
    set_first_output(node, y);
  }
  return y;
}

Tensor call_on_number(const Row& row, const Tensor& x, const double* params) {
  if (x.dtype() != Dtype::Float64) {
    const Operand operand(x);
    return call_elementwise(row, &operand, params);
  }
  const Tensor plain = zeros({}, Dtype::Float64);
  *plain.data<double>() = *x.data<double>();
  const Operand operand(plain);
  const Tensor y = call_elementwise(row, &operand, params);
  return y.dtype() == Dtype::Float64 ? wrap_number(Scalar(*y.data<double>()), Dtype::Float64) : y;
}

void call_elementwise_inplace(const Row& row, const Operand* x, const double* params) {
  if (row.redirect) {
    double numbers[Node::kParams] = {};
    if (const Row* other = row.redirect(x, numbers)) return call_elementwise_inplace(*other, x, numbers);
  }
  if (write_quick(row, x, params)) return;
  const Tensor& self = *x[0].t;
  const Types types = types_of(row, x);
  if (!can_cast(types.result, self.dtype())) {
    runtime_error("result type ", info(types.result).scalar_type, " can't be cast to the desired output type ", info(self.dtype()).scalar_type);
  }
  // The usual small write: contiguous tensors of self's shape, or one element, and no history to rewrite.
  const bool quiet = !grad_enabled();
  if (self.is_contiguous() && !self->has(kInference) && self.numel() <= kTile && self.dtype() == types.result && (quiet || (!self.requires_grad() && !self->base))) {
    bool simple = true;
    for (int i = 1; i < row.n_inputs && simple; ++i) {
      const Tensor* t = x[i].t;
      simple = !t || ((quiet || !t->requires_grad()) && t->is_contiguous() && (t->impl() == self.impl() || (*t)->storage != self->storage) &&
                      (t->dim() == 0 || same_shape(*t, self)));
    }
    if (simple && small_call(row, computed_in(types.common), types.common, x, params, self->data, self.numel())) {
      self.bump();
      return;
    }
  }
  const Dims sizes = broadcast_sizes(row, x);
  if (!equal(sizes, self.sizes())) {
    runtime_error("output with shape ", self.sizes(), " doesn't match the broadcast shape ", DimSpan(sizes));
  }
  for (int i = 1; i < row.n_inputs; ++i) if (x[i].t) refuse_partial_overlap(self, *x[i].t);
  const bool recorded = row.differentiable && grad_enabled() && wants_grad(row, x);
  check_inplace(self, recorded);
  Operand y[kMaxInputs];
  for (int i = 0; i < row.n_inputs; ++i) y[i] = x[i];
  NewNode made{nullptr};
  Tensor before;
  if (recorded) {
    // What backward needs of the value before the write is a copy with the same history; saving self itself would be a cycle.
    bool needs_before = false;
    for (int i = 0; i < row.n_inputs; ++i) {
      needs_before |= (i > 0 && x[i].t && x[i].t->impl() == self.impl()) || (x[i].t && x[i].t->requires_grad() && (row.info.saves[i] & X0));
    }
    if (needs_before) {
      before = before_write(self, true);
      for (int i = 0; i < row.n_inputs; ++i) if (x[i].t && x[i].t->impl() == self.impl()) y[i].t = &before;
    }
    made.node = record(row, y, params);
  }
  Tensor copies[kMaxInputs];
  for (int i = 1; i < row.n_inputs; ++i) {
    if (x[i].t && overlaps_partly(self, *x[i].t)) y[i].t = &(copies[i] = contiguous_copy(*x[i].t, true));
  }
  compute(row, types, y, params, self);
  self.bump();
  if (Node* node = made.give()) {
    rebase(self, node, [&](const Tensor& result) {
      if (node->n_saved && saves_output(row, x)) save_output(node, row.n_inputs, result);
    });
  }
}

namespace {

void check_alpha(const Scalar& alpha, Dtype type) {
  if (alpha.kind == Scalar::Bool && type != Dtype::Bool) runtime_error("Boolean alpha only supported for Boolean results.");
  if (alpha.kind == Scalar::Float && !differentiable(type)) {
    runtime_error("For integral input tensors, argument alpha must not be a floating point number.");
  }
  if (alpha.kind == Scalar::Complex && !is_complex(type)) {
    runtime_error("For non-complex input tensors, argument alpha must not be a complex number.");
  }
}

void unpack(const Row& row, const Argument* args, Operand* x, double* params) {
  for (int i = 0; i < row.n_inputs; ++i) x[i] = Unpack<Operand>::from(args[i]);
  for (int i = 0; i < row.n_params; ++i) params[i] = args[row.n_inputs + i].number.to_double();
  if (!row.info.alpha) return;
  const Scalar& alpha = args[row.n_inputs].number;
  if (alpha.kind != Scalar::Int) check_alpha(alpha, types_of(row, x).common);
}

}  // namespace

Tensor run_elementwise(const Row& row, const Argument* args) {
  Operand x[kMaxInputs];
  double params[Node::kParams];
  unpack(row, args, x, params);
  return call_elementwise(row, x, params);
}

bool run_elementwise_into(const Row& row, const Argument* args, const Tensor& out) {
  Operand x[kMaxInputs];
  double params[Node::kParams];
  unpack(row, args, x, params);
  const Row* found = &row;
  double numbers[Node::kParams] = {};
  if (row.redirect) {
    if (const Row* other = row.redirect(x, numbers)) {
      found = other;
      std::copy_n(numbers, Node::kParams, params);
    }
  }
  if (grad_enabled() && (out.requires_grad() || wants_grad(*found, x))) return false;
  for (int i = 0; i < found->n_inputs; ++i) if (x[i].t && ((*x[i].t)->storage == out->storage || (found->of_complex && is_complex(x[i].t->dtype())))) return false;
  const Types types = types_of(*found, x);
  if (types.result != out.dtype() || !equal(broadcast_sizes(*found, x), out.sizes())) return false;
  check_inplace(out, false);
  compute(*found, types, x, params, out);
  out.bump();
  return true;
}

void run_elementwise_inplace(const Row& row, const Argument* args) {
  Operand x[kMaxInputs];
  double params[Node::kParams];
  unpack(row, args, x, params);
  call_elementwise_inplace(row, x, params);
}

}  // namespace st
