// One element, or all of them, as Python numbers.
#pragma once
#include <Python.h>

#include "core/tensor.h"

namespace st {

PyObject* element_to_python(Dtype d, const char* p);
void note_lost_gradient(const Tensor& t);  // warns once of a number taken out of a tensor that records
PyObject* to_list(const Tensor& t);
PyObject* item(const Tensor& t);
int tensor_bool(PyObject* o);
PyObject* tensor_int(PyObject* o);
PyObject* tensor_float(PyObject* o);
PyObject* tensor_complex(PyObject* o, PyObject*);
PyObject* tensor_index(PyObject* o);

}  // namespace st
