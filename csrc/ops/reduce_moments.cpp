// Variance and standard deviation, alone and with the mean.
#include <cmath>

#include "ops/call.h"
#include "ops/elementwise/arithmetic.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

using Pair = std::tuple<Tensor, Tensor>;

void check_floating(const Tensor& x) {
  if (!differentiable(x.dtype())) runtime_error("std and var only support floating point and complex dtypes");
}

struct Spread {
  Tensor spread, mean;
};

// `correction` is what is taken off the number of elements.
Spread spread_of(const char* name, const Tensor& x, const OptDims& dim, double correction, bool keepdim, bool root) {
  check_floating(x);
  Moments m = moments(widened(x), mask_of(dim, x.dim()), keepdim);
  if (m.squares.numel() == 0 || static_cast<double>(m.n) <= correction) {
    warn(cat(name, "(): degrees of freedom is <= 0. Correction should be strictly less than the reduction factor (input numel divided by output numel)."));
  }
  const double n = std::max(0.0, static_cast<double>(m.n) - correction);
  double* p = m.squares.data<double>();
  for (int64_t i = 0; i < m.squares.numel(); ++i) p[i] = root ? std::sqrt(p[i] / n) : p[i] / n;
  return {cast_copy(m.squares, x.dtype()), cast_copy(m.mean, x.dtype())};
}

// The gradient of the variance times g, over x.
Tensor var_gradient(const Tensor& given, const Tensor& x, const OptDims& dim, double correction, bool keepdim) {
  const DimMask mask = mask_of(dim, x.dim());
  const Tensor g = with_reduced(given, mask, x.dim(), keepdim);
  const double n = static_cast<double>(reduced_count(x, mask)) - correction;
  const Tensor center = mean(x, dim, true);
  if (n <= 0) return g * where(x - center == 0.0, full({}, NAN, x.dtype()), INFINITY);
  return scaled_distance(x, center, (2.0 / n) * g);
}
Tensor std_gradient(const Tensor& g, const Tensor& y, const Tensor& x, const OptDims& dim, double correction, bool keepdim) {
  return var_gradient(where(y == 0.0, 0.0, g / (y * 2.0)), x, dim, correction, keepdim);
}

template <bool kRoot>
struct Scatter {
  static constexpr OpInfo info{.sig = kRoot ? "std(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor"
                                            : "var(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> Tensor",
                               .doc = kRoot ? "Standard deviation over the dimensions dim (all where it is None), dividing by n - correction; correction is 1 unless given."
                                            : "Variance over the dimensions dim (all where it is None), dividing by n - correction; correction is 1 unless given.",
                               .saves = {static_cast<uint8_t>(kRoot ? X0 | Y : X0)}, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const OptDims& dim, const std::optional<Scalar>& correction, bool keepdim) {
    return spread_of(kRoot ? "std" : "var", x, dim, correction.value_or(1).to_double(), keepdim, kRoot).spread;
  }
  static void vjp(Grads& d, const Tensor& x, const OptDims& dim, const std::optional<Scalar>& correction, bool keepdim) {
    const double c = correction.value_or(1).to_double();
    if constexpr (kRoot) d.set(0, std_gradient(d.g(), d.y(), x, dim, c, keepdim));
    else d.set(0, var_gradient(d.g(), x, dim, c, keepdim));
  }
};

