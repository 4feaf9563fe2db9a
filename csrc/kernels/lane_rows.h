// Rows of numbers in registers: their largest, sums in a fixed order, and an exponential for values that are divided by their sum.
#pragma once

#include "kernels/lane_part.h"

namespace st::STEEPEST_ISA {
namespace {

// Sums have the same order, PyTorch's with AVX-512, on every instruction set: this many lanes, whatever registers hold them; joined
// half to half, or one after the other where a row is shorter.
template <class T>
constexpr int kSumLanes = 64 / static_cast<int>(sizeof(T));
template <class T>
constexpr int kSums = kSumLanes<T> / kWidth<T>;

// e^x as 2^power (1 + rest) for |x| of at most 104; the polynomial interpolates (e^r - 1 - r) / r^2 on |r| <= log(2) / 2.
struct Split {
  Simd<float> rest;
  Simd<float>::Int power;
  STEEPEST_LANE explicit Split(Simd<float> x) {
    using F = Simd<float>;
    const F shifted = lane::mul_add(x, 0x1.715476p+0f, 0x1.8p23f), n = shifted - 0x1.8p23f;
    const F r = lane::mul_add(n, -0x1.7f7d1cp-20f, lane::mul_add(n, -0x1.62e400p-1f, x));
    F q(0x1.a151bcp-13f);
    q = lane::mul_add(q, r, 0x1.6d4366p-10f);
    q = lane::mul_add(q, r, 0x1.1110c6p-7f);
    q = lane::mul_add(q, r, 0x1.5554e8p-5f);
    q = lane::mul_add(q, r, 0x1.555556p-3f);
    q = lane::mul_add(q, r, 0.5f);
    rest = lane::mul_add(r * r, q, r);
    power = lane::bits(shifted) - 0x4b400000;
  }
};
// Normal numbers only.
STEEPEST_LANE Simd<float> two_to(Simd<float>::Int power) { return lane::from_bits<float>((power + 127) << 23); }

// e^x for x <= 0 to an ulp, in a third of lane::exp's time: values that are divided by their sum need no more. The power of two
// comes in halves, as the result may be below the normal range. What would be 0 after rounding is 0 without a product: processors
// take a hundred cycles for one that underflows, and masks make many.
STEEPEST_LANE Simd<float> decay(Simd<float> x) {
  const lane::Mask<float> none = x < -104;
  const Split e(lane::where(none, 0, x));
  const Simd<float>::Int half = e.power >> 1;
  return lane::where(none, 0, (e.rest + 1) * two_to(half) * two_to(e.power - half));
}
STEEPEST_LANE Simd<double> decay(Simd<double> x) { return lane::exp(x); }

template <class T>
STEEPEST_LANE T largest(const T* x, int64_t n) {
  constexpr int kStep = kWidth<T>, kChains = 4;  // chains hide the latency
  if (n < kStep) {
    T best = x[0];
    for (int64_t i = 1; i < n; ++i) best = lane::maximum(best, x[i]);
    return best;
  }
  // What is left over is read together with what came before: seeing an element twice changes nothing.
  Simd<T> lanes[kChains];
  lanes[0] = lanes[1] = lanes[2] = lanes[3] = lane::load(x + n - kStep);
  int64_t i = 0;
  for (; i + kChains * kStep <= n; i += kChains * kStep) {
#pragma GCC unroll 4
    for (int k = 0; k < kChains; ++k) lanes[k] = lane::maximum(lanes[k], lane::load(x + i + k * kStep));
  }
  for (; i + kStep <= n; i += kStep) lanes[0] = lane::maximum(lanes[0], lane::load(x + i));
  return largest_lane(lane::maximum(lane::maximum(lanes[0], lanes[1]), lane::maximum(lanes[2], lanes[3])));
}

// Sum over i of term(i, lanes): `term` gives a register of terms from element i on, of which `count` exist, the rest being zero.
// kOneByOne: short rows in PyTorch's order, too.
template <class T, bool kOneByOne = true, class Term>
STEEPEST_LANE T sum_of(int64_t n, Term term) {
  Simd<T> sum[kSums<T>];
#pragma GCC unroll 4
  for (int r = 0; r < kSums<T>; ++r) sum[r] = Simd<T>(0);
  int64_t i = 0;
  for (; i + kSumLanes<T> <= n; i += kSumLanes<T>) {
#pragma GCC unroll 4
    for (int r = 0; r < kSums<T>; ++r) sum[r] += term(i + r * kWidth<T>, kWidth<T>);
  }
#pragma GCC unroll 4
  for (int r = 0; r < kSums<T>; ++r) {
    const int64_t left = n - i - r * kWidth<T>;
    if (left > 0) sum[r] += term(i + r * kWidth<T>, left < kWidth<T> ? static_cast<int>(left) : kWidth<T>);
  }
  if (kOneByOne && n < kSumLanes<T>) {
    T lanes[kSumLanes<T>];
#pragma GCC unroll 4
    for (int r = 0; r < kSums<T>; ++r) lane::store(lanes + r * kWidth<T>, sum[r]);
    for (int k = 1; k < n; ++k) lanes[0] += lanes[k];
    return lanes[0];
  }
#pragma GCC unroll 4
  for (int half = kSums<T> / 2; half > 0; half /= 2) {
#pragma GCC unroll 4
    for (int r = 0; r < half; ++r) sum[r] += sum[r + half];
  }
  return sum_lanes(sum[0]);
}

}  // namespace
}  // namespace st::STEEPEST_ISA
