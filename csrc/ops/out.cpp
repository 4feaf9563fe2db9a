// Results written to out=.
#include "ops/out.h"

#include <unordered_map>

#include "core/error.h"
#include "graph/node.h"
#include "ops/check.h"
#include "ops/inplace.h"

namespace st {
namespace {

// Filled by static objects of other units.
std::unordered_map<const Row*, uint8_t>& rules() {
  static auto* map = new std::unordered_map<const Row*, uint8_t>;
  return *map;
}

}  // namespace

uint8_t out_rule(const Row& row) {
  const auto found = rules().find(&row);
  return static_cast<uint8_t>((found == rules().end() ? 0 : found->second) | (row.elementwise ? kOutCasts : 0));
}

void add_out_rule(const Row& row, OutRule rule) { rules()[&row] |= rule; }

void check_out(const Row& row, const Tensor& y, const Tensor& out, const Tensors& inputs) {
  if (grad_enabled() && (y.requires_grad() || out.requires_grad())) {
    runtime_error(row.name(), "(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.");
  }
  const uint8_t rule = out_rule(row);
  if (!(rule & kOutCasts) && y.dtype() != out.dtype()) {
    runtime_error("Expected out tensor to have dtype ", cpp_name(y.dtype()), ", but got ", cpp_name(out.dtype()), " instead");
  }
  if (!can_cast(y.dtype(), out.dtype())) {
    runtime_error("result type ", info(y.dtype()).scalar_type, " can't be cast to the desired output type ", info(out.dtype()).scalar_type);
  }
  check_inplace(out, false);
  for (const Tensor& x : inputs) {
    if (!x.defined()) continue;
    const bool same = x.impl() == out.impl() || (x->data == out->data && x.numel() && out.numel()), resized = !same_shape(y, out);
    if (same && (rule & kOutApart || resized)) refuse_overlap();
    if (rule & kOutApart && resized && x->storage == out->storage) refuse_overlap();  // where PyTorch would resize it, over the input
    if (row.elementwise || rule & kOutApart) refuse_partial_overlap(out, x);
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
}

}  // namespace st
