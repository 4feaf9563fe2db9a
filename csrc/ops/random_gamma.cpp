// Draws of gamma, Dirichlet and binomial distributions, and the gradients of the first two.
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "kernels/random_gamma.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"
#include "ops/random.h"

namespace st {

Tensor standard_gamma_grad(const Tensor& alpha, const Tensor& x);
Tensor dirichlet_grad(const Tensor& x, const Tensor& alpha, const Tensor& total);

namespace {

constexpr int64_t kGrain = 1 << 10;

void check_floating(const char* name, Dtype d) {
  if (!is_floating(d)) no_random_kernel(name, d);
}

struct StandardGamma {
  static constexpr OpInfo info{.sig = "_standard_gamma(Tensor input, Generator? generator=None) -> Tensor",
                               .doc = "Draws of gamma distributions of scale 1 whose shapes stand in input; of its sizes and dtype.",
                               .saves = {X0 | Y}, .where = kFunction | kRandom, .grad_name = "StandardGammaBackward0"};
  static Tensor fwd(const Tensor& alpha, Generator* g) {
    check_floating("gamma_cpu", alpha.dtype());
    const Tensor a = cast_copy(alpha, computed_in(alpha.dtype()));
    const Tensor y = empty(alpha.sizes(), a.dtype());
    visit_float(a.dtype(), [&]<class T>() { fill_gamma(generator_or_default(g), y.data<T>(), a.data<T>(), y.numel()); });
    return cast_copy(y, alpha.dtype());
  }
  static void vjp(Grads& d, const Tensor& alpha, Generator*) {
    d.set(0, d.g() * standard_gamma_grad(alpha, d.y()));
  }
};

// Of n elements, each a function of the others at its place.
template <class F>
Tensor each(Dtype dtype, DimSpan sizes, F f) {
  const Tensor y = empty(sizes, computed_in(dtype));
  visit_float(y.dtype(), [&]<class T>() {
    parallel_for(y.numel(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) y.data<T>()[i] = static_cast<T>(f.template operator()<T>(i));
    });
  });
  return cast_copy(y, dtype);
}

struct StandardGammaGrad {
  static constexpr OpInfo info{.sig = "_standard_gamma_grad(Tensor input, Tensor output) -> Tensor",
                               .doc = "The derivative of a draw of _standard_gamma by its shape.", .where = kFunction,
                               .grad_name = "torch::autograd::NotImplemented"};
  static Tensor fwd(const Tensor& alpha, const Tensor& x) {
    check_floating("_standard_gamma_grad_cpu", alpha.dtype());
    const Dims sizes = broadcast(alpha.sizes(), x.sizes());
    const Tensor a = cast_copy(expand(alpha, sizes), computed_in(alpha.dtype())), v = cast_copy(expand(x, sizes), a.dtype());
    return each(alpha.dtype(), sizes, [&]<class T>(int64_t i) { return gamma_gradient(a.data<T>()[i], v.data<T>()[i]); });
  }
  static void vjp(Grads&, const Tensor&, const Tensor&) { runtime_error("derivative for aten::_standard_gamma_grad is not implemented"); }
};

struct SampleDirichlet {
  static constexpr OpInfo info{.sig = "_sample_dirichlet(Tensor input, Generator? generator=None) -> Tensor",
                               .doc = "Draws of Dirichlet distributions whose concentrations stand along the last dimension of input.",
                               .saves = {X0 | Y}, .where = kFunction | kRandom, .grad_name = "SampleDirichletBackward0"};
  static Tensor fwd(const Tensor& alpha, Generator* g) {
    check_floating("dirichlet", alpha.dtype());
    const Tensor a = cast_copy(alpha, computed_in(alpha.dtype()));
    const Tensor y = empty(alpha.sizes(), a.dtype());
    const int64_t categories = alpha.dim() ? alpha.size(-1) : 1;
    visit_float(a.dtype(), [&]<class T>() {
      if (y.numel()) fill_dirichlet(generator_or_default(g), y.data<T>(), a.data<T>(), y.numel() / categories, categories);
    });
    return cast_copy(y, alpha.dtype());
  }
  static void vjp(Grads& d, const Tensor& alpha, Generator*) {
    const Tensor y = d.y(), g = d.g(), total = expand(sum(alpha, Dims{-1}, true), alpha.sizes());
    d.set(0, dirichlet_grad(y, alpha, total) * (g - sum(y * g, Dims{-1}, true)));
  }
};

struct DirichletGrad {
  static constexpr OpInfo info{.sig = "_dirichlet_grad(Tensor x, Tensor alpha, Tensor total) -> Tensor",
                               .doc = "The derivative of a part x of a draw of _sample_dirichlet by its concentration, over 1 - x.",
                               .where = kFunction, .grad_name = "torch::autograd::NotImplemented"};
  static Tensor fwd(const Tensor& x, const Tensor& alpha, const Tensor& total) {
    check_floating("_dirichlet_grad_cpu", x.dtype());
    const Dims sizes = broadcast(broadcast(x.sizes(), alpha.sizes()), total.sizes());
    const Dtype dtype = computed_in(x.dtype());
    const Tensor v = cast_copy(expand(x, sizes), dtype), a = cast_copy(expand(alpha, sizes), dtype), t = cast_copy(expand(total, sizes), dtype);
    return each(x.dtype(), sizes, [&]<class T>(int64_t i) { return beta_gradient(v.data<T>()[i], a.data<T>()[i], t.data<T>()[i]); });
  }
  static void vjp(Grads&, const Tensor&, const Tensor&, const Tensor&) { runtime_error("derivative for aten::_dirichlet_grad is not implemented"); }
};

struct Binomial {
  static constexpr OpInfo info{.sig = "binomial(Tensor count, Tensor prob, Generator? generator=None) -> Tensor",
                               .doc = "Successes among count trials of probability prob; of the sizes that both broadcast to.",
                               .where = kFunction | kRandom, .grad_name = "BinomialBackward0"};
  static Tensor fwd(const Tensor& count, const Tensor& p, Generator* g) {
    check_floating("binomial_cpu", count.dtype());
    if (p.dtype() != count.dtype()) {
      runtime_error("Found dtype ", st::info(p.dtype()).scalar_type, " but expected ", st::info(count.dtype()).scalar_type);
    }
    const Dims sizes = broadcast(count.sizes(), p.sizes());
    const Dtype dtype = computed_in(count.dtype());
    const Tensor n = cast_copy(expand(count, sizes), dtype), q = cast_copy(expand(p, sizes), dtype), y = empty(sizes, dtype);
    visit_float(dtype, [&]<class T>() { fill_binomial(generator_or_default(g), y.data<T>(), n.data<T>(), q.data<T>(), y.numel()); });
    return cast_copy(y, count.dtype());
  }
  static void vjp(Grads& d, const Tensor& count, const Tensor& p, Generator*) {
    if (d.needs(0)) d.set(0, zeros(count.sizes(), count.dtype()));
    if (d.needs(1)) d.set(1, zeros(p.sizes(), p.dtype()));
  }
};

const Register<StandardGamma, StandardGammaGrad, SampleDirichlet, DirichletGrad, Binomial> registered;

}  // namespace

Tensor standard_gamma_grad(const Tensor& alpha, const Tensor& x) { return call_op<StandardGammaGrad>(alpha, x); }
Tensor dirichlet_grad(const Tensor& x, const Tensor& alpha, const Tensor& total) { return call_op<DirichletGrad>(x, alpha, total); }

}  // namespace st
