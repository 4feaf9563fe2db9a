// Views that add, drop or repeat dimensions without copying: squeeze, unsqueeze, expand, broadcasting, atleast_1d.
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

// Without the dimensions of size 1 among those whose bit is set.
Tensor squeezed(const Tensor& x, uint64_t dims) {
  int n = 0;
  for (int d = 0; d < x.dim(); ++d) n += x->sizes[d] != 1 || !(dims >> d & 1);
  Tensor y = unshaped_view(x, n);
  int64_t *sizes = y->sizes, *strides = y->strides();
  for (int d = 0; d < x.dim(); ++d) {
    if (x->sizes[d] == 1 && (dims >> d & 1)) continue;
    *sizes++ = x->sizes[d];
    *strides++ = x->strides()[d];
  }
  settle_shape(y.impl());
  return y;
}

struct Squeeze : ViewOp {
  static constexpr OpInfo info{.sig = "squeeze(Tensor input) -> Tensor", .doc = "A view without the dimensions of size 1."};
  static Tensor fwd(const Tensor& x) { return squeezed(x, ~uint64_t{0}); }
  static void vjp(Grads& d, const Tensor& x) {
    d.set(0, reshape(d.g(), x.sizes()));
  }
};

struct SqueezeDim : ViewOp {
  static constexpr OpInfo info{.sig = "squeeze(Tensor input, int dim) -> Tensor", .doc = "A view without dimension dim if that has size 1.",
                               .grad_name = "SqueezeBackward1"};
  static Tensor fwd(const Tensor& x, int64_t dim) { return squeezed(x, uint64_t{1} << wrap_dim(dim, x.dim())); }
  static void vjp(Grads& d, const Tensor& x, int64_t) {
    d.set(0, reshape(d.g(), x.sizes()));
  }
};

struct SqueezeDims : ViewOp {
  static constexpr OpInfo info{.sig = "squeeze(Tensor input, int[] dim) -> Tensor", .doc = "A view without those of the given dimensions that have size 1.",
                               .grad_name = "SqueezeBackward2"};
  static Tensor fwd(const Tensor& x, const Dims& dims) {
    uint64_t drop = 0;
    for (int64_t d : wrap_dims(dims, x.dim())) drop |= uint64_t{1} << d;
    return squeezed(x, drop);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims&) {
    d.set(0, reshape(d.g(), x.sizes()));
  }
};

struct Unsqueeze : ViewOp {
  static constexpr OpInfo info{.sig = "unsqueeze(Tensor input, int dim) -> Tensor", .doc = "A view with a dimension of size 1 more, at place dim."};
  static Tensor fwd(const Tensor& x, int64_t dim) {
    const int at = static_cast<int>(wrap_dim(dim, x.dim() + 1));
    Tensor y = unshaped_view(x, x.dim() + 1);
    int64_t *sizes = y->sizes, *strides = y->strides();
    for (int i = 0; i <= x.dim(); ++i) {
      sizes[i] = i == at ? 1 : x->sizes[i - (i > at)];
      strides[i] = i != at ? x->strides()[i - (i > at)] : at < x.dim() ? x->sizes[at] * x->strides()[at] : 1;
    }
    settle_shape(y.impl());
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, int64_t) {
    d.set(0, reshape(d.g(), x.sizes()));
  }
};

struct Expand : ViewOp {
  static constexpr OpInfo info{.sig = "expand(Tensor input, int[]... size, *, bool implicit=False) -> Tensor",
                               .doc = "A view in which dimensions of size 1, and new ones in front, are repeated to the given sizes; -1 keeps a size.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size, bool) {
    const int shift = size.size() - x.dim();
    if (shift < 0) {
      runtime_error("expand(torch.", st::info(x.dtype()).tensor_type, "{", x.sizes(), "}, size=", DimSpan(size), "): the number of sizes provided (",
                    size.size(), ") must be greater or equal to the number of dimensions in the tensor (", x.dim(), ")");
    }
    Dims sizes = size, strides = Dims::filled(size.size(), 0);
    for (int i = 0; i < sizes.size(); ++i) {
      if (i < shift) {
        if (sizes[i] < 0) runtime_error("The expanded size of the tensor (", sizes[i], ") isn't allowed in a leading, non-existing dimension ", i);
        continue;
      }
      const int64_t have = x.size(i - shift);
      if (sizes[i] == -1) sizes[i] = have;
      if (sizes[i] == have) {
        strides[i] = x.stride(i - shift);
      } else if (have != 1 || sizes[i] < 0) {
        runtime_error("The expanded size of the tensor (", sizes[i], ") must match the existing size (", have, ") at non-singleton dimension ", i,
                      ".  Target sizes: ", DimSpan(size), ".  Tensor sizes: ", x.sizes());
      }
    }
    count_elements(sizes);
    return as_view(x, sizes, strides, x.offset());
  }
  static void vjp(Grads& d, const Tensor&, const Dims&, bool) {
    d.set(0, d.g());
  }
};

