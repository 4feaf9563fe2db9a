// Bessel functions, modified and not, Airy's function, and the normal distribution.
#pragma once
#include "kernels/lane_airy.h"
#include "kernels/lane_bessel.h"
#include "kernels/lane_bessel_modified.h"
#include "ops/elementwise/special.h"

namespace st {

struct I1;
struct I0 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "i0(Tensor input) -> Tensor", .doc = "The modified Bessel function of the first kind of order 0.",
                               .kind = Kind::Float, .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static auto fwd(auto x) { return lane::i0(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * Fn<I1>{}(x); }
};
struct I1 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_i1(Tensor input) -> Tensor", .doc = "The modified Bessel function of the first kind of order 1.",
                               .kind = Kind::Float, .saves = {X0 | Y}, .where = kSpecial};
  static auto fwd(auto x) { return lane::i1(x); }
  template <int I> static auto vjp(auto g, auto x, auto y) { return g * where(x == 0.0, 0.5, Fn<I0>{}(x) - y / where(x == 0.0, 1.0, x)); }
};
struct I1e;
struct I0e : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_i0e(Tensor input) -> Tensor", .doc = "exp(-|input|) i0(input).",
                               .kind = Kind::Float, .saves = {X0 | Y}, .where = kSpecial, .grad_name = "SpecialI0EBackward0"};
  static auto fwd(auto x) { return lane::i0e(x); }
  template <int I> static auto vjp(auto g, auto x, auto y) { return g * (Fn<I1e>{}(x) - sign(x) * y); }
};
struct I1e : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_i1e(Tensor input) -> Tensor", .doc = "exp(-|input|) i1(input).",
                               .kind = Kind::Float, .saves = {X0 | Y}, .where = kSpecial, .grad_name = "SpecialI1EBackward0"};
  static auto fwd(auto x) { return lane::i1e(x); }
  template <int I> static auto vjp(auto g, auto x, auto y) {
    return g * where(x == 0.0, 0.5, Fn<I0e>{}(x) - y * (sign(x) + 1.0 / where(x == 0.0, 1.0, x)));
  }
};

#define STEEPEST_BESSEL(Name, name, text)                                                                                               \
  struct Name : Elementwise<1> {                                                                                                        \
    static constexpr OpInfo info{.sig = "special_" #name "(Tensor input) -> Tensor", .doc = text, .kind = Kind::Float, .grads = 0, .where = kSpecial}; \
    static auto fwd(auto x) { return lane::name(x); }                                                                                   \
  };
STEEPEST_BESSEL(BesselJ0, bessel_j0, "The Bessel function of the first kind of order 0; without a derivative, as in PyTorch.")
STEEPEST_BESSEL(BesselJ1, bessel_j1, "The Bessel function of the first kind of order 1; without a derivative, as in PyTorch.")
STEEPEST_BESSEL(BesselY0, bessel_y0, "The Bessel function of the second kind of order 0, NaN below 0; without a derivative, as in PyTorch.")
STEEPEST_BESSEL(BesselY1, bessel_y1, "The Bessel function of the second kind of order 1, NaN below 0; without a derivative, as in PyTorch.")
STEEPEST_BESSEL(ModifiedBesselK0, modified_bessel_k0, "The modified Bessel function of the second kind of order 0; without a derivative.")
STEEPEST_BESSEL(ModifiedBesselK1, modified_bessel_k1, "The modified Bessel function of the second kind of order 1; without a derivative.")
STEEPEST_BESSEL(ScaledModifiedBesselK0, scaled_modified_bessel_k0, "exp(input) modified_bessel_k0(input); without a derivative.")
STEEPEST_BESSEL(ScaledModifiedBesselK1, scaled_modified_bessel_k1, "exp(input) modified_bessel_k1(input); without a derivative.")
STEEPEST_BESSEL(SphericalBesselJ0, spherical_bessel_j0, "The spherical Bessel function of order 0, sin(input) / input; without a derivative.")
STEEPEST_BESSEL(AiryAi, airy_ai, "Airy's function Ai; without a derivative, as in PyTorch.")
#undef STEEPEST_BESSEL
struct ModifiedBesselI0 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_modified_bessel_i0(Tensor input) -> Tensor", .doc = "i0() without a derivative.",
                               .kind = Kind::Float, .grads = 0, .where = kSpecial};
  static auto fwd(auto x) { return lane::i0(x); }
};
struct ModifiedBesselI1 : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_modified_bessel_i1(Tensor input) -> Tensor", .doc = "i1() without a derivative.",
                               .kind = Kind::Float, .grads = 0, .where = kSpecial};
  static auto fwd(auto x) { return lane::i1(x); }
};

struct Erfcx : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_erfcx(Tensor input) -> Tensor", .doc = "exp(input^2) erfc(input), without overflow.",
                               .kind = Kind::Float, .saves = {X0 | Y}, .where = kSpecial};
  static auto fwd(auto x) { return lane::erfcx(x); }
  template <int I> static auto vjp(auto g, auto x, auto y) { return g * (2.0 * x * y - 1.12837916709551257390); }
};
struct Ndtr : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_ndtr(Tensor input) -> Tensor", .doc = "The distribution function of the standard normal distribution.",
                               .kind = Kind::Float, .saves = {X0}, .where = kSpecial, .grad_name = "MulBackward1"};
  static auto fwd(auto x) { return lane::erfc(x * -0.70710678118654752440) * 0.5; }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * exp(x * x * -0.5) * 0.39894228040143267794; }
};
struct LogNdtr : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_log_ndtr(Tensor input) -> Tensor", .doc = "Logarithm of ndtr(), also where that vanishes.",
                               .kind = Kind::Float, .saves = {X0}, .where = kSpecial};
  static auto fwd(auto x) { return lane::log_ndtr(x); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g / Fn<Erfcx>{}(x * -0.70710678118654752440) * 0.79788456080286535588; }
};
struct Ndtri : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_ndtri(Tensor input) -> Tensor", .doc = "The inverse of ndtr(); NaN outside [0, 1].",
                               .kind = Kind::Float, .saves = {Y}, .where = kSpecial};
  static auto fwd(auto p) { return lane::ndtri(p); }
  template <int I> static auto vjp(auto g, auto, auto y) { return g * exp(y * y * 0.5) * 2.50662827463100050242; }
};
struct Entr : Elementwise<1> {
  static constexpr OpInfo info{.sig = "special_entr(Tensor input) -> Tensor", .doc = "-input log(input), 0 at 0 and -inf below.",
                               .kind = Kind::Float, .saves = {X0}, .where = kSpecial};
  static auto fwd(auto x) { return lane::where(x != x, x, lane::where(x > 0.0, -x * lane::log(x), lane::where(x == 0.0, 0.0, -__builtin_inf()))); }
  template <int I> static auto vjp(auto g, auto x, auto) { return g * (-log(x) - 1.0); }
};

using bessel_records = Family<I0, I1, I0e, I1e, BesselJ0, BesselJ1, BesselY0, BesselY1, ModifiedBesselI0, ModifiedBesselI1, ModifiedBesselK0, ModifiedBesselK1,
                              ScaledModifiedBesselK0, ScaledModifiedBesselK1, SphericalBesselJ0, AiryAi, Erfcx, Ndtr, LogNdtr, Ndtri, Entr>;

}  // namespace st
