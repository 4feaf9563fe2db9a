// What the reductions share: lists of dimensions as masks, types to compute in, and gradients brought back to the input's shape.
#pragma once
#include "kernels/layout.h"
#include "kernels/reduce.h"
#include "ops/functions.h"
#include "ops/geometry.h"
#include "ops/value.h"

namespace st {

// No list, and an empty one, mean all dimensions. PyTorch's errors for dimensions out of range and given twice.
inline DimMask mask_of(const OptDims& dims, int ndim) {
  const DimMask all = all_dims(ndim);
  if (!dims || dims->empty()) return all;
  DimMask mask = 0;
  for (int64_t d : wrap_dims(*dims, ndim)) mask |= DimMask{1} << d;
  return mask & all;
}
inline DimMask mask_of(int64_t dim, int ndim) {
  const DimMask all = all_dims(ndim);
  return DimMask{1} << wrap_dim(dim, ndim) & all;
}

inline double epsilon(Dtype d) { return d == Dtype::Float64 ? 0x1p-52 : 0x1p-23; }  // of the type that d is computed in

// x in the type that kernels compute in.
inline Tensor widened(const Tensor& x) {
  if (is_complex(x.dtype())) no_complex(x.dtype());
  return is_half(x.dtype()) ? cast_copy(x, Dtype::Float32) : x;
}
// The same, contiguous; undefined where t is.
inline Tensor ready(const Tensor& t) { return t.defined() ? contiguous_copy(widened(t)) : t; }
inline Tensor narrowed(Tensor y, Dtype dtype) { return y.dtype() == dtype ? y : cast_copy(y, dtype); }

// Cuts of size 1 where dimensions were reduced, so that `t` broadcasts against the input again.
inline Tensor with_reduced(const Tensor& t, DimMask mask, int ndim, bool keepdim) {
  if (keepdim || mask == all_dims(ndim)) return t;  // 0-d broadcasts anyway
  Tensor y = t;
  for (int d = 0; d < ndim; ++d) if (mask >> d & 1) y = unsqueeze(y, d);
  return y;
}
inline Tensor spread(const Tensor& g, DimMask mask, const Tensor& x, bool keepdim) {
  return expand(with_reduced(g, mask, x.dim(), keepdim), x.sizes());
}

inline int64_t reduced_count(const Tensor& x, DimMask mask) {
  int64_t n = 1;
  for (int d = 0; d < x.dim(); ++d) if (mask >> d & 1) n *= x.size(d);
  return n;
}

// For reductions that have no value over nothing.
template <class... Name>
void check_not_empty(const Tensor& x, DimMask mask, bool all, const Name&... name) {
  if (x.numel() > 0) return;
  if (all) {
    runtime_error(name..., "(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.");
  }
  for (int d = 0; d < x.dim(); ++d) {
    if ((mask >> d & 1) && x.size(d) == 0) index_error(name..., "(): Expected reduction dim ", d, " to have non-zero size.");
  }
}

class Grads;
void chosen_gradient(Grads& d, const Tensor& x, int64_t dim, bool keepdim);  // of values chosen along dim, to the places that output 1 holds
// Elements that are the extreme share its gradient evenly: those of x that are `best`, or are nan where that is, and how many there are.
struct Sharers {
  Tensor chosen, count;
};
Sharers sharers(const Tensor& x, const Tensor& best, DimMask mask);  // constants
Tensor shared_gradient(const Tensor& g, const Tensor& x, const Tensor& y, DimMask mask, bool keepdim);

// As functions for other ops.
Tensor amax(const Tensor& x, const OptDims& dims, bool keepdim);
Tensor norm_along(const Tensor& x, double p, const OptDims& dims, bool keepdim);
Tensor cumsum(const Tensor& x, int64_t dim);
Tensor cumprod(const Tensor& x, int64_t dim);
Tensor vector_norm(const Tensor& x, double ord, const OptDims& dims, bool keepdim, const std::optional<Dtype>& dtype = {});
Tensor sorted_values(const Tensor& x, int64_t dim);
Tensor softmax(const Tensor& x, int64_t dim);
Tensor log_softmax(const Tensor& x, int64_t dim);
Tensor softmax_gradient(const Tensor& y, const Tensor& g, int64_t dim);  // of y = softmax(x), made of recorded ops

}  // namespace st
