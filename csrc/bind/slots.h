// The type slots of Tensor: operators, comparison, indexing, conversion to numbers.
#pragma once
#include <Python.h>

#include <vector>

namespace st {

void add_tensor_slots(std::vector<PyType_Slot>& slots);
void init_slots();  // after all rows are registered

}  // namespace st
