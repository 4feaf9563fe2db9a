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

bool starts_with(PyObject* text, PyObject* start) { return text && start && PyUnicode_Check(text) && PyUnicode_Tailmatch(text, start, 0, PY_SSIZE_T_MAX, -1) == 1; }

// How many frames lie between here and the innermost one outside of the package: warnings are to name a line of the program.
Py_ssize_t frames_to_program() {
  Ref package(PyImport_ImportModule("steepest")), path(package ? PyObject_GetAttrString(package.get(), "__path__") : nullptr);
  Ref folder(path ? PySequence_GetItem(path.get(), 0) : nullptr);
  Py_ssize_t level = 1;
  for (Ref frame = Ref::borrow(reinterpret_cast<PyObject*>(PyEval_GetFrame())); frame; ++level) {
    auto* f = reinterpret_cast<PyFrameObject*>(frame.get());
    Ref code(reinterpret_cast<PyObject*>(PyFrame_GetCode(f))), file(PyObject_GetAttrString(code.get(), "co_filename"));
    if (!starts_with(file.get(), folder.get())) break;
    frame = Ref(reinterpret_cast<PyObject*>(PyFrame_GetBack(f)));
  }
  PyErr_Clear();
  return level;
}

void warn_in_python(const std::string& message) {
  Locked lock;
  if (PyErr_WarnEx(PyExc_UserWarning, message.c_str(), frames_to_program()) < 0) throw PythonError();
}

const bool installed = (warning_hook = warn_in_python, true);

}  // namespace

}  // namespace st
