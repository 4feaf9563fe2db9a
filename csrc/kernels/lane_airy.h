// Airy's function Ai, and functions of the normal distribution: erfcx, ndtri and the logarithm of ndtr.
#pragma once

#include "lane_chebyshev.h"
#include "lane_special.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Chebyshev coefficients, computed to 40 digits: of Ai on [-5, 2]; of 2 sqrt(pi) x^(1/4) exp(z) Ai(x) in 1 / z beyond 2, where
// z = 2/3 x^(3/2); and in 1 / z^2 below -5, of P and Q z in the form of Abramowitz and Stegun 10.4.60, z taken of -x.
inline constexpr double kAiryNear[] = {
    0.15168947628223672, -0.005228692408472365, -0.007183007563342123, -0.2750085825170078, 0.15267285652736612,
    0.11299722901833571, -0.12930163519980795, 0.021717950423082666, 0.024911850702736413, -0.01433585742189573,
    0.000696689451639598, 0.001974398933529019, -0.0007230393972252199, -1.6112414526177467e-05, 8.133273673249939e-05,
    -2.0775365813975462e-05, -1.6054762687164758e-06, 2.0560158255601387e-06, -3.825520517284178e-07, -4.913870596184178e-08,
    3.514168642051892e-08, -4.846385010860496e-09, -8.897812059422213e-10, 4.329786248648808e-10, -4.414745597439301e-11,
    -1.1096862995764342e-11, 4.024832028797832e-12, -2.9609936249846454e-13, -1.0257635127287476e-13, 2.920579876829024e-14,
    -1.4619955511486232e-15, -7.35505053091767e-16, 1.6986548408182807e-16, -5.0563208224652944e-18, -4.2234448483626644e-18};
inline constexpr double kAiryFar[] = {
    0.9844053049171552, -0.014792784850104199, 0.0007327177465426715, -6.12595423417825e-05, 6.83476697557269e-06,
    -9.237229735403982e-07, 1.436225340438052e-07, -2.489319422322096e-08, 4.709793440054328e-09, -9.583863708112733e-10,
    2.0745855483677591e-10, -4.737267332192277e-11, 1.1336099808224236e-11, -2.827706782319351e-12, 7.320712095125598e-13,
    -1.9599793911089723e-13, 5.4101162570683925e-14, -1.5356466802223836e-14, 4.472340393300025e-15, -1.3338094674756683e-15,
    4.066582046456231e-16, -1.265583225645289e-16, 4.015126334015871e-17};
inline constexpr double kAiryP[] = {
    0.9996723415461005, -0.0003255483561055322, 2.069745155969119e-06, -3.890961736474424e-08, 1.3645959446950337e-09,
    -7.265563438866682e-11, 5.234675629062907e-12, -4.749669415821452e-13, 5.172156139604189e-14, -6.533725295545284e-15,
    9.33927407277721e-16, -1.4823330512580455e-16, 2.5745988399644002e-17};
inline constexpr double kAiryQ[] = {
    0.009272787915716868, -4.36175518450266e-05, 5.29408468379181e-07, -1.434118865710255e-08, 6.440324847796898e-10,
    -4.1176387496476087e-11, 3.4235445378828598e-12, -3.490421701751702e-13, 4.190838856265692e-14, -5.756075237141602e-15,
    8.850415992299218e-16, -1.4983889943593537e-16, 2.7572529590754257e-17, -5.457802245876769e-18, 1.1523597740972649e-18,
    -2.5773171990728105e-19};

inline constexpr double kAiryZ2 = 1.8856180831641267317, kAiryZ5 = 7.4535599249992989880;

