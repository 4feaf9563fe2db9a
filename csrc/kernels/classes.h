// Losses of class indices: picking, weighing and summing log-probabilities, and the gradient's way back.
#pragma once
#include "core/tensor.h"

namespace st {

// Log-probabilities (N, C, S) contiguous, target int64 (N, S) contiguous, weight (C) contiguous or undefined; a target equal to
// `ignored` does not count. Targets out of range are PyTorch's IndexError.
struct Classes {
  int64_t n, c, s;
  const int64_t* target;
  const Tensor& weight;
  int64_t ignored;
  int64_t count() const { return n * s; }
};
void check_targets(const Classes& k);
double total_weight(const Classes& k, Dtype dtype);  // what a mean divides by

// -weight * x at the targets, (N, S) in memory; ignored ones are 0.
Tensor pick_classes(const Classes& k, const Tensor& x);
// Their sum in PyTorch's order: over eight levels, of which the lower ones are flushed each time a power of two is passed.
Tensor sum_classes(const Classes& k, const Tensor& picked);
// weight at the targets * (scale / divisor), 0 for ignored ones: (N, S). One scale or (N, S) of them.
Tensor weights_of_classes(const Classes& k, const Tensor& scale, double divisor);
// Writes values (N, S) to the targets of zeros (N, C, S).
Tensor spread_classes(const Classes& k, const Tensor& values);

}  // namespace st
