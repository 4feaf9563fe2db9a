// Views of a part of a tensor: select, slice, narrow, diagonal, unfold, as_strided; and the pair of ops that carry their gradients.
//
// Note [Gradients of parts]
// Each of these views covers a strided region of its base. Its gradient is the base's shape in zeros with the region filled in
// (put_region), and the gradient of that is the region cut out again (take_region): the two are each other's derivative. Where the
// region lies is found by taking the same view of a tensor without memory.
#include <algorithm>

#include "kernels/region.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

// Memory that both the base and the region fit into: one row of elements, in which the base begins at `base`.
struct Extent {
  int64_t length, base;
};
Extent extent(DimSpan base_sizes, DimSpan base_strides, DimSpan sizes, DimSpan strides, int64_t offset) {
  auto last = [](DimSpan s, DimSpan t) {
    int64_t end = 0;
    for (size_t i = 0; i < s.size(); ++i) end += (s[i] > 0 ? s[i] - 1 : 0) * t[i];
    return end;
  };
  const int64_t first = std::min<int64_t>(0, offset);
  return {std::max(last(base_sizes, base_strides), offset + last(sizes, strides)) - first + 1, -first};
}

struct PutRegion {
  static constexpr OpInfo info{.sig = "_put_region(Tensor input, int[] base_sizes, int[] base_strides, int[] size, int[] stride, int offset) -> Tensor",
                               .doc = "Zeros with input added in a strided region.",
                               .where = 0};
  static Tensor fwd(const Tensor& x, const Dims& base_sizes, const Dims& base_strides, const Dims& sizes, const Dims& strides, int64_t offset) {
    const Extent e = extent(base_sizes, base_strides, sizes, strides, offset);
    const Tensor row = zeros(Dims{e.length}, x.dtype());
    add_to_region(alias(row, sizes, strides, e.base + offset), x);
    return alias(row, base_sizes, base_strides, e.base);
  }
  static void vjp(Grads& d, const Tensor&, const Dims& base_sizes, const Dims& base_strides, const Dims& sizes, const Dims& strides, int64_t offset) {
    d.set(0, take_region(d.g(), base_sizes, base_strides, sizes, strides, offset));
  }
};

struct TakeRegion {
  static constexpr OpInfo info{.sig = "_take_region(Tensor input, int[] base_sizes, int[] base_strides, int[] size, int[] stride, int offset) -> Tensor",
                               .doc = "A copy of a strided region of input, once that is laid out with base_strides.",
                               .where = 0};
  static Tensor fwd(const Tensor& x, const Dims& base_sizes, const Dims& base_strides, const Dims& sizes, const Dims& strides, int64_t offset) {
    const Extent e = extent(base_sizes, base_strides, sizes, strides, offset);
    if (equal(x.strides(), base_strides) && e.base == 0 && e.length <= x.numel()) {
      return contiguous_copy(alias(x, sizes, strides, x.offset() + offset), true);
    }
    const Tensor row = zeros(Dims{e.length}, x.dtype());
    copy_elements(alias(row, base_sizes, base_strides, e.base), x);
    return contiguous_copy(alias(row, sizes, strides, e.base + offset), true);
  }
  static void vjp(Grads& d, const Tensor&, const Dims& base_sizes, const Dims& base_strides, const Dims& sizes, const Dims& strides, int64_t offset) {
    d.set(0, put_region(d.g(), base_sizes, base_strides, sizes, strides, offset));
  }
};

// The gradient of a view of x. `region` is the same view of x as it is known to vjp, without memory.
void put_back(Grads& d, const Tensor& x, const Tensor& region) {
  d.set(0, put_region(d.g(), x.sizes(), x.strides(), region.sizes(), region.strides(), region.offset()));
}

struct Select : ViewOp {
  static constexpr OpInfo info{.sig = "select(Tensor input, int dim, int index) -> Tensor", .doc = "A view of the slice at one index of dimension dim, which is dropped."};
  static Tensor fwd(const Tensor& x, int64_t dim, int64_t index) {
    if (x.dim() == 0) index_error("select() cannot be applied to a 0-dim tensor.");
    const int64_t at = wrap_dim(dim, x.dim()), size = x.size(at);
    if (index < -size || index >= size) {
      index_error("select(): index ", index, " out of range for tensor of size ", x.sizes(), " at dimension ", at);
    }
    Tensor y = unshaped_view(x, x.dim() - 1);
    int64_t* strides = y->strides();
    for (int i = 0; i < y.dim(); ++i) {
      y->sizes[i] = x->sizes[i + (i >= at)];
      strides[i] = x->strides()[i + (i >= at)];
    }
    settle_shape(y.impl());
    move_data(y, (index < 0 ? index + size : index) * x.stride(at));
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, int64_t index) {
    put_back(d, x, fwd(x, dim, index));
  }
};

