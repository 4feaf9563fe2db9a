// cov and corrcoef: how variables, one a row, vary together.
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

const char* scalar_name(const Tensor& t) { return info(t.dtype()).scalar_type; }

bool any_negative(const Tensor& x) {
  GradMode off(false);
  return *fold(x < 0, all_dims(x.dim()), false, Fold::Any).data<bool>();
}

void check_weights(const Tensor& w, int64_t observations, const char* name, bool integral) {
  if (!w.defined()) return;
  if (w.dim() > 1) runtime_error("cov(): expected ", name, " to have one or fewer dimensions but got ", name, " with ", w.dim(), " dimensions");
  if (integral ? !is_integral(w.dtype()) : !is_floating(w.dtype())) {
    runtime_error("cov(): expected ", name, " to have ", integral ? "integral" : "floating point", " dtype but got ", name, " with ", scalar_name(w), " dtype");
  }
  if (w.numel() != observations) {
    runtime_error("cov(): expected ", name, " to have the same numel as there are observations in the input but got ", w.numel(), " != ", observations);
  }
  if (observations > 0 && any_negative(w)) runtime_error("cov(): ", name, " cannot be negative");
}

struct Cov : Composite {
  static constexpr OpInfo info{.sig = "cov(Tensor input, *, int correction=1, Tensor? fweights=None, Tensor? aweights=None) -> Tensor",
                               .doc = "The covariance matrix of the rows of input, whose columns are observations: each counted as often as the integers "
                                      "fweights say and weighted by aweights. correction is taken from the number of observations."};
  static Tensor fwd(const Tensor& given, int64_t correction, const Tensor& fweights, const Tensor& aweights) {
    if (given.dim() > 2) runtime_error("cov(): expected input to have two or fewer dimensions but got an input with ", given.dim(), " dimensions");
    if (given.dtype() == Dtype::Bool) runtime_error("cov(): bool dtype is not supported for input");
    const Tensor rows = given.dim() < 2 ? view(given, Dims{1, given.numel()}) : given;
    const int64_t n = rows.size(1);
    check_weights(fweights, n, "fweights", true);
    check_weights(aweights, n, "aweights", false);
    if (fweights.defined() && n > 0 && !*fold(fweights, all_dims(fweights.dim()), false, Fold::Any).data<bool>()) {
      return full(Dims{rows.size(0), rows.size(0)}, Scalar(std::numeric_limits<double>::quiet_NaN()), result_type(rows));
    }
    Tensor w = fweights;
    if (aweights.defined()) w = w.defined() ? w * aweights : aweights;
    const Tensor x = is_floating(rows.dtype()) ? rows : to_dtype(rows, default_dtype());
    // The weights' sum, less the correction that weighted observations take.
    Tensor total = w.defined() ? sum(w, std::nullopt, false) : full({}, Scalar(n), Dtype::Int64), norm = total;
    const Tensor mean = w.defined() && n > 0 ? sum(x * w, Dims{1}, true) / total : sum(x, Dims{1}, true) / total;
    if (w.defined() && aweights.defined() && correction != 0) norm = total - sum(w * aweights, std::nullopt, false) * correction / total;
    else norm = total - correction;
    const Tensor apart = x - mean;
    const Tensor other = transpose(w.defined() ? apart * w : apart, 0, 1);
    {
      GradMode off(false);
      if (number_of(norm).to_double() <= 0) {
        warn("cov(): degrees of freedom is <= 0. Correction should be strictly less than the number of observations.");
        norm = zeros({}, norm.dtype());
      }
    }
    return squeeze(matmul(apart, other) / norm);
  }

 private:
  static Dtype result_type(const Tensor& x) { return is_floating(x.dtype()) ? x.dtype() : default_dtype(); }
};

struct Corrcoef : Composite {
  static constexpr OpInfo info{.sig = "corrcoef(Tensor input) -> Tensor",
                               .doc = "The correlation coefficients of the rows of input, whose columns are observations: cov() over the standard deviations."};
  static Tensor fwd(const Tensor& x) {
    if (x.dim() > 2) runtime_error("corrcoef(): expected input to have two or fewer dimensions but got an input with ", x.dim(), " dimensions");
    const Tensor c = Cov::fwd(x, 1, {}, {});
    if (c.dim() == 0) return c / c;
    const Tensor deviation = sqrt(diagonal(c, 0, 0, 1));
    return tensor_call<ClampNumbers>(c / unsqueeze(deviation, -1) / deviation, -1.0, 1.0);
  }
};

const Register<Cov, Corrcoef> registered;

}  // namespace
}  // namespace st
