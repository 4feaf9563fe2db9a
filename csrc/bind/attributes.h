// Attributes of Tensor, and whether it requires gradients.
#pragma once
#include <Python.h>

#include "core/tensor.h"

namespace st {

bool init_attributes();
void require_grad(const Tensor& t, bool on);  // x.requires_grad = on, with PyTorch's refusals
void require_grad_of_new(const Tensor& t);    // requires_grad=True of what makes tensors
bool to_requires_grad(const std::string& function, PyObject* o);  // that argument's value

}  // namespace st
