// Bessel functions of orders 0 and 1: J and Y, and the spherical j0.
#pragma once

#include "lane_chebyshev.h"

namespace st::lane {
inline namespace STEEPEST_ISA {

// Chebyshev coefficients in x^2 on [0, 64], computed to 40 digits: of J0, J1 / x, and of what Y0 and Y1 / x are beside their logarithms
// (and Y1's pole); and in 64 / x^2 on [0, 1], of P and Q x / 8 in Hankel's form (Abramowitz and Stegun 9.2.5, 9.2.6).
inline constexpr double kJ0Near[] = {
    0.15772797147489012, -0.008723442352852221, 0.2651786132033368, -0.37009499387264977, 0.15806710233209725,
    -0.034893769411408884, 0.004819180069467605, -0.00046062616620627504, 3.246032882100508e-05, -1.7619469077621507e-06,
    7.608163592418782e-08, -2.679253530557673e-09, 7.848696314479465e-11, -1.9438346867370164e-12, 4.125320595634374e-14,
    -7.588508125447546e-16, 1.2218515873961411e-17};
inline constexpr double kJ1Near[] = {
    0.08104484632565812, -0.1489751450676521, 0.1609992623572097, -0.08268049176681791, 0.022213639654966037,
    -0.003646940600769276, 0.0004050337728354822, -3.255554866857259e-05, 1.9858774049915165e-06, -9.521984756750436e-08,
    3.687133759097148e-09, -1.178026622695885e-10, 3.160154580348003e-12, -7.221755239651773e-14, 1.4232144003513942e-15,
    -2.4441972916190464e-17};
inline constexpr double kY0Near[] = {
    0.03645469809116044, -0.2783237094075825, 0.2960499990207148, 0.09825508408187864, -0.10755155280627783, 0.031799074084414514,
    -0.005161397105810715, 0.0005498525320039012, -4.1996983149420134e-05, 2.4290361107923793e-06, -1.1049969793472957e-07,
    4.06651736597911e-09, -1.2374148898289854e-10, 3.1685725528945945e-12, -6.926956032431002e-14, 1.3086308625876684e-15,
    -2.1586201986914482e-17};
inline constexpr double kY1Near[] = {
    0.038300769852423776, -0.08182561412732826, -0.0248677076121964, 0.047967452752746984, -0.01852588451089802,
    0.003680607687823511, -0.0004627254060293369, 4.06940026958087e-05, -2.6617695125295625e-06, 1.350602691325434e-07,
    -5.483524110336276e-09, 1.8245086841229007e-10, -5.070666636591129e-12, 1.1956162517587948e-13, -2.423162442712473e-15,
    4.268126513072962e-17};
inline constexpr double kP0[] = {
    0.9994603493475187, -0.0005365220468132117, 3.0751847875194745e-06, -5.1705945376060975e-08, 1.6306464635151382e-09,
    -7.86409137723707e-11, 5.168262387349193e-12, -4.3045788699253914e-13, 4.3265957431549404e-14, -5.069034095935236e-15,
    6.748072215733873e-16, -1.0011513723467786e-16, 1.6305919233744186e-17};
inline constexpr double kQ0[] = {
    -0.015555854605337009, 6.838519942611649e-05, -7.414498411060647e-07, 1.7972457247968992e-08, -7.27191593686632e-10,
    4.2201219046687385e-11, -3.206747420996635e-12, 3.006145125351706e-13, -3.336328185322427e-14, 4.255225040245461e-15,
    -6.09993013164005e-16, 9.662128970303257e-17, -1.6686065214378146e-17, 3.1082440486738143e-18, -6.191115787358145e-19};
inline constexpr double kP1[] = {
    1.0009030408600137, 0.0008989898330859408, -3.987284300488908e-06, 6.177633960644299e-08, -1.8718907491063067e-09,
    8.816898659582339e-11, -5.704863640395645e-12, 4.699195515230542e-13, -4.6842237839904895e-14, 5.452674896044717e-15,
    -7.221180842274018e-16, 1.0667689114335412e-16, -1.7312313216116335e-17};
inline constexpr double kQ1[] = {
    0.04677778706953532, -9.62772354915708e-05, 9.138615257955454e-07, -2.0959781384083424e-08, 8.229193327650554e-10,
    -4.686363688176945e-11, 3.5152187949686082e-12, -3.2643156743279e-13, 3.5967765829165294e-14, -4.5612523950772974e-15,
    6.508282957783384e-16, -1.0269147531823243e-16, 1.767635548776479e-17, -3.2834519872981614e-18, 6.524081149589261e-19};

inline constexpr double kLogFactor = 0.63661977236758134308;

// With chi = x - pi / 4 or x - 3 pi / 4, sqrt(2 / (pi x)) times P cos(chi) - Q sin(chi) is J, P sin(chi) + Q cos(chi) is Y.
struct Hankel {
  D p, q, cosine, sine;
};
STEEPEST_LANE Hankel hankel(D x, int order) {
  const D u = 8 / x, t = u * u * 2 - 1, scaled = sqrt(1 / (3.14159265358979323846 * x)), s = sin(x), c = cos(x);
  if (order == 0) return {chebyshev(t, kP0) * scaled, chebyshev(t, kQ0) * u * scaled, c + s, s - c};
  return {chebyshev(t, kP1) * scaled, chebyshev(t, kQ1) * u * scaled, s - c, -s - c};
}

STEEPEST_LANE D j0_near(D x) { return chebyshev(x * x * 0x1p-5 - 1, kJ0Near); }
STEEPEST_LANE D j1_near(D x) { return x * chebyshev(x * x * 0x1p-5 - 1, kJ1Near); }

STEEPEST_LANE D bessel_j0_double(D x) {
  const D a = abs(x), near = j0_near(least(8, a));
  if (!any(a > 8)) return where(isnan(x), x, near);
  const Hankel h = hankel(largest(8, a), 0);
  return where(a <= 8, near, h.p * h.cosine - h.q * h.sine);
}
STEEPEST_LANE D bessel_j1_double(D x) {
  const D a = abs(x), near = j1_near(least(8, a));
  if (!any(a > 8)) return where(isnan(x), x, copysign(D(1), x) * near);
  const Hankel h = hankel(largest(8, a), 1);
  return copysign(D(1), x) * where(a <= 8, near, h.p * h.cosine - h.q * h.sine);
}
STEEPEST_LANE D bessel_y_domain(D x, D y) { return where(x > 0, y, where(x == 0, -__builtin_inf(), D(__builtin_nan("")))); }
STEEPEST_LANE D bessel_y0_double(D x) {
  const D low = least(8, x);
  D y = mul_add(kLogFactor * log(low * 0.5), j0_near(low), chebyshev(low * low * 0x1p-5 - 1, kY0Near));
  if (any(x > 8)) {
    const Hankel h = hankel(largest(8, x), 0);
    y = where(x <= 8, y, h.p * h.sine + h.q * h.cosine);
  }
  return bessel_y_domain(x, y);
}
STEEPEST_LANE D bessel_y1_double(D x) {
  const D low = least(8, x);
  D y = mul_add(kLogFactor * log(low * 0.5), j1_near(low), low * chebyshev(low * low * 0x1p-5 - 1, kY1Near)) - kLogFactor / low;
  if (any(x > 8)) {
    const Hankel h = hankel(largest(8, x), 1);
    y = where(x <= 8, y, h.p * h.sine + h.q * h.cosine);
  }
  return bessel_y_domain(x, y);
}
// sin(x) / x, and 0 at infinity.
STEEPEST_LANE D spherical_bessel_j0_double(D x) { return where(abs(x) == __builtin_inf(), 0, where(x == 0, 1, sin(x) / x)); }

STEEPEST_LANE D bessel_j0_single(D x) { return bessel_j0_double(x); }
STEEPEST_LANE D bessel_j1_single(D x) { return bessel_j1_double(x); }
STEEPEST_LANE D bessel_y0_single(D x) { return bessel_y0_double(x); }
STEEPEST_LANE D bessel_y1_single(D x) { return bessel_y1_double(x); }
STEEPEST_LANE D spherical_bessel_j0_single(D x) { return spherical_bessel_j0_double(x); }
STEEPEST_LANE_FUNCTION(bessel_j0)
STEEPEST_LANE_FUNCTION(bessel_j1)
STEEPEST_LANE_FUNCTION(bessel_y0)
STEEPEST_LANE_FUNCTION(bessel_y1)
STEEPEST_LANE_FUNCTION(spherical_bessel_j0)

}  // namespace STEEPEST_ISA
}  // namespace st::lane
