// Losses that compare an input with a target of its shape, element by element.
#include "ops/elementwise/activation.h"
#include "ops/elementwise/losses.h"
#include "ops/loss_reduction.h"

namespace st {
namespace {

int64_t broadcast_numel(const Tensor& x, const Tensor& t) { return same_shape(x, t) ? x.numel() : count_elements(broadcast(x.sizes(), t.sizes())); }

struct MseLoss {
  static constexpr OpInfo info{.sig = "mse_loss(Tensor input, Tensor target, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "(input - target)^2, reduced: 'mean', 'sum', or 'none' for the shape of the inputs.", .saves = {X0 | X1, X0 | X1}, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    const bool plain = x.dtype() == t.dtype() && same_shape(x, t) && x.is_contiguous() && t.is_contiguous();
    if (r == Reduction::None || !plain || !(x.dtype() == Dtype::Float32 || x.dtype() == Dtype::Float64)) {
      return reduce_loss(Fn<SquaredError>{}(x, t), r);
    }
    Tensor y = sum_squared_differences(x, t);
    if (r == Reduction::Mean) visit_float(y.dtype(), [&]<class T>() { *y.data<T>() /= static_cast<T>(x.numel()); });
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& t, const std::string& reduction) {
    const double scale = 2 * loss_scale(reduction_of(reduction), broadcast_numel(x, t));
    if (d.needs(0)) d.set(0, Fn<SquaredErrorGrad>{}(d.g(), x, t, scale));
    if (d.needs(1)) d.set(1, Fn<SquaredErrorGrad>{}(d.g(), t, x, scale));
  }
};

struct L1Loss : Composite {
  static constexpr OpInfo info{.sig = "l1_loss(Tensor input, Tensor target, str reduction='mean') -> Tensor", .autocast = Autocast::Float32, .doc = "|input - target|, reduced.", .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    return reduce_loss(abs(x - t), r);
  }
};

Tensor huber(const Tensor& x, const Tensor& t, Reduction r, double width, double slope) { return reduce_loss(Fn<HuberError>{}(x, t, width, slope), r); }
void huber_gradient(Grads& d, const Tensor& x, const Tensor& t, Reduction r, double width, double slope) {
  const double scale = loss_scale(r, broadcast_numel(x, t));
  if (d.needs(0)) d.set(0, Fn<HuberErrorGrad>{}(d.g(), x, t, width, slope, scale));
  if (d.needs(1)) d.set(1, Fn<HuberErrorGrad>{}(d.g(), t, x, width, slope, scale));
}

struct SmoothL1 {
  static constexpr OpInfo info{.sig = "_smooth_l1_loss(Tensor input, Tensor target, str reduction, float beta) -> Tensor", .doc = "For beta > 0.",
                               .saves = {X0 | X1, X0 | X1}, .where = 0, .grad_name = "SmoothL1LossBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction, double beta) { return huber(x, t, reduction_of(reduction), beta, 1); }
  static void vjp(Grads& d, const Tensor& x, const Tensor& t, const std::string& reduction, double beta) {
    huber_gradient(d, x, t, reduction_of(reduction), beta, 1);
  }
};
struct SmoothL1Loss : Composite {
  static constexpr OpInfo info{.sig = "smooth_l1_loss(Tensor input, Tensor target, str reduction='mean', float beta=1.0) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "|input - target|, made quadratic where it is less than beta, reduced.", .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction, double beta) {
    if (beta < 0) runtime_error("smooth_l1_loss does not support negative values for beta.");
    if (beta == 0) return call_op<L1Loss>(x, t, reduction);
    return call_op<SmoothL1>(x, t, reduction, beta);
  }
};

struct HuberLoss {
  static constexpr OpInfo info{.sig = "huber_loss(Tensor input, Tensor target, str reduction='mean', float delta=1.0) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "(input - target)^2 / 2, made linear where |input - target| is more than delta, reduced.", .saves = {X0 | X1, X0 | X1}, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction, double delta) {
    if (delta <= 0) runtime_error("huber_loss does not support non-positive values for delta.");
    return huber(x, t, reduction_of(reduction), delta, delta);
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& t, const std::string& reduction, double delta) {
    huber_gradient(d, x, t, reduction_of(reduction), delta, delta);
  }
};

void check_probabilities(const Tensor& given, const char* what) {
  if (given.numel() == 0 || !is_floating(given.dtype())) return;
  const Tensor x = widened(given);
  const DimMask all = all_dims(x.dim());
  const Tensor low = fold(x, all, false, Fold::Min), high = fold(x, all, false, Fold::Max);
  visit_float(x.dtype(), [&]<class T>() {
    if (!(*low.data<T>() >= 0 && *high.data<T>() <= 1)) runtime_error("all elements of ", what, " should be between 0 and 1");
  });
}

Tensor weighted(const Tensor& loss, const Tensor& weight) { return weight.defined() ? loss * weight : loss; }

struct BinaryCrossEntropy {
  static constexpr OpInfo info{.sig = "binary_cross_entropy(Tensor input, Tensor target, Tensor? weight=None, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "-weight * (target log(input) + (1 - target) log(1 - input)) for probabilities input, reduced; logarithms stop at -100.",
                               .saves = {X0 | X1 | X2, X0 | X2, 0}, .grads = 0b011, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const Tensor& weight, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    if (x.dtype() != t.dtype()) runtime_error("Found dtype ", st::info(t.dtype()).scalar_type, " but expected ", st::info(x.dtype()).scalar_type);
    check_probabilities(x, "input");
    check_probabilities(t, "target");
    return reduce_loss(weighted(Fn<CrossEntropyError>{}(x, t), weight), r);
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& t, const Tensor& weight, const std::string& reduction) {
    const double scale = loss_scale(reduction_of(reduction), broadcast_numel(x, t));
    const Tensor g = weighted(d.g(), weight);
    if (d.needs(0)) d.set(0, Fn<CrossEntropyErrorGrad>{}(g, x, t, scale));
    if (d.needs(1)) d.set(1, g * (scale * (log1p(-x) - log(x))));
  }
};

struct BinaryCrossEntropyWithLogits {
  static constexpr OpInfo info{.sig = "binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight=None, Tensor? pos_weight=None, str "
                                      "reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "binary_cross_entropy() of sigmoid(input), without overflow; pos_weight multiplies the terms of target.",
                               .saves = {X0 | X1 | X2 | X3, X0 | X2 | X3, 0, 0}, .grads = 0b0011, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const Tensor& weight, const Tensor& pos, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    if (is_floating(x.dtype()) && !is_floating(t.dtype())) {  // labels that their loader left as integers
      runtime_error("result type ", st::info(x.dtype()).scalar_type, " can't be cast to the desired output type ", st::info(t.dtype()).scalar_type);
    }
    const Tensor loss = pos.defined() ? (1.0 - t) * x - ((pos - 1.0) * t + 1.0) * Fn<Logsigmoid>{}(x) : Fn<LogitError>{}(x, t);
    return reduce_loss(weighted(loss, weight), r);
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& t, const Tensor& weight, const Tensor& pos, const std::string& reduction) {
    const double scale = loss_scale(reduction_of(reduction), broadcast_numel(x, t));
    const Tensor g = weighted(d.g(), weight);
    if (d.needs(0)) {
      if (pos.defined()) d.set(0, ((pos * t + 1.0 - t) * sigmoid(x) - pos * t) * (g * scale));
      else d.set(0, Fn<LogitErrorGrad>{}(g, x, t, scale));
    }
    if (d.needs(1)) d.set(1, g * (pos.defined() ? -scale * (x + (pos - 1.0) * Fn<Logsigmoid>{}(x)) : -scale * x));
  }
};

struct KlDiv : Composite {
  static constexpr OpInfo info{.sig = "kl_div(Tensor input, Tensor target, str reduction='mean', bool log_target=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "target * (log(target) - input) for log-probabilities input, reduced; 'batchmean' divides the sum by the first size.", .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction, bool log_target) {
    const bool batch = reduction == "batchmean";
    const Reduction r = batch ? Reduction::Sum : reduction_of(reduction);
    if (!is_floating(x.dtype()) || !is_floating(t.dtype())) runtime_error("kl_div: Integral inputs not supported.");
    const Tensor loss = reduce_loss(log_target ? exp(t) * (t - x) : Fn<Xlogy>{}(t, t) - t * x, r);
    return batch && x.dim() > 0 ? loss / static_cast<double>(x.size(0)) : loss;
  }
};

const Register<MseLoss, L1Loss, SmoothL1, SmoothL1Loss, HuberLoss, BinaryCrossEntropy, BinaryCrossEntropyWithLogits, KlDiv> registered;

}  // namespace
}  // namespace st
