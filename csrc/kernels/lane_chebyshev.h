// Chebyshev series over lanes.
#pragma once

#include "lane_exp.h"
#include "lane_log.h"
#include "lane_scalar.h"
#include "lane_trig.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// The sum of c[k] T_k(t) for t in [-1, 1], by Clenshaw's recurrence.
template <int N>
STEEPEST_LANE D chebyshev(D t, const double (&c)[N]) {
  const D twice = t + t;
  D b1 = c[N - 1], b2 = 0;
  for (int k = N - 2; k >= 1; --k) {
    const D b0 = mul_add(twice, b1, c[k] - b2);
    b2 = b1;
    b1 = b0;
  }
  return mul_add(t, b1, c[0] - b2);
}

}  // namespace STEEPEST_ISA
}  // namespace st::lane
