// Determinants of square matrices, and their logarithms.
#include <cmath>

#include "ops/call.h"
#include "ops/linalg.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

void check_factorable(const char* name, const Tensor& x) {
  if (is_half(x.dtype())) not_implemented("\"lu_cpu\" not implemented for '", info(x.dtype()).scalar_type, "'");
  check_float(name, x);
}

// Whether matrix k's rows were exchanged an odd number of times.
bool is_odd(const LuFactors& f, int64_t k, int64_t n) {
  bool odd = false;
  for (int64_t i = 0; i < n; ++i) odd ^= f.pivots.data<int32_t>()[k * n + i] != i;
  return odd;
}

// d I, for each d
Tensor diagonal_side(const Tensor& d, int64_t n) { return reshape(d, matrix_sizes(Dims(d.sizes()), 1, 1)) * identity(n, d.dtype()); }

// conj(det(q)) for q whose columns are orthonormal: 1 or -1 where they are real, which no derivative changes.
Tensor phase_of(const Tensor& q) {
  if (is_complex(q.dtype())) return conj(det(q));
  const GradMode off(false);
  return where(det(q) < 0.0, full(batch_sizes(q), Scalar(-1.0), q.dtype()), 1.0);
}

// The derivative of det at singular matrices too: for A = U S V^H, conj(det(U V^H)) U diag(products of all other S) V^H.
Tensor cofactors(const Tensor& a) {
  const int64_t n = a.size(-1);
  const auto [u, s, vh] = svd(a, false);
  const Tensor phase = row(column(phase_of(matmul(u, vh))));
  const Tensor others = where(identity(n, s.dtype()) == 1.0, 1.0, row(s));
  Tensor product = narrow(others, -1, 0, 1);
  for (int64_t i = 1; i < n; ++i) product = product * narrow(others, -1, i, 1);
  return phase * matmul(u, product * vh);
}

struct Det {
  static constexpr OpInfo info{.sig = "_linalg_det(Tensor A) -> (Tensor result, Tensor LU, Tensor pivots)",
                               .doc = "The determinant, with the factors it was found by.",
                               .saves = {X0 | Y | Y1}, .where = 0, .grad_name = "LinalgDetBackward0"};
  static std::tuple<Tensor, Tensor, Tensor> fwd(const Tensor& x) {
    check_square("linalg.det", x);
    check_factorable("linalg.det", x);
    const LuFactors f = lu_factors(x);
    const int64_t n = x.size(-1);
    Tensor y = empty(batch_sizes(x), x.dtype());
    visit_field(x.dtype(), [&]<class T>() {
      for (int64_t k = 0; k < y.numel(); ++k) {
        const T* const u = f.lu.data<T>() + k * n * n;
        T product = is_odd(f, k, n) ? T(-1) : T(1);
        for (int64_t i = 0; i < n; ++i) product *= u[i * n + i];
        y.data<T>()[k] = product;
      }
    });
    count_from_one(f.pivots);
    return {y, f.lu, f.pivots};
  }
  // A^H X = conj(det(A)) g. Where a pivot is 0, the first derivative is taken with that moved away from 0 a little, as PyTorch does.
  static void vjp(Grads& d, const Tensor& a) {
    const int64_t n = a.size(-1);
    if (n == 1) return d.set(0, row(column(d.g())));
    Tensor pivots;
    bool singular;
    {
      GradMode off(false);
      pivots = diagonal(d.y(1), 0, -2, -1);
      singular = sum(pivots == 0.0, {}, false).data<int64_t>()[0] > 0;
    }
    if (!d.create_graph()) {
      Tensor lu = d.y(1);
      if (singular) {
        lu = add_to_diagonal(lu, where(pivots == 0.0, full(pivots.sizes(), Scalar(epsilon(real_type(a.dtype()))), a.dtype()), 0.0));
      }
      return d.set(0, lu_solve(lu, d.y(2), diagonal_side(d.g() * conj(d.y()), n), true, true));
    }
    d.set(0, singular ? row(column(d.g())) * cofactors(a) : solve(adjoint(a), diagonal_side(d.g() * conj(d.y()), n), true));
  }
};
struct LinalgDet : Composite {
  static constexpr OpInfo info{.sig = "linalg_det(Tensor A) -> Tensor",
                               .doc = "The determinant of a square matrix, or of each of a batch (*, n, n).", .where = kLinalg};
  static Tensor fwd(const Tensor& x) { return std::get<0>(call_op<Det>(x)); }
};
struct PlainDet : LinalgDet {
  static constexpr OpInfo info{.sig = "det(Tensor input) -> Tensor", .doc = "Alias of linalg.det()."};
};

