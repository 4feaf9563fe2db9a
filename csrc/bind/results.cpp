// Making Python results.
#include "bind/results.h"

#include <structmember.h>

#include <algorithm>
#include <unordered_map>

#include "bind/arguments.h"
#include "ops/out.h"

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

// The name of its results' type in torch.return_types; another stands for those written to out=.
std::string return_name(const Row& row, bool with_out) {
  return row.name().substr(row.name().find_first_not_of('_')) + (with_out ? "_out" : "");
}

// torch.return_types.max and its like: one type for all rows of a name that name their outputs alike.
PyTypeObject* return_type(const Row& row, bool with_out) {
  static auto* types = new std::unordered_map<const Row*, PyTypeObject*>[2];
  static auto* named = new std::unordered_map<std::string, std::pair<const Row*, PyTypeObject*>>;
  PyTypeObject*& type = types[with_out][&row];
  if (type) return type;
  const std::string name = return_name(row, with_out);
  if (const auto made = named->find(name); made != named->end() && made->second.first->sig.fields == row.sig.fields) return type = made->second.second;
  // The description must outlive the type.
  auto* fields = new std::vector<PyStructSequence_Field>;
  for (const std::string& f : row.sig.fields) fields->push_back({f.c_str(), nullptr});
  fields->push_back({nullptr, nullptr});
  auto* text = new std::string("torch.return_types." + name);
  PyStructSequence_Desc desc{text->c_str(), nullptr, fields->data(), static_cast<int>(row.sig.fields.size())};
  type = PyStructSequence_NewType(&desc);
  if (type) {
    type->tp_repr = repr_of_result;
    named->emplace(name, std::pair{&row, type});
  }
  return type;
}

PyObject* tensors_to_python(const Row& row, Tensors& list, bool with_out) {
  const auto n = static_cast<Py_ssize_t>(list.size());
  if (!row.sig.fields.empty()) {
    PyTypeObject* type = return_type(row, with_out);
    PyObject* result = type ? PyStructSequence_New(type) : nullptr;
    for (Py_ssize_t i = 0; result && i < n; ++i) PyStructSequence_SetItem(result, i, wrap(std::move(list[i])));
    return result;
  }
  // torch.split and its like return tuples, as do ops with several outputs.
  PyObject* result = PyTuple_New(n);
  for (Py_ssize_t i = 0; result && i < n; ++i) PyTuple_SET_ITEM(result, i, wrap(std::move(list[i])));
  return result;
}

const Tensor& out_tensor(PyObject* o, const Row& row) {
  if (!is_tensor(o)) type_error(row.name(), "(): argument 'out' must be Tensor, not ", Py_TYPE(o)->tp_name);
  return tensor_of(o);
}

}  // namespace

PyObject* return_type_named(PyObject*, PyObject* name) {
  const char* wanted = PyUnicode_AsUTF8(name);
  if (!wanted) return nullptr;
  for (const Row* row : all_rows()) {
    if (row->sig.fields.empty()) continue;
    for (const bool with_out : {false, true}) {
      if (return_name(*row, with_out) == wanted) return Ref::borrow(reinterpret_cast<PyObject*>(return_type(*row, with_out))).release();
    }
  }
  Py_RETURN_NONE;
}

PyObject* from_value(const Row& row, Value v) {
  switch (v.index()) {
    case 1: return wrap(std::move(std::get<Tensor>(v)));
    case 2: return scalar_to_python(std::get<Scalar>(v));
    case 4: return tensors_to_python(row, std::get<Tensors>(v), false);
    default: Py_RETURN_NONE;
  }
}

void take_dtype_of_out(const Row& row, Argument* arguments, PyObject* out) {
  const auto& params = row.sig.params;
  const bool makes = std::any_of(params.begin(), params.end(), [](const Param& p) { return p.type == ParamType::Ignored && p.name == "requires_grad"; });
  if (!is_tensor(out) || !(makes || casts_to_out(row))) return;
  const Dtype dtype = tensor_of(out).dtype();
  Argument* argument = arguments;
  for (const Param& p : params) {
    if (p.type == ParamType::Ignored) continue;
    if (p.type == ParamType::Dtype && p.optional) {
      if (argument->kind == Argument::None) *argument = dtype;
      else if (makes && argument->dtype != dtype) {
        runtime_error("dtype ", info(argument->dtype).scalar_type, " does not match dtype of out parameter (", info(dtype).scalar_type, ")");
      }
    }
    ++argument;
  }
}

PyObject* write_out(const Row& row, Value v, PyObject* out, std::span<const Argument> arguments) {
  Tensors inputs;
  for (const Argument& a : arguments) {
    if (a.kind == Argument::OfTensor) inputs.push_back(*a.tensor);
    else if (a.kind == Argument::OfTensors) inputs.insert(inputs.end(), a.tensors->begin(), a.tensors->end());
  }
  Tensors ys, outs;
  const bool one = v.index() == 1;
  if (one) {
    ys.push_back(std::move(std::get<Tensor>(v)));
    outs.push_back(out_tensor(out, row));
  } else {
    ys = std::move(std::get<Tensors>(v));
    if (!PyTuple_Check(out) && !PyList_Check(out)) type_error(row.name(), "(): argument 'out' must be tuple of Tensors, not ", Py_TYPE(out)->tp_name);
    const Py_ssize_t n = PySequence_Fast_GET_SIZE(out);
    if (n != static_cast<Py_ssize_t>(ys.size())) type_error("expected tuple of ", ys.size(), " elements but got ", int64_t{n});
    for (Py_ssize_t i = 0; i < n; ++i) outs.push_back(out_tensor(PySequence_Fast_GET_ITEM(out, i), row));
  }
  for (size_t i = 0; i < ys.size(); ++i) check_out(row, ys[i], outs[i], inputs);
  for (size_t i = 0; i < ys.size(); ++i) write_to_out(ys[i], outs[i]);
  return one ? Ref::borrow(out).release() : tensors_to_python(row, outs, true);
}

}  // namespace st
