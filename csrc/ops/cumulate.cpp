// Running sums, products and extremes along a dimension, products over dimensions, and medians.
#include "kernels/cumulate.h"

#include "ops/call.h"
#include "ops/complex.h"
#include "ops/elementwise/logic.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

using Pair = std::tuple<Tensor, Tensor>;
using OptDtype = std::optional<Dtype>;

bool has_zero(const Tensor& x) { return !*fold(widened(x), all_dims(x.dim()), false, Fold::All).data<bool>(); }

// What integers add up to is int64; a given dtype is what the elements are cast to first.
template <class F>
Tensor in_type(const Tensor& x, const OptDtype& dtype, F f) {
  const Dtype result = dtype ? *dtype : differentiable(x.dtype()) ? x.dtype() : Dtype::Int64;
  if (is_complex(result)) no_complex(result);
  const Tensor wide = widened(x);
  return narrowed(f(wide.dtype() == computed_in(result) ? wide : cast_copy(wide, computed_in(result))), result);
}

void no_bool(const OptDtype& dtype, const char* kernel) {
  if (dtype == Dtype::Bool) not_implemented("\"", kernel, "\" not implemented for 'Bool'");
}

Tensor reverse_cumsum(const Tensor& x, int64_t dim) { return flip(cumsum(flip(x, Dims{dim}), dim), Dims{dim}); }

struct Cumsum {
  static constexpr OpInfo info{.sig = "cumsum(Tensor input, int dim, *, dtype? dtype=None) -> Tensor",
                               .doc = "Sums of the elements up to each one along dim, of the input's shape; integers become int64.",
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, int64_t dim, const OptDtype& dtype) {
    dim = wrap_dim(dim, x.dim());
    no_bool(dtype, "cumsum_out_cpu");
    const Dtype result = dtype.value_or(x.dtype());
    if (is_complex(result)) return complex_of_pairs(running_sum(pairs_of(cast_copy(x, result)), dim));
    return in_type(x, dtype, [&](const Tensor& t) { return running_sum(t, dim); });
  }
  static void inplace(const Tensor& x, int64_t dim, const OptDtype& dtype) { copy_elements(x, fwd(x, dim, dtype.value_or(x.dtype()))); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, const OptDtype&) {
    d.set(0, x.dim() == 0 ? d.g() : reverse_cumsum(d.g(), dim));
  }
};

// Gradient of a running product where the input has zeros: entry k gathers what the products from k on are without x_k.
Tensor cumprod_gradient_with_zeros(const Tensor& g, const Tensor& x, int64_t dim) {
  const int64_t n = x.size(dim);
  Tensors parts;
  for (int64_t k = 0; k < n; ++k) {
    Dims ones = x.sizes();
    ones[dim] = 1;
    Tensor without = full(ones, 1.0, x.dtype());
    if (k + 1 < n) without = cat(Tensors{without, cumprod(narrow(x, dim, k + 1, n - k - 1), dim)}, dim);
    if (k > 0) without = without * narrow(cumprod(narrow(x, dim, 0, k), dim), dim, k - 1, 1);
    parts.push_back(sum(narrow(g, dim, k, n - k) * without, Dims{dim}, true));
  }
  return cat(parts, dim);
}

struct Cumprod {
  static constexpr OpInfo info{.sig = "cumprod(Tensor input, int dim, *, dtype? dtype=None) -> Tensor",
                               .doc = "Products of the elements up to each one along dim, of the input's shape; integers become int64.",
                               .saves = {X0 | Y}, .where = kFunction | kMethod | kMethodInplace, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, int64_t dim, const OptDtype& dtype) {
    dim = wrap_dim(dim, x.dim());
    no_bool(dtype, "cumprod_out_cpu");
    return in_type(x, dtype, [&](const Tensor& t) { return running_product(t, dim); });
  }
  static void inplace(const Tensor& x, int64_t dim, const OptDtype& dtype) { copy_elements(x, fwd(x, dim, dtype.value_or(x.dtype()))); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, const OptDtype&) {
    if (x.dim() == 0 || x.numel() == 0) return d.set(0, d.g());
    dim = wrap_dim(dim, x.dim());
    const Tensor wide = to_dtype(x, d.g().dtype());
    d.set(0, has_zero(x) ? cumprod_gradient_with_zeros(d.g(), wide, dim) : reverse_cumsum(d.g() * d.y(), dim) / wide);
  }
};

template <bool kLargest>
struct CumulativeExtreme {
  static constexpr OpInfo info{.sig = kLargest ? "cummax(Tensor input, int dim) -> (Tensor values, Tensor indices)"
                                               : "cummin(Tensor input, int dim) -> (Tensor values, Tensor indices)",
                               .doc = kLargest ? "The largest up to each element along dim, and the place of the last of them."
                                               : "The smallest up to each element along dim, and the place of the last of them.",
                               .saves = {Y1}};
  static Pair fwd(const Tensor& x, int64_t dim) {
    Extreme e = running_extreme(widened(x), wrap_dim(dim, x.dim()), kLargest);
    return {narrowed(std::move(e.values), x.dtype()), std::move(e.indices)};
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim) { chosen_gradient(d, x, dim, true); }
};

Tensor product_over(const Tensor& x, DimMask mask, bool keepdim, const OptDtype& dtype) {
  return in_type(x, dtype, [&](const Tensor& t) { return fold(t, mask, keepdim, Fold::Prod); });
}