STEEPEST_LANE D airy_ai_double(D x) {
  D y = chebyshev((largest(-5, least(2, x)) + 1.5) / 3.5, kAiryNear);
  if (any(x > 2)) {
    const D high = largest(2, x), root = sqrt(high), z = high * root * (2.0 / 3);
    y = where(x > 2, chebyshev(2 * kAiryZ2 / z - 1, kAiryFar) * exp(-z) / (3.5449077018110320546 * sqrt(root)), y);
  }
  if (any(x < -5)) {
    const D low = largest(5, -x), root = sqrt(low), z = low * root * (2.0 / 3), u = kAiryZ5 / z, t = u * u * 2 - 1, s = sin(z), c = cos(z);
    const D wave = chebyshev(t, kAiryP) * (c + s) + chebyshev(t, kAiryQ) * u * (s - c);  // at z - pi / 4, times sqrt(2)
    y = where(x < -5, wave * 0.39894228040143267794 / sqrt(root), y);
  }
  return where(abs(x) < __builtin_inf(), y, D(__builtin_nan("")));
}
STEEPEST_LANE D airy_ai_single(D x) { return airy_ai_double(x); }
STEEPEST_LANE_FUNCTION(airy_ai)

// exp(x^2) erfc(x): beyond 28 by the first terms of its continued fraction.
STEEPEST_LANE D erfcx_double(D x) {
  const D low = least(0.5, x), middle = largest(0.5, least(28, x)), high = largest(28, x);
  D y = polynomial((middle - 4) / (middle + 4), kErfcScaled) / (2 * middle + 1);
  if (any(x < 0.5)) {
    const D square = low * low, rest = mul_add(low, low, -square), e = exp(square);
    y = where(x < 0.5, (e + e * rest) * erfc(low), y);
    y = where(square > 709, __builtin_inf(), y);
  }
  const D tail = high + 0.5 / (high + 1 / (high + 1.5 / (high + 2 / (high + 2.5 / high))));
  return where(isnan(x), x, where(x <= 28, y, 0.56418958354775628695 / tail));
}
STEEPEST_LANE D erfcx_single(D x) { return erfcx_double(x); }
STEEPEST_LANE_FUNCTION(erfcx)

// log of the normal distribution function: below -1 through erfcx, where the function itself vanishes.
STEEPEST_LANE D log_ndtr_double(D x) {
  const D t = x * 0.70710678118654752440;
  const D low = log(0.5 * erfcx_double(-least(-0.70710678118654752440, t))) - t * t;
  return where(x < -1, low, log1p(-0.5 * erfc(t)));
}
STEEPEST_LANE D log_ndtr_single(D x) { return log_ndtr_double(x); }
STEEPEST_LANE_FUNCTION(log_ndtr)

// The inverse of the normal distribution function: in the middle through erfinv; else from Abramowitz and Stegun 26.2.23, which is right
// to 4.5e-4, by two steps of Halley's method, which each triple the digits.
template <int kSteps, class Erfc, class Exp>
STEEPEST_LANE D ndtri_of(D p, D middle, Erfc erfc_of, Exp exp_of) {
  const D tail = where(p > 0.5, 1 - p, p);
  if (!any(tail < 0.125)) return where((p > 0) & (p < 1), middle, D(__builtin_nan("")));
  const D q = where(tail > 0, least(0.125, tail), 0.125), t = sqrt(-2 * log(q));
  D x = t - near_quotient(2.515517 + t * (0.802853 + t * 0.010328), 1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int step = 0; step < kSteps; ++step) {
    const D h = exp_of(x * x * 0.25), u = (q - 0.5 * erfc_of(x * 0.70710678118654752440)) * 2.50662827463100050242 * h * h;
    x = x - near_quotient(u, 1 + 0.5 * x * u);
  }
  const D ends = where(p == 0, -__builtin_inf(), where(p == 1, __builtin_inf(), D(__builtin_nan(""))));
  return where(tail >= 0.125, middle, where(tail > 0, where(p > 0.5, x, -x), ends));
}
inline constexpr double kRootOf2 = 1.41421356237309504880;
STEEPEST_LANE D between(D p) { return largest(-0.75, least(0.75, 2 * p - 1)); }
STEEPEST_LANE D ndtri_double(D p) {
  return ndtri_of<2>(p, kRootOf2 * erfinv_double(between(p)), [](D x) { return erfc_double(x); }, [](D x) { return exp(x); });
}
// (Floats are no smaller than 1e-45, where one step leaves 1e-10.)
STEEPEST_LANE D ndtri_single(D p) {
  return ndtri_of<1>(p, kRootOf2 * erfinv_single(between(p)), [](D x) { return erfc_single(x); }, [](D x) { return exp_brief(x); });
}
STEEPEST_LANE_FUNCTION(ndtri)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
