// Convolutions with 3 x 3 kernels by Winograd's transforms; see Note [Winograd's transforms].
#pragma once
#include "kernels/conv_plan.h"

namespace st {

// The products of conv.h where the shape is one for which transforms pay and results are finite; else false, and nothing is said of what the
// result holds.
bool conv_winograd(const ConvDirection<float>& d);
bool conv_winograd_weight(const ConvShape& s, const float* x, const float* y, float* w);

}  // namespace st
