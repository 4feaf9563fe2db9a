// What the pooling ops share: windows from kernel sizes, PyTorch's errors for those that do not fit, and elements by their places.
#pragma once
#include <string>

#include "kernels/pool.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"
#include "ops/value.h"

namespace st {

// Of a pooling over the last k dimensions, one number for each.
struct PoolShape {
  const char* name;  // of the op, for messages
  int k;
  bool average;
  Dims kernel, stride, padding, dilation;
  bool ceil_mode;
};
PoolShape pool_shape(const char* name, int k, bool average, const Dims& kernel, const OptDims& stride, const Dims& padding, const Dims& dilation, bool ceil_mode);

PoolPlan plan_of(const Tensor& x, const PoolShape& shape);                       // x is checked
PoolPlan averaging(PoolPlan plan, bool count_padding, int64_t divisor);          // a divisor of 0: the number of elements
PoolPlan average_plan(DimSpan sizes, const PoolShape& shape, bool count_padding, int64_t divisor);  // not checked
PoolPlan adaptive_plan(DimSpan sizes, const Dims& output);                       // not checked
Dims pooled_sizes(DimSpan sizes, const PoolPlan& plan, int k);

// The largest elements of x over the plan's windows with their places, or without.
std::tuple<Tensor, Tensor> largest_of(const Tensor& x, const PoolPlan& plan, int k, bool with_places);
Tensor average_of(const Tensor& x, const PoolPlan& plan, int k);
Tensor average_gradient(const Tensor& g, DimSpan sizes, const PoolPlan& plan);

// As recorded ops. The last k dimensions are a plane. `input`, where it is defined, is what the gradient is of: its own derivative is
// zero, not none, as in PyTorch.
Tensor add_at_places(const Tensor& g, const Tensor& input, const Tensor& places, const Dims& sizes, int k);
Tensor take_at_places(const Tensor& x, const Tensor& places, int k);

void check_pooled_dims(const char* name, const Tensor& x, int k);  // of one dimension: avg_pool1d and the adaptive ones
void check_output_length(const char* name, const char* argument, const Dims& sizes);

}  // namespace st
