// Losses of class indices and class probabilities: nll_loss and cross_entropy.
#include "kernels/classes.h"
#include "kernels/softmax.h"
#include "ops/elementwise/exp_log.h"
#include "ops/loss_reduction.h"

namespace st {
namespace {

// How PyTorch sees the input: (C), (N, C) or (N, C, ...).
Classes classes_of(const Tensor& x, const Tensor& target, const Tensor& weight, int64_t ignored) {
  const bool single = x.dim() == 1;
  Classes k{single ? 1 : x.size(0), single ? x.size(0) : x.size(1), 1, target.data<int64_t>(), weight, ignored};
  for (int d = 2; d < x.dim(); ++d) k.s *= x.size(d);
  return k;
}

void check_sizes(const Tensor& x, const Tensor& target, const Tensor& weight) {
  if (x.dim() == 0) value_error("Expected 1 or more dimensions (got 0)");
  if (x.dim() == 1 && target.dim() == 1 && target.size(0) != 1) {
    value_error("For 1D input, 1D target must have size 1, but got target size: ", target.size(0));
  }
  const int64_t batch = target.dim() > 0 ? target.size(0) : 0;
  if (x.dim() > 1 && x.size(0) != batch) value_error("Expected input batch_size (", x.size(0), ") to match target batch_size (", batch, ").");
  if (x.dim() <= 2 && target.dim() > 1) runtime_error("0D or 1D target tensor expected, multi-target not supported");
  if (x.dim() <= 2 && x.dim() != target.dim() + 1 && !(x.dim() == 1 && target.numel() == 1)) {
    runtime_error("size mismatch (got input: ", x.sizes(), ", target: ", target.sizes(), ")");
  }
  Dims expected;
  for (int d = 0; d < x.dim(); ++d) if (d != 1) expected.push_back(x.size(d));
  if (x.dim() > 2 && !equal(expected, target.sizes())) {
    if (x.dim() != 4) runtime_error("Expected target size ", DimSpan(expected), ", got ", target.sizes());
    if (target.dim() != 3) runtime_error("only batches of spatial targets supported (3D tensors) but got targets of dimension: ", target.dim());
    runtime_error("size mismatch (got input: ", x.sizes(), " , target: ", target.sizes());
  }
  const int64_t c = x.size(x.dim() == 1 ? 0 : 1);
  if (weight.defined() && !(weight.dim() == 1 && weight.numel() == c)) {
    runtime_error("weight tensor should be defined either for all ", c, " classes or no classes but got weight tensor of shape: ", weight.sizes());
  }
  if (weight.defined() && weight.dtype() != x.dtype()) {
    runtime_error("expected scalar type ", info(x.dtype()).scalar_type, " but found ", info(weight.dtype()).scalar_type);
  }
  if (target.dtype() != Dtype::Int64 && target.dtype() != Dtype::UInt8) {
    runtime_error("expected target dtype to be Long or Byte, but got ", info(target.dtype()).scalar_type);
  }
}

// What the kernels read: checked, contiguous, in a type that they compute in.
struct Ready {
  Tensor x, target, weight;
  Classes k;
  Ready(const Tensor& given, const Tensor& t, const Tensor& w, int64_t ignored)
      : x((check_sizes(given, t, w), contiguous_copy(widened(given)))), target(cast_copy(t, Dtype::Int64)), weight(w.defined() ? contiguous_copy(widened(w)) : w),
        k(classes_of(x, target, weight, ignored)) {
    check_targets(k);
  }
};

Tensor shaped(const Tensor& t, DimSpan sizes) { return alias(t, sizes, contiguous_strides(sizes), t.offset()); }

Tensor reduced(const Classes& k, const Tensor& picked, Reduction r, DimSpan target_sizes, Dtype dtype) {
  if (r == Reduction::None) return narrowed(shaped(picked, target_sizes), dtype);
  Tensor y = sum_classes(k, picked);
  if (r == Reduction::Mean) visit_float(y.dtype(), [&]<class T>() { *y.data<T>() /= static_cast<T>(total_weight(k, y.dtype())); });
  return narrowed(std::move(y), dtype);
}

// Each row's weight times the gradient that has come back.
Tensor row_scales(const Classes& k, const Tensor& g, Reduction r) {
  const Dtype type = computed_in(g.dtype());
  if (g.numel() != 1 && g.numel() != k.count()) runtime_error("nll_loss: expected one gradient or one for each target, got ", g.sizes());
  return weights_of_classes(k, cast_copy(g, type), r == Reduction::Mean ? total_weight(k, type) : 1);
}

Tensor nll(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored);

// The gradient of nll, which is linear in both directions: each is the other's derivative.
struct NllGrad {
  static constexpr OpInfo info{.sig = "_nll_loss_grad(Tensor grad, Tensor input, Tensor target, Tensor? weight, str reduction, int ignore_index) -> Tensor",
                               .doc = "-weight * grad at the targets of zeros of the input's sizes.", .saves = {X2 | X3, 0, 0, 0}, .grads = 0b0011, .where = 0};
  static Tensor fwd(const Tensor& g, const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    const Ready r(x, target, weight, ignored);
    const Tensor scale = row_scales(r.k, g, reduction_of(reduction));
    visit_float(scale.dtype(), [&]<class T>() { for (int64_t i = 0; i < scale.numel(); ++i) scale.data<T>()[i] = -scale.data<T>()[i]; });
    return narrowed(shaped(spread_classes(r.k, scale), x.sizes()), g.dtype());
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    if (d.needs(0)) d.set(0, nll(d.g(), target, weight, reduction, ignored));
    if (d.needs(1)) d.set(1, zeros(x.sizes(), x.dtype()));
  }
};

template <bool kSpatial>
struct Nll {
  static constexpr OpInfo info{.sig = kSpatial ? "_nll_loss2d(Tensor input, Tensor target, Tensor? weight, str reduction, int ignore_index) -> Tensor"
                                               : "_nll_loss(Tensor input, Tensor target, Tensor? weight, str reduction, int ignore_index) -> Tensor",
                               .doc = "nll_loss() of checked sizes.", .saves = {X0 | X1 | X2, 0, 0}, .grads = 0b001, .where = 0,
                               .grad_name = kSpatial ? "NllLoss2DBackward0" : "NllLossBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    const Ready r(x, target, weight, ignored);
    return reduced(r.k, pick_classes(r.k, r.x), reduction_of(reduction), target.sizes(), x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    if (d.needs(0)) d.set(0, call_op<NllGrad>(d.g(), x, target, weight, reduction, ignored));
  }
};

Tensor nll(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
  if (x.dim() > 2) return call_op<Nll<true>>(x, target, weight, reduction, ignored);
  return call_op<Nll<false>>(x, target, weight, reduction, ignored);
}

struct NllLoss : Composite {
  static constexpr OpInfo info{.sig = "nll_loss(Tensor input, Tensor target, Tensor? weight=None, str reduction='mean', int ignore_index=-100) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "-weight * input at the target class, for log-probabilities (N, C, ...) and targets (N, ...), or (C) and one target; "
                                      "the mean divides by the weights.", .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    reduction_of(reduction);
    check_sizes(x, target, weight);
    if (!is_floating(x.dtype())) not_implemented("\"nll_loss_out_frame\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    return nll(x, target, weight, reduction, ignored);
  }
};

// log_softmax and nll of (N, C) or (C) in one node, whose first derivative is one pass over the input.
struct FusedCrossEntropy {
  static constexpr OpInfo info{.sig = "_cross_entropy(Tensor input, Tensor target, Tensor? weight, str reduction, int ignore_index) -> (Tensor, Tensor)",
                               .doc = "Cross entropy of class indices, and what backward needs of each row.", .saves = {X0 | X1 | X2 | Y, 0, 0}, .grads = 0b001,
                               .where = 0, .grad_name = "NllLossBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    const Ready r(x, target, weight, ignored);
    Tensor stats = softmax_stats(shaped(r.x, Dims{r.k.n, r.k.c}));
    Tensor logs = pick_classes(r.k, r.x);
    visit_float(logs.dtype(), [&]<class T>() {
      const T *w = r.weight.defined() ? r.weight.data<T>() : nullptr, *s = stats.data<T>();
      for (int64_t i = 0; i < r.k.n; ++i) {
        const int64_t t = r.k.target[i];
        if (t == ignored) continue;
        const T value = -(r.x.data<T>()[i * r.k.c + t] - s[2 * i] - s[2 * i + 1]);
        logs.data<T>()[i] = w ? value * w[t] : value;
      }
    });
    return {reduced(r.k, logs, reduction_of(reduction), target.sizes(), x.dtype()), std::move(stats)};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored) {
    if (!d.needs(0)) return;
    if (!d.create_graph()) {
      const Ready r(x, target, weight, ignored);
      const Tensor scale = row_scales(r.k, d.g(), reduction_of(reduction));
      const Tensor rows = shaped(r.x, Dims{r.k.n, r.k.c});
      d.set(0, narrowed(shaped(cross_entropy_gradient(rows, d.y(1), r.target, scale), x.sizes()), x.dtype()));
      return;
    }
    const int64_t dim = x.dim() - 1;
    const Tensor g = call_op<NllGrad>(d.g(), x, target, weight, reduction, ignored);
    d.set(0, g - softmax(x, dim) * sum(g, Dims{dim}, true));
  }
};

// What (C) must look like beside the other dimensions.
Tensor beside_classes(const Tensor& weight, const Tensor& x, int64_t dim) {
  Dims sizes = Dims::filled(x.dim(), 1);
  sizes[dim] = weight.numel();
  return reshape(weight, sizes);
}

Tensor cross_entropy_of_probabilities(const Tensor& x, const Tensor& given, const Tensor& weight, Reduction r, double smoothing) {
  if (!is_floating(given.dtype())) runtime_error("Expected floating point type for target with class probabilities, got ", info(given.dtype()).scalar_type);
  const int64_t dim = x.dim() == 1 ? 0 : 1, classes = x.size(dim);
  if (weight.defined() && !(weight.dim() == 1 && weight.numel() == classes)) {
    runtime_error("cross_entropy: weight tensor should be defined either for all ", classes, " classes or no classes but got weight tensor of shape: ", weight.sizes());
  }
  const Tensor target = smoothing > 0 ? given * (1 - smoothing) + smoothing / static_cast<double>(classes) : given;
  Tensor terms = log_softmax(x, dim) * target;
  if (weight.defined()) terms = terms * beside_classes(weight, x, dim);
  if (r == Reduction::None) return -sum(terms, Dims{dim}, false);
  const Tensor total = -sum(terms, std::nullopt, false);
  return r == Reduction::Sum ? total : total / static_cast<double>(classes ? x.numel() / classes : 0);
}

Tensor smoothed_cross_entropy(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored, double smoothing) {
  const Reduction r = reduction_of(reduction);
  const int64_t dim = x.dim() == 1 ? 0 : 1;
  const Tensor logs = log_softmax(x, dim), loss = nll(logs, target, weight, reduction, ignored);
  Tensor smooth = where(target == static_cast<double>(ignored), 0.0, -sum(weight.defined() ? logs * beside_classes(weight, x, dim) : logs, Dims{dim}, false));
  if (r != Reduction::None) smooth = sum(smooth, std::nullopt, false);
  if (r == Reduction::Mean) {
    const Ready ready(x, target, weight, ignored);
    smooth = smooth / total_weight(ready.k, computed_in(x.dtype()));
  }
  return loss * (1 - smoothing) + smooth * (smoothing / static_cast<double>(x.size(dim)));
}

struct CrossEntropy : Composite {
  static constexpr OpInfo info{.sig = "cross_entropy(Tensor input, Tensor target, Tensor? weight=None, str reduction='mean', int ignore_index=-100, float "
                                      "label_smoothing=0.0) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "nll_loss() of log_softmax(input) for class indices (N, ...) and scores (N, C, ...), or (C) and one target; for a target of "
                                      "the input's shape, of class probabilities, -(target * log_softmax(input)) summed over the classes.",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& target, const Tensor& weight, const std::string& reduction, int64_t ignored, double smoothing) {
    const Reduction r = reduction_of(reduction);
    if (smoothing < 0 || smoothing > 1) runtime_error("label_smoothing must be between 0.0 and 1.0. Got: ", smoothing);
    if (same_shape(x, target)) {
      if (ignored >= 0) runtime_error("ignore_index is not supported for floating point target");
      return cross_entropy_of_probabilities(x, target, weight, r, smoothing);
    }
    check_sizes(x, target, weight);
    if (smoothing > 0) return smoothed_cross_entropy(x, target, weight, reduction, ignored, smoothing);
    if (x.dim() <= 2 && is_floating(x.dtype()) && x.size(-1) > 0) return std::get<0>(call_op<FusedCrossEntropy>(x, target, weight, reduction, ignored));
    return nll(log_softmax(x, x.dim() == 1 ? 0 : 1), target, weight, reduction, ignored);
  }
};

const Register<NllGrad, Nll<true>, Nll<false>, NllLoss, FusedCrossEntropy, CrossEntropy> registered;

}  // namespace
}  // namespace st
