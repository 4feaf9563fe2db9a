// Objects that stand for one element of a batch: their sizes and dtype are true, their memory is one zero that nobody reads.
#include "bind/batched.h"

#include "core/tensor_make.h"
#include "ops/functions.h"

namespace st {

PyTypeObject* batched_type = nullptr;

namespace {

// _set_batched(class)
PyObject* set_batched(PyObject*, PyObject* type) {
  batched_type = reinterpret_cast<PyTypeObject*>(Ref::borrow(type).release());  // for the life of the process
  Py_RETURN_NONE;
}

const Tensor& zero_of(Dtype dtype) {
  static auto* zeros_of = new std::vector<Tensor>;
  const auto at = static_cast<size_t>(dtype);
  if (zeros_of->size() <= at) zeros_of->resize(at + 1);
  Tensor& zero = (*zeros_of)[at];
  if (!zero.defined()) zero = zeros(Dims(), dtype);
  return zero;
}

// _stand_in(values): an object of the class with the sizes behind the first of those of `values`.
PyObject* stand_in(PyObject*, PyObject* values) {
  if (!is_tensor(values)) return PyErr_Format(PyExc_TypeError, "expected Tensor, got %s", Py_TYPE(values)->tp_name);
  return guarded([&] {
    const Tensor& t = tensor_of(values);
    if (t.dim() == 0) runtime_error("a batch has at least one dimension");
    Dims sizes, strides;
    for (int i = 1; i < t.dim(); ++i) {
      sizes.push_back(t.size(i));
      strides.push_back(0);
    }
    return wrap_as(batched_type, alias(zero_of(t.dtype()), sizes, strides, 0));
  });
}

PyMethodDef definitions[] = {
    {"_set_batched", set_batched, METH_O, nullptr}, {"_stand_in", stand_in, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

bool has_batched(PyObject* index) {
  if (!batched_type) return false;
  if (is_batched(index)) return true;
  if (!PyTuple_CheckExact(index) && !PyList_CheckExact(index)) return false;
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(index); ++i) if (is_batched(PySequence_Fast_GET_ITEM(index, i))) return true;
  return false;
}

void refuse_batched(PyObject* batched) {
  Ref never(PyObject_CallMethod(batched, "item", nullptr));
  throw PythonError();
}

bool init_batched(PyObject* module) { return PyModule_AddFunctions(module, definitions) == 0; }

}  // namespace st
