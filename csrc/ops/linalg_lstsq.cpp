// Least squares, pseudo-inverse and rank: by singular values, or by QR where the rank is full.
#include <cmath>

#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

using Limit = std::optional<Operand>;

// A tolerance as a tensor of a's dtype; undefined where none was given.
Tensor as_tensor(const char* name, const char* argument, const Limit& v, Dtype dtype) {
  if (!v) return {};
  if (v->t && is_complex(v->t->dtype())) runtime_error(name, ": ", argument, " tensor of complex type is not supported. Got ",
                                                       info(v->t->dtype()).scalar_type);
  return v->t ? to_dtype(*v->t, dtype) : full(Dims{}, v->s, dtype);
}
// max(atol, rtol * largest). By default rtol is max(m, n) eps, or 0 beside an atol.
Tensor threshold(const Tensor& a, const Tensor& largest, const Tensor& atol, const Tensor& rtol) {
  const double usual = epsilon(real_type(a.dtype())) * static_cast<double>(std::max(a.size(-1), a.size(-2)));
  Tensor relative = rtol;
  if (!rtol.defined()) {
    relative = full(Dims{}, Scalar(usual), largest.dtype());
    if (atol.defined()) relative = where(atol > 0.0, 0.0, relative);
  }
  relative = relative * largest;
  return atol.defined() ? maximum(atol, relative) : relative;
}

// A^+ = V S^+ U^H, where S^+ has the inverses of those values that count.
struct Pinv {
  static constexpr OpInfo info{.sig = "_linalg_pinv(Tensor A, Tensor? atol, Tensor? rtol, bool hermitian) -> Tensor",
                               .doc = "The pseudo-inverse.", .saves = {X0 | Y},
                               .grads = 1, .where = 0, .grad_name = "LinalgPinvBackward0"};
  static Tensor fwd(const Tensor& a, const Tensor& atol, const Tensor& rtol, bool hermitian) {
    if (a.numel() == 0) return zeros(matrix_sizes(batch_sizes(a), a.size(-1), a.size(-2)), a.dtype());
    if (hermitian) {
      const auto [l, v] = eigh(a, "L");
      const Tensor size = abs(l), limit = threshold(a, amax(size, Dims{-1}, true), column_of(atol), column_of(rtol));
      return matmul(v * row(where(size > limit, reciprocal(l), 0.0)), adjoint(v));
    }
    const auto [u, s, vh] = svd(a, false);
    const Tensor limit = threshold(a, narrow(s, -1, 0, 1), column_of(atol), column_of(rtol));
    return matmul(adjoint(vh) * row(where(s > limit, reciprocal(s), 0.0)), adjoint(u));
  }
  static Tensor column_of(const Tensor& t) { return t.defined() ? column(t) : t; }
  // Golub and Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares problems", 1973.
  static void vjp(Grads& d, const Tensor& a, const Tensor&, const Tensor&, bool) {
    if (d.needs(0)) d.set(0, gradient(a, d.y(), d.g()));
  }
  static Tensor gradient(const Tensor& a, const Tensor& y, const Tensor& g) {
    const Tensor gt = adjoint(g), yt = adjoint(y);
    if (a.size(-2) <= a.size(-1)) {
      const Tensor k = matmul(gt, y), kyt = matmul(k, yt);
      return kyt - adjoint(matmul(y, k)) - matmul(matmul(a, y), kyt) + matmul(matmul(yt, y), gt - matmul(k, a));
    }
    const Tensor k = matmul(y, gt), ytk = matmul(yt, k);
    return matmul(matmul(gt - matmul(a, k), y), yt) - adjoint(matmul(k, y)) + ytk - matmul(matmul(ytk, y), a);
  }
};
// The edge of a family of rows: from any form of tolerances to tensors.
Tensor pinv_checked(const Tensor& a, const Limit& atol, const Limit& rtol, bool hermitian) {
  if (a.dim() < 2 || !differentiable(a.dtype()) || is_half(a.dtype())) {
    runtime_error("linalg.pinv(", info(a.dtype()).scalar_type, "{", a.sizes(), "}): expected a tensor with 2 or more dimensions of float, "
                                                                               "double, cfloat or cdouble types");
  }
  if (hermitian) check_square("linalg.eigh", a);
  const Dtype type = real_type(a.dtype());
  return call_op<Pinv>(a, as_tensor("linalg.pinv", "atol", atol, type), as_tensor("linalg.pinv", "rtol", rtol, type), hermitian);
}
struct LinalgPinv : Composite {
  static constexpr OpInfo info{.sig = "linalg_pinv(Tensor input, *, Tensor|Scalar? atol=None, Tensor|Scalar? rtol=None, bool hermitian=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The pseudo-inverse (*, n, m) of A (*, m, n): singular values up to max(atol, rtol * the largest) count "
                                      "as 0. rtol is by default max(m, n) eps, "
                                      "or 0 beside an atol; hermitian: A is symmetric or Hermitian, and eigenvalues take the place of singular values.",
                               .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& a, const Limit& atol, const Limit& rtol, bool hermitian) { return pinv_checked(a, atol, rtol, hermitian); }
};
struct LinalgPinvRcond : Composite {
  static constexpr OpInfo info{.sig = "linalg_pinv(Tensor input, Tensor|Scalar rcond, bool hermitian=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The same with rtol=rcond.", .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& a, const Operand& rcond, bool hermitian) { return pinv_checked(a, {}, rcond, hermitian); }
};
struct Pinverse : Composite {
  static constexpr OpInfo info{.sig = "pinverse(Tensor input, float rcond=1e-15) -> Tensor", .autocast = Autocast::Float32, .doc = "The older form of linalg.pinv()."};
  static Tensor fwd(const Tensor& a, double rcond) { return pinv_checked(a, {}, Operand(rcond), false); }
};

