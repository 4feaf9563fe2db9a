// gather, and scatter, which is its reverse.
#include "kernels/gather.h"
#include "ops/check.h"
#include "ops/gather_check.h"
#include "ops/geometry.h"
#include "ops/on_zeros.h"

namespace st {
namespace {

// Of a tensor that others see nothing is written unless all indices are right.
enum class Target { Seen, Own };

template <class Source>
Tensor scatter_in(const Tensor& x, Target target, int64_t dim, const Tensor& index, const Source& source, Combine combine) {
  constexpr bool kNumber = std::is_same_v<Source, Scalar>;
  dim = wrap_dim(dim, x.dim());
  Tensor values, own;
  if constexpr (kNumber) {
    own = checked_scatter_index(x, dim, index, nullptr);
    check_fits(source, x.dtype());
    values = wrap_number(source, x.dtype());
  } else {
    own = checked_scatter_index(x, dim, index, &source);
    if (own.numel() > 0) values = with_dimension(beside(x, source));
  }
  if (own.numel() == 0) return x;
  const Tensor to = with_dimension(x);
  if (target == Target::Seen) check_range(own, dim, to.size(dim));
  scatter_along(to, dim, own, values, combine);
  return x;
}

struct Gather {
  static constexpr OpInfo info{.sig = "gather(Tensor input, int dim, Tensor index, *, bool sparse_grad=False) -> Tensor",
                               .doc = "For every element of index, the element of input at the same place but with that index along dim.",
                               .saves = {X1}, .out = kOutApart};
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, bool) {
    dim = wrap_dim(dim, x.dim());
    const Tensor own = checked_gather_index(x, dim, index);
    const Tensor y = empty(index.sizes(), x.dtype());
    if (own.numel() > 0) gather_along(with_dimension(y), with_dimension(x), dim, own);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, const Tensor& index, bool) {
    if (d.needs(0)) d.set(0, scatter_add_zeros(x.sizes(), dim, index, d.g()));
  }
};

struct Scatter {
  static constexpr OpInfo info{.sig = "scatter(Tensor input, int dim, Tensor index, Tensor src) -> Tensor",
                               .doc = "input with every element of src written to the place that index gives it along dim.",
                               .saves = {X1, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) { scatter_in(x, Target::Seen, dim, index, src, Combine::Replace); }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) {
    return scatter_in(contiguous_copy(x, true), Target::Own, dim, index, src, Combine::Replace);
  }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Tensor& src) {
    if (d.needs(0)) d.set(0, scatter(d.g(), dim, index, Scalar(0)));
    if (d.needs(2)) d.set(2, source_gradient(gather(d.g(), dim, index), src));
  }
};

struct ScatterValue {
  static constexpr OpInfo info{.sig = "scatter(Tensor input, int dim, Tensor index, Scalar value) -> Tensor",
                               .doc = "input with value written to the places that index gives along dim.",
                               .saves = {X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "ScatterBackward1", .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) { scatter_in(x, Target::Seen, dim, index, value, Combine::Replace); }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) {
    return scatter_in(contiguous_copy(x, true), Target::Own, dim, index, value, Combine::Replace);
  }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Scalar&) {
    if (d.needs(0)) d.set(0, scatter(d.g(), dim, index, Scalar(0)));
  }
};

Combine combine_named(const std::string& reduce) {
  if (reduce == "add") return Combine::Add;
  if (reduce == "multiply") return Combine::Multiply;
  runtime_error("reduce argument must be either add or multiply.");
}
[[noreturn]] void no_derivative() { runtime_error("derivative for scatter with reduce= is not implemented; use scatter_reduce"); }

struct ScatterCombine {
  static constexpr OpInfo info{.sig = "scatter(Tensor input, int dim, Tensor index, Tensor src, *, str reduce) -> Tensor",
                               .doc = "The same, with src added to or multiplied into what is there: reduce is 'add' or 'multiply'.",
                               .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "torch::autograd::NotImplemented", .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce) {
    scatter_in(x, Target::Seen, dim, index, src, combine_named(reduce));
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src, const std::string& reduce) {
    return scatter_in(contiguous_copy(x, true), Target::Own, dim, index, src, combine_named(reduce));
  }
  static void vjp(Grads&, const Tensor&, int64_t, const Tensor&, const Tensor&, const std::string&) { no_derivative(); }
};

