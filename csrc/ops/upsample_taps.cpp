// Taps of resampling, with positions in the arithmetic of the element type.
#include "ops/upsample_taps.h"

#include <algorithm>
#include <cmath>

namespace st {
namespace {

// How far apart in the input two results are.
template <class T>
T distance(int64_t in, int64_t out, bool align_corners, std::optional<double> scale) {
  if (align_corners) return out > 1 ? static_cast<T>(in - 1) / static_cast<T>(out - 1) : T(0);
  if (scale && *scale > 0) return static_cast<T>(1.0 / *scale);
  return static_cast<T>(in) / static_cast<T>(out);
}

// Keys' cubic convolution (1981): with A = -0.75 plainly, -0.5 with antialiasing.
template <class T>
T cubic_near(T x, T a) { return ((a + 2) * x - (a + 3)) * x * x + 1; }
template <class T>
T cubic_far(T x, T a) { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a; }

template <class T>
void antialiased(Taps& taps, bool cubic, T step, int64_t in, int64_t o) {
  const T reach = (cubic ? T(2) : T(1)) * (step >= 1 ? step : T(1)), shrink = step >= 1 ? 1 / step : T(1);
  const T center = step * (static_cast<T>(o) + T(0.5));
  const int64_t first = std::max<int64_t>(static_cast<int64_t>(center - reach + T(0.5)), 0);
  const int64_t end = std::min<int64_t>(static_cast<int64_t>(center + reach + T(0.5)), in);
  std::vector<T> weights;
  T total = 0;
  for (int64_t i = first; i < end; ++i) {
    const T x = std::abs((static_cast<T>(i) - center + T(0.5)) * shrink);
    const T w = cubic ? x < 1 ? cubic_near(x, T(-0.5)) : x < 2 ? cubic_far(x, T(-0.5)) : T(0) : x < 1 ? 1 - x : T(0);
    weights.push_back(w);
    total += w;
  }
  for (int64_t i = first; i < end; ++i) {
    const T w = weights[static_cast<size_t>(i - first)];
    taps.add(i, static_cast<double>(total != 0 ? w / total : w));
  }
}

template <class T>
Taps taps_in(Interpolation mode, int64_t in, int64_t out, bool align_corners, std::optional<double> scale) {
  Taps taps;
  taps.size = in;
  const T step = distance<T>(in, out, align_corners, scale);
  for (int64_t o = 0; o < out; ++o, taps.close()) {
    const T place = static_cast<T>(o);
    if (mode == Interpolation::Nearest || mode == Interpolation::NearestExact) {
      const T at = mode == Interpolation::Nearest ? place * step : (place + T(0.5)) * step;
      taps.add(std::min(static_cast<int64_t>(std::floor(at)), in - 1), 1);
    } else if (mode == Interpolation::LinearAntialiased || mode == Interpolation::CubicAntialiased) {
      antialiased(taps, mode == Interpolation::CubicAntialiased, step, in, o);
    } else if (in == out && !(scale && mode == Interpolation::Cubic)) {
      taps.add(o, 1);
    } else if (mode == Interpolation::Linear) {
      const T at = align_corners ? step * place : std::max(std::fma(step, place + T(0.5), T(-0.5)), T(0));  // rounded once, as in PyTorch's build
      const int64_t low = std::min(static_cast<int64_t>(at), in - 1);
      const T share = std::clamp(at - static_cast<T>(low), T(0), T(1));
      taps.add(low, static_cast<double>(1 - share));
      taps.add(std::min(low + 1, in - 1), static_cast<double>(share));
    } else {
      const T at = align_corners ? step * place : std::fma(step, place + T(0.5), T(-0.5)), below = std::floor(at), t = at - below, a = T(-0.75);
      const T weights[4] = {cubic_far(t + 1, a), cubic_near(t, a), cubic_near(1 - t, a), cubic_far(2 - t, a)};
      for (int64_t k = 0; k < 4; ++k) {
        taps.add(std::clamp<int64_t>(static_cast<int64_t>(below) - 1 + k, 0, in - 1), static_cast<double>(weights[k]));
      }
    }
  }
  return taps;
}

}  // namespace

Taps upsample_taps(Interpolation mode, int64_t in, int64_t out, bool align_corners, std::optional<double> scale, Dtype dtype) {
  return dtype == Dtype::Float64 ? taps_in<double>(mode, in, out, align_corners, scale) : taps_in<float>(mode, in, out, align_corners, scale);
}

}  // namespace st
