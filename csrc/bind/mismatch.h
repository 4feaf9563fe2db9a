// What PyTorch says of arguments that do not fit a signature.
#pragma once
#include <Python.h>

#include <string>

#include "bind/parse.h"

namespace st {

// What is said of an object among ints.
std::string wrong_element(PyObject* o, Py_ssize_t at);
// Why an object does not fit a parameter, argument number `at`.
std::string misfit(const Row& row, const Param& p, PyObject* o, Py_ssize_t at, bool positional);
// The required ones among the parameters from `first` on that were not given.
std::string missing(const std::vector<Param>& params, PyObject* const* given, Py_ssize_t first);
// The signature as a message shows it: of a method without the tensor itself.
std::string shown_signature(const Row& row, bool method);

// The types of the arguments that a call gives.
std::string shown_arguments(const Call& call);
// The rows that messages name for a call: none that is deprecated, or that another one with more arguments, all of them optional, includes.
std::vector<const Row*> shown_rows(const Group& group, bool method);
// What is said of a deprecated order of arguments.
std::string deprecation(const Group& group, const Row& older, bool method);

}  // namespace st
