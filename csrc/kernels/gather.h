// Element by element along one dimension, as an index tensor of the values' shape says.
#pragma once
#include "core/tensor.h"

namespace st {

enum class Combine : uint8_t { Replace, Add, Multiply, Max, Min };

// Entries of index count along dimension `dim`, of `size` elements; one outside is PyTorch's RuntimeError.
void check_range(const Tensor& index, int64_t dim, int64_t size);  // index is contiguous int64

// Both look at every entry of index on the way, and stop with check_range's error at a wrong one, where what was written before it
// stays written.
// index is contiguous int64; x has as many dimensions. y is contiguous, of index's shape.
void gather_along(const Tensor& y, const Tensor& x, int64_t dim, const Tensor& index);
// x[index] = combine(x[index], source) for every element of index, in order. source has x's dtype and at least index's sizes, or is
// one element for all (0-d).
void scatter_along(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Combine combine);

}  // namespace st
