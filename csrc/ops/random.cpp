// Making random tensors: rand, randn, randint, their _like forms, randperm and normal.
#include "ops/random.h"

#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/check.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

using OptDtype = std::optional<Dtype>;
constexpr uint16_t kMaker = kFunction | kRandom;

struct Rand {
  static constexpr OpInfo info{.sig = "rand(int[]... size, *, Generator? generator=None, **factory) -> Tensor",
                               .doc = "Uniform numbers in [0, 1), of shape size.", .where = kMaker};
  static Tensor fwd(const Dims& size, Generator* g, OptDtype dtype) {
    Tensor y = empty(size, dtype.value_or(default_dtype()));
    draw_uniform(y, 0.0, 1.0, g);
    return y;
  }
};
struct RandLike {
  static constexpr OpInfo info{.sig = "rand_like(Tensor input, *, Generator? generator=None, **factory, ignored? memory_format=None) -> Tensor",
                               .doc = "Uniform numbers in [0, 1) of the sizes and dtype of input.", .where = kMaker};
  static Tensor fwd(const Tensor& x, Generator* g, OptDtype dtype) {
    Tensor y = empty_like(x, dtype.value_or(x.dtype()));
    draw_uniform(y, 0.0, 1.0, g);
    return y;
  }
};

struct Randn {
  static constexpr OpInfo info{.sig = "randn(int[]... size, *, Generator? generator=None, **factory) -> Tensor",
                               .doc = "Normal numbers of mean 0 and variance 1, of shape size.", .where = kMaker};
  static Tensor fwd(const Dims& size, Generator* g, OptDtype dtype) {
    Tensor y = empty(size, dtype.value_or(default_dtype()));
    draw_normal(y, 0.0, 1.0, g);
    return y;
  }
};
struct RandnLike {
  static constexpr OpInfo info{.sig = "randn_like(Tensor input, *, Generator? generator=None, **factory, ignored? memory_format=None) -> Tensor",
                               .doc = "Normal numbers of mean 0 and variance 1 of the sizes and dtype of input.", .where = kMaker};
  static Tensor fwd(const Tensor& x, Generator* g, OptDtype dtype) {
    Tensor y = empty_like(x, dtype.value_or(x.dtype()));
    draw_normal(y, 0.0, 1.0, g);
    return y;
  }
};

struct RandintRange {
  static constexpr OpInfo info{.sig = "randint(int low, int high, int[] size, *, Generator? generator=None, **factory) -> Tensor",
                               .doc = "Integers of [low, high), of shape size; int64 unless told.", .where = kMaker};
  static Tensor fwd(int64_t low, int64_t high, const Dims& size, Generator* g, OptDtype dtype) {
    Tensor y = empty(size, dtype.value_or(Dtype::Int64));
    draw_integers(y, low, high, g);
    return y;
  }
};
struct Randint {
  static constexpr OpInfo info{.sig = "randint(int high, int[] size, *, Generator? generator=None, **factory) -> Tensor",
                               .doc = "Integers of [0, high), of shape size; int64 unless told.", .where = kMaker};
  static Tensor fwd(int64_t high, const Dims& size, Generator* g, OptDtype dtype) { return RandintRange::fwd(0, high, size, g, dtype); }
};
struct RandintLikeRange {
  static constexpr OpInfo info{
      .sig = "randint_like(Tensor input, int low, int high, *, Generator? generator=None, **factory, ignored? memory_format=None) -> Tensor",
      .doc = "Integers of [low, high) in the sizes and dtype of input.", .where = kMaker};
  static Tensor fwd(const Tensor& x, int64_t low, int64_t high, Generator* g, OptDtype dtype) {
    Tensor y = empty_like(x, dtype.value_or(x.dtype()));
    draw_integers(y, low, high, g);
    return y;
  }
};
struct RandintLike {
  static constexpr OpInfo info{
      .sig = "randint_like(Tensor input, int high, *, Generator? generator=None, **factory, ignored? memory_format=None) -> Tensor",
      .doc = "Integers of [0, high) in the sizes and dtype of input.", .where = kMaker};
  static Tensor fwd(const Tensor& x, int64_t high, Generator* g, OptDtype dtype) { return RandintLikeRange::fwd(x, 0, high, g, dtype); }
};

struct Randperm {
  static constexpr OpInfo info{.sig = "randperm(int n, *, Generator? generator=None, **factory) -> Tensor",
                               .doc = "A random permutation of 0 .. n-1; int64 unless told.", .where = kMaker};
  static Tensor fwd(int64_t n, Generator* given, OptDtype dtype) {
    const Dtype d = dtype.value_or(Dtype::Int64);
    if (d == Dtype::Bool || is_complex(d)) no_random_kernel("randperm", d);
    check_largest(n, d);
    Tensor y = empty(Dims{n}, d);
    const Tensor work = is_half(d) ? empty(Dims{n}, Dtype::Int16) : y;  // both hold fewer integers than int16
    visit_real(work.dtype(), [&]<class T>() {
      if constexpr (!std::is_same_v<T, bool> && !std::is_same_v<T, Half> && !std::is_same_v<T, BFloat16>) {
        fill_permutation(generator_or_default(given), work.data<T>(), n);
      }
    });
    if (is_half(d)) copy_elements(y, work);
    return y;
  }

