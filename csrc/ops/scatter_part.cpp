// A tensor with a part of it replaced, the part named as the views do: select_scatter, slice_scatter, diagonal_scatter, as_strided_scatter.
//
// The gradient of the replaced part is that part of the gradient; the rest goes to the input, with the part in zeros.
#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

// View is one of the parts below: `of(x, ...)` as an alias, `recorded(x, ...)` through the op.
template <class View, class... A>
Tensor replaced(const Tensor& x, const Tensor& src, const char* name, const A&... args) {
  const Tensor y = copy_keeping_strides(x, x.dtype());
  const Tensor part = View::of(y, args...);
  if (!same_shape(part, src)) {
    runtime_error("expected src to have a size equal to the ", name, " of self. src size = ", src.sizes(), ", ", name, " size = ", part.sizes());
  }
  copy_elements(part, src);
  return y;
}
template <class View, class... A>
void replaced_gradients(Grads& d, const Tensor& src, const A&... args) {
  if (d.needs(0)) d.set(0, View::without(d.g(), zeros(src.sizes(), d.g().dtype()), args...));
  if (d.needs(1)) d.set(1, View::recorded(d.g(), args...));
}

struct SelectScatter {
  static constexpr OpInfo info{.sig = "select_scatter(Tensor input, Tensor src, int dim, int index) -> Tensor",
                               .doc = "A copy of input with src in the slice at one index of dimension dim."};
  struct View {
    static Tensor of(const Tensor& x, int64_t dim, int64_t index) { GradMode off(false); return select(x, dim, index); }
    static Tensor recorded(const Tensor& x, int64_t dim, int64_t index) { return select(x, dim, index); }
    static Tensor without(const Tensor& g, const Tensor& zero, int64_t dim, int64_t index) { return call_op<SelectScatter>(g, zero, dim, index); }
  };
  static Tensor fwd(const Tensor& x, const Tensor& src, int64_t dim, int64_t index) { return replaced<View>(x, src, "slice", dim, index); }
  static void vjp(Grads& d, const Tensor&, const Tensor& src, int64_t dim, int64_t index) { replaced_gradients<View>(d, src, dim, index); }
};

using OptInt = std::optional<int64_t>;
struct SliceScatter {
  static constexpr OpInfo info{.sig = "slice_scatter(Tensor input, Tensor src, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
                               .doc = "A copy of input with src in every step-th element of dimension dim from start up to end."};
  struct View {
    static Tensor recorded(const Tensor& x, int64_t dim, OptInt start, OptInt end, int64_t step) {
      return slice(x, dim, start.value_or(0), end.value_or(std::numeric_limits<int64_t>::max()), step);
    }
    static Tensor of(const Tensor& x, int64_t dim, OptInt start, OptInt end, int64_t step) { GradMode off(false); return recorded(x, dim, start, end, step); }
    static Tensor without(const Tensor& g, const Tensor& zero, int64_t dim, OptInt start, OptInt end, int64_t step) {
      return call_op<SliceScatter>(g, zero, dim, start, end, step);
    }
  };
  static Tensor fwd(const Tensor& x, const Tensor& src, int64_t dim, OptInt start, OptInt end, int64_t step) {
    return replaced<View>(x, src, "slice", dim, start, end, step);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& src, int64_t dim, OptInt start, OptInt end, int64_t step) {
    replaced_gradients<View>(d, src, dim, start, end, step);
  }
};

struct DiagonalScatter {
  static constexpr OpInfo info{.sig = "diagonal_scatter(Tensor input, Tensor src, int offset=0, int dim1=0, int dim2=1) -> Tensor",
                               .doc = "A copy of input with src in the diagonal of two dimensions."};
  struct View {
    static Tensor of(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) { return diagonal_of(x, offset, dim1, dim2); }
    static Tensor recorded(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) { return diagonal(x, offset, dim1, dim2); }
    static Tensor without(const Tensor& g, const Tensor& zero, int64_t offset, int64_t dim1, int64_t dim2) {
      return call_op<DiagonalScatter>(g, zero, offset, dim1, dim2);
    }
  };
  static Tensor fwd(const Tensor& x, const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) {
    return replaced<View>(x, src, "slice", offset, dim1, dim2);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& src, int64_t offset, int64_t dim1, int64_t dim2) {
    replaced_gradients<View>(d, src, offset, dim1, dim2);
  }
};

// `offset` counts from the beginning of input's memory, as in as_strided().
struct AsStridedScatter {
  static constexpr OpInfo info{.sig = "as_strided_scatter(Tensor input, Tensor src, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
                               .doc = "A copy of input with src in the elements that as_strided() of input would show."};
  struct View {
    static Tensor recorded(const Tensor& x, const Dims& size, const Dims& stride, OptInt offset) {
      return as_strided(x, size, stride, offset.value_or(x.offset()));
    }
    static Tensor of(const Tensor& x, const Dims& size, const Dims& stride, OptInt offset) { GradMode off(false); return recorded(x, size, stride, offset); }
    static Tensor without(const Tensor& g, const Tensor& zero, const Dims& size, const Dims& stride, OptInt offset) {
      return call_op<AsStridedScatter>(g, zero, size, stride, offset);
    }
  };
  static Tensor fwd(const Tensor& x, const Tensor& src, const Dims& size, const Dims& stride, OptInt offset) {
    if (overlaps_itself(x)) runtime_error("as_strided_scatter: input shares memory among its elements; clone it first");
    return replaced<View>(x, src, "as_strided", size, stride, offset);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& src, const Dims& size, const Dims& stride, OptInt offset) {
    replaced_gradients<View>(d, src, size, stride, offset);
  }
};

const Register<SelectScatter, SliceScatter, DiagonalScatter, AsStridedScatter> registered;

}  // namespace
}  // namespace st
