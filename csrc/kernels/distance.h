// Distances between all pairs of two lists of vectors, in the p-norm; contiguous float32 and float64, threaded.
#pragma once
#include "core/tensor.h"

namespace st {

// a (batch, p, m) and b (batch, r, m), with any sizes before: d (batch, p, r).
Tensor pair_distances(const Tensor& a, const Tensor& b, double p);
// x (n, m): the distances of rows i < j, row by row.
Tensor distances_within(const Tensor& x, double p);
// Of a: the sum over the pairs of g times the gradient of d. `swapped`: d and g are (batch, r, p).
Tensor pair_distances_backward(const Tensor& g, const Tensor& a, const Tensor& b, double p, const Tensor& d, bool swapped);
// The roots of contiguous numbers, in place, negative ones taken for 0.
void take_roots(const Tensor& d);

}  // namespace st
