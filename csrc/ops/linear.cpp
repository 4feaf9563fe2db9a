// The products behind layers: linear, whose weight is read transposed and whose bias is added in one pass, and bilinear.
#include "ops/call.h"
#include "ops/product.h"

namespace st {
namespace {

Form form_of(const Tensor& x) { return x.dim() == 1 ? Form::Row : Form::Matrix; }

Dims output_sizes(const Tensor& x, const Tensor& weight) {
  Dims sizes = x.sizes();
  sizes.back() = weight->sizes[0];
  return sizes;
}

void check_inner(const Tensor& x, const Tensor& weight) {
  const int64_t k = x.size(-1);
  if (k == weight.size(1)) return;
  int64_t rows = 1;
  for (int i = 0; i + 1 < x.dim(); ++i) rows *= x.size(i);
  inner_sizes_differ(rows, k, weight.size(1), weight.size(0));
}

// Bias first, the order in which addmm has its inputs.
struct LinearBias {
  static constexpr OpInfo info{.sig = "_linear_bias(Tensor bias, Tensor input, Tensor weight) -> Tensor",
                               .doc = "linear() of a matrix, with a bias.",
                               .saves = {0, X2, X1},
                               .where = 0,
                               .grad_name = "AddmmBackward0"};
  static Tensor fwd(const Tensor& bias, const Tensor& x, const Tensor& weight) {
    check_inner(x, weight);
    if (bias.dtype() != x.dtype() || weight.dtype() != x.dtype()) wrong_types(bias, x, weight);
    check_multiplies(x.dtype(), "addmm_impl_cpu_");
    const Dims sizes = output_sizes(x, weight);
    if (bias.dim() != 1 || bias->sizes[0] != sizes.back()) check_bias(bias, x, sizes);
    return multiply_add(bias, Scalar(1), Scalar(1), x, form_of(x), weight, Form::Transposed, form_of(x), sizes);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& x, const Tensor& weight) {
    if (d.needs(0)) d.set(0, d.g());
    product_vjp(d, 1, x, form_of(x), weight, Form::Transposed, form_of(x));
  }

