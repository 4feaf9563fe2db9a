// What the factorizations share: the kernels of this machine for blocks.
#pragma once
#include <type_traits>

#include "kernels/choice.h"
#include "kernels/matrix_table.h"

namespace st {

const MatrixTable& matrix_table();

template <class T>
const MatrixKernels<T>& matrix_kernels() {
  if constexpr (std::is_same_v<T, float>) return matrix_table().f32;
  else return matrix_table().f64;
}

}  // namespace st
