// Methods of Tensor that are no ops: sizes, items, backward, conversion, hooks.
#pragma once
#include <Python.h>

namespace st {

bool init_methods();
PyObject* new_tensor_object(PyTypeObject* type, PyObject* args, PyObject* kwargs);  // torch.Tensor(2, 3), torch.Tensor([1, 2])

}  // namespace st