Tensor rank_of(const Tensor& a, const Limit& given_atol, const Limit& given_rtol, bool hermitian) {
  constexpr const char* kName = "torch.linalg.matrix_rank";
  check_matrix(kName, a, "input");
  const Tensor atol = as_tensor(kName, "atol", given_atol, real_type(a.dtype())),
               rtol = as_tensor(kName, "rtol", given_rtol, real_type(a.dtype()));
  if (!differentiable(a.dtype()) || is_half(a.dtype())) runtime_error("This function doesn't handle types other than float and double");
  if (hermitian) check_square("linalg.eigh", a);
  GradMode off(false);
  if (a.numel() == 0) return zeros(batch_sizes(a), Dtype::Int64);
  const Tensor s = hermitian ? abs(eigvalsh(a, "L")) : svdvals(a);
  const Tensor limit = threshold(a, amax(s, Dims{-1}, false), atol, rtol);
  return sum(s > column(limit), Dims{-1}, false);
}
struct LinalgMatrixRank {
  static constexpr OpInfo info{.sig = "linalg_matrix_rank(Tensor input, *, Tensor|Scalar? atol=None, Tensor|Scalar? rtol=None, bool "
                                      "hermitian=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "How many singular values of A (*, m, n) are above max(atol, rtol * the largest): see linalg.pinv().",
                                   .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& a, const Limit& atol, const Limit& rtol, bool hermitian) { return rank_of(a, atol, rtol, hermitian); }
};
struct LinalgMatrixRankTol {
  static constexpr OpInfo info{.sig = "linalg_matrix_rank(Tensor input, Tensor|Scalar tol, bool hermitian=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The same with atol=tol and rtol=0.",
                               .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& a, const Operand& tol, bool hermitian) { return rank_of(a, tol, Operand(0.0), hermitian); }
};

