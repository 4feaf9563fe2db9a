// Python objects as the values of parameters.
#pragma once
#include <Python.h>

#include "ops/signature.h"

namespace st {

// Each is false, without an error set, where the object is none of that.
bool to_scalar(PyObject* o, Scalar& s);  // Python's bools, ints, floats, complex, and numpy's scalars
bool to_int(PyObject* o, int64_t& v);    // ints, numpy's ints, integer tensors of one element
bool to_dims(PyObject* o, Dims& d);      // list or tuple of ints
bool to_dtype_argument(PyObject* o, Dtype& d);
bool to_parameter(const Param& p, PyObject* o, Value& v);

bool is_true(PyObject* o);  // PythonError where o does not say

PyObject* scalar_to_python(const Scalar& s);
void check_device(PyObject* o);  // throws unless it names the CPU or is None

}  // namespace st
