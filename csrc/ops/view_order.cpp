// Views with the dimensions in another order: permute, transpose, movedim, t, and the attributes T, mT, H, mH.
#include <algorithm>

#include "ops/call.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

Tensor swapped(const Tensor& x, int64_t a, int64_t b) {
  Tensor y = unshaped_view(x, x.dim());
  int64_t *sizes = y->sizes, *strides = y->strides();
  for (int i = 0; i < x.dim(); ++i) {
    sizes[i] = x->sizes[i];
    strides[i] = x->strides()[i];
  }
  if (x.dim() > 0) {
    std::swap(sizes[a], sizes[b]);
    std::swap(strides[a], strides[b]);
  }
  settle_shape(y.impl());
  return y;
}

struct Permute : ViewOp {
  static constexpr OpInfo info{.sig = "permute(Tensor input, int[]... dims) -> Tensor", .doc = "A view with the dimensions in the order dims."};
  static Tensor fwd(const Tensor& x, const Dims& dims) {
    if (dims.size() != x.dim()) {
      runtime_error("permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of "
                    "dimensions i.e. input.dim() = ", x.dim(), " is not equal to len(dims) = ", dims.size());
    }
    uint64_t seen = 0;
    Tensor y = unshaped_view(x, x.dim());
    int64_t* strides = y->strides();
    for (int i = 0; i < dims.size(); ++i) {
      const int64_t dim = wrap_dim(dims[i], x.dim());
      if (seen >> dim & 1) runtime_error("permute(): duplicate dims are not allowed.");
      seen |= uint64_t{1} << dim;
      y->sizes[i] = x->sizes[dim];
      strides[i] = x->strides()[dim];
    }
    settle_shape(y.impl());
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Dims& dims) {
    Dims inverse = dims;
    for (int i = 0; i < dims.size(); ++i) inverse[wrap_dim(dims[i], dims.size())] = i;
    d.set(0, permute(d.g(), inverse));
  }
};

struct Transpose : ViewOp {
  static constexpr OpInfo info{.sig = "transpose(Tensor input, int dim0, int dim1) -> Tensor", .doc = "A view with two dimensions exchanged."};
  static Tensor fwd(const Tensor& x, int64_t a, int64_t b) { return swapped(x, wrap_dim(a, x.dim()), wrap_dim(b, x.dim())); }
  static void vjp(Grads& d, const Tensor&, int64_t a, int64_t b) {
    d.set(0, transpose(d.g(), a, b));
  }
};

struct SwapAxes : Composite {
  static constexpr OpInfo info{.sig = "swapaxes(Tensor input, int axis0, int axis1) -> Tensor", .doc = "Alias of transpose()."};
  static Tensor fwd(const Tensor& x, int64_t a, int64_t b) { return transpose(x, a, b); }
};
struct SwapDims : Composite {
  static constexpr OpInfo info{.sig = "swapdims(Tensor input, int dim0, int dim1) -> Tensor", .doc = "Alias of transpose()."};
  static Tensor fwd(const Tensor& x, int64_t a, int64_t b) { return transpose(x, a, b); }
};

struct T : ViewOp {
  static constexpr OpInfo info{.sig = "t(Tensor input) -> Tensor", .doc = "The transpose of a matrix, a view; 0-d and 1-d inputs stay as they are."};
  static Tensor fwd(const Tensor& x) {
    if (x.dim() > 2) runtime_error("t() expects a tensor with <= 2 dimensions, but self is ", x.dim(), "D");
    return swapped(x, 0, x.dim() < 2 ? 0 : 1);
  }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, t(d.g()));
  }
};

Tensor movedim(const Tensor& x, const Dims& source, const Dims& destination) {
  const int n = x.dim();
  if (source.size() != destination.size()) {
    runtime_error("movedim: Invalid source or destination dims: source (", DimSpan(source), " dims) should contain the same number of dims as "
                  "destination (", DimSpan(destination), " dims)");
  }
  Dims order = Dims::filled(n, -1);
  uint64_t moved = 0;
  for (int i = 0; i < source.size(); ++i) {
    const int64_t from = wrap_dim(source[i], n), to = wrap_dim(destination[i], n);
    if (moved >> from & 1) runtime_error("movedim: repeated dim in `source` (", DimSpan(source), ")");
    if (n == 0) continue;
    if (order[to] >= 0) runtime_error("movedim: repeated dim in `destination` (", DimSpan(destination), ")");
    moved |= uint64_t{1} << from;
    order[to] = from;
  }
  int next = 0;
  for (int64_t& d : order) {
    if (d >= 0) continue;
    while (moved >> next & 1) ++next;
    d = next++;
  }
  return permute(x, order);
}

