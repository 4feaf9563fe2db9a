// Measures the elementary functions of lane.h against quadruple precision and fails where they leave their bound (x86-64, libquadmath).
#include <quadmath.h>

#include <bit>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <vector>

#include "lane.h"

namespace lane = st::lane;
using Quad = __float128;

namespace {

constexpr int kSamples = 20000;
const Quad kPi = acosq(-1);
int failures = 0;

template <class T>
double ulps(T got, Quad want) {
  const T nearest = static_cast<T>(want);
  if (std::isnan(nearest) || std::isnan(got)) return std::isnan(nearest) == std::isnan(got) ? 0 : INFINITY;
  if (std::isinf(nearest) || std::isinf(got)) return nearest == got ? 0 : INFINITY;
  if (nearest == 0 && got == 0) return std::signbit(nearest) == std::signbit(got) ? 0 : INFINITY;
  const T low = std::numeric_limits<T>::min();
  int e;
  std::frexp(std::fmax(std::fabs(nearest), low), &e);
  const Quad ulp = ldexpq(1, e - std::numeric_limits<T>::digits);
  return static_cast<double>(fabsq(static_cast<Quad>(got) - want) / ulp);
}

template <class T>
std::vector<T> specials() {
  using L = std::numeric_limits<T>;
  std::vector<T> v;
  for (T x : {T(0), L::denorm_min(), L::min() / 3, L::min(), L::epsilon() / 4, L::epsilon(), T(0.1), T(0.25), T(1) / 3, T(0.5),
              T(0.70710678118654752), std::nextafter(T(1), T(0)), T(1), std::nextafter(T(1), T(2)), T(1.5), T(2), T(3),
              T(3.14159265358979), T(6), T(22), T(90), T(1e5), T(88.72284), T(709.782712893384), T(-708.396418532264),
              T(-745.13321910194), T(1e30), L::max(), L::infinity(), L::quiet_NaN()}) {
    v.push_back(x);
    v.push_back(-x);
  }
  return v;
}

// Half the samples evenly over [low, high], half evenly over the logarithm of the size; special values last.
template <class T>
std::vector<T> inputs(double low, double high, std::mt19937_64& random) {
  std::vector<T> v;
  std::uniform_real_distribution<double> even(0, 1);
  const double top = std::log2(std::fmax(std::fabs(low), std::fabs(high)));
  const double bottom = std::fmax(std::log2(std::numeric_limits<T>::denorm_min()), top - 80);
  while (v.size() < kSamples) {
    const double u = even(random);
    double x = low * (1 - u) + high * u;
    if (v.size() % 2) x = std::exp2(bottom + u * (top - bottom)) * (even(random) < 0.5 ? -1 : 1);
    if (x >= low && x <= high) v.push_back(static_cast<T>(x));
  }
  for (T x : specials<T>()) v.push_back(x);
  return v;
}

struct Worst {
  double ulps = 0;
  double x = 0, y = 0;
};

void report(const char* name, const char* type, Worst w, double bound) {
  const bool good = w.ulps <= bound;
  failures += !good;
  std::printf("%-10s %-8s %8.4f ulp (bound %.2f) at %.17g %.17g%s\n", name, type, w.ulps, bound, w.x, w.y, good ? "" : "  FAILED");
}

template <class T, class F, class R>
void check(const char* name, F f, R reference, double low, double high, double bound) {
  using S = lane::Simd<T>;
  std::mt19937_64 random(7);
  const auto x = inputs<T>(low, high, random);
  Worst worst;
  for (size_t i = 0; i < x.size(); i += S::width) {
    const int n = static_cast<int>(std::min<size_t>(S::width, x.size() - i));
    T out[S::width];
    lane::store(out, f(lane::load_partial(&x[i], n)));
    for (int k = 0; k < n; ++k) {
      const T alone = f(x[i + k]);
      double error = ulps(out[k], reference(static_cast<Quad>(x[i + k])));
      if (std::memcmp(&alone, &out[k], sizeof alone) && !(alone != alone && out[k] != out[k])) error = INFINITY;
      if (error > worst.ulps) worst = {error, x[i + k], 0};
    }
  }
  report(name, sizeof(T) == 4 ? "float32" : "float64", worst, bound);
}

template <class T, class F, class R>
void check2(const char* name, F f, R reference, double low, double high, double lowy, double highy, double bound) {
  using S = lane::Simd<T>;
  std::mt19937_64 random(7);
  auto x = inputs<T>(low, high, random), y = inputs<T>(lowy, highy, random);
  x.resize(kSamples);
  y.resize(kSamples);
  for (T a : specials<T>())
    for (T b : specials<T>()) x.push_back(a), y.push_back(b);
  for (int a = -9; a <= 9; ++a)
    for (int b = -9; b <= 9; ++b) x.push_back(a), y.push_back(b);
  Worst worst;
  for (size_t i = 0; i < x.size(); i += S::width) {
    const int n = static_cast<int>(std::min<size_t>(S::width, x.size() - i));
    T out[S::width];
    lane::store(out, f(lane::load_partial(&x[i], n), lane::load_partial(&y[i], n)));
    for (int k = 0; k < n; ++k) {
      const T alone = f(x[i + k], y[i + k]);
      double error = ulps(out[k], reference(static_cast<Quad>(x[i + k]), static_cast<Quad>(y[i + k])));
      if (std::memcmp(&alone, &out[k], sizeof alone) && !(alone != alone && out[k] != out[k])) error = INFINITY;
      if (error > worst.ulps) worst = {error, x[i + k], y[i + k]};
    }
  }
  report(name, sizeof(T) == 4 ? "float32" : "float64", worst, bound);
}

Quad python_remainder(Quad x, Quad y) {
  const Quad r = fmodq(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}
Quad erfinv_quad(Quad x) {
  const Quad a = fabsq(x);
  if (!(a < 1)) return a == 1 ? x * HUGE_VAL : static_cast<Quad>(NAN);
  if (a < Quad(1e-18)) return x * sqrtq(kPi) / 2;
  Quad low = 0, high = 6;
  Quad y = a < Quad(0.9) ? a : 2;
  for (int i = 0; i < 60; ++i) {
    const Quad miss = erfcq(y) - (1 - a);
    if (miss > 0) low = y;
    else high = y;
    const Quad step = miss * sqrtq(kPi) / 2 * expq(y * y);
    y += step;
    if (fabsq(step) < Quad(1e-25) * y) break;
    if (y <= low || y >= high) y = (low + high) / 2;
  }
  return copysignq(y, x);
}
Quad digamma_quad(Quad x) {
  if (x == 0) return -1 / x;
  if (isnanq(x) || isinfq(x)) return x > 0 ? x : static_cast<Quad>(NAN);
  if (x < 0) {
    const Quad f = x - rintq(x);
    if (f == 0) return static_cast<Quad>(NAN);
    return digamma_quad(1 - x) - kPi / tanq(kPi * f);
  }
  Quad y = 0;
  for (; x < 60; x += 1) y -= 1 / x;
  const Quad z = 1 / (x * x);
  // Bernoulli numbers B_2k / 2k, last to first
  Quad tail = 0;
  for (const Quad c : {Quad(1) / 12, -Quad(691) / 32760, Quad(1) / 132, -Quad(1) / 240, Quad(1) / 252, -Quad(1) / 120, Quad(1) / 12})
    tail = tail * z + c;
  return y + logq(x) - 1 / (2 * x) - z * tail;
}

// By the recurrence and the asymptotic series (Abramowitz and Stegun 6.4.12), with B_2k from last to first.
Quad trigamma_quad(Quad x) {
  if (isnanq(x) || isinfq(x)) return x > 0 ? Quad(0) : static_cast<Quad>(NAN);
  if (x <= 0) {
    const Quad f = x - rintq(x);
    if (f == 0) return HUGE_VAL;
    const Quad p = kPi / sinq(kPi * f);
    return p * p - trigamma_quad(1 - x);
  }
  Quad y = 0;
  for (; x < 60; x += 1) y += 1 / (x * x);
  const Quad z = 1 / (x * x);
  Quad tail = 0;
  for (const Quad b : {Quad(7) / 6, -Quad(691) / 2730, Quad(5) / 66, -Quad(1) / 30, Quad(1) / 42, -Quad(1) / 30, Quad(1) / 6}) tail = tail * z + b;
  return y + 1 / x + z / 2 + z / x * tail;
}
// By Euler and Maclaurin's sum from the hundredth term on.
Quad zeta_quad(Quad s, Quad x) {
  Quad y = 0;
  for (int k = 0; k < 100; ++k, x += 1) y += powq(x, -s);
  const Quad power = powq(x, -s);
  Quad term = power * s / (2 * x);
  y += power * x / (s - 1) + power / 2;
  int k = 1;
  for (const Quad b : {Quad(1) / 6, -Quad(1) / 30, Quad(1) / 42, -Quad(1) / 30, Quad(5) / 66, -Quad(691) / 2730, Quad(7) / 6}) {
    y += b * term;
    term *= (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2) * x * x);
    ++k;
  }
  return y;
}

// Square roots are rounded right, not just within half an ulp of what double the digits show: x is compared with the scalar instruction.
template <class T>
void check_roots(const char* name, const std::vector<T>& x) {
  using S = lane::Simd<T>;
  Worst worst;
  for (size_t i = 0; i < x.size(); i += S::width) {
    const int n = static_cast<int>(std::min<size_t>(S::width, x.size() - i));
    T out[S::width];
    lane::store(out, lane::sqrt(lane::load_partial(&x[i], n)));
    for (int k = 0; k < n; ++k) {
      const T want = std::sqrt(x[i + k]);
      if (std::memcmp(&out[k], &want, sizeof want) && !(std::isnan(out[k]) && std::isnan(want))) worst = {INFINITY, x[i + k], 0};
    }
  }
  report(name, sizeof(T) == 4 ? "float32" : "float64", worst, 0);
}
// All mantissas of floats with an odd and an even exponent, and some of all exponents.
std::vector<float> floats() {
  std::vector<float> v = specials<float>();
  const auto add = [&](uint32_t from, uint64_t to, uint32_t step) {
    for (uint64_t bits = from; bits < to; bits += step) v.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  };
  add(0x3f800000, 0x40800000, 1);
  add(0, uint64_t{1} << 32, 9973);
  return v;
}
// The doubles nearest to squares of midpoints, as Note [Square roots] finds them: m^2 = d modulo 2^54 and 2^55, for d = 1 modulo 8.
std::vector<double> near_midpoints() {
  std::vector<double> v = specials<double>();
  for (int power : {54, 55}) {
    for (int64_t d = -4095; d < 4096; d += 8) {
      uint64_t inverse = 1;  // of the root, by Newton's steps for powers of two
      for (int step = 0; step < 6; ++step) inverse = inverse * (3 - static_cast<uint64_t>(d) * inverse * inverse) >> 1;
      const uint64_t root = static_cast<uint64_t>(d) * inverse, half = uint64_t{1} << (power - 1);
      for (uint64_t m : {root, -root, root + half, half - root}) {
        m &= 2 * half - 1;
        const int64_t mantissa = static_cast<int64_t>((static_cast<__int128>(m) * m - d) >> power);
        if (m >> 53 == 1 && mantissa >> 52 == 1) v.push_back(std::ldexp(static_cast<double>(mantissa), power - 54));
      }
    }
  }
  return v;
}

// Where its special values are those of the scalar function, which PyTorch's tests hold.
template <class T>
void check_zeta(double bound) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> even(0, 1);
  Worst worst;
  for (int i = 0; i < 2000; ++i) {
    const T s = static_cast<T>(1 + std::exp2(-8 + 13.3 * even(random))), x = static_cast<T>(std::exp2(-8 + 20 * even(random)));
    const T got = lane::zeta(lane::Simd<T>(s), lane::Simd<T>(x))[0];
    const double error = ulps(got, zeta_quad(s, x));
    if (error > worst.ulps) worst = {error, s, x};
  }
  report("zeta", sizeof(T) == 4 ? "float32" : "float64", worst, bound);
}

