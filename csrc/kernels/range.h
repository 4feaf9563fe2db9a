// Evenly spaced numbers. The roundings are those of PyTorch's vector loops, which its users see in the last printed digit.
#pragma once
#include "core/tensor.h"

namespace st {

// Into contiguous tensors of a real dtype; n is their number of elements.
void fill_arange(const Tensor& y, const Scalar& start, const Scalar& step);
void fill_linspace(const Tensor& y, const Scalar& start, const Scalar& end);
void fill_logspace(const Tensor& y, const Scalar& start, const Scalar& end, double base);

}  // namespace st
