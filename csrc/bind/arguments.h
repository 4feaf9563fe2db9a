// Python arguments against an op's signature: conversion, overloads, PyTorch's TypeErrors.
#pragma once
#include <Python.h>

#include <string>

#include "bind/python_tensor.h"
#include "ops/row.h"

namespace st {

// All rows of one Python name, in the order in which they are tried.
struct Group {
  std::string name;
  std::vector<const Row*> rows;
  bool inplace = false;  // name_: writes into the first argument
};

// Runs the first overload that the arguments fit. `self` counts as the first argument where it is not null.
PyObject* call_group(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

// Python -> number, false without an error set if it is none. Python bools, ints, floats, complex, numpy's scalars.
bool to_scalar(PyObject* o, Scalar& s);
bool to_dims(PyObject* o, Dims& d);  // list or tuple of ints
bool to_dtype_argument(PyObject* o, Dtype& d);
PyObject* from_value(const Row& row, Value v);
PyObject* scalar_to_python(const Scalar& s);
void check_device(PyObject* o);  // throws unless it names the CPU or is None

}  // namespace st
