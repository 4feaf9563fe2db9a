// Convolutions whose kernel is one element, without stride or padding: products of matrices.
#pragma once
#include "kernels/conv.h"

namespace st {

// The three products of conv.h for a shape that is such, of one group; false, and nothing done, for others, and where the bias of many
// results of few channels is better added on the way.
template <class T> bool pointwise_output(const ConvShape& s, const T* x, const T* w, const T* bias, T* y);
template <class T> bool pointwise_input(const ConvShape& s, const T* y, const T* w, const T* bias, T* x);
template <class T> bool pointwise_weight(const ConvShape& s, const T* x, const T* y, T* w);

}  // namespace st
