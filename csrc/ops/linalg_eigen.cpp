// Eigenvalues and eigenvectors.
#include <cmath>
#include <limits>

#include "kernels/eigen.h"
#include "ops/call.h"
#include "ops/complex.h"
#include "ops/lapack.h"
#include "ops/linalg.h"

namespace st {

Tensors (*lapack)(const char* routine, const Tensor& x) = nullptr;

namespace {

bool is_upper(const std::string& uplo) {
  const char c = uplo.size() == 1 ? uplo[0] : ' ';
  if (c != 'L' && c != 'l' && c != 'U' && c != 'u') runtime_error("Expected UPLO argument to be 'L' or 'U', but got ", uplo);
  return c == 'U' || c == 'u';
}

void check(const Tensor& x, const std::string& uplo) {
  check_square("linalg.eigh", x);
  if (!differentiable(x.dtype()) || is_half(x.dtype())) {
    not_implemented("\"linalg_eigh_cpu\" not implemented for '", info(x.dtype()).scalar_type, "'");
  }
  is_upper(uplo);
}

// Does any element lack a finite value?
bool has_gaps(const Tensor& x) {
  const Tensor parts = parts_of(x);
  bool found = false;
  visit_float(parts.dtype(), [&]<class T>() {
    T sum = 0;
    for (int64_t i = 0; i < parts.numel(); ++i) sum += parts.data<T>()[i] * T(0);
    found = !(sum == 0);
  });
  return found;
}

// The routine on finite matrices; those that are not have nan for results.
Tensors run_guarded(const char* routine, const Tensor& x) {
  if (!has_gaps(x)) return lapack(routine, contiguous_copy(x));
  const Tensor clean = contiguous_copy(x, true);
  const int64_t n = x.size(-1) * x.size(-2);
  std::vector<bool> bad(static_cast<size_t>(batch_count(x)));
  visit_field(x.dtype(), [&]<class T>() {
    for (size_t k = 0; k < bad.size(); ++k) {
      T* const a = clean.data<T>() + static_cast<int64_t>(k) * n;
      for (int64_t i = 0; i < n; ++i) if (!std::isfinite(std::abs(a[i]))) bad[k] = true;
      if (bad[k]) std::fill_n(a, n, T(0));
    }
  });
  Tensors out = lapack(routine, clean);
  for (Tensor& y : out) {
    y = contiguous_copy(y);
    const int64_t each = y.numel() / static_cast<int64_t>(bad.size());
    visit_field(y.dtype(), [&]<class T>() {
      for (size_t k = 0; k < bad.size(); ++k) {
        if (bad[k]) std::fill_n(y.data<T>() + static_cast<int64_t>(k) * each, each, T(std::numeric_limits<double>::quiet_NaN()));
      }
    });
  }
  return out;
}

// Values, and vectors where they are wanted; small matrices by our own kernel.
std::tuple<Tensor, Tensor> decompose(const Tensor& x, const std::string& uplo, bool with_vectors) {
  check(x, uplo);
  const bool upper = is_upper(uplo);
  const int64_t n = x.size(-1);
  const Dims shape = vector_sizes(batch_sizes(x), n);
  if (x.numel() == 0) return {empty(shape, real_type(x.dtype())), with_vectors ? empty(x.sizes(), x.dtype()) : Tensor()};
  if (n > kSmallEigen || is_complex(x.dtype())) {
    if (!with_vectors) return {run_guarded(upper ? "eigvalsh_upper" : "eigvalsh_lower", x)[0], {}};
    const Tensors out = run_guarded(upper ? "eigh_upper" : "eigh_lower", x);
    return {out[0], out[1]};
  }
  const Tensor from = contiguous_copy(x);
  Tensor values = empty(shape, x.dtype()), vectors = with_vectors ? empty(x.sizes(), x.dtype()) : Tensor();
  visit_float(x.dtype(), [&]<class T>() {
    for_matrices(batch_count(x), 20.0 * static_cast<double>(n * n * n), [&](int64_t k) {
      T *const l = values.data<T>() + k * n, *const v = with_vectors ? vectors.data<T>() + k * n * n : nullptr;
      if (eigen_symmetric(n, from.data<T>() + k * n * n, upper, l, v)) return;
      std::fill_n(l, n, std::numeric_limits<T>::quiet_NaN());
      if (v) std::fill_n(v, n * n, std::numeric_limits<T>::quiet_NaN());
    });
  });
  return {values, vectors};
}

std::string open_phases(const char* name) {
  return cat(name, ": The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends "
                   "on this quantity, so it is ill-defined.");
}

struct Eigh {
  static constexpr OpInfo info{.sig = "linalg_eigh(Tensor input, str UPLO='L') -> (Tensor eigenvalues, Tensor eigenvectors)",
                               .autocast = Autocast::Float32, .doc = "Eigenvalues (*, n), ascending, and orthonormal eigenvectors, as columns, of a symmetric or Hermitian "
                                      "matrix or of each of a batch (*, n, n), of which the lower triangle is read, or the upper one for UPLO='U'. The signs "
                                      "of the vectors are those that LAPACK, and so PyTorch, arrives at.",
                               .saves = {Y | Y1}, .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const std::string& uplo) { return decompose(x, uplo, true); }
  // The Hermitian part of V (diag(gL) + (V^H gV) / (L_j - L_i)) V^H
  static void vjp(Grads& d, const Tensor&, const std::string&) {
    const Tensor v = d.y(1), vt = adjoint(v);
    const auto symmetric = [](const Tensor& t) { return 0.5 * (t + adjoint(t)); };
    if (!d.defined(1)) return d.set(0, symmetric(matmul(v * row(d.g(0)), vt)));
    const Tensor l = d.y(0), vtgv = matmul(vt, d.g(1));
    if (is_complex(v.dtype())) {
      check_phases(phases_of(vtgv), zeros_like(l), open_phases("linalg_eigh_backward").c_str());
    }
    const Tensor gaps = add_to_diagonal(row(l) - column(l), full(l.sizes(), Scalar(1.0), l.dtype()));
    Tensor inner = vtgv / gaps;
    inner = inner - diag_embed(diagonal(inner, 0, -2, -1), 0, -2, -1);
    if (d.defined(0)) inner = add_to_diagonal(inner, to_dtype(d.g(0), v.dtype()));
    d.set(0, symmetric(matmul(matmul(v, inner), vt)));
  }
};
struct LinalgEigvalsh : Composite {
  static constexpr OpInfo info{.sig = "linalg_eigvalsh(Tensor input, str UPLO='L') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Eigenvalues (*, n), ascending, of a symmetric or Hermitian matrix or of each of a batch (*, n, n): see "
                                      "linalg.eigh().", .where = kLinalg};
  static Tensor fwd(const Tensor& x, const std::string& uplo) {
    if (x.requires_grad() && grad_enabled()) return std::get<0>(call_op<Eigh>(x, uplo));
    return std::get<0>(decompose(x, uplo, false));
  }
};

void check_general(const Tensor& x) {
  check_square("linalg.eig", x);
  check_float("linalg.eig", x);
  if (has_gaps(x)) runtime_error("torch.linalg.eig: input tensor should not contain infs or NaNs.");
}

struct LinalgEig {
  static constexpr OpInfo info{.sig = "linalg_eig(Tensor input) -> (Tensor eigenvalues, Tensor eigenvectors)",
                               .autocast = Autocast::Float32, .doc = "Eigenvalues (*, n) and eigenvectors, as columns, of a square matrix or of each of a batch: complex tensors.",
                               .saves = {Y | Y1}, .where = kLinalg, .out = kOutCasts};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x) {
    check_general(x);
    const Dtype type = complex_type(x.dtype());
    if (x.numel() == 0) return {empty(vector_sizes(batch_sizes(x), x.size(-1)), type), empty(x.sizes(), type)};
    Tensors out = lapack("eig", contiguous_copy(x));
    return {out[0], out[1]};
  }
  // For V^H gA V^-H = diag(gL) + (V^H gV - V^H V diag(Re(V^H gV))) / conj(L_j - L_i), vectors having length 1.
  static void vjp(Grads& d, const Tensor&) {
    const Tensor v = d.y(1), vt = adjoint(v);
    if (!d.defined(1)) return d.set(0, solve(vt, column(d.g(0)) * vt, true));
    const Tensor l = d.y(0), vtgv = matmul(vt, d.g(1)), lengths = real_part(diagonal(vtgv, 0, -2, -1));
    check_phases(phases_of(vtgv), zeros_like(lengths), open_phases("linalg_eig_backward").c_str());
    const Tensor gaps = conj(add_to_diagonal(row(l) - column(l), full(l.sizes(), Scalar(1.0), l.dtype())));
    Tensor inner = (vtgv - matmul(vt, v * row(lengths))) / gaps;
    inner = inner - diag_embed(diagonal(inner, 0, -2, -1), 0, -2, -1);
    if (d.defined(0)) inner = add_to_diagonal(inner, d.g(0));
    d.set(0, solve(vt, matmul(inner, vt), true));
  }
};
struct LinalgEigvals : Composite {
  static constexpr OpInfo info{.sig = "linalg_eigvals(Tensor input) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "Eigenvalues (*, n) of a square matrix or of each of a batch: a complex tensor.", .where = kLinalg,
                               .out = kOutCasts};
  static Tensor fwd(const Tensor& x) {
    if (x.requires_grad() && grad_enabled()) return std::get<0>(call_op<LinalgEig>(x));
    check_general(x);
    if (x.numel() == 0) return empty(vector_sizes(batch_sizes(x), x.size(-1)), complex_type(x.dtype()));
    return lapack("eigvals", contiguous_copy(x))[0];
  }
};

const Register<Eigh, LinalgEigvalsh, LinalgEig, LinalgEigvals> registered;

}  // namespace

std::tuple<Tensor, Tensor> eigh(const Tensor& a, const std::string& uplo) { return call_op<Eigh>(a, uplo); }
Tensor eigvalsh(const Tensor& a, const std::string& uplo) { return call_op<LinalgEigvalsh>(a, uplo); }

}  // namespace st
