// Convolutions as plain loops, for the types that have no faster ones.
#pragma once
#include "kernels/conv.h"

namespace st {

void plain_conv_output(const ConvShape& s, Dtype dtype, const void* x, const void* w, const void* bias, void* y);
void plain_conv_input(const ConvShape& s, Dtype dtype, const void* y, const void* w, const void* bias, void* x);
void plain_conv_weight(const ConvShape& s, Dtype dtype, const void* x, const void* y, void* w);

}  // namespace st
