// Reading and writing where a mask holds, and finding where a tensor is not zero.
#include "kernels/masks.h"

#include <algorithm>

#include "kernels/nonzero.h"
#include "ops/check.h"
#include "ops/geometry.h"
#include "ops/index_plan.h"
#include "ops/on_zeros.h"

namespace st {
namespace {

Tensor spread(const Tensor& x, DimSpan sizes) {
  if (equal(x.sizes(), sizes)) return x;
  const int shift = static_cast<int>(sizes.size()) - x.dim();
  Dims strides = Dims::filled(static_cast<int>(sizes.size()), 0);
  for (int d = 0; d < x.dim(); ++d) strides[shift + d] = x.size(d) == 1 ? 0 : x.stride(d);
  return alias(x, sizes, strides, x.offset());
}

// The mask over x, into which it must broadcast.
Tensor mask_onto(const Tensor& x, const Tensor& mask) {
  if (same_shape(x, mask)) return mask;
  const Dims sizes = broadcast(x.sizes(), mask.sizes());
  if (!equal(sizes, x.sizes())) runtime_error("output with shape ", x.sizes(), " doesn't match the broadcast shape ", DimSpan(sizes));
  return spread(mask, sizes);
}

void fill_in(const Tensor& x, const Tensor& mask, const Tensor& value) {
  if (mask.dtype() != Dtype::Bool) runtime_error("masked_fill_ only supports boolean masks, but got mask with dtype ", cpp_name(mask.dtype()));
  fill_masked(x, mask_onto(x, mask), value);
}

Tensor copy_for(const Tensor& x, const Tensor& mask) {
  if (same_shape(x, mask)) return copy_keeping_strides(x, x.dtype());
  const Dims sizes = broadcast(mask.sizes(), x.sizes());
  if (equal(sizes, x.sizes())) return copy_keeping_strides(x, x.dtype());
  const Tensor y = empty(sizes, x.dtype());
  copy_elements(y, x);
  return y;
}

struct MaskedFillTensor {
  static constexpr OpInfo info{.sig = "masked_fill(Tensor input, Tensor mask, Tensor value) -> Tensor",
                               .doc = "input with a 0-d tensor's value where mask holds.",
                               .saves = {X1, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "MaskedFillBackward1"};
  static void inplace(const Tensor& x, const Tensor& mask, const Tensor& value) {
    if (value.dim() != 0) {
      runtime_error("masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ", value.dim(), " dimension(s).");
    }
    check_fits(number_of(value), x.dtype());
    fill_in(x, mask, cast_copy(value, x.dtype()));
  }
  static Tensor fwd(const Tensor& x, const Tensor& mask, const Tensor& value) {
    const Tensor y = copy_for(x, mask);
    inplace(y, mask, value);
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& mask, const Tensor&) {
    if (d.needs(0)) d.set(0, masked_fill(d.g(), mask, Scalar(0)));
    if (d.needs(2)) d.set(2, sum(where(mask, d.g(), zeros({}, d.g().dtype())), {}, false));
  }
};

struct MaskedFill {
  static constexpr OpInfo info{.sig = "masked_fill(Tensor input, Tensor mask, Scalar value) -> Tensor",
                               .doc = "input with value where mask, broadcast, holds.",
                               .saves = {X1},
                               .where = kFunction | kMethod | kMethodInplace};
  static void inplace(const Tensor& x, const Tensor& mask, const Scalar& value) {
    check_fits(value, x.dtype());
    fill_in(x, mask, wrap_number(value, x.dtype()));
  }
  static Tensor fwd(const Tensor& x, const Tensor& mask, const Scalar& value) {
    const Tensor y = copy_for(x, mask);
    inplace(y, mask, value);
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& mask, const Scalar&) {
    if (d.needs(0)) d.set(0, masked_fill(d.g(), mask, Scalar(0)));
  }
};

struct MaskedSelect {
  static constexpr OpInfo info{.sig = "masked_select(Tensor input, Tensor mask) -> Tensor",
                               .doc = "The elements of input where mask holds, in one dimension; the two are broadcast.",
                               .saves = {X1}, .out = kOutApart};
  static Tensor fwd(const Tensor& x, const Tensor& mask) {
    if (mask.dtype() != Dtype::Bool) runtime_error("masked_select: expected BoolTensor for mask");
    const Dims sizes = broadcast(mask.sizes(), x.sizes());
    const Tensor from = spread(x, sizes);
    const Tensor whole = sizes.empty() ? alias(from, Dims{1}, Dims{1}, from.offset()) : from;
    const IndexPlan plan = plan_index(whole, {sizes.empty() ? alias(mask, Dims{1}, Dims{1}, mask.offset()) : spread(mask, sizes)});
    const Tensor y = empty(plan.sizes, x.dtype());
    gather_blocks(y->data, x->data, x.dtype(), plan.blocks);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& mask);
};

struct MaskedScatter {
  static constexpr OpInfo info{.sig = "masked_scatter(Tensor input, Tensor mask, Tensor source) -> Tensor",
                               .doc = "input with the elements of source, in order, where mask holds.",
                               .saves = {X1, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace};
  static void inplace(const Tensor& x, const Tensor& mask, const Tensor& source) {
    if (x.dtype() != source.dtype()) {
      runtime_error("masked_scatter: expected self and source to have same dtypes but got", st::info(x.dtype()).scalar_type, " and ",
                    st::info(source.dtype()).scalar_type);
    }
    if (mask.dtype() != Dtype::Bool) {
      runtime_error("masked_scatter_ only supports boolean masks, but got mask with dtype ", st::info(mask.dtype()).scalar_type);
    }
    const Tensor from = contiguous_copy(source, overlaps_partly(x, source) || x->data == source->data);
    if (scatter_masked(x, mask_onto(x, mask), from) < 0) runtime_error("Number of elements of source < number of ones in mask");
  }
  static Tensor fwd(const Tensor& x, const Tensor& mask, const Tensor& source) {
    const Tensor y = copy_for(x, mask);
    inplace(y, mask, source);
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& mask, const Tensor& source) {
    if (d.needs(0)) d.set(0, masked_fill(d.g(), mask, Scalar(0)));
    if (d.needs(2)) {
      const Tensor taken = masked_select(d.g(), mask);  // source may be longer
      const Dims all{source.numel()};
      d.set(2, reshape(taken.numel() == source.numel() ? taken : put_region(taken, all, Dims{1}, taken.sizes(), Dims{1}, 0), source.sizes()));
    }
  }
};

void MaskedSelect::vjp(Grads& d, const Tensor& x, const Tensor& mask) {
  if (d.needs(0)) d.set(0, on_zeros<MaskedScatter>(broadcast(mask.sizes(), x.sizes()), d.g().dtype(), mask, d.g()));
}

Tensor rows_of_nonzero(const Tensor& x) {
  const Tensor y = empty(Dims{count_nonzero_elements(x), x.dim()}, Dtype::Int64);
  if (y.numel() > 0) write_nonzero(x, y.data<int64_t>(), x.dim(), 1);
  return y;
}

Tensors nonzero_tuple(const Tensor& x) { return nonzero_columns(x.dim() ? x : alias(x, Dims{1}, Dims{1}, x.offset())); }

struct Nonzero : Composite {
  static constexpr OpInfo info{.sig = "nonzero(Tensor input, *, bool as_tuple=False) -> Tensor",
                               .doc = "The indices of the elements that are not zero: one row each, or with as_tuple one vector a dimension."};
  static Value fwd(const Tensor& x, bool as_tuple) {
    if (as_tuple) return nonzero_tuple(x);
    return rows_of_nonzero(x);
  }
};

struct Argwhere {
  static constexpr OpInfo info{.sig = "argwhere(Tensor input) -> Tensor", .doc = "The indices of the elements that are not zero, one row each."};
  static Tensor fwd(const Tensor& x) { return rows_of_nonzero(x); }
};

struct WhereTrue {
  static constexpr OpInfo info{.sig = "where(Tensor condition) -> Tensor[]",
                               .doc = "The indices of the elements that are not zero, one vector a dimension.",
                               .where = kFunction};
  static Tensors fwd(const Tensor& x) { return nonzero_tuple(x); }
};

struct NonzeroStatic {
  static constexpr OpInfo info{.sig = "nonzero_static(Tensor input, *, int size, int fill_value=-1) -> Tensor",
                               .doc = "The first `size` rows of nonzero(input), filled up with fill_value."};
  static Tensor fwd(const Tensor& x, int64_t size, int64_t fill) {
    if (size < 0) runtime_error("nonzero_static: 'size' must be an non-negative integer");
    const Tensor all = rows_of_nonzero(x), y = full(Dims{size, x.dim()}, Scalar(fill), Dtype::Int64);
    const int64_t n = std::min(size, all.size(0));
    if (n * x.dim() > 0) copy_elements(alias(y, Dims{n, x.dim()}, y.strides(), 0), alias(all, Dims{n, x.dim()}, all.strides(), all.offset()));
    return y;
  }
};

const Register<MaskedFillTensor, MaskedFill, MaskedSelect, MaskedScatter, Nonzero, NonzeroStatic, Argwhere, WhereTrue> registered;

}  // namespace

Tensor masked_fill(const Tensor& x, const Tensor& mask, const Scalar& value) { return call_op<MaskedFill>(x, mask, value); }
Tensor masked_select(const Tensor& x, const Tensor& mask) { return call_op<MaskedSelect>(x, mask); }

}  // namespace st
