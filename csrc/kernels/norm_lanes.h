// Sums over strips of memory for the normalisations; seen by units of one instruction set only.
#pragma once
#include "kernels/lane_part.h"
#include "kernels/norm_table.h"

namespace st::STEEPEST_ISA {
namespace {

constexpr int kAccumulators = 4;
// Elements whose sum is kept in T; sums of those are kept in double. They fit L1, so that the second look at them is cheap.
constexpr int64_t kChunk = 4096;

// Independent sums hide the latency of the additions.
template <class T>
struct Sum {
  Simd<T> part[kAccumulators];
  STEEPEST_LANE Sum() {
#pragma GCC unroll 4
    for (int k = 0; k < kAccumulators; ++k) part[k] = Simd<T>(0);
  }
  STEEPEST_LANE T total() const { return sum_lanes((part[0] + part[1]) + (part[2] + part[3])); }
};

// f(k, at, count): `count` elements from `at` on belong to accumulator k.
template <class T, class F>
STEEPEST_LANE void sweep(int64_t n, F f) {
  constexpr int64_t kStep = kWidth<T> * kAccumulators;
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) {
#pragma GCC unroll 4
    for (int k = 0; k < kAccumulators; ++k) f(k, i + k * kWidth<T>, kWidth<T>);
  }
  for (; i + kWidth<T> <= n; i += kWidth<T>) f(0, i, kWidth<T>);
  if (i < n) f(1, i, static_cast<int>(n - i));
}
template <class T, class F>
STEEPEST_LANE void sweep(const Strip& s, F f) {
  for (int64_t r = 0; r < s.count; ++r) {
    sweep<T>(s.n, [&](int k, int64_t i, int count) __attribute__((always_inline)) { f(k, r * s.stride + i, count); });
  }
}

// f(offset, part) for parts of at most kChunk elements.
template <class F>
STEEPEST_LANE void for_chunks(const Strip& s, F f) {
  if (s.n > kChunk) {
    for (int64_t r = 0; r < s.count; ++r)
      for (int64_t i = 0; i < s.n; i += kChunk) f(r * s.stride + i, Strip{i + kChunk < s.n ? kChunk : s.n - i, 1, 0});
  } else if (s.n > 0) {
    const int64_t runs = kChunk / s.n;
    for (int64_t r = 0; r < s.count; r += runs) f(r * s.stride, Strip{s.n, r + runs < s.count ? runs : s.count - r, s.stride});
  }
}

struct Moments2 {
  double mean = 0, squares = 0;  // sum of squared distances from the mean
  int64_t n = 0;
  // Chan, Golub and LeVeque 1983, "Algorithms for computing the sample variance".
  STEEPEST_LANE void add(double other_mean, double other_squares, int64_t count) {
    const double total = static_cast<double>(n + count), step = other_mean - mean;
    squares += other_squares + step * step * (static_cast<double>(n) * static_cast<double>(count) / total);
    mean += step * (static_cast<double>(count) / total);
    n += count;
  }
};

// In two looks at each chunk; the second corrects the mean of the first for its rounding.
template <class T>
STEEPEST_LANE Moments2 moments(const Strip& strip, const T* x) {
  Moments2 all;
  for_chunks(strip, [&](int64_t at, const Strip& part) __attribute__((always_inline)) {
    const double n = static_cast<double>(part.n * part.count);
    Sum<T> sum, first, second;
    sweep<T>(part, [&](int k, int64_t i, int count) __attribute__((always_inline)) { sum.part[k] += get(x + at + i, count); });
    const T near = static_cast<T>(static_cast<double>(sum.total()) / n);
    sweep<T>(part, [&](int k, int64_t i, int count) __attribute__((always_inline)) {
      const Simd<T> d = existing(get(x + at + i, count) - Simd<T>(near), count);
      first.part[k] += d;
      second.part[k] = lane::mul_add(d, d, second.part[k]);
    });
    const double shift = static_cast<double>(first.total()) / n, squares = static_cast<double>(second.total());
    const double rest = squares - shift * shift * n;
    all.add(static_cast<double>(near) + shift, rest > 0 || rest != rest ? rest : 0, part.n * part.count);
  });
  return all;
}

}  // namespace
}  // namespace st::STEEPEST_ISA
