// Recording modes as Python objects.
#pragma once
#include <Python.h>

namespace st {

bool init_modes(PyObject* module);

}  // namespace st
