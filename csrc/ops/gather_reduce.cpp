// scatter_reduce: elements that meet in one place are summed, multiplied, averaged, or the extreme one is kept.
#include <limits>

#include "kernels/gather.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/gather_check.h"

namespace st {
namespace {

enum class Reduction { Sum, Prod, Mean, Max, Min };

Reduction reduction_named(const std::string& name) {
  if (name == "sum") return Reduction::Sum;
  if (name == "prod") return Reduction::Prod;
  if (name == "mean") return Reduction::Mean;
  if (name == "amax") return Reduction::Max;
  if (name == "amin") return Reduction::Min;
  runtime_error("reduce argument must be either sum, prod, mean, amax or amin, got ", name);
}

Combine combine_of(Reduction r) {
  switch (r) {
    case Reduction::Prod: return Combine::Multiply;
    case Reduction::Max: return Combine::Max;
    case Reduction::Min: return Combine::Min;
    default: return Combine::Add;
  }
}

// The value that changes nothing when it is combined, as a 0-d tensor.
Tensor neutral(Reduction r, Dtype dtype) {
  if (r == Reduction::Sum || r == Reduction::Mean) return wrap_number(Scalar(0), dtype);
  if (r == Reduction::Prod) return wrap_number(Scalar(1), dtype);
  return visit_real(dtype, [&]<class T>() {
    const bool max = r == Reduction::Max;
    if constexpr (std::is_integral_v<T>) {
      return wrap_number(Scalar(static_cast<int64_t>(max ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max())), dtype);
    } else {
      constexpr double kInf = std::numeric_limits<double>::infinity();
      return wrap_number(Scalar(max ? -kInf : kInf), dtype);
    }
  });
}

// x / count, rounded down for integers.
void divide(const Tensor& x, const Tensor& count) {
  const Tensor values = contiguous_copy(x);
  const auto* n = count.data<int64_t>();
  visit_real(x.dtype(), [&]<class T>() {
    T* p = values.data<T>();
    for (int64_t i = 0; i < values.numel(); ++i) {
      const int64_t c = n[i] == 0 ? 1 : n[i];
      if constexpr (std::is_same_v<T, bool>) continue;
      else if constexpr (std::is_integral_v<T>) p[i] = static_cast<T>(p[i] / static_cast<T>(c) - (p[i] % static_cast<T>(c) < 0));
      else p[i] = T(p[i] / static_cast<T>(c));
    }
  });
  if (values.impl() != x.impl()) copy_elements(x, values);
}

struct ScatterReduce {
  static constexpr OpInfo info{.sig = "scatter_reduce(Tensor input, int dim, Tensor index, Tensor src, str reduce, *, bool include_self=True) -> Tensor",
                               .doc = "input with the elements of src combined, by 'sum', 'prod', 'mean', 'amax' or 'amin', into the places that index "
                                      "gives them along dim; what was there takes part if include_self.",
                               .saves = {X0 | X1 | X2 | Y, 0, X0 | X1 | X2 | Y},
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) {
    const Reduction r = reduction_named(reduce);
    if (r == Reduction::Mean && x.dtype() == Dtype::Bool) not_implemented("\"scatter_gather_tensor_cpu_reduce_mean\" not implemented for 'Bool'");
    dim = wrap_dim(dim, x.dim());
    const Tensor own = checked_scatter_index(x, dim, index, &src);
    if (own.numel() == 0) return;
    const Tensor to = with_dimension(x), from = with_dimension(beside(x, src));
    check_range(own, dim, to.size(dim));
    if (!include_self) scatter_along(to, dim, own, neutral(r, x.dtype()), Combine::Replace);
    scatter_along(to, dim, own, from, combine_of(r));
    if (r != Reduction::Mean) return;
    const Tensor count = empty(to.sizes(), Dtype::Int64), one = wrap_number(Scalar(1), Dtype::Int64);
    fill_elements(count, Scalar(1));
    if (!include_self) scatter_along(count, dim, own, wrap_number(Scalar(0), Dtype::Int64), Combine::Replace);
    scatter_along(count, dim, own, one, Combine::Add);
    divide(to, count);
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) {
    return on_copy<ScatterReduce>(x, dim, index, src, reduce, include_self);
  }

  static void vjp(Grads& d, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) {
    if (index.numel() == 0) {
      if (d.needs(0)) d.set(0, d.g());
      return;
    }
    Tensor gx, gs;
    switch (reduction_named(reduce)) {
      case Reduction::Sum:
        gx = d.g();
        gs = gather(d.g(), dim, index);
        break;
      case Reduction::Mean: mean_gradients(d, x, dim, index, include_self, gx, gs); break;
      case Reduction::Prod: product_gradients(d, x, dim, index, src, include_self, gx, gs); break;
      default: extreme_gradients(d, x, dim, index, src, gx, gs);
    }
    if (!include_self) gx = scatter(gx, dim, index, Scalar(0));
    if (d.needs(0)) d.set(0, gx);
    if (d.needs(2)) d.set(2, source_gradient(gs, src));
  }

 private:
  static Tensor ones(DimSpan sizes, Dtype dtype) { return full(sizes, Scalar(1), dtype); }
  // src where index reaches.
  static Tensor used(const Tensor& src, const Tensor& index) {
    Tensor s = src;
    for (int d = 0; d < src.dim(); ++d) if (src.size(d) != index.size(d)) s = narrow(s, d, 0, index.size(d));
    return s;
  }

  static void mean_gradients(Grads& d, const Tensor& x, int64_t dim, const Tensor& index, bool include_self, Tensor& gx, Tensor& gs) {
    const Dtype type = d.g().dtype();
    Tensor count = include_self ? ones(x.sizes(), type) : zeros(x.sizes(), type);
    count = scatter_add(count, dim, index, ones(index.sizes(), type));
    count = masked_fill(count, count == 0, Scalar(1));
    gx = d.g() / count;
    gs = gather(gx, dim, index);
  }