// p / |p|
template <class T>
T direction(T p) { return p < 0 ? T(-1) : p == 0 ? T(0) : T(1); }
template <class R>
std::complex<R> direction(std::complex<R> p) { return p == R(0) ? p : p / std::abs(p); }

struct Slogdet {
  static constexpr OpInfo info{.sig = "_linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet, Tensor LU, Tensor pivots)",
                               .doc = "Sign and logarithm of the determinant, with the factors they were found by.", .saves = {X0 | Y | Y1}, .where = 0,
                               .grad_name = "LinalgSlogdetBackward0"};
  static std::tuple<Tensor, Tensor, Tensor, Tensor> fwd(const Tensor& x) {
    const LuFactors f = lu_factors(x);
    const int64_t n = x.size(-1);
    Tensor sign = empty(batch_sizes(x), x.dtype()), log = empty(batch_sizes(x), real_type(x.dtype()));
    visit_field(x.dtype(), [&]<class T>() {
      for (int64_t k = 0; k < sign.numel(); ++k) {
        const T* const u = f.lu.data<T>() + k * n * n;
        T s = is_odd(f, k, n) ? T(-1) : T(1);
        double total = 0;
        for (int64_t i = 0; i < n; ++i) {
          const T p = u[i * n + i];
          total += std::log(static_cast<double>(std::abs(p)));
          s *= direction(p);
        }
        sign.data<T>()[k] = s;
        using Real = decltype(std::abs(s));
        log.data<Real>()[k] = static_cast<Real>(total);
      }
    });
    count_from_one(f.pivots);
    return {sign, log, f.lu, f.pivots};
  }
  static void vjp(Grads& d, const Tensor& a) {
    // A complex sign turns with the determinant: its derivative is the sign times i times the imaginary part of the logarithm's.
    Tensor g = d.g(1);
    if (is_complex(a.dtype())) g = d.defined(0) ? complex(g, -imaginary_part(conj(d.g(0)) * d.y(0))) : to_dtype(g, a.dtype());
    const Tensor side = diagonal_side(g, a.size(-1));
    d.set(0, d.create_graph() ? solve(adjoint(a), side, true) : lu_solve(d.y(2), d.y(3), side, true, true));
  }
};
struct LinalgSlogdet : Composite {
  static constexpr OpInfo info{.sig = "linalg_slogdet(Tensor A) -> (Tensor sign, Tensor logabsdet)",
                               .doc = "Sign and logarithm of the absolute value of the determinant of a square matrix, or of each of a batch "
                                      "(*, n, n).", .where = kLinalg};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x) {
    check_square("linalg.slogdet", x);
    check_factorable("linalg.slogdet", x);
    auto [sign, log, lu, pivots] = call_op<Slogdet>(x);
    return {sign, log};
  }
};
struct PlainSlogdet : LinalgSlogdet {
  static constexpr OpInfo info{.sig = "slogdet(Tensor input) -> (Tensor sign, Tensor logabsdet)", .doc = "Alias of linalg.slogdet()."};
};
struct Logdet : Composite {
  static constexpr OpInfo info{.sig = "logdet(Tensor input) -> Tensor",
                               .doc = "Logarithm of the determinant of a square matrix, or of each of a batch (*, n, n): -inf where it is 0, "
                                      "nan where it is real and negative."};
  static Tensor fwd(const Tensor& x) {
    check_square("logdet", x);
    check_factorable("logdet", x);
    auto [sign, log, lu, pivots] = call_op<Slogdet>(x);
    if (is_complex(x.dtype())) return st::log(sign) + log;
    return where(sign == -1.0, std::nan(""), log);
  }
};

const Register<Det, LinalgDet, PlainDet, Slogdet, LinalgSlogdet, PlainSlogdet, Logdet> registered;

}  // namespace

Tensor det(const Tensor& a) { return call_op<LinalgDet>(a); }

}  // namespace st
