// Whether a number fits the dtype it is to be written in.
#pragma once
#include "core/scalar.h"

namespace st {

void check_fits(const Scalar& value, Dtype dtype);  // PyTorch's error where it does not

}  // namespace st
