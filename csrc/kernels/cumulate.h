// Running sums, products and extremes along a dimension, and medians. Inputs of any layout, not half or complex.
#pragma once
#include "kernels/reduce.h"

namespace st {

Tensor running_sum(const Tensor& x, int64_t dim);   // floats are added in double, as PyTorch does
Tensor running_product(const Tensor& x, int64_t dim);
Extreme running_extreme(const Tensor& x, int64_t dim, bool largest);  // the last of equals, NaN before all
Extreme median(const Tensor& x, int64_t dim, bool keepdim, bool skip_nan);  // the lower of two; not for empty lines

}  // namespace st