struct Solution {
  Tensor x, rank, values;
};
// By A = Q R, or A^H = Q R where A is wide, for full rank; an undefined x where R says otherwise.
Solution by_qr(const Tensor& a, const Tensor& b, bool surely_full) {
  const int64_t m = a.size(-2), n = a.size(-1), k = std::min(m, n);
  const auto [q, r] = qr(m >= n ? a : adjoint(a), "reduced");
  if (!surely_full) {
    // The ratio of R's diagonal elements is near the condition number, or not far from it: what is near the limit is left to the values.
    const Tensor d = abs(diagonal(r, 0, -2, -1));
    const double slack = 100 * epsilon(real_type(a.dtype())) * static_cast<double>(m + n);
    bool full_rank = true;
    const Tensor smallest = contiguous_copy(-amax(-d, Dims{-1}, false)), largest = contiguous_copy(amax(d, Dims{-1}, false));
    visit_float(d.dtype(), [&]<class T>() {
      for (int64_t i = 0; i < smallest.numel(); ++i) full_rank &= smallest.data<T>()[i] > slack * largest.data<T>()[i];
    });
    if (!full_rank) return {};
  }
  const Tensor x = m >= n ? solve_triangular(r, matmul(adjoint(q), b), true, true, false) : matmul(q, solve_triangular(adjoint(r), b, false,
                                                                                                                      true, false));
  return {x, full(batch_sizes(a), Scalar(k), Dtype::Int64), {}};
}
Solution by_values(const Tensor& a, const Tensor& b, double rcond) {
  const auto [u, s, vh] = svd(a, false);
  const Tensor counts = s > narrow(s, -1, 0, 1) * rcond;
  const Tensor x = matmul(adjoint(vh), column(where(counts, reciprocal(s), 0.0)) * matmul(adjoint(u), b));
  return {x, sum(counts, Dims{-1}, false), s};
}

// What is known of every matrix (*batch, ...), once for each matrix of A, whose batch dimensions may have been spread to those of B.
Tensor once(Tensor x, const Dims& batch, const Tensor& a) {
  const Dims own = batch_sizes(a);
  Dims sizes = own;
  for (int d = batch.size(); d < x.dim(); ++d) sizes.push_back(x.size(d));
  if (x.numel() == 0) return zeros(sizes, x.dtype());
  const int added = batch.size() - own.size();
  for (int d = 0; d < batch.size(); ++d) {
    if (batch[d] > 1 && (d < added || own[d - added] == 1)) x = narrow(x, d, 0, 1);
  }
  return reshape(x, sizes);
}

