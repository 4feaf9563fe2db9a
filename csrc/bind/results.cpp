// Making Python results.
#include "bind/results.h"

#include <structmember.h>

#include <unordered_map>

#include "bind/arguments.h"
#include "kernels/layout.h"
#include "ops/inplace.h"

namespace st {
namespace {

// torch.return_types.max(
// values=...,
// indices=...), as PyTorch breaks the lines.
PyObject* repr_of_result(PyObject* o) {
  std::string text = std::string(Py_TYPE(o)->tp_name) + "(\n";
  Ref names(PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "__match_args__"));
  const Py_ssize_t n = PyTuple_GET_SIZE(o);
  for (Py_ssize_t i = 0; i < n && names; ++i) {
    Ref value(PyObject_Repr(PyTuple_GET_ITEM(o, i)));
    if (!value) return nullptr;
    text += std::string(PyUnicode_AsUTF8(PyTuple_GET_ITEM(names.get(), i))) + "=" + PyUnicode_AsUTF8(value.get()) + (i + 1 < n ? ",\n" : ")");
  }
  return PyUnicode_FromString(text.c_str());
}

// torch.return_types.max and its like: one type a row with named outputs.
PyTypeObject* return_type(const Row& row) {
  static auto* types = new std::unordered_map<const Row*, PyTypeObject*>;
  PyTypeObject*& type = (*types)[&row];
  if (type) return type;
  // The description must outlive the type.
  auto* fields = new std::vector<PyStructSequence_Field>;
  for (const std::string& f : row.sig.fields) fields->push_back({f.c_str(), nullptr});
  fields->push_back({nullptr, nullptr});
  auto* text = new std::string("torch.return_types." + row.name().substr(row.name().find_first_not_of('_')));
  PyStructSequence_Desc desc{text->c_str(), nullptr, fields->data(), static_cast<int>(row.sig.fields.size())};
  type = PyStructSequence_NewType(&desc);
  if (type) type->tp_repr = repr_of_result;
  return type;
}

PyObject* tensors_to_python(const Row& row, Tensors& list) {
  const auto n = static_cast<Py_ssize_t>(list.size());
  if (!row.sig.fields.empty()) {
    PyTypeObject* type = return_type(row);
    PyObject* result = type ? PyStructSequence_New(type) : nullptr;
    for (Py_ssize_t i = 0; result && i < n; ++i) PyStructSequence_SetItem(result, i, wrap(std::move(list[i])));
    return result;
  }
  // torch.split and its like return tuples, as do ops with several outputs.
  PyObject* result = PyTuple_New(n);
  for (Py_ssize_t i = 0; result && i < n; ++i) PyTuple_SET_ITEM(result, i, wrap(std::move(list[i])));
  return result;
}

void copy_out(const Tensor& y, PyObject* out, const Row& row) {
  if (!is_tensor(out)) type_error(row.name(), "(): argument 'out' must be Tensor, not ", Py_TYPE(out)->tp_name);
  const Tensor& o = tensor_of(out);
  if (grad_enabled() && (y.requires_grad() || o.requires_grad())) {
    runtime_error(row.name(), "(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.");
  }
  if (!can_cast(y.dtype(), o.dtype())) {
    runtime_error("result type ", info(y.dtype()).scalar_type, " can't be cast to the desired output type ", info(o.dtype()).scalar_type);
  }
  if (!same_shape(y, o)) {
    if (o.numel() != 0) {
      warn(cat("An output with one or more elements was resized since it had shape ", o.sizes(), ", which does not match the required output shape ",
               y.sizes(), ". This behavior is deprecated, and in a future PyTorch release outputs will not be resized unless they have zero elements. "
               "You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0)."));
    }
    const Tensor fresh = empty(y.sizes(), o.dtype());
    adopt_contents(o, fresh);
  }
  check_inplace(o, false);
  copy_elements(o, y);
  o.bump();
}

}  // namespace

PyObject* from_value(const Row& row, Value v) {
  switch (v.index()) {
    case 1: return wrap(std::move(std::get<Tensor>(v)));
    case 2: return scalar_to_python(std::get<Scalar>(v));
    case 4: return tensors_to_python(row, std::get<Tensors>(v));
    default: Py_RETURN_NONE;
  }
}

PyObject* write_out(const Row& row, Value v, PyObject* out) {
  if (v.index() == 1) {
    copy_out(std::get<Tensor>(v), out, row);
  } else {
    Tensors& list = std::get<Tensors>(v);
    if (!PyTuple_Check(out) || PyTuple_GET_SIZE(out) != static_cast<Py_ssize_t>(list.size())) {
      type_error(row.name(), "(): argument 'out' must be a tuple of ", list.size(), " Tensors");
    }
    for (size_t i = 0; i < list.size(); ++i) copy_out(list[i], PyTuple_GET_ITEM(out, static_cast<Py_ssize_t>(i)), row);
    Tensors shared;
    for (size_t i = 0; i < list.size(); ++i) shared.push_back(tensor_of(PyTuple_GET_ITEM(out, static_cast<Py_ssize_t>(i))));
    return tensors_to_python(row, shared);
  }
  return Ref::borrow(out).release();
}

}  // namespace st
