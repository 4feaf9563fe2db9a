// The convolution's way to its kernel.
#include "kernels/conv.h"

#include "kernels/conv_plain.h"

namespace st {

void conv_output(const ConvShape& s, Dtype dtype, const void* x, const void* w, const void* bias, void* y) {
  plain_conv_output(s, dtype, x, w, bias, y);
}
void conv_input(const ConvShape& s, Dtype dtype, const void* y, const void* w, const void* bias, void* x) {
  plain_conv_input(s, dtype, y, w, bias, x);
}
void conv_weight(const ConvShape& s, Dtype dtype, const void* x, const void* y, void* w) { plain_conv_weight(s, dtype, x, y, w); }

}  // namespace st
