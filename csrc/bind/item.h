// One element, or all of them, as Python numbers.
#pragma once
#include <Python.h>

#include "core/tensor.h"

namespace st {

PyObject* element_to_python(Dtype d, const char* p);
PyObject* to_list(const Tensor& t);
PyObject* item(const Tensor& t);
int tensor_bool(PyObject* o);
PyObject* tensor_int(PyObject* o);
PyObject* tensor_float(PyObject* o);
PyObject* tensor_complex(PyObject* o, PyObject*);
PyObject* tensor_index(PyObject* o);

}  // namespace st
