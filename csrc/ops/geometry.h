// Questions about sizes and dimension lists that the shape ops share.
#pragma once
#include "core/tensor.h"
#include "ops/value.h"

namespace st {

Dims infer_sizes(DimSpan given, int64_t numel);       // with -1 worked out; PyTorch's errors where they do not fit
void fit_sizes(int64_t* sizes, DimSpan given, int64_t numel);  // the same, written to `sizes`
Dims wrap_dims(DimSpan dims, int64_t ndim);           // all in [0, ndim), none twice
Dims broadcast(DimSpan a, DimSpan b);                 // PyTorch's error where they do not go together
// How many elements lie from the first to behind the last; 0 where there are none; nothing where that is no int64, or a size or stride is negative.
std::optional<int64_t> reach(DimSpan sizes, DimSpan strides);
Dtype common_dtype(const Tensors& list);              // what tensors with dimensions promote to
Tensor diagonal_of(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2);  // alias, without graph

}  // namespace st
