// Chebyshev series over lanes.
#pragma once

#include "lane_exp.h"
#include "lane_log.h"
#include "lane_scalar.h"
#include "lane_trig.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// The sum of c[k] T_k(t) for t in [-1, 1], by Clenshaw's recurrence.
template <int N, int kTerms = N>
STEEPEST_LANE D chebyshev(D t, const double (&c)[N]) {
  const D twice = t + t;
  D b1 = c[kTerms - 1], b2 = 0;
  for (int k = kTerms - 2; k >= 1; --k) {
    const D b0 = mul_add(twice, b1, c[k] - b2);
    b2 = b1;
    b1 = b0;
  }
  return mul_add(t, b1, c[0] - b2);
}

// As many terms as floats need: coefficients fall off fast, so that what is left out is about the first of it.
template <int N>
constexpr int brief_terms(const double (&c)[N]) {
  int n = N;
  while (n > 2 && (c[n - 1] < 0 ? -c[n - 1] : c[n - 1]) < 1e-10) --n;
  return n;
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
