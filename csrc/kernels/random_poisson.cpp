// Poisson draws: by counting for small rates, by transformed rejection for large ones.
#include <cmath>
#include <stdexcept>

#include "random.h"
#include "random_draw.h"

namespace st {
namespace {

// The number of uniforms whose product stays above exp(-rate), less one.
int64_t by_counting(Generator& g, double rate) {
  const double limit = std::exp(-rate);
  int64_t count = -1;
  double product = 1.0;
  do {
    product *= unit_double(g);
    ++count;
  } while (product > limit);
  return count;
}

// Algorithm PTRS of W. Hoermann, "The transformed rejection method for generating Poisson random variables", 1993.
int64_t by_rejection(Generator& g, double rate) {
  const double log_rate = std::log(rate);
  const double b = 0.931 + 2.53 * std::sqrt(rate);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double inside = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const double u = unit_double(g) - 0.5;
    const double v = unit_double(g);
    const double us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * a / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= inside) return from_double<int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const double accept = std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b);
    if (accept <= -rate + k * log_rate - std::lgamma(k + 1)) return from_double<int64_t>(k);
  }
}

constexpr double kLargeRate = 10.0;

}  // namespace

template <class T>
void fill_poisson(Generator& generator, T* out, const T* rate, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    if (!(rate[i] >= 0)) throw std::runtime_error("invalid Poisson rate, expected rate to be non-negative");
  }
  const std::lock_guard<std::mutex> lock(generator.mutex());
  for (int64_t i = 0; i < n; ++i) {
    const double r = rate[i];
    out[i] = static_cast<T>(r == 0 ? 0 : r < kLargeRate ? by_counting(generator, r) : by_rejection(generator, r));
  }
}

template void fill_poisson<float>(Generator&, float*, const float*, int64_t);
template void fill_poisson<double>(Generator&, double*, const double*, int64_t);

}  // namespace st
