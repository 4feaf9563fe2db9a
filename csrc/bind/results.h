// Results of ops as Python objects: tensors, named tuples, out= arguments.
#pragma once
#include <Python.h>

#include <span>

#include "ops/row.h"

namespace st {

PyObject* from_value(const Row& row, Value v);
PyObject* return_type_named(PyObject*, PyObject* name);  // torch.return_types.<name>; None where no op has such results
// A dtype that the call leaves open is the one of out=, where the op can compute in it.
void take_dtype_of_out(const Row& row, Argument* arguments, PyObject* out);
// The op's result, written to what out= was given, which is returned. Nothing is written where PyTorch refuses it.
PyObject* write_out(const Row& row, Value v, PyObject* out, std::span<const Argument> arguments);

}  // namespace st
