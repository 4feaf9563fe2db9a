// Inverse and log-determinant of square matrices, by Gauss's elimination with partial pivoting in double precision.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

void check_square(const char* name, const Tensor& x) {
  if (x.dim() < 2) runtime_error(name, ": The input tensor A must have at least 2 dimensions.");
  if (x.size(-1) != x.size(-2)) runtime_error(name, ": A must be batches of square matrices, but they are ", x.size(-2), " by ", x.size(-1), " matrices");
  if (!is_floating(x.dtype())) runtime_error(name, ": Expected a floating point or complex tensor as input. Got ", info(x.dtype()).scalar_type);
  if (is_half(x.dtype())) runtime_error(name, ": Low precision dtypes not supported. Got ", info(x.dtype()).scalar_type);
}

// Turns the n x n matrix `a` into U of its LU form and applies the same row operations to the n x m matrix `b`. Returns the
// permutation's sign, 0 when a pivot is 0.
int eliminate(double* a, double* b, int64_t n, int64_t m) {
  int sign = 1;
  bool singular = false;
  for (int64_t k = 0; k < n; ++k) {
    int64_t p = k;
    for (int64_t i = k + 1; i < n; ++i) if (std::fabs(a[i * n + k]) > std::fabs(a[p * n + k])) p = i;
    if (a[p * n + k] == 0) {
      singular = true;
      continue;
    }
    if (p != k) {
      sign = -sign;
      std::swap_ranges(a + k * n, a + k * n + n, a + p * n);
      std::swap_ranges(b + k * m, b + k * m + m, b + p * m);
    }
    for (int64_t i = k + 1; i < n; ++i) {
      const double f = a[i * n + k] / a[k * n + k];
      for (int64_t j = k; j < n; ++j) a[i * n + j] -= f * a[k * n + j];
      for (int64_t j = 0; j < m; ++j) b[i * m + j] -= f * b[k * m + j];
    }
  }
  return singular ? 0 : sign;
}

struct LinalgInv {
  static constexpr OpInfo info{.sig = "linalg_inv(Tensor A) -> Tensor", .doc = "The inverse of a square matrix, or of each of a batch (*, n, n).",
                               .saves = {Y}, .where = kLinalg, .grad_name = "LinalgInvExBackward0"};
  static Tensor fwd(const Tensor& x) {
    check_square("linalg.inv", x);
    const Tensor a = cast_copy(x, Dtype::Float64);
    Tensor y = empty(x.sizes(), Dtype::Float64);
    const int64_t n = x.size(-1), batch = n ? x.numel() / (n * n) : 0;
    std::vector<double> u(static_cast<size_t>(n * n));
    for (int64_t k = 0; k < batch; ++k) {
      std::copy_n(a.data<double>() + k * n * n, n * n, u.data());
      double* b = y.data<double>() + k * n * n;
      std::fill_n(b, n * n, 0.0);
      for (int64_t i = 0; i < n; ++i) b[i * n + i] = 1;
      if (eliminate(u.data(), b, n, n) == 0) {
        fail(ErrorKind::Linalg, cat("linalg.inv: ", x.dim() > 2 ? cat("(Batch element ", k, "): ") : std::string(),
                                    "The diagonal element ", n, " is zero, the inversion could not be completed because the input matrix is singular."));
      }
      for (int64_t i = n - 1; i >= 0; --i) {
        for (int64_t j = 0; j < n; ++j) {
          double v = b[i * n + j];
          for (int64_t l = i + 1; l < n; ++l) v -= u[i * n + l] * b[l * n + j];
          b[i * n + j] = v / u[i * n + i];
        }
      }
    }
    return cast_copy(y, x.dtype());
  }
  static void vjp(Grads& d, const Tensor&) {
    const Tensor t = transpose(d.y(), -2, -1);
    if (d.needs(0)) d.set(0, -matmul(matmul(t, d.g()), t));
  }
};

struct LinalgSlogdet {
  static constexpr OpInfo info{.sig = "linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)",
                               .doc = "Sign and logarithm of the absolute value of the determinant of a square matrix, or of each of a batch (*, n, n).",
                               .saves = {X0}, .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x) {
    check_square("linalg.slogdet", x);
    const Tensor a = contiguous_copy(cast_copy(x, Dtype::Float64), true);
    const DimSpan outer = x.sizes().first(static_cast<size_t>(x.dim() - 2));
    Tensor sign = empty(outer, Dtype::Float64), log = empty(outer, Dtype::Float64);
    const int64_t n = x.size(-1);
    for (int64_t k = 0; k < sign.numel(); ++k) {
      double* u = a.data<double>() + k * n * n;
      double s = eliminate(u, nullptr, n, 0), total = 0;
      for (int64_t i = 0; i < n; ++i) {
        total += std::log(std::fabs(u[i * n + i]));
        if (u[i * n + i] < 0) s = -s;
      }
      sign.data<double>()[k] = s;
      log.data<double>()[k] = total;
    }
    return {cast_copy(sign, x.dtype()), cast_copy(log, x.dtype())};
  }
  static void vjp(Grads& d, const Tensor& x) {
    if (d.needs(0)) d.set(0, unsqueeze(unsqueeze(d.g(1), -1), -1) * transpose(call_op<LinalgInv>(x), -2, -1));
  }
};

const Register<LinalgInv, LinalgSlogdet> registered;

}  // namespace
}  // namespace st
