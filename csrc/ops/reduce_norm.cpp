// Norms and logsumexp.
#include <cmath>

#include "kernels/softmax.h"
#include "ops/call.h"
#include "ops/elementwise/exp_log.h"
#include "ops/elementwise/logic.h"
#include "ops/elementwise/power.h"
#include "ops/elementwise/rounding.h"
#include "ops/linalg.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

void check_norm(const Tensor& x, const OptDims& dim, double ord, const std::optional<Dtype>& dtype) {
  if (!differentiable(x.dtype())) {
    runtime_error("linalg.vector_norm: Expected a floating point or complex tensor as input. Got ", info(x.dtype()).scalar_type);
  }
  if (dtype && !differentiable(*dtype)) {
    runtime_error("linalg.vector_norm: dtype should be floating point or complex, but got ", info(*dtype).scalar_type);
  }
  if (dtype && promote(x.dtype(), *dtype) != *dtype) {
    runtime_error("linalg.vector_norm: the dtype of the input (", info(x.dtype()).scalar_type, ") should be convertible without narrowing to the specified dtype (",
                  info(*dtype).scalar_type, ")");
  }
  if (x.numel() > 0 || (ord >= 0 && ord != kInfinity)) return;
  const char* why = "because the operation does not have an identity";
  const char* word = ord == kInfinity ? "inf" : "";
  const std::string name = *word ? std::string(word) : cat(ord);
  if (!dim || dim->empty()) runtime_error("linalg.vector_norm cannot compute the ", name, " norm on an empty tensor ", why);
  for (int64_t d : wrap_dims(*dim, x.dim())) {
    if (x.dim() && x.size(d) == 0) {
      runtime_error("linalg.vector_norm cannot compute the ", name, " norm on the dimension ", d, "because this dimension is empty and the operation does not have an identity");
    }
  }
}

