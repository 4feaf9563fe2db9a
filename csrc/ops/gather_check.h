// What gather and scatter ask of their arguments.
#pragma once
#include "ops/value.h"

namespace st {

// The index as the kernels want it: contiguous int64, at least one dimension. They look at its entries themselves.
Tensor checked_gather_index(const Tensor& x, int64_t dim, const Tensor& index);
Tensor checked_scatter_index(const Tensor& x, int64_t dim, const Tensor& index, const Tensor* src);
Tensor with_dimension(const Tensor& x);                        // 0-d as one dimension of size 1
Tensor beside(const Tensor& x, const Tensor& source);          // source, in memory of its own if it lies in x's
void check_slices(const Tensor& x, int64_t dim, const Tensor& source);  // of equal sizes but along dim; one may be 0-d
Tensor source_gradient(const Tensor& g, const Tensor& source);  // zeros for what of source no index named

}  // namespace st
