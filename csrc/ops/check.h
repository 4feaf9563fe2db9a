// What ops refuse: numbers that do not fit a dtype, and writes over memory that is read; and what messages call a dtype in C++.
#pragma once
#include "core/scalar.h"
#include "core/tensor.h"

namespace st {

bool fits(const Scalar& value, Dtype dtype);
void check_fits(const Scalar& value, Dtype dtype);                 // PyTorch's error where it does not
const char* cpp_name(Dtype dtype);  // the C++ type, as some of PyTorch's messages show it: "long int", "c10::Half"
void refuse_partial_overlap(const Tensor& out, const Tensor& in);  // PyTorch's error where dense tensors share some of their memory

}  // namespace st
