// Adding gradients up, and putting them into .grad.
#pragma once
#include "graph/node.h"
#include "ops/value.h"

namespace st {

// a + b, into a's memory where nobody else holds it.
Tensor add_grads(Tensor a, Tensor b, bool create_graph);

// The gradient that `from` gave to its input `index`, summed and cast so that it fits a tensor of these sizes and dtype;
// differentiable while ops are recorded.
inline bool fits(const Tensor& g, DimSpan sizes, Dtype dtype) { return g.dtype() == dtype && equal(g.sizes(), sizes); }
Tensor fit(Tensor g, DimSpan sizes, Dtype dtype, const Node& from, int index);

void accumulate_grad(TensorImpl* x, Tensor g, bool create_graph);  // x.grad += g

}  // namespace st
