// Multiplying by random noise: the dropouts and rrelu. All but rrelu are products of recorded ops.
#include <cmath>

#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/random.h"

namespace st {
namespace {

constexpr uint16_t kNoisy = kFunction | kRandom;

template <class Op, class... A>
Tensor write(const Tensor& x, const A&... args) {
  const Operand operands[] = {Operand(x), Operand(args)...};
  call_elementwise_inplace(RowOf<Op>::row, operands, nullptr);
  return x;
}

void check(double p) {
  if (!(p >= 0 && p <= 1)) runtime_error("dropout probability has to be between 0 and 1, but got ", p);
}
void check_scales(Dtype dtype) {
  if (!is_floating(dtype)) runtime_error("result type Float can't be cast to the desired output type ", info(dtype).scalar_type);
}
bool changes_nothing(const Tensor& x, double p, bool train) { return p == 0 || !train || x.numel() == 0; }

// 1/(1-p) with probability 1-p, else 0.
Tensor dropout_noise(const Tensor& x, double p) {
  if (p == 1) return zeros({}, x.dtype());
  check_scales(x.dtype());
  const Dtype dtype = is_half(x.dtype()) ? Dtype::Float32 : x.dtype();
  Tensor noise = empty_like(x, dtype);  // dense, and so filled in the order of memory
  visit_float(dtype, [&]<class T>() { fill_dropout(default_generator(), noise.data<T>(), noise.numel(), p); });
  if (dtype == x.dtype()) return noise;
  const Tensor rounded = empty_like(x, x.dtype());
  copy_elements(rounded, noise);
  return rounded;
}

// One number for each channel of (N, C, ...).
Tensor channels_of(const Tensor& x) {
  if (x.dim() < 2) runtime_error("Feature dropout requires at least 2 dimensions in the input");
  Dims sizes = Dims::filled(x.dim(), 1);
  sizes[0] = x.size(0);
  sizes[1] = x.size(1);
  return meta(sizes, x.dtype());
}

template <bool kChannels, bool kWrite>
Tensor drop(const Tensor& x, double p, bool train) {
  check(p);
  if (changes_nothing(x, p, train)) return x;
  const Tensor noise = dropout_noise(kChannels && p < 1 ? channels_of(x) : x, p);
  return kWrite ? write<Mul>(x, noise) : x * noise;
}

// Dropped elements take SELU's value at minus infinity, and an affine map restores mean and variance (Klambauer et al. 2017,
// "Self-normalizing neural networks", arXiv:1706.02515).
template <bool kChannels, bool kWrite>
Tensor drop_alpha(const Tensor& x, double p, bool train) {
  check(p);
  if (changes_nothing(x, p, train)) return x;
  Tensor noise, offset;
  if (p == 1) {
    noise = zeros({}, x.dtype());
  } else {
    check_scales(x.dtype() == Dtype::Bool ? Dtype::Int64 : x.dtype());  // of noise - 1
    constexpr double kFloor = 1.7580993408473766;  // SELU's scale times its alpha
    const double scale = 1.0 / std::sqrt((kFloor * kFloor * p + 1) * (1 - p));
    noise = empty_like(kChannels ? channels_of(x) : x, x.dtype());
    draw_bernoulli(noise, 1 - p, nullptr);
    offset = write<Add>(write<Mul>(noise - 1.0, Scalar(kFloor * scale)), Scalar(kFloor * scale * p));
    write<Mul>(noise, Scalar(scale));
  }
  Tensor y = kWrite ? write<Mul>(x, noise) : x * noise;
  if (!offset.defined()) return y;
  return kWrite ? write<Add>(y, offset) : y + offset;
}

template <Tensor (*kDrop)(const Tensor&, double, bool)>
struct Drop : Composite {
  static Tensor fwd(const Tensor& x, double p, bool train) { return kDrop(x, p, train); }
};

struct Dropout : Drop<drop<false, false>> {
  static constexpr OpInfo info{.sig = "dropout(Tensor input, float p, bool train) -> Tensor",
                               .doc = "In training, sets each element to zero with probability p and scales the others by 1/(1-p).", .where = kNoisy | kNN};
};
struct DropoutIn : Drop<drop<false, true>> {
  static constexpr OpInfo info{.sig = "dropout_(Tensor input, float p, bool train) -> Tensor", .doc = "dropout() in place.", .where = kNoisy | kNN};
};
struct FeatureDropout : Drop<drop<true, false>> {
  static constexpr OpInfo info{.sig = "feature_dropout(Tensor input, float p, bool train) -> Tensor", .doc = "dropout() of whole channels of (N, C, ...).",
                               .where = kNoisy};
};
struct FeatureDropoutIn : Drop<drop<true, true>> {
  static constexpr OpInfo info{.sig = "feature_dropout_(Tensor input, float p, bool train) -> Tensor", .doc = "feature_dropout() in place.", .where = kNoisy};
};
struct AlphaDropout : Drop<drop_alpha<false, false>> {
  static constexpr OpInfo info{.sig = "alpha_dropout(Tensor input, float p, bool train) -> Tensor", .doc = "Dropout that keeps mean 0 and variance 1.",
                               .where = kNoisy};
};
struct AlphaDropoutIn : Drop<drop_alpha<false, true>> {
  static constexpr OpInfo info{.sig = "alpha_dropout_(Tensor input, float p, bool train) -> Tensor", .doc = "alpha_dropout() in place.", .where = kNoisy};
};
struct FeatureAlphaDropout : Drop<drop_alpha<true, false>> {
  static constexpr OpInfo info{.sig = "feature_alpha_dropout(Tensor input, float p, bool train) -> Tensor",
                               .doc = "alpha_dropout() of whole channels of (N, C, ...).", .where = kNoisy};
};
struct FeatureAlphaDropoutIn : Drop<drop_alpha<true, true>> {
  static constexpr OpInfo info{.sig = "feature_alpha_dropout_(Tensor input, float p, bool train) -> Tensor", .doc = "feature_alpha_dropout() in place.",
                               .where = kNoisy};
};

// input times its slopes, which are 1 where input is positive; float32 for the half types. The gradient's own derivative with respect
// to input is zero and not nothing, as in PyTorch, so that input is saved.
struct RreluBackward {
  static constexpr OpInfo info{.sig = "_rrelu_with_noise_backward(Tensor grad, Tensor input, Tensor noise) -> Tensor", .doc = "grad * noise.",
                               .saves = {X1 | X2}, .where = 0, .grad_name = "RreluWithNoiseBackwardBackward0"};
  static Tensor fwd(const Tensor& g, const Tensor&, const Tensor& noise) { return cast_copy(g * noise, g.dtype()); }
  static void vjp(Grads& d, const Tensor&, const Tensor& x, const Tensor& noise) {
    if (d.needs(0)) d.set(0, call_op<RreluBackward>(d.g(), x, noise));
    if (d.needs(1)) d.set(1, zeros(x.sizes(), x.dtype()));
  }
};
struct RreluWithNoise {
  static constexpr OpInfo info{.sig = "_rrelu_with_noise(Tensor input, Tensor noise) -> Tensor", .doc = "input * noise.", .saves = {X0 | X1}, .where = 0,
                               .grad_name = "RreluWithNoiseBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& noise) { return cast_copy(x * noise, x.dtype()); }
  static void vjp(Grads& d, const Tensor& x, const Tensor& noise) {
    if (d.needs(0)) d.set(0, call_op<RreluBackward>(d.g(), x, noise));
  }
};
struct RreluWithNoiseIn : RreluWithNoise {
  static constexpr OpInfo info{.sig = RreluWithNoise::info.sig, .doc = "input *= noise.", .saves = {X1}, .where = kOnlyInplace,
                               .grad_name = "RreluWithNoiseBackward1"};
  static void vjp(Grads& d, const Tensor&, const Tensor& noise) {
    if (d.needs(0)) d.set(0, d.g() * noise);
  }
};

Tensor slopes(const Tensor& x, double lower, double upper, bool training, Generator* g) {
  if (!(lower <= upper)) runtime_error("Lower bound should be less than or equal to the upper bound");
  if (!is_floating(x.dtype())) no_random_kernel(training ? "rrelu_with_noise_out_cpu" : "leaky_relu_cpu", x.dtype());
  const Dtype dtype = is_half(x.dtype()) ? Dtype::Float32 : x.dtype();
  const Tensor values = cast_copy(detach(x), dtype);
  Tensor noise = empty(x.sizes(), dtype);
  visit_float(dtype, [&]<class T>() {
    if (training) return fill_rrelu(generator_or_default(g), noise.data<T>(), values.data<T>(), x.numel(), lower, upper);
    const T mean = static_cast<T>((lower + upper) / 2);
    for (int64_t i = 0; i < x.numel(); ++i) noise.data<T>()[i] = values.data<T>()[i] > 0 ? T(1) : mean;
  });
  return noise;
}

struct Rrelu : Composite {
  static constexpr OpInfo info{
      .sig = "rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
      .doc = "Leaky ReLU whose slope is random in [lower, upper] in training, their mean otherwise.", .where = kNoisy | kNN};
  static Tensor fwd(const Tensor& x, double lower, double upper, bool training, Generator* g) {
    return call_op<RreluWithNoise>(x, slopes(x, lower, upper, training, g));
  }
};
struct RreluIn : Composite {
  static constexpr OpInfo info{
      .sig = "rrelu_(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, Generator? generator=None) -> Tensor",
      .doc = "rrelu() in place.", .where = kNoisy | kNN};
  static Tensor fwd(const Tensor& x, double lower, double upper, bool training, Generator* g) {
    return call_op_inplace<RreluWithNoiseIn>(x, slopes(x, lower, upper, training, g));
  }
};

const Register<Dropout, DropoutIn, FeatureDropout, FeatureDropoutIn, AlphaDropout, AlphaDropoutIn, FeatureAlphaDropout, FeatureAlphaDropoutIn,
               RreluBackward, RreluWithNoise, RreluWithNoiseIn, Rrelu, RreluIn> registered;

}  // namespace

Tensor dropout_noise(DimSpan sizes, Dtype dtype, double p) {
  const Tensor noise = dropout_noise(meta(sizes, dtype), p);
  return noise.numel() == count_elements(sizes) ? noise : zeros(sizes, dtype);
}
Tensor dropout(const Tensor& x, double p, bool train) { return drop<false, false>(x, p, train); }

}  // namespace st
