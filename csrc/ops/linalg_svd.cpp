// Singular values and vectors.
#include <cmath>

#include "ops/call.h"
#include "ops/lapack.h"
#include "ops/linalg.h"

namespace st {
namespace {

void check(const Tensor& x, const std::optional<std::string>& driver) {
  check_matrix("linalg.svd", x);
  check_float("linalg.svd", x);
  if (driver) runtime_error("torch.linalg.svd: keyword argument `driver=` is only supported on CUDA inputs with cuSOLVER backend.");
}

// Fails where LAPACK found no values. Matrices with infinite elements have nan for results, as in PyTorch.
void check_converged(const Tensor& x, const Tensor& s) {
  const Tensor values = contiguous_copy(s), from = parts_of(x);
  const int64_t k = s.size(-1), each = from.numel() / batch_count(x);
  visit_float(from.dtype(), [&]<class T>() {
    for (int64_t b = 0; b < batch_count(x); ++b) {
      if (!std::isnan(values.data<T>()[b * k])) continue;
      bool nan = false, finite = true;
      for (int64_t i = b * each; i < (b + 1) * each; ++i) {
        nan |= std::isnan(from.data<T>()[i]);
        finite &= std::isfinite(from.data<T>()[i]);
      }
      if (!nan && !finite) continue;
      fail(ErrorKind::Linalg, cat("linalg.svd: ", x.dim() > 2 ? cat("(Batch element ", b, "): ") : std::string(),
                                  "The algorithm failed to converge because the input matrix ",
                                  nan ? "contained non-finite values." : "is ill-conditioned or has too many repeated singular values."));
    }
  });
}

Tensors run(const char* routine, const Tensor& x, size_t values_at) {
  Tensors out = lapack(routine, contiguous_copy(x));
  check_converged(x, out[values_at]);
  return out;
}

Tensor eye(const Dims& batch, int64_t n, Dtype dtype) { return batch_copy(identity(n, dtype), batch); }

struct LinalgSvd {
  static constexpr OpInfo info{.sig = "linalg_svd(Tensor A, bool full_matrices=True, *, str? driver=None) -> (Tensor U, Tensor S, Tensor Vh)",
                               .autocast = Autocast::Float32, .doc = "U, S (descending) and Vh of A = U diag(S) Vh, for A (*, m, n): (*, m, m), (*, k) and (*, n, n), k = "
                                      "min(m, n), or without full_matrices "
                                      "(*, m, k) and (*, k, n). The signs of the vectors are not determined.",
                               .saves = {Y | Y1}, .where = kLinalg};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, bool full, const std::optional<std::string>& driver) {
    check(x, driver);
    const int64_t m = x.size(-2), n = x.size(-1), k = std::min(m, n);
    if (x.numel() == 0) {
      const Dims batch = batch_sizes(x);
      const Tensor s = empty(vector_sizes(batch, k), real_type(x.dtype()));
      if (full) return {eye(batch, m, x.dtype()), s, eye(batch, n, x.dtype())};
      return {empty(matrix_sizes(batch, m, k), x.dtype()), s, empty(matrix_sizes(batch, k, n), x.dtype())};
    }
    Tensors out = run(full ? "svd_full" : "svd", x, 1);
    return {out[0], out[1], out[2]};
  }
  // With skew(X) = X - X^H and E_ij = S_j^2 - S_i^2: U (skew(U^H gU) / E S + S skew(Vh gVh^H) / E + diag(gS)) Vh, and for what lies
  // outside the spaces that U or Vh span their gradients over S. Complex U and Vh are known up to phases that cancel, so that their
  // gradients along these do too: diag(skew(U^H gU)) / 2S joins diag(gS). Columns of full matrices behind the first k are not taken into account.
  static void vjp(Grads& d, const Tensor& x, bool, const std::optional<std::string>&) {
    const int64_t m = x.size(-2), n = x.size(-1), k = std::min(m, n);
    const Tensor u = columns_of(d.y(0), 0, k), s = d.y(1), vh = rows_of(d.y(2), 0, k);
    const bool with_u = d.defined(0), with_v = d.defined(2);
    if (!with_u && !with_v) return d.set(0, m >= n ? matmul(u, column(d.g(1)) * vh) : matmul(u * row(d.g(1)), vh));
    const Tensor gu = with_u ? columns_of(d.g(0), 0, k) : Tensor(), gv = with_v ? rows_of(d.g(2), 0, k) : Tensor();
    const Tensor squares = s * s;
    const Tensor gaps = add_to_diagonal(row(squares) - column(squares), full(s.sizes(), Scalar(1.0), s.dtype()));
    const auto skew = [](const Tensor& t) { return t - adjoint(t); };
    Tensor inner, utgu, gvv;
    if (with_u) {
      utgu = matmul(adjoint(u), gu);
      inner = skew(utgu) / gaps * row(s);
    }
    if (with_v) {
      gvv = matmul(gv, adjoint(vh));
      const Tensor part = column(s) * (skew(adjoint(gvv)) / gaps);
      inner = inner.defined() ? inner + part : part;
    }
    if (is_complex(x.dtype())) {
      check_phases(phases_of(with_u ? utgu : gvv), with_u && with_v ? phases_of(gvv) : zeros_like(s),
                   "svd_backward: The singular vectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss "
                   "function depends on this phase term, making it ill-defined.");
      if (with_u && with_v) inner = add_to_diagonal(inner, diagonal(skew(utgu), 0, -2, -1) / (2.0 * s));
    }
    if (d.defined(1)) inner = add_to_diagonal(inner, to_dtype(d.g(1), x.dtype()));
    if (m > k && with_u) return d.set(0, matmul(matmul(u, inner) + (gu - matmul(u, utgu)) / row(s), vh));
    if (n > k && with_v) return d.set(0, matmul(u, matmul(inner, vh) + (gv - matmul(gvv, vh)) / column(s)));
    d.set(0, matmul(u, matmul(inner, vh)));
  }
};

struct LinalgSvdvals : Composite {
  static constexpr OpInfo info{.sig = "linalg_svdvals(Tensor A, *, str? driver=None) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Singular values (*, k), descending, of A (*, m, n), k = min(m, n).",
                               .where = kLinalg};
  static Tensor fwd(const Tensor& x, const std::optional<std::string>& driver) {
    if (x.requires_grad() && grad_enabled()) return std::get<1>(call_op<LinalgSvd>(x, false, driver));
    check(x, driver);
    if (x.numel() == 0) return empty(vector_sizes(batch_sizes(x), std::min(x.size(-2), x.size(-1))), real_type(x.dtype()));
    return run("svdvals", x, 0)[0];
  }
};

struct Svd : Composite {
  static constexpr OpInfo info{.sig = "svd(Tensor input, bool some=True, bool compute_uv=True) -> (Tensor U, Tensor S, Tensor V)",
                               .doc = "The older form of linalg.svd(): V in place of Vh, reduced matrices where some, zeros for U and V unless "
                                      "compute_uv."};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, bool some, bool vectors) {
    if (x.dim() < 2) runtime_error("linalg.svd: input should have at least 2 dimensions, but has ", x.dim(), " dimensions instead");
    if (!vectors) {
      const Tensor s = call_op<LinalgSvdvals>(x, std::optional<std::string>());
      const Dims batch = batch_sizes(x);
      return {zeros(matrix_sizes(batch, x.size(-2), x.size(-2)), x.dtype()), s, zeros(matrix_sizes(batch, x.size(-1), x.size(-1)), x.dtype())};
    }
    auto [u, s, vh] = call_op<LinalgSvd>(x, !some, std::optional<std::string>());
    return {u, s, adjoint(vh)};
  }
};

const Register<LinalgSvd, LinalgSvdvals, Svd> registered;

}  // namespace

std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool full) { return call_op<LinalgSvd>(a, full, std::optional<std::string>()); }
Tensor svdvals(const Tensor& a) { return call_op<LinalgSvdvals>(a, std::optional<std::string>()); }

}  // namespace st
