// erf, erfc and erfinv.
#pragma once

#include "lane_log.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Interpolants: erf(x) / x in x^2 on |x| <= 1, and log(erfc(x)) on [1, 4], for floats; erf(x) / x - 1 in x^2 on |x| <= 1, and
// (1 + 2 x) e^(x^2) erfc(x) in (x - 4) / (x + 4) for 1/2 <= x <= 28 (the variable of Shepherd and Laframboise 1981), for doubles.
inline constexpr double kErfShort[] = {
    0x1.20dd750429b19p+0, -0x1.812746b0271ecp-2, 0x1.ce2f2197bc2efp-4, -0x1.b82ce15c3b7f8p-6,
    0x1.565ba0406c001p-8, -0x1.c0286cad68e02p-11, 0x1.f941bed7e7847p-14, -0x1.f0705a1dde9aap-17,
    0x1.9ae0986f9de4fp-20, -0x1.c1a515de8637ap-24};
inline constexpr double kLogErfcShort[] = {
    0x1.1bfca68df6a08p-13, -0x1.2114364eef73cp+0, -0x1.44c3c586aced7p-1, -0x1.b47e1b4902e77p-4,
    0x1.7c2390f75aa01p-6, -0x1.699c089633462p-9, -0x1.14c5e48888a2fp-12, 0x1.b90f4502ed171p-13,
    -0x1.a4eb9a0e1d1a4p-15, 0x1.c6394f7195895p-18, -0x1.1417f6835fa06p-21, 0x1.27a9054be6cb7p-26};
inline constexpr double kErfTail[] = {
    0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b30p-4, -0x1.b82ce31284e00p-6,
    0x1.565bcd0dbaa38p-8, -0x1.c02db3dac435fp-11, 0x1.f9a321d5b8e1ep-14, -0x1.f4d1e3183f7aep-17,
    0x1.b9df224ca4b97p-20, -0x1.5f1ecb6f0764cp-23, 0x1.f7b4bf3b13964p-27, -0x1.389d4f2641625p-30,
    0x1.05ffd737fb32ep-34};
inline constexpr double kErfTailRest = -0x1.cf08068852920p-57;
inline constexpr double kErfcScaled[] = {
    0x1.3ba5916e9fd7fp+0, -0x1.1df1ad154a28ep-3, 0x1.f7f5df66fd7afp-7, 0x1.16ecefcfa539ep-4,
    -0x1.9ddb23c3e906ep-4, 0x1.7fee004e123d8p-4, -0x1.0fb06dfe49e43p-4, 0x1.3079edf686180p-5,
    -0x1.09623884f6f33p-6, 0x1.49c6728507cedp-8, -0x1.8d4a99f8e1195p-11, -0x1.a1df24798004cp-13,
    0x1.3be03d6974a4ap-13, -0x1.9959675eea675p-16, -0x1.78845bcfdb3adp-17, 0x1.7f2a83b6f787fp-18,
    0x1.395e32dae2924p-22, -0x1.bb34490220bd6p-21, 0x1.4b57365b768b8p-24, 0x1.dad8579df16dep-24,
    -0x1.5313af02c6ce7p-26, -0x1.f93d763641f71p-27, 0x1.4b285becdf595p-29, 0x1.a258258de60bbp-30};
inline constexpr double kErfcScaledRest = -0x1.aa13ddc3d6c60p-55;

// erfc(x) for 1/2 <= x <= 28, beyond which it rounds to 0.
STEEPEST_LANE Pair erfc_far(D x) {
  const Pair below = fast_two_sum(2 * x, 1), p = two_product(x, x);
  const D t = quotient(x - 4, x + 4);
  const ExpArgument a = exp_argument(-p.hi);
  const Pair e = exp_pair(fast_two_sum(a.r.hi, a.r.lo - p.lo));
  const Pair q = divide(multiply(polynomial_pair(t, kErfcScaled, kErfcScaledRest), e), below);
  return {scale(q.hi, a.n.value), scale(q.lo, a.n.value)};
}
// erf(x) - x for |x| <= 1
STEEPEST_LANE Pair erf_excess(D x) {
  const Pair p = polynomial_pair(x * x, kErfTail, kErfTailRest), y = two_product(x, p.hi);
  return {y.hi, mul_add(x, p.lo, y.lo)};
}
#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE D erf_double(D x) { return erf_pieces(x); }
STEEPEST_LANE D erfc_double(D x) { return erfc_pieces(x); }
#else
STEEPEST_LANE D erf_double(D x) {
  const D a = abs(x);
  const Pair e = erf_excess(a), s = fast_two_sum(a, e.hi);
  D y = s.hi + (s.lo + e.lo);
  if (any(a >= 1)) {
    const Pair far = erfc_far(largest(1, least(28, a))), t = fast_two_sum(1, -far.hi);
    y = where(a < 1, y, t.hi + (t.lo - far.lo));
  }
  return where(isnan(x), x, copysign(y, x));
}
STEEPEST_LANE D erfc_double(D x) {
  const D a = abs(x);
  const Pair far = erfc_far(largest(0.5, least(28, a))), over = fast_two_sum(2, -far.hi);
  const Pair e = erf_excess(x), s = two_sum(1, -x), t = two_sum(s.hi, -e.hi);
  const D near = t.hi + (t.lo + (s.lo - e.lo));
  return where(x > -1, where(x < 0.5, near, far.hi + far.lo), where(x <= -1, over.hi + (over.lo - far.lo), x));
}
#endif
STEEPEST_LANE D erf_single(D x) {
  const D a = least(4, abs(x)), z = a * a;
  return copysign(where(a < 1, a * polynomial(z, kErfShort), 1 - exp_brief(polynomial(a, kLogErfcShort))), x);
}
STEEPEST_LANE_FUNCTION_FLOAT(erf)


