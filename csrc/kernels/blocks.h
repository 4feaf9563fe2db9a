// Moving blocks of elements between a tensor and the places in it that indices name.
#pragma once
#include "core/dtype.h"
#include "core/dims.h"
#include "core/scalar.h"

namespace st {

// How an indexed tensor spreads: dimensions before the indexed ones, places among those, dimensions behind. Strides and offsets count
// elements. The values at the places lie contiguous as (before, places, after), or are one element for all.
struct Blocks {
  Dims before_sizes, before_strides, after_sizes, after_strides;
  const int64_t* offsets = nullptr;
  int64_t count = 0;
};

void gather_blocks(char* values, const char* x, Dtype dtype, const Blocks& blocks);
// Where two places are the same, the later one wins.
void scatter_blocks(char* x, const char* values, bool one_value, Dtype dtype, const Blocks& blocks);
void add_blocks(char* x, const char* values, bool one_value, Dtype dtype, const Scalar& alpha, const Blocks& blocks);  // x += alpha * values

}  // namespace st
