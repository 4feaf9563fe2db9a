// Where the elements lie that index tensors name: the part that reading x[indices] and writing it share.
#pragma once
#include "kernels/blocks.h"
#include "ops/value.h"

namespace st {

struct IndexPlan {
  Dims sizes;      // of x[indices]
  Tensor offsets;  // what blocks.offsets points to
  Blocks blocks;
};

// Undefined entries keep their dimension. Masks stand for the indices of their true elements. When index tensors are separated by kept
// dimensions, the indexed part comes first in the result, as in numpy. IndexErrors as PyTorch.
IndexPlan plan_index(const Tensor& x, const Tensors& indices);

// The blocks of x along one dimension, at the places that the vector `index` names; 0-d tensors have one dimension of size 1.
Blocks blocks_along(const Tensor& x, int64_t dim, const Tensor& offsets);

Blocks blocks_of_elements(const Tensor& offsets);   // single elements, at those offsets

Tensor index64(const Tensor& index);              // contiguous, int64
Tensor index64(DimSpan numbers);                  // a vector of them
Tensors nonzero_columns(const Tensor& mask);      // for each dimension the index of every nonzero element
bool is_mask_type(Dtype d);

}  // namespace st
