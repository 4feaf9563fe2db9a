// Results of ops as Python objects: tensors, named tuples, out= arguments.
#pragma once
#include <Python.h>

#include "ops/row.h"

namespace st {

PyObject* from_value(const Row& row, Value v);
PyObject* write_out(const Row& row, Value v, PyObject* out);

}  // namespace st
