// Gradients that meet: fitted to what they belong to, added, and put into .grad.
#include "engine/accumulate.h"

#include "kernels/layout.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/sparse.h"

namespace st {

Tensor add_grads(Tensor a, Tensor b, bool create_graph) {
  if (is_sparse(a.impl()) || is_sparse(b.impl())) [[unlikely]] return sparse_support.sum(a, b, false);
  // Nobody else holds the sum so far: add into it.
  if (!create_graph && a.is_alone() && a->storage->refs.load(std::memory_order_relaxed) == 1 && a.is_contiguous() && a.dtype() == b.dtype()) {
    Operand operands[] = {Operand(a), Operand(b)};
    call_elementwise_inplace(RowOf<Add>::row, operands, nullptr);
    return a;
  }
  return a + b;
}

Tensor fit(Tensor g, DimSpan sizes, Dtype dtype, const Node& from, int index) {
  if (!equal(g.sizes(), sizes)) {
    const bool fits = g.dim() >= static_cast<int>(sizes.size());
    bool ok = fits;
    for (size_t i = 0; ok && i < sizes.size(); ++i) {
      const int64_t have = g.size(g.dim() - static_cast<int>(sizes.size()) + static_cast<int>(i));
      ok = sizes[i] == have || sizes[i] == 1;
    }
    if (!ok) {
      runtime_error("Function ", from.type->name, " returned an invalid gradient at index ", index, " - got ", g.sizes(),
                    " but expected shape compatible with ", sizes);
    }
    g = sum_to_size(g, sizes);
  }
  if (is_complex(g.dtype()) && !is_complex(dtype)) g = real_part(g);
  if (g.dtype() != dtype) g = to_dtype(g, dtype);
  return g;
}

void accumulate_grad(TensorImpl* leaf, Tensor g, bool create_graph) {
  if (is_sparse(g.impl()) || (leaf->grad && is_sparse(leaf->grad))) [[unlikely]] {
    const GradMode mode(create_graph);
    if (leaf->grad) g = sparse_support.sum(Tensor::share(leaf->grad), g, !create_graph);
    else if (!g.is_alone()) g = sparse_support.copy(g);  // the next gradient is added in place
    if (TensorImpl* const before = std::exchange(leaf->grad, g.leak())) release(before);
    return;
  }
  if (!leaf->grad) {
    // Take it over when nobody else has it; otherwise its later owner would write into another's memory.
    const bool own = !create_graph && g.is_alone() && g->storage->refs.load(std::memory_order_relaxed) == 1 && !g->base && g.is_contiguous() && !g->has(kWrappedNumber);
    if (own) {
      if (g->grad_fn) g = detach(g);
    } else if (create_graph) {
      g = clone(g);
    } else {
      g = contiguous_copy(g, true);
    }
    leaf->grad = g.leak();
    return;
  }
  const Tensor before = Tensor::share(leaf->grad);
  if (create_graph) {
    Tensor sum = before + g;
    release(std::exchange(leaf->grad, sum.leak()));
    return;
  }
  GradMode off(false);
  Operand operands[] = {Operand(before), Operand(g)};
  call_elementwise_inplace(RowOf<Add>::row, operands, nullptr);
}

}  // namespace st
