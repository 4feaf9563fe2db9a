// Distances between vectors in the p-norm, and their gradients.
#include "kernels/distance_table.h"
#include "kernels/lane_part.h"

namespace st::STEEPEST_ISA {
namespace {

// Sum of term(|a - b|); terms of lanes that do not exist are those of 0.
template <class T, class Term>
STEEPEST_LANE T sum_of(int64_t m, const T* a, const T* b, Term term) {
  Simd<T> sum(0);
  each<T>(m, [&](int64_t i, int count) __attribute__((always_inline)) { sum += term(lane::abs(get(a + i, count) - get(b + i, count))); });
  return sum_lanes(sum);
}

template <class T>
void forward(const DistanceCall& c, const T* a, const T* b, T* d) {
  const T p = static_cast<T>(c.p);
  for (int64_t j = 0; j < c.n; ++j, b += c.m) {
    if (c.p == 2) {
      d[j] = lane::sqrt(sum_of(c.m, a, b, [](auto z) __attribute__((always_inline)) { return z * z; }));
    } else if (c.p == 1) {
      d[j] = sum_of(c.m, a, b, [](auto z) __attribute__((always_inline)) { return z; });
    } else if (c.p == 0) {
      d[j] = sum_of(c.m, a, b, [](auto z) __attribute__((always_inline)) { return lane::where(z != 0, Simd<T>(1), 0); });
    } else if (c.p > 1.7e308) {
      Simd<T> most(0);
      each<T>(c.m, [&](int64_t i, int count) __attribute__((always_inline)) {
        most = lane::maximum(most, lane::abs(get(a + i, count) - get(b + i, count)));
      });
      d[j] = largest_lane(most);
    } else {
      const T sum = sum_of(c.m, a, b, [p](auto z) __attribute__((always_inline)) { return lane::pow(z, Simd<T>(p)); });
      d[j] = lane::pow(sum, static_cast<T>(1 / c.p));
    }
  }
}

template <class T>
void roots(T* d, int64_t n) {
  each<T>(n, [&](int64_t i, int count) __attribute__((always_inline)) { put(d + i, lane::sqrt(lane::maximum(get(d + i, count), Simd<T>(0))), count); });
}

template <class T>
void backward(const DistanceCall& c, const T* a, const T* b, const T* d, const T* g, int64_t step, T* da) {
  using V = Simd<T>;
  each<T>(c.m, [&](int64_t i, int count) __attribute__((always_inline)) { count == kWidth<T> ? lane::store(da + i, V(0)) : lane::store_partial(da + i, V(0), count); });
  if (c.p == 0) return;
  const auto add = [&](auto slope) __attribute__((always_inline)) {
    each<T>(c.m, [&](int64_t i, int count) __attribute__((always_inline)) {
      const V sum = get(da + i, count) + slope(get(a + i, count) - get(b + i, count));
      if (count == kWidth<T>) lane::store(da + i, sum);
      else lane::store_partial(da + i, sum, count);
    });
  };
  const T p = static_cast<T>(c.p);
  for (int64_t j = 0; j < c.n; ++j, b += c.m) {
    const T gj = g[j * step], dj = d[j * step];
    const V scale(gj), far(dj);
    if (c.p == 1) {
      add([&](V z) __attribute__((always_inline)) { return lane::sign(z) * scale; });
    } else if (dj == 0) {
      continue;
    } else if (c.p == 2) {
      const V ratio(gj / dj);
      add([&](V z) __attribute__((always_inline)) { return z * ratio; });
    } else if (c.p > 1.7e308) {
      add([&](V z) __attribute__((always_inline)) { return lane::where(lane::abs(z) == far, lane::sign(z) * scale, 0); });
    } else {
      const V ratio(gj / lane::pow(dj, p - 1)), power(p - 1);
      add([&](V z) __attribute__((always_inline)) { return lane::where(z == 0, 0, lane::sign(z) * lane::pow(lane::abs(z), power) * ratio); });
    }
  }
}

}  // namespace

extern const DistanceTable kDistanceTable;
constexpr DistanceTable kDistanceTable{{forward<float>, roots<float>, backward<float>}, {forward<double>, roots<double>, backward<double>}};

}  // namespace st::STEEPEST_ISA
