// Activations of neural networks.
#pragma once
#include "ops/elementwise/special.h"
#include "ops/elementwise/trig.h"

namespace st {

// Derivatives whose own derivative by x is zero, and not nothing.
struct ThresholdBackward : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "_threshold_backward(Tensor grad, Tensor input, Scalar threshold) -> Tensor",
                               .doc = "grad where input is above threshold, 0 elsewhere.", .saves = {X1, 0}, .where = 0,
                               .grad_name = "ThresholdBackwardBackward0"};
  static auto fwd(auto g, auto x, double limit) { return lane::where(x <= decltype(x)(limit), decltype(g)(0), g); }
  template <int I> static auto vjp(auto g, auto, auto x, auto, double limit) {
    if constexpr (I == 0) return Fn<ThresholdBackward>{}(g, x, limit);
    else return zero(g);
  }
};
struct LeakyReluBackward : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "_leaky_relu_backward(Tensor grad, Tensor input, Scalar negative_slope) -> Tensor",
                               .doc = "grad where input is positive, negative_slope * grad elsewhere.", .kind = Kind::FloatOnly, .saves = {X1, 0},
                               .where = 0, .grad_name = "LeakyReluBackwardBackward0"};
  static auto fwd(auto g, auto x, double slope) { return lane::where(x > 0.0, g, g * slope); }
  template <int I> static auto vjp(auto g, auto, auto x, auto, double slope) {
    if constexpr (I == 0) return Fn<LeakyReluBackward>{}(g, x, slope);
    else return zero(g);
  }
};
struct HardtanhBackward : Elementwise<2, 2> {
  static constexpr OpInfo info{.sig = "_hardtanh_backward(Tensor grad, Tensor input, Scalar min_val, Scalar max_val) -> Tensor",
                               .doc = "grad where input is within the limits, 0 elsewhere.", .saves = {X1, 0}, .where = 0,
                               .grad_name = "HardtanhBackwardBackward0"};
  static auto fwd(auto g, auto x, double low, double high) {
    using T = decltype(x);
    return lane::where(x <= T(low), T(0), lane::where(x >= T(high), T(0), g));
  }
  template <int I> static auto vjp(auto g, auto, auto x, auto, double low, double high) {
    if constexpr (I == 0) return Fn<HardtanhBackward>{}(g, x, low, high);
    else return zero(g);
  }
};
struct ShrinkBackward : Elementwise<2, 1> {
  static constexpr OpInfo info{.sig = "_shrink_backward(Tensor grad, Tensor input, Scalar lambd) -> Tensor",
                               .doc = "grad where the size of input is above lambd, 0 elsewhere.", .kind = Kind::FloatOnly, .saves = {X1, 0}, .where = 0,
                               .grad_name = "HardshrinkBackwardBackward0"};
  static auto fwd(auto g, auto x, double limit) { return lane::where((x >= -limit) & (x <= limit), 0.0, g); }
  template <int I> static auto vjp(auto g, auto, auto x, auto, double limit) {
    if constexpr (I == 0) return Fn<ShrinkBackward>{}(g, x, limit);
    else return zero(g);
  }
};

struct Relu : Elementwise<1> {
  static constexpr OpInfo info{.sig = "relu(Tensor input) -> Tensor", .doc = "max(input, 0).", .saves = {Y},
                               .where = kFunction | kMethod | kInplace | kNN, .no_bool = "Boolean inputs not supported for relu"};
  static auto fwd(auto x) { return lane::maximum(x, decltype(x)(0)); }
  template <int I> static auto vjp(auto g, auto, auto y) { return Fn<ThresholdBackward>{}(g, y, 0.0); }
};
inline constexpr Fn<Relu> relu{};

struct LeakyRelu : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "leaky_relu(Tensor input, Scalar negative_slope=0.01) -> Tensor",
                               .doc = "input where it is positive, negative_slope * input elsewhere.", .kind = Kind::FloatOnly, .saves = {X0},
                               .where = kInplace | kNN};
  static auto fwd(auto x, double slope) { return lane::where(x > 0.0, x, x * slope); }
  template <int I> static auto vjp(auto g, auto x, auto, double slope) { return Fn<LeakyReluBackward>{}(g, x, slope); }
};

