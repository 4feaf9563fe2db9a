// Functions of square matrices: powers and the exponential.
#include <cmath>
#include <vector>

#include "kernels/matrix.h"
#include "kernels/matrix_blocks.h"
#include "ops/call.h"
#include "ops/linalg.h"

namespace st {
namespace {

// Padé approximants of exp, with the largest 1-norm for which each is exact to double precision: Higham, "The scaling and squaring
// method for the matrix exponential revisited", 2005, table 2.3.
struct Pade {
  int order;
  double norm;
};
constexpr Pade kOrders[] = {{3, 1.495585217958292e-2}, {5, 2.539398330063230e-1}, {7, 9.504178996162932e-1},
                            {9, 2.097847961257068}, {13, 5.371920351148152}};

template <class T>  // double or complex double
class Exponential {
 public:
  explicit Exponential(int64_t n) : n_(n), size_(static_cast<size_t>(n * n)), pivots_(static_cast<size_t>(n)) {}

  void run(const T* x, T* y) {
    double norm = 0;
    for (int64_t j = 0; j < n_; ++j) {
      double column = 0;
      for (int64_t i = 0; i < n_; ++i) column += std::abs(x[i * n_ + j]);
      norm = column > norm || std::isnan(column) ? column : norm;
    }
    if (!std::isfinite(norm)) {
      std::fill_n(y, size_, T(std::nan("")));
      return;
    }
    int order = 13, squarings = 0;
    for (const Pade& p : kOrders) {
      if (norm <= p.norm) {
        order = p.order;
        break;
      }
    }
    if (norm > kOrders[4].norm) squarings = std::max(0, static_cast<int>(std::ceil(std::log2(norm / kOrders[4].norm))));
    a_.assign(x, x + size_);
    const double scale = std::ldexp(1.0, -squarings);
    for (T& v : a_) v *= scale;
    approximate(order, y);
    Matrix other(size_);
    for (int k = 0; k < squarings; ++k) {
      multiply(y, y, other.data());
      std::copy(other.begin(), other.end(), y);
    }
  }

 private:
  using Matrix = std::vector<T>;
  void multiply(const T* a, const T* b, T* c) const { set_product<T>(false, n_, n_, n_, 1, a, n_, b, n_, c, n_); }

  // y = (V - U)^-1 (V + U), with the odd powers in U and the even ones in V.
  void approximate(int order, T* y) {
    std::vector<double> c(static_cast<size_t>(order) + 1, 1.0);
    for (int k = 1; k <= order; ++k) c[static_cast<size_t>(k)] = c[static_cast<size_t>(k) - 1] * (order - k + 1) / (static_cast<double>(k) * (2 * order - k + 1));
    // Even powers up to order - 1, or up to 6 for order 13, whose others come by factoring A^6 out.
    std::vector<Matrix> even(1, Matrix(size_, T(0)));
    for (int64_t i = 0; i < n_; ++i) even[0][static_cast<size_t>(i * n_ + i)] = 1;
    const int last = order == 13 ? 3 : (order - 1) / 2;
    for (int k = 1; k <= last; ++k) {
      even.emplace_back(size_);
      if (k == 1) multiply(a_.data(), a_.data(), even[1].data());
      else multiply(even[static_cast<size_t>(k) - 1].data(), even[1].data(), even[static_cast<size_t>(k)].data());
    }
    const auto sum = [&](int first, Matrix& to) {
      // of c[first + 2k] A^(2k)
      for (int k = 0; k <= last && first + 2 * k <= order; ++k) {
        for (size_t i = 0; i < size_; ++i) to[i] += c[static_cast<size_t>(first + 2 * k)] * even[static_cast<size_t>(k)][i];
      }
    };
    Matrix odd_part(size_, T(0)), v(size_, T(0)), u(size_);
    if (order == 13) {
      Matrix high(size_), product(size_);
      for (int odd = 0; odd < 2; ++odd) {
        Matrix& to = odd ? odd_part : v;
        std::fill(high.begin(), high.end(), T(0));
        for (int k = 1; k <= 3; ++k) {
          for (size_t i = 0; i < size_; ++i) high[i] += c[static_cast<size_t>(6 + 2 * k + odd)] * even[static_cast<size_t>(k)][i];
        }
        multiply(even[3].data(), high.data(), product.data());
        sum(odd, to);
        for (size_t i = 0; i < size_; ++i) to[i] += product[i];
      }
    } else {
      sum(0, v);
      sum(1, odd_part);
    }
    multiply(a_.data(), odd_part.data(), u.data());
    for (size_t i = 0; i < size_; ++i) {
      y[i] = v[i] + u[i];
      v[i] -= u[i];
    }
    lu_factor(n_, n_, v.data(), n_, pivots_.data());
    lu_solve(n_, v.data(), n_, pivots_.data(), false, n_, y, n_);
  }

