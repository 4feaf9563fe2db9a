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
Tensor channel_sums(const Tensor& g) {
  Dims dims{0};
  for (int i = 2; i < g.dim(); ++i) dims.push_back(i);
  return sum(g, dims, false);
}

// The input, the weight and the output of a convolution: of any two, a record makes what takes the third one's place.
enum Side { kX, kW, kY };
constexpr Side kFirst[] = {kY, kX, kX}, kSecond[] = {kW, kY, kW};  // the operands of the record that makes a side

#define STEEPEST_CONV_SIG(name, a, b) \
  name "(Tensor " a ", Tensor " b ", Tensor? bias, int[] sizes, int[] stride, int[] padding, int[] dilation, int groups) -> Tensor"
constexpr const char* kSigs[] = {STEEPEST_CONV_SIG("_conv_input", "grad", "weight"), STEEPEST_CONV_SIG("_conv_weight", "input", "grad"),
                                 STEEPEST_CONV_SIG("_conv", "input", "weight")};
constexpr const char* kDocs[] = {"Transposed convolution with a result of the given sizes: the gradient by a convolution's input.",
                                 "The gradient by a convolution's weight, whose sizes are given; without a bias.", "Convolution with a result of the given sizes."};

template <Side kResult>
struct Conv {
  static constexpr OpInfo info{.sig = kSigs[kResult], .doc = kDocs[kResult], .saves = {X1, X0}, .where = 0, .grad_name = "ConvolutionBackward0"};
  static constexpr Side kA = kFirst[kResult], kB = kSecond[kResult];

  static Tensor fwd(const Tensor& a, const Tensor& b, const Tensor& bias, const Dims& sizes, const Dims& stride, const Dims& padding,
                    const Dims& dilation, int64_t groups) {
    const Tensor added = ready(bias);
    Tensor side[3];
    side[kA] = ready(a);
    side[kB] = ready(b);
    const Tensor& made = side[kResult] = empty(sizes, side[kA].dtype());
    const auto& [x, w, y] = side;
    const ConvShape s = shape_of(x.sizes(), w.sizes(), y.sizes(), stride, padding, dilation, groups);
    if constexpr (kResult == kY) conv_output(s, made.dtype(), x->data, w->data, memory(added), y->data);
    else if constexpr (kResult == kX) conv_input(s, made.dtype(), y->data, w->data, memory(added), x->data);
    else conv_weight(s, made.dtype(), x->data, y->data, w->data);
    return narrowed(made, a.dtype());
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b, const Tensor& bias, const Dims&, const Dims& stride, const Dims& padding,
                  const Dims& dilation, int64_t groups) {
    const ConvSteps steps{stride, padding, dilation, {}};
    if (d.needs(0)) d.set(0, gradient<kA>(d.g(), b, a.sizes(), steps, groups));
    if (d.needs(1)) d.set(1, gradient<kB>(d.g(), a, b.sizes(), steps, groups));
    if (bias.defined() && d.needs(2)) d.set(2, channel_sums(d.g()));
  }

 private:
  // Of the operand that was side kOf, where g stands for the result.
  template <Side kOf>
  static Tensor gradient(const Tensor& g, const Tensor& other, const Dims& sizes, const ConvSteps& s, int64_t groups) {
    constexpr bool kLeads = kFirst[kOf] == kResult;
    return call_op<Conv<kOf>>(kLeads ? g : other, kLeads ? other : g, Tensor(), sizes, s.stride, s.padding, s.dilation, groups);
  }
};

const Register<Conv<kY>, Conv<kX>, Conv<kW>> registered;

}  // namespace

Tensor conv_forward(const Tensor& x, const Tensor& weight, const Tensor& bias, const Dims& sizes, const ConvSteps& steps, int64_t groups) {
  return call_op<Conv<kY>>(x, weight, bias, sizes, steps.stride, steps.padding, steps.dilation, groups);
}
Tensor conv_backward_input(const Tensor& y, const Tensor& weight, const Tensor& bias, const Dims& sizes, const ConvSteps& steps, int64_t groups) {
  return call_op<Conv<kX>>(y, weight, bias, sizes, steps.stride, steps.padding, steps.dilation, groups);
}

}  // namespace st
