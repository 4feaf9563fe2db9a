// Softmax along a dimension of contiguous tensors, logsumexp, and the rows of cross entropy; threaded. float32 and float64, but where told.
#pragma once
#include "kernels/reduce.h"

namespace st {

// Of any floating-point type.
Tensor softmax_forward(const Tensor& x, int64_t dim, bool logarithm);
Tensor softmax_backward(const Tensor& y, const Tensor& g, int64_t dim, bool logarithm);

// log(sum(exp(x))) over the dimensions in mask of a tensor of any layout that has elements.
Tensor log_sum_exp(const Tensor& x, DimMask mask, bool keepdim);

// x (rows, n). The result (rows, 2) holds each row's largest element and the logarithm of the sum of exp(x - largest).
Tensor softmax_stats(const Tensor& x);
// scale[row] * (softmax(x) - 1 at target[row]), where scale is 0: zero. target int64, scale of x's type, both (rows).
Tensor cross_entropy_gradient(const Tensor& x, const Tensor& stats, const Tensor& target, const Tensor& scale);

}  // namespace st
