// Margin losses of one class against all others: multi_margin_loss and multilabel_margin_loss. Both are piecewise polynomials of the
// input: their gradients are products of slopes, which depend on the input in steps at most, and of what comes back.
#include <cmath>
#include <vector>

#include "ops/loss_reduction.h"

namespace st {
namespace {

// A batch (n, c), or one sample (c).
void check_input(const Tensor& x) {
  if (x.dim() > 2 || (x.dim() == 2 && x.size(1) == 0) || (x.dim() == 1 && x.numel() == 0)) {
    runtime_error("Expected non-empty vector or matrix with optional 0-dim batch size, but got: ", x.sizes());
  }
}
int64_t samples(const Tensor& x) { return x.dim() == 2 ? x.size(0) : 1; }
int64_t classes(const Tensor& x) { return x.dim() == 0 ? 1 : x.size(-1); }
void check_long(const Tensor& target) {
  if (target.dtype() != Dtype::Int64) runtime_error("expected scalar type Long but found ", info(target.dtype()).scalar_type);
}

// One loss a sample -> the result; `single`: whether reduction 'none' gives a 0-d one.
Tensor reduced(const Tensor& losses, Reduction r, bool single, Dtype dtype) {
  Tensor y = losses;
  if (r != Reduction::None) {
    y = sum(losses, std::nullopt, false);
    if (r == Reduction::Mean && losses.numel() > 0) y = y / static_cast<double>(losses.numel());
  } else if (single) {
    y = reshape(losses, {});
  }
  return to_dtype(y, dtype);
}
// What has come back, for each sample and in a column, times the share of a sample in the result.
Tensor sample_gradient(const Tensor& g, const Tensor& x, Reduction r) {
  const Tensor column = reshape(g, g.numel() == 1 ? Dims{1, 1} : Dims{g.numel(), 1});
  return r == Reduction::Mean ? column * (1.0 / static_cast<double>(std::max<int64_t>(1, samples(x)))) : column;
}

struct MultiMarginLoss {
  static constexpr OpInfo info{.sig = "multi_margin_loss(Tensor input, Tensor target, Scalar p=1, Scalar margin=1.0, Tensor? weight=None, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "sum over the other classes i of max(0, margin - input[target] + input[i])^p * weight[target] / C, for scores (N, C) and class "
                                      "numbers (N), or one of each; p is 1 or 2.",
                               .saves = {X0 | X1 | X2, 0, 0}, .grads = 0b001, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& target, const Scalar& p, const Scalar& margin, const Tensor& weight, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    check(x, target, p, weight);
    const Tensor rows = contiguous_copy(widened(x)), w = weight.defined() ? cast_copy(weight, rows.dtype()) : weight;
    const Tensor t = contiguous_copy(target), losses = empty(Dims{samples(x)}, rows.dtype());
    const int64_t c = classes(x);
    visit_float(rows.dtype(), [&]<class T>() {
      for (int64_t i = 0; i < losses.numel(); ++i) {
        const T* row = rows.data<T>() + i * c;
        const int64_t at = t.data<int64_t>()[i];
        double total = 0;
        for (int64_t k = 0; k < c; ++k) {
          const double z = margin.to_double() - static_cast<double>(row[at]) + static_cast<double>(row[k]);
          if (k != at && !(z <= 0)) total += p.to_double() == 1 ? z : z * z;
        }
        losses.data<T>()[i] = static_cast<T>((w.defined() ? static_cast<double>(w.data<T>()[at]) : 1) * total / static_cast<double>(c));
      }
    });
    return reduced(losses, r, x.dim() < 2 && target.dim() == 0, x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& target, const Scalar& p, const Scalar& margin, const Tensor& weight, const std::string& reduction) {
    if (!d.needs(0)) return;
    const int64_t n = samples(x), c = classes(x);
    const Tensor rows = reshape(x, Dims{n, c}), at = reshape(target, Dims{n, 1});
    const Tensor z = rows - gather(rows, 1, at) + margin.to_double();
    const Tensor step = scatter(to_dtype(z > 0.0, x.dtype()), 1, at, Scalar(0));
    Tensor slope = (p.to_double() == 1 ? step : 2.0 * z * step) * (1.0 / static_cast<double>(c));
    if (weight.defined()) slope = slope * reshape(index_select(weight, 0, reshape(target, Dims{n})), Dims{n, 1});
    const Tensor g = slope * sample_gradient(d.g(), x, reduction_of(reduction));
    d.set(0, reshape(scatter_add(g, 1, at, -sum(g, Dims{1}, true)), x.sizes()));
  }

 private:
  static void check(const Tensor& x, const Tensor& target, const Scalar& p, const Tensor& weight) {
    if (p.to_double() != 1 && p.to_double() != 2) value_error("only p == 1 and p == 2 supported");
    check_input(x);
    const int64_t n = samples(x), c = classes(x);
    if (target.dim() > 1 || target.numel() != n) {
      runtime_error("multi_margin_loss: target tensor should be 1-D with size equal to the number of input samples (batch size). Expected target size [", n,
                    "], but got ", target.sizes(), ". Input has shape ", x.sizes(), ".");
    }
    if (weight.defined() && !(weight.dim() <= 1 && weight.numel() == c)) runtime_error("inconsistent weight size, expected ", c, " but got ", weight.sizes());
    if (!is_floating(x.dtype())) not_implemented("\"multi_margin_loss_cpu_kernel\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    check_long(target);
    const Tensor t = contiguous_copy(target);
    for (int64_t i = 0; i < n; ++i) if (t.data<int64_t>()[i] < 0 || t.data<int64_t>()[i] >= c) runtime_error("target out of range");
  }
};

struct MultilabelMarginLoss {
  static constexpr OpInfo info{.sig = "multilabel_margin_loss(Tensor input, Tensor target, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "sum over the classes j that a row of target lists, up to the first -1, and over all others i, of max(0, 1 - input[j] + input[i]) / C.",
                               .saves = {X0 | X1, 0}, .grads = 0b01, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& target, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    check(x, target);
    const Tensor losses = empty(Dims{samples(x)}, computed_in(x.dtype()));
    each_pair(x, target, losses, Tensor());
    return reduced(losses, r, x.dim() < 2, x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& target, const std::string& reduction) {
    if (!d.needs(0)) return;
    const Tensor slopes = zeros(Dims{samples(x), classes(x)}, computed_in(x.dtype()));
    each_pair(detach(x), target, Tensor(), slopes);
    d.set(0, reshape(sample_gradient(d.g(), x, reduction_of(reduction)) * slopes, x.sizes()));
  }

 private:
  static void check(const Tensor& x, const Tensor& target) {
    check_input(x);
    if (!same_shape(x, target) && !(x.dim() < 2 && target.dim() < 2 && x.numel() == target.numel())) {
      runtime_error("inconsistent target size: ", target.sizes(), " for input of size: ", x.sizes());
    }
    if (!is_floating(x.dtype())) not_implemented("\"multilabel_margin_loss_forward_out_frame\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    check_long(target);
    const Tensor t = contiguous_copy(target);
    for (int64_t i = 0; i < t.numel(); ++i) {
      if (t.data<int64_t>()[i] < -1 || t.data<int64_t>()[i] >= classes(x)) runtime_error("argument #2 'target' is out of range");
    }
  }
  // Writes the losses of the samples, or their slopes, where these are defined.
  static void each_pair(const Tensor& x, const Tensor& target, const Tensor& losses, const Tensor& slopes) {
    const Tensor rows = contiguous_copy(widened(x)), t = contiguous_copy(target);
    const int64_t c = classes(x);
    std::vector<char> listed(static_cast<size_t>(c));
    visit_float(rows.dtype(), [&]<class T>() {
      for (int64_t n = 0; n < samples(x); ++n) {
        const T* row = rows.data<T>() + n * c;
        const int64_t* to = t.data<int64_t>() + n * c;
        int64_t count = 0;
        std::fill(listed.begin(), listed.end(), 0);
        while (count < c && to[count] >= 0) listed[static_cast<size_t>(to[count++])] = 1;
        double total = 0;
        const T share = static_cast<T>(1 / static_cast<double>(c));
        for (int64_t j = 0; j < count; ++j) {
          for (int64_t i = 0; i < c; ++i) {
            const double z = 1 - static_cast<double>(row[to[j]]) + static_cast<double>(row[i]);
            if (listed[static_cast<size_t>(i)] || z <= 0) continue;
            total += z;
            if (!slopes.defined()) continue;
            slopes.data<T>()[n * c + to[j]] -= share;
            slopes.data<T>()[n * c + i] += share;
          }
        }
        if (losses.defined()) losses.data<T>()[n] = static_cast<T>(total / static_cast<double>(c));
      }
    });
  }
};

const Register<MultiMarginLoss, MultilabelMarginLoss> registered;

}  // namespace
}  // namespace st