  // A single zero among the factors: only its own gradient is not zero, and that is the product of the others.
  static void product_gradients(Grads& d, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& given, bool include_self, Tensor& gx, Tensor& gs) {
    const Tensor src = used(given, index);
    const Tensor nonzero_x = masked_fill(x, x == 0, Scalar(1));
    gx = d.g() * scatter_reduce(nonzero_x, dim, index, src, "prod", include_self) / nonzero_x;
    const Tensor is_zero = src == 0;
    const Tensor zeros_met = gather(scatter_add_zeros(x.sizes(), dim, index, to_dtype(is_zero, x.dtype())), dim, index);
    const Tensor alone = to_dtype(is_zero, x.dtype()) * zeros_met == 1;
    const Tensor others = scatter_reduce(x, dim, index, masked_fill(src, alone, Scalar(1)), "prod", include_self);
    const Tensor share = gather(d.g() * d.y(), dim, index) / masked_fill(src, is_zero, Scalar(1));
    gs = where(alone, gather(d.g() * others, dim, index), share);
  }

  // Shared evenly among all that reach the extreme value.
  static void extreme_gradients(Grads& d, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& given, Tensor& gx, Tensor& gs) {
    const Tensor src = used(given, index);
    const Tensor y = d.y();
    const Tensor own = to_dtype(x == y, x.dtype()), others = to_dtype(src == gather(y, dim, index), x.dtype());
    const Tensor count = scatter_add(own, dim, index, others);
    const Tensor share = d.g() / masked_fill(count, count == 0, Scalar(1));
    gx = own * share;
    gs = others * gather(share, dim, index);
  }
};

// scatter_reduce() of whole slices: the same index for every column.
struct IndexReduce {
  static constexpr OpInfo info{.sig = "index_reduce(Tensor input, int dim, Tensor index, Tensor source, str reduce, *, bool include_self=True) -> Tensor",
                               .doc = "input with the slices of source combined, by 'prod', 'mean', 'amax' or 'amin', into the slices along dim that the vector "
                                      "index names; what was there takes part if include_self.",
                               .saves = {X0 | X1 | X2 | Y, 0, X0 | X1 | X2 | Y},
                               .where = kFunction | kMethod | kInplace, .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const std::string& reduce, bool include_self) {
    check(x, dim, index, source, reduce);
    if (x.numel() > 0) ScatterReduce::inplace(x, dim, spread(x, dim, index, source), in_shape(x, index, source), reduce, include_self);
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const std::string& reduce, bool include_self) {
    return on_copy<IndexReduce>(x, dim, index, source, reduce, include_self);
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, const std::string& reduce, bool include_self) {
    if (x.numel() == 0) {
      if (d.needs(0)) d.set(0, d.g());
      return;
    }
    ScatterReduce::vjp(d, x, dim, spread(x, dim, index, source), in_shape(x, index, source), reduce, include_self);
  }

 private:
  // A 0-d index or source has one entry.
  static Tensor in_shape(const Tensor& x, const Tensor& index, const Tensor& source) {
    return source.dim() == 0 && x.dim() ? reshape(source, Dims::filled(x.dim(), 1)) : source.dim() && x.dim() == 0 && index.numel() == 1 ? reshape(source, {}) : source;
  }
  static Tensor spread(const Tensor& x, int64_t given, const Tensor& of, const Tensor& source) {
    const int64_t dim = wrap_dim(given, x.dim());
    const Tensor index = to_dtype(of, Dtype::Int64);
    if (x.dim() == 0) return reshape(index, {});
    Dims one = Dims::filled(x.dim(), 1), all = source.dim() ? Dims(source.sizes()) : one;
    one[dim] = index.numel();
    return expand(reshape(index, one), all);
  }
  static void check(const Tensor& x, int64_t given, const Tensor& index, const Tensor& source, const std::string& reduce) {
    if (reduce != "prod" && reduce != "mean" && reduce != "amax" && reduce != "amin") {
      runtime_error("index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ", reduce, ".");
    }
    const int64_t dim = wrap_dim(given, x.dim());
    if (index.dim() > 1) index_error("index_reduce_(): Index is supposed to be a vector");
    if (index.dtype() != Dtype::Int64 && index.dtype() != Dtype::Int32) runtime_error("index_reduce_(): Expected dtype int32/int64 for index");
    if (x.dtype() != source.dtype()) runtime_error("index_reduce_(): self and source must have the same scalar type");
    if (source.dim() && dim >= source.dim()) {
      index_error("index_reduce_(): Indexing dim ", dim, " is out of bounds of the source tensor with dim ", source.dim());
    }
    const int64_t slices = source.dim() ? source.size(dim) : 1, size = x.dim() ? x.size(dim) : 1;
    if (index.numel() != slices) {
      runtime_error("index_reduce_(): Number of indices (", index.numel(), ") should be equal to source.size(dim): (", slices, "), for dim: ", dim);
    }
    const Tensor places = cast_copy(index, Dtype::Int64);
    for (int64_t i = 0; i < places.numel(); ++i) {
      const int64_t v = places.data<int64_t>()[i];
      if (v < 0 || v >= size) index_error("index out of range in self");
    }
    check_slices(x, dim, source);
  }
};

const Register<ScatterReduce, IndexReduce> registered;

}  // namespace

Tensor scatter_reduce(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce, bool include_self) {
  return call_op<ScatterReduce>(x, dim, index, src, reduce, include_self);
}

}  // namespace st
