// The matrix product of complex elements, of which gemm.h tells.
#pragma once

#include <complex>

#include "kernels/gemm_table.h"

namespace st {

// T: float, double.
template <class T>
void gemm_complex(const GemmCall<std::complex<T>>& call);

}  // namespace st