  int64_t n_;
  size_t size_;
  Matrix a_;
  std::vector<int32_t> pivots_;
};

struct LinalgMatrixExp {
  static constexpr OpInfo info{.sig = "linalg_matrix_exp(Tensor input) -> Tensor",
                               .doc = "The exponential 1 + A + A A / 2 + ... of a square matrix A, or of each of a batch (*, n, n).",
                               .saves = {X0}, .where = kLinalg};
  static Tensor fwd(const Tensor& x) {
    check_square("linalg.matrix_exp", x);
    if (!is_half(x.dtype())) check_float("linalg.matrix_exp", x);
    const int64_t n = x.size(-1);
    const Tensor from = cast_copy(x, promote(x.dtype(), Dtype::Float64));
    Tensor y = empty(x.sizes(), from.dtype());
    visit_field(y.dtype(), [&]<class T>() {
      if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::complex<double>>) {
        for_matrices(n ? batch_count(x) : 0, 20.0 * static_cast<double>(n * n * n), [&](int64_t k) {
          Exponential<T>(n).run(from.data<T>() + k * n * n, y.data<T>() + k * n * n);
        });
      }
    });
    return cast_copy(y, x.dtype());
  }
  // The exponential of [A^H G; 0 A^H] has the gradient in its upper right corner (Mathias, "A chain rule for matrix functions", 1996).
  static void vjp(Grads& d, const Tensor& x) {
    const int64_t n = x.size(-1);
    const Tensor t = adjoint(x), below = zeros(x.sizes(), x.dtype());
    const Tensor block = cat({cat({t, d.g()}, -1), cat({below, t}, -1)}, -2);
    d.set(0, columns_of(rows_of(call_op<LinalgMatrixExp>(block), 0, n), n, 2 * n));
  }
};
struct MatrixExp : Composite {
  static constexpr OpInfo info{.sig = "matrix_exp(Tensor input) -> Tensor", .doc = "Alias of linalg.matrix_exp()."};
  static Tensor fwd(const Tensor& x) { return call_op<LinalgMatrixExp>(x); }
};

struct LinalgMatrixPower : Composite {
  static constexpr OpInfo info{.sig = "linalg_matrix_power(Tensor input, int n) -> Tensor",
                               .doc = "A square matrix, or each of a batch, to an integer power; a negative one of its inverse.", .where = kLinalg};
  static Tensor fwd(const Tensor& x, int64_t n) {
    check_square("linalg.matrix_power", x);
    if (n == 0) {
      const Tensor one = batch_copy(unit_like(x), batch_sizes(x));
      return x.requires_grad() && grad_enabled() ? where(one == one, one, x) : one;  // the gradient is 0
    }
    if (n == 1) return clone(x);
    if (n < 0) check_float("linalg.inv", x);
    Tensor base = n < 0 ? checked_inverse(x, "linalg.inv") : x, y;
    if (n < 0) n = -n;
    while (true) {
      if (n & 1) y = y.defined() ? matmul(y, base) : base;
      n >>= 1;
      if (n == 0) return y;
      base = matmul(base, base);
    }
  }
  static Tensor unit_like(const Tensor& x) { return cast_copy(identity(x.size(-1), Dtype::Float32), x.dtype()); }
};
struct MatrixPower : LinalgMatrixPower {
  static constexpr OpInfo info{.sig = "matrix_power(Tensor input, int n) -> Tensor", .doc = "Alias of linalg.matrix_power()."};
};

const Register<LinalgMatrixExp, MatrixExp, LinalgMatrixPower, MatrixPower> registered;

}  // namespace
}  // namespace st
