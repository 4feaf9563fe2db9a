// Python objects as the values of parameters, and numbers back.
#include "bind/values.h"

#include "bind/data.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "ops/check.h"
#include "ops/functions.h"

namespace st {

bool to_scalar(PyObject* o, Scalar& s) {
  if (PyFloat_CheckExact(o)) return s = Scalar(PyFloat_AS_DOUBLE(o)), true;
  if (PyBool_Check(o)) return s = Scalar(o == Py_True), true;
  if (PyLong_Check(o)) {
    int overflow;
    const int64_t v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (overflow) fail(ErrorKind::Overflow, "int too big to convert");
    return s = Scalar(v), true;
  }
  if (PyFloat_Check(o)) return s = Scalar(PyFloat_AS_DOUBLE(o)), true;
  if (PyComplex_Check(o)) return s = Scalar(std::complex<double>(PyComplex_RealAsDouble(o), PyComplex_ImagAsDouble(o))), true;
  if (is_tensor(o) || PySequence_Check(o) || !is_numpy_scalar(o)) return false;
  static PyObject* const item = PyUnicode_InternFromString("item");
  Ref number(PyObject_CallMethodNoArgs(o, item));
  if (!number) {
    PyErr_Clear();
    return false;
  }
  return to_scalar(number.get(), s);
}

bool to_int(PyObject* o, int64_t& v) {
  if (PyLong_CheckExact(o)) [[likely]] {
    int overflow;
    v = PyLong_AsLongLongAndOverflow(o, &overflow);
    if (!overflow) return true;
  }
  if (PyBool_Check(o)) return false;
  if (PyLong_Check(o)) {
    v = PyLong_AsLongLong(o);
    if (v == -1 && PyErr_Occurred()) {
      PyErr_Clear();
      fail(ErrorKind::Runtime, "Overflow when unpacking long");
    }
    return true;
  }
  if (is_tensor(o)) {
    const Tensor& t = tensor_of(o);
    if (t.numel() != 1 || is_floating(t.dtype()) || is_complex(t.dtype()) || t.dtype() == Dtype::Bool) return false;
  } else if (PyFloat_Check(o) || !PyIndex_Check(o)) {
    return false;
  }
  hold_lists();
  Ref index(PyNumber_Index(o));
  if (!index) {
    PyErr_Clear();
    return false;
  }
  v = PyLong_AsLongLong(index.get());
  if (v == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    fail(ErrorKind::Runtime, "Overflow when unpacking long");
  }
  return true;
}

namespace {

thread_local Room* innermost_with_lists = nullptr;

}  // namespace

void Room::add_list() {
  slots_[n_].counted = false;
  if (has_lists_) return;
  has_lists_ = true;
  outer_ = std::exchange(innermost_with_lists, this);
}

Room::~Room() {
  while (n_) end_of(--n_);
  if (has_lists_) innermost_with_lists = outer_;
}

void hold_lists() {
  for (Room* room = innermost_with_lists; room; room = room->outer_) {
    for (int i = 0; i < room->n_; ++i) {
      Room::Slot& slot = room->slots_[i];
      if (slot.kind != Argument::OfTensors || std::exchange(slot.counted, true)) continue;
      for (const Tensor& t : *reinterpret_cast<const Tensors*>(slot.bytes)) Tensor(t).leak();
    }
  }
}

void Room::end_of(int i) {
  void* p = slots_[i].bytes;
  switch (slots_[i].kind) {
    case Argument::OfDims: return std::destroy_at(static_cast<Dims*>(p));
    case Argument::OfTensors:
      if (!slots_[i].counted) for (Tensor& t : *static_cast<Tensors*>(p)) t.leak();
      return std::destroy_at(static_cast<Tensors*>(p));
    case Argument::OfText: return std::destroy_at(static_cast<std::string*>(p));
    default: return std::destroy_at(static_cast<Tensor*>(p));
  }
}

bool to_argument(const Param& p, PyObject* o, Room& room, Argument& a) {
  if (o == Py_None && p.optional) return a = std::nullopt, true;
  Scalar s;
  switch (p.type) {
    case ParamType::Tensor: return is_tensor(o) && (a = tensor_of(o), true);
    case ParamType::TensorOrScalar:
      if (is_tensor(o)) return a = tensor_of(o), true;
      return to_scalar(o, s) && (a = s, true);
    case ParamType::Scalar:
      if (is_tensor(o)) {
        const Tensor& t = tensor_of(o);
        if (t.dim() != 0 || t.requires_grad()) return false;
        return a = number_of(t), true;
      }
      return to_scalar(o, s) && (a = s, true);
    case ParamType::Int: {
      int64_t i;
      return to_int(o, i) && (a = Scalar(i), true);
    }
    case ParamType::Float:
      if (PyFloat_CheckExact(o)) return a = Scalar(PyFloat_AS_DOUBLE(o)), true;
      if (is_tensor(o) && tensor_of(o).dim() == 0 && !tensor_of(o).requires_grad()) return a = Scalar(number_of(tensor_of(o)).to_double()), true;
      return to_scalar(o, s) && s.kind != Scalar::Complex && (a = Scalar(s.to_double()), true);
    case ParamType::Bool:
      if (PyBool_Check(o)) return a = Scalar(o == Py_True), true;
      return is_numpy_scalar(o) && (a = Scalar(is_true(o)), true);
    case ParamType::Ints: {
      Dims& d = room.make<Dims>();
      a = d;
      if (to_dims(o, d)) return true;
      int64_t i;
      if (PyTuple_Check(o) || PyList_Check(o) || !to_int(o, i)) return false;
      d = p.broadcast ? Dims::filled(static_cast<int>(p.length), i) : Dims{i};
      return p.broadcast || p.name == "dim" || p.name == "dims";
    }
    case ParamType::Tensors: {
      if (!PyList_Check(o) && !PyTuple_Check(o)) return false;
      const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
      for (Py_ssize_t i = 0; i < n; ++i) {
        PyObject* e = PySequence_Fast_GET_ITEM(o, i);
        if (!is_tensor(e) && !(e == Py_None && p.optional)) return false;
      }
      Tensors& list = room.make<Tensors>();
      list.resize(static_cast<size_t>(n));
      for (Py_ssize_t i = 0; i < n; ++i) {
        PyObject* e = PySequence_Fast_GET_ITEM(o, i);
        if (e != Py_None) new (&list[static_cast<size_t>(i)]) Tensor(Tensor::adopt(tensor_of(e).impl()));
      }
      return a = list, true;
    }
    case ParamType::Dtype: {
      Dtype d;
      return to_dtype_argument(o, d) && (a = d, true);
    }
    case ParamType::String: return PyUnicode_Check(o) && (a = room.make<std::string>() = PyUnicode_AsUTF8(o), true);
    case ParamType::Generator: {
      Generator* g = generator_of(o);
      return g && (a = g, true);
    }
    case ParamType::Ignored: break;  // reaches no op
  }
  return false;
}

bool to_dims(PyObject* o, Dims& d) {
  if (!PyTuple_Check(o) && !PyList_Check(o)) return false;
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  d.resize(static_cast<int>(n));
  // An item's __index__ may have shortened the list.
  for (Py_ssize_t i = 0; i < n; ++i) if (i >= PySequence_Fast_GET_SIZE(o) || !to_int(PySequence_Fast_GET_ITEM(o, i), d[i])) return false;
  return true;
}

bool is_true(PyObject* o) {
  const int truth = PyObject_IsTrue(o);
  if (truth < 0) throw PythonError();
  return truth != 0;
}

PyObject* scalar_to_python(const Scalar& s) {
  switch (s.kind) {
    case Scalar::Bool: return PyBool_FromLong(s.i != 0);
    case Scalar::Int: return PyLong_FromLongLong(s.i);
    case Scalar::Float: return PyFloat_FromDouble(s.d);
    default: return PyComplex_FromDoubles(s.d, s.imag);
  }
}

}  // namespace st
