// Rearranging the last three dimensions of contiguous tensors by one index list each, and the reverse, which adds.
#pragma once
#include <vector>

#include "core/tensor.h"

namespace st {

// Element (i, j, k) of an output plane is element (at[0][i], at[1][j], at[2][k]) of the input plane; the lists have an entry for each
// place of the output, within the input's `sizes`.
struct PlaneMap {
  int64_t planes = 1;
  int64_t sizes[3] = {1, 1, 1};
  std::vector<int64_t> at[3];
};

void take_mapped(const Tensor& y, const Tensor& x, const PlaneMap& map);  // y = x at the mapped places
void add_mapped(const Tensor& x, const Tensor& y, const PlaneMap& map);   // x = sums of y over what is mapped to each place; not for half types

}  // namespace st