struct ScatterCombineValue {
  static constexpr OpInfo info{.sig = "scatter(Tensor input, int dim, Tensor index, Scalar value, *, str reduce) -> Tensor",
                               .doc = "The same, with value added to or multiplied into what is there: reduce is 'add' or 'multiply'.",
                               .where = kFunction | kMethod | kMethodInplace,
                               .grad_name = "torch::autograd::NotImplemented", .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value, const std::string& reduce) {
    scatter_in(x, Target::Seen, dim, index, value, combine_named(reduce));
  }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value, const std::string& reduce) {
    return scatter_in(contiguous_copy(x, true), Target::Own, dim, index, value, combine_named(reduce));
  }
  static void vjp(Grads&, const Tensor&, int64_t, const Tensor&, const Scalar&, const std::string&) { no_derivative(); }
};

struct ScatterAdd {
  static constexpr OpInfo info{.sig = "scatter_add(Tensor input, int dim, Tensor index, Tensor src) -> Tensor",
                               .doc = "input with every element of src added at the place that index gives it along dim.",
                               .saves = {0, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutApart};
  static void inplace(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) { scatter_in(x, Target::Seen, dim, index, src, Combine::Add); }
  static Tensor onto(const Tensor& y, int64_t dim, const Tensor& index, const Tensor& src) { return scatter_in(y, Target::Own, dim, index, src, Combine::Add); }
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) { return onto(contiguous_copy(x, true), dim, index, src); }
  static void vjp(Grads& d, const Tensor&, int64_t dim, const Tensor& index, const Tensor& src) {
    if (d.needs(0)) d.set(0, d.g());
    if (d.needs(2)) d.set(2, source_gradient(gather(d.g(), dim, index), src));
  }
};

struct TakeAlongDim : Composite {
  static constexpr OpInfo info{.sig = "take_along_dim(Tensor input, Tensor indices, int? dim=None) -> Tensor",
                               .doc = "gather with input and indices broadcast against each other apart from dim; without dim, of the flattened input.", .out = kOutApart};
  static Tensor fwd(const Tensor& x, const Tensor& indices, std::optional<int64_t> given) {
    if (indices.dtype() != Dtype::Int64) {
      runtime_error("torch.take_along_dim(): dtype of indices should be Long but got ", st::info(indices.dtype()).scalar_type);
    }
    if (!given) return gather(reshape(x, Dims{-1}), 0, reshape(indices, Dims{-1}));
    if (x.dim() != indices.dim()) {
      runtime_error("torch.take_along_dim(): input and indices should have the same number of dimensions, but got ", x.dim(),
                    " dimensions for input, and ", indices.dim(), " dimensions for indices");
    }
    const int64_t dim = wrap_dim(*given, x.dim());
    if (x.dim() == 0) return gather(x, dim, indices);
    Dims own = x.sizes(), wanted = indices.sizes();
    own[dim] = wanted[dim] = 1;
    Dims sizes = broadcast(own, wanted), index_sizes = sizes;
    sizes[dim] = x.size(dim);
    index_sizes[dim] = indices.size(dim);
    return gather(expand(x, sizes), dim, expand(wrapped(indices, x.size(dim)), index_sizes));
  }

 private:
  // Negative ones count from the end, and beyond the end the count begins anew.
  static Tensor wrapped(const Tensor& index, int64_t size) {
    if (size == 0) return index;
    const Tensor own = contiguous_copy(index, true);
    for (int64_t i = 0; i < own.numel(); ++i) {
      int64_t& v = own.data<int64_t>()[i];
      v %= size;
      if (v < 0) v += size;
    }
    return own;
  }
};

const Register<Gather, Scatter, ScatterValue, ScatterCombine, ScatterCombineValue, ScatterAdd, TakeAlongDim> registered;

}  // namespace

Tensor gather(const Tensor& x, int64_t dim, const Tensor& index) { return call_op<Gather>(x, dim, index, false); }
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) { return call_op<Scatter>(x, dim, index, src); }
Tensor scatter(const Tensor& x, int64_t dim, const Tensor& index, const Scalar& value) { return call_op<ScatterValue>(x, dim, index, value); }
Tensor scatter_add(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& src) { return call_op<ScatterAdd>(x, dim, index, src); }
Tensor scatter_add_zeros(DimSpan sizes, int64_t dim, const Tensor& index, const Tensor& src) {
  return on_zeros<ScatterAdd>(sizes, src.dtype(), dim, index, src);
}

}  // namespace st
