// Convolutions whose kernel is one element, without stride or padding: products of matrices.
#pragma once
#include "kernels/conv_plan.h"

namespace st {

// The products of conv.h for a shape that is such, of one group; false, and nothing done, for others, and where the bias of many results of
// few channels is better added on the way.
template <class T> bool conv_pointwise(const ConvDirection<T>& d);
template <class T> bool conv_pointwise_weight(const ConvShape& s, const T* x, const T* y, T* w);

}  // namespace st
