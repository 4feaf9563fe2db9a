// Convolutions as recorded ops with stated output sizes, and the checks of what Python passes.
#pragma once
#include "ops/call.h"

namespace st {

// Of as many entries as there are spatial dimensions.
struct ConvSteps {
  Dims stride, padding, dilation, output_padding;
};

// PyTorch's errors, and the lists widened to the number of spatial dimensions.
ConvSteps check_conv(const Tensor& x, const Tensor& weight, const Tensor& bias, ConvSteps steps, bool transposed, int64_t groups);
// Sizes of the result, (N, C, ...).
Dims conv_sizes(const Tensor& x, const Tensor& weight, const ConvSteps& steps, bool transposed, int64_t groups);
// Element types: x's and the weight's are equal, and the kernel has them.
void check_conv_types(const Tensor& x, const Tensor& weight, const Tensor& bias, bool transposed);

// Note [Convolutions are a closed family]
// A convolution and its gradients by input and weight sum the same products (Note [Geometry of a convolution] in kernels/conv.h): each
// is recorded, and the derivatives of each are the other two. `sizes` are those of the result, all of them.
Tensor conv_forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& sizes, const ConvSteps& steps, int64_t groups);
// (N, C of x, ...) from y's side; with a bias, the transposed convolution.
Tensor conv_backward_input(const Tensor& y, const Tensor& weight, const Tensor& bias, const Dims& sizes, const ConvSteps& steps, int64_t groups);

}  // namespace st
