// Resampling the last three dimensions of contiguous tensors, one after the other: each result is a weighted sum of a few elements.
#pragma once
#include <vector>

#include "core/tensor.h"

namespace st {

// Of one dimension: result o is the sum of weight[k] times element at[k] for k in [begin[o], begin[o + 1]).
struct Taps {
  int64_t size = 1;  // of the input
  std::vector<int64_t> begin{0};
  std::vector<int32_t> at;
  std::vector<double> weight;
  int64_t count() const { return static_cast<int64_t>(begin.size()) - 1; }
  void add(int64_t place, double w) {
    at.push_back(static_cast<int32_t>(place));
    weight.push_back(w);
  }
  void close() { begin.push_back(static_cast<int64_t>(at.size())); }
};
Taps transposed(const Taps& taps);  // what goes from results back to elements

// y = x resampled along each of its last dimensions, from the last to the first; where `any_order`, the other way round if that is less
// work. float32 and float64; the dimensions before them are planes.
void resample(const Tensor& y, const Tensor& x, const std::vector<Taps>& dims, bool any_order);

}  // namespace st