struct ExpandAs : Composite {
  static constexpr OpInfo info{.sig = "expand_as(Tensor input, Tensor other) -> Tensor", .doc = "input.expand(other.shape).", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Tensor& other) { return expand(x, other.sizes()); }
};

struct BroadcastTo : Composite {
  static constexpr OpInfo info{.sig = "broadcast_to(Tensor input, int[]... size) -> Tensor", .doc = "input.expand(size)."};
  static Tensor fwd(const Tensor& x, const Dims& size) { return expand(x, size); }
};

struct BroadcastTensors : Composite {
  static constexpr OpInfo info{.sig = "broadcast_tensors(Tensor[]... tensors) -> Tensor[]", .doc = "The tensors, expanded to the shape they have in common: views, or a tensor itself where it has that shape.",
                               .where = kFunction};
  static Tensors fwd(const Tensors& list) {
    Dims sizes;
    for (const Tensor& x : list) sizes = broadcast(sizes, x.sizes());
    Tensors out;
    for (const Tensor& x : list) out.push_back(x.sizes() == DimSpan(sizes) ? x : expand(x, sizes));
    return out;
  }
};

template <int N>
Tensors all_at_least(const Tensors& list) {
  Tensors out;
  for (const Tensor& x : list) out.push_back(at_least(x, N));
  return out;
}

struct AtLeast1d : Composite {
  static constexpr OpInfo info{.sig = "atleast_1d(Tensor input) -> Tensor", .doc = "A view with at least one dimension.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return at_least(x, 1); }
};
struct AllAtLeast1d : Composite {
  static constexpr OpInfo info{.sig = "atleast_1d(Tensor[]... tensors) -> Tensor[]", .doc = "Views with at least one dimension.", .where = kFunction};
  static Tensors fwd(const Tensors& list) { return all_at_least<1>(list); }
};
struct AtLeast2d : Composite {
  static constexpr OpInfo info{.sig = "atleast_2d(Tensor input) -> Tensor", .doc = "A view with at least two dimensions; a vector becomes a row.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return at_least(x, 2); }
};
struct AllAtLeast2d : Composite {
  static constexpr OpInfo info{.sig = "atleast_2d(Tensor[]... tensors) -> Tensor[]", .doc = "Views with at least two dimensions.", .where = kFunction};
  static Tensors fwd(const Tensors& list) { return all_at_least<2>(list); }
};
struct AtLeast3d : Composite {
  static constexpr OpInfo info{.sig = "atleast_3d(Tensor input) -> Tensor", .doc = "A view with at least three dimensions: (N) becomes (1, N, 1), (M, N) becomes (M, N, 1).",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x) { return at_least(x, 3); }
};
struct AllAtLeast3d : Composite {
  static constexpr OpInfo info{.sig = "atleast_3d(Tensor[]... tensors) -> Tensor[]", .doc = "Views with at least three dimensions.", .where = kFunction};
  static Tensors fwd(const Tensors& list) { return all_at_least<3>(list); }
};

const Register<Squeeze, SqueezeDim, SqueezeDims, Unsqueeze, Expand, ExpandAs, BroadcastTo, BroadcastTensors, AtLeast1d, AllAtLeast1d, AtLeast2d,
               AllAtLeast2d, AtLeast3d, AllAtLeast3d> registered;

}  // namespace

Tensor squeeze(const Tensor& x, const Dims& dims) { return call_op<SqueezeDims>(x, dims); }
Tensor squeeze(const Tensor& x, int64_t dim) { return call_op<SqueezeDim>(x, dim); }
Tensor squeeze(const Tensor& x) { return call_op<Squeeze>(x); }
Tensor unsqueeze(const Tensor& x, int64_t dim) { return call_op<Unsqueeze>(x, dim); }
Tensor expand(const Tensor& x, const Dims& sizes) { return call_op<Expand>(x, sizes, false); }
Tensor at_least(const Tensor& x, int n) {
  if (x.dim() >= n) return x;
  if (x.dim() == 0) return reshape(x, Dims::filled(n, 1));
  const Tensor y = n == 3 && x.dim() == 2 ? x : n > 1 ? unsqueeze(x, 0) : x;  // vectors become rows
  return n == 3 ? unsqueeze(y, -1) : y;
}

}  // namespace st
