// The old ways to make tensors: torch.Tensor(2, 3), torch.LongTensor([1, 2]).
#include "bind/data.h"
#include "bind/mismatch.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "bind/values.h"
#include "ops/functions.h"
#include "ops/sparse.h"

namespace st {
namespace {

[[noreturn]] void no_such_call(PyObject* args, PyObject* kwargs) {
  std::vector<PyObject*> values;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); ++i) values.push_back(PyTuple_GET_ITEM(args, i));
  PyObject *name, *value;
  Ref names(PyList_New(0));
  for (Py_ssize_t at = 0; kwargs && PyDict_Next(kwargs, &at, &name, &value);) {
    if (PyList_Append(names.get(), name) == 0) values.push_back(value);
  }
  Ref kwnames(PyList_AsTuple(names.get()));
  type_error("new() received an invalid combination of arguments - got ", shown_arguments({nullptr, values.data(), PyTuple_GET_SIZE(args), kwnames.get()}),
             ", but expected one of:\n * (*, torch.device device = None)\n * (torch.Storage storage)\n * (Tensor other)\n"
             " * (tuple of ints size, *, torch.device device = None)\n * (object data, *, torch.device device = None)\n");
}

Tensor of_sizes(PyObject* given, PyObject* args, Dtype dtype) {
  Dims sizes;
  if (!to_dims(given, sizes)) type_error("new(): data must be a sequence (got ", Py_TYPE(PyTuple_GET_ITEM(args, 0))->tp_name, ")");
  return empty(sizes, dtype);
}

Tensor of_data(PyObject* data, PyObject* args, Dtype dtype) {
  if (is_tensor(data)) {
    refuse_sparse("Tensor()", tensor_of(data));
    return detach(tensor_of(data));
  }
  if (is_numpy_array(data)) return to_dtype(from_numpy(data), dtype);  // memory is shared where the dtype is right
  if (!is_size(data) && PySequence_Check(data)) return tensor_from_python(data, dtype);
  return of_sizes(PySequence_Check(data) ? data : args, args, dtype);
}

Tensor made(PyObject* args, PyObject* kwargs, Dtype dtype) {
  PyObject *name, *value, *data = nullptr, *size = nullptr;
  for (Py_ssize_t at = 0; kwargs && PyDict_Next(kwargs, &at, &name, &value);) {
    const std::string key = PyUnicode_AsUTF8(name);
    if (key == "device") {
      check_device(value);
    } else if (PyTuple_GET_SIZE(args) || data || size) {
      no_such_call(args, kwargs);
    } else if (key == "data" || key == "other") {
      data = value;
    } else if (key == "size" && PySequence_Check(value)) {
      size = value;
    } else {
      no_such_call(args, kwargs);
    }
  }
  if (size) {
    Dims sizes;
    if (!to_dims(size, sizes)) no_such_call(args, kwargs);
    return empty(sizes, dtype);
  }
  if (data) return of_data(data, Ref(PyTuple_Pack(1, data)).get(), dtype);
  if (PyTuple_GET_SIZE(args) == 1) return of_data(PyTuple_GET_ITEM(args, 0), args, dtype);
  return PyTuple_GET_SIZE(args) ? of_sizes(args, args, dtype) : empty(Dims{0}, dtype);
}

// _legacy_tensor(dtype, args, kwargs)
PyObject* legacy_tensor(PyObject*, PyObject* given) {
  PyObject *dtype, *args, *kwargs;
  if (!PyArg_ParseTuple(given, "OO!O!", &dtype, &PyTuple_Type, &args, &PyDict_Type, &kwargs)) return nullptr;
  return guarded([&] {
    Dtype d;
    if (!to_dtype_argument(dtype, d)) type_error("_legacy_tensor(): not a dtype");
    return wrap(made(args, kwargs, d));
  });
}

PyMethodDef definitions[] = {
    {"_legacy_tensor", legacy_tensor, METH_VARARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

PyObject* new_tensor_object(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  return guarded([&] { return wrap_as(type, made(args, kwargs, default_dtype())); });
}

bool init_legacy(PyObject* module) { return PyModule_AddFunctions(module, definitions) == 0; }

}  // namespace st
