// Discrete Fourier transforms of tensors along dimensions, times `scale`. See docs/adr/0009-fourier-transforms.md.
#pragma once
#include "core/tensor.h"

namespace st {

// dims count from the front; the results are contiguous, in x's precision.
Tensor fourier_complex(const Tensor& x, const Dims& dims, bool forward, double scale);
// onesided: of the last of dims the elements up to the middle, which the others mirror.
Tensor fourier_of_real(const Tensor& x, const Dims& dims, bool onesided, double scale);
// The inverse of the onesided one, for `last` elements along the last of dims.
Tensor fourier_to_real(const Tensor& x, const Dims& dims, int64_t last, double scale);

}  // namespace st
