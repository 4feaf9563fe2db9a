// Cutting a tensor into views along a dimension: unbind, split, chunk, tensor_split and its short forms.
#include <algorithm>

#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

// Views of consecutive pieces of x along dim. They may not be written in place, since one op made them all.
Tensors pieces(const Tensor& x, int64_t dim, const Dims& lengths) {
  Dims sizes = x.sizes();
  const Dims strides = x.strides();
  Tensors out;
  out.reserve(static_cast<size_t>(lengths.size()));
  int64_t at = x.offset();
  for (int64_t length : lengths) {
    sizes[dim] = length;
    out.push_back(as_view(x, sizes, strides, at));
    out.back()->set(kMultiView, true);
    at += length * strides[dim];
  }
  return out;
}

Tensors all_gradients(Grads& d, int n) {
  Tensors gs;
  for (int o = 0; o < n; ++o) gs.push_back(d.g(o));
  return gs;
}

struct Unbind : ViewOp {
  static constexpr OpInfo info{.sig = "unbind(Tensor input, int dim=0) -> Tensor[]", .doc = "Views of all slices along a dimension, which is dropped."};
  static Tensors fwd(const Tensor& x, int64_t dim) {
    if (x.dim() == 0) index_error("Dimension specified as ", dim, " but tensor has no dimensions");
    dim = wrap_dim(dim, x.dim());
    Tensors out;
    out.reserve(static_cast<size_t>(x.size(dim)));
    for (int64_t i = 0; i < x.size(dim); ++i) {
      const Tensor& y = out.emplace_back(unshaped_view(x, x.dim() - 1));
      int64_t* strides = y->strides();
      for (int d = 0; d < y.dim(); ++d) {
        y->sizes[d] = x->sizes[d + (d >= dim)];
        strides[d] = x->strides()[d + (d >= dim)];
      }
      settle_shape(y.impl());
      move_data(y, i * x.stride(dim));
      y->set(kMultiView, true);
    }
    return out;
  }
  static void vjp(Grads& d, const Tensor& x, int64_t dim) {
    d.set(0, stack(all_gradients(d, static_cast<int>(x.size(dim))), dim));
  }
};

Dims equal_lengths(const Tensor& x, int64_t split_size, int64_t dim) {
  if (x.dim() == 0) runtime_error("split expects at least a 1-dimensional tensor");
  if (split_size < 0) runtime_error("split expects split_size be non-negative, but got split_size=", split_size);
  const int64_t size = x.size(wrap_dim(dim, x.dim()));
  if (split_size == 0 && size != 0) runtime_error("split_size can only be 0 if dimension size is 0, but got dimension size of ", size);
  Dims lengths;
  for (int64_t at = 0; at < size; at += split_size) lengths.push_back(std::min(split_size, size - at));
  if (lengths.empty()) lengths.push_back(0);
  return lengths;
}

struct Split : ViewOp {
  static constexpr OpInfo info{.sig = "split(Tensor tensor, int split_size_or_sections, int dim=0) -> Tensor[]",
                               .doc = "Views of consecutive pieces of the given size along a dimension; the last may be smaller.",
                               .where = kFunction};
  static Tensors fwd(const Tensor& x, int64_t split_size, int64_t dim) {
    const Dims lengths = equal_lengths(x, split_size, dim);
    return pieces(x, wrap_dim(dim, x.dim()), lengths);
  }
  static void vjp(Grads& d, const Tensor& x, int64_t split_size, int64_t dim) {
    d.set(0, cat(all_gradients(d, equal_lengths(x, split_size, dim).size()), dim));
  }
};
struct SplitMethod : Split {
  static constexpr OpInfo info{.sig = "split(Tensor input, int split_size, int dim=0) -> Tensor[]", .doc = Split::info.doc, .where = kMethod};
};

