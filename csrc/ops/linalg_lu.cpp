// LU factors of matrices: making them, taking them apart, and solving with them.
#include "kernels/matrix.h"
#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"

namespace st {
namespace {

void check_dims(const char* name, const Tensor& x) {
  if (x.dim() < 2) runtime_error(name, ": Expected tensor with 2 or more dimensions. Got size: ", x.sizes(), " instead");
}
void check_pivoting(bool pivot) {
  if (!pivot) runtime_error("linalg.lu_factor: LU without pivoting is not implemented on the CPU");
}

// The gradient of A = P L U by those of L and U: with L = [L1; L2] and U = [U1 U2], L1 and U1 square, and M = L1^-1 P^T dA1 U1^-1,
// dL1 = L1 low(M) and dU1 = up(M) U1, where low() is strict.
Tensor factors_gradient(const Tensor& gl, const Tensor& gu, const Tensor& p, const Tensor& l, const Tensor& u) {
  const int64_t m = l.size(-2), n = u.size(-1), k = l.size(-1);
  const Tensor l1 = rows_of(l, 0, k), u1 = columns_of(u, 0, k), gl1 = rows_of(gl, 0, k), gu1 = columns_of(gu, 0, k);
  Tensor low = matmul(adjoint(l1), gl1), up = matmul(gu1, adjoint(u1));
  if (n > k) low = low - matmul(columns_of(gu, k, n), adjoint(columns_of(u, k, n)));
  if (m > k) up = up - matmul(adjoint(rows_of(l, k, m)), rows_of(gl, k, m));
  const Tensor inner = solve_triangular(adjoint(l1), tril(low, -1) + triu(up, 0), true, true, true);
  Tensor g = solve_triangular(adjoint(u1), inner, false, false, false);
  if (n > k) g = cat({g, solve_triangular(adjoint(l1), columns_of(gu, k, n), true, true, true)}, -1);
  if (m > k) g = cat({g, solve_triangular(adjoint(u1), rows_of(gl, k, m), false, false, false)}, -2);
  return matmul(p, g);
}

struct LinalgLuFactorEx {
  static constexpr OpInfo info{.sig = "linalg_lu_factor_ex(Tensor A, *, bool pivot=True, bool check_errors=False) -> (Tensor LU, Tensor "
                                      "pivots, Tensor info)",
                               .doc = "Like linalg.lu_factor(), with info in place of an error: 0, or the place of a pivot that is 0.",
                                   .saves = {Y | Y1},
                               .where = kLinalg};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, bool pivot, bool check) {
    check_dims("torch.lu_factor", x);
    check_float("torch.lu_factor", x);
    check_pivoting(pivot);
    const LuFactors f = lu_factors(x);
    count_from_one(f.pivots);
    if (check) report("torch.linalg.lu_factor_ex", f.info, x.dim() > 2);
    return {f.lu, f.pivots, f.info};
  }
  static void report(const char* name, const Tensor& info, bool batched) {
    check_info(name, info, batched, [](int at) {
      return cat("U[", at, ",", at, "] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the "
                                    "factorization, "
                 "consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)");
    }, ErrorKind::Runtime);
  }
  static void vjp(Grads& d, const Tensor& a, bool, bool) {
    const int64_t k = std::min(a.size(-2), a.size(-1));
    const auto [p, l, u] = lu_parts(d.y(), d.y(1), true, true);
    d.set(0, factors_gradient(tril(columns_of(d.g(), 0, k), -1), triu(rows_of(d.g(), 0, k), 0), p, l, u));
  }
};
struct LinalgLuFactor : Composite {
  static constexpr OpInfo info{.sig = "linalg_lu_factor(Tensor A, *, bool pivot=True) -> (Tensor LU, Tensor pivots)",
                               .doc = "L (its unit diagonal left out) and U of A = P L U in one matrix (*, m, n), and the exchanges of rows "
                                      "(*, min(m, n)), from 1.",
                               .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, bool pivot) {
    auto [lu, pivots, info] = call_op<LinalgLuFactorEx>(x, pivot, false);
    LinalgLuFactorEx::report("torch.linalg.lu_factor", info, x.dim() > 2);
    return {lu, pivots};
  }
};
struct LuWithInfo : Composite {
  static constexpr OpInfo info{.sig = "_lu_with_info(Tensor input, bool pivot=True, bool check_errors=True) -> (Tensor LU, Tensor pivots, "
                                      "Tensor info)",
                               .doc = "linalg.lu_factor_ex() under an older name.", .where = 0};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, bool pivot, bool check) { return call_op<LinalgLuFactorEx>(x, pivot, check); }
};

