// Copies between memory orders in which different dimensions are the dense ones.
#pragma once
#include "core/tensor.h"

namespace st {

// Strides in bytes. Elements of `item` bytes; the last dimension is dense in dst, dimension `k` in src.
struct TransposedCopy {
  char* dst;
  const char* src;
  const int64_t *to, *from, *sizes;
  int ndim, k;
  int64_t item;
};
void copy_transposed(const TransposedCopy& c);

}  // namespace st
