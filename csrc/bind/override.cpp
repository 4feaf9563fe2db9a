// The __torch_function__ protocol: classes that answer for ops called with their instances.
#include <vector>

#include "bind/watch.h"

namespace st {
namespace {

PyObject* protocol_name() {
  static PyObject* name = PyUnicode_InternFromString("__torch_function__");
  return name;
}

// Left to right, but a subclass before its bases; one object a class.
void add_overloaded(std::vector<PyObject*>& list, PyObject* o) {
  if (PyTuple_CheckExact(o) || PyList_CheckExact(o)) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) {
      PyObject* item = PySequence_Fast_GET_ITEM(o, i);
      if (PyLong_CheckExact(item)) return;
      if (!PyTuple_CheckExact(item) && !PyList_CheckExact(item)) add_overloaded(list, item);
    }
    return;
  }
  PyTypeObject* type = Py_TYPE(o);
  if (is_tensor(o) ? !kept_subclass(o) : !overrides_functions(type)) return;
  size_t at = list.size();
  for (size_t i = 0; i < list.size(); ++i) {
    if (Py_TYPE(list[i]) == type) return;
    if (at == list.size() && PyType_IsSubtype(type, Py_TYPE(list[i]))) at = i;
  }
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(at), o);
}

// What __torch_function__ is told was called.
PyObject* function_of(const Group& group, PyObject* self) { return self || !group.function ? group.method : group.function; }

// o.__torch_function__(function, types, args, kwargs)
PyObject* ask(PyObject* o, const Group& group, PyObject* types, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t shift = self != nullptr, n_keywords = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
  Ref all(PyTuple_New(nargs + shift)), keywords(PyDict_New());
  if (self) PyTuple_SET_ITEM(all.get(), 0, Ref::borrow(self).release());
  for (Py_ssize_t i = 0; i < nargs; ++i) PyTuple_SET_ITEM(all.get(), i + shift, Ref::borrow(args[i]).release());
  for (Py_ssize_t k = 0; k < n_keywords; ++k) PyDict_SetItem(keywords.get(), PyTuple_GET_ITEM(kwnames, k), args[nargs + k]);
  Ref answer(PyObject_GetAttr(o, protocol_name()));
  if (!answer) return nullptr;
  return PyObject_CallFunctionObjArgs(answer.get(), function_of(group, self), types, all.get(), n_keywords ? keywords.get() : Py_None, nullptr);
}

}  // namespace

PyObject* ask_mode(PyObject* mode, const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Ref types(PyTuple_New(0));
  return ask(mode, group, types.get(), self, args, nargs, kwnames);
}

bool answers_for_items(PyTypeObject* type) { return overrides_functions(type) && !overrides_disabled(); }

PyObject* ask_for_item(const char* method, PyTypeObject* type, PyObject* o, PyObject* index, PyObject* value) {
  Ref function(PyObject_GetAttrString(reinterpret_cast<PyObject*>(tensor_type), method)), answer(PyObject_GetAttr(type == Py_TYPE(o) ? o : reinterpret_cast<PyObject*>(type), protocol_name()));
  Ref types(PyTuple_Pack(1, type)), args(value ? PyTuple_Pack(3, o, index, value) : PyTuple_Pack(2, o, index));
  if (!function || !answer || !types || !args) return nullptr;
  return PyObject_CallFunctionObjArgs(answer.get(), function.get(), types.get(), args.get(), Py_None, nullptr);
}

bool overrides_functions(PyTypeObject* type) {
  if (type == tensor_type || type == parameter_type || type == &PyFloat_Type || type == &PyLong_Type || type == &PyUnicode_Type) return false;
  PyObject* own = _PyType_Lookup(type, protocol_name());
  return own && own != _PyType_Lookup(tensor_type, protocol_name());
}

PyTypeObject* class_of_attributes(PyObject* o) {
  PyTypeObject* type = kept_subclass(o);
  if (!type || overrides_disabled()) return nullptr;
  if (!overrides_functions(type)) return type;
  static PyObject* disabled = [] {
    const Ref module(PyImport_ImportModule("steepest._C"));
    return module ? PyObject_GetAttrString(module.get(), "_disabled_torch_function_impl") : nullptr;
  }();
  return _PyType_Lookup(type, protocol_name()) == disabled ? nullptr : type;
}

PyObject* call_override(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, bool& answered, PyTypeObject*& kept) {
  answered = false;
  std::vector<PyObject*> overloaded;
  const Py_ssize_t n_keywords = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
  if (self) add_overloaded(overloaded, self);
  for (Py_ssize_t i = 0; i < nargs + n_keywords; ++i) add_overloaded(overloaded, args[i]);
  for (PyObject* o : overloaded) if (!kept) kept = kept_subclass(o);
  bool any = false;
  for (PyObject* o : overloaded) any |= overrides_functions(Py_TYPE(o));
  if (!any || !function_of(group, self)) return nullptr;
  answered = true;
  Ref types(PyTuple_New(static_cast<Py_ssize_t>(overloaded.size())));
  for (size_t i = 0; i < overloaded.size(); ++i) {
    PyTuple_SET_ITEM(types.get(), static_cast<Py_ssize_t>(i), Ref::borrow(reinterpret_cast<PyObject*>(Py_TYPE(overloaded[i]))).release());
  }
  for (PyObject* o : overloaded) {
    Ref result(ask(o, group, types.get(), self, args, nargs, kwnames));
    if (!result || result.get() != Py_NotImplemented) return result.release();
  }
  return PyErr_Format(PyExc_TypeError, "Multiple dispatch failed for 'torch.%s%s'; all __torch_function__ handlers returned NotImplemented:\n\n  - tensor subclass %R\n\nFor more information, try re-running with TORCH_LOGS=not_implemented",
                      self ? "_C.TensorBase." : "_C._VariableFunctionsClass.", group.name.c_str(), Py_TYPE(overloaded[0]));
}

}  // namespace st
