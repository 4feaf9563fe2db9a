// Cholesky's factorization of Hermitian positive-definite matrices, and what is solved with it.
#include "kernels/matrix.h"
#include "kernels/matrix_blocks.h"
#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"

namespace st {
namespace {

std::string indefinite(int at) {
  return cat("The factorization could not be completed because the input is not positive-definite (the leading minor of order ", at,
             " is not positive-definite).");
}

// y = x^H for n x n matrices, one triangle of y alone; zeros in the other.
template <bool kUpper, class T>
void turn_triangle(int64_t n, const T* x, T* y) {
  constexpr int64_t kTile = 16;
  for (int64_t i0 = 0; i0 < n; i0 += kTile) {
    for (int64_t j0 = 0; j0 < n; j0 += kTile) {
      for (int64_t i = i0; i < std::min(n, i0 + kTile); ++i) {
        for (int64_t j = j0; j < std::min(n, j0 + kTile); ++j) y[i * n + j] = (kUpper ? j < i : j > i) ? T(0) : conjugate(x[j * n + i]);
      }
    }
  }
}

std::tuple<Tensor, Tensor> factor(const char* name, const Tensor& x, bool upper) {
  check_square(name, x);
  check_float(name, x);
  const int64_t n = x.size(-1);
  const Tensor a = contiguous_copy(x);
  Tensor y = empty(x.sizes(), x.dtype()), info = empty(batch_sizes(x), Dtype::Int32);
  visit_field(x.dtype(), [&]<class T>() {
    for_matrices(info.numel(), static_cast<double>(n * n * n) * 0.35, [&](int64_t k) {
      const T* const from = a.data<T>() + k * n * n;
      T* const to = y.data<T>() + k * n * n;
      // The kernel makes U in the upper triangle; L is U turned round.
      constexpr int64_t kInline = 256;
      T few[kInline];
      std::vector<T> many(upper || n * n <= kInline ? 0 : static_cast<size_t>(n * n));
      T* const u = upper ? to : n * n <= kInline ? few : many.data();
      if (upper) std::copy_n(from, n * n, u);
      else turn_triangle<true>(n, from, u);
      info.data<int32_t>()[k] = static_cast<int32_t>(cholesky_factor(n, u, n));
      if (upper) for (int64_t i = 1; i < n; ++i) std::fill_n(u + i * n, i, T(0));
      else turn_triangle<false>(n, u, to);
    });
  });
  return {y, info};
}

// Murray, "Differentiation of the Cholesky decomposition", 2016: gA = L^-H sym(low(L^H gL)) L^-1, low() with half the diagonal.
void cholesky_vjp(Grads& d, bool upper) {
  if (!d.needs(0)) return;
  const Tensor l = upper ? adjoint(d.y()) : d.y(), gl = upper ? adjoint(d.g()) : d.g();
  const Tensor symmetric = hermitian_of(matmul(adjoint(l), gl));
  d.set(0, 0.5 * solve_triangular(l, solve_triangular(adjoint(l), symmetric, true, true, false), false, false, false));
}

struct LinalgCholeskyEx {
  static constexpr OpInfo info{.sig = "linalg_cholesky_ex(Tensor input, *, bool upper=False, bool check_errors=False) -> (Tensor L, Tensor info)",
                               .autocast = Autocast::Float32, .doc = "Like linalg.cholesky(), with info in place of an error: 0, or the order of the first minor that is not "
                                      "positive.", .saves = {Y},
                               .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, bool upper, bool check) {
    auto result = factor("linalg.cholesky_ex", x, upper);
    if (check) check_info("linalg.cholesky_ex", std::get<1>(result), x.dim() > 2, indefinite);
    return result;
  }
  static void vjp(Grads& d, const Tensor&, bool upper, bool) { cholesky_vjp(d, upper); }
};
struct LinalgCholesky : Composite {
  static constexpr OpInfo info{.sig = "linalg_cholesky(Tensor input, *, bool upper=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "L of A = L L^H for a Hermitian positive-definite matrix, or each of a batch (*, n, n), of which the "
                                      "lower triangle is read; upper: U "
                                      "of A = U^H U, from the upper triangle. LinAlgError where A is not positive-definite.",
                               .where = kLinalg};
  static Tensor fwd(const Tensor& x, bool upper) {
    check_square("linalg.cholesky", x);
    check_float("linalg.cholesky", x);
    auto [l, info] = call_op<LinalgCholeskyEx>(x, upper, false);
    check_info("linalg.cholesky", info, x.dim() > 2, indefinite);
    return l;
  }
};
struct Cholesky {
  static constexpr OpInfo info{.sig = "cholesky(Tensor input, bool upper=False) -> Tensor", .autocast = Autocast::Float32, .doc = "The older form of linalg.cholesky().",
                               .saves = {Y}};
  static Tensor fwd(const Tensor& x, bool upper) {
    static WarnOnce warn_once;
    warn_once("torch.cholesky is deprecated in favor of torch.linalg.cholesky and will be removed in a future PyTorch release.\n"
              "L = torch.cholesky(A)\nshould be replaced with\nL = torch.linalg.cholesky(A)\nand\n"
              "U = torch.cholesky(A, upper=True)\nshould be replaced with\nU = torch.linalg.cholesky(A).mH\n"
              "This transform will produce equivalent results for all valid (symmetric positive definite) inputs.");
    auto [l, info] = factor("cholesky", x, upper);
    check_info("cholesky", info, x.dim() > 2, indefinite);
    return l;
  }
  static void vjp(Grads& d, const Tensor&, bool upper) { cholesky_vjp(d, upper); }
};

struct CholeskySolve {
  static constexpr OpInfo info{.sig = "cholesky_solve(Tensor input, Tensor input2, bool upper=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "X of L L^H X = B, or of U^H U X = B with upper: B (*, n, k), L (*, n, n).", .saves = {X1, X1 | Y}, .out = kOutCasts};
  static Tensor fwd(const Tensor& b, const Tensor& l, bool upper) {
    if (b.dim() < 2) runtime_error("b should have at least 2 dimensions, but has ", b.dim(), " dimensions instead");
    if (l.dim() < 2) runtime_error("u should have at least 2 dimensions, but has ", l.dim(), " dimensions instead");
    if (l.dtype() != b.dtype()) {
      runtime_error("Expected b and A to have the same dtype, but found b of type ", st::info(b.dtype()).scalar_type, " and A of type ",
                    st::info(l.dtype()).scalar_type,
                    " instead.");
    }
    check_sides("cholesky_solve", l, b);
    check_float("cholesky_solve", b);
    const Dims batch = broadcast(batch_sizes(l), batch_sizes(b));
    const int64_t n = l.size(-1), m = b.size(-1);
    const Tensor factors = in_batch(l, batch);
    Tensor x = batch_copy(b, batch);
    visit_field(b.dtype(), [&]<class T>() {
      for_matrices(batch_count(x), 2.0 * static_cast<double>(n * n * m), [&](int64_t k) {
        T* const to = x.data<T>() + k * n * m;
        const T* const a = factors.data<T>() + k * n * n;
        solve_triangle(Triangle<T>{a, n, upper, upper, false}, n, m, to, m);
        solve_triangle(Triangle<T>{a, n, upper, !upper, false}, n, m, to, m);
      });
    });
    return x;
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& l, bool upper) {
    const Tensor gb = call_op<CholeskySolve>(d.g(), l, upper);
    if (d.needs(1)) {
      const Tensor one = matmul(gb, adjoint(d.y())), both = one + adjoint(one);
      d.set(1, upper ? -matmul(l, both) : -matmul(both, l));
    }
    if (d.needs(0)) d.set(0, gb);
  }
};

struct CholeskyInverse {
  static constexpr OpInfo info{.sig = "cholesky_inverse(Tensor input, bool upper=False) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The inverse of L L^H, or of U^H U with upper.", .saves = {X0 | Y}, .out = kOutCasts};
  static Tensor fwd(const Tensor& l, bool upper) {
    check_square("cholesky_inverse", l);
    check_float("cholesky_inverse", l);
    const Tensor from = contiguous_copy(l);
    const int64_t n = l.size(-1);
    Tensor y = zeros(l.sizes(), l.dtype()), info = empty(batch_sizes(l), Dtype::Int32);
    visit_field(l.dtype(), [&]<class T>() {
      for_matrices(info.numel(), 2.0 * static_cast<double>(n * n * n), [&](int64_t k) {
        const T* const a = from.data<T>() + k * n * n;
        T* const to = y.data<T>() + k * n * n;
        int32_t zero = 0;
        for (int64_t i = n - 1; i >= 0; --i) if (a[i * n + i] == T(0)) zero = static_cast<int32_t>(i + 1);
        info.data<int32_t>()[k] = zero;
        for (int64_t i = 0; i < n; ++i) to[i * n + i] = 1;
        solve_triangle(Triangle<T>{a, n, upper, upper, false}, n, n, to, n);
        solve_triangle(Triangle<T>{a, n, upper, !upper, false}, n, n, to, n);
      });
    });
    check_info("cholesky_inverse", info, l.dim() > 2, [](int at) {
      return cat("The diagonal element ", at, " is zero, the inversion could not be completed because the input matrix is singular.");
    });
    return y;
  }
  static void vjp(Grads& d, const Tensor& l, bool upper) {
    const Tensor both = d.g() + adjoint(d.g()), inner = matmul(d.y(), matmul(both, d.y()));
    d.set(0, upper ? -matmul(l, inner) : -matmul(inner, l));
  }
};

const Register<LinalgCholeskyEx, LinalgCholesky, Cholesky, CholeskySolve, CholeskyInverse> registered;

}  // namespace
}  // namespace st
