// Losses of margins, of pairs and triplets, and of counts: made of recorded ops.
#include "ops/elementwise/losses.h"
#include "ops/loss_reduction.h"

namespace st {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct SoftMarginLoss {
  static constexpr OpInfo info{.sig = "soft_margin_loss(Tensor input, Tensor target, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "log(1 + exp(-target * input)) for targets of 1 and -1, reduced.", .saves = {X0 | X1, 0}, .grads = 0b01, .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    if (!is_floating(x.dtype())) runtime_error("result type Float can't be cast to the desired output type ", st::info(x.dtype()).scalar_type);
    return reduce_loss(log1p(exp(x * -t)), r);
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& t, const std::string& reduction) {
    const double scale = loss_scale(reduction_of(reduction), x.numel());
    if (d.needs(0)) d.set(0, d.g() * (-scale * t * sigmoid(x * -t)));
  }
};

struct MarginRankingLoss : Composite {
  static constexpr OpInfo info{.sig = "margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "max(0, margin - target * (input1 - input2)) for targets of 1 and -1, reduced.", .where = kNN};
  static Tensor fwd(const Tensor& a, const Tensor& b, const Tensor& t, double margin, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    return reduce_loss(Fn<ClampMin>{}(-t * (a - b) + margin, 0.0), r);
  }
};

struct HingeEmbeddingLoss : Composite {
  static constexpr OpInfo info{.sig = "hinge_embedding_loss(Tensor input, Tensor target, float margin=1.0, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "input where target is 1, max(0, margin - input) where it is -1, reduced.", .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, double margin, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    return reduce_loss(where(t != 1.0, Fn<ClampMin>{}(margin - x, 0.0), 0.0) + where(t != -1.0, x, 0.0), r);
  }
};

struct CosineEmbeddingLoss : Composite {
  static constexpr OpInfo info{.sig = "cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, float margin=0.0, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "1 - cos where target is 1, max(0, cos - margin) where it is -1, for the cosine of the angle between vectors (N, D) or (D), reduced.",
                               .where = kNN};
  static Tensor fwd(const Tensor& a, const Tensor& b, const Tensor& t, double margin, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    if (t.dim() > 1) runtime_error("0D or 1D target tensor expected, multi-target not supported");
    if (t.dim() == 1 && a.dim() != 2) {
      runtime_error("1D target tensor expects 2D input tensors, but found inputs with sizes ", a.sizes(), " and ", b.sizes(), ".");
    }
    if (t.dim() == 0 && a.dim() != 1) {
      runtime_error("0D target tensor expects 1D input tensors, but found inputs with sizes ", a.sizes(), " and ", b.sizes(), ".");
    }
    constexpr double kTiny = 1e-12;
    const Dims dims{t.dim()};
    const Tensor aa = sum(a * a, dims, false) + kTiny, bb = sum(b * b, dims, false) + kTiny;
    const Tensor cosine = sum(a * b, dims, false) / sqrt(aa * bb);
    return reduce_loss(where(t == 1.0, 1.0 - cosine, 0.0) + where(t == -1.0, Fn<ClampMin>{}(cosine - margin, 0.0), 0.0), r);
  }
};

struct TripletMarginLoss : Composite {
  static constexpr OpInfo info{.sig = "triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, float margin=1.0, float p=2.0, float eps=1e-06, "
                                      "bool swap=False, str reduction='mean') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "max(0, margin + |anchor - positive| - |anchor - negative|) of vectors in the last dimension, reduced; swap takes "
                                      "|positive - negative| for the last distance where that is smaller (Balntas et al. 2016).",
                               .where = kNN};
  static Tensor fwd(const Tensor& a, const Tensor& pos, const Tensor& neg, double margin, double p, double eps, bool swap, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    if (a.dim() != pos.dim() || a.dim() != neg.dim()) {
      runtime_error("The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ", a.dim(), "D, positive ", pos.dim(),
                    "D, and negative ", neg.dim(), "D inputs");
    }
    const auto distance = [&](const Tensor& x, const Tensor& y) { return norm_along(x - y + eps, p, a.dim() > 0 ? OptDims(Dims{-1}) : OptDims(), false); };
    const Tensor near = distance(a, pos);
    Tensor far = distance(a, neg);
    if (swap) far = minimum(far, distance(pos, neg));
    return reduce_loss(Fn<ClampMin>{}(margin + near - far, 0.0), r);
  }
};

struct PoissonNllLoss : Composite {
  static constexpr OpInfo info{.sig = "poisson_nll_loss(Tensor input, Tensor target, bool log_input, bool full, float eps, str reduction) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The negative log likelihood of counts target under Poisson distributions of mean exp(input), or of mean input; `full` adds "
                                      "Stirling's approximation of log(target!) where target > 1.",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& t, bool log_input, bool whole, double eps, const std::string& reduction) {
    const Reduction r = reduction_of(reduction);
    Tensor loss = log_input ? exp(x) - t * x : x - t * log(x + eps);
    if (whole) loss = loss + masked_fill(t * log(t) - t + 0.5 * log(2 * kPi * t), t <= 1.0, 0);
    return reduce_loss(loss, r);
  }
};

const Register<SoftMarginLoss, MarginRankingLoss, HingeEmbeddingLoss, CosineEmbeddingLoss, TripletMarginLoss, PoissonNllLoss> registered;

}  // namespace
}  // namespace st
