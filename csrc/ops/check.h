// What ops refuse: numbers that do not fit a dtype, and writes over memory that is read; and what messages call a dtype in C++.
#pragma once
#include "core/scalar.h"
#include "core/tensor.h"

namespace st {

// What PyTorch's messages call the type: its C++ name, such as "long int".
const char* cpp_name(Dtype d);
bool fits(const Scalar& value, Dtype dtype);
void check_fits(const Scalar& value, Dtype dtype);                 // PyTorch's error where it does not
[[noreturn]] void refuse_overlap();
void refuse_partial_overlap(const Tensor& out, const Tensor& in);  // PyTorch's error where dense tensors share some of their memory

}  // namespace st