struct Elu : Elementwise<1, 3> {
  static constexpr OpInfo info{.sig = "elu(Tensor input, Scalar alpha=1, Scalar scale=1, Scalar input_scale=1) -> Tensor",
                               .doc = "scale * input where it is positive, scale * alpha * (exp(input_scale * input) - 1) elsewhere.",
                               .kind = Kind::FloatOnly, .saves = {X0}, .where = kInplace | kNN, .kernel = "elu_cpu"};
  static auto fwd(auto x, double alpha, double scale, double input_scale) {
    return lane::where(x <= 0.0, lane::expm1(x * input_scale) * (alpha * scale), x * scale);
  }
  template <int I> static auto vjp(auto g, auto x, auto, double alpha, double scale, double input_scale) {
    return where(x <= 0.0, g * (exp(x * input_scale) * (alpha * scale * input_scale)), g * scale);
  }
};
struct CeluOf : Alias<Elu> {
  static constexpr OpInfo info = renamed(Elu::info, "_celu(Tensor input, Scalar alpha, Scalar scale, Scalar input_scale) -> Tensor", "CeluBackward0");
};

struct GeluErf : Elementwise<1> {
  static constexpr OpInfo info{.sig = "_gelu(Tensor input) -> Tensor", .doc = "input * P(N < input) for a standard normal N.", .kind = Kind::FloatOnly,
                               .saves = {X0}, .where = kInplace, .grad_name = "GeluBackward0", .kernel = "GeluKernelImpl"};
  static auto fwd(auto x) { return x * 0.5 * (1.0 + lane::erf(x * 0.70710678118654752440)); }
  template <int I> static auto vjp(auto g, auto x, auto) {
    return g * (0.5 * (1.0 + erf(x * 0.70710678118654752440)) + x * (exp(x * x * -0.5) * 0.39894228040143267794));
  }
};
struct GeluTanh : Elementwise<1> {
  static constexpr OpInfo info{.sig = "_gelu_tanh(Tensor input) -> Tensor", .doc = "gelu by the tanh formula of Hendrycks and Gimpel 2016.",
                               .kind = Kind::FloatOnly, .saves = {X0}, .where = kInplace, .grad_name = "GeluBackward0", .kernel = "GeluKernelImpl"};
  static constexpr double kBeta = 0.79788456080286535588, kCubic = 0.044715;
  static auto fwd(auto x) { return 0.5 * x * (1.0 + lane::tanh(kBeta * (x + kCubic * (x * x * x)))); }
  template <int I> static auto vjp(auto g, auto x, auto) {
    auto t = tanh(kBeta * (x + kCubic * (x * x * x)));
    return g * (0.5 * (1.0 + t) + 0.5 * x * ((1.0 - t * t) * (kBeta * (1.0 + 3.0 * kCubic * (x * x)))));
  }
};

struct Silu : Elementwise<1> {
  static constexpr OpInfo info{.sig = "silu(Tensor input) -> Tensor", .doc = "input * sigmoid(input).", .kind = Kind::FloatOnly, .saves = {X0},
                               .where = kInplace | kNN};
  static auto fwd(auto x) { return x / (1.0 + lane::exp(-x)); }  // rounded at each step, as PyTorch's printed digits are
  template <int I> static auto vjp(auto g, auto x, auto) {
    auto s = sigmoid(x);
    return g * (s * (1.0 + x * (1.0 - s)));
  }
};

// log(1 + exp(x)), without overflow.
STEEPEST_LANE auto log1p_exp(auto x) { return lane::where(x > 40.0, x, lane::log1p(lane::exp(x))); }

struct Softplus : Elementwise<1, 2> {
  static constexpr OpInfo info{.sig = "softplus(Tensor input, Scalar beta=1, Scalar threshold=20) -> Tensor",
                               .doc = "log(1 + exp(beta * input)) / beta, and input where beta * input is above threshold.",
                               .kind = Kind::FloatOnly, .saves = {X0}, .where = kInplace | kNN};
  static auto fwd(auto x, double beta, double threshold) {
    return lane::where(x * beta > threshold, x, lane::log1p(lane::exp(x * beta)) / beta);
  }
  template <int I> static auto vjp(auto g, auto x, auto, double beta, double threshold) {
    return where(x * beta > threshold, g, g * sigmoid(x * beta));
  }
};
inline constexpr Fn<Softplus> softplus{};