#define CHECK(name, reference, low, high, bound)                                                                        \
  check<float>(#name, [](auto x) { return lane::name(x); }, [](Quad x) -> Quad { return reference; }, low, high, bound); \
  check<double>(#name, [](auto x) { return lane::name(x); }, [](Quad x) -> Quad { return reference; }, low, high, bound);
#define CHECK2(name, reference, low, high, lowy, highy, bound)                                                             \
  check2<float>(#name, [](auto x, auto y) { return lane::name(x, y); }, [](Quad x, Quad y) -> Quad { return reference; }, \
                low, high, lowy, highy, bound);                                                                            \
  check2<double>(#name, [](auto x, auto y) { return lane::name(x, y); }, [](Quad x, Quad y) -> Quad { return reference; }, \
                 low, high, lowy, highy, bound);

}  // namespace

int main() {
  CHECK(sqrt, sqrtq(x), 0, 100, 0.5)
  check_roots("sqrt", floats());
  check_roots("sqrt", near_midpoints());
  CHECK(rsqrt, 1 / sqrtq(x), 0, 100, 1.5)
  CHECK(exp, expq(x), -100, 90, 1)
  CHECK(exp, expq(x), -750, 710, 1)
  CHECK(exp2, exp2q(x), -1080, 1030, 1)
  CHECK(exp2, exp2q(x), -150, 128, 1)
  CHECK(exp2, exp2q(x), -1, 1, 1)
  CHECK(expm1, expm1q(x), -5, 5, 1)
  CHECK(expm1, expm1q(x), -50, 710, 1)
  CHECK(sigmoid, 1 / (1 + expq(-x)), -30, 30, 1)
  CHECK(sigmoid, 1 / (1 + expq(-x)), -750, 50, 1)
  CHECK(tanh, tanhq(x), -1, 1, 1)
  CHECK(tanh, tanhq(x), -30, 30, 1)
  CHECK(sinh, sinhq(x), -5, 5, 1.5)
  CHECK(sinh, sinhq(x), -711, 711, 1.5)
  CHECK(cosh, coshq(x), -5, 5, 1.5)
  CHECK(cosh, coshq(x), -711, 711, 1.5)
  CHECK(log, logq(x), 0, 4, 1)
  CHECK(log, logq(x), 0, 1e38, 1)
  CHECK(log, logq(x), 0, 1e-38, 1)
  CHECK(log2, log2q(x), 0, 4, 1)
  CHECK(log2, log2q(x), 0, 1e38, 1)
  CHECK(log10, log10q(x), 0, 4, 1)
  CHECK(log10, log10q(x), 0, 1e38, 1)
  CHECK(log2, log2q(x), 0, 1e-38, 1)
  CHECK(log10, log10q(x), 0, 1e-38, 1)
  CHECK(log1p, log1pq(x), -1, 2, 1)
  CHECK(log1p, log1pq(x), -1, 1e30, 1)
  CHECK(asinh, asinhq(x), -3, 3, 1.5)
  CHECK(asinh, asinhq(x), -1e30, 1e30, 1.5)
  CHECK(acosh, acoshq(x), 1, 3, 1.5)
  CHECK(acosh, acoshq(x), 1, 1e30, 1.5)
  CHECK(atanh, atanhq(x), -1, 1, 1.5)
  CHECK2(pow, powq(x, y), 0, 10, -10, 10, 1)
  CHECK2(pow, powq(x, y), 0, 2, -1000, 1000, 1)
  CHECK2(pow, powq(x, y), 0, 1e30, -20, 20, 1)
  CHECK(sin, sinq(x), -4, 4, 1)
  CHECK(sin, sinq(x), -1e5, 1e5, 1)
  CHECK(sin, sinq(x), -1e12, 1e12, 1)
  CHECK(sin, sinq(x), -6100, 6100, 1)
  CHECK(cos, cosq(x), -6100, 6100, 1)
  CHECK(cos, cosq(x), -4, 4, 1)
  CHECK(cos, cosq(x), -1e5, 1e5, 1)
  CHECK(cos, cosq(x), -1e12, 1e12, 1)
  CHECK(tan, tanq(x), -4, 4, 1.5)
  CHECK(tan, tanq(x), -1e5, 1e5, 1.5)
  CHECK(tan, tanq(x), -6100, 6100, 1.5)
  CHECK(asin, asinq(x), -1, 1, 1.5)
  CHECK(acos, acosq(x), -1, 1, 1.5)
  CHECK(atan, atanq(x), -5, 5, 1.5)
  CHECK(atan, atanq(x), -1e30, 1e30, 1.5)
  CHECK2(atan2, atan2q(x, y), -3, 3, -3, 3, 1.5)
  CHECK2(atan2, atan2q(x, y), -1e-30, 1e-30, -1e30, 1e30, 1.5)
  CHECK2(hypot, hypotq(x, y), -3, 3, -3, 3, 1)
  CHECK2(hypot, hypotq(x, y), -1e-30, 1e-30, -1e30, 1e30, 1)
  CHECK2(fmod, fmodq(x, y), -100, 100, -5, 5, 0)
  CHECK2(fmod, fmodq(x, y), -1e30, 1e30, -1, 1, 0)
  CHECK2(remainder, python_remainder(x, y), -100, 100, -5, 5, 1)
  CHECK(erf, erfq(x), -3, 3, 1)
  CHECK(erf, erfq(x), -7, 7, 1)
  CHECK(erfc, erfcq(x), -3, 3, 1.5)
  CHECK(erfc, erfcq(x), -6, 28, 1.5)
  CHECK(erfinv, erfinv_quad(x), -1, 1, 1.5)
  CHECK(lgamma, lgammaq(x), 0, 20, 1.5)
  CHECK(lgamma, lgammaq(x), -20, 1e10, 1.5)
  CHECK(digamma, digamma_quad(x), 0, 20, 1.5)
  CHECK(digamma, digamma_quad(x), -20, 1e10, 1.5)
  CHECK(trigamma, trigamma_quad(x), 0, 20, 4)
  CHECK(trigamma, trigamma_quad(x), -20, 1e10, 5)
  check_zeta<float>(1.5);
  check_zeta<double>(6);
  std::printf(failures ? "%d functions out of bounds\n" : "all within bounds\n", failures);
  return failures != 0;
}
