// Python arguments against an op's signature: conversion, overloads, PyTorch's TypeErrors.
#pragma once
#include <Python.h>

#include <string>

#include "bind/python_tensor.h"
#include "bind/values.h"
#include "ops/row.h"

namespace st {

// All rows of one Python name, in the order in which they are tried.
struct Group {
  std::string name;
  std::vector<const Row*> rows;
  std::vector<std::vector<PyObject*>> keys;  // the names of each row's parameters, interned as those in programs are
  bool inplace = false;  // name_: writes into the first argument
  const Row* plain = nullptr;  // the elementwise row, if there is one, that takes nothing but its operands
  PyObject *function = nullptr, *method = nullptr;  // as Python has them
};

// Whether a row is there for a call as a method, or as a function.
inline bool is_for(const Row& row, bool method) { return method ? row.info.where & kMethod : row.info.where != kMethod; }

// Runs the first overload that the arguments fit. `self` counts as the first argument where it is not null.
PyObject* call_group(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

}  // namespace st