struct Mish : Elementwise<1> {
  static constexpr OpInfo info{.sig = "mish(Tensor input) -> Tensor", .doc = "input * tanh(softplus(input)).", .kind = Kind::FloatOnly, .saves = {X0},
                               .where = kInplace | kNN};
  static auto fwd(auto x) { return x * lane::tanh(log1p_exp(x)); }
  template <int I> static auto vjp(auto g, auto x, auto) {
    auto t = tanh(softplus(x, 1.0, 40.0));
    return g * (t + x * (sigmoid(x) * (1.0 - t * t)));
  }
};

struct Logsigmoid : Elementwise<1> {
  static constexpr OpInfo info{.sig = "logsigmoid(Tensor input) -> Tensor", .doc = "log(sigmoid(input)), without underflow.", .kind = Kind::FloatOnly,
                               .saves = {X0}, .where = kNN, .grad_name = "LogSigmoidBackward0", .kernel = "log_sigmoid_cpu"};
  static auto fwd(auto x) { return lane::minimum(x, 0.0) - lane::log1p(lane::exp(-lane::abs(x))); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * sigmoid(-x); }
};

struct Hardtanh : Elementwise<1, 2> {
  static constexpr OpInfo info{.sig = "hardtanh(Tensor input, Scalar min_val=-1, Scalar max_val=1) -> Tensor",
                               .doc = "input limited to [min_val, max_val]; the derivative is 0 at the limits.", .saves = {X0},
                               .where = kInplace | kNN, .no_bool = "Bool inputs not supported for hardtanh"};
  static auto fwd(auto x, double low, double high) {
    using T = decltype(x);
    return lane::minimum(lane::maximum(x, static_cast<T>(low)), static_cast<T>(high));
  }
  template <int I> static auto vjp(auto g, auto x, auto, double low, double high) { return Fn<HardtanhBackward>{}(g, x, low, high); }
};

struct Hardsigmoid : Elementwise<1> {
  static constexpr OpInfo info{.sig = "hardsigmoid(Tensor input) -> Tensor", .doc = "input + 3 limited to [0, 6], divided by 6.",
                               .kind = Kind::FloatOnly, .saves = {X0}, .where = kInplace | kNN};
  static auto fwd(auto x) { return lane::minimum(lane::maximum(x + 3.0, 0.0), 6.0) / 6.0; }
  template <int I> static auto vjp(auto g, auto x, auto) { return where((x > -3.0) & (x < 3.0), g / 6.0, zero(g)); }
};

struct Hardswish : Elementwise<1> {
  static constexpr OpInfo info{.sig = "hardswish(Tensor input) -> Tensor", .doc = "input * hardsigmoid(input).", .kind = Kind::FloatOnly, .saves = {X0},
                               .where = kInplace | kNN};
  static auto fwd(auto x) { return x * lane::minimum(lane::maximum(x + 3.0, 0.0), 6.0) / 6.0; }
  template <int I> static auto vjp(auto g, auto x, auto) { return where(x <= -3.0, zero(g), where(x < 3.0, g * (x / 3.0 + 0.5), g)); }
};

struct Hardshrink : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "hardshrink(Tensor input, Scalar lambd=0.5) -> Tensor", .doc = "input where its size is above lambd, 0 elsewhere.",
                               .kind = Kind::FloatOnly, .saves = {X0}, .where = kFunction | kMethod | kNN};
  static auto fwd(auto x, double limit) { return lane::where((x >= -limit) & (x <= limit), decltype(x)(0.0), x); }
  template <int I> static auto vjp(auto g, auto x, auto, double limit) { return Fn<ShrinkBackward>{}(g, x, limit); }
};

struct Softshrink : Elementwise<1, 1> {
  static constexpr OpInfo info{.sig = "softshrink(Tensor input, Scalar lambd=0.5) -> Tensor",
                               .doc = "input moved towards 0 by lambd, and 0 where it is nearer than that.", .kind = Kind::FloatOnly, .saves = {X0}, .where = kNN, .kernel = "softshrink_check"};
  static auto fwd(auto x, double limit) { return lane::where(x > limit, x - limit, lane::where(x < -limit, x + limit, lane::where(x != x, x, 0.0))); }
  template <int I> static auto vjp(auto g, auto x, auto, double limit) { return Fn<ShrinkBackward>{}(g, x, limit); }
};

