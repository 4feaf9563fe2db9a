// Factorization of symmetric matrices that need not be definite: A = L D L^T, D with blocks of 1 and 2 rows.
#include <cmath>

#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/linalg.h"

namespace st {
namespace {

// One matrix of a batch. Bunch and Kaufman, "Some stable methods for calculating inertia and solving symmetric linear systems", 1977, on
// the lower triangle, with LAPACK's conventions: pivots from 1, negative for the two rows of a block.
template <class T>
class Ldl {
 public:
  Ldl(int64_t n, T* a, int32_t* pivots) : n_(n), a_(a), pivots_(pivots) {}

  // The first row (from 1) of which nothing is left to divide by, or 0.
  int32_t factor() {
    const T alpha = static_cast<T>((1 + std::sqrt(17.0)) / 8);
    int32_t missing = 0;
    for (int64_t k = 0, step; k < n_; k += step) {
      step = 1;
      int64_t p = k;
      const T diagonal = std::fabs(at(k, k));
      const int64_t row = largest_below(k);
      const T beside = row > k ? std::fabs(at(row, k)) : T(0);
      if (std::max(diagonal, beside) == 0 || std::isnan(diagonal)) {
        if (missing == 0) missing = static_cast<int32_t>(k + 1);
        pivots_[k] = static_cast<int32_t>(k + 1);
        continue;
      }
      if (diagonal < alpha * beside) {
        const T other = largest_in_row(row, k);
        if (diagonal * other < alpha * beside * beside) {
          p = row;
          if (std::fabs(at(row, row)) < alpha * other) step = 2;
        }
      }
      exchange(k, k + step - 1, p);
      if (step == 1) eliminate_one(k);
      else eliminate_two(k);
      const auto place = static_cast<int32_t>(p + 1);
      pivots_[k] = step == 1 ? place : -place;
      if (step == 2) pivots_[k + 1] = -place;
    }
    return missing;
  }

  // X of A X = B in place of B (n, m).
  void solve(int64_t m, T* b) const {
    const auto swap = [&](int64_t i, int64_t j) { if (i != j) std::swap_ranges(b + i * m, b + i * m + m, b + j * m); };
    const auto subtract = [&](int64_t to, int64_t from, T f) { for (int64_t c = 0; c < m; ++c) b[to * m + c] -= f * b[from * m + c]; };
    for (int64_t k = 0; k < n_;) {
      if (pivots_[k] > 0) {
        swap(k, pivots_[k] - 1);
        for (int64_t i = k + 1; i < n_; ++i) subtract(i, k, at(i, k));
        for (int64_t c = 0; c < m; ++c) b[k * m + c] /= at(k, k);
        k += 1;
        continue;
      }
      swap(k + 1, -pivots_[k] - 1);
      for (int64_t i = k + 2; i < n_; ++i) {
        subtract(i, k, at(i, k));
        subtract(i, k + 1, at(i, k + 1));
      }
      const T off = at(k + 1, k), first = at(k, k) / off, second = at(k + 1, k + 1) / off, scale = first * second - 1;
      for (int64_t c = 0; c < m; ++c) {
        const T x = b[k * m + c] / off, y = b[(k + 1) * m + c] / off;
        b[k * m + c] = (second * x - y) / scale;
        b[(k + 1) * m + c] = (first * y - x) / scale;
      }
      k += 2;
    }
    for (int64_t k = n_ - 1; k >= 0;) {
      const int64_t size = pivots_[k] > 0 ? 1 : 2;
      for (int64_t j = k; j > k - size; --j) for (int64_t i = k + 1; i < n_; ++i) subtract(j, i, at(i, j));
      swap(k, std::abs(pivots_[k]) - 1);
      k -= size;
    }
  }

