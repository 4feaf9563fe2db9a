// Sparse tensors, which a class in Python makes (python/steepest/sparse/_tensor.py), for the engine and for embedding().
#include "bind/sparse.h"

#include "bind/python_tensor.h"
#include "core/thread_state.h"
#include "graph/node.h"
#include "ops/value.h"

namespace st {
bool init_sparse(PyObject* module);

namespace {

PyObject *sparse_type = nullptr, *embed = nullptr;

Tensor tensor_from(PyObject* o) {
  const Ref result(o);
  if (!result) throw PythonError();
  return tensor_of(result.get());
}

// Python adds, with a dense tensor first.
Tensor sum(const Tensor& a, const Tensor& b, bool in_place) {
  Locked lock;
  const bool swapped = is_sparse(a.impl()) && !is_sparse(b.impl());
  const Ref x(wrap(swapped ? b : a)), y(wrap(swapped ? a : b));
  if (!x || !y) throw PythonError();
  return tensor_from(in_place && !swapped ? PyNumber_InPlaceAdd(x.get(), y.get()) : PyNumber_Add(x.get(), y.get()));
}

Tensor copy(const Tensor& x) {
  Locked lock;
  const Ref o(wrap(x));
  if (!o) throw PythonError();
  return tensor_from(PyObject_CallMethod(o.get(), "__copy__", nullptr));
}

Tensor embedding(const Tensor& weight, const Tensor& index, int64_t padding, bool by_frequency) {
  Locked lock;
  if (!embed) {
    const Ref module(PyImport_ImportModule("steepest.sparse"));
    if (!module) throw PythonError();
  }
  const Ref w(wrap(weight)), i(wrap(index));
  if (!w || !i) throw PythonError();
  return tensor_from(PyObject_CallFunction(embed, "OOLO", w.get(), i.get(), static_cast<long long>(padding), by_frequency ? Py_True : Py_False));
}

// _set_sparse(the class, its embedding function)
PyObject* set_sparse(PyObject*, PyObject* args) {
  if (!PyArg_ParseTuple(args, "OO", &sparse_type, &embed)) return nullptr;
  Py_INCREF(sparse_type);  // both for the life of the process
  Py_INCREF(embed);
  sparse_support = {[](const TensorImpl* t) { return reinterpret_cast<PyObject*>(Py_TYPE(static_cast<PyObject*>(t->py))) == sparse_type; }, sum, copy};
  Py_RETURN_NONE;
}

}  // namespace

void step_sparse(PyObject* optimizer, PyObject* group, PyObject* params) {
  if (!sparse_support.is_sparse) [[likely]] return;  // none was ever made
  const Ref chosen(PyList_New(0));
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(params); ++i) {
    PyObject* p = PyList_GET_ITEM(params, i);
    const TensorImpl* grad = tensor_of(p)->grad;
    if (grad && is_sparse(grad) && PyList_Append(chosen.get(), p) < 0) throw PythonError();
  }
  if (PyList_GET_SIZE(chosen.get()) == 0) return;
  const Ref done(PyObject_CallMethod(optimizer, "_sparse_step", "OO", group, chosen.get()));
  if (!done) throw PythonError();
}

bool init_sparse(PyObject* module) {
  static PyMethodDef functions[] = {{"_set_sparse", set_sparse, METH_VARARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};
  sparse_embedding = embedding;
  return PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace st