struct SplitWithSizes : ViewOp {
  static constexpr OpInfo info{.sig = "split_with_sizes(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]",
                               .doc = "Views of consecutive pieces of the given sizes along a dimension."};
  static Tensors fwd(const Tensor& x, const Dims& lengths, int64_t dim) {
    if (x.dim() == 0) runtime_error("split expects at least a 1-dimensional tensor");
    dim = wrap_dim(dim, x.dim());
    int64_t total = 0;
    for (int64_t length : lengths) {
      if (length < 0) runtime_error("split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=", DimSpan(lengths));
      total += length;
    }
    if (total != x.size(dim)) {
      runtime_error("split_with_sizes expects split_sizes to sum exactly to ", x.size(dim), " (input tensor's size at dimension ", dim,
                    "), but got split_sizes=", DimSpan(lengths));
    }
    return pieces(x, dim, lengths);
  }
  static void vjp(Grads& d, const Tensor&, const Dims& lengths, int64_t dim) {
    d.set(0, cat(all_gradients(d, lengths.size()), dim));
  }
};
struct SplitSections : Composite {
  static constexpr OpInfo info{.sig = "split(Tensor tensor, int[] split_size_or_sections, int dim=0) -> Tensor[]",
                               .doc = SplitWithSizes::info.doc, .where = kFunction};
  static Tensors fwd(const Tensor& x, const Dims& lengths, int64_t dim) { return split(x, lengths, dim); }
};
struct SplitSectionsMethod : SplitSections {
  static constexpr OpInfo info{.sig = "split(Tensor input, int[] split_size, int dim=0) -> Tensor[]", .doc = SplitWithSizes::info.doc, .where = kMethod};
};

struct Chunk : Composite {
  static constexpr OpInfo info{.sig = "chunk(Tensor input, int chunks, int dim=0) -> Tensor[]",
                               .doc = "Views of at most the given number of pieces of equal size along a dimension; the last may be smaller."};
  static Tensors fwd(const Tensor& x, int64_t chunks, int64_t dim) {
    if (x.dim() == 0) runtime_error("chunk expects at least a 1-dimensional tensor");
    if (chunks <= 0) runtime_error("chunk expects `chunks` to be greater than 0, got: ", chunks);
    const int64_t size = x.size(wrap_dim(dim, x.dim()));
    if (size == 0) return split(x, Dims::filled(static_cast<int>(chunks), 0), dim);
    return call_op<Split>(x, size / chunks + (size % chunks != 0), dim);
  }
};

