// Mersenne twister, uniforms and float normals in blocks, with the same bits on every instruction set.
#include "../random_block.h"

namespace st::STEEPEST_ISA {
namespace {

constexpr int kWords = 624;
constexpr int kMiddle = 397;

inline uint32_t twisted(uint32_t u, uint32_t v) {
  return ((u & 0x80000000U) | (v & 0x7fffffffU)) >> 1 ^ ((0U - (v & 1U)) & 0x9908b0dfU);
}

void twist(uint32_t* s) {
  constexpr int kHead = kWords - kMiddle;
  for (int i = 0; i < kHead; ++i) s[i] = s[i + kMiddle] ^ twisted(s[i], s[i + 1]);
  for (int i = kHead; i < kWords - 1; ++i) s[i] = s[i - kHead] ^ twisted(s[i], s[i + 1]);
  s[kWords - 1] = s[kMiddle - 1] ^ twisted(s[kWords - 1], s[0]);
}

void temper(const uint32_t* __restrict state, uint32_t* __restrict out, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    uint32_t y = state[i];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680U;
    y ^= y << 15 & 0xefc60000U;
    out[i] = y ^ y >> 18;
  }
}

// x * y + z rounded once. Without the instruction: the product of two floats is exact in double, and a double sum
// rounded to odd rounds to the right float (Boldo and Melquiond 2008).
inline float fused(float x, float y, float z) {
#if defined(__FMA__) || defined(__aarch64__)
  return __builtin_fmaf(x, y, z);
#else
  const double product = static_cast<double>(x) * y;
  const double addend = z;
  const double sum = product + addend;
  const double part = sum - product;
  const double lost = (product - (sum - part)) + (addend - part);
  const uint64_t bits = __builtin_bit_cast(uint64_t, sum);
  const uint64_t inexact = lost != 0 ? 1 : 0;
  const uint64_t above = (bits ^ __builtin_bit_cast(uint64_t, lost)) >> 63 & inexact;  // the sum exceeds the truth
  return static_cast<float>(__builtin_bit_cast(double, (bits - above) | inexact));
#endif
}

// Rounding can reach the excluded bound `to`; PyTorch then returns `from`.
void uniform_float(const uint32_t* __restrict words, float* __restrict out, int64_t n, float from, float to) {
  const float range = to - from;
  for (int64_t i = 0; i < n; ++i) {
    const float x = static_cast<float>(static_cast<int32_t>(words[i] & 0xffffffU)) * 0x1p-24F;
    const float y = fused(x, range, from);
    out[i] = y == to ? from : y;
  }
}

inline double unit_double(const uint32_t* pair) {
  const uint64_t bits = static_cast<uint64_t>(pair[0] & 0x1fffffU) << 32 | pair[1];
  return static_cast<double>(static_cast<int64_t>(bits)) * 0x1p-53;
}

void uniform_double(const uint32_t* __restrict words, double* __restrict out, int64_t n, double from, double to) {
  const double range = to - from;
  if (from == 0 || range == 1) {  // one rounding either way: spares older processors a library call
    for (int64_t i = 0; i < n; ++i) {
      const double y = unit_double(words + 2 * i) * range + from;
      out[i] = y == to ? from : y;
    }
  } else {
    for (int64_t i = 0; i < n; ++i) {
      const double y = __builtin_fma(unit_double(words + 2 * i), range, from);
      out[i] = y == to ? from : y;
    }
  }
}

// Natural logarithm of x in (0, 1], after Cephes logf: x = m 2^e with m in [sqrt(1/2), sqrt(2)), and a polynomial.
// The order of roundings is that of PyTorch's AVX2 build, whose compiler fused every product that is only added.
inline float log_unit(float x) {
  const int32_t bits = __builtin_bit_cast(int32_t, x);
  const float half = __builtin_bit_cast(float, (bits & 0x007fffff) | 0x3f000000);
  const bool small = half < 0.707106781186547524F;
  const float e = static_cast<float>((bits >> 23) - 126 - (small ? 1 : 0));
  const float r = (half - 1.0F) + (small ? half : 0.0F);
  const float z = r * r;
  float p = 7.0376836292e-2F;
  p = fused(p, r, -1.1514610310e-1F);
  p = fused(p, r, 1.1676998740e-1F);
  p = fused(p, r, -1.2420140846e-1F);
  p = fused(p, r, 1.4249322787e-1F);
  p = fused(p, r, -1.6668057665e-1F);
  p = fused(p, r, 2.0000714765e-1F);
  p = fused(p, r, -2.4999993993e-1F);
  p = fused(p, r, 3.3333331174e-1F);
  const float tail = fused(-z, 0.5F, fused(p * r, z, e * -2.12194440e-4F));
  return fused(e, 0.693359375F, r + tail);
}

// Sine and cosine of x in [0, 2 pi), after Cephes sinf: octant, three-part reduction by pi/4, two polynomials.
inline void sincos_turn(float x, float& sine, float& cosine) {
  const int32_t octant = (static_cast<int32_t>(x * 1.27323954473516F) + 1) & ~1;
  const float y = static_cast<float>(octant);
  float r = fused(y, -0.78515625F, x);
  r = fused(y, -2.4187564849853515625e-4F, r);
  r = fused(y, -3.77489497744594108e-8F, r);
  const float z = r * r;
  float c = fused(2.443315711809948e-5F, z, -1.388731625493765e-3F);
  c = fused(c, z, 4.166664568298827e-2F);
  c = fused(c * z, z, -(z * 0.5F)) + 1.0F;
  float s = fused(-1.9515295891e-4F, z, 8.3321608736e-3F);
  s = fused(s, z, -1.6666654611e-1F);
  s = fused(s * z, r, r);
  const bool swap = (octant & 2) != 0;
  const uint32_t sine_sign = static_cast<uint32_t>(octant & 4) << 29;
  const uint32_t cosine_sign = static_cast<uint32_t>(~(octant - 2) & 4) << 29;
  sine = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, swap ? c : s) ^ sine_sign);
  cosine = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, swap ? s : c) ^ cosine_sign);
}

void normal_float(float* uniforms, int64_t blocks, float mean, float std) {
  for (int64_t b = 0; b < blocks; ++b, uniforms += 16) {
    float* __restrict first = uniforms;
    float* __restrict second = uniforms + 8;
    for (int j = 0; j < 8; ++j) {
      const float radius = __builtin_sqrtf(-2.0F * log_unit(1.0F - first[j]));
      float sine, cosine;
      sincos_turn(6.283185307179586F * second[j], sine, cosine);
      first[j] = fused(radius * cosine, std, mean);
      second[j] = fused(radius * sine, std, mean);
    }
  }
}

}  // namespace

extern const RandomKernels kRandomKernels;
const RandomKernels kRandomKernels{twist, temper, uniform_float, uniform_double, normal_float};

}  // namespace st::STEEPEST_ISA
