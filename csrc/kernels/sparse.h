// Products of sparse matrices, given entry by entry in any order, and dense ones; contiguous operands, threaded.
#pragma once
#include "core/tensor.h"

namespace st {

// y (count, width) where row to[e] has the sum of values[e] * x[from[e]]; entries add up in their order, whatever the threads.
Tensor sparse_product(const Tensor& values, const Tensor& x, const int64_t* to, const int64_t* from, int64_t count);
// The dot products of rows to[e] of a and from[e] of b, for n entries.
Tensor sparse_dots(const Tensor& a, const Tensor& b, const int64_t* to, const int64_t* from, int64_t n);

}  // namespace st
