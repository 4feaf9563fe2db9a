// The convolution's way to its kernels: floats by tiles of registers, the rest by plain loops.
#include "kernels/conv.h"

#include "kernels/conv_float.h"
#include "kernels/conv_plain.h"

namespace st {
namespace {

template <class T> const T* as(const void* p) { return static_cast<const T*>(p); }

}  // namespace

void conv_output(const ConvShape& s, Dtype dtype, const void* x, const void* w, const void* bias, void* y) {
  if (!is_floating(dtype)) return plain_conv_output(s, dtype, x, w, bias, y);
  visit_float(dtype, [&]<class T>() { float_conv_output(s, as<T>(x), as<T>(w), as<T>(bias), static_cast<T*>(y)); });
}
void conv_input(const ConvShape& s, Dtype dtype, const void* y, const void* w, const void* bias, void* x) {
  if (!is_floating(dtype)) return plain_conv_input(s, dtype, y, w, bias, x);
  visit_float(dtype, [&]<class T>() { float_conv_input(s, as<T>(y), as<T>(w), as<T>(bias), static_cast<T*>(x)); });
}
void conv_weight(const ConvShape& s, Dtype dtype, const void* x, const void* y, void* w) {
  if (!is_floating(dtype)) return plain_conv_weight(s, dtype, x, y, w);
  visit_float(dtype, [&]<class T>() { float_conv_weight(s, as<T>(x), as<T>(y), static_cast<T*>(w)); });
}

}  // namespace st
