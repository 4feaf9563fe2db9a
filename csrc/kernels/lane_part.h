// Parts of registers: loads and stores of some lanes, at the ends of rows, and all lanes folded into one, half onto half.
#pragma once
#include "kernels/lane.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Simd;

template <class T>
constexpr int kWidth = Simd<T>::width;

template <class T>
STEEPEST_LANE Simd<T> get(const T* p, int count) {
  return count == kWidth<T> ? lane::load(p) : lane::load_partial(p, count);
}
template <class T>
STEEPEST_LANE void put(T* p, Simd<T> v, int count) {
  if (count == kWidth<T>) lane::store(p, v);
  else lane::store_partial(p, v, count);
}
// Zero where nothing exists.
template <class T>
STEEPEST_LANE Simd<T> existing(Simd<T> v, int count) {
  return count == kWidth<T> ? v : lane::where(lane::first_lanes<T>(count), v, 0);
}

// f joins two vectors of half the size, and at last two numbers. Halves are taken in registers: a look at a part of a vector in memory
// would keep the sum that it comes from in memory, too. (The forms under a mask do not make compilers warn of what is undefined.)
template <class T, class V, class F>
STEEPEST_LANE T fold_halves(V v, F f) {
  constexpr int kCount = static_cast<int>(sizeof v / sizeof(T));
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof v == 64) {
    typedef T Half __attribute__((vector_size(32)));
    return fold_halves<T>(f((Half)_mm512_maskz_extractf32x8_ps(-1, (__m512)v, 0), (Half)_mm512_maskz_extractf32x8_ps(-1, (__m512)v, 1)), f);
  }
#endif
#if defined(STEEPEST_LANE_AVX512) || defined(STEEPEST_LANE_AVX2)
  if constexpr (sizeof v == 32) {
    typedef T Half __attribute__((vector_size(16)));
    return fold_halves<T>(f((Half)_mm256_castps256_ps128((__m256)v), (Half)_mm256_extractf128_ps((__m256)v, 1)), f);
  }
#endif
  if constexpr (kCount == 4) return f(f(v[0], v[2]), f(v[1], v[3]));
  else return f(v[0], v[1]);
}
template <class T>
STEEPEST_LANE T sum_lanes(Simd<T> v) {
  return fold_halves<T>(v.v, [](auto a, auto b) __attribute__((always_inline)) { return a + b; });
}
// nan where there is one
template <class T>
STEEPEST_LANE T largest_lane(Simd<T> v) {
  return fold_halves<T>(v.v, [](auto a, auto b) __attribute__((always_inline)) { return (a > b) | (a != a) ? a : b; });
}

// f(i, count) for the registers of a row of n.
template <class T, class F>
STEEPEST_LANE void each(int64_t n, F f) {
  int64_t i = 0;
  for (; i + kWidth<T> <= n; i += kWidth<T>) f(i, kWidth<T>);
  if (i < n) f(i, static_cast<int>(n - i));
}

}  // namespace
}  // namespace st::STEEPEST_ISA