 private:
  T& at(int64_t i, int64_t j) const { return a_[i * n_ + j]; }
  int64_t largest_below(int64_t k) const {
    int64_t p = std::min(k + 1, n_ - 1);
    for (int64_t i = k + 2; i < n_; ++i) if (std::fabs(at(i, k)) > std::fabs(at(p, k))) p = i;
    return p;
  }
  // Of the row's elements from column k on, but for the diagonal.
  T largest_in_row(int64_t row, int64_t k) const {
    T most = 0;
    for (int64_t j = k; j < row; ++j) most = std::max(most, std::fabs(at(row, j)));
    for (int64_t i = row + 1; i < n_; ++i) most = std::max(most, std::fabs(at(i, row)));
    return most;
  }
  // Rows and columns `to` and p of what is left, whose first row is k.
  void exchange(int64_t k, int64_t to, int64_t p) {
    if (to == p) return;
    for (int64_t i = p + 1; i < n_; ++i) std::swap(at(i, to), at(i, p));
    for (int64_t i = to + 1; i < p; ++i) std::swap(at(i, to), at(p, i));
    std::swap(at(to, to), at(p, p));
    if (to != k) std::swap(at(to, k), at(p, k));
  }
  void eliminate_one(int64_t k) {
    const T d = 1 / at(k, k);
    for (int64_t i = k + 1; i < n_; ++i) for (int64_t j = k + 1; j <= i; ++j) at(i, j) -= d * at(i, k) * at(j, k);
    for (int64_t i = k + 1; i < n_; ++i) at(i, k) *= d;
  }
  void eliminate_two(int64_t k) {
    const T off = at(k + 1, k), first = at(k + 1, k + 1) / off, second = at(k, k) / off, scale = 1 / (first * second - 1) / off;
    for (int64_t j = k + 2; j < n_; ++j) {
      const T x = scale * (first * at(j, k) - at(j, k + 1)), y = scale * (second * at(j, k + 1) - at(j, k));
      for (int64_t i = j; i < n_; ++i) at(i, j) -= at(i, k) * x + at(i, k + 1) * y;
      at(j, k) = x;
      at(j, k + 1) = y;
    }
  }

  int64_t n_;
  T* a_;
  int32_t* pivots_;
};

// PyTorch's text where a type is not supported, and ours for complex ones: neither their symmetric nor their Hermitian form is here.
void check_real(const char* name, const Tensor& x) {
  check_float(name, x);
  if (is_complex(x.dtype())) not_implemented(name, ": complex tensors are not supported, got ", info(x.dtype()).name);
}

struct LinalgLdlFactorEx {
  static constexpr OpInfo info{.sig = "linalg_ldl_factor_ex(Tensor input, *, bool hermitian=False, bool check_errors=False) -> "
                                      "(Tensor LD, Tensor pivots, Tensor info)",
                               .doc = "Like linalg.ldl_factor(), with info in place of an error: 0, or the first row without a pivot.",
                               .where = kLinalg, .undifferentiable = true};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x, bool, bool check) {
    check_square("torch.linalg.ldl_factor_ex", x);
    check_real("torch.linalg.ldl_factor_ex", x);
    const int64_t n = x.size(-1);
    const Tensor ld = contiguous_copy(x, true);
    Tensor pivots = empty(vector_sizes(batch_sizes(x), n), Dtype::Int32), info = empty(batch_sizes(x), Dtype::Int32);
    visit_float(x.dtype(), [&]<class T>() {
      for_matrices(info.numel(), static_cast<double>(n * n * n), [&](int64_t k) {
        T* const a = ld.data<T>() + k * n * n;
        info.data<int32_t>()[k] = Ldl<T>(n, a, pivots.data<int32_t>() + k * n).factor();
        for (int64_t i = 0; i < n; ++i) std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0));
      });
    });
    if (check) report("torch.linalg.ldl_factor_ex", info, x.dim() > 2);
    return {ld, pivots, info};
  }
  static void report(const char* name, const Tensor& info, bool batched) {
    check_info(name, info, batched, [](int at) { return cat("D[", at, ",", at, "] is zero, and using it in ldl_solve would divide by it."); },
               ErrorKind::Runtime);
  }
  static void vjp(Grads&, const Tensor&, bool, bool) { not_implemented("derivative for aten::linalg_ldl_factor_ex is not implemented"); }
};
struct LinalgLdlFactor : Composite {
  static constexpr OpInfo info{.sig = "linalg_ldl_factor(Tensor input, *, bool hermitian=False) -> (Tensor LD, Tensor pivots)",
                               .doc = "L and D of input = L D L^T in one matrix (*, n, n), for a symmetric input of which the lower triangle is read, and the "
                                      "exchanges of rows: negative for the two rows of a block of D.",
                               .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, bool hermitian) {
    auto [ld, pivots, info] = call_op<LinalgLdlFactorEx>(x, hermitian, false);
    LinalgLdlFactorEx::report("torch.linalg.ldl_factor", info, x.dim() > 2);
    return {ld, pivots};
  }
};