 private:
  [[noreturn]] static void wrong_types(const Tensor& bias, const Tensor& x, const Tensor& weight) {
    const auto name = [](const Tensor& t) { return st::info(t.dtype()).scalar_type; };
    if (bias.dtype() != weight.dtype()) runtime_error("self and mat2 must have the same dtype, but got ", name(bias), " and ", name(weight));
    runtime_error("mat1 and mat2 must have the same dtype, but got ", name(x), " and ", name(weight));
  }
  // The bias has to expand to the result's rows; expand() says what does not fit.
  static void check_bias(const Tensor& bias, const Tensor& x, const Dims& sizes) {
    const int64_t n = sizes.back();
    expand(bias, Dims{n ? count_elements(sizes) / n : x.numel() / std::max<int64_t>(x.size(-1), 1), n});
  }
};
struct LinearBiasView : LinearBias {
  static constexpr OpInfo info{.sig = "_linear_bias_view(Tensor bias, Tensor input, Tensor weight) -> Tensor",
                               .doc = "linear() of a vector or of a tensor of three dimensions or more, with a bias.",
                               .saves = {0, X2, X1},
                               .where = 0,
                               .grad_name = "ViewBackward0"};
};

struct LinearMatrix {
  static constexpr OpInfo info{.sig = "_linear(Tensor input, Tensor weight) -> Tensor",
                               .doc = "linear() of a matrix, without a bias.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "MmBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& weight) {
    check_inner(x, weight);
    if (x.dtype() != weight.dtype()) {
      runtime_error("expected m1 and m2 to have the same dtype, but got: ", cpp_name(x.dtype()), " != ", cpp_name(weight.dtype()));
    }
    check_multiplies(x.dtype(), "addmm_impl_cpu_");
    return multiply(x, form_of(x), weight, Form::Transposed, form_of(x), output_sizes(x, weight));
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& weight) { product_vjp(d, 0, x, form_of(x), weight, Form::Transposed, form_of(x)); }
};
struct LinearVector : LinearMatrix {
  static constexpr OpInfo info{.sig = "_linear_vector(Tensor input, Tensor weight) -> Tensor",
                               .doc = "linear() of a vector, without a bias.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "SqueezeBackward4"};
};
struct LinearView : LinearMatrix {
  static constexpr OpInfo info{.sig = "_linear_view(Tensor input, Tensor weight) -> Tensor",
                               .doc = "linear() of a tensor of three dimensions or more, without a bias.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "UnsafeViewBackward0"};
};

struct Linear : Composite {
  static constexpr OpInfo info{.sig = "linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "input @ weight.T + bias: input (..., K), weight (N, K) and bias (N) give (..., N).",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias) {
    if (x.dim() == 0 || weight.dim() == 0) {
      runtime_error("both arguments to linear need to be at least 1D, but they are ", x.dim(), "D and ", weight.dim(), "D");
    }
    if (weight.dim() == 2) [[likely]] {
      if (!bias.defined()) {
        if (x.dim() == 2) return call_op<LinearMatrix>(x, weight);
        return x.dim() == 1 ? call_op<LinearVector>(x, weight) : call_op<LinearView>(x, weight);
      }
      if (x.dim() == 2) [[likely]] return call_op<LinearBias>(bias, x, weight);
      return bias.dim() <= 1 ? call_op<LinearBiasView>(bias, x, weight) : fwd(x, weight, {}) + bias;
    }
    if (weight.dim() > 2) runtime_error("t() expects a tensor with <= 2 dimensions, but self is ", weight.dim(), "D");
    if (!bias.defined()) return matmul(x, weight);
    if (x.dim() == 2) runtime_error("mat2 must be a matrix, got 1-D tensor");
    return matmul(x, weight) + bias;
  }
};

struct Bilinear : Composite {
  static constexpr OpInfo info{.sig = "bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None) -> Tensor",
                               .doc = "input1 @ weight[n] @ input2 + bias[n] for every n: input1 (..., I), input2 (..., J), weight (N, I, J) and bias "
                                      "(N) give (..., N).",
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, const Tensor& y, const Tensor& weight, const Tensor& bias) {
    if (x.dim() != y.dim()) runtime_error("bilinear(): input dimensions do not match: got ", x.dim(), " and ", y.dim());
    for (int i = 0; i + 1 < x.dim(); ++i) {
      if (x.size(i) != y.size(i)) runtime_error("bilinear(): input batch dimensions do not match at dim ", i, ": got ", x.size(i), " and ", y.size(i));
    }
    if (x.dim() == 0) runtime_error("bilinear(): inputs must have at least one dimension");
    if (weight.dim() != 3) runtime_error("bilinear(): weight must have three dimensions, got ", weight.dim());
    if (x.size(-1) != weight.size(1)) runtime_error("bilinear(): input1 size does not match weight size: got ", x.size(-1), " but expected ", weight.size(1));
    if (y.size(-1) != weight.size(2)) runtime_error("bilinear(): input2 size does not match weight size: got ", y.size(-1), " but expected ", weight.size(2));
    const auto other = [&](const Tensor& t) { return t.defined() && t.dtype() != x.dtype(); };
    if (other(y) || other(weight) || other(bias)) {
      runtime_error("All tensors must have the same dtype, got input1: ", cpp_name(x.dtype()), ", input2: ", cpp_name(y.dtype()), ", weight: ",
                    cpp_name(weight.dtype()), bias.defined() ? ", bias: " : "", bias.defined() ? cpp_name(bias.dtype()) : "");
    }
    const int64_t n = weight.size(0), k = weight.size(1);
    if (bias.defined() && (bias.dim() != 1 || bias.size(0) != n)) {
      runtime_error("bilinear(): bias size does not match weight size: got ", bias.dim() ? bias.size(0) : 1, " but expected ", n);
    }
    Dims sizes = y.sizes();
    sizes.back() = n;
    sizes.push_back(k);
    const Tensor right = reshape(Linear::fwd(y, reshape(weight, {n * k, weight.size(2)}), {}), sizes);
    const Tensor out = squeeze(matmul(right, unsqueeze(x, -1)), -1);
    return bias.defined() ? out + bias : out;
  }
};

const Register<LinearBias, LinearBiasView, LinearMatrix, LinearVector, LinearView, Linear, Bilinear> registered;

}  // namespace
}  // namespace st