template <bool kRoot>
struct ScatterMean {
  static constexpr OpInfo info{.sig = kRoot ? "std_mean(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)"
                                            : "var_mean(Tensor input, int[1]? dim=None, *, Scalar? correction=None, bool keepdim=False) -> (Tensor, Tensor)",
                               .doc = kRoot ? "Standard deviation, as std(), and mean over the dimensions dim." : "Variance, as var(), and mean over the dimensions dim.",
                               .saves = {static_cast<uint8_t>(kRoot ? X0 | Y : X0)}, .where = kFunction};
  static Pair fwd(const Tensor& x, const OptDims& dim, const std::optional<Scalar>& correction, bool keepdim) {
    Spread s = spread_of(kRoot ? "std_mean" : "var_mean", x, dim, correction.value_or(1).to_double(), keepdim, kRoot);
    return {std::move(s.spread), std::move(s.mean)};
  }
  static void vjp(Grads& d, const Tensor& x, const OptDims& dim, const std::optional<Scalar>& correction, bool keepdim) {
    const double c = correction.value_or(1).to_double();
    Tensor total;
    if (d.defined(0)) {
      if constexpr (kRoot) total = std_gradient(d.g(0), d.y(0), x, dim, c, keepdim);
      else total = var_gradient(d.g(0), x, dim, c, keepdim);
    }
    if (d.defined(1)) {
      const DimMask mask = mask_of(dim, x.dim());
      const Tensor part = spread(d.g(1) / static_cast<double>(reduced_count(x, mask)), mask, x, keepdim);
      total = total.defined() ? total + part : part;
    }
    d.set(0, total);
  }
};

// The older forms: `unbiased` stands for a correction of 1.
template <class Op>
struct All : Composite {
  static auto fwd(const Tensor& x, bool unbiased) { return call_op<Op>(x, OptDims(), std::optional<Scalar>(Scalar(int{unbiased})), false); }
};
template <class Op>
struct Dim : Composite {
  static auto fwd(const Tensor& x, const OptDims& dim, bool unbiased, bool keepdim) {
    return call_op<Op>(x, dim, std::optional<Scalar>(Scalar(int{unbiased})), keepdim);
  }
};
constexpr const char* kOlder = "The form with unbiased, which stands for a correction of 1, False for 0.";

struct VarAll : All<Scatter<false>> { static constexpr OpInfo info{.sig = "var(Tensor input, bool unbiased) -> Tensor", .doc = kOlder, .out = kOutCasts}; };
struct VarDim : Dim<Scatter<false>> { static constexpr OpInfo info{.sig = "var(Tensor input, int[1]? dim, bool unbiased, bool keepdim=False) -> Tensor", .doc = kOlder, .out = kOutCasts}; };
struct StdAll : All<Scatter<true>> { static constexpr OpInfo info{.sig = "std(Tensor input, bool unbiased) -> Tensor", .doc = kOlder, .out = kOutCasts}; };
struct StdDim : Dim<Scatter<true>> { static constexpr OpInfo info{.sig = "std(Tensor input, int[1]? dim, bool unbiased, bool keepdim=False) -> Tensor", .doc = kOlder, .out = kOutCasts}; };
struct VarMeanAll : All<ScatterMean<false>> { static constexpr OpInfo info{.sig = "var_mean(Tensor input, bool unbiased) -> (Tensor, Tensor)", .doc = kOlder, .where = kFunction}; };
struct VarMeanDim : Dim<ScatterMean<false>> {
  static constexpr OpInfo info{.sig = "var_mean(Tensor input, int[1]? dim, bool unbiased, bool keepdim=False) -> (Tensor, Tensor)", .doc = kOlder, .where = kFunction};
};
struct StdMeanAll : All<ScatterMean<true>> { static constexpr OpInfo info{.sig = "std_mean(Tensor input, bool unbiased) -> (Tensor, Tensor)", .doc = kOlder, .where = kFunction}; };
struct StdMeanDim : Dim<ScatterMean<true>> {
  static constexpr OpInfo info{.sig = "std_mean(Tensor input, int[1]? dim, bool unbiased, bool keepdim=False) -> (Tensor, Tensor)", .doc = kOlder, .where = kFunction};
};

const Register<VarAll, VarDim, Scatter<false>, StdAll, StdDim, Scatter<true>, VarMeanAll, VarMeanDim, ScatterMean<false>, StdMeanAll, StdMeanDim,
               ScatterMean<true>> registered;

}  // namespace
}  // namespace st
