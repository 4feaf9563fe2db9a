// Sums and means over all or some dimensions.
#include <algorithm>

#include "ops/call.h"
#include "ops/complex.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// Integers are summed in int64; a given dtype is what the elements are cast to first.
Tensor sum_over(const Tensor& x, DimMask mask, bool keepdim, const std::optional<Dtype>& dtype, Term term = Term::Plain) {
  if (is_floating(x.dtype()) && (!dtype || *dtype == x.dtype()) && !is_half(x.dtype())) [[likely]] return sum_terms(x, mask, keepdim, term);
  const Dtype result = dtype ? *dtype : differentiable(x.dtype()) ? x.dtype() : Dtype::Int64;
  if (is_complex(result)) {
    const Tensor pairs = pairs_of(cast_copy(x, result));
    return complex_of_pairs(sum_terms(pairs, mask & ((DimMask{1} << x.dim()) - 1), keepdim, term));
  }
  if (is_floating(result)) {
    const bool as_it_is = is_half(x.dtype()) && computed_in(result) == Dtype::Float32;
    return narrowed(sum_terms(as_it_is ? x : cast_copy(widened(x), computed_in(result)), mask, keepdim, term), result);
  }
  return narrowed(fold(is_floating(x.dtype()) ? cast_copy(x, result) : x, mask, keepdim, Fold::IntSum), result);
}

Tensor mean_over(const Tensor& x, DimMask mask, bool keepdim, const std::optional<Dtype>& dtype) {
  const Dtype result = dtype.value_or(x.dtype());
  if (!differentiable(result)) {
    runtime_error("mean(): could not infer output dtype. ", dtype ? "Optional dtype" : "Input dtype",
                  " must be either a floating point or complex dtype. Got: ", info(result).scalar_type);
  }
  Tensor y = sum_over(x, mask, keepdim, computed_in(result));
  const int64_t n = mask == all_dims(x.dim()) ? x.numel() : reduced_count(x, mask);
  if (is_complex(result)) return y / static_cast<double>(n);
  visit_float(y.dtype(), [&]<class T>() {
    T* p = y.data<T>();
    const T divisor = static_cast<T>(n);
    for (int64_t i = 0; i < y.numel(); ++i) p[i] /= divisor;
  });
  return y.dtype() == result ? y : cast_copy(y, result);
}

// The gradient of all of x's elements: g / divisor. A few are written out, so that what comes next reads plain memory.
Tensor spread_all(const Grads& d, const Tensor& x, double divisor) {
  constexpr int64_t kFew = 512;
  const Tensor& g = d.g();
  if (!d.create_graph() && x.numel() <= kFew && (g.dtype() == Dtype::Float32 || g.dtype() == Dtype::Float64)) {
    Tensor y = empty(x.sizes(), g.dtype());
    visit_float(g.dtype(), [&]<class T>() { std::fill_n(y.data<T>(), y.numel(), *g.data<T>() / static_cast<T>(divisor)); });
    return y;
  }
  return expand(divisor == 1 ? g : g / divisor, x.sizes());
}

struct Sum {
  static constexpr OpInfo info{.sig = "sum(Tensor input, *, dtype? dtype=None) -> Tensor",
                               .doc = "Sum of all elements, 0-d; of integers and bools as int64. dtype is what the elements are cast to first.", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const std::optional<Dtype>& dtype) { return sum_over(x, all_dims(x.dim()), false, dtype); }
  static void vjp(Grads& d, const Tensor& x, const std::optional<Dtype>&) {
    d.set(0, spread_all(d, x, 1));
  }
};

struct SumDims {
  static constexpr OpInfo info{.sig = "sum(Tensor input, int[1]? dim, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "Sum over the dimensions dim, all where it is None or empty; keepdim leaves them with size 1.",
                               .grad_name = "SumBackward1", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    return sum_over(x, mask_of(dim, x.dim()), keepdim, dtype);
  }
  static void vjp(Grads& d, const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>&) {
    d.set(0, spread(d.g(), mask_of(dim, x.dim()), x, keepdim));
  }
};

