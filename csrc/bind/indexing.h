// x[index], x[index] = value, and iteration, as numpy mixes integers, slices, None, Ellipsis, tensors and sequences.
#pragma once
#include <Python.h>

namespace st {

PyObject* get_item(PyObject* self, PyObject* index);
int set_item(PyObject* self, PyObject* index, PyObject* value);  // a null value asks to delete, which tensors refuse
PyObject* iterate(PyObject* self);

}  // namespace st