  // All of 0 .. n-1 must be exact.
  static void check_largest(int64_t n, Dtype d) {
    switch (d) {
      case Dtype::Float16: return check_float(n, 11, "2049", d);
      case Dtype::BFloat16: return check_float(n, 8, "257", d);
      case Dtype::Float32: return check_float(n, 24, "2^24+1", d);
      case Dtype::Float64: return check_float(n, 53, "2^53+1", d);
      default: return check_fits(Scalar(n), d);
    }
  }
  static void check_float(int64_t n, int digits, const char* largest, Dtype d) {
    if (n > (int64_t{1} << digits) + 1) runtime_error("n cannot be greater than ", largest, " for ", st::info(d).scalar_type, " type.");
  }
};

void check_std(const Tensor& std) {
  if (is_complex(std.dtype())) runtime_error("normal expects standard deviation to be non-complex");
  const Tensor c = cast_copy(std, Dtype::Float64);
  for (int64_t i = 0; i < c.numel(); ++i) {
    if (!(c.data<double>()[i] >= 0.0)) runtime_error("normal expects all elements of std >= 0.0");
  }
}

// mean + std * z, each step rounded to the dtype of z.
template <class M>
Tensor scaled(const Tensor& z, const M& mean, const Tensor& std) {
  return cast_copy(cast_copy(z * std, z.dtype()) + mean, z.dtype());
}

struct NormalTensors {
  static constexpr OpInfo info{.sig = "normal(Tensor mean, Tensor std, *, Generator? generator=None) -> Tensor",
                               .doc = "Normal numbers, each of its own mean and standard deviation, which are broadcast.", .where = kMaker,
                               .grad_name = "NormalBackward3"};
  static Tensor fwd(const Tensor& mean, const Tensor& std, Generator* g) {
    check_std(std);
    const Tensor z = empty(broadcast(mean.sizes(), std.sizes()), mean.dtype());
    draw_normal(z, 0.0, 1.0, g);
    return scaled(z, mean, std);
  }
  static void vjp(Grads& d, const Tensor& mean, const Tensor& std, Generator*) {
    if (d.needs(0)) d.set(0, zeros(mean.sizes(), mean.dtype()));
    if (d.needs(1)) d.set(1, zeros(std.sizes(), std.dtype()));
  }
};
struct NormalMeans {
  static constexpr OpInfo info{.sig = "normal(Tensor mean, float std=1, *, Generator? generator=None) -> Tensor",
                               .doc = "Normal numbers, each of its own mean.", .where = kMaker, .grad_name = "NormalBackward1"};
  static Tensor fwd(const Tensor& mean, double std, Generator* g) {
    const Tensor z = empty(mean.sizes(), mean.dtype());
    draw_normal(z, 0.0, std, g);
    return z + mean;
  }
  static void vjp(Grads& d, const Tensor& mean, double, Generator*) {
    d.set(0, zeros(mean.sizes(), mean.dtype()));
  }
};
struct NormalStds {
  static constexpr OpInfo info{.sig = "normal(float mean, Tensor std, *, Generator? generator=None) -> Tensor",
                               .doc = "Normal numbers, each of its own standard deviation.", .where = kMaker, .grad_name = "NormalBackward2"};
  static Tensor fwd(double mean, const Tensor& std, Generator* g) {
    check_std(std);
    const Tensor z = empty(std.sizes(), std.dtype());
    draw_normal(z, 0.0, 1.0, g);
    return scaled(z, mean, std);
  }
  static void vjp(Grads& d, double, const Tensor& std, Generator*) {
    d.set(0, zeros(std.sizes(), std.dtype()));
  }
};
struct NormalSize {
  static constexpr OpInfo info{.sig = "normal(float mean, float std, int[] size, *, Generator? generator=None, **factory) -> Tensor",
                               .doc = "Normal numbers of one mean and standard deviation, of shape size.", .where = kMaker};
  static Tensor fwd(double mean, double std, const Dims& size, Generator* g, OptDtype dtype) {
    Tensor y = empty(size, dtype.value_or(default_dtype()));
    draw_normal(y, mean, std, g);
    return y;
  }
};

const Register<Rand, RandLike, Randn, RandnLike, RandintRange, Randint, RandintLikeRange, RandintLike, Randperm, NormalTensors, NormalMeans, NormalStds,
               NormalSize> registered;

}  // namespace
}  // namespace st
