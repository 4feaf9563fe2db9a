// Orthogonal polynomials of a given degree: Chebyshev's four kinds and their shifted forms, Hermite's two, Laguerre's and Legendre's.
//
// Recurrences in double precision (Abramowitz and Stegun 22.7), and inside (-1, 1) trigonometric forms for higher degrees, which cost the
// same for all. The degree is the integer part of n; the polynomial is 0 where that is negative or no int64. Without derivatives, as in PyTorch.
#pragma once
#include "ops/elementwise/special.h"

namespace st {

STEEPEST_LANE double odd_sign(int64_t n) { return n & 1 ? -1.0 : 1.0; }

// p_0 = 1, p_1 = first, p_k+1 = 2 x p_k - p_k-1: what the kinds of Chebyshev share.
STEEPEST_LANE double chebyshev_steps(double x, int64_t n, double first) {
  double before = 1.0, p = first;
  if (n == 0) return before;
  for (int64_t k = 1; k < n && p == p; ++k) {
    const double next = 2.0 * x * p - before;
    before = p;
    p = next;
  }
  return p;
}

struct ChebyshevT {
  static STEEPEST_LANE double of(double x, int64_t n) {
    if (x == 1.0) return 1.0;
    if (x == -1.0) return odd_sign(n);
    if (n > 6 && __builtin_fabs(x) < 1.0) return __builtin_cos(static_cast<double>(n) * __builtin_acos(x));
    return chebyshev_steps(x, n, x);
  }
};
struct ChebyshevU {
  static STEEPEST_LANE double of(double x, int64_t n) {
    const double next = static_cast<double>(n) + 1.0;
    if (x == 1.0) return next;
    if (x == -1.0) return odd_sign(n) * next;
    if (n > 8 && __builtin_fabs(x) < 1.0) {
      const double turn = __builtin_acos(x), sine = __builtin_sin(turn);
      return sine != 0.0 ? __builtin_sin(next * turn) / sine : next * __builtin_cos(next * turn) / x;
    }
    return chebyshev_steps(x, n, 2.0 * x);
  }
};
struct ChebyshevV {
  static STEEPEST_LANE double of(double x, int64_t n) {
    const double twice = 2.0 * static_cast<double>(n) + 1.0;
    if (x == 1.0) return 1.0;
    if (x == -1.0) return odd_sign(n) * twice;
    if (n > 8 && __builtin_fabs(x) < 1.0) {
      const double half = __builtin_acos(x) * 0.5;
      return __builtin_cos(twice * half) / __builtin_cos(half);
    }
    return chebyshev_steps(x, n, 2.0 * x - 1.0);
  }
};
struct ChebyshevW {
  static STEEPEST_LANE double of(double x, int64_t n) {
    const double twice = 2.0 * static_cast<double>(n) + 1.0;
    if (x == 1.0) return twice;
    if (x == -1.0) return odd_sign(n);
    if (n > 8 && __builtin_fabs(x) < 1.0) {
      const double half = __builtin_acos(x) * 0.5;
      return __builtin_sin(twice * half) / __builtin_sin(half);
    }
    return chebyshev_steps(x, n, 2.0 * x + 1.0);
  }
};
template <class Kind>
struct Shifted {
  static STEEPEST_LANE double of(double x, int64_t n) { return Kind::of(2.0 * x - 1.0, n); }
};
// p_k+1 = 2 x p_k - 2 k p_k-1, and without the factors 2: none above the degrees whose values fit a double.
template <bool kPhysicists>
struct Hermite {
  static STEEPEST_LANE double of(double x, int64_t n) {
    constexpr double kFactor = kPhysicists ? 2.0 : 1.0;
    double before = 1.0, p = kFactor * x;
    if (n == 0) return before;
    if (n > 512) return __builtin_nan("");
    for (int64_t k = 1; k < n; ++k) {
      const double next = kFactor * (x * p - static_cast<double>(k) * before);
      before = p;
      p = next;
    }
    return p;
  }
};
struct Laguerre {
  static STEEPEST_LANE double of(double x, int64_t n) {
    double before = 1.0, p = 1.0 - x;
    if (n == 0 || x == 0.0) return before;
    for (int64_t k = 1; k < n && p == p; ++k) {
      const auto d = static_cast<double>(k);
      const double next = ((2.0 * d + 1.0 - x) * p - d * before) / (d + 1.0);
      before = p;
      p = next;
    }
    return p;
  }
};
struct Legendre {
  static STEEPEST_LANE double of(double x, int64_t n) {
    double before = 1.0, p = x;
    if (n == 0 || x == 1.0) return before;
    if (x == -1.0) return odd_sign(n);
    for (int64_t k = 1; k < n && p == p; ++k) {
      const auto d = static_cast<double>(k);
      const double next = ((2.0 * d + 1.0) * x * p - d * before) / (d + 1.0);
      before = p;
      p = next;
    }
    return p;
  }
};

#define STEEPEST_POLYNOMIAL(Name, name, text, ...)                                                                                      \
  struct Name : Elementwise<2> {                                                                                                        \
    static constexpr OpInfo info{.sig = "special_" #name "(Tensor|Scalar input, Tensor|Scalar n) -> Tensor", .doc = text, .kind = Kind::Float, .grads = 0, \
                                 .where = kSpecial};                                                                                    \
    static auto fwd(auto x, auto n) {                                                                                                   \
      return lane::each_lane([](auto v, auto degree) {                                                                                  \
        const auto d = static_cast<double>(degree);                                                                                     \
        return static_cast<decltype(v)>(d > -1.0 && d < 0x1p63 ? __VA_ARGS__::of(v, static_cast<int64_t>(d)) : 0.0);                       \
      }, x, n);                                                                                                                         \
    }                                                                                                                                   \
  };
STEEPEST_POLYNOMIAL(ChebyshevPolynomialT, chebyshev_polynomial_t, "Chebyshev's polynomial of the first kind of degree n.", ChebyshevT)
STEEPEST_POLYNOMIAL(ChebyshevPolynomialU, chebyshev_polynomial_u, "Chebyshev's polynomial of the second kind of degree n.", ChebyshevU)
STEEPEST_POLYNOMIAL(ChebyshevPolynomialV, chebyshev_polynomial_v, "Chebyshev's polynomial of the third kind of degree n.", ChebyshevV)
STEEPEST_POLYNOMIAL(ChebyshevPolynomialW, chebyshev_polynomial_w, "Chebyshev's polynomial of the fourth kind of degree n.", ChebyshevW)
STEEPEST_POLYNOMIAL(ShiftedT, shifted_chebyshev_polynomial_t, "chebyshev_polynomial_t() of 2 input - 1.", Shifted<ChebyshevT>)
STEEPEST_POLYNOMIAL(ShiftedU, shifted_chebyshev_polynomial_u, "chebyshev_polynomial_u() of 2 input - 1.", Shifted<ChebyshevU>)
STEEPEST_POLYNOMIAL(ShiftedV, shifted_chebyshev_polynomial_v, "chebyshev_polynomial_v() of 2 input - 1.", Shifted<ChebyshevV>)
STEEPEST_POLYNOMIAL(ShiftedW, shifted_chebyshev_polynomial_w, "chebyshev_polynomial_w() of 2 input - 1.", Shifted<ChebyshevW>)
STEEPEST_POLYNOMIAL(HermitePolynomialH, hermite_polynomial_h, "The physicists' Hermite polynomial of degree n, NaN above 512.", Hermite<true>)
STEEPEST_POLYNOMIAL(HermitePolynomialHe, hermite_polynomial_he, "The probabilists' Hermite polynomial of degree n, NaN above 512.", Hermite<false>)
STEEPEST_POLYNOMIAL(LaguerrePolynomialL, laguerre_polynomial_l, "Laguerre's polynomial of degree n.", Laguerre)
STEEPEST_POLYNOMIAL(LegendrePolynomialP, legendre_polynomial_p, "Legendre's polynomial of degree n.", Legendre)
#undef STEEPEST_POLYNOMIAL

using polynomial_records = Family<ChebyshevPolynomialT, ChebyshevPolynomialU, ChebyshevPolynomialV, ChebyshevPolynomialW, ShiftedT, ShiftedU, ShiftedV, ShiftedW,
                                  HermitePolynomialH, HermitePolynomialHe, LaguerrePolynomialL, LegendrePolynomialP>;

}  // namespace st
