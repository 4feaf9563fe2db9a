// Draws whose distribution is in a tensor: bernoulli, multinomial, poisson.
#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/random.h"

namespace st {
namespace {

constexpr uint16_t kDraw = kFunction | kMethod | kRandom;

struct Bernoulli {
  static constexpr OpInfo info{.sig = "bernoulli(Tensor input, *, Generator? generator=None) -> Tensor",
                               .doc = "1 with the probability that stands in input, else 0; of the sizes and dtype of input.", .where = kDraw};
  static Tensor fwd(const Tensor& p, Generator* g) {
    Tensor y = empty(p.sizes(), p.dtype());
    draw_bernoulli(y, p, g);
    return y;
  }
  static void vjp(Grads& d, const Tensor& p, Generator*) {
    d.set(0, zeros(p.sizes(), p.dtype()));
  }
};
struct BernoulliP {
  static constexpr OpInfo info{.sig = "bernoulli(Tensor input, float p, *, Generator? generator=None) -> Tensor",
                               .doc = "1 with probability p, else 0; of the sizes and dtype of input.", .where = kDraw, .grad_name = "torch::autograd::NotImplemented"};
  static Tensor fwd(const Tensor& x, double p, Generator* g) {
    Tensor y = empty(x.sizes(), x.dtype());
    draw_bernoulli(y, p, g);
    return y;
  }
  static void vjp(Grads&, const Tensor&, double, Generator*) { runtime_error("derivative for aten::bernoulli is not implemented"); }
};

struct Multinomial {
  static constexpr OpInfo info{.sig = "multinomial(Tensor input, int num_samples, bool replacement=False, *, Generator? generator=None) -> Tensor",
                               .doc = "Indices drawn with the weights that stand in each row of input: (C) gives (num_samples), (N, C) gives (N, num_samples).",
                               .where = kDraw};
  static Tensor fwd(const Tensor& x, int64_t samples, bool replacement, Generator* g) {
    if (x.dim() < 1 || x.dim() > 2) runtime_error("prob_dist must be 1 or 2 dim");
    if (!is_floating(x.dtype())) runtime_error("multinomial only supports floating-point dtypes for input, got: ", st::info(x.dtype()).scalar_type);
    if (samples <= 0) runtime_error("cannot sample n_sample <= 0 samples");
    const int64_t categories = x.size(-1), rows = x.dim() == 2 ? x.size(0) : 1;
    if (!replacement && samples > categories) runtime_error("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
    if (categories > int64_t{1} << 24) runtime_error("number of categories cannot exceed 2^24");
    if (categories == 0 && rows > 0) runtime_error("invalid multinomial distribution (sum of probabilities <= 0)");
    const Tensor weights = cast_copy(x, is_half(x.dtype()) ? Dtype::Float32 : x.dtype());
    Tensor y = empty(x.dim() == 2 ? Dims{rows, samples} : Dims{samples}, Dtype::Int64);
    visit_float(weights.dtype(), [&]<class T>() {
      multinomial(generator_or_default(g), weights.data<T>(), rows, categories, samples, replacement, y.data<int64_t>());
    });
    return y;
  }
};

struct Poisson {
  static constexpr OpInfo info{.sig = "poisson(Tensor input, Generator? generator=None) -> Tensor",
                               .doc = "Counts of a Poisson distribution whose rates stand in input; of the sizes and dtype of input.",
                               .where = kFunction | kRandom};
  static Tensor fwd(const Tensor& x, Generator* g) {
    if (!is_floating(x.dtype())) no_random_kernel("poisson_cpu", x.dtype());
    const Tensor rates = cast_copy(x, is_half(x.dtype()) ? Dtype::Float32 : x.dtype());
    const Tensor y = empty(x.sizes(), rates.dtype());
    visit_float(rates.dtype(), [&]<class T>() { fill_poisson(generator_or_default(g), y.data<T>(), rates.data<T>(), y.numel()); });
    return cast_copy(y, x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, Generator*) {
    d.set(0, zeros(x.sizes(), x.dtype()));
  }
};

const Register<Bernoulli, BernoulliP, Multinomial, Poisson> registered;

}  // namespace
}  // namespace st