// P with row i of L U at row order(i) of A: a constant.
Tensor permutation_of(const Tensor& pivots, int64_t m, Dtype dtype) {
  const int64_t k = pivots.size(-1);
  Dims sizes(pivots.sizes());
  sizes.back() = m;
  sizes.push_back(m);
  Tensor p = zeros(sizes, dtype);
  if (p.numel() == 0) return p;
  const Tensor exchanges = contiguous_copy(pivots);
  std::vector<int64_t> order(static_cast<size_t>(m));
  visit_field(dtype, [&]<class T>() {
    for (int64_t b = 0; b < p.numel() / (m * m); ++b) {
      for (int64_t i = 0; i < m; ++i) order[static_cast<size_t>(i)] = i;
      for (int64_t i = 0; i < k; ++i) {
        const int64_t to = exchanges.data<int32_t>()[b * k + i] - 1;
        if (to < 0 || to >= m || i >= m) runtime_error("pivots passed to lu_unpack must be between 1 and LU.size(-2) inclusive.Did you "
                                                       "properly pass the result of lu_factor?");
        std::swap(order[static_cast<size_t>(i)], order[static_cast<size_t>(to)]);
      }
      for (int64_t i = 0; i < m; ++i) p.data<T>()[(b * m + order[static_cast<size_t>(i)]) * m + i] = 1;
    }
  });
  return p;
}

struct LuUnpack : Composite {
  static constexpr OpInfo info{.sig = "lu_unpack(Tensor LU_data, Tensor LU_pivots, bool unpack_data=True, bool unpack_pivots=True) -> (Tensor "
                                      "P, Tensor L, Tensor U)",
                               .doc = "P, L and U of what linalg.lu_factor() returns; those not asked for are empty.", .where = kFunction};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& lu, const Tensor& pivots, bool data, bool permutation) {
    check_dims("torch.lu_unpack", lu);
    if (permutation && pivots.dtype() != Dtype::Int32) {
      runtime_error("torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended "
                    "to be used with the output "
                    "produced by torch.linalg.lu_factor");
    }
    check_float("torch.lu_unpack", lu);
    const int64_t m = lu.size(-2), k = std::min(m, lu.size(-1));
    Tensor p = empty(Dims{0}, lu.dtype()), l = p, u = p;
    if (data) {
      l = tril(columns_of(lu, 0, k), -1);
      Tensor ones = zeros(Dims{m, k}, lu.dtype());
      visit_field(lu.dtype(), [&]<class T>() { for (int64_t i = 0; i < k; ++i) ones.data<T>()[i * k + i] = 1; });
      l = l + ones;
      u = triu(rows_of(lu, 0, k), 0);
    }
    if (permutation) p = permutation_of(pivots, m, lu.dtype());
    return {p, l, u};
  }
};
struct LinalgLu : Composite {
  static constexpr OpInfo info{.sig = "linalg_lu(Tensor A, *, bool pivot=True) -> (Tensor P, Tensor L, Tensor U)",
                               .doc = "P, L and U of A = P L U, with partial pivoting: (*, m, m), (*, m, k) and (*, k, n) for A (*, m, n), k = "
                                      "min(m, n).",
                               .where = kLinalg};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, bool pivot) {
    check_dims("linalg.lu", x);
    const auto [lu, pivots, info] = call_op<LinalgLuFactorEx>(x, pivot, false);
    return call_op<LuUnpack>(lu, pivots, true, true);
  }
};

