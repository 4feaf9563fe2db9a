// Convolutions with 3 x 3 kernels by Winograd's transforms; see Note [Winograd's transforms].
#pragma once
#include "kernels/conv.h"

namespace st {

// The three products of conv.h where the shape is one for which transforms pay and results are finite; else false, and nothing is said
// of what the result holds.
bool winograd_output(const ConvShape& s, const float* x, const float* w, const float* bias, float* y);
bool winograd_input(const ConvShape& s, const float* y, const float* w, const float* bias, float* x);
bool winograd_weight(const ConvShape& s, const float* x, const float* y, float* w);

}  // namespace st