struct Slice : ViewOp {
  static constexpr OpInfo info{.sig = "slice(Tensor input, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
                               .doc = "A view of every step-th element of dimension dim from start up to end, clamped as Python clamps slices.",
                               .where = 0};
  static Tensor fwd(const Tensor& x, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) {
    if (x.dim() == 0) runtime_error("slice() cannot be applied to a 0-dim tensor.");
    dim = wrap_dim(dim, x.dim());
    if (step <= 0) runtime_error("slice step must be positive");
    const int64_t size = x.size(dim);
    auto bound = [size](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + size : v, 0, size); };
    const int64_t from = bound(start.value_or(0)), to = std::max(from, bound(end.value_or(size)));
    Tensor y = unshaped_view(x, x.dim());
    int64_t* strides = y->strides();
    for (int i = 0; i < x.dim(); ++i) {
      y->sizes[i] = x->sizes[i];
      strides[i] = x->strides()[i];
    }
    y->sizes[dim] = (to - from) / step + ((to - from) % step != 0);
    strides[dim] *= step;
    settle_shape(y.impl());
    move_data(y, from * x.stride(dim));
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) {
    put_back(d, x, fwd(x, dim, start, end, step));
  }
};

struct Narrow : Composite {
  static constexpr OpInfo info{.sig = "narrow(Tensor input, int dim, int start, int length) -> Tensor", .doc = "A view of length elements of dimension dim from start on."};
  static Tensor fwd(const Tensor& x, int64_t dim, int64_t start, int64_t length) { return narrow(x, dim, start, length); }
};
struct NarrowTensor : Composite {
  static constexpr OpInfo info{.sig = "narrow(Tensor input, int dim, Tensor start, int length) -> Tensor",
                               .doc = "A view of length elements of dimension dim from start on, a 0-d integer tensor."};
  static Tensor fwd(const Tensor& x, int64_t dim, const Tensor& start, int64_t length) {
    if (start.dim() != 0 || !is_integral(start.dtype())) runtime_error("start must be an 0-dim integral Tensor.");
    return narrow(x, dim, number_of(start).to_int(), length);
  }
};

struct Diagonal : ViewOp {
  static constexpr OpInfo info{.sig = "diagonal(Tensor input, int offset=0, int dim1=0, int dim2=1) -> Tensor",
                               .doc = "A view of the diagonal of two dimensions, which becomes the last dimension."};
  static Tensor fwd(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
    const Tensor y = diagonal_of(x, offset, dim1, dim2);
    return as_view(x, y.sizes(), y.strides(), y.offset());
  }
  static void vjp(Grads& d, const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
    put_back(d, x, fwd(x, offset, dim1, dim2));
  }
};

// What diag() makes of a matrix: the diagonal, copied.
struct DiagonalCopy {
  static constexpr OpInfo info{.sig = "diagonal_copy(Tensor input, int offset=0, int dim1=0, int dim2=1) -> Tensor",
                               .doc = "diagonal() as a copy.",
                               .where = kFunction,
                               .grad_name = "DiagonalBackward0_copy"};
  static Tensor fwd(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) { return contiguous_copy(diagonal_of(x, offset, dim1, dim2), true); }
  static void vjp(Grads& d, const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
    put_back(d, x, diagonal_of(x, offset, dim1, dim2));
  }
};

struct Unfold : ViewOp {
  static constexpr OpInfo info{.sig = "unfold(Tensor input, int dimension, int size, int step) -> Tensor",
                               .doc = "A view of all windows of the given size in a dimension, step apart; the windows become a new last dimension.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, int64_t dimension, int64_t size, int64_t step) {
    const int64_t dim = wrap_dim(dimension, x.dim());
    const int64_t have = x.dim() ? x.size(dim) : 1, stride = x.dim() ? x.stride(dim) : 1;
    if (size < 0) runtime_error("size is ", size, " but must be >= 0");
    if (size > have) runtime_error("maximum size for tensor at dimension ", dim, " is ", have, " but size is ", size);
    if (step <= 0) runtime_error("step is ", step, " but must be > 0");
    Dims sizes = x.sizes(), strides = x.strides();
    if (x.dim()) {
      sizes[dim] = (have - size) / step + 1;
      strides[dim] *= step;
    }
    sizes.push_back(size);
    strides.push_back(stride);
    return as_view(x, sizes, strides, x.offset());
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dimension, int64_t size, int64_t step) {
    put_back(d, x, fwd(x, dimension, size, step));
  }
};

