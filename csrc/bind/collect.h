// What the garbage collector is told of the Python objects that a tensor's hooks and graph hold.
#pragma once
#include <Python.h>

#include "core/tensor.h"

namespace st {

int traverse_tensor(TensorImpl* t, visitproc visit, void* arg);
void clear_tensor(TensorImpl* t);
void track(PyObject* tensor);  // from now on the collector looks at this tensor object

}  // namespace st
