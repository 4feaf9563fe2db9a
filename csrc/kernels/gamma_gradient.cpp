// How draws from gamma and beta distributions move with their parameters: -(dF/da) / (dF/dx) of the distribution function F, which has no
// closed form. Regions, expansions and fitted coefficients are PyTorch's (Jankowiak and Obermeyer 2018, arXiv:1806.01851), so that
// gradients agree with it where the approximation shows.
#include <cmath>

#include "kernels/lane.h"
#include "kernels/random_gamma.h"

namespace st {
namespace {

double digamma(double x) { return lane::digamma_number(x); }
double or_zero(double x) { return x == x ? x : 0.0; }

// sum of c[i] * x**i
template <int N>
double polynomial(const double (&c)[N], double x) {
  double y = c[N - 1];
  for (int i = N - 2; i >= 0; --i) y = y * x + c[i];
  return y;
}

// F's power series in x, and its derivative in alpha term by term.
double gamma_near_zero(double alpha, double x) {
  double term = 1, place = alpha, series = 1 / place, slope = 1 / (place * place);
  for (int i = 1; i <= 5; ++i) {
    term *= -x / i;
    place += 1;
    series += term / place;
    slope += term / (place * place);
  }
  const double power = std::pow(x, alpha), density = std::pow(x, alpha - 1) * std::exp(-x);
  return or_zero(-((std::log(x) - digamma(alpha)) * power * series - power * slope) / density);
}

// Rice's saddle point expansion, for large alpha; at its singularity x = alpha a series about it.
double gamma_saddle(double alpha, double x) {
  if (0.9 * alpha <= x && x <= 1.1 * alpha) {
    const double square = alpha * alpha;
    const double first = 1 + 24 * alpha * (1 + 12 * alpha);
    const double second = 1440 * square + 6 * x * (53 - 120 * x) - 65 * x * x / alpha + alpha * (107 + 3600 * x);
    return first * second / (1244160 * square * square);
  }
  const double ratio = std::log(x / alpha), gap = alpha - x, root = std::sqrt(8 * alpha);
  const double far = std::pow(x - alpha - alpha * ratio, -1.5);
  const double terms = root / gap + (x < alpha ? -far : far);
  const double slope = ratio * terms - std::sqrt(2 / alpha) * (alpha + x) / (gap * gap);
  const double stirling = 1 + 1 / (12 * alpha) * (1 + 1 / (24 * alpha));
  return -stirling * x * slope / root;
}

// The exponential of a quotient of polynomials in log(alpha), whose coefficients are polynomials in log(x / alpha).
double gamma_fitted(double alpha, double x) {
  static constexpr double kTop[4][3] = {{0.16009398, 0.53487893, 0.040121004},
                                        {-0.094634809, 0.1298071, -0.0065914022},
                                        {0.025146376, 0.065735949, -0.0026286047},
                                        {-0.0030648343, -0.0015649758, -0.0013441777}};
  static constexpr double kBottom[4][3] = {{1, 0.16639465, 0.017050642},
                                           {0.32668115, 0.020070113, -0.0021309326},
                                           {0.10406089, -0.0035938915, 0.00085092367},
                                           {0.0014179084, -0.00058392623, -1.5247877e-07}};
  const double u = std::log(x / alpha), v = std::log(alpha);
  double top[4], bottom[4];
  for (int i = 0; i < 4; ++i) {
    top[i] = polynomial(kTop[i], u);
    bottom[i] = polynomial(kBottom[i], u);
  }
  return std::exp(polynomial(top, v) / polynomial(bottom, v));
}

double beta_near_zero(double x, double alpha, double beta) {
  const double factor = digamma(alpha) - digamma(alpha + beta) - std::log(x);
  double term = 1, series = 1 / alpha * (factor + 1 / alpha);
  for (int i = 1; i <= 10; ++i) {
    term *= (i - beta) * x / i;
    series += term / (alpha + i) * (factor + 1 / (alpha + i));
  }
  return or_zero(x * std::pow(1 - x, -beta) * series);
}

// By the other parameter.
double beta_near_zero_by_beta(double x, double alpha, double beta) {
  const double factor = digamma(alpha + beta) - digamma(beta);
  double term = 1, product = 1, slope = 0, series = factor / alpha;
  for (int i = 1; i <= 8; ++i) {
    term *= -x / i;
    slope = slope * (beta - i) + product;
    product *= beta - i;
    series += term / (alpha + i) * (slope + factor * product);
  }
  return or_zero(-std::pow(1 - x, 1 - beta) * series);
}

double stirling(double x) { return 1 + 1 / (12 * x) + 1 / (288 * x * x); }

// Rice's saddle point expansion, for two large parameters; near its singularity at the mean a series about it.
double beta_saddle(double x, double alpha, double beta) {
  const double total = alpha + beta, mean = alpha / total, spread = std::sqrt(alpha * beta / (total + 1)) / total;
  if (mean - 0.1 * spread <= x && x <= mean + 0.1 * spread) {
    const double b2 = beta * beta, y = 1 - x;
    const double by_alpha[] = {47 * x * b2 * b2, (43 + 20 * (16 + 27 * beta) * x) * b2 * beta, 3 * (59 + 180 * beta - 90 * x) * b2,
                               (453 + 1620 * beta * y - 455 * x) * beta, 8 * y * (135 * beta - 11)};
    const double top = (1 + 12 * alpha) * (1 + 12 * beta) / (total * total);
    return top / y * polynomial(by_alpha, alpha) / (12960 * alpha * alpha * alpha * b2 * (1 + 12 * total));
  }
  const double scale = -x / std::sqrt(2 * alpha * beta / total) * stirling(alpha) * stirling(beta) / stirling(total);
  const double gap = alpha * (x - 1) + beta * x;
  const double first = (2 * alpha * alpha * (x - 1) + alpha * beta * (x - 1) - x * beta * beta) /
                       (std::sqrt(2 * alpha / beta) * std::pow(total, 1.5) * gap * gap);
  const double ratio = std::log(alpha / (total * x));
  const double near = std::sqrt(8 * alpha * beta / total) / gap;
  const double far = std::pow(beta * std::log(beta / (total * (1 - x))) + alpha * ratio, -1.5);
  return scale * (first + 0.5 * ratio * (near + (x < mean ? far : -far)));
}

// A quotient of polynomials in log(x), log(alpha / x) and log(total * x / alpha), over an estimate.
double beta_fitted(double x, double alpha, double total) {
  static constexpr double kFit[2][3][3][4] = {
      {{{1.003668233, -0.01061107488, -0.0657888334, 0.01201642863},
        {0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033},
        {-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013}},
       {{0.221950385, -0.3187676331, 0.01799915743, 0.01074823814},
        {-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057},
        {0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-05}},
       {{-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565},
        {0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181},
        {0.005900514878, -0.001936558688, -9.495446725e-06, 5.385558597e-05}}},
      {{{1, -0.02924021934, -0.04438342661, 0.007285809825},
        {0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521},
        {-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149}},
       {{0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273},
        {0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956},
        {-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-05}},
       {{0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-05},
        {0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-05},
        {-0.0003477407336, 6.959756487e-05, 1.097287507e-05, -1.650964693e-06}}}};
  const double u = std::log(x), a = std::log(alpha) - u, b = std::log(total) - a;
  double quotient[2];
  for (int q = 0; q < 2; ++q) {
    double by_u[3];
    for (int i = 0; i < 3; ++i) {
      double by_a[3];
      for (int j = 0; j < 3; ++j) by_a[j] = polynomial(kFit[q][i][j], b);
      by_u[i] = polynomial(by_a, a);
    }
    quotient[q] = polynomial(by_u, u);
  }
  return quotient[0] / quotient[1] * x * (digamma(total) - digamma(alpha)) / (total - alpha);
}

}  // namespace

double gamma_gradient(double alpha, double x) {
  if (x < 0.8) return gamma_near_zero(alpha, x);
  return alpha > 8 ? gamma_saddle(alpha, x) : gamma_fitted(alpha, x);
}

double beta_gradient(double x, double alpha, double total) {
  const double beta = total - alpha, boundary = total * x * (1 - x);
  if (x <= 0.5 && boundary < 2.5) return beta_near_zero(x, alpha, beta);
  if (x >= 0.5 && boundary < 0.75) return -beta_near_zero_by_beta(1 - x, beta, alpha);
  return alpha > 6 && beta > 6 ? beta_saddle(x, alpha, beta) : beta_fitted(x, alpha, total);
}

}  // namespace st