// Its gradient needs the input's geometry too, which comes along as arguments; `offset` counts from the input's first element.
struct AsStrided : ViewOp {
  static constexpr OpInfo info{.sig = "_as_strided(Tensor input, int[] size, int[] stride, int offset, int[] input_size, int[] input_stride) -> Tensor",
                               .doc = "as_strided() with the geometry of its input.",
                               .where = 0,
                               .grad_name = "AsStridedBackward0"};
  static Tensor fwd(const Tensor& x, const Dims& size, const Dims& stride, int64_t offset, const Dims&, const Dims&) {
    return as_view(x, size, stride, x.offset() + offset);
  }
  static void vjp(Grads& d, const Tensor&, const Dims& size, const Dims& stride, int64_t offset, const Dims& input_size, const Dims& input_stride) {
    d.set(0, put_region(d.g(), input_size, input_stride, size, stride, offset));
  }
};

struct AsStridedOp : Composite {
  static constexpr OpInfo info{.sig = "as_strided(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
                               .doc = "A view of the storage of input with any sizes, strides and offset, all in elements and inside the storage."};
  static Tensor fwd(const Tensor& x, const Dims& size, const Dims& stride, std::optional<int64_t> offset) {
    return as_strided(x, size, stride, offset.value_or(x.offset()));
  }
};

const Register<PutRegion, TakeRegion, Select, Slice, Narrow, NarrowTensor, Diagonal, DiagonalCopy, Unfold, AsStrided, AsStridedOp> registered;

}  // namespace

Tensor put_region(const Tensor& x, DimSpan base_sizes, DimSpan base_strides, DimSpan sizes, DimSpan strides, int64_t offset) {
  return call_op<PutRegion>(x, Dims(base_sizes), Dims(base_strides), Dims(sizes), Dims(strides), offset);
}
Tensor take_region(const Tensor& x, DimSpan base_sizes, DimSpan base_strides, DimSpan sizes, DimSpan strides, int64_t offset) {
  return call_op<TakeRegion>(x, Dims(base_sizes), Dims(base_strides), Dims(sizes), Dims(strides), offset);
}

Tensor select(const Tensor& x, int64_t dim, int64_t index) { return call_op<Select>(x, dim, index); }
Tensor slice(const Tensor& x, int64_t dim, int64_t start, int64_t end, int64_t step) {
  return call_op<Slice>(x, dim, std::optional<int64_t>(start), std::optional<int64_t>(end), step);
}
Tensor diagonal(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) { return call_op<Diagonal>(x, offset, dim1, dim2); }
Tensor unfold(const Tensor& x, int64_t dim, int64_t size, int64_t step) { return call_op<Unfold>(x, dim, size, step); }
Tensor diagonal_copy(const Tensor& x, int64_t offset) { return call_op<DiagonalCopy>(x, offset, int64_t{0}, int64_t{1}); }

Tensor narrow(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
  if (x.dim() == 0) runtime_error("narrow() cannot be applied to a 0-dim tensor.");
  if (length < 0) runtime_error("narrow(): length must be non-negative.");
  const int64_t size = x.size(wrap_dim(dim, x.dim()));
  if (start < -size || start > size) index_error("start out of range (expected to be in range of [", -size, ", ", size, "], but got ", start, ")");
  if (start < 0) start += size;
  if (start > size - length) runtime_error("start (", start, ") + length (", length, ") exceeds dimension size (", size, ").");
  return slice(x, dim, start, start + length, 1);
}

Tensor as_strided(const Tensor& x, const Dims& sizes, const Dims& strides, int64_t offset) {
  if (sizes.size() != strides.size()) runtime_error("mismatch in length of strides and shape");
  if (offset < 0) runtime_error("Tensor: invalid storage offset ", offset);
  for (int64_t s : strides) if (s < 0) runtime_error("as_strided: Negative strides are not supported at the moment, got strides: ", DimSpan(strides));
  const auto length = reach(sizes, strides);
  if (!length) runtime_error("Storage size calculation overflowed with sizes=", DimSpan(sizes), " and strides=", DimSpan(strides));
  const int64_t item = item_size(x.dtype()), held = static_cast<int64_t>(x->storage->bytes) / item;
  if (count_elements(sizes) > 0 && (*length > held || offset > held - *length)) {
    runtime_error("setStorage: sizes ", DimSpan(sizes), ", strides ", DimSpan(strides), ", storage offset ", offset, ", and itemsize ", item,
                  " requiring a storage size of ", (*length + offset) * item, " are out of bounds for storage of size ",
                  static_cast<int64_t>(x->storage->bytes));
  }
  return call_op<AsStrided>(x, sizes, strides, offset - x.offset(), Dims(x.sizes()), Dims(x.strides()));
}

}  // namespace st
