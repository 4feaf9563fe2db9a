// Convolutions over raw memory: the output, and the two products that are its gradients; threaded by parallel_for.
#pragma once
#include <cstdint>

#include "core/dtype.h"

namespace st {

// Note [Geometry of a convolution]
// x (n, groups * ci, x...), w (groups * co, ci, k...) and y (n, groups * co, y...), contiguous, over three spatial dimensions, of which those
// that a shape lacks come first and have size 1. They are tied by
//   y[o] pairs with x[o * stride + tap * dilation - pad] through w[tap], for every o inside y; what lies outside x is 0.
// Nothing else is asked of the sizes. Output, gradient by x and gradient by w are the three ways to sum the same products, so that each is
// the derivative of the other two, and the output of a transposed convolution is the gradient by x.
struct ConvShape {
  int64_t n, groups, ci, co;
  int64_t x[3], y[3], k[3], stride[3], pad[3], dilation[3];
  int64_t x_plane() const { return x[0] * x[1] * x[2]; }
  int64_t y_plane() const { return y[0] * y[1] * y[2]; }
  int64_t taps() const { return k[0] * k[1] * k[2]; }
};

// y = conv(x, w) + bias[channel of y]; bias may be null. Of float32, float64 and integers, which wrap.
void conv_output(const ConvShape& s, Dtype dtype, const void* x, const void* w, const void* bias, void* y);
// x = sum over what each element of it went into, + bias[channel of x].
void conv_input(const ConvShape& s, Dtype dtype, const void* y, const void* w, const void* bias, void* x);
// w, likewise.
void conv_weight(const ConvShape& s, Dtype dtype, const void* x, const void* y, void* w);

}  // namespace st
