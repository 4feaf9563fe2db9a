// The parts of complex tensors, as C++ functions.
#pragma once
#include "core/tensor.h"

namespace st {

Tensor real_part(const Tensor& x);       // a view; x itself where it is real
Tensor imaginary_part(const Tensor& x);  // a view; RuntimeError where x is real

}  // namespace st
