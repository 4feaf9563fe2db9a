// no_grad and enable_grad as context managers and decorators, cheap enough for the inside of a training loop.
#include "bind/modes.h"

#include <cstring>
#include <utility>

#include "bind/python_tensor.h"
#include "core/thread_state.h"

namespace st {
namespace {

struct PySwitch {
  PyObject_HEAD
  bool on, before;
};

PyTypeObject* types[2];  // no_grad, enable_grad

PySwitch* self_of(PyObject* o) { return reinterpret_cast<PySwitch*>(o); }

bool is_on(PyTypeObject* type) { return PyType_IsSubtype(type, types[1]); }

// The decorator is Python's: steepest sets `_decorate` on the types.
PyObject* decorate(PyObject* o, PyObject* f) {
  Ref how(PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "_decorate"));
  return how ? PyObject_CallFunctionObjArgs(how.get(), o, f, nullptr) : nullptr;
}

// The last object freed, kept for the next `with`.
PyObject* spare[2];

PyObject* make(PyTypeObject* type) {
  const bool on = is_on(type);
  PyObject* o = type == types[on] ? std::exchange(spare[on], nullptr) : nullptr;
  if (o) PyObject_Init(o, type);
  else o = type->tp_alloc(type, 0);
  if (o) self_of(o)->on = on;
  return o;
}
bool takes(PyTypeObject* type, Py_ssize_t n) {
  if (n <= 1) return true;
  PyErr_Format(PyExc_TypeError, "%s.__new__() takes from 1 to 2 positional arguments but %zd were given", type->tp_name, n + 1);
  return false;
}
PyObject* create(PyTypeObject* type, PyObject* args, PyObject*) {
  if (!takes(type, PyTuple_GET_SIZE(args))) return nullptr;
  Ref o(make(type));
  if (o && PyTuple_GET_SIZE(args) == 1 && PyTuple_GET_ITEM(args, 0) != Py_None) return decorate(o.get(), PyTuple_GET_ITEM(args, 0));
  return o.release();
}
// torch.no_grad() without building an argument tuple.
PyObject* create_fast(PyObject* type, PyObject* const* args, size_t nargsf, PyObject*) {
  if (!takes(reinterpret_cast<PyTypeObject*>(type), PyVectorcall_NARGS(nargsf))) return nullptr;
  Ref o(make(reinterpret_cast<PyTypeObject*>(type)));
  if (o && PyVectorcall_NARGS(nargsf) == 1 && args[0] != Py_None) return decorate(o.get(), args[0]);
  return o.release();
}
void dealloc(PyObject* o) {
  PyTypeObject* type = Py_TYPE(o);
  const bool on = is_on(type);
  if (type == types[on] && !spare[on]) spare[on] = o;
  else type->tp_free(o);
  Py_DECREF(type);
}
PyObject* enter(PyObject* o, PyObject*) {
  ThreadState& state = thread_state();
  self_of(o)->before = state.grad_enabled;
  state.grad_enabled = self_of(o)->on && !state.inference;  // inference mode records nothing, whoever asks
  Py_RETURN_NONE;
}
PyObject* leave(PyObject* o, PyObject* const*, Py_ssize_t) {
  thread_state().grad_enabled = self_of(o)->before;
  Py_RETURN_NONE;
}
PyObject* call(PyObject* o, PyObject* args, PyObject*) {
  PyObject* f;
  return PyArg_ParseTuple(args, "O", &f) ? decorate(o, f) : nullptr;
}

PyMethodDef methods[] = {{"__enter__", enter, METH_NOARGS, nullptr},
                         {"__exit__", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(leave)), METH_FASTCALL, nullptr},
                         {nullptr, nullptr, 0, nullptr}};

}  // namespace

bool init_modes(PyObject* module) {
  const struct { const char *name, *doc; } kTypes[] = {
      {"torch.autograd.grad_mode.no_grad", "no_grad()\n\nA context manager and decorator: what runs inside is not recorded for backward."},
      {"torch.autograd.grad_mode.enable_grad", "enable_grad()\n\nA context manager and decorator: what runs inside is recorded, even inside of no_grad."}};
  for (int i = 0; i < 2; ++i) {
    PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(create)}, {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                           {Py_tp_call, reinterpret_cast<void*>(call)},  {Py_tp_methods, methods},
                           {Py_tp_doc, const_cast<char*>(kTypes[i].doc)}, {0, nullptr}};
    PyType_Spec spec{kTypes[i].name, sizeof(PySwitch), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
    types[i] = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (types[i]) types[i]->tp_vectorcall = create_fast;
    if (!types[i] || PyModule_AddObjectRef(module, std::strrchr(kTypes[i].name, '.') + 1, reinterpret_cast<PyObject*>(types[i])) < 0) return false;
  }
  return true;
}

}  // namespace st
