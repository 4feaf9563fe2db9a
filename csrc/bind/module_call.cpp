// Calling nn.Module: from the object straight to the forward() of its class, which is Python's.
#include "bind/python_tensor.h"

namespace st {
namespace {

PyObject* forward_name;
// What Python gives once: a list whose one item is false until somebody registers a hook, and the call that runs hooks.
PyObject *hooks_used, *call_with_hooks;

constexpr Py_ssize_t kMaxArguments = 8;

PyObject* call(PyObject* self, PyObject* args, PyObject* kwargs) {
  if (PyList_GET_ITEM(hooks_used, 0) != Py_False) [[unlikely]] {
    const Ref keywords(kwargs ? Ref::borrow(kwargs) : Ref(PyDict_New()));
    return keywords ? PyObject_CallFunctionObjArgs(call_with_hooks, self, args, keywords.get(), nullptr) : nullptr;
  }
  const Py_ssize_t n = PyTuple_GET_SIZE(args);
  PyObject* forward = _PyType_Lookup(Py_TYPE(self), forward_name);
  if (forward && Py_IS_TYPE(forward, &PyFunction_Type) && n <= kMaxArguments && !(kwargs && PyDict_GET_SIZE(kwargs))) [[likely]] {
    const Ref dict(PyObject_GenericGetDict(self, nullptr));
    if (!dict) return nullptr;
    if (!PyDict_GetItemWithError(dict.get(), forward_name)) [[likely]] {
      if (PyErr_Occurred()) return nullptr;
      const Ref held = Ref::borrow(forward);  // its class may drop it while it runs
      PyObject* stack[kMaxArguments + 1] = {self};
      for (Py_ssize_t i = 0; i < n; ++i) stack[i + 1] = PyTuple_GET_ITEM(args, i);
      return PyObject_Vectorcall(forward, stack, static_cast<size_t>(n) + 1, nullptr);
    }
  }
  const Ref bound(PyObject_GetAttr(self, forward_name));
  return bound ? PyObject_Call(bound.get(), args, kwargs) : nullptr;
}

PyObject* set_hooks(PyObject*, PyObject* args) {
  if (!PyArg_ParseTuple(args, "O!O", &PyList_Type, &hooks_used, &call_with_hooks)) return nullptr;
  Py_INCREF(hooks_used);
  Py_INCREF(call_with_hooks);
  Py_RETURN_NONE;
}

PyMethodDef hooks_definition = {"_set_module_hooks", set_hooks, METH_VARARGS, nullptr};

}  // namespace

// _C._Callable, the base of nn.Module that calls forward(), and how it gets to know of hooks.
bool init_module_call(PyObject* module) {
  forward_name = PyUnicode_InternFromString("forward");
  PyType_Slot slots[] = {{Py_tp_call, reinterpret_cast<void*>(call)}, {0, nullptr}};
  PyType_Spec spec{"steepest._C._Callable", sizeof(PyObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  const Ref type(PyType_FromSpec(&spec)), set(PyCFunction_New(&hooks_definition, nullptr));
  return forward_name && type && set && PyModule_AddObjectRef(module, "_Callable", type.get()) == 0 &&
         PyModule_AddObjectRef(module, "_set_module_hooks", set.get()) == 0;
}

}  // namespace st
