// The matrix product of float16 and bfloat16 elements, of which gemm.h tells.
#pragma once

#include "core/half.h"
#include "kernels/gemm_table.h"

namespace st {

// T: Half, BFloat16.
template <class T>
void gemm_half(const GemmCall<T>& call);

}  // namespace st
