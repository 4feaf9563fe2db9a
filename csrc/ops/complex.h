// The parts of complex tensors, as C++ functions.
#pragma once
#include "core/tensor.h"

namespace st {

Tensor real_part(const Tensor& x);       // a view; x itself where it is real
Tensor imaginary_part(const Tensor& x);  // a view; RuntimeError where x is real
Tensor conj(const Tensor& x);            // x itself where it is real
Tensor view_as_real(const Tensor& x);    // of size (..., 2)
Tensor view_as_complex(const Tensor& x);

// For kernels, unrecorded: the same memory as real numbers of size (..., 2) and back, and fresh complex numbers of such parts.
Tensor pairs_of(const Tensor& x);
Tensor complex_of_pairs(const Tensor& pairs);
Tensor of_parts(const Tensor& re, const Tensor& im);

}  // namespace st
