// Gamma, Dirichlet and binomial draws, in PyTorch's order of draws.
#include "kernels/random_gamma.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "random.h"
#include "random_draw.h"

namespace st {
namespace {

// Marsaglia and Tsang 2000, "A simple method for generating gamma variables". T: the type in which PyTorch keeps alpha, whose
// rounding its draws show.
template <class T>
T draw_gamma(Generator& g, T alpha) {
  double scale = 1.0;
  if (alpha < T(1)) {  // of Gamma(alpha + 1), times a power of a uniform
    if (alpha == T(0)) return T(0);
    scale = std::pow(1.0 - unit_double(g), static_cast<double>(T(1) / alpha));
    alpha += T(1);
  }
  const double d = static_cast<double>(alpha - T(1.0F / 3.0F));
  const double c = 1.0 / std::sqrt(9.0 * d);
  for (;;) {
    double x, y;
    do {
      x = draw_normal(g, 0.0, 1.0);
      y = std::fma(c, x, 1.0);
    } while (y <= 0);
    const double v = y * y * y, u = 1.0 - unit_double(g), xx = x * x;
    const double inside = 0.0331F;
    if (u < 1.0 - inside * xx * xx || std::log(u) < 0.5 * xx + d * (1.0 - v + std::log(v))) return static_cast<T>(scale * d * v);
  }
}

// What Stirling's formula for log k! leaves out.
double stirling_tail(double k) {
  static constexpr double kTails[] = {0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
                                      0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287};
  if (k < 10) return kTails[static_cast<int>(k)];
  const double square = (k + 1) * (k + 1);
  return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

// By the gaps between successes, which are geometric.
template <class T>
T count_gaps(Generator& g, T count, T p) {
  const double log_failure = std::log1p(-p);
  double passed = 0;
  for (T successes = 0;; successes += 1) {
    passed += std::ceil(std::log(unit_double(g)) / log_failure);
    if (passed > count) return successes;
  }
}

// Algorithm BTRS of W. Hoermann, "The generation of binomial random variates", 1993.
template <class T>
T reject_binomial(Generator& g, T count, T p) {
  const double spread = std::sqrt(count * p * (1 - p));
  const double b = 1.15 + 2.53 * spread;
  const double a = -0.0873 + 0.0248 * b + 0.01 * p;
  const double c = count * p + 0.5;
  const double box = 0.92 - 4.2 / b;
  const double odds = p / (1 - p);
  const double alpha = (2.83 + 5.1 / b) * spread;
  const double m = std::floor((count + 1) * p);
  for (;;) {
    const double u = unit_double(g) - 0.5;
    double v = unit_double(g);
    const double us = 0.5 - std::fabs(u);
    const T k = static_cast<T>(std::floor((2 * a / us + b) * u + c));
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= box) return k;
    v = std::log(v * alpha / (a / (us * us) + b));
    const double bound = (m + 0.5) * std::log((m + 1) / (odds * (count - m + 1))) + (count + 1) * std::log((count - m + 1) / (count - k + 1)) +
                         (k + 0.5) * std::log(odds * (count - k + 1) / (k + 1)) + stirling_tail(m) + stirling_tail(count - m) -
                         stirling_tail(k) - stirling_tail(count - k);
    if (v <= bound) return k;
  }
}

template <class T>
T draw_binomial(Generator& g, T count, T p) {
  if (count <= 0 || p <= 0) return 0;
  if (p >= 1) return count;
  if (!(p == p)) return std::numeric_limits<T>::quiet_NaN();
  const bool likely = p > T(0.5);
  if (likely) p = static_cast<T>(1.0 - p);
  const T k = count * p >= 10 ? reject_binomial(g, count, p) : count_gaps(g, count, p);
  return likely ? count - k : k;
}

}  // namespace

template <class T>
void fill_gamma(Generator& g, T* out, const T* alpha, int64_t n) {
  const std::lock_guard<std::mutex> lock(g.mutex());
  for (int64_t i = 0; i < n; ++i) out[i] = std::max(std::numeric_limits<T>::min(), draw_gamma(g, alpha[i]));
}

template <class T>
void fill_dirichlet(Generator& g, T* out, const T* alpha, int64_t rows, int64_t categories) {
  const T largest = std::nextafter(T(1), T(0)), least = std::numeric_limits<T>::min();
  std::vector<double> gamma(static_cast<size_t>(categories));
  const std::lock_guard<std::mutex> lock(g.mutex());
  for (int64_t r = 0; r < rows; ++r, out += categories, alpha += categories) {
    double sum = 0;
    for (int64_t i = 0; i < categories; ++i) {
      gamma[static_cast<size_t>(i)] = std::max(std::numeric_limits<double>::min(), draw_gamma(g, static_cast<double>(alpha[i])));
      sum += gamma[static_cast<size_t>(i)];
    }
    for (int64_t i = 0; i < categories; ++i) out[i] = std::min(largest, std::max(least, static_cast<T>(gamma[static_cast<size_t>(i)] / sum)));
  }
}

template <class T>
void fill_binomial(Generator& g, T* out, const T* count, const T* p, int64_t n) {
  const std::lock_guard<std::mutex> lock(g.mutex());
  for (int64_t i = 0; i < n; ++i) out[i] = draw_binomial(g, count[i], p[i]);
}

#define X(T)                                                                 \
  template void fill_gamma<T>(Generator&, T*, const T*, int64_t);              \
  template void fill_dirichlet<T>(Generator&, T*, const T*, int64_t, int64_t); \
  template void fill_binomial<T>(Generator&, T*, const T*, const T*, int64_t);
X(float)
X(double)
#undef X

}  // namespace st
