// Calls of elementwise ops whose arguments go from Python to the op without boxes: tensors and plain numbers.
#pragma once
#include <algorithm>
#include <string_view>

#include "bind/arguments.h"
#include "ops/elementwise_compute.h"

namespace st {

// The arguments as they came.
struct Call {
  PyObject* self;
  PyObject* const* args;
  Py_ssize_t nargs;
  PyObject* kwnames;
  PyObject* out = nullptr;
  bool requires_grad = false;

  Py_ssize_t positional() const { return nargs + (self != nullptr); }
  PyObject* at(Py_ssize_t i) const { return self ? i == 0 ? self : args[i - 1] : args[i]; }
};

// A tensor, or a number where the parameter takes one.
inline bool fast_operand(PyObject* o, const Param& p, Operand& x) {
  if (is_tensor(o)) return x.t = &tensor_of(o), true;
  if (p.type != ParamType::TensorOrScalar) return false;
  if (PyFloat_CheckExact(o)) return x.s = Scalar(PyFloat_AS_DOUBLE(o)), true;
  return to_scalar(o, x.s);
}

// A Python number that a parameter of an elementwise op takes as it is.
inline bool plain_number(PyObject* o, ParamType type, double& v) {
  if (PyFloat_CheckExact(o)) {
    v = PyFloat_AS_DOUBLE(o);
    return type == ParamType::Scalar || type == ParamType::Float;
  }
  if (!PyLong_CheckExact(o)) return false;
  int overflow;
  v = static_cast<double>(PyLong_AsLongLongAndOverflow(o, &overflow));
  return !overflow && (type == ParamType::Scalar || type == ParamType::Float || type == ParamType::Int);
}

// Reads operands and numbers, by place or by name; false where parse() has to look.
inline bool unboxed(const Row& row, const Call& call, Operand* x, double* numbers) {
  const std::vector<Param>& params = row.sig.params;
  const Py_ssize_t n = row.n_inputs + row.n_params, positional = call.positional();
  if (static_cast<Py_ssize_t>(params.size()) != n || positional > n) return false;
  PyObject* given[kMaxInputs + Node::kParams] = {};
  for (Py_ssize_t i = 0; i < positional; ++i) {
    if (params[i].keyword_only) return false;
    given[i] = call.at(i);
  }
  for (Py_ssize_t k = 0; call.kwnames && k < PyTuple_GET_SIZE(call.kwnames); ++k) {
    Py_ssize_t length;
    const char* text = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(call.kwnames, k), &length);
    const std::string_view key(text, static_cast<size_t>(length));
    Py_ssize_t i = positional;
    while (i < n && params[i].name != key) ++i;
    if (i == n) return false;
    given[i] = call.args[call.nargs + k];
  }
  bool tensors = false;
  for (int i = 0; i < row.n_inputs; ++i) {
    if (!given[i] || !fast_operand(given[i], params[i], x[i])) return false;
    tensors |= x[i].t != nullptr;
  }
  for (int i = 0; i < row.n_params; ++i) {
    const Param& p = params[row.n_inputs + i];
    const Scalar* standing = std::get_if<Scalar>(&p.default_value);
    if (PyObject* o = given[row.n_inputs + i]) {
      if (!plain_number(o, p.type, numbers[i])) return false;
    } else if (p.required || !standing) {
      return false;
    } else {
      numbers[i] = standing->to_double();
    }
  }
  return tensors;
}

// The result as Python gets it; `first` is the first argument.
inline PyObject* run_unboxed(const Group& group, const Row& row, const Operand* x, const double* numbers, PyObject* first) {
  int64_t size = 0;
  for (int i = 0; i < row.n_inputs; ++i) if (x[i].t) size = std::max(size, x[i].t->numel());
  if (group.inplace) {
    Unlocked unlocked(size >= kLongKernel);
    call_elementwise_inplace(row, x, numbers);
  } else {
    Tensor y;
    {
      Unlocked unlocked(size >= kLongKernel);
      y = call_elementwise(row, x, numbers);
    }
    return wrap(std::move(y));
  }
  return Ref::borrow(first).release();
}

}  // namespace st
