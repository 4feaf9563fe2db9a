// Gamma, binomial and Dirichlet draws, and how gamma and Dirichlet draws move with their parameters.
#pragma once
#include <cstdint>

namespace st {

class Generator;

// out[i] ~ Gamma(alpha[i], 1), at least the smallest normal number of T.
template <class T>
void fill_gamma(Generator& generator, T* out, const T* alpha, int64_t n);

// Rows of `categories` numbers from Dirichlet distributions: gammas drawn in double, divided by their sums.
template <class T>
void fill_dirichlet(Generator& generator, T* out, const T* alpha, int64_t rows, int64_t categories);

// out[i] ~ Binomial(count[i], p[i]).
template <class T>
void fill_binomial(Generator& generator, T* out, const T* count, const T* p, int64_t n);

// d x / d alpha of a draw x from Gamma(alpha, 1) at a fixed value of its distribution function.
double gamma_gradient(double alpha, double x);

// The same of a draw x from Beta(alpha, total - alpha), over 1 - x.
double beta_gradient(double x, double alpha, double total);

}  // namespace st
