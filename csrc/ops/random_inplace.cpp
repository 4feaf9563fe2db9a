// Overwriting a tensor with random numbers: uniform_, normal_, random_ and their kin. What they write depends on nothing, so their
// gradient is zero.
#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/random.h"

namespace st {
namespace {

constexpr uint16_t kWriter = kMethod | kOnlyInplace | kRandom;

// What all these records share; each has `inplace`.
template <class Op, class... A>
struct Writer {
  static Tensor fwd(const Tensor& x, A... args) {
    Tensor y = empty_like(x, x.dtype());
    Op::inplace(y, args...);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, A...) {
    if (d.needs(0)) d.set(0, zeros(x.sizes(), x.dtype()));
  }
};

struct UniformIn : Writer<UniformIn, double, double, Generator*> {
  static constexpr OpInfo info{.sig = "uniform(Tensor input, float from=0, float to=1, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with uniform numbers in [from, to).", .where = kWriter};
  static void inplace(const Tensor& x, double from, double to, Generator* g) { draw_uniform(x, from, to, g); }
};
struct NormalIn : Writer<NormalIn, double, double, Generator*> {
  static constexpr OpInfo info{.sig = "normal(Tensor input, float mean=0, float std=1, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with normal numbers.", .where = kWriter};
  static void inplace(const Tensor& x, double mean, double std, Generator* g) { draw_normal(x, mean, std, g); }
};
struct LogNormalIn : Writer<LogNormalIn, double, double, Generator*> {
  static constexpr OpInfo info{.sig = "log_normal(Tensor input, float mean=1, float std=2, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with exponentials of normal numbers of this mean and standard deviation.", .where = kWriter};
  static void inplace(const Tensor& x, double mean, double std, Generator* g) { draw_log_normal(x, mean, std, g); }
};
struct CauchyIn : Writer<CauchyIn, double, double, Generator*> {
  static constexpr OpInfo info{.sig = "cauchy(Tensor input, float median=0, float sigma=1, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with numbers of a Cauchy distribution.", .where = kWriter};
  static void inplace(const Tensor& x, double median, double sigma, Generator* g) { draw_cauchy(x, median, sigma, g); }
};
struct ExponentialIn : Writer<ExponentialIn, double, Generator*> {
  static constexpr OpInfo info{.sig = "exponential(Tensor input, float lambd=1, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with numbers of density lambd * exp(-lambd * x).", .where = kWriter};
  static void inplace(const Tensor& x, double lambda, Generator* g) { draw_exponential(x, lambda, g); }
};
struct GeometricIn : Writer<GeometricIn, double, Generator*> {
  static constexpr OpInfo info{.sig = "geometric(Tensor input, float p, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with the number of trials until the first success, which has probability p.", .where = kWriter};
  static void inplace(const Tensor& x, double p, Generator* g) { draw_geometric(x, p, g); }
};
struct BernoulliIn : Writer<BernoulliIn, double, Generator*> {
  static constexpr OpInfo info{.sig = "bernoulli(Tensor input, float p=0.5, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with 1 with probability p, else 0.", .where = kWriter, .grad_name = "BernoulliBackward2"};
  static void inplace(const Tensor& x, double p, Generator* g) { draw_bernoulli(x, p, g); }
};
struct BernoulliTensorIn {
  static constexpr OpInfo info{.sig = "bernoulli(Tensor input, Tensor p, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with 1 with the probability that stands in p, else 0.", .where = kWriter,
                               .grad_name = "BernoulliBackward1"};
  static void inplace(const Tensor& x, const Tensor& p, Generator* g) { draw_bernoulli(x, p, g); }
  static Tensor fwd(const Tensor& x, const Tensor& p, Generator* g) {
    Tensor y = empty_like(x, x.dtype());
    draw_bernoulli(y, p, g);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& p, Generator*) {
    if (d.needs(0)) d.set(0, zeros(x.sizes(), x.dtype()));
    if (d.needs(1)) d.set(1, zeros(p.sizes(), p.dtype()));
  }
};

struct RandomRangeIn : Writer<RandomRangeIn, int64_t, std::optional<int64_t>, Generator*> {
  static constexpr OpInfo info{.sig = "random(Tensor input, int from, int? to, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with integers of [from, to), or from `from` to the largest that its dtype holds.", .where = kWriter};
  static void inplace(const Tensor& x, int64_t from, std::optional<int64_t> to, Generator* g) { draw_integers(x, from, to, g); }
};
struct RandomToIn : Writer<RandomToIn, int64_t, Generator*> {
  static constexpr OpInfo info{.sig = "random(Tensor input, int to, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with integers of [0, to).", .where = kWriter, .grad_name = "RandomBackward1"};
  static void inplace(const Tensor& x, int64_t to, Generator* g) { draw_integers(x, 0, to, g); }
};
struct RandomIn : Writer<RandomIn, Generator*> {
  static constexpr OpInfo info{.sig = "random(Tensor input, *, Generator? generator=None) -> Tensor",
                               .doc = "Fills input with integers from 0 to the largest that its dtype holds exactly.", .where = kWriter,
                               .grad_name = "RandomBackward2"};
  static void inplace(const Tensor& x, Generator* g) { draw_integers(x, g); }
};

const Register<UniformIn, NormalIn, LogNormalIn, CauchyIn, ExponentialIn, GeometricIn, BernoulliTensorIn, BernoulliIn, RandomRangeIn, RandomToIn, RandomIn>
    registered;

}  // namespace
}  // namespace st
