// Whole slices along one dimension, named by a vector of indices: index_select, index_add, index_copy, index_fill.
#include <algorithm>
#include <set>

#include "kernels/layout.h"
#include "ops/check.h"
#include "ops/gather_check.h"
#include "ops/index_plan.h"
#include "ops/on_zeros.h"

namespace st {
namespace {

enum class Range { Self, Runtime, Named, Wrapped };  // how an index out of range is spoken of, and whether negative ones count from the end

// The offset of every named slice.
Tensor offsets_along(const char* op, Range range, const Tensor& x, int64_t dim, const Tensor& index) {
  const Tensor given = index64(index);
  const Tensor offsets = empty(Dims{given.numel()}, Dtype::Int64);
  const int64_t size = x.size(dim), stride = x.stride(dim);
  const auto* from = given.data<int64_t>();
  auto* to = offsets.data<int64_t>();
  for (int64_t i = 0; i < given.numel(); ++i) {
    int64_t v = from[i];
    if (v >= size || v < (range == Range::Wrapped ? -size : 0)) {
      if (range == Range::Self) index_error("index out of range in self");
      if (range == Range::Runtime) runtime_error("index ", v, " is out of bounds for dimension ", dim, " with size ", size);
      index_error(range == Range::Named ? cat(op, "_(): ") : std::string(), "index ", v, " is out of bounds for dimension ", dim, " with size ", size);
    }
    if (v < 0) v += size;
    to[i] = v * stride;
  }
  return offsets;
}

const char* scalar_name(const Tensor& t) { return info(t.dtype()).scalar_type; }
bool is_index_type(const Tensor& t) { return t.dtype() == Dtype::Int64 || t.dtype() == Dtype::Int32; }

struct IndexSelect {
  static constexpr OpInfo info{.sig = "index_select(Tensor input, int dim, Tensor index) -> Tensor",
                               .doc = "The slices of input along dim that the vector index names, in its order.",
                               .saves = {X1}, .out = kOutApart};
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index) {
    dim = wrap_dim(dim, x.dim());
    if (index.dim() > 1) index_error("index_select(): Index is supposed to be a vector");
    if (!is_index_type(index)) runtime_error("index_select(): Expected dtype int32 or int64 for index");
    if (x.dim() == 0 && index.numel() != 1) runtime_error("index_select(): Index to scalar can have only 1 value, got ", index.numel(), " value(s)");
    const Tensor from = with_dimension(x);
    const Tensor offsets = offsets_along("index_select", Range::Self, from, dim, index);
    Dims sizes = from.sizes();
    sizes[dim] = index.numel();
    const Tensor y = empty(x.dim() ? DimSpan(sizes) : DimSpan(), x.dtype());
    gather_blocks(y->data, x->data, x.dtype(), blocks_along(from, dim, offsets));
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, const Tensor& index);
};

void check_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  if (index.dim() > 1) {
    index_error("index_add_(): Index is supposed to be a vector, but got dim: ", index.dim(), " with type: ", scalar_name(index), " and size: ", index.sizes());
  }
  if (!is_index_type(index)) runtime_error("index_add_(): Expected dtype int32/int64 for index but got: ", scalar_name(index));
  if (x.dtype() != source.dtype()) {
    runtime_error("index_add_(): self (", scalar_name(x), ") and source (", scalar_name(source), ") must have the same scalar type");
  }
  const int64_t given = source.dim() == 0 ? 1 : dim < source.dim() ? source.size(dim) : -1;
  if (index.numel() != given) {
    runtime_error("index_add_(): Number of indices (", index.numel(), ") should be equal to source.size(dim): (", given, "), for dim: ", dim);
  }
  check_slices(x, dim, source);
}

struct IndexAdd {
  static constexpr OpInfo info{.sig = "index_add(Tensor input, int dim, Tensor index, Tensor source, *, Scalar alpha=1) -> Tensor",
                               .doc = "input with alpha times the slices of source added to the slices that the vector index names.",
                               .saves = {0, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) {
    dim = wrap_dim(dim, x.dim());
    check_add(x, dim, index, source);
    const Tensor to = with_dimension(x), from = contiguous_copy(beside(x, source));
    const Tensor offsets = offsets_along("index_add", x.dim() > 1 ? Range::Runtime : Range::Self, to, dim, index);
    add_blocks(x->data, from->data, false, x.dtype(), alpha, blocks_along(to, dim, offsets));
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) {
    return on_copy<IndexAdd>(x, dim, index, source, alpha);
  }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Tensor& source, const Scalar& alpha) {
    if (d.needs(0)) d.set(0, d.g());
    if (d.needs(2)) {
      const Tensor g = index_select(d.g(), dim, index);
      d.set(2, reshape(alpha.kind == Scalar::Int && alpha.i == 1 ? g : g * alpha, source.sizes()));
    }
  }
};

void IndexSelect::vjp(Grads& d, const Tensor& x, int64_t dim, const Tensor& index) {
  if (d.needs(0)) d.set(0, on_zeros<IndexAdd>(x.sizes(), d.g().dtype(), dim, index, d.g(), Scalar(1)));
}