struct MoveDim : Composite {
  static constexpr OpInfo info{.sig = "movedim(Tensor input, int source, int destination) -> Tensor",
                               .doc = "A view with dimension source at place destination; the others keep their order."};
  static Tensor fwd(const Tensor& x, int64_t source, int64_t destination) { return movedim(x, Dims{source}, Dims{destination}); }
};
struct MoveDims : Composite {
  static constexpr OpInfo info{.sig = "movedim(Tensor input, int[] source, int[] destination) -> Tensor",
                               .doc = "A view with the dimensions source at the places destination; the others keep their order."};
  static Tensor fwd(const Tensor& x, const Dims& source, const Dims& destination) { return movedim(x, source, destination); }
};
struct MoveAxis : MoveDim {
  static constexpr OpInfo info{.sig = "moveaxis(Tensor input, int source, int destination) -> Tensor", .doc = "Alias of movedim()."};
};
struct MoveAxes : MoveDims {
  static constexpr OpInfo info{.sig = "moveaxis(Tensor input, int[] source, int[] destination) -> Tensor", .doc = "Alias of movedim()."};
};

Tensor last_two_swapped(const Tensor& x, const char* name) {
  if (x.dim() == 0) return x;
  if (x.dim() == 1) runtime_error("tensor.", name, " is only supported on matrices or batches of matrices. Got 1-D tensor.");
  return transpose(x, -2, -1);
}

struct Adjoint : Composite {
  static constexpr OpInfo info{.sig = "adjoint(Tensor input) -> Tensor", .doc = "The last two dimensions exchanged, a view; of complex numbers, their conjugates."};
  static Tensor fwd(const Tensor& x) { return conj(last_two_swapped(x, "adjoint()")); }
};
const Register<Permute, Transpose, SwapAxes, SwapDims, T, MoveDim, MoveDims, MoveAxis, MoveAxes, Adjoint> registered;

}  // namespace

Tensor permute(const Tensor& x, const Dims& order) { return call_op<Permute>(x, order); }
Tensor transpose(const Tensor& x, int64_t a, int64_t b) { return call_op<Transpose>(x, a, b); }
Tensor t(const Tensor& x) { return call_op<T>(x); }

Tensor attribute_T(const Tensor& x) {
  static WarnOnce warn_of_none, warn_of_many;
  if (x.dim() == 0) {
    warn_of_none("Tensor.T is deprecated on 0-D tensors. This function is the identity in these cases.");
  } else if (x.dim() != 2) {
    warn_of_many("The use of `x.T` on tensors of dimension other than 2 to reverse their shape is deprecated and it will throw an error in a future "
                 "release. Consider `x.mT` to transpose batches of matrices or `x.permute(*torch.arange(x.ndim - 1, -1, -1))` to reverse the "
                 "dimensions of a tensor.");
  }
  Dims order = Dims::filled(x.dim(), 0);
  for (int i = 0; i < order.size(); ++i) order[i] = order.size() - 1 - i;
  return permute(x, order);
}
Tensor attribute_mT(const Tensor& x) { return last_two_swapped(x, "mT"); }
Tensor attribute_mH(const Tensor& x) { return conj(last_two_swapped(x, "mH")); }
Tensor attribute_H(const Tensor& x) {
  if (x.dim() == 0) return is_complex(x.dtype()) ? conj(x) : x;
  if (x.dim() != 2) {
    runtime_error("tensor.H is only supported on matrices (2-D tensors). Got ", x.dim(), "-D tensor.",
                  x.dim() > 2 ? " For batches of matrices, consider using tensor.mH" : "");
  }
  return conj(transpose(x, 0, 1));
}

}  // namespace st
