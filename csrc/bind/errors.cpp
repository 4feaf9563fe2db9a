// C++ exceptions as Python exceptions.
#include <exception>
#include <new>

#include "bind/python_tensor.h"

#include <pybind11/pybind11.h>

namespace st {

PyObject* linalg_error = nullptr;

PyObject* raise_error() {
  try {
    throw;
  } catch (const Error& e) {
    PyObject* const kinds[] = {PyExc_RuntimeError, PyExc_ValueError,    PyExc_TypeError,         PyExc_IndexError,     PyExc_NotImplementedError,
                               PyExc_MemoryError,  PyExc_OverflowError, PyExc_ZeroDivisionError, PyExc_AssertionError, linalg_error ? linalg_error : PyExc_RuntimeError};
    if (!PyErr_Occurred()) PyErr_SetString(kinds[static_cast<int>(e.kind)], e.what());
  } catch (pybind11::error_already_set& e) {
    e.restore();
  } catch (const PythonError&) {
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, "out of memory");
  } catch (const std::exception& e) {
    PyErr_SetString(PyExc_RuntimeError, e.what());
  }
  return nullptr;
}

namespace {

void warn_in_python(const std::string& message) {
  Locked lock;
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), 1) < 0) throw PythonError();
}

const bool installed = (warning_hook = warn_in_python, true);

}  // namespace

}  // namespace st
