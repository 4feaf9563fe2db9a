// Convolution, the gradient by its input and the gradient by its weight: three records that are each other's derivatives.
#include "ops/conv.h"

#include "kernels/conv.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

ConvShape shape_of(DimSpan x, DimSpan w, DimSpan y, const Dims& stride, const Dims& padding, const Dims& dilation, int64_t groups) {
  ConvShape s{x[0], groups, w[1], w[0] / groups, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {1, 1, 1}};
  const int n = stride.size();
  for (int i = 0; i < n; ++i) {
    const int d = 3 - n + i;
    s.x[d] = x[2 + i];
    s.k[d] = w[2 + i];
    s.y[d] = y[2 + i];
    s.stride[d] = stride[i];
    s.pad[d] = padding[i];
    s.dilation[d] = dilation[i];
  }
  return s;
}

const void* memory(const Tensor& t) { return t.defined() ? t->data : nullptr; }
Tensor ready(const Tensor& t) { return t.defined() ? contiguous_copy(widened(t)) : t; }
Tensor channel_sums(const Tensor& g) {
  Dims dims{0};
  for (int i = 2; i < g.dim(); ++i) dims.push_back(i);
  return sum(g, dims, false);
}

struct Output {
  static constexpr OpInfo info{.sig = "_conv(Tensor input, Tensor weight, Tensor? bias, int[] sizes, int[] stride, int[] padding, int[] dilation, "
                                      "int groups) -> Tensor",
                               .doc = "Convolution with a result of the given sizes.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "ConvolutionBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& w, const Tensor& bias, const Dims& sizes, const Dims& stride, const Dims& padding,
                    const Dims& dilation, int64_t groups) {
    const Tensor a = ready(x), b = ready(w), c = ready(bias), y = empty(sizes, a.dtype());
    conv_output(shape_of(x.sizes(), w.sizes(), sizes, stride, padding, dilation, groups), y.dtype(), a->data, b->data, memory(c), y->data);
    return narrowed(y, x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& w, const Tensor& bias, const Dims&, const Dims& stride, const Dims& padding,
                  const Dims& dilation, int64_t groups) {
    const ConvSteps steps{stride, padding, dilation, {}};
    if (d.needs(0)) d.set(0, conv_backward_input(d.g(), w, {}, x.sizes(), steps, groups));
    if (d.needs(1)) d.set(1, conv_backward_weight(x, d.g(), w.sizes(), steps, groups));
    if (bias.defined() && d.needs(2)) d.set(2, channel_sums(d.g()));
  }
};

struct Input {
  static constexpr OpInfo info{.sig = "_conv_input(Tensor grad, Tensor weight, Tensor? bias, int[] sizes, int[] stride, int[] padding, "
                                      "int[] dilation, int groups) -> Tensor",
                               .doc = "Transposed convolution with a result of the given sizes: the gradient by a convolution's input.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "ConvolutionBackward0"};
  static Tensor fwd(const Tensor& y, const Tensor& w, const Tensor& bias, const Dims& sizes, const Dims& stride, const Dims& padding,
                    const Dims& dilation, int64_t groups) {
    const Tensor a = ready(y), b = ready(w), c = ready(bias), x = empty(sizes, a.dtype());
    conv_input(shape_of(sizes, w.sizes(), y.sizes(), stride, padding, dilation, groups), x.dtype(), a->data, b->data, memory(c), x->data);
    return narrowed(x, y.dtype());
  }
  static void vjp(Grads& d, const Tensor& y, const Tensor& w, const Tensor& bias, const Dims&, const Dims& stride, const Dims& padding,
                  const Dims& dilation, int64_t groups) {
    const ConvSteps steps{stride, padding, dilation, {}};
    if (d.needs(0)) d.set(0, conv_forward(d.g(), w, {}, y.sizes(), steps, groups));
    if (d.needs(1)) d.set(1, conv_backward_weight(d.g(), y, w.sizes(), steps, groups));
    if (bias.defined() && d.needs(2)) d.set(2, channel_sums(d.g()));
  }
};

struct Weight {
  static constexpr OpInfo info{.sig = "_conv_weight(Tensor input, Tensor grad, int[] sizes, int[] stride, int[] padding, int[] dilation, "
                                      "int groups) -> Tensor",
                               .doc = "The gradient by a convolution's weight, whose sizes are given.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "ConvolutionBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& y, const Dims& sizes, const Dims& stride, const Dims& padding, const Dims& dilation,
                    int64_t groups) {
    const Tensor a = ready(x), b = ready(y), w = empty(sizes, a.dtype());
    conv_weight(shape_of(x.sizes(), sizes, y.sizes(), stride, padding, dilation, groups), w.dtype(), a->data, b->data, w->data);
    return narrowed(w, x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& y, const Dims&, const Dims& stride, const Dims& padding, const Dims& dilation,
                  int64_t groups) {
    const ConvSteps steps{stride, padding, dilation, {}};
    if (d.needs(0)) d.set(0, conv_backward_input(y, d.g(), {}, x.sizes(), steps, groups));
    if (d.needs(1)) d.set(1, conv_forward(x, d.g(), {}, y.sizes(), steps, groups));
  }
};

const Register<Output, Input, Weight> registered;

}  // namespace

Tensor conv_forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& sizes, const ConvSteps& steps, int64_t groups) {
  return call_op<Output>(x, weight, bias, sizes, steps.stride, steps.padding, steps.dilation, groups);
}
Tensor conv_backward_input(const Tensor& y, const Tensor& weight, const Tensor& bias, const Dims& sizes, const ConvSteps& steps, int64_t groups) {
  return call_op<Input>(y, weight, bias, sizes, steps.stride, steps.padding, steps.dilation, groups);
}
Tensor conv_backward_weight(const Tensor& x, const Tensor& y, const Dims& sizes, const ConvSteps& steps, int64_t groups) {
  return call_op<Weight>(x, y, sizes, steps.stride, steps.padding, steps.dilation, groups);
}

}  // namespace st
