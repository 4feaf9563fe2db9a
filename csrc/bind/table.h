// Functions and methods of Python, stamped from the table of ops.
#pragma once
#include <Python.h>

#include "bind/arguments.h"

namespace st {

// Adds a function to `module` (or its parts nn, linalg, special) and a method to Tensor for every row that asks for one.
bool init_table(PyObject* module);
const Group& find_group(const char* name);  // RuntimeError at import when there is none

}  // namespace st
