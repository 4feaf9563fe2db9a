// What logarithms of floats to the bases 2 and 10 are made of.
#pragma once

namespace st::lane {
inline namespace STEEPEST_ISA {

// `scale` is 1 / log(base), `two` the logarithm of 2, of so few bits that its products with exponents are exact, each with what it lacks.
// The tables go with kFloatLogInverse: -log(inverse), more by log(2) in the second half, whose exponents are one less, in so few bits that
// sums with exponents are exact, and the rest; and the series of log(1 + r) beyond r.
struct FloatBase {
  float scale, scale_rest, two, two_rest;
  float series[5];
  float head[16], rest[16];
};
inline constexpr FloatBase kFloatBase2 = {
    0x1.715476p+0f, 0x1.4ae0cp-26f, 0x1p+0f, 0,
    {-0x1.715476p-1f, 0x1.ec7098p-2f, -0x1.71574ap-2f, 0x1.27be3ap-2f, -0x1.d74e4cp-3f},
    {0, 0x1.098p-3f, 0x1.abbp-3f, 0x1.249cp-2f, 0x1.6e8cp-2f, 0x1.b494p-2f, 0x1.f804p-2f, 0x1.1c28p-1f, 0x1.3afep-1f,
     0x1.584cp-1f, 0x1.746ap-1f, 0x1.8fcap-1f, 0x1.aa48p-1f, 0x1.c3c4p-1f, 0x1.dccap-1f, 0x1p+0f},
    {0, -0x1.c731ap-19f, 0x1.654f64p-18f, 0x1.a5627ap-19f, -0x1.ffbddep-18f, 0x1.d4e918p-18f, 0x1.5d1a1ap-19f,
     -0x1.f8c4f6p-18f, -0x1.80b578p-19f, -0x1.f5d83p-18f, -0x1.0ca63ap-20f, -0x1.b66ecap-18f, 0x1.59ae54p-20f,
     0x1.223778p-19f, -0x1.d01a7ep-18f, 0}};
inline constexpr FloatBase kFloatBase10 = {
    0x1.bcb7b2p-2f, -0x1.5b235ep-27f, 0x1.344p-2f, 0x1.3509f8p-18f,
    {-0x1.bcb7b2p-3f, 0x1.287a74p-3f, -0x1.bcbb1ap-4f, 0x1.641c32p-4f, -0x1.1bc12p-4f},
    {0, 0x1.3fbp-5f, 0x1.018p-4f, 0x1.6058p-4f, 0x1.b958p-4f, 0x1.06d8p-3f, 0x1.2f74p-3f, 0x1.5628p-3f, 0x1.7b48p-3f,
     0x1.9e9p-3f, 0x1.c06cp-3f, 0x1.e16p-3f, 0x1.00a4p-2f, 0x1.0ffcp-2f, 0x1.1f0cp-2f, 0x1.344p-2f},
    {0, -0x1.0733ap-22f, 0x1.9924ap-26f, -0x1.9422dp-21f, 0x1.b2a53cp-19f, 0x1.bc53c2p-19f, -0x1.fc6162p-20f,
     -0x1.5dbed8p-20f, 0x1.5ff1c6p-19f, 0x1.f47d2cp-19f, 0x1.1dd172p-18f, 0x1.ea93f4p-18f, 0x1.b4509ep-18f, 0x1.9cdd2ap-18f,
     0x1.b153acp-18f, 0x1.3509f8p-18f}};

}  // namespace STEEPEST_ISA
}  // namespace st::lane
