// Attributes of Tensor.
#pragma once
#include "core/tensor.h"

namespace st {

bool init_attributes();
void require_grad(const Tensor& t, bool on);  // x.requires_grad = on, with PyTorch's refusals

}  // namespace st
