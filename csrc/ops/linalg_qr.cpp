// QR factorization by Householder's reflections, and the products of such reflections.
#include "kernels/matrix.h"
#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"

namespace st {
namespace {

enum class Mode { Reduced, Complete, OnlyR };
Mode mode_of(const std::string& mode) {
  if (mode == "reduced") return Mode::Reduced;
  if (mode == "complete") return Mode::Complete;
  if (mode == "r") return Mode::OnlyR;
  runtime_error("qr received unrecognized mode '", mode, "' but expected one of 'reduced' (default), 'r', or 'complete'");
}

// gA of A = Q R for R square: (gQ + Q sym(R gR^H - gQ^H Q)) R^-H, of which sym() reads the lower triangle (Walter and Lehmann,
// "Algorithmic differentiation of linear algebra functions", 2010).
Tensor square_gradient(const Tensor& gq, const Tensor& gr, const Tensor& q, const Tensor& r) {
  Tensor inner;
  if (gr.defined()) inner = matmul(r, adjoint(gr));
  if (gq.defined()) {
    const Tensor c = matmul(adjoint(gq), q);
    inner = inner.defined() ? inner - c : -c;
  }
  Tensor g = matmul(q, hermitian_of(inner));
  if (gq.defined()) g = g + gq;
  return solve_triangular(adjoint(r), g, false, false, false);
}

struct LinalgQr {
  static constexpr OpInfo info{.sig = "linalg_qr(Tensor A, str mode='reduced') -> (Tensor Q, Tensor R)",
                               .autocast = Autocast::Float32, .doc = "Q and R of A = Q R, for A (*, m, n) and k = min(m, n): mode 'reduced' (*, m, k) and (*, k, n), "
                                      "'complete' (*, m, m) and (*, m, n), 'r' "
                                      "an empty Q.",
                               .saves = {Y | Y1}, .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const std::string& mode_name) {
    check_matrix("linalg.qr", x);
    check_float("linalg.qr", x);
    const Mode mode = mode_of(mode_name);
    const int64_t m = x.size(-2), n = x.size(-1), k = std::min(m, n), wide = mode == Mode::Complete ? m : k;
    const Dims batch = batch_sizes(x);
    const Tensor a = contiguous_copy(x, true);
    Tensor tau = empty(vector_sizes(batch, k), x.dtype());
    Tensor q = mode == Mode::OnlyR ? empty(Dims{0}, x.dtype()) : zeros(matrix_sizes(batch, m, wide), x.dtype());
    Tensor r = empty(matrix_sizes(batch, wide, n), x.dtype());
    visit_field(x.dtype(), [&]<class T>() {
      for_matrices(batch_count(x), 3.0 * static_cast<double>(m * n * k), [&](int64_t b) {
        T* const from = a.data<T>() + b * m * n;
        T* const t = tau.data<T>() + b * k;
        qr_factor(m, n, from, n, t);
        T* const to = r.data<T>() + b * wide * n;
        for (int64_t i = 0; i < wide; ++i) {
          const int64_t below = std::min(i, n);
          std::fill_n(to + i * n, below, T(0));
          std::copy_n(from + i * n + below, n - below, to + i * n + below);
        }
        if (mode == Mode::OnlyR) return;
        T* const out = q.data<T>() + b * m * wide;
        for (int64_t i = 0; i < std::min(m, wide); ++i) out[i * wide + i] = 1;
        qr_apply(false, m, wide, k, from, n, t, out, wide);
      });
    });
    return {q, r};
  }
  static void vjp(Grads& d, const Tensor& a, const std::string& mode_name) {
    const Mode mode = mode_of(mode_name);
    const int64_t m = a.size(-2), n = a.size(-1);
    if (mode == Mode::OnlyR) {
      runtime_error("The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if "
                    "you are going to require "
                    "gradients");
    }
    if (mode == Mode::Complete && m > n) runtime_error("The QR decomposition is not differentiable when mode='complete' and nrows > ncols");
    const Tensor q = d.y(0), r = d.y(1);
    Tensor gq = d.defined(0) ? d.g(0) : Tensor(), gr = d.defined(1) ? d.g(1) : Tensor();
    if (m >= n) return d.set(0, square_gradient(gq, gr, q, r));
    // A = [A1 A2], R = [U V]: V = Q^H A2, so that A2 = Q V takes part in Q's gradient.
    const Tensor u = columns_of(r, 0, m), v = columns_of(r, m, n);
    if (!gr.defined()) return d.set(0, cat({square_gradient(gq, gr, q, u), zeros(matrix_sizes(batch_sizes(a), m, n - m), a.dtype())}, -1));
    const Tensor gv = columns_of(gr, m, n), more = matmul(q, matmul(v, adjoint(gv)));
    gq = gq.defined() ? gq + more : more;
    d.set(0, cat({square_gradient(gq, columns_of(gr, 0, m), q, u), matmul(q, gv)}, -1));
  }
};
struct Qr : Composite {
  static constexpr OpInfo info{.sig = "qr(Tensor input, bool some=True) -> (Tensor Q, Tensor R)",
                               .doc = "The older form of linalg.qr(): 'reduced', or 'complete' unless some."};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, bool some) {
    static WarnOnce warn_once;
    warn_once("torch.qr is deprecated in favor of torch.linalg.qr and will be removed in a future PyTorch release.\n"
              "The boolean parameter 'some' has been replaced with a string parameter 'mode'.\n"
              "Q, R = torch.qr(A, some)\nshould be replaced with\nQ, R = torch.linalg.qr(A, 'reduced' if some else 'complete')");
    return call_op<LinalgQr>(x, std::string(some ? "reduced" : "complete"));
  }
};

struct Geqrf {
  static constexpr OpInfo info{.sig = "geqrf(Tensor input) -> (Tensor a, Tensor tau)",
                               .doc = "R of A = Q R in the upper triangle, and below it the vectors v of the reflections 1 - tau v v^H, whose "
                                      "product is Q.",
                               .undifferentiable = true, .out = kOutCasts};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x) {
    if (x.dim() < 2) runtime_error("torch.geqrf: input must have at least 2 dimensions.");
    check_float("torch.geqrf", x);
    const int64_t m = x.size(-2), n = x.size(-1), k = std::min(m, n);
    const Tensor a = contiguous_copy(x, true);
    Tensor tau = empty(vector_sizes(batch_sizes(x), k), x.dtype());
    visit_field(x.dtype(), [&]<class T>() {
      for_matrices(batch_count(x), 2.0 * static_cast<double>(m * n * k), [&](int64_t b) { qr_factor(m, n, a.data<T>() + b * m * n, n,
                                                                                                    tau.data<T>() + b * k); });
    });
    return {a, tau};
  }
  static void vjp(Grads&, const Tensor&) { not_implemented("derivative for aten::geqrf is not implemented"); }
};

