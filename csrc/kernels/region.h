// Adding into a strided region whose elements may lie on each other, as those of overlapping windows do.
#pragma once
#include "core/tensor.h"

namespace st {

bool may_overlap(DimSpan sizes, DimSpan strides);            // false only where no two indices share an element
void add_to_region(const Tensor& region, const Tensor& x);  // region += x, of equal sizes and dtype; a region without overlap must hold zeros

}  // namespace st
