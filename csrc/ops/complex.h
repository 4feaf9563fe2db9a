// The parts of complex tensors, as C++ functions.
#pragma once
#include "core/tensor.h"

namespace st {

// The type of the parts of what d is, and the complex numbers with such parts; d itself where that is what it is.
inline Dtype real_type(Dtype d) { return d == Dtype::Complex64 ? Dtype::Float32 : d == Dtype::Complex128 ? Dtype::Float64 : d; }
inline Dtype complex_type(Dtype d) { return d == Dtype::Float32 ? Dtype::Complex64 : d == Dtype::Float64 ? Dtype::Complex128 : d; }

Tensor real_part(const Tensor& x);       // a view; x itself where it is real
Tensor imaginary_part(const Tensor& x);  // a view; RuntimeError where x is real
Tensor complex(const Tensor& re, const Tensor& im);
Tensor conj(const Tensor& x);            // x itself where it is real
Tensor view_as_real(const Tensor& x);    // of size (..., 2)
Tensor view_as_complex(const Tensor& x);

// For kernels, unrecorded: the same memory as real numbers of size (..., 2) and back, and fresh complex numbers of such parts.
Tensor pairs_of(const Tensor& x);
Tensor complex_of_pairs(const Tensor& pairs);
Tensor of_parts(const Tensor& re, const Tensor& im);

}  // namespace st
