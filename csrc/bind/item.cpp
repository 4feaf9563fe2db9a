// item(), tolist(), bool(), int(), float().
#include "bind/item.h"

#include "bind/python_tensor.h"

namespace st {

PyObject* element_to_python(Dtype d, const char* p) {
  switch (d) {
    case Dtype::Float32: return PyFloat_FromDouble(*reinterpret_cast<const float*>(p));
    case Dtype::Float64: return PyFloat_FromDouble(*reinterpret_cast<const double*>(p));
    default: break;
  }
  return visit(d, [&]<class T>() -> PyObject* {
    const T v = *reinterpret_cast<const T*>(p);
    if constexpr (std::is_same_v<T, bool>) return PyBool_FromLong(v);
    else if constexpr (std::is_integral_v<T>) return PyLong_FromLongLong(v);
    else if constexpr (std::is_same_v<T, std::complex<float>> || std::is_same_v<T, std::complex<double>>) return PyComplex_FromDoubles(v.real(), v.imag());
    else return PyFloat_FromDouble(static_cast<double>(v));
  });
}

namespace {

PyObject* list_of(const Tensor& t, int dim, const char* p) {
  if (dim == t.dim()) return element_to_python(t.dtype(), p);
  const int64_t n = t.size(dim), step = t.stride(dim) * item_size(t.dtype());
  PyObject* list = PyList_New(n);
  for (int64_t i = 0; list && i < n; ++i) {
    PyObject* e = list_of(t, dim + 1, p + i * step);
    if (!e) {
      Py_DECREF(list);
      return nullptr;
    }
    PyList_SET_ITEM(list, i, e);
  }
  return list;
}

// The one element as a number that Python goes on with, or a Python error. `exact`: the number is what the tensor holds, not cut to an int.
PyObject* only_element(PyObject* o, bool exact) {
  const Tensor& t = tensor_of(o);
  if (t.numel() != 1) {
    PyErr_SetString(PyExc_ValueError, "only one element tensors can be converted to Python scalars");
    return nullptr;
  }
  return guarded([&] {
    if (exact) note_lost_gradient(t);
    return element_to_python(t.dtype(), t->data);
  });
}

// The same of a real number: `type` is the C++ type it is for.
PyObject* only_real_element(PyObject* o, bool exact, const char* type) {
  Ref e(only_element(o, exact));
  if (!e || !PyComplex_Check(e.get())) return e.release();
  if (PyComplex_ImagAsDouble(e.get()) == 0) return PyFloat_FromDouble(PyComplex_RealAsDouble(e.get()));
  return PyErr_Format(PyExc_RuntimeError, "value cannot be converted to type %s without overflow", type);
}

}  // namespace

void note_lost_gradient(const Tensor& t) {
  static WarnOnce warn_once;
  if (t.requires_grad()) {
    warn_once("Converting a tensor with requires_grad=True to a scalar may lead to unexpected behavior.\nConsider using tensor.detach() first.");
  }
}

PyObject* to_list(const Tensor& t) { return list_of(t, 0, t->data); }

PyObject* item(const Tensor& t) {
  if (t.numel() == 1) return element_to_python(t.dtype(), t->data);
  return PyErr_Format(PyExc_RuntimeError, "a Tensor with %lld elements cannot be converted to Scalar", static_cast<long long>(t.numel()));
}

int tensor_bool(PyObject* o) {
  const Tensor& t = tensor_of(o);
  if (t.numel() == 1) {
    return visit(t.dtype(), [&]<class T>() { return static_cast<int>(*t.data<T>() != T(0)); });
  }
  PyErr_SetString(PyExc_RuntimeError, t.numel() == 0 ? "Boolean value of Tensor with no values is ambiguous"
                                                     : "Boolean value of Tensor with more than one value is ambiguous");
  return -1;
}

PyObject* tensor_complex(PyObject* o, PyObject*) {
  Ref e(only_element(o, true));
  return e ? PyObject_CallOneArg(reinterpret_cast<PyObject*>(&PyComplex_Type), e.get()) : nullptr;
}

PyObject* tensor_float(PyObject* o) {
  Ref e(only_real_element(o, true, "double"));
  return e ? PyNumber_Float(e.get()) : nullptr;
}

PyObject* tensor_int(PyObject* o) {
  Ref e(only_real_element(o, false, "int64_t"));
  return e ? PyNumber_Long(e.get()) : nullptr;
}

PyObject* tensor_index(PyObject* o) {
  const Tensor& t = tensor_of(o);
  if (t.numel() != 1 || is_floating(t.dtype()) || is_complex(t.dtype())) {
    PyErr_SetString(PyExc_TypeError, "only integer tensors of a single element can be converted to an index");
    return nullptr;
  }
  Ref e(element_to_python(t.dtype(), t->data));
  return PyNumber_Index(e.get());
}

}  // namespace st