// Products of all elements along dim but each one: from the left times from the right.
Tensor product_of_others(const Tensor& x, int64_t dim) {
  const int64_t n = x.size(dim);
  Dims ones = x.sizes();
  ones[dim] = 1;
  const auto before = [&](const Tensor& t) { return cumprod(cat(Tensors{full(ones, 1.0, x.dtype()), narrow(t, dim, 0, n - 1)}, dim), dim); };
  return before(x) * flip(before(flip(x, Dims{dim})), Dims{dim});
}

struct Prod {
  static constexpr OpInfo info{.sig = "prod(Tensor input, *, dtype? dtype=None) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Product of all elements, 0-d; of integers and bools as int64.", .saves = {X0 | Y}};
  static Tensor fwd(const Tensor& x, const OptDtype& dtype) { return product_over(x, all_dims(x.dim()), false, dtype); }
  static void vjp(Grads& d, const Tensor& x, const OptDtype&) {
    const Tensor wide = to_dtype(x, d.g().dtype());
    if (!has_zero(x)) return d.set(0, d.g() * (d.y() / wide));
    d.set(0, d.g() * reshape(product_of_others(reshape(wide, Dims{x.numel()}), 0), x.sizes()));
  }
};
struct ProdDim {
  static constexpr OpInfo info{.sig = "prod(Tensor input, int dim, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Product along dim; keepdim leaves it with size 1.", .saves = {X0 | Y}, .grad_name = "ProdBackward1", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, int64_t dim, bool keepdim, const OptDtype& dtype) { return product_over(x, mask_of(dim, x.dim()), keepdim, dtype); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, bool keepdim, const OptDtype&) {
    if (x.dim() == 0) return Prod::vjp(d, x, std::nullopt);
    const DimMask mask = mask_of(dim, x.dim());
    const Tensor g = with_reduced(d.g(), mask, x.dim(), keepdim), wide = to_dtype(x, g.dtype());
    d.set(0, has_zero(x) ? g * product_of_others(wide, wrap_dim(dim, x.dim())) : g * (with_reduced(d.y(), mask, x.dim(), keepdim) / wide));
  }
};

// Of all elements as one line; nan of nothing.
Tensor median_of_all(const Tensor& given, bool skip_nan) {
  const Tensor x = contiguous_copy(widened(given));
  if (x.numel() == 0) {
    Tensor y = empty({}, given.dtype());
    if (is_floating(y.dtype())) fill_elements(y, Scalar(std::numeric_limits<double>::quiet_NaN()));
    else fill_elements(y, Scalar(std::numeric_limits<int64_t>::min()));
    return y;
  }
  return narrowed(median(alias(x, Dims{x.numel()}, Dims{1}, x.offset()), 0, false, skip_nan).values, given.dtype());
}

template <bool kSkipNan>
struct Median {
  static constexpr OpInfo info{.sig = kSkipNan ? "nanmedian(Tensor input) -> Tensor" : "median(Tensor input) -> Tensor",
                               .doc = kSkipNan ? "Median of all elements that are not nan, the lower of two; 0-d." : "Median of all elements, the lower of two; 0-d.",
                               .saves = {X0 | Y}};
  static Tensor fwd(const Tensor& x) {
    no_bool(x.dtype(), "median_cpu");
    return median_of_all(x, kSkipNan);
  }
  static void vjp(Grads& d, const Tensor& x) {
    d.set(0, shared_gradient(d.g(), x, d.y(), all_dims(x.dim()), false));
  }
};

template <bool kSkipNan>
struct MedianDim {
  static constexpr OpInfo info{.sig = kSkipNan ? "nanmedian(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)"
                                               : "median(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
                               .doc = kSkipNan ? "Median along dim of what is not nan, the lower of two, and where it stands." : "Median along dim, the lower of two, and where it stands.",
                               .saves = {Y1}, .grad_name = kSkipNan ? "NanmedianBackward1" : "MedianBackward1"};
  static Pair fwd(const Tensor& x, int64_t given, bool keepdim) {
    const int64_t dim = wrap_dim(given, x.dim());
    no_bool(x.dtype(), "median_out");
    check_not_empty(x, mask_of(dim, x.dim()), false, "median");
    Extreme e = median(widened(x), dim, keepdim, kSkipNan);
    return {narrowed(std::move(e.values), x.dtype()), std::move(e.indices)};
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, bool keepdim) { chosen_gradient(d, x, dim, keepdim); }
};

const Register<Cumsum, Cumprod, CumulativeExtreme<true>, CumulativeExtreme<false>, Prod, ProdDim, Median<false>, MedianDim<false>, Median<true>,
               MedianDim<true>> registered;

}  // namespace

void chosen_gradient(Grads& d, const Tensor& x, int64_t dim, bool keepdim) {
  if (x.dim() == 0) return d.set(0, d.g());
  Tensor g = d.g(), places = d.y(1);
  if (!keepdim) {
    g = unsqueeze(g, dim);
    places = unsqueeze(places, dim);
  }
  d.set(0, scatter_add_zeros(x.sizes(), dim, places, g));
}

Tensor cumsum(const Tensor& x, int64_t dim) { return call_op<Cumsum>(x, dim, std::optional<Dtype>()); }
Tensor cumprod(const Tensor& x, int64_t dim) { return call_op<Cumprod>(x, dim, std::optional<Dtype>()); }

}  // namespace st
