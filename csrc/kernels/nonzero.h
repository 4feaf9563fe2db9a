// Where a tensor is not zero.
#pragma once
#include "core/tensor.h"

namespace st {

int64_t count_nonzero_elements(const Tensor& x);
// Row-major. Element e of column d goes to out[e * row_step + d * column_step].
void write_nonzero(const Tensor& x, int64_t* out, int64_t row_step, int64_t column_step);

}  // namespace st