// Q C, Q^H C, or these from the right, for Q = product of (1 - tau_i v_i v_i^H).
Tensor apply(const Tensor& a, const Tensor& tau, const Tensor& c, bool left, bool of_adjoint) {
  const Tensor vectors = contiguous_copy(a), factors = contiguous_copy(tau);
  // C Q is (Q^H C^H)^H.
  const Tensor y = contiguous_copy(left ? c : adjoint(c), true);
  const int64_t m = y.size(-2), n = y.size(-1), k = tau.size(-1), columns = a.size(-1);
  visit_field(y.dtype(), [&]<class T>() {
    for_matrices(batch_count(y), 4.0 * static_cast<double>(m * n * k), [&](int64_t b) {
      qr_apply(of_adjoint == left, m, n, k, vectors.data<T>() + b * m * columns, columns, factors.data<T>() + b * k, y.data<T>() + b * m * n, n);
    });
  });
  return left ? y : contiguous_copy(adjoint(y));
}

// The same by recorded ops, one reflection after the other.
Tensor apply_recorded(const Tensor& a, const Tensor& tau, Tensor c, bool left, bool of_adjoint) {
  if (!left) return adjoint(apply_recorded(a, tau, adjoint(c), true, !of_adjoint));
  const int64_t m = a.size(-2), k = tau.size(-1);
  const Dims batch = batch_sizes(a);
  if (k == 0) return c + sum(tau, {}, false);
  for (int64_t step = 0; step < k; ++step) {
    const int64_t j = of_adjoint ? step : k - 1 - step;
    Tensor v = full(matrix_sizes(batch, 1, 1), Scalar(1.0), a.dtype());
    if (j > 0) v = cat({zeros(matrix_sizes(batch, j, 1), a.dtype()), v}, -2);
    if (j + 1 < m) v = cat({v, rows_of(columns_of(a, j, j + 1), j + 1, m)}, -2);
    const Tensor factor = column(narrow(tau, -1, j, 1));
    c = c - matmul(v * (of_adjoint ? conj(factor) : factor), matmul(adjoint(v), c));
  }
  return c;
}

bool is_recorded(const Tensor& a, const Tensor& b, const Tensor& c = {}) {
  return grad_enabled() && (a.requires_grad() || b.requires_grad() || (c.defined() && c.requires_grad()));
}

