// The arguments of functions written by hand, by place and by name.
#pragma once
#include <Python.h>

#include <cstring>

namespace st {

// Arguments of a FASTCALL | KEYWORDS function, of which `positional` may be given by place; false with a Python error set where they do
// not fit. `own` is what a method's object counts for in messages.
template <size_t N>
bool take(const char* function, const char* const (&names)[N], PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, PyObject* (&out)[N],
          Py_ssize_t positional = N, int own = 1) {
  if (nargs > positional) {
    PyErr_Format(PyExc_TypeError, "%s() takes from 1 to %zd positional arguments but %zd were given", function, positional + own, nargs + own);
    return false;
  }
  for (Py_ssize_t i = 0; i < nargs; ++i) out[i] = args[i];
  for (Py_ssize_t k = 0; kwnames && k < PyTuple_GET_SIZE(kwnames); ++k) {
    const char* key = PyUnicode_AsUTF8(PyTuple_GET_ITEM(kwnames, k));
    size_t i = 0;
    while (i < N && std::strcmp(names[i], key) != 0) ++i;
    if (i == N || out[i]) {
      PyErr_Format(PyExc_TypeError, "%s() got %s argument '%s'", function, i == N ? "an unexpected keyword" : "multiple values for", key);
      return false;
    }
    out[i] = args[nargs + k];
  }
  return true;
}

}  // namespace st
