// Argument checks of gather and scatter, and of ops on whole slices.
#include "ops/gather_check.h"

#include "kernels/layout.h"
#include "ops/functions.h"
#include "ops/index_plan.h"

namespace st {

Tensor with_dimension(const Tensor& x) { return x.dim() ? x : alias(x, Dims{1}, Dims{1}, x.offset()); }

Tensor beside(const Tensor& x, const Tensor& source) {
  return overlaps_partly(x, source) || x->data == source->data ? contiguous_copy(source, true) : source;
}

void check_slices(const Tensor& x, int64_t dim, const Tensor& source) {
  if (x.dim() == 0 || source.dim() == 0) return;
  bool fits = x.dim() == source.dim();
  for (int d = 0; fits && d < x.dim(); ++d) fits = d == dim || x.size(d) == source.size(d);
  if (!fits) {
    runtime_error("source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ", x.sizes(),
                  " source.shape = ", source.sizes());
  }
}

Tensor source_gradient(const Tensor& g, const Tensor& source) {
  if (same_shape(g, source)) return g;
  const Dims strides = contiguous_strides(source.sizes());
  return put_region(g, source.sizes(), strides, g.sizes(), strides, 0);
}

namespace {

void check_type(const char* op, const Tensor& index) {
  if (index.dtype() != Dtype::Int64 && index.dtype() != Dtype::Int32) runtime_error(op, "(): Expected dtype int32/int64 for index");
}

}  // namespace

Tensor checked_gather_index(const Tensor& x, int64_t dim, const Tensor& index) {
  if (index.numel() == 0) return index64(index);
  check_type("gather", index);
  const Tensor own = with_dimension(x), given = with_dimension(index);
  if (own.dim() != given.dim()) runtime_error("Index tensor must have the same number of dimensions as input tensor");
  for (int d = 0; d < given.dim(); ++d) {
    if (d != dim && given.size(d) > own.size(d)) {
      runtime_error("Size does not match at dimension ", d, " expected index ", index.sizes(), " to be no larger than self ", x.sizes(),
                    " apart from dimension ", dim);
    }
  }
  return with_dimension(index64(index));
}

Tensor checked_scatter_index(const Tensor& x, int64_t dim, const Tensor& index, const Tensor* src) {
  if (index.numel() > 0) check_type("scatter", index);
  if (src && src->dtype() != x.dtype()) runtime_error("scatter(): Expected self.dtype to be equal to src.dtype");
  if (index.numel() == 0) return index64(index);
  const Tensor own = with_dimension(x), given = with_dimension(index);
  if (own.dim() != given.dim()) runtime_error("Index tensor must have the same number of dimensions as self tensor");
  bool fits = true;
  for (int d = 0; d < given.dim(); ++d) fits &= d == dim || given.size(d) <= own.size(d);
  if (src) {
    const Tensor values = with_dimension(*src);
    if (values.dim() != given.dim()) runtime_error("Index tensor must have the same number of dimensions as src tensor");
    for (int d = 0; d < given.dim(); ++d) fits &= given.size(d) <= values.size(d);
  }
  if (!fits) {
    runtime_error("Expected index ", index.sizes(), " to be no larger than self ", x.sizes(), " apart from dimension ", dim,
                  src ? cat(" and to be no larger size than src ", src->sizes()) : std::string());
  }
  return with_dimension(index64(index));
}

}  // namespace st
