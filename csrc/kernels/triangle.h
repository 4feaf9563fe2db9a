// The triangles of matrices: copying one and zeroing the rest.
#pragma once
#include "core/tensor.h"

namespace st {

// y = x below (or above) a diagonal and on it, 0 elsewhere, in each matrix of the last two dimensions. Both row-major, of equal
// sizes and dtype; y may be x.
void copy_triangle(const Tensor& y, const Tensor& x, int64_t diagonal, bool upper);

}  // namespace st
