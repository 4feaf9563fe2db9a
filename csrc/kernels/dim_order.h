// The order of dimensions in memory, of tensors whose strides have gaps or do not agree: as PyTorch sorts them.
#pragma once
#include <utility>

#include "core/dims.h"

namespace st {

// The n dimensions from the innermost in memory to the outermost: row-major, sorted by insertion. which(a, b) is below 0 where a lies
// further in, above 0 where b does, and 0 where nothing tells: such a pair is passed over, so that the outcome depends on the way, and
// programs see it in strides.
template <class Which>
Dims dims_from_within(int n, Which which) {
  Dims order;
  for (int d = n - 1; d >= 0; --d) order.push_back(d);
  for (int i = 1; i < n; ++i) {
    for (int from = i, to = i - 1; to >= 0; --to) {
      const int found = which(static_cast<int>(order[to]), static_cast<int>(order[from]));
      if (found < 0) break;
      if (found == 0) continue;
      std::swap(order[to], order[from]);
      from = to;
    }
  }
  return order;
}

}  // namespace st
