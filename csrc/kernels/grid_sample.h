// Sampling planes and volumes at places between their elements, with the gradients of both; threaded.
#pragma once
#include "core/tensor.h"
#include "kernels/grid_sample_table.h"

namespace st {

// All contiguous and of one type, float32 or float64: x (N, C, sizes...), grid (N, P, dims) with the last dimension's numbers first,
// y and g (N, C, P).
void grid_sample(const Tensor& y, const Tensor& x, const Tensor& grid, const Sampling& how);
// The gradients that are defined, of the shapes of x and grid.
void grid_sample_backward(const Tensor& dx, const Tensor& dgrid, const Tensor& g, const Tensor& x, const Tensor& grid, const Sampling& how);

}  // namespace st