struct LinalgLdlSolve {
  static constexpr OpInfo info{.sig = "linalg_ldl_solve(Tensor LD, Tensor pivots, Tensor B, *, bool hermitian=False) -> Tensor",
                               .doc = "X of A X = B for what linalg.ldl_factor(A) returns.", .where = kLinalg, .undifferentiable = true};
  static Tensor fwd(const Tensor& ld, const Tensor& pivots, const Tensor& b, bool) {
    constexpr const char* kName = "torch.linalg.ldl_solve";
    check_square(kName, ld);
    check_real(kName, ld);
    check_matrix(kName, b, "B");
    if (ld.dtype() != b.dtype()) {
      runtime_error("Expected b and A to have the same dtype, but found b of type ", st::info(b.dtype()).scalar_type, " and A of type ",
                    st::info(ld.dtype()).scalar_type, " instead.");
    }
    check_sides(kName, ld, b);
    if (!equal(pivots.sizes(), ld.sizes().first(static_cast<size_t>(ld.dim() - 1)))) {
      runtime_error(kName, ": Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape ", pivots.sizes(), " instead");
    }
    if (!is_integral(pivots.dtype())) runtime_error(kName, ": Expected pivots to be integers. Got ", st::info(pivots.dtype()).scalar_type);
    const Dims batch = broadcast(batch_sizes(ld), batch_sizes(b));
    const int64_t n = ld.size(-1), m = b.size(-1);
    const Tensor factors = batch_copy(ld, batch), x = batch_copy(b, batch);
    Tensor exchanges = empty(vector_sizes(batch, n), Dtype::Int32);
    copy_elements(exchanges, pivots);
    check_pivots(exchanges, n);
    visit_float(b.dtype(), [&]<class T>() {
      for_matrices(batch_count(x), static_cast<double>(2 * n * n * m), [&](int64_t k) {
        Ldl<T>(n, factors.data<T>() + k * n * n, exchanges.data<int32_t>() + k * n).solve(m, x.data<T>() + k * n * m);
      });
    });
    return x;
  }
  // Rows that exist, and negative ones in pairs: others would reach outside the matrix.
  static void check_pivots(const Tensor& pivots, int64_t n) {
    const auto* p = pivots.data<int32_t>();
    for (int64_t i = 0; i < pivots.numel(); ++i) {
      const bool exists = p[i] != 0 && std::abs(static_cast<int64_t>(p[i])) <= n;
      const bool paired = p[i] > 0 || (i % n + 1 < n && p[i + 1] == p[i]);
      if (!exists || !paired) runtime_error("torch.linalg.ldl_solve: pivots are not what linalg.ldl_factor returns");
      if (p[i] < 0) ++i;
    }
  }
  static void vjp(Grads&, const Tensor&, const Tensor&, const Tensor&, bool) {
    not_implemented("derivative for aten::linalg_ldl_solve is not implemented");
  }
};

const Register<LinalgLdlFactorEx, LinalgLdlFactor, LinalgLdlSolve> registered;

}  // namespace
}  // namespace st
