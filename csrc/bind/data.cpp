// torch.tensor(data): shape and type from nested sequences.
#include "bind/data.h"

#include <unordered_map>

#include "bind/arguments.h"
#include "bind/batched.h"
#include "bind/item.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "kernels/convert.h"
#include "kernels/layout.h"
#include "ops/check.h"
#include "ops/sparse.h"

namespace st {
namespace {

bool is_plain_sequence(PyObject* o) { return PyList_CheckExact(o) || PyTuple_CheckExact(o); }
bool is_plain_number(PyObject* o) { return PyFloat_CheckExact(o) || PyLong_CheckExact(o) || PyBool_Check(o); }
bool is_sequence(PyObject* o) {
  if (is_plain_sequence(o)) return true;
  return !is_plain_number(o) && !PyUnicode_Check(o) && !PyBytes_Check(o) && !is_tensor(o) && PySequence_Check(o);
}

// Follows the first elements inwards. A tensor within a sequence counts as a number.
Dims shape_of(PyObject* o) {
  Dims shape;
  Ref held = Ref::borrow(o);
  while (is_sequence(held.get())) {
    const bool plain = is_plain_sequence(held.get());
    const Py_ssize_t n = plain ? PySequence_Fast_GET_SIZE(held.get()) : PyObject_Size(held.get());
    if (n < 0) {
      PyErr_Clear();
      if (is_numpy_array(held.get())) type_error("len() of unsized object");
      break;
    }
    shape.push_back(n);
    if (shape.size() > 64) value_error("too many dimensions '", Py_TYPE(held.get())->tp_name, "'");
    if (n == 0) break;
    Ref first = plain ? Ref::borrow(PySequence_Fast_GET_ITEM(held.get(), 0)) : Ref(PySequence_GetItem(held.get(), 0));
    if (!first) {
      PyErr_Clear();
      value_error("could not determine the shape of object type '", Py_TYPE(o)->tp_name, "'");
    }
    if (PyUnicode_Check(first.get())) value_error("too many dimensions 'str'");  // its first letter is a str again
    held = std::move(first);
  }
  return shape;
}

struct Inferred {
  bool any = false;
  Dtype dtype = Dtype::Bool;
  void see(Dtype d) {
    dtype = any ? promote(dtype, d) : d;
    any = true;
  }
};

Dtype numpy_scalar_dtype(PyObject* o) {
  static std::unordered_map<PyTypeObject*, Dtype> known;  // numpy's own types, which are never freed
  const auto found = known.find(Py_TYPE(o));
  if (found != known.end()) return found->second;
  Ref array(PyObject_CallMethod(o, "__array__", nullptr));
  if (!array) {
    PyErr_Clear();
    type_error("can't read ", Py_TYPE(o)->tp_name);
  }
  const Dtype d = numpy_dtype(array.get());
  if (!PyType_HasFeature(Py_TYPE(o), Py_TPFLAGS_HEAPTYPE)) known.emplace(Py_TYPE(o), d);
  return d;
}

void infer(PyObject* o, Inferred& seen) {
  if (PyFloat_CheckExact(o)) return seen.see(default_dtype());
  if (PyBool_Check(o)) return seen.see(Dtype::Bool);
  if (PyLong_Check(o)) return seen.see(Dtype::Int64);
  if (is_plain_sequence(o)) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) infer(PySequence_Fast_GET_ITEM(o, i), seen);
    return;
  }
  if (is_numpy_scalar(o)) return seen.see(numpy_scalar_dtype(o));
  if (PyFloat_Check(o)) return seen.see(default_dtype());
  if (PyComplex_Check(o)) return seen.see(Scalar(std::complex<double>()).dtype());
  if (is_tensor(o)) return seen.see(tensor_of(o).dtype());
  if (PyUnicode_Check(o) || PyBytes_Check(o)) type_error("new(): invalid data type '", Py_TYPE(o)->tp_name, "'");
  if (is_numpy_array(o)) return seen.see(numpy_dtype(o));
  if (is_sequence(o)) {
    Ref fast(PySequence_Fast(o, ""));
    if (!fast) {
      PyErr_Clear();
      runtime_error("Could not infer dtype of ", Py_TYPE(o)->tp_name);
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(fast.get()); ++i) infer(PySequence_Fast_GET_ITEM(fast.get(), i), seen);
    return;
  }
  runtime_error("Could not infer dtype of ", Py_TYPE(o)->tp_name);
}

void note_array_in_list() {
  static WarnOnce warn_once;
  warn_once("Creating a tensor from a list of numpy.ndarrays is extremely slow. Please consider converting the list to a single numpy.ndarray with "
            "numpy.array() before converting to a tensor.");
}