struct LinalgLuSolve {
  static constexpr OpInfo info{.sig = "linalg_lu_solve(Tensor LU, Tensor pivots, Tensor B, *, bool left=True, bool adjoint=False) -> Tensor",
                               .doc = "X of A X = B, of X A = B unless left, or of these with A's adjoint in its place where adjoint, for what "
                                      "linalg.lu_factor(A) returns.",
                               .saves = {X0 | X1 | Y, 0, X0 | X1}, .where = kLinalg};
  static Tensor fwd(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool of_adjoint) {
    check_float("torch.linalg.lu_solve", lu);
    if (lu.dtype() != b.dtype()) {
      runtime_error("linalg.lu_solve: Expected LU and B to have the same dtype, but found LU of type ", st::info(lu.dtype()).scalar_type,
                    " and B of type ",
                    st::info(b.dtype()).scalar_type, " instead");
    }
    if (pivots.dtype() != Dtype::Int32) runtime_error("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32");
    check_square("torch.linalg.lu_solve", lu);
    check_equation("linalg.lu_solve", lu, b, left);
    const int64_t n = lu.size(-1), m = left ? b.size(-1) : b.size(-2);
    if (pivots.dim() == 0 || pivots.size(-1) != n) runtime_error("linalg.lu_solve: Number of pivots per batch should be same as the dimension "
                                                                 "of the matrix");
    if (!equal(batch_sizes(lu), pivots.sizes().first(static_cast<size_t>(pivots.dim() - 1)))) {
      runtime_error("linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape ", pivots.sizes(),
                    " instead");
    }
    const Dims batch = broadcast(batch_sizes(lu), batch_sizes(b));
    const Tensor factors = in_batch(lu, batch);
    Tensor exchanges = empty(vector_sizes(batch, n), Dtype::Int32);
    copy_elements(exchanges, pivots);
    auto* p = exchanges.data<int32_t>();
    for (int64_t i = 0; i < exchanges.numel(); ++i) {
      if (--p[i] < 0 || p[i] >= n) runtime_error("linalg.lu_solve: pivots must be between 1 and LU.size(-1)");
    }
    Tensor x = batch_copy(left ? b : adjoint(b), batch);
    visit_field(b.dtype(), [&]<class T>() {
      for_matrices(batch_count(x), 2.0 * static_cast<double>(n * n * m), [&](int64_t k) {
        st::lu_solve(n, factors.data<T>() + k * n * n, n, p + k * n, left == of_adjoint, m, x.data<T>() + k * n * m, m);
      });
    });
    return left ? x : contiguous_copy(adjoint(x));
  }
  static void vjp(Grads& d, const Tensor& lu, const Tensor& pivots, const Tensor&, bool left, bool of_adjoint) {
    if (d.needs(2)) d.set(2, call_op<LinalgLuSolve>(lu, pivots, d.g(), left, !of_adjoint));
    if (!d.needs(0)) return;
    // X A = B is A^H X^H = B^H.
    const Tensor g = left ? d.g() : adjoint(d.g()), x = left ? d.y() : adjoint(d.y());
    const bool turns = left ? of_adjoint : !of_adjoint;
    const Tensor p = permutation_of(pivots, lu.size(-1), lu.dtype()), ut = adjoint(lu);
    if (!turns) {
      // L U X = P^T B
      const Tensor gu = solve_triangular(ut, g, false, true, false), gl = solve_triangular(ut, gu, true, true, true);
      const Tensor ux = matmul(triu(lu, 0), x);
      d.set(0, -(triu(matmul(gu, adjoint(x)), 0) + tril(matmul(gl, adjoint(ux)), -1)));
    } else {
      // U^H L^H W = B with W = P^T X
      const Tensor w = matmul(adjoint(p), x), gw = solve_triangular(lu, matmul(adjoint(p), g), false, true, true);
      const Tensor h = solve_triangular(lu, gw, true, true, false);
      const Tensor lw = w + matmul(adjoint(tril(lu, -1)), w);
      d.set(0, -(triu(matmul(lw, adjoint(h)), 0) + tril(matmul(w, adjoint(gw)), -1)));
    }
  }
};
struct LuSolve : Composite {
  static constexpr OpInfo info{.sig = "lu_solve(Tensor input, Tensor LU_data, Tensor LU_pivots) -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The older form of linalg.lu_solve()."};
  static Tensor fwd(const Tensor& b, const Tensor& lu, const Tensor& pivots) { return call_op<LinalgLuSolve>(lu, pivots, b, true, false); }
};

const Register<LinalgLuFactorEx, LinalgLuFactor, LuWithInfo, LuUnpack, LinalgLu, LinalgLuSolve, LuSolve> registered;

}  // namespace

LuFactors lu_factors(const Tensor& x) {
  const int64_t m = x.size(-2), n = x.size(-1), k = std::min(m, n);
  const Dims batch = batch_sizes(x);
  const LuFactors f{contiguous_copy(x, true), empty(vector_sizes(batch, k), Dtype::Int32), empty(batch, Dtype::Int32)};
  visit_field(x.dtype(), [&]<class T>() {
    for_matrices(f.info.numel(), 0.7 * static_cast<double>(m * n * k), [&](int64_t i) {
      f.info.data<int32_t>()[i] = static_cast<int32_t>(lu_factor(m, n, f.lu.data<T>() + i * m * n, n, f.pivots.data<int32_t>() + i * k));
    });
  });
  return f;
}
void count_from_one(const Tensor& pivots) {
  for (int64_t i = 0; i < pivots.numel(); ++i) ++pivots.data<int32_t>()[i];
}

Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool of_adjoint) {
  return call_op<LinalgLuSolve>(lu, pivots, b, left, of_adjoint);
}
std::tuple<Tensor, Tensor, Tensor> lu_parts(const Tensor& lu, const Tensor& pivots, bool data, bool permutation) {
  return call_op<LuUnpack>(lu, pivots, data, permutation);
}

}  // namespace st
