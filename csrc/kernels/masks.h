// Writing and copying where a mask holds. Masks have the shape of the tensor beside them, as bool or uint8, with any strides.
#pragma once
#include "core/tensor.h"

namespace st {

void fill_masked(const Tensor& x, const Tensor& mask, const Tensor& value);  // value: one element of x's dtype
// x[mask] = source[0], source[1], ...; source is contiguous, of x's dtype. Returns how many were taken; -1, with x as it was, when
// there are not enough.
int64_t scatter_masked(const Tensor& x, const Tensor& mask, const Tensor& source);

}  // namespace st
