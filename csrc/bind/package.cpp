// The package as an object: torch.exp is an entry of its dict, looked for there before anything else.
#include "bind/python_tensor.h"

namespace st {
namespace {

// Modules with a __getattr__ are slow in Python: its specialised instructions leave them alone, and the general way asks the type first.
PyObject* get_attribute(PyObject* module, PyObject* name) {
  PyObject* found = PyDict_GetItemWithError(PyModule_GetDict(module), name);
  if (found) return Ref::borrow(found).release();
  return PyErr_Occurred() ? nullptr : PyModule_Type.tp_getattro(module, name);
}

}  // namespace

// _C._Package: the class that the package gives itself.
bool init_package(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_getattro, reinterpret_cast<void*>(get_attribute)}, {0, nullptr}};
  PyType_Spec spec{"steepest._C._Package", 0, 0, Py_TPFLAGS_DEFAULT, slots};
  const Ref bases(PyTuple_Pack(1, &PyModule_Type)), type(bases ? PyType_FromSpecWithBases(&spec, bases.get()) : nullptr);
  return type && PyModule_AddObjectRef(module, "_Package", type.get()) == 0;
}

}  // namespace st