struct VectorNorm {
  static constexpr OpInfo info{.sig = "linalg_vector_norm(Tensor input, Scalar ord=2, int[1]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "(sum of |x|^ord)^(1 / ord) over the dimensions dim, all where it is None; ord may be inf, -inf (largest, smallest) or 0 (how "
                                      "many are not zero).",
                               .saves = {X0 | Y}, .where = kLinalg};
  static Tensor fwd(const Tensor& given, const Scalar& ord, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    const double p = ord.to_double();
    check_norm(given, dim, p, dtype);
    if (is_complex(given.dtype())) return fwd(abs(given), ord, dim, keepdim, std::nullopt);
    const Dtype result = dtype.value_or(given.dtype());
    // Sums of float16 and bfloat16 read them as they are.
    const bool as_it_is = given.dtype() == computed_in(result) || (is_half(given.dtype()) && computed_in(result) == Dtype::Float32 && (p == 0 || p == 1 || p == 2));
    const Tensor x = as_it_is ? given : cast_copy(widened(given), computed_in(result));
    const DimMask mask = mask_of(dim, x.dim());
    if (p == 2) {
      Tensor y = sum_terms(x, mask, keepdim, Term::Square);
      visit_float(y.dtype(), [&]<class T>() { for (int64_t i = 0; i < y.numel(); ++i) y.data<T>()[i] = std::sqrt(y.data<T>()[i]); });
      return narrowed(std::move(y), result);
    }
    if (p == 1) return narrowed(sum_terms(x, mask, keepdim, Term::Abs), result);
    if (p == 0) return narrowed(sum_terms(x, mask, keepdim, Term::NonZero), result);
    if (std::isinf(p)) return narrowed(fold(abs(x), mask, keepdim, p > 0 ? Fold::Max : Fold::Min), result);
    return narrowed(pow(sum_terms(pow(abs(x), p), mask, keepdim, Term::Plain), 1 / p), result);
  }

  static void vjp(Grads& d, const Tensor& x, const Scalar& ord, const OptDims& dim, bool keepdim, const std::optional<Dtype>&) {
    const double p = ord.to_double();
    const DimMask mask = mask_of(dim, x.dim());
    const Tensor g = with_reduced(d.g(), mask, x.dim(), keepdim), y = with_reduced(d.y(), mask, x.dim(), keepdim);
    const auto at_zero = [&](const Tensor& scale) { return where(y == 0.0, 0.0, scale); };
    if (p == 0) return d.set(0, zeros(x.sizes(), x.dtype()));
    if (p == 1) return d.set(0, sgn(x) * g);
    // Written so that at 0 the second derivatives are PyTorch's.
    if (p == 2) return d.set(0, d.create_graph() ? g * where(y == 0.0, 0.0, x / y) : x * at_zero(g / y));
    if (std::isinf(p)) {
      const Sharers s = sharers(abs(x), y, mask);
      return d.set(0, where(s.chosen, sgn(x) * (g / s.count), 0.0));
    }
    if (p < 1) return d.set(0, sgn(x) * where(x == 0.0, 0.0, pow(abs(x), p - 1)) * g * pow(y, 1 - p));
    if (p < 2) return d.set(0, sgn(x) * pow(abs(x), p - 1) * at_zero(g / pow(y, p - 1)));
    d.set(0, x * pow(abs(x), p - 2) * at_zero(g / pow(y, p - 1)));
  }
};

// Under the name that PyTorch's own functions see.
struct NormAlong : VectorNorm {
  static constexpr OpInfo info{.sig = "_norm_along(Tensor x, Scalar ord, int[1]? dim, bool keepdim, dtype? dtype) -> Tensor", .doc = "linalg.vector_norm().",
                               .saves = {X0 | Y}, .where = 0, .grad_name = "NormBackward1"};
};

struct Norm : Composite {
  static constexpr OpInfo info{.sig = "norm(Tensor input, Scalar? p=2, int[1]? dim=None, bool keepdim=False, dtype? dtype=None) -> Tensor",
                               .doc = "The p-norm of the elements along the dimensions dim, or of all: see linalg.vector_norm()."};
  static Tensor fwd(const Tensor& x, const std::optional<Scalar>& p, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    return call_op<VectorNorm>(x, p.value_or(2), dim, keepdim, dtype);
  }
};
struct NormNamed : Composite {
  static constexpr OpInfo info{.sig = "norm(Tensor input, str p, int[1]? dim=None, bool keepdim=False, dtype? dtype=None) -> Tensor",
                               .doc = "p='fro': the 2-norm of all elements along the dimensions dim; 'nuc': see linalg.matrix_norm()."};
  static Tensor fwd(const Tensor& x, const std::string& p, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    if (p != "fro") return matrix_norm(x, p, dim.value_or(Dims{-2, -1}), keepdim, dtype);
    return call_op<VectorNorm>(x, Scalar(2), dim, keepdim, dtype);
  }
};

struct Logsumexp {
  static constexpr OpInfo info{.sig = "logsumexp(Tensor input, int[1] dim, bool keepdim=False) -> Tensor",
                               .doc = "log(sum(exp(input))) over the dimensions dim, safe from overflow.", .saves = {X0 | Y}, .out = kOutCasts};
  static Tensor fwd(const Tensor& given, const Dims& dim, bool keepdim) {
    const Tensor x = differentiable(given.dtype()) ? widened(given) : cast_copy(given, default_dtype());
    const Dtype result = differentiable(given.dtype()) ? given.dtype() : x.dtype();
    const DimMask mask = mask_of(dim, x.dim());
    if (x.numel() == 0) return narrowed(log(sum_terms(x, mask, keepdim, Term::Plain)), result);
    return narrowed(log_sum_exp(x, mask, keepdim), result);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& dim, bool keepdim) {
    const DimMask mask = mask_of(dim, x.dim());
    d.set(0, exp_share(with_reduced(d.g(), mask, x.dim(), keepdim), x, with_reduced(d.y(), mask, x.dim(), keepdim)));
  }
};

const Register<VectorNorm, NormAlong, Norm, NormNamed, Logsumexp> registered;

}  // namespace

Tensor vector_norm(const Tensor& x, double ord, const OptDims& dims, bool keepdim, const std::optional<Dtype>& dtype) {
  return call_op<VectorNorm>(x, Scalar(ord), dims, keepdim, dtype);
}
Tensor norm_along(const Tensor& x, double p, const OptDims& dims, bool keepdim) {
  return call_op<NormAlong>(x, Scalar(p), dims, keepdim, std::optional<Dtype>());
}

}  // namespace st