struct HouseholderProduct : Composite {
  static constexpr OpInfo info{.sig = "linalg_householder_product(Tensor input, Tensor tau) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The first n columns of the product of the reflections 1 - tau v v^H, whose vectors v are below the "
                                      "diagonal of A (*, m, n).",
                               .where = kLinalg, .out = kOutCasts};
  static Tensor fwd(const Tensor& a, const Tensor& tau) {
    constexpr const char* kName = "torch.linalg.householder_product";
    if (a.dim() < 2) runtime_error(kName, ": input must have at least 2 dimensions.");
    if (a.size(-2) < a.size(-1)) runtime_error(kName, ": input.shape[-2] must be greater than or equal to input.shape[-1]");
    if (tau.dim() == 0 || a.size(-1) < tau.size(-1)) runtime_error(kName, ": input.shape[-1] must be greater than or equal to tau.shape[-1]");
    if (a.dim() - tau.dim() != 1) {
      runtime_error(kName, ": Expected tau to have one dimension less than input, but got tau.ndim equal to ", tau.dim(),
                    " and input.ndim is equal to ", a.dim());
    }
    if (!equal(tau.sizes().first(static_cast<size_t>(a.dim() - 2)), batch_sizes(a))) {
      runtime_error(kName, ": Expected batch dimensions of tau to be equal to input.shape[:-2], but got ",
                    tau.sizes().first(static_cast<size_t>(a.dim() - 2)));
    }
    if (a.dtype() != tau.dtype()) runtime_error(kName, ": tau dtype ", st::info(tau.dtype()).scalar_type, " does not match input dtype ",
                                                st::info(a.dtype()).scalar_type);
    check_float("linalg.householder_product", a);
    const int64_t m = a.size(-2), n = a.size(-1);
    const Tensor start = batch_copy(columns_of(identity(m, a.dtype()), 0, n), batch_sizes(a));
    return is_recorded(a, tau) ? apply_recorded(a, tau, start, true, false) : apply(a, tau, start, true, false);
  }
};
struct Orgqr : HouseholderProduct {
  static constexpr OpInfo info{.sig = "orgqr(Tensor input, Tensor input2) -> Tensor", .autocast = Autocast::Float32, .doc = "Alias of linalg.householder_product().", .out = kOutCasts};
};

struct Ormqr : Composite {
  static constexpr OpInfo info{.sig = "ormqr(Tensor input, Tensor input2, Tensor input3, bool left=True, bool transpose=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Q C, or C Q unless left, with Q's adjoint where transpose: C is other, and Q the product of the "
                                      "reflections that geqrf() returns."};
  static Tensor fwd(const Tensor& a, const Tensor& tau, const Tensor& c, bool left, bool transposed) {
    constexpr const char* kName = "torch.ormqr";
    if (a.dim() < 2) runtime_error(kName, ": input must have at least 2 dimensions.");
    if (c.dim() < 2) runtime_error(kName, ": other must have at least 2 dimensions.");
    const int64_t side = left ? -2 : -1;
    const std::string where = cat(": other.shape[", side, "] must be ");
    if (tau.dim() == 0 || c.size(side) < tau.size(-1)) runtime_error(kName, where, "greater than or equal to tau.shape[-1]");
    if (c.size(side) != a.size(-2)) runtime_error(kName, where, "equal to input.shape[-2]");
    if (tau.size(-1) != std::min(c.size(side), a.size(-1))) runtime_error(kName, ": tau.shape[-1] must be equal to min(other.shape[", side,
                                                                          "], input.shape[-1])");
    if (a.dim() - tau.dim() != 1) {
      runtime_error(kName, ": Expected tau to have one dimension less than input, but got tau.ndim equal to ", tau.dim(),
                    " and input.ndim is equal to ", a.dim());
    }
    if (a.dim() != c.dim()) {
      runtime_error(kName, ": Expected other to have the same number of dimensions as input, but got other.ndim equal to ", c.dim(),
                    " and input.ndim is equal to ", a.dim());
    }
    const DimSpan batch = a.sizes().first(static_cast<size_t>(a.dim() - 2));
    if (!equal(tau.sizes().first(batch.size()), batch)) {
      runtime_error(kName, ": Expected batch dimensions of tau to be equal to input.shape[:-2], but got ", tau.sizes().first(batch.size()));
    }
    if (!equal(c.sizes().first(batch.size()), batch)) {
      runtime_error(kName, ": Expected batch dimensions of other to be equal to input.shape[:-2], but got ", c.sizes().first(batch.size()));
    }
    if (tau.dtype() != a.dtype()) {
      runtime_error(kName, ": Expected input and tau to have the same dtype, but input has dtype", st::info(a.dtype()).scalar_type,
                    " and tau has dtype ",
                    st::info(tau.dtype()).scalar_type);
    }
    if (c.dtype() != a.dtype()) {
      runtime_error(kName, ": Expected input and other to have the same dtype, but input has dtype", st::info(a.dtype()).scalar_type,
                    " and other has dtype ",
                    st::info(c.dtype()).scalar_type);
    }
    check_float(kName, a);
    return is_recorded(a, tau, c) ? apply_recorded(a, tau, c, left, transposed) : apply(a, tau, c, left, transposed);
  }
};

const Register<LinalgQr, Qr, Geqrf, HouseholderProduct, Orgqr, Ormqr> registered;

}  // namespace

std::tuple<Tensor, Tensor> qr(const Tensor& a, const std::string& mode) { return call_op<LinalgQr>(a, mode); }

}  // namespace st
