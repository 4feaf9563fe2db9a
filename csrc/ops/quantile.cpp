// quantile and nanquantile: values at fractions of the sorted lines of a tensor.
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

enum class Between { Linear, Lower, Higher, Midpoint, Nearest };

Between between_named(const std::string& name) {
  if (name == "linear") return Between::Linear;
  if (name == "lower") return Between::Lower;
  if (name == "higher") return Between::Higher;
  if (name == "midpoint") return Between::Midpoint;
  if (name == "nearest") return Between::Nearest;
  runtime_error("quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ", name);
}

void check(const Tensor& x, const Tensor& q) {
  if (x.numel() == 0) runtime_error("quantile() input tensor must be non-empty");
  if (q.dim() > 1) runtime_error("quantile() q must be a scalar or 1D tensor");
  if (x.dtype() != Dtype::Float32 && x.dtype() != Dtype::Float64) runtime_error("quantile() input tensor must be either float or double dtype");
  if (q.dtype() != x.dtype()) runtime_error("quantile() q tensor must be same dtype as the input tensor");
  const Tensor own = contiguous_copy(q);
  visit_float(q.dtype(), [&]<class T>() {
    for (int64_t i = 0; i < own.numel(); ++i) {
      if (!(own.data<T>()[i] >= 0 && own.data<T>()[i] <= 1)) runtime_error("quantile() q values must be in the range [0, 1]");
    }
  });
}

// Lines of x in ascending order, in the last dimension.
Tensor sorted_lines(const Tensor& x, std::optional<int64_t> dim) {
  if (!dim) return sorted_values(flatten(x, 0, -1), 0);
  if (x.dim() == 0) return unsqueeze(x, 0);
  return *dim == x.dim() - 1 ? sorted_values(x, -1) : sorted_values(transpose(unsqueeze(x, -1), *dim, -1), -1);
}

Tensor quantiles(const Tensor& x, const Tensor& q, std::optional<int64_t> given, bool keepdim, const std::string& interpolation, bool skip_nan) {
  check(x, q);
  const Between between = between_named(interpolation);
  const std::optional<int64_t> dim = given ? std::optional(wrap_dim(*given, x.dim())) : std::nullopt;
  Dims sizes;
  if (dim && x.dim()) {
    sizes = x.sizes();
    if (keepdim) sizes[*dim] = 1;
    else sizes.erase(static_cast<int>(*dim));
  } else if (keepdim) {
    sizes = Dims::filled(x.dim(), 1);
  }
  Tensor lines = sorted_lines(x, dim);
  if (lines.numel() / lines.size(-1) > 0 && lines.size(-1) > (int64_t{1} << 24)) runtime_error("quantile() input tensor is too large");

  // NaN stands last: lines that have one are asked for their last element, or only for what stands before it.
  const double last = static_cast<double>(lines.size(-1) - 1);
  Tensor ranks;
  if (skip_nan) {
    const Tensor numbers = sum(~isnan(lines), Dims{-1}, true);
    ranks = q * (numbers - 1);
    ranks = masked_fill(ranks, ranks < 0, Scalar(0));
  } else {
    const Tensor any = fold(isnan(lines), mask_of(-1, lines.dim()), true, Fold::Any);
    ranks = where(any, last, q * last);
  }
  if (ranks.dim() == 0) ranks = unsqueeze(ranks, 0);
  if (between == Between::Lower) ranks = floor(ranks);
  if (between == Between::Higher) ranks = ceil(ranks);
  if (between == Between::Nearest) ranks = round(ranks);
  const auto places = [&](const Tensor& at) {
    Dims wide = lines.sizes();
    wide.back() = at.size(-1);
    return expand(to_dtype(at, Dtype::Int64), wide);
  };
  Tensor values = gather(lines, -1, places(ranks));
  if (between == Between::Linear || between == Between::Midpoint) {
    const Tensor weights = between == Between::Midpoint ? full({}, Scalar(0.5), x.dtype()) : ranks - to_dtype(to_dtype(ranks, Dtype::Int64), x.dtype());
    values = tensor_call<Lerp>(values, gather(lines, -1, places(ceil(ranks))), weights);
  }
  if (q.dim() == 0) {
    values = squeeze(values, -1);
  } else {
    sizes.insert(0, q.numel());
    Dims order{values.dim() - 1};
    for (int d = 0; d + 1 < values.dim(); ++d) order.push_back(d);
    values = permute(values, order);
  }
  return reshape(values, sizes);
}

struct Quantile : Composite {
  static constexpr OpInfo info{.sig = "quantile(Tensor input, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The values below which the fractions q, from 0 to 1, of the elements along dim lie, or of all. Between two elements comes "
                                      "what interpolation says: 'linear', 'lower', 'higher', 'midpoint' or 'nearest'."};
  static Tensor fwd(const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim, const std::string& interpolation) {
    return quantiles(x, q, dim, keepdim, interpolation, false);
  }
};
struct Nanquantile : Composite {
  static constexpr OpInfo info{.sig = "nanquantile(Tensor input, Tensor q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "quantile() of the elements that are not nan."};
  static Tensor fwd(const Tensor& x, const Tensor& q, std::optional<int64_t> dim, bool keepdim, const std::string& interpolation) {
    return quantiles(x, q, dim, keepdim, interpolation, true);
  }
};

Tensor one_fraction(double q, Dtype dtype) {
  if (!(q >= 0 && q <= 1)) runtime_error("quantile() q must be in the range [0, 1] but got ", q);
  return full({}, Scalar(q), is_floating(dtype) ? dtype : Dtype::Float32);
}
struct QuantileAt : Composite {
  static constexpr OpInfo info{.sig = "quantile(Tensor input, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
                               .autocast = Autocast::Float32, .doc = Quantile::info.doc};
  static Tensor fwd(const Tensor& x, double q, std::optional<int64_t> dim, bool keepdim, const std::string& interpolation) {
    return quantiles(x, one_fraction(q, x.dtype()), dim, keepdim, interpolation, false);
  }
};
struct NanquantileAt : Composite {
  static constexpr OpInfo info{.sig = "nanquantile(Tensor input, float q, int? dim=None, bool keepdim=False, *, str interpolation='linear') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "quantile() of the elements that are not nan."};
  static Tensor fwd(const Tensor& x, double q, std::optional<int64_t> dim, bool keepdim, const std::string& interpolation) {
    return quantiles(x, one_fraction(q, x.dtype()), dim, keepdim, interpolation, true);
  }
};

const Register<Quantile, QuantileAt, Nanquantile, NanquantileAt> registered;

}  // namespace
}  // namespace st
