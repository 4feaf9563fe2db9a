// Sliding blocks of images: every block as a column (unfold), and columns added back into images (fold).
#pragma once
#include "core/tensor.h"

namespace st {

// x (n, c, height, width) and columns (n, c * kernel[0] * kernel[1], blocks[0] * blocks[1]).
struct FoldShape {
  int64_t n, c, size[2], kernel[2], dilation[2], padding[2], stride[2], blocks[2];
};

// Contiguous; the first of float32, float64, the 16-bit floats and bool, the second of float32 and float64.
void unfold_blocks(const FoldShape& s, const Tensor& x, const Tensor& columns);
void fold_blocks(const FoldShape& s, const Tensor& columns, const Tensor& x);

}  // namespace st