void check_copy(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
  if (index.dim() > 1) index_error("index_copy_(): Index should have dimension 1 or 0 (got ", index.dim(), ")");
  if (x.dtype() != source.dtype()) {
    runtime_error("index_copy_(): self and source expected to have the same dtype, but got (self) ", scalar_name(x), " and (source) ", scalar_name(source));
  }
  if (index.dtype() != Dtype::Int64) runtime_error("index_copy_(): Expected a long tensor for index, but got ", scalar_name(index));
  if (source.dim() == 0 && index.numel() != 1) {
    index_error("index_copy_(): When source is scalar, index should have one element (got ", index.numel(), ")");
  }
  if (source.dim() != x.dim() && source.dim() && x.dim()) {
    index_error("index_copy_(): When source and destination are not scalars, their dimensionality must match. Source dimensionality (", source.dim(),
                "), destination dimensionality (", x.dim(), ")");
  }
  Dims own = x.sizes(), given = source.sizes();
  if (dim < own.size()) own.erase(static_cast<int>(dim));
  if (dim < given.size()) given.erase(static_cast<int>(dim));
  if (!(own == given)) {
    auto listed = [](const Dims& sizes) {
      std::string s;
      for (int64_t v : sizes) s += cat(s.empty() ? "" : " ", v);
      return s;
    };
    runtime_error("index_copy_(): Source/destination tensor must have same slice shapes. Destination slice shape: ", listed(own), " at dimension ", dim,
                  " and source slice shape: ", listed(given), " at dimension 0.");
  }
  if (source.dim() && index.numel() != source.size(dim)) {
    index_error("index_copy_(): Number of indices (", index.numel(), ") should be equal to source.size(dim) (", source.size(dim), ")");
  }
}

struct IndexCopy {
  static constexpr OpInfo info{.sig = "index_copy(Tensor input, int dim, Tensor index, Tensor source) -> Tensor",
                               .autocast = Autocast::Promote, .doc = "input with the slices that the vector index names replaced by those of source.",
                               .saves = {X1, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) {
    dim = wrap_dim(dim, x.dim());
    check_copy(x, dim, index, source);
    const Tensor to = with_dimension(x), from = contiguous_copy(beside(x, source));
    const Tensor offsets = offsets_along("index_copy", Range::Named, to, dim, index);
    scatter_blocks(x->data, from->data, false, x.dtype(), blocks_along(to, dim, offsets));
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source) { return on_copy<IndexCopy>(x, dim, index, source); }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Tensor& source) {
    if (d.needs(0)) d.set(0, index_fill(d.g(), dim, index, Scalar(0)));
    if (d.needs(2)) d.set(2, reshape(index_select(d.g(), dim, index), source.sizes()));
  }
};

void fill_slices(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
  dim = wrap_dim(dim, x.dim());
  if (index.dtype() != Dtype::Int64) index_error("index_fill_(): Expected dtype int64 for index.");
  if (index.dim() > 1) runtime_error("Index has to be a vector/scalar");
  const Tensor to = with_dimension(x);
  const Tensor offsets = offsets_along("index_fill", Range::Wrapped, to, dim, index);
  scatter_blocks(x->data, value->data, true, x.dtype(), blocks_along(to, dim, offsets));
}

struct IndexFillTensor {
  static constexpr OpInfo info{.sig = "index_fill(Tensor input, int dim, Tensor index, Tensor value) -> Tensor",
                               .doc = "input with the slices that the vector index names filled with a 0-d tensor's value.",
                               .saves = {X1, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "IndexFillBackward1"};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) {
    if (value.dim() != 0) {
      runtime_error("index_fill_ only supports a 0-dimensional value tensor, but got tensor with ", value.dim(), " dimension(s).");
    }
    fill_slices(x, dim, index, cast_copy(value, x.dtype()));
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& value) { return on_copy<IndexFillTensor>(x, dim, index, value); }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Tensor&) {
    if (d.needs(0)) d.set(0, index_fill(d.g(), dim, index, Scalar(0)));
    if (d.needs(2)) d.set(2, sum(index_select(d.g(), dim, each_once(d.g(), dim, index)), {}, false));
  }

 private:
  // A slice that is named twice is filled once.
  static Tensor each_once(const Tensor& x, int64_t dim, const Tensor& index) {
    const Tensor given = index64(index);
    std::set<int64_t> slices;
    const int64_t size = x.dim() ? x.size(dim) : 1;
    for (int64_t i = 0; i < given.numel(); ++i) {
      const int64_t v = given.data<int64_t>()[i];
      slices.insert(v < 0 ? v + size : v);
    }
    const Tensor once = empty(Dims{static_cast<int64_t>(slices.size())}, Dtype::Int64);
    std::copy(slices.begin(), slices.end(), once.data<int64_t>());
    return once;
  }
};

struct IndexFill {
  static constexpr OpInfo info{.sig = "index_fill(Tensor input, int dim, Tensor index, Scalar value) -> Tensor",
                               .doc = "input with the slices that the vector index names filled with a number.",
                               .saves = {X1},
                               .where = kFunction | kMethod | kMethodInplace};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
    if (value.kind == Scalar::Complex && !is_complex(x.dtype())) runtime_error("index_fill_(): Converting complex Scalar to non-complex type is not supported");
    check_fits(value, x.dtype());
    fill_slices(x, dim, index, wrap_number(value, x.dtype()));
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) { return on_copy<IndexFill>(x, dim, index, value); }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Scalar&) {
    if (d.needs(0)) d.set(0, index_fill(d.g(), dim, index, Scalar(0)));
  }
};

const Register<IndexSelect, IndexAdd, IndexCopy, IndexFillTensor, IndexFill> registered;

}  // namespace

Tensor index_select(const Tensor& x, int64_t dim, const Tensor& index) { return call_op<IndexSelect>(x, dim, index); }
Tensor index_fill(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) { return call_op<IndexFill>(x, dim, index, value); }

}  // namespace st