void store_number(PyObject* o, Dtype dtype, char* to) {
  if (PyFloat_CheckExact(o) && dtype == Dtype::Float32) {
    *reinterpret_cast<float*>(to) = static_cast<float>(PyFloat_AS_DOUBLE(o));
    return;
  }
  Scalar s;
  if (is_tensor(o)) {
    if (is_batched(o)) refuse_batched(o);
    const Tensor& t = tensor_of(o);
    if (t.numel() != 1) value_error("only one element tensors can be converted to Python scalars");
    note_lost_gradient(t);
    convert(to, dtype, 0, t->data, t.dtype(), 0, 1);
    return;
  }
  bool taken = true;
  if (PyLong_Check(o) && !PyBool_Check(o)) {
    int overflow;
    const int64_t v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow && !is_floating(dtype)) value_error("Overflow when unpacking long long");
    s = overflow ? Scalar(PyLong_AsDouble(o)) : Scalar(v);
    PyErr_Clear();
  } else if (is_numpy_array(o)) {
    note_array_in_list();
    const Tensor t = tensor_from_numpy(o);
    if (is_integral(dtype) && differentiable(t.dtype())) type_error("only integer scalar arrays can be converted to a scalar index");
    if (t.dim()) type_error("only 0-dimensional arrays can be converted to Python scalars");
    convert(to, dtype, 0, t->data, t.dtype(), 0, 1);
    return;
  } else {
    taken = to_scalar(o, s) && (s.kind != Scalar::Complex || is_complex(dtype) || dtype == Dtype::Bool);
    if (s.kind == Scalar::Float && !PyFloat_Check(o)) taken &= differentiable(dtype);  // numpy's other floats are not Python's
  }
  if (!taken) {
    if (!is_floating(dtype)) type_error("'", Py_TYPE(o)->tp_name, "' object cannot be interpreted as an integer");
    type_error("must be real number, not ", Py_TYPE(o)->tp_name);
  }
  if (is_integral(dtype) && !fits(s, dtype)) runtime_error("value cannot be converted to type ", info(dtype).name, " without overflow");
  char from[16];
  const Dtype own = s.kind == Scalar::Bool ? Dtype::Bool : s.kind == Scalar::Int ? Dtype::Int64 : s.kind == Scalar::Float ? Dtype::Float64 : Dtype::Complex128;
  visit(own, [&]<class T>() { *reinterpret_cast<T*>(from) = s.to<T>(); });
  convert(to, dtype, 0, from, own, 0, 1);
}

void store(PyObject* o, const Tensor& t, int dim, char* to) {
  if (dim == t.dim()) return store_number(o, t.dtype(), to);
  const int64_t n = t.size(dim), step = t.stride(dim) * item_size(t.dtype());
  if (is_numpy_array(o)) {
    note_array_in_list();
    if (store_numpy(o, t.sizes().subspan(dim), t.dtype(), to)) return;
  }
  Ref fast(PySequence_Fast(o, ""));
  if (!fast) {
    PyErr_Clear();
    type_error("not a sequence");
  }
  if (PySequence_Fast_GET_SIZE(fast.get()) != n) {
    value_error("expected sequence of length ", n, " at dim ", dim, " (got ", int64_t{PySequence_Fast_GET_SIZE(fast.get())}, ")");
  }
  for (int64_t i = 0; i < n; ++i) store(PySequence_Fast_GET_ITEM(fast.get(), i), t, dim + 1, to + i * step);
}

}  // namespace

Tensor tensor_from_python(PyObject* data, std::optional<Dtype> dtype) {
  if (is_plain_number(data)) {
    const Tensor t = empty({}, dtype ? *dtype : PyFloat_CheckExact(data) ? default_dtype() : PyBool_Check(data) ? Dtype::Bool : Dtype::Int64);
    store_number(data, t.dtype(), t->data);
    return t;
  }
  if (is_tensor(data)) {
    if (is_batched(data)) refuse_batched(data);
    const Tensor& t = tensor_of(data);
    refuse_sparse("tensor()", t);
    return copy_keeping_strides(t, dtype.value_or(t.dtype()));
  }
  if (is_numpy_array(data)) {
    const Tensor shared = tensor_from_numpy(data);
    return copy_keeping_strides(shared, dtype.value_or(shared.dtype()));
  }
  const bool sequence = is_sequence(data);
  if (!sequence && !is_numpy_scalar(data) && PyObject_HasAttrString(data, "__array__")) {
    Ref array(PyObject_CallMethod(data, "__array__", nullptr));
    if (array && is_numpy_array(array.get())) return tensor_from_python(array.get(), dtype);
    PyErr_Clear();
  }
  if (PyUnicode_Check(data)) type_error("new(): invalid data type 'str'");
  const Dims shape = shape_of(data);
  Dtype type;
  if (dtype) {
    type = *dtype;
  } else {
    Inferred seen;
    infer(data, seen);
    type = seen.any ? seen.dtype : default_dtype();
  }
  Tensor t = empty(shape, type);
  if (t.numel() > 0 || t.dim() > 0) store(data, t, 0, t->data);
  return t;
}

}  // namespace st
