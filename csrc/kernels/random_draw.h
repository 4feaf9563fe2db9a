// One number of each distribution, drawn as PyTorch draws it: every loop over elements is made of these.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "random.h"

namespace st {

inline constexpr double kPi = 3.14159265358979323846;

// Values in [0, 1): 53 bits from two words, 24 bits from one.
inline uint64_t unit_bits(Generator& g) { return g.next64() & ((uint64_t{1} << 53) - 1); }
inline double unit_double(Generator& g) { return static_cast<double>(static_cast<int64_t>(unit_bits(g))) * 0x1p-53; }
inline float unit_float(Generator& g) { return static_cast<float>(g.next32() & 0xffffffU) * 0x1p-24F; }

// Smallest count c with  unit_bits < c  exactly where  unit_double < p.
inline uint64_t unit_threshold(double p) { return static_cast<uint64_t>(std::ceil(p * 0x1p53)); }

// As x86 converts: out of range gives the most negative int32 or int64, and smaller types keep its low bits.
template <class T>
T from_double(double x) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(x);
  } else {
    using Wide = std::conditional_t<sizeof(T) == 8, int64_t, int32_t>;
    constexpr double kBound = sizeof(T) == 8 ? 0x1p63 : 0x1p31;
    const bool inside = x > -kBound - (sizeof(T) == 8 ? 0 : 1) && x < kBound;
    return static_cast<T>(inside ? static_cast<Wide>(x) : std::numeric_limits<Wide>::min());
  }
}

// Sums of a product below are std::fma because PyTorch's kernels are compiled so.
template <class T>
T draw(Generator& g, const Uniform& d) {
  const T from = static_cast<T>(d.from);
  const T to = static_cast<T>(d.to);
  T unit;
  if constexpr (sizeof(T) == 8) {
    unit = unit_double(g);
  } else {
    unit = unit_float(g);
  }
  const T y = std::fma(unit, to - from, from);
  return y == to ? from : y;
}

inline double draw_normal(Generator& g, double mean, double std) {
  double z;
  if (g.spare_normal) {
    z = *g.spare_normal;
    g.spare_normal.reset();
  } else {
    const double theta = 2.0 * kPi * unit_double(g);
    const double radius = std::sqrt(-2.0 * std::log1p(-unit_double(g)));
    g.spare_normal = radius * std::sin(theta);
    z = radius * std::cos(theta);
  }
  return std::fma(z, std, mean);
}

template <class T>
T draw(Generator& g, const Normal& d) {
  return static_cast<T>(draw_normal(g, d.mean, d.std));
}

template <class T>
T draw(Generator& g, const LogNormal& d) {
  return static_cast<T>(std::exp(draw_normal(g, d.mean, d.std)));
}

template <class T>
T draw(Generator& g, const Cauchy& d) {
  return static_cast<T>(std::fma(d.sigma, std::tan(kPi * (unit_double(g) - 0.5)), d.median));
}

template <class T>
T draw(Generator& g, const Exponential& d) {
  return static_cast<T>(-1.0 / d.lambda * std::log1p(-unit_double(g)));
}

template <class T>
T draw(Generator& g, const Geometric& d) {
  return from_double<T>(std::ceil(std::log(unit_double(g)) / std::log1p(-d.p)));
}

template <class T>
T draw(Generator& g, const Bernoulli& d) {
  return static_cast<T>(unit_bits(g) < unit_threshold(d.p));
}

// A range that 32 bits would skew by more than 1/16 takes 64.
inline constexpr uint64_t kWideRange = uint64_t{1} << 28;

template <class T>
T draw(Generator& g, const Integers& d) {
  const uint64_t bits = d.range >= kWideRange ? g.next64() : g.next32();
  return static_cast<T>(static_cast<int64_t>(bits % d.range + static_cast<uint64_t>(d.base)));
}

template <class T>
T draw(Generator& g, const AnyInteger&) {
  if constexpr (std::is_same_v<T, bool>) {
    return (g.next32() & 1U) != 0;
  } else {
    constexpr uint64_t kRange = std::is_floating_point_v<T>
                                    ? (uint64_t{1} << std::numeric_limits<T>::digits) + 1
                                    : static_cast<uint64_t>(std::numeric_limits<T>::max()) + 1;
    if constexpr (sizeof(T) == 8) {
      return static_cast<T>(g.next64() % kRange);
    } else {
      return static_cast<T>(g.next32() % kRange);
    }
  }
}

template <class T>
T draw(Generator& g, const FullInteger&) {
  return static_cast<T>(static_cast<int64_t>(g.next64()));
}

}  // namespace st