// Pieces between the given indices, which may be negative, too large or out of order, as in a slice.
Tensors tensor_split(const Tensor& x, const Dims& indices, int64_t dim) {
  if (x.dim() == 0) runtime_error("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  dim = wrap_dim(dim, x.dim());
  Tensors out;
  int64_t from = 0;
  for (int64_t to : indices) {
    out.push_back(slice(x, dim, from, to, 1));
    from = to;
  }
  out.push_back(slice(x, dim, from, x.size(dim), 1));
  return out;
}

// The first size % sections pieces are one longer than the others.
Tensors tensor_split(const Tensor& x, int64_t sections, int64_t dim) {
  if (x.dim() == 0) runtime_error("tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims");
  if (sections <= 0) runtime_error("number of sections must be larger than 0, got ", sections);
  dim = wrap_dim(dim, x.dim());
  const int64_t least = x.size(dim) / sections, longer = x.size(dim) % sections;
  Tensors out;
  int64_t at = 0;
  for (int64_t i = 0; i < sections; ++i) {
    const int64_t length = least + (i < longer);
    out.push_back(slice(x, dim, at, at + length, 1));
    at += length;
  }
  return out;
}

struct TensorSplit : Composite {
  static constexpr OpInfo info{.sig = "tensor_split(Tensor input, int sections, int dim=0) -> Tensor[]",
                               .doc = "Views of so many pieces along a dimension, the first ones longer by one where it does not divide."};
  static Tensors fwd(const Tensor& x, int64_t sections, int64_t dim) { return tensor_split(x, sections, dim); }
};
struct TensorSplitAt : Composite {
  static constexpr OpInfo info{.sig = "tensor_split(Tensor input, int[] indices, int dim=0) -> Tensor[]",
                               .doc = "Views of the pieces before, between and behind the given indices of a dimension."};
  static Tensors fwd(const Tensor& x, const Dims& indices, int64_t dim) { return tensor_split(x, indices, dim); }
};
struct TensorSplitTensor : Composite {
  static constexpr OpInfo info{.sig = "tensor_split(Tensor input, Tensor tensor_indices_or_sections, int dim=0) -> Tensor[]",
                               .doc = "The same with a 0-d tensor of sections or a 1-d tensor of indices, of dtype int64."};
  static Tensors fwd(const Tensor& x, const Tensor& at, int64_t dim) {
    if (at.dtype() != Dtype::Int64) {
      runtime_error("tensor_split expected tensor_indices_or_sections to have dtype of long, but got ", st::info(at.dtype()).scalar_type);
    }
    if (at.dim() > 1) {
      runtime_error("tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ",
                    at.dim(), " dims");
    }
    const Tensor c = contiguous_copy(at);
    if (at.dim() == 0) return tensor_split(x, *c.data<int64_t>(), dim);
    return tensor_split(x, Dims(c.data<int64_t>(), static_cast<int>(c.numel())), dim);
  }
};

// hsplit, vsplit and dsplit: tensor_split along one fixed dimension, with sections that divide it.
int64_t check_split(const Tensor& x, const char* name, int at_least) {
  if (x.dim() < at_least) runtime_error("torch.", name, " requires a tensor with at least ", at_least, " dimension, but got a tensor with ", x.dim(), " dimensions!");
  return at_least == 1 ? (x.dim() == 1 ? 0 : 1) : at_least - 2 + (at_least == 3);
}
Tensors even_split(const Tensor& x, int64_t sections, const char* name, int at_least) {
  const int64_t dim = check_split(x, name, at_least);
  if (sections == 0 || x.size(dim) % sections) {
    runtime_error("torch.", name, " attempted to split along dimension ", dim, ", but the size of the dimension ", x.size(dim),
                  " is not divisible by the split_size ", sections, "!");
  }
  return tensor_split(x, sections, dim);
}

struct HSplit : Composite {
  static constexpr OpInfo info{.sig = "hsplit(Tensor input, int sections) -> Tensor[]", .doc = "Splits into columns: along dimension 1, or 0 for a vector."};
  static Tensors fwd(const Tensor& x, int64_t sections) { return even_split(x, sections, "hsplit", 1); }
};
struct HSplitAt : Composite {
  static constexpr OpInfo info{.sig = "hsplit(Tensor input, int[]... indices) -> Tensor[]", .doc = HSplit::info.doc};
  static Tensors fwd(const Tensor& x, const Dims& indices) { return tensor_split(x, indices, check_split(x, "hsplit", 1)); }
};
struct VSplit : Composite {
  static constexpr OpInfo info{.sig = "vsplit(Tensor input, int sections) -> Tensor[]", .doc = "Splits into rows: along dimension 0 of a tensor of two or more."};
  static Tensors fwd(const Tensor& x, int64_t sections) { return even_split(x, sections, "vsplit", 2); }
};
struct VSplitAt : Composite {
  static constexpr OpInfo info{.sig = "vsplit(Tensor input, int[]... indices) -> Tensor[]", .doc = VSplit::info.doc};
  static Tensors fwd(const Tensor& x, const Dims& indices) { return tensor_split(x, indices, check_split(x, "vsplit", 2)); }
};
struct DSplit : Composite {
  static constexpr OpInfo info{.sig = "dsplit(Tensor input, int sections) -> Tensor[]", .doc = "Splits along dimension 2 of a tensor of three or more."};
  static Tensors fwd(const Tensor& x, int64_t sections) { return even_split(x, sections, "dsplit", 3); }
};
struct DSplitAt : Composite {
  static constexpr OpInfo info{.sig = "dsplit(Tensor input, int[]... indices) -> Tensor[]", .doc = DSplit::info.doc};
  static Tensors fwd(const Tensor& x, const Dims& indices) { return tensor_split(x, indices, check_split(x, "dsplit", 3)); }
};

const Register<Unbind, Split, SplitMethod, SplitWithSizes, SplitSections, SplitSectionsMethod, Chunk, TensorSplit, TensorSplitAt, TensorSplitTensor,
               HSplit, HSplitAt, VSplit, VSplitAt, DSplit, DSplitAt> registered;

}  // namespace

Tensors unbind(const Tensor& x, int64_t dim) { return call_op<Unbind>(x, dim); }
Tensors split(const Tensor& x, const Dims& sizes, int64_t dim) { return call_op<SplitWithSizes>(x, sizes, dim); }
Tensors split(const Tensor& x, int64_t size, int64_t dim) { return call_op<Split>(x, size, dim); }
Tensors chunk(const Tensor& x, int64_t chunks, int64_t dim) { return Chunk::fwd(x, chunks, dim); }

}  // namespace st