struct Lstsq {
  static constexpr OpInfo info{.sig = "_linalg_lstsq(Tensor A, Tensor B, float? rcond, str? driver) -> "
                                      "(Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)",
                               .doc = "linalg.lstsq(), whose singular values still have a history.", .saves = {X0 | X1 | Y, X0 | X1 | Y}, .where = 0,
                               .grad_name = "LinalgLstsqBackward0"};
  static std::tuple<Tensor, Tensor, Tensor, Tensor> fwd(const Tensor& given_a, const Tensor& given_b, const std::optional<double>& rcond,
                                                        const std::optional<std::string>& driver) {
    constexpr const char* kName = "torch.linalg.lstsq";
    if (given_a.dim() < 2) runtime_error(kName, ": input must have at least 2 dimensions.");
    if (given_b.dim() < 1) runtime_error(kName, ": other must have at least 1 dimension.");
    if (given_a.dtype() != given_b.dtype()) {
      runtime_error(kName, ": Expected input and other to have the same dtype, but got input's dtype ", st::info(given_a.dtype()).scalar_type,
                    " and other's dtype ",
                    st::info(given_b.dtype()).scalar_type);
    }
    const bool vector = is_vector_side(given_a, given_b);
    if (given_a.size(-2) != given_b.size(vector ? -1 : -2)) {
      runtime_error(kName, ": input.size(-2) should match other.size(", vector ? "-1" : "-2", ")");
    }
    const std::string way = driver.value_or("gelsy");
    if (way != "gels" && way != "gelsy" && way != "gelsd" && way != "gelss") {
      runtime_error(kName, ": parameter `driver` should be one of (gels, gelsy, gelsd, gelss)");
    }
    check_float(kName, given_a);
    const Tensor columns = vector ? column(given_b) : given_b;
    const Dims batch = broadcast(batch_sizes(given_a), batch_sizes(columns));
    const int64_t m = given_a.size(-2), n = given_a.size(-1), k = columns.size(-1);
    const Dtype dtype = given_a.dtype();
    const Tensor none = empty(Dims{0}, real_type(dtype));
    const Tensor a = expand(given_a, matrix_sizes(batch, m, n)), b = expand(columns, matrix_sizes(batch, m, k));
    Tensor x, residuals = none, rank = empty(Dims{0}, Dtype::Int64), values = none;
    const bool by_rank = way == "gelsd" || way == "gelss";
    if (m == 0 || n == 0) {
      x = zeros(matrix_sizes(batch, n, k), dtype);
      if (way != "gels") rank = zeros(batch_sizes(given_a), Dtype::Int64);
      if (by_rank) values = empty(vector_sizes(batch_sizes(given_a), 0), none.dtype());
    } else {
      Solution s;
      const double limit = rcond.value_or(epsilon(none.dtype()) * static_cast<double>(std::max(m, n)));
      if (!by_rank) s = by_qr(a, b, way == "gels");
      if (!s.x.defined() || (way == "gelsy" && rcond && *rcond > 1e-3)) s = by_values(a, b, limit);
      x = s.x;
      if (way != "gels") rank = once(s.rank, batch, given_a);
      if (by_rank) values = once(s.values, batch, given_a);
      const bool all_full = way == "gels" || sum(s.rank != static_cast<double>(n), {}, false).data<int64_t>()[0] == 0;
      if (m > n && way != "gelsy" && all_full) {
        const Tensor rest = matmul(a, x) - b;
        residuals = sum(real_part(rest * conj(rest)), Dims{-2}, false);
      }
    }
    if (vector) x = contiguous_copy(alias(x, vector_sizes(batch, n), x.strides().first(static_cast<size_t>(x.dim() - 1)), x.offset()));
    return {x, residuals, rank, values};
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& given_b, const std::optional<double>&, const std::optional<std::string>&) {
    const bool vector = is_vector_side(a, given_b);
    const auto columns = [&](const Tensor& t) { return vector ? column(t) : t; };
    Tensor ga, gb;
    if (d.defined(0)) {
      const Tensor y = pinv(a, {}, {}, false), g = columns(d.g(0));
      if (d.needs(0)) ga = Pinv::gradient(a, y, matmul(g, adjoint(columns(given_b))));
      if (d.needs(1)) gb = matmul(adjoint(y), g);
    }
    // At the minimum the residuals do not depend on X.
    if (d.defined(1) && d.g(1).numel() > 0) {
      const Tensor x = columns(d.y()), rest = 2.0 * ((matmul(a, x) - columns(given_b)) * row(d.g(1)));
      if (d.needs(0)) ga = ga.defined() ? ga + matmul(rest, adjoint(x)) : matmul(rest, adjoint(x));
      if (d.needs(1)) gb = gb.defined() ? gb - rest : -rest;
    }
    if (ga.defined()) d.set(0, ga);
    if (gb.defined()) d.set(1, vector ? squeeze(gb, -1) : gb);
  }
};

struct LinalgLstsq : Composite {
  static constexpr OpInfo info{.sig = "linalg_lstsq(Tensor input, Tensor b, float? rcond=None, *, str? driver=None) -> "
                                      "(Tensor solution, Tensor residuals, Tensor rank, Tensor singular_values)",
                               .autocast = Autocast::Float32, .doc = "X that makes |A X - B| smallest, and is itself smallest where several do: A (*, m, n), B (*, m, k) or "
                                      "(*, m). residuals are the squares "
                                      "(*, k) where m > n and the rank is full. driver 'gelsy' (default), 'gelsd', 'gelss', or 'gels' for "
                                      "matrices of full rank.",
                               .where = kLinalg, .out = kOutCasts};
  static std::tuple<Tensor, Tensor, Tensor, Tensor> fwd(const Tensor& a, const Tensor& b, const std::optional<double>& rcond,
                                                        const std::optional<std::string>& driver) {
    auto [x, residuals, rank, values] = call_op<Lstsq>(a, b, rcond, driver);
    return {x, residuals, rank, detach(values)};
  }
};

const Register<Pinv, LinalgPinv, LinalgPinvRcond, Pinverse, LinalgMatrixRank, LinalgMatrixRankTol, Lstsq, LinalgLstsq> registered;

}  // namespace

Tensor pinv(const Tensor& a, const Tensor& atol, const Tensor& rtol, bool hermitian) { return call_op<Pinv>(a, atol, rtol, hermitian); }

}  // namespace st
