// Losses of one element against its target, and their gradients, which are ops themselves so that they have derivatives in turn.
// Used by the records of csrc/ops/loss.cpp; x is the input, t the target, `scale` what the reduction multiplies by.
#pragma once
#include "kernels/lane.h"
#include "ops/elementwise/choice.h"
#include "ops/elementwise/compare.h"
#include "ops/elementwise/exp_log.h"
#include "ops/elementwise/rounding.h"
#include "ops/elementwise/special.h"

namespace st {

struct SquaredErrorGrad : Elementwise<3, 1> {
  static constexpr OpInfo info{.sig = "_squared_error_grad(Tensor grad, Tensor x, Tensor t, Scalar scale) -> Tensor",
                               .doc = "scale * (x - t) * grad.", .kind = Kind::FloatOnly, .saves = {X1 | X2, X0, X0}, .where = 0};
  static auto fwd(auto g, auto x, auto t, double scale) { return (scale * (x - t)) * g; }
  template <int I> static auto vjp(auto h, auto g, auto x, auto t, auto, double scale) {
    if constexpr (I == 0) return h * (scale * (x - t));
    else if constexpr (I == 1) return h * (g * scale);
    else return -(h * (g * scale));
  }
};
struct SquaredError : Elementwise<2> {
  static constexpr OpInfo info{.sig = "_squared_error(Tensor x, Tensor t) -> Tensor", .doc = "(x - t)^2.", .kind = Kind::FloatOnly,
                               .saves = {X0 | X1, X0 | X1}, .where = 0, .kernel = "mse_cpu"};
  static auto fwd(auto x, auto t) { return (x - t) * (x - t); }
  template <int I> static auto vjp(auto g, auto x, auto t, auto) {
    if constexpr (I == 0) return Fn<SquaredErrorGrad>{}(g, x, t, 2.0);
    else return Fn<SquaredErrorGrad>{}(g, t, x, 2.0);
  }
};

// Quadratic up to |x - t| = width, with `slope` beyond: Huber's loss has slope = width, the smooth L1 loss slope 1.
struct HuberErrorGrad : Elementwise<3, 3> {
  static constexpr OpInfo info{.sig = "_huber_error_grad(Tensor grad, Tensor x, Tensor t, Scalar width, Scalar slope, Scalar scale) -> Tensor",
                               .doc = "The gradient of the Huber-like error.", .kind = Kind::FloatOnly, .saves = {X1 | X2, X0 | X1 | X2, X0 | X1 | X2}, .where = 0};
  static auto slope_at(auto d, double width, double slope) { return minimum(maximum(d * (slope / width), -slope), slope); }
  static auto fwd(auto g, auto x, auto t, double width, double slope, double scale) { return g * (scale * slope_at(x - t, width, slope)); }
  template <int I> static auto vjp(auto h, auto g, auto x, auto t, auto, double width, double slope, double scale) {
    if constexpr (I == 0) {
      return h * (scale * slope_at(x - t, width, slope));
    } else {
      const auto inside = h * (g * ((I == 1 ? 1 : -1) * scale * slope / width));
      return Fn<Where_>{}(abs(x - t) < width, inside, zero(inside));
    }
  }
};
struct HuberError : Elementwise<2, 2> {
  static constexpr OpInfo info{.sig = "_huber_error(Tensor x, Tensor t, Scalar width, Scalar slope) -> Tensor", .doc = "The Huber-like error.",
                               .kind = Kind::FloatOnly, .saves = {X0 | X1, X0 | X1}, .where = 0, .kernel = "huber_cpu"};
  static auto fwd(auto x, auto t, double width, double slope) {
    const auto z = abs(x - t);
    return Fn<Where_>{}(z < width, 0.5 * z * z / (width / slope), slope * (z - 0.5 * width));
  }
  template <int I> static auto vjp(auto g, auto x, auto t, auto, double width, double slope) {
    if constexpr (I == 0) return Fn<HuberErrorGrad>{}(g, x, t, width, slope, 1.0);
    else return Fn<HuberErrorGrad>{}(g, t, x, width, slope, 1.0);
  }
};

// x is a probability; its logarithms stop at -100, and 1 / (x (1 - x)) at 1e12.
struct CrossEntropyErrorGrad : Elementwise<3, 1> {
  static constexpr OpInfo info{.sig = "_bce_error_grad(Tensor grad, Tensor x, Tensor t, Scalar scale) -> Tensor",
                               .doc = "scale * grad * (x - t) / (x (1 - x)).", .kind = Kind::FloatOnly, .saves = {X1 | X2, X0 | X1 | X2, X0 | X1}, .where = 0};
  static auto spread(auto x) { return maximum((1.0 - x) * x, 1e-12); }
  static auto fwd(auto g, auto x, auto t, double scale) { return g * scale * (x - t) / spread(x); }
  template <int I> static auto vjp(auto h, auto g, auto x, auto t, auto, double scale) {
    if constexpr (I == 0) {
      return h * scale * (x - t) / spread(x);
    } else if constexpr (I == 1) {
      const auto s = spread(x);
      return h * g * scale * (x * x - 2.0 * x * t + t) / (s * s);
    } else {
      return -(h * g * scale) / spread(x);
    }
  }
};
struct CrossEntropyError : Elementwise<2> {
  static constexpr OpInfo info{.sig = "_bce_error(Tensor x, Tensor t) -> Tensor", .doc = "-(t log(x) + (1 - t) log(1 - x)).", .kind = Kind::FloatOnly,
                               .saves = {X0 | X1, X0}, .where = 0, .kernel = "binary_cross_entropy"};
  static auto fwd(auto x, auto t) { return (t - 1.0) * maximum(log1p(-x), -100.0) - t * maximum(log(x), -100.0); }
  template <int I> static auto vjp(auto g, auto x, auto t, auto) {
    if constexpr (I == 0) return Fn<CrossEntropyErrorGrad>{}(g, x, t, 1.0);
    else return g * (log1p(-x) - log(x));
  }
};

// The same for x before the sigmoid.
struct LogitErrorGrad : Elementwise<3, 1> {
  static constexpr OpInfo info{.sig = "_bce_logits_error_grad(Tensor grad, Tensor x, Tensor t, Scalar scale) -> Tensor",
                               .doc = "scale * grad * (sigmoid(x) - t).", .kind = Kind::FloatOnly, .saves = {X1 | X2, X0 | X1, X0}, .where = 0};
  static auto fwd(auto g, auto x, auto t, double scale) { return (sigmoid(x) - t) * (g * scale); }
  template <int I> static auto vjp(auto h, auto g, auto x, auto t, auto, double scale) {
    if constexpr (I == 0) {
      return (sigmoid(x) - t) * (h * scale);
    } else if constexpr (I == 1) {
      const auto s = sigmoid(x);
      return h * g * scale * (s * (1.0 - s));
    } else {
      return -(h * g * scale);
    }
  }
};
struct LogitError : Elementwise<2> {
  static constexpr OpInfo info{.sig = "_bce_logits_error(Tensor x, Tensor t) -> Tensor", .doc = "(1 - t) x - logsigmoid(x).", .kind = Kind::FloatOnly,
                               .saves = {X0 | X1, X0}, .where = 0, .kernel = "log_sigmoid_cpu"};
  static auto fwd(auto x, auto t) { return (1.0 - t) * x - (minimum(x, 0.0) - log1p(exp(-abs(x)))); }
  template <int I> static auto vjp(auto g, auto x, auto t, auto) {
    if constexpr (I == 0) return Fn<LogitErrorGrad>{}(g, x, t, 1.0);
    else return -(g * x);
  }
};

using losses_records =
    Family<SquaredErrorGrad, SquaredError, HuberErrorGrad, HuberError, CrossEntropyErrorGrad, CrossEntropyError, LogitErrorGrad, LogitError>;

}  // namespace st