// (Beyond 14 it is 0 for floats, and -x^2 is no argument of exp_brief.)
STEEPEST_LANE D erfc_single(D x) {
  const D a = abs(x), far = largest(0.5, least(14, a));
  const D tail = exp_brief(-(far * far)) * polynomial((far - 4) / (far + 4), kErfcScaled) / (2 * far + 1);
  return where(a < 0.5, 1 - x * polynomial(x * x, kErfShort), where(isnan(x), x, where(x < 0, 2 - tail, tail)));
}
#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE F erfc_float(F x) { return erfc_pieces(x); }
STEEPEST_LANE_FUNCTION_FLOAT(erfc)
#else
STEEPEST_LANE_FUNCTION(erfc)
#endif

// Interpolants of erfinv(x) / x, w = -log(1 - x^2): in w - 3.125 up to 6.25, and in sqrt(w) - 4.25 beyond (the variables of Giles 2010).
inline constexpr double kErfinvCentre[] = {
    0x1.a755e7c99ae86p+0, 0x1.ebd80d9b13dfap-3, -0x1.8b6c33114ea2fp-8, -0x1.84576948359ddp-11,
    0x1.879c2a20aeb2ep-13, -0x1.d1d1f7c9ffa6dp-17, -0x1.6e8a53c7ac2ffp-20, 0x1.c6b4f8868f532p-22,
    -0x1.f36ceed4416aep-26, -0x1.1a9eb00326b9bp-28, 0x1.20f544d62fff1p-30, -0x1.dc3f457145cd3p-35,
    -0x1.c8a6afa1550f4p-37, 0x1.7236b79e1d57ep-39, -0x1.6b86f85109f07p-44, -0x1.6877e8ae70f27p-45,
    0x1.d5e95ecc5f898p-48, -0x1.6b6b0fc6a580fp-55, -0x1.19ac650194dcap-53, 0x1.1e1f9ee618b29p-56,
    0x1.669b9213d3cdfp-61, -0x1.9a137911c05cfp-62, 0x1.79a647e43b44ep-66, 0x1.e2aa7ddd776b6p-69,
    -0x1.b2643e45e1856p-72};
inline constexpr double kErfinvCentreRest = -0x1.b3639c30931fcp-56;
inline constexpr double kErfinvTail[] = {
    0x1.05e6fd13251afp+2, 0x1.028defb613f8fp+0, 0x1.75afae951d022p-11, -0x1.3eb627bd511c2p-11,
    0x1.bcf78169e5884p-13, -0x1.0e322e32a2a9ap-14, 0x1.70c3ef5598cd3p-16, -0x1.562d499b3c55dp-17,
    0x1.85b80b9426cc9p-18, -0x1.aefd50707c08cp-19, 0x1.9004c6bb2035fp-20, -0x1.14a2fc74f66d5p-21,
    0x1.9099365a3b9b3p-24, 0x1.b86ebfa58bb6ap-26, -0x1.02b9a130fe398p-25, 0x1.ccce69a929b75p-27,
    -0x1.a81df10a3fabbp-29, -0x1.756926405b170p-33, 0x1.043a03dbdb071p-31, -0x1.b1f6b87bf5e76p-33,
    0x1.0408004fcf04dp-35, 0x1.c3e43c4ab7240p-38, -0x1.964c3ec722362p-39, 0x1.676ee3460817bp-41,
    -0x1.299cd22f09c3bp-41, 0x1.33366b9fda32bp-43, 0x1.feb832a9d9579p-45, -0x1.ab130bf3f4e7fp-46,
    -0x1.27acca00ba5a8p-50, 0x1.f7ca2ff1248bdp-51};
inline constexpr double kErfinvTailRest = -0x1.0b1e62723a5a3p-52;

STEEPEST_LANE D erfinv_edges(D x, D y) {
  return copysign(where(abs(x) < 1, y, where(abs(x) == 1, __builtin_inf(), D(__builtin_nan("")))), x);
}
STEEPEST_LANE D erfinv_double(D x) {
  const Pair square = two_product(x, x), rest = two_sum(1, -square.hi);
  const Pair l = log_pair({rest.hi, rest.lo - square.lo}), w = fast_two_sum(l.hi, l.lo);
  const Mask<double> far = w.hi < -6.25;
  Pair p = polynomial_pair((-3.125 - w.hi) - w.lo, kErfinvCentre, kErfinvCentreRest);
  if (any(far)) {
    const Pair root = sqrt_pair({-w.hi, -w.lo});
    const Pair q = polynomial_pair((root.hi - 4.25) + root.lo, kErfinvTail, kErfinvTailRest);
    p = {where(far, q.hi, p.hi), where(far, q.lo, p.lo)};
  }
  const Pair y = two_product(x, p.hi);
  return erfinv_edges(x, y.hi + mul_add(x, p.lo, y.lo));
}
STEEPEST_LANE D erfinv_single(D x) {
  const D w = -log_brief((1 - x) * (1 + x));
  D p = polynomial(w - 3.125, kErfinvCentre);
  if (any(w > 6.25)) p = where(w > 6.25, polynomial(sqrt(w) - 4.25, kErfinvTail), p);
  return erfinv_edges(x, x * p);
}
STEEPEST_LANE_FUNCTION(erfinv)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
