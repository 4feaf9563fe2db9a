// Vectors, diagonals, and tensors read as matrices: vecdot, vander, diagonal, tensorinv, tensorsolve.
#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"
#include "ops/product.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

struct LinalgVecdot : Composite {
  static constexpr OpInfo info{.sig = "linalg_vecdot(Tensor x, Tensor y, *, int dim=-1) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Sum of x * y over a dimension, x conjugated where it is complex; both are broadcast.", .where = kLinalg};
  static Tensor fwd(const Tensor& x, const Tensor& y, int64_t dim) {
    if (!differentiable(x.dtype())) runtime_error("linalg.vecdot: Expected a floating point or complex tensor as input. Got ",
                                                  st::info(x.dtype()).scalar_type);
    if (x.dtype() != y.dtype()) {
      runtime_error("linalg.vecdot: Expected x and y to have the same dtype, but found x of type ", st::info(x.dtype()).scalar_type,
                    " and y of type ",
                    st::info(y.dtype()).scalar_type, " instead");
    }
    if (x.dim() == 1 && y.dim() == 1 && wrap_dim(dim, 1) == 0) return dot(conj(x), y);
    return sum(conj(x) * y, Dims{dim}, false);
  }
};

Dtype of_powers(const Tensor& x) { return differentiable(x.dtype()) ? x.dtype() : Dtype::Int64; }

// 1, x, x^2, ... along a new last dimension.
Tensor powers(const Tensor& x, int64_t count) {
  const Tensor v = column(to_dtype(x, of_powers(x)));
  Dims sizes(v.sizes());
  const Tensor ones = full(sizes, Scalar(1), v.dtype());
  if (count == 1) return ones;
  if (count == 2) return cat({ones, v}, -1);
  sizes.back() = count - 1;
  return cat({ones, cumprod(expand(v, sizes), -1)}, -1);
}

struct LinalgVander : Composite {
  static constexpr OpInfo info{.sig = "linalg_vander(Tensor x, *, int? N=None) -> Tensor",
                               .doc = "The powers 0 to N - 1 of x (*, n): (*, n, N). N is n where it is None.",
                               .where = kLinalg};
  static Tensor fwd(const Tensor& x, const std::optional<int64_t>& n) {
    const Tensor v = x.dim() ? x : unsqueeze(x, 0);
    const int64_t count = n.value_or(v.size(-1));
    if (count <= 1) runtime_error("N must be greater than 1.");
    return powers(v, count);
  }
};
struct LinalgDiagonal : Composite {
  static constexpr OpInfo info{.sig = "linalg_diagonal(Tensor A, *, int offset=0, int dim1=-2, int dim2=-1) -> Tensor",
                               .doc = "The diagonals of the matrices in two dimensions, by default the last: see diagonal().", .where = kLinalg};
  static Tensor fwd(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) { return diagonal(x, offset, dim1, dim2); }
};

struct LinalgTensorinv : Composite {
  static constexpr OpInfo info{.sig = "linalg_tensorinv(Tensor input, int ind=2) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The inverse of input read as a matrix with the first ind dimensions for its rows: tensordot(result, input, ind) "
                                      "is the identity.", .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, int64_t ind) {
    if (ind <= 0) runtime_error("Expected a strictly positive integer for 'ind', but got ", ind);
    const auto at = static_cast<size_t>(std::min<int64_t>(ind, x.dim()));
    const DimSpan left = x.sizes().first(at), right = x.sizes().subspan(at);
    const int64_t rows = count_elements(left), columns = count_elements(right);
    if (rows != columns) {
      runtime_error("Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ", columns, " != ", rows);
    }
    Dims sizes(right);
    for (int64_t s : left) sizes.push_back(s);
    check_float("inv", x);
    return reshape(checked_inverse(reshape(x, {rows, columns}), "inv"), sizes);
  }
};
struct LinalgTensorsolve : Composite {
  static constexpr OpInfo info{.sig = "linalg_tensorsolve(Tensor input, Tensor other, int[]? dims=None) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "X of tensordot(input, X, X.ndim) = other, where the dimensions of input in dims have been moved to its end.",
                                   .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& given, const Tensor& b, const OptDims& dims) {
    Tensor a = given;
    if (dims) {
      const Dims moved = wrap_dims(*dims, a.dim());
      Dims order;
      for (int64_t d = 0; d < a.dim(); ++d) if (!moved.contains(d)) order.push_back(d);
      for (int64_t d : moved) order.push_back(d);
      a = permute(a, order);
    }
    const auto at = static_cast<size_t>(std::min(a.dim(), b.dim()));
    const Dims result(a.sizes().subspan(at));
    const int64_t columns = count_elements(result), rows = b.numel();
    if (columns != rows) {
      runtime_error("Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ",
                    columns, " != ", rows);
    }
    return reshape(checked_solve(reshape(a, {columns, columns}), reshape(b, {b.numel()})), result);
  }
};

const Register<LinalgVecdot, LinalgVander, LinalgDiagonal, LinalgTensorinv, LinalgTensorsolve> registered;

}  // namespace
}  // namespace st