struct Mean {
  static constexpr OpInfo info{.sig = "mean(Tensor input, *, dtype? dtype=None) -> Tensor",
                               .doc = "Mean of all elements of a floating-point tensor, 0-d; nan of nothing.", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const std::optional<Dtype>& dtype) { return mean_over(x, all_dims(x.dim()), false, dtype); }
  static void vjp(Grads& d, const Tensor& x, const std::optional<Dtype>&) {
    d.set(0, spread_all(d, x, static_cast<double>(x.numel())));
  }
};

struct MeanDims {
  static constexpr OpInfo info{.sig = "mean(Tensor input, int[1]? dim, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "Mean over the dimensions dim, all where it is None or empty; keepdim leaves them with size 1.",
                               .grad_name = "MeanBackward1", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    return mean_over(x, mask_of(dim, x.dim()), keepdim, dtype);
  }
  static void vjp(Grads& d, const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>&) {
    const DimMask mask = mask_of(dim, x.dim());
    d.set(0, spread(d.g() / static_cast<double>(reduced_count(x, mask)), mask, x, keepdim));
  }
};

struct Nansum {
  static constexpr OpInfo info{.sig = "nansum(Tensor input, int[1]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "sum() with nan counted as zero.",
                               .saves = {X0}, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    return sum_over(x, mask_of(dim, x.dim()), keepdim, dtype, Term::NanToZero);
  }
  static void vjp(Grads& d, const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>&) {
    const Tensor g = with_reduced(d.g(), mask_of(dim, x.dim()), x.dim(), keepdim);
    d.set(0, where(x == x, g, 0.0));
  }
};

struct Nanmean : Composite {
  static constexpr OpInfo info{.sig = "nanmean(Tensor input, int[1]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "Mean over the dimensions dim of what is not nan.", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    if (!differentiable(x.dtype())) {
      runtime_error("nanmean(): expected input to have floating point or complex dtype but got ", st::info(x.dtype()).scalar_type);
    }
    const Tensor count = sum_over(x == x, mask_of(dim, x.dim()), keepdim, std::nullopt);
    return call_op<Nansum>(x, dim, keepdim, dtype) / count;
  }
};

struct SumToSize : Composite {
  static constexpr OpInfo info{.sig = "sum_to_size(Tensor input, int[]... size) -> Tensor",
                               .doc = "Sum over the dimensions along which a tensor of the given size would be broadcast to the input's.", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size) {
    bool fits = size.size() <= x.dim();
    for (int d = 0; fits && d < size.size(); ++d) fits = size[d] == 1 || size[d] == x.size(x.dim() - size.size() + d);
    if (!fits) runtime_error("size {", DimSpan(size), "} is not expandable to size {", x.sizes(), "}.");
    return size.empty() ? sum(x, std::nullopt, false) : sum_to_size(x, size);
  }
};

const Register<SumToSize, Sum, SumDims, Mean, MeanDims, Nansum, Nanmean> registered;

}  // namespace

Tensor sum(const Tensor& x, const OptDims& dims, bool keepdim) {
  if (!dims && !keepdim) return call_op<Sum>(x, std::optional<Dtype>());
  return call_op<SumDims>(x, dims, keepdim, std::optional<Dtype>());
}
Tensor mean(const Tensor& x, const OptDims& dims, bool keepdim) {
  if (!dims && !keepdim) return call_op<Mean>(x, std::optional<Dtype>());
  return call_op<MeanDims>(x, dims, keepdim, std::optional<Dtype>());
}

Tensor sum_to_size(const Tensor& x, DimSpan sizes) {
  if (equal(x.sizes(), sizes)) return x;
  if (sizes.empty()) return sum(x, std::nullopt, false);
  const int lead = x.dim() - static_cast<int>(sizes.size());
  Dims dims;
  for (int d = 0; d < lead; ++d) dims.push_back(d);
  bool only_leading = true;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] != 1 || x.size(lead + static_cast<int>(d)) == 1) continue;
    dims.push_back(lead + static_cast<int>(d));
    only_leading = false;
  }
  if (only_leading) return sum(x, dims, false);
  const Tensor y = sum(x, dims, true);
  return lead > 0 ? view(y, sizes) : y;
}

}  // namespace st
