// Triangles and diagonals: tril, triu, diag, diag_embed, diagflat and the indices of triangles.
#include <algorithm>

#include "kernels/layout.h"
#include "kernels/triangle.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

Tensor triangle(const Tensor& x, int64_t diagonal, bool upper) {
  if (x.dim() < 2) runtime_error(upper ? "triu" : "tril", ": input tensor must have at least 2 dimensions");
  const Tensor c = contiguous_copy(x), y = empty(x.sizes(), x.dtype());
  copy_triangle(y, c, diagonal, upper);
  return y;
}

void triangle_in(const Tensor& x, int64_t diagonal, bool upper) {
  if (x.dim() >= 2 && x.is_contiguous()) copy_triangle(x, x, diagonal, upper);
  else copy_elements(x, triangle(x, diagonal, upper));
}

struct Tril {
  static constexpr OpInfo info{.sig = "tril(Tensor input, int diagonal=0) -> Tensor",
                               .doc = "The lower triangle of each matrix of the last two dimensions, up to the given diagonal; zeros above.",
                               .where = kFunction | kMethod | kMethodInplace};
  static Tensor fwd(const Tensor& x, int64_t diagonal) { return triangle(x, diagonal, false); }
  static void inplace(const Tensor& x, int64_t diagonal) { triangle_in(x, diagonal, false); }
  static void vjp(Grads& d, const Tensor&, int64_t diagonal) {
    d.set(0, tril(d.g(), diagonal));
  }
};
struct Triu {
  static constexpr OpInfo info{.sig = "triu(Tensor input, int diagonal=0) -> Tensor",
                               .doc = "The upper triangle of each matrix of the last two dimensions, from the given diagonal on; zeros below.",
                               .where = kFunction | kMethod | kMethodInplace};
  static Tensor fwd(const Tensor& x, int64_t diagonal) { return triangle(x, diagonal, true); }
  static void inplace(const Tensor& x, int64_t diagonal) { triangle_in(x, diagonal, true); }
  static void vjp(Grads& d, const Tensor&, int64_t diagonal) {
    d.set(0, triu(d.g(), diagonal));
  }
};

struct DiagEmbed {
  static constexpr OpInfo info{.sig = "diag_embed(Tensor input, int offset=0, int dim1=-2, int dim2=-1) -> Tensor",
                               .doc = "Matrices of zeros, in the dimensions dim1 and dim2 of the result, with the last dimension of input along a diagonal."};
  static Tensor fwd(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
    const int64_t n = x.dim() + 1;
    const int64_t a = wrap_dim(dim1, n), b = wrap_dim(dim2, n);
    if (a == b) runtime_error("diagonal dimensions cannot be identical ", dim1, ", ", dim2);
    const int64_t side = x.size(-1) + std::abs(offset);
    Dims sizes(x.sizes().first(static_cast<size_t>(x.dim() - 1)));
    sizes.insert(static_cast<int>(std::min(a, b)), side);
    sizes.insert(static_cast<int>(std::max(a, b)), side);
    const Tensor y = zeros(sizes, x.dtype());
    copy_elements(diagonal_of(y, offset, a, b), x);
    return y;
  }
  static void vjp(Grads& d, const Tensor&, int64_t offset, int64_t dim1, int64_t dim2) {
    d.set(0, diagonal(d.g(), offset, dim1, dim2));
  }
};

struct Diag : Composite {
  static constexpr OpInfo info{.sig = "diag(Tensor input, int diagonal=0) -> Tensor",
                               .doc = "A square matrix with a vector along its diagonal, or a copy of the diagonal of a matrix."};
  static Tensor fwd(const Tensor& x, int64_t diagonal) {
    if (x.dim() != 1 && x.dim() != 2) runtime_error("diag(): Supports 1D or 2D tensors. Got ", x.dim(), "D");
    return x.dim() == 1 ? diag_embed(x, diagonal, 0, 1) : diagonal_copy(x, diagonal);
  }
};
struct DiagFlat : Composite {
  static constexpr OpInfo info{.sig = "diagflat(Tensor input, int offset=0) -> Tensor", .doc = "A square matrix with all elements of input along a diagonal."};
  static Tensor fwd(const Tensor& x, int64_t offset) { return diag_embed(view(contiguous(x), Dims{-1}), offset, 0, 1); }
};

// Row and column numbers, row by row, of the elements on one side of a diagonal.
Tensor triangle_indices(int64_t rows, int64_t columns, int64_t offset, bool upper, std::optional<Dtype> dtype) {
  if (rows < 0) runtime_error("row must be non-negative, got", rows);
  if (columns < 0) runtime_error("col must be non-negative, got", columns);
  if (offset > columns || offset < -rows) offset = std::clamp(offset, -rows - 1, columns + 1);
  auto first = [&](int64_t i) { return upper ? std::clamp<int64_t>(i + offset, 0, columns) : 0; };
  auto last = [&](int64_t i) { return upper ? columns : std::clamp<int64_t>(i + offset + 1, 0, columns); };
  int64_t count = 0;
  for (int64_t i = 0; i < rows; ++i) count += last(i) - first(i);
  const Tensor y = empty(Dims{2, count}, Dtype::Int64);
  auto* row = y.data<int64_t>();
  int64_t* column = row + count;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = first(i); j < last(i); ++j) {
      *row++ = i;
      *column++ = j;
    }
  }
  return cast_copy(y, dtype.value_or(Dtype::Int64));
}

struct TrilIndices {
  static constexpr OpInfo info{.sig = "tril_indices(int row, int col, int offset=0, **factory) -> Tensor",
                               .doc = "(2, N): row and column numbers of the lower triangle of a row by col matrix.", .where = kFunction};
  static Tensor fwd(int64_t rows, int64_t columns, int64_t offset, std::optional<Dtype> dtype) { return triangle_indices(rows, columns, offset, false, dtype); }
};
struct TriuIndices {
  static constexpr OpInfo info{.sig = "triu_indices(int row, int col, int offset=0, **factory) -> Tensor",
                               .doc = "(2, N): row and column numbers of the upper triangle of a row by col matrix.", .where = kFunction};
  static Tensor fwd(int64_t rows, int64_t columns, int64_t offset, std::optional<Dtype> dtype) { return triangle_indices(rows, columns, offset, true, dtype); }
};

const Register<Tril, Triu, DiagEmbed, Diag, DiagFlat, TrilIndices, TriuIndices> registered;

}  // namespace

Tensor tril(const Tensor& x, int64_t diagonal) { return call_op<Tril>(x, diagonal); }
Tensor triu(const Tensor& x, int64_t diagonal) { return call_op<Triu>(x, diagonal); }
Tensor diag_embed(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) { return call_op<DiagEmbed>(x, offset, dim1, dim2); }

}  // namespace st