struct Threshold : Elementwise<1, 2> {
  static constexpr OpInfo info{.sig = "threshold(Tensor input, Scalar threshold, Scalar value) -> Tensor",
                               .doc = "input where it is above threshold, value elsewhere.", .saves = {X0}, .where = kFunction | kInplace | kNN,
                               .bools = Bools::Refused};
  static auto fwd(auto x, double limit, double value) {
    using T = decltype(x);
    return lane::where(x <= static_cast<T>(limit), static_cast<T>(value), x);
  }
  template <int I> static auto vjp(auto g, auto x, auto, double limit, double) { return Fn<ThresholdBackward>{}(g, x, limit); }
};

// The slope of PReLU is a tensor too. Derivatives by the input are zero, and not nothing, where only the gradient is scaled.
struct PreluSlope : Elementwise<2> {
  static constexpr OpInfo info{.sig = "_prelu_slope(Tensor grad, Tensor input) -> Tensor", .doc = "grad * input where input is not positive, 0 elsewhere.",
                               .kind = Kind::FloatOnly, .saves = {X1, X0 | X1}, .where = 0, .grad_name = "PreluKernelBackwardBackward0"};
  static auto fwd(auto g, auto x) { return lane::where(x > 0.0, 0.0, g * x); }
  template <int I> static auto vjp(auto h, auto g, auto x, auto) {
    if constexpr (I == 0) return Fn<PreluSlope>{}(h, x);
    else return Fn<Where_>{}(x > 0.0, zero(x), h * g);
  }
};
struct PreluScale : Elementwise<3> {
  static constexpr OpInfo info{.sig = "_prelu_scale(Tensor grad, Tensor input, Tensor weight) -> Tensor", .doc = "grad where input is positive, weight * grad elsewhere.",
                               .kind = Kind::FloatOnly, .saves = {X1 | X2, 0, X0 | X1}, .where = 0, .grad_name = "PreluKernelBackwardBackward0"};
  static auto fwd(auto g, auto x, auto w) { return lane::where(x > 0.0, g, g * w); }
  template <int I> static auto vjp(auto h, auto g, auto x, auto w, auto) {
    if constexpr (I == 0) return Fn<PreluScale>{}(h, x, w);
    else if constexpr (I == 1) return zero(h);
    else return Fn<Where_>{}(x > 0.0, zero(x), h * g);
  }
};
struct PreluKernel : Elementwise<2> {
  static constexpr OpInfo info{.sig = "_prelu_kernel(Tensor input, Tensor weight) -> Tensor", .doc = "prelu() of operands that broadcast.", .kind = Kind::FloatOnly,
                               .saves = {X0 | X1, X0}, .where = 0, .kernel = "prelu_cpu"};
  static auto fwd(auto x, auto w) { return lane::where(x > 0.0, x, w * x); }
  template <int I> static auto vjp(auto g, auto x, auto w, auto) {
    if constexpr (I == 0) return Fn<PreluScale>{}(g, x, w);
    else return Fn<PreluSlope>{}(g, x);
  }
};

struct GluGate : Elementwise<2> {
  static constexpr OpInfo info{.sig = "_glu_gate(Tensor input, Tensor gate) -> Tensor", .doc = "input * sigmoid(gate).", .kind = Kind::FloatOnly,
                               .saves = {X1, X0 | X1}, .where = 0, .kernel = "glu_cpu"};
  static auto fwd(auto x, auto gate) { return x * lane::sigmoid(gate); }
  template <int I> static auto vjp(auto g, auto x, auto gate, auto) {
    auto s = sigmoid(gate);
    if constexpr (I == 0) return g * s;
    else return g * (x * (s * (1.0 - s)));
  }
};

using activation_records = Family<ThresholdBackward, LeakyReluBackward, HardtanhBackward, ShrinkBackward, Relu, LeakyRelu, Elu, CeluOf, GeluErf,
                                  GeluTanh, Silu, Softplus, Mish, Logsigmoid, Hardtanh, Hardsigmoid, Hardswish, Hardshrink, Softshrink, Threshold, PreluSlope, PreluScale, PreluKernel, GluGate>;

}  // namespace st
