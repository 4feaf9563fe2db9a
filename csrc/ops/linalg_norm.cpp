// Norms of matrices, and condition numbers.
#include <cmath>

#include "ops/call.h"
#include "ops/linalg.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr const char* kName = "linalg.matrix_norm";

std::string listed(const Dims& dims, const char* between) {
  std::string out;
  for (int64_t d : dims) out += (out.empty() ? "" : between) + text(d);
  return out;
}

// x in `dtype`, and the two dimensions, not negative.
Tensor checked(const Tensor& x, const Dims& dim, const std::optional<Dtype>& dtype, bool low_precision, Dims& wrapped) {
  check_matrix(kName, x);
  if (!differentiable(x.dtype())) runtime_error(kName, ": Expected a floating point or complex tensor as input. Got ", info(x.dtype()).scalar_type);
  if (!low_precision) check_float(kName, x);
  if (dim.size() != 2) runtime_error(kName, ": dim must be a 2-tuple. Got ", listed(dim, " "));
  wrapped = {wrap_dim(dim[0], x.dim()), wrap_dim(dim[1], x.dim())};
  if (wrapped[0] == wrapped[1]) runtime_error(kName, ": dims must be different. Got (", listed(dim, ", "), ")");
  if (!dtype) return x;
  if (!differentiable(*dtype)) runtime_error(kName, ": dtype should be floating point or complex, but got ", info(*dtype).scalar_type);
  if (promote(x.dtype(), *dtype) != *dtype) {
    runtime_error(kName, ": the dtype of the input (", info(x.dtype()).scalar_type, ") should be convertible without narrowing to the "
                                                                                    "specified dtype (",
                  info(*dtype).scalar_type, ")");
  }
  return to_dtype(x, *dtype);
}

Tensor amin(const Tensor& x, const Dims& dim, bool keepdim) { return -amax(-x, dim, keepdim); }
// The largest (or smallest) along a dimension; 0 for the largest of nothing.
Tensor extreme_along(const Tensor& x, int64_t dim, bool keepdim, bool largest) {
  if (largest && x.size(dim) == 0) return sum(x, Dims{dim}, keepdim);
  if (x.size(dim) == 0) index_error("amin(): Expected reduction dim ", dim, " to have non-zero size.");
  return largest ? amax(x, Dims{dim}, keepdim) : amin(x, Dims{dim}, keepdim);
}

// f(the singular values of the matrices in dimensions dim), which takes the last dimension away.
template <class F>
Tensor of_values(const Tensor& x, const Dims& dim, bool keepdim, F f) {
  Dims order, kept(x.sizes());
  for (int64_t d = 0; d < x.dim(); ++d) if (!dim.contains(d)) order.push_back(d);
  order.push_back(dim[0]);
  order.push_back(dim[1]);
  const Tensor y = f(svdvals(permute(x, order)));
  if (!keepdim) return y;
  kept[dim[0]] = kept[dim[1]] = 1;
  return reshape(y, kept);
}

struct MatrixNorm : Composite {
  static constexpr OpInfo info{.sig = "linalg_matrix_norm(Tensor input, Scalar ord, int[] dim=[-2,-1], bool keepdim=False, *, dtype? dtype=None) "
                                      "-> Tensor",
                               .doc = "Norm of the matrices in dimensions dim: ord 2, -2 the largest, smallest singular value; 1, -1 the "
                                      "largest, smallest sum of absolute "
                                      "values of a column; inf, -inf of a row.",
                               .where = kLinalg};
  static Tensor fwd(const Tensor& x, const Scalar& ord, const Dims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    const double p = ord.to_double(), size = std::fabs(p);
    check_matrix(kName, x);
    if (size != 2 && size != 1 && size != kInfinity) runtime_error(kName, ": Order ", p, " not supported.");
    Dims at;
    const Tensor a = checked(x, dim, dtype, size != 2, at);
    if (size == 2) return of_values(a, at, keepdim, [&](const Tensor& s) { return extreme_along(s, s.dim() - 1, false, p > 0); });
    int64_t along = at[size == 1 ? 0 : 1], rest = at[size == 1 ? 1 : 0];
    const Tensor sums = vector_norm(a, 1, Dims{along}, keepdim, {});
    if (!keepdim && rest > along) --rest;
    return extreme_along(sums, rest, keepdim, p > 0);
  }
};
struct MatrixNormNamed : Composite {
  static constexpr OpInfo info{.sig = "linalg_matrix_norm(Tensor input, str ord='fro', int[] dim=[-2,-1], bool keepdim=False, *, dtype? "
                                      "dtype=None) -> Tensor",
                               .doc = "ord='fro': the root of the sum of squares; 'nuc': the sum of the singular values.", .where = kLinalg};
  static Tensor fwd(const Tensor& x, const std::string& ord, const Dims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    check_matrix(kName, x);
    if (ord != "fro" && ord != "nuc") runtime_error(kName, ": Order ", ord, " not supported.");
    Dims at;
    const Tensor a = checked(x, dim, dtype, ord == "fro", at);
    if (ord == "fro") return vector_norm(a, 2, at, keepdim, {});
    return of_values(a, at, keepdim, [](const Tensor& s) { return sum(s, Dims{s.dim() - 1}, false); });
  }
};

