// Drawing into a tensor of any layout and dtype: the checks and dispatch that the random ops share.
#pragma once
#include <optional>

#include "core/tensor.h"
#include "kernels/random.h"

namespace st {

inline Generator& generator_or_default(Generator* g) { return g ? *g : default_generator(); }

// Each checks its arguments, with PyTorch's errors, before it writes anything.
void draw_uniform(const Tensor& y, double from, double to, Generator* g);
void draw_normal(const Tensor& y, double mean, double std, Generator* g);
void draw_log_normal(const Tensor& y, double mean, double std, Generator* g);
void draw_cauchy(const Tensor& y, double median, double sigma, Generator* g);
void draw_exponential(const Tensor& y, double lambda, Generator* g);
void draw_geometric(const Tensor& y, double p, Generator* g);
void draw_bernoulli(const Tensor& y, double p, Generator* g);
void draw_bernoulli(const Tensor& y, const Tensor& p, Generator* g);  // p is broadcast
void draw_integers(const Tensor& y, int64_t from, std::optional<int64_t> to, Generator* g);
void draw_integers(const Tensor& y, Generator* g);  // whatever the dtype holds exactly

Tensor dropout(const Tensor& x, double p, bool train);  // recorded
Tensor dropout_noise(DimSpan sizes, Dtype dtype, double p);   // what it multiplies a contiguous tensor by

// `"name" not implemented for 'Long'`
[[noreturn]] void no_random_kernel(const char* name, Dtype dtype);

}  // namespace st
