// torch.tensor, torch.as_tensor and torch.from_numpy.
#include "bind/attributes.h"
#include "bind/data.h"
#include "bind/python_tensor.h"
#include "bind/take.h"
#include "bind/types.h"
#include "bind/values.h"
#include "ops/functions.h"

namespace st {
namespace {

std::optional<Dtype> dtype_argument(const char* function, PyObject* o) {
  if (!o || o == Py_None) return std::nullopt;
  Dtype d;
  if (!to_dtype_argument(o, d)) type_error(function, "(): argument 'dtype' must be torch.dtype, not ", Py_TYPE(o)->tp_name);
  return d;
}

PyObject* no_data(const char* function) { return PyErr_Format(PyExc_TypeError, "%s() missing 1 required positional arguments: \"data\"", function); }

constexpr const char* kCopyWarning =
    "To copy construct from a tensor, it is recommended to use sourceTensor.detach().clone() or "
    "sourceTensor.detach().clone().requires_grad_(True), rather than torch.tensor(sourceTensor).";

PyObject* made(PyObject* data, PyObject* dtype, bool required) {
  Tensor t = tensor_from_python(data, dtype_argument("tensor", dtype));
  if (required) require_grad_of_new(t);
  return wrap(std::move(t));
}

PyObject* tensor(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"data", "dtype", "device", "requires_grad", "pin_memory"};
  PyObject* a[5] = {};
  if (!take("tensor", kNames, args, nargs, kwnames, a, 1, 0)) return nullptr;
  if (!a[0]) return no_data("tensor");
  return guarded([&]() -> PyObject* {
    if (a[2]) check_device(a[2]);
    const bool required = a[3] && to_requires_grad("tensor", a[3]);
    if (is_tensor(a[0])) warn(kCopyWarning);
    return made(a[0], a[1], required);
  });
}

// _tensor(data, dtype, requires_grad): without a word about tensors.
PyObject* tensor_of_data(PyObject*, PyObject* args) {
  PyObject *data, *dtype, *required;
  if (!PyArg_ParseTuple(args, "OOO", &data, &dtype, &required)) return nullptr;
  return guarded([&] { return made(data, dtype, to_requires_grad("tensor", required)); });
}

PyObject* as_tensor(PyObject*, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"data", "dtype", "device"};
  PyObject* a[3] = {};
  if (!take("as_tensor", kNames, args, nargs, kwnames, a, 3, 0)) return nullptr;
  if (!a[0]) return no_data("as_tensor");
  return guarded([&]() -> PyObject* {
    if (a[2]) check_device(a[2]);
    const std::optional<Dtype> dtype = dtype_argument("as_tensor", a[1]);
    if (is_tensor(a[0])) {
      const Tensor& t = tensor_of(a[0]);
      if (!dtype || *dtype == t.dtype()) return Ref::borrow(a[0]).release();
      return wrap(to_dtype(t, *dtype));
    }
    if (!is_numpy_array(a[0])) return wrap(tensor_from_python(a[0], dtype));
    Tensor shared = from_numpy(a[0]);
    return wrap(dtype && *dtype != shared.dtype() ? to_dtype(shared, *dtype) : std::move(shared));
  });
}

PyObject* of_array(PyObject*, PyObject* array) {
  return guarded([&] { return wrap(from_numpy(array)); });
}

PyCFunction c_function(PyObject* (*f)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f));
}

PyMethodDef definitions[] = {
    {"tensor", c_function(tensor), METH_FASTCALL | METH_KEYWORDS,
     "tensor(data, *, dtype=None, device=None, requires_grad=False, pin_memory=False)\n--\n\nA new tensor with a copy of `data`: numbers, "
     "nested sequences, numpy arrays.\n\nThe dtype is inferred where it is not given: the default dtype for floats, int64 for ints, bool for "
     "bools.\nRaises ValueError for ragged nesting, TypeError for what is no number.\n\n>>> import steepest as torch\n>>> torch.tensor([[1., "
     "2.], [3., 4.]])\ntensor([[1., 2.],\n        [3., 4.]])"},
    {"as_tensor", c_function(as_tensor), METH_FASTCALL | METH_KEYWORDS,
     "as_tensor(data, dtype=None, device=None)\n--\n\nA tensor that shares memory with `data` where it can: a tensor itself, or an array of "
     "the dtype asked for.\n\n>>> import steepest as torch\n>>> x = torch.ones(2)\n>>> torch.as_tensor(x) is x\nTrue"},
    {"_tensor", tensor_of_data, METH_VARARGS, nullptr},
    {"from_numpy", of_array, METH_O,
     "from_numpy(ndarray)\n--\n\nA tensor that shares the memory of a numpy array.\n\nRaises TypeError for arrays of what no dtype stands for.\n\n"
     ">>> import numpy, steepest as torch\n>>> torch.from_numpy(numpy.ones(2))\ntensor([1., 1.], dtype=torch.float64)"},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool init_create(PyObject* module) { return PyModule_AddFunctions(module, definitions) == 0; }

}  // namespace st
