// Linear systems with square matrices: solve, inverse, and triangular systems.
#include "kernels/matrix.h"
#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"

namespace st {
namespace {

std::string singular_text(int) { return "The solver failed because the input matrix is singular."; }
std::string inversion_text(int at) {
  return cat("The diagonal element ", at, " is zero, the inversion could not be completed because the input matrix is singular.");
}

// The right side as matrices, and back.
Tensor as_columns(const Tensor& b, bool vector) { return vector ? column(b) : b; }
Tensor as_given(const Tensor& x, bool vector) { return vector ? squeeze(x, -1) : x; }

// The same memory without the last dimension, which has one element.
Tensor without_last(const Tensor& x) {
  const auto n = static_cast<size_t>(x.dim() - 1);
  return alias(x, x.sizes().first(n), x.strides().first(n), x.offset());
}

struct SolveEx {
  static constexpr OpInfo info{.sig = "_linalg_solve_ex(Tensor A, Tensor B, bool left) -> (Tensor result, Tensor LU, Tensor pivots, Tensor info)",
                               .doc = "X of A X = B, or of X A = B unless left, with the factors it was found by.",
                               .saves = {X0 | Y | Y1, X0 | Y1}, .where = 0, .grad_name = "LinalgSolveExBackward0"};
  static std::tuple<Tensor, Tensor, Tensor, Tensor> fwd(const Tensor& a, const Tensor& given, bool left) {
    const bool vector = is_vector_side(a, given);
    const Tensor b = as_columns(given, vector);
    const Dims batch_a = batch_sizes(a), batch = broadcast(batch_sizes(b), batch_a);
    const int64_t n = a.size(-1), m = left ? b.size(-1) : b.size(-2);
    const auto [lu, pivots, info] = lu_factors(a);
    Tensor x = batch_copy(left ? b : adjoint(b), batch);
    visit_field(a.dtype(), [&, &lu = lu, &pivots = pivots]<class T>() {
      // Where one A serves several B, its number is read off a map that is broadcast as A is.
      Tensor number;
      const bool shared = !equal(batch, batch_a);
      if (shared) {
        Tensor own = empty(batch_a, Dtype::Int64);
        for (int64_t k = 0; k < own.numel(); ++k) own.data<int64_t>()[k] = k;
        number = empty(batch, Dtype::Int64);
        copy_elements(number, own);
      }
      for_matrices(batch_count(x), 2.0 * static_cast<double>(n * n * m), [&](int64_t k) {
        const int64_t i = shared ? number.data<int64_t>()[k] : k;
        lu_solve(n, lu.data<T>() + i * n * n, n, pivots.data<int32_t>() + i * n, !left, m, x.data<T>() + k * n * m, m);
      });
    });
    count_from_one(pivots);
    if (!left) x = contiguous_copy(adjoint(x));
    return {vector ? without_last(x) : x, lu, pivots, info};
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b, bool left) {
    const bool vector = is_vector_side(a, b);
    const Tensor g = as_columns(d.g(), vector);
    const Tensor gb = d.create_graph() ? solve(adjoint(a), g, left) : lu_solve(d.y(1), d.y(2), g, left, true);
    if (d.needs(0)) {
      const Tensor x = as_columns(d.y(), vector);
      d.set(0, left ? -matmul(gb, adjoint(x)) : -matmul(adjoint(x), gb));
    }
    if (d.needs(1)) d.set(1, as_given(gb, vector));
  }
};

std::tuple<Tensor, Tensor> solve_checked(const char* name, const Tensor& a, const Tensor& b, bool left, bool check) {
  check_float("linalg.solve", a);
  check_same_dtype("linalg.solve", a, b);
  const bool vector = b.dim() > 0 && is_vector_side(a, b);
  if (vector && !left) runtime_error("linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case "
                                     "linalg.solve is equivalent to B / A.squeeze(-1)");
  check_square("linalg.solve", a);
  check_equation("linalg.solve", a, vector ? column(b) : b, left);
  auto [x, lu, pivots, info] = call_op<SolveEx>(a, b, left);
  if (check) check_info(name, info, a.dim() > 2, singular_text);
  return {x, info};
}

struct LinalgSolveEx : Composite {
  static constexpr OpInfo info{.sig = "linalg_solve_ex(Tensor A, Tensor B, *, bool left=True, bool check_errors=False) -> (Tensor result, "
                                      "Tensor info)",
                               .doc = "Like linalg.solve(), with info in place of an error: 0, or the place of a pivot that is 0.", .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& a, const Tensor& b, bool left, bool check) {
    return solve_checked("torch.linalg.solve_ex", a, b, left, check);
  }
};
struct LinalgSolve : Composite {
  static constexpr OpInfo info{.sig = "linalg_solve(Tensor A, Tensor B, *, bool left=True) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "X of A X = B, or of X A = B unless left: A (*, n, n), B (*, n, k) or (*, n), both broadcast. "
                                      "LinAlgError where A is singular.",
                               .where = kLinalg};
  static Tensor fwd(const Tensor& a, const Tensor& b, bool left) { return std::get<0>(solve_checked("torch.linalg.solve", a, b, left, true)); }
};

std::tuple<Tensor, Tensor> invert(const Tensor& x) {
  const int64_t n = x.size(-1);
  const Dims batch = batch_sizes(x);
  const Tensor lu = contiguous_copy(x, true);
  Tensor y = empty(x.sizes(), x.dtype()), info = empty(batch, Dtype::Int32);
  Tensor pivots = empty(vector_sizes(batch, n), Dtype::Int32);
  visit_field(x.dtype(), [&]<class T>() {
    for_matrices(info.numel(), 2.0 * static_cast<double>(n * n * n), [&](int64_t k) {
      T* const a = lu.data<T>() + k * n * n;
      int32_t* const p = pivots.data<int32_t>() + k * n;
      info.data<int32_t>()[k] = static_cast<int32_t>(lu_factor(n, n, a, n, p));
      lu_inverse(n, a, n, p, y.data<T>() + k * n * n);
    });
  });
  return {y, info};
}

struct LinalgInvEx {
  static constexpr OpInfo info{.sig = "linalg_inv_ex(Tensor A, *, bool check_errors=False) -> (Tensor inverse, Tensor info)",
                               .autocast = Autocast::Float32, .doc = "Like linalg.inv(), with info in place of an error: 0, or the place of a pivot that is 0.", .saves = {Y},
                                   .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, bool check) {
    check_square("linalg.inv_ex", x);
    check_float("linalg.inv_ex", x);
    auto result = invert(x);
    if (check) check_info("linalg.inv_ex", std::get<1>(result), x.dim() > 2, inversion_text);
    return result;
  }
  static void vjp(Grads& d, const Tensor&, bool) {
    const Tensor t = adjoint(d.y());
    d.set(0, -matmul(matmul(t, d.g()), t));
  }
};
struct LinalgInv : Composite {
  static constexpr OpInfo info{.sig = "linalg_inv(Tensor A) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The inverse of a square matrix, or of each of a batch (*, n, n). LinAlgError where there is none.",
                                   .where = kLinalg};
  static Tensor fwd(const Tensor& x) {
    check_square("linalg.inv", x);
    check_float("linalg.inv", x);
    auto [y, info] = call_op<LinalgInvEx>(x, false);
    check_info("linalg.inv", info, x.dim() > 2, inversion_text);
    return y;
  }
};
struct Inverse : LinalgInv {
  static constexpr OpInfo info{.sig = "inverse(Tensor input) -> Tensor", .autocast = Autocast::Float32, .doc = "Alias of linalg.inv()."};
};

struct LinalgSolveTriangular {
  static constexpr OpInfo info{.sig = "linalg_solve_triangular(Tensor input, Tensor B, *, bool upper, bool left=True, bool unitriangular=False) -> "
                                      "Tensor",
                               .doc = "X of A X = B, or of X A = B unless left, where of input A (*, n, n) only the upper (or lower) triangle "
                                      "counts; with unitriangular "
                                      "its diagonal counts as ones. No error where a diagonal element is 0: the result holds inf or nan.",
                               .saves = {X0 | Y, X0}, .where = kLinalg};
  static Tensor fwd(const Tensor& a, const Tensor& b, bool upper, bool left, bool unit) {
    check_equation("linalg.solve_triangular", a, b, left);
    if (!differentiable(a.dtype()) || is_half(a.dtype())) not_implemented("\"triangular_solve_cpu\" not implemented for '",
                                                                       st::info(a.dtype()).scalar_type, "'");
    check_same_dtype("linalg.solve_triangular", a, b);
    const Dims batch = broadcast(batch_sizes(a), batch_sizes(b));
    const int64_t n = a.size(-1), m = left ? b.size(-1) : b.size(-2);
    // A real matrix that lies turned round in memory is read as it lies.
    const Tensor lying = turned(a);
    const bool is_turned = !is_complex(a.dtype()) && !a.is_contiguous() && lying.is_contiguous();
    const Tensor stored = is_turned ? lying : a;
    const Tensor rows = in_batch(stored, batch);
    Tensor x = batch_copy(left ? b : adjoint(b), batch);
    visit_field(a.dtype(), [&]<class T>() {
      for_matrices(batch_count(x), static_cast<double>(n * n * m), [&](int64_t k) {
        solve_triangle(Triangle<T>{rows.data<T>() + k * n * n, n, upper != is_turned, left == is_turned, unit}, n, m, x.data<T>() + k * n * m, m);
      });
    });
    return left ? x : contiguous_copy(adjoint(x));
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor&, bool upper, bool left, bool unit) {
    const Tensor gb = call_op<LinalgSolveTriangular>(adjoint(a), d.g(), !upper, left, unit);
    if (d.needs(0)) {
      const Tensor t = adjoint(d.y()), ga = left ? -matmul(gb, t) : -matmul(t, gb);
      const int64_t off = unit ? 1 : 0;
      d.set(0, upper ? triu(ga, off) : tril(ga, -off));
    }
    if (d.needs(1)) d.set(1, gb);
  }
};

struct TriangularSolve : Composite {
  static constexpr OpInfo info{.sig = "triangular_solve(Tensor input, Tensor A, bool upper=True, bool transpose=False, bool unitriangular=False) -> "
                                      "(Tensor solution, Tensor cloned_coefficient)",
                               .doc = "The older form of linalg.solve_triangular(): the solution, and a copy of A."};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& b, const Tensor& a, bool upper, bool transposed, bool unit) {
    static WarnOnce warn_once;
    warn_once("torch.triangular_solve is deprecated in favor of torch.linalg.solve_triangularand will be removed in a future PyTorch release.\n"
              "torch.linalg.solve_triangular has its arguments reversed and does not return a copy of one of the inputs.\n"
              "X = torch.triangular_solve(B, A).solution\nshould be replaced with\nX = torch.linalg.solve_triangular(A, B).");
    if (b.dim() < 2) runtime_error("torch.triangular_solve: Expected b to have at least 2 dimensions, but it has ", b.dim(), " dimensions instead");
    if (a.dim() < 2) runtime_error("torch.triangular_solve: Expected A to have at least 2 dimensions, but it has ", a.dim(), " dimensions instead");
    check_sides("triangular_solve", a, b);
    const Dims batch = broadcast(batch_sizes(a), batch_sizes(b));
    const Tensor all = expand(a, matrix_sizes(batch, a.size(-2), a.size(-1)));
    return {call_op<LinalgSolveTriangular>(transposed ? turned(a) : a, b, upper != transposed, true, unit), clone(all)};
  }
};

const Register<SolveEx, LinalgSolveEx, LinalgSolve, LinalgInvEx, LinalgInv, Inverse, LinalgSolveTriangular, TriangularSolve> registered;

}  // namespace

Tensor solve(const Tensor& a, const Tensor& b, bool left) { return std::get<0>(call_op<SolveEx>(a, b, left)); }
Tensor solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left, bool unit) {
  return call_op<LinalgSolveTriangular>(a, b, upper, left, unit);
}
Tensor checked_inverse(const Tensor& a, const char* name) {
  auto [y, info] = call_op<LinalgInvEx>(a, false);
  check_info(name, info, a.dim() > 2, inversion_text);
  return y;
}
Tensor checked_solve(const Tensor& a, const Tensor& b) { return call_op<LinalgSolve>(a, b, true); }
std::tuple<Tensor, Tensor> inverse_and_info(const Tensor& a) { return call_op<LinalgInvEx>(a, false); }

}  // namespace st