void check_length(const OptDims& dim) {
  if (dim && dim->size() != 1 && dim->size() != 2) runtime_error("linalg.norm: If dim is specified, it must be of length 1 or 2. Got ", DimSpan(*dim));
}
void check_dims(const Tensor& x, const OptDims& dim) {
  if (!dim && x.dim() != 1 && x.dim() != 2) {
    runtime_error("linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ", x.dim(), "D.");
  }
}
struct LinalgNorm : Composite {
  static constexpr OpInfo info{.sig = "linalg_norm(Tensor input, Scalar? ord=None, int[1]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "A vector's norm along one dimension, or of all elements where neither ord nor dim is given, or a "
                                      "matrix's over two dimensions: see "
                                      "linalg.vector_norm() and linalg.matrix_norm().",
                               .where = kLinalg};
  static Tensor fwd(const Tensor& x, const std::optional<Scalar>& ord, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    check_length(dim);
    if (!dim && ord) check_dims(x, dim);
    if (ord && (dim ? dim->size() == 2 : x.dim() == 2)) return matrix_norm(x, *ord, dim.value_or(Dims{0, 1}), keepdim, dtype);
    return vector_norm(x, ord ? ord->to_double() : 2, dim, keepdim, dtype);
  }
};
struct LinalgNormNamed : Composite {
  static constexpr OpInfo info{.sig = "linalg_norm(Tensor input, str ord, int[1]? dim=None, bool keepdim=False, *, dtype? dtype=None) -> Tensor",
                               .doc = "ord='fro' or 'nuc': see linalg.matrix_norm().", .where = kLinalg};
  static Tensor fwd(const Tensor& x, const std::string& ord, const OptDims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
    check_length(dim);
    check_dims(x, dim);
    return matrix_norm(x, ord, dim.value_or(Dims{0, 1}), keepdim, dtype);
  }
};
struct NuclearNorm : Composite {
  static constexpr OpInfo info{.sig = "nuclear_norm(Tensor input, bool keepdim=False) -> Tensor",
                               .doc = "Alias of linalg.matrix_norm(input, 'nuc').", .where = kFunction};
  static Tensor fwd(const Tensor& x, bool keepdim) { return matrix_norm(x, std::string("nuc"), {-2, -1}, keepdim, {}); }
};
struct NuclearNormDims : Composite {
  static constexpr OpInfo info{.sig = "nuclear_norm(Tensor input, int[2] dim, bool keepdim=False) -> Tensor",
                               .doc = "The same in dimensions dim.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& dim, bool keepdim) { return matrix_norm(x, std::string("nuc"), dim, keepdim, {}); }
};
struct FrobeniusNorm : Composite {
  static constexpr OpInfo info{.sig = "frobenius_norm(Tensor input, int[1] dim, bool keepdim=False) -> Tensor",
                               .doc = "The root of the sum of squares along the dimensions dim.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& dim, bool keepdim) { return vector_norm(x, 2, dim, keepdim, {}); }
};

// |A| |A^-1|; inf where A is singular.
template <class Ord>
Tensor by_inverse(const Tensor& x, const Ord& ord, const std::string& shown) {
  check_square(cat("linalg.cond(ord=", shown, ")"), x);
  if (x.numel() == 0) return zeros(batch_sizes(x), real_type(x.dtype()));
  const auto [inverses, places] = inverse_and_info(x);
  const Tensor product = matrix_norm(x, ord, {-2, -1}, false, {}) * matrix_norm(inverses, ord, {-2, -1}, false, {});
  return where(places != 0.0, kInfinity, product);
}

struct LinalgCond : Composite {
  static constexpr OpInfo info{.sig = "linalg_cond(Tensor input, Scalar? p=None) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Condition number of a matrix, or of each of a batch, for linalg.matrix_norm()'s ord p: the ratio of the "
                                      "extreme singular values for None "
                                      "and 2, otherwise the norm times that of the inverse.",
                               .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const std::optional<Scalar>& ord) {
    if (x.dim() < 2) runtime_error("linalg.cond: The input tensor must have at least 2 dimensions.");
    const double p = ord ? ord->to_double() : 2;
    const std::string shown = cat(p);
    const double size = std::fabs(p);
    if (size == 2) {
      check_float("linalg.svd", x);
      if (x.numel() == 0) return zeros(batch_sizes(x), real_type(x.dtype()));
      const Tensor s = svdvals(x), first = select(s, -1, 0), last = select(s, -1, s.size(-1) - 1);
      return p > 0 ? first / last : last / first;
    }
    if (size != 1 && size != kInfinity) runtime_error("linalg.cond got an invalid norm type: ", shown);
    return by_inverse(x, *ord, shown);
  }
};
struct LinalgCondNamed : Composite {
  static constexpr OpInfo info{.sig = "linalg_cond(Tensor input, str p) -> Tensor", .autocast = Autocast::Float32, .doc = "The same for p='fro' or 'nuc'.", .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const std::string& ord) {
    if (x.dim() < 2) runtime_error("linalg.cond: The input tensor must have at least 2 dimensions.");
    if (ord != "fro" && ord != "nuc") runtime_error("linalg.cond got an invalid norm type: ", ord);
    return by_inverse(x, ord, ord);
  }
};

const Register<MatrixNorm, MatrixNormNamed, LinalgNorm, LinalgNormNamed, NuclearNorm, NuclearNormDims, FrobeniusNorm, LinalgCond,
    LinalgCondNamed> registered;

}  // namespace

Tensor matrix_norm(const Tensor& x, const Scalar& ord, const Dims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
  return call_op<MatrixNorm>(x, ord, dim, keepdim, dtype);
}
Tensor matrix_norm(const Tensor& x, const std::string& ord, const Dims& dim, bool keepdim, const std::optional<Dtype>& dtype) {
  return call_op<MatrixNormNamed>(x, ord, dim, keepdim, dtype);
}

}  // namespace st
