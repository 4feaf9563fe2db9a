// What PyTorch says of arguments that do not fit a signature.
#pragma once
#include <Python.h>

#include <string>

#include "ops/row.h"

namespace st {

// What is said of an object among ints.
std::string wrong_element(PyObject* o, Py_ssize_t at);
// Why an object does not fit a parameter, argument number `at`.
std::string misfit(const Row& row, const Param& p, PyObject* o, Py_ssize_t at, bool positional);
// The required ones among the parameters from `first` on that were not given.
std::string missing(const std::vector<Param>& params, PyObject* const* given, Py_ssize_t first);
// The signature as a message shows it: of a method without the tensor itself.
std::string shown_signature(const Row& row, bool method);

}  // namespace st
