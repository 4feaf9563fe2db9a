// Convolutions of float32 and float64.
#pragma once
#include "kernels/conv.h"

namespace st {

template <class T> void float_conv_output(const ConvShape& s, const T* x, const T* w, const T* bias, T* y);
template <class T> void float_conv_input(const ConvShape& s, const T* y, const T* w, const T* bias, T* x);
template <class T> void float_conv_weight(const ConvShape& s, const T* x, const T* y, T* w);

}  // namespace st
