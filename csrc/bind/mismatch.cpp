// The words for arguments that do not fit.
#include "bind/mismatch.h"

#include <algorithm>

#include "bind/python_tensor.h"
#include "bind/values.h"

namespace st {

std::string wrong_element(PyObject* o, Py_ssize_t at) {
  const char* type = Py_TYPE(o)->tp_name;
  if (at == 0) return cat("must be tuple of ints, but found element of type ", type, " at pos 0");
  return cat("failed to unpack the object at pos ", int64_t{at + 1}, " with error \"type must be tuple of ints,but got ", type, "\"");
}

namespace {

// Why a tuple or list does not fit a parameter of several tensors or ints; empty where it is none, or fits.
std::string wrong_sequence(const Row& row, const Param& p, PyObject* o, Py_ssize_t at, bool positional) {
  if (!PyTuple_Check(o) && !PyList_Check(o)) return {};
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) {
    PyObject* element = PySequence_Fast_GET_ITEM(o, i);
    if (p.type == ParamType::Tensors && !is_tensor(element)) {
      return cat("expected Tensor as element ", int64_t{i}, " in argument ", int64_t{at}, ", but got ", Py_TYPE(element)->tp_name);
    }
    int64_t size;
    if (p.type == ParamType::Ints && !to_int(element, size)) {
      const std::string place = positional && i == 0 ? cat("(position ", int64_t{at + 1}, ") ") : std::string();
      return cat(row.name(), "(): argument '", p.name, "' ", place, wrong_element(element, i));
    }
  }
  return {};
}

}  // namespace

std::string misfit(const Row& row, const Param& p, PyObject* o, Py_ssize_t at, bool positional) {
  std::string why = wrong_sequence(row, p, o, at, positional);
  if (!why.empty()) return why;
  return cat(row.name(), "(): argument '", p.name, "' ", positional ? cat("(position ", int64_t{at + 1}, ") ") : std::string(), "must be ", type_word(p.type), ", not ",
             Py_TYPE(o)->tp_name);
}

std::string missing(const std::vector<Param>& params, PyObject* const* given, Py_ssize_t first) {
  int64_t count = 0;
  std::string names;
  for (size_t i = static_cast<size_t>(first); i < params.size(); ++i) {
    if (!params[i].required || given[i]) continue;
    names += cat(count++ ? ", " : "", "\"", params[i].name, "\"");
  }
  return cat(" missing ", count, " required positional arguments: ", names);
}

std::string shown_signature(const Row& row, bool method) {
  const std::string& text = row.sig.text;
  if (!method) return text;
  const size_t comma = text.find(", ");
  return comma == std::string::npos ? "()" : "(" + text.substr(comma + 2);
}

std::string shown_arguments(const Call& call) {
  std::string s = "(";
  for (Py_ssize_t i = 0; i < call.nargs; ++i) s += cat(Py_TYPE(call.args[i])->tp_name, ", ");
  for (Py_ssize_t k = 0; call.kwnames && k < PyTuple_GET_SIZE(call.kwnames); ++k) {
    s += cat(PyUnicode_AsUTF8(PyTuple_GET_ITEM(call.kwnames, k)), "=", Py_TYPE(call.args[call.nargs + k])->tp_name, ", ");
  }
  if (call.nargs) s.resize(s.size() - 2);  // with keywords alone PyTorch leaves it
  return s + ")";
}

std::vector<const Row*> shown_rows(const Group& group, bool method) {
  std::vector<const Row*> rows, shown;
  for (const Row* row : group.rows) if (!row->today && (group.inplace || is_for(*row, method))) rows.push_back(row);
  const auto is_part_of = [](const Row& small, const Row& large) {
    const size_t n = small.sig.params.size();
    return n < large.sig.params.size() && !large.sig.params[n].required && large.sig.text.starts_with(small.sig.text.substr(0, small.sig.text.size() - 1) + ", *, ");
  };
  for (const Row* row : rows) {
    if (std::none_of(rows.begin(), rows.end(), [&](const Row* other) { return is_part_of(*row, *other); })) shown.push_back(row);
  }
  return shown.empty() ? group.rows : shown;
}

std::string deprecation(const Group& group, const Row& older, bool method) {
  std::string s = cat("This overload of ", group.name, " is deprecated:\n\t", group.name, shown_signature(older, method),
                      "\nConsider using one of the following signatures instead:");
  for (const Row* row : shown_rows(group, method)) s += cat("\n\t", group.name, shown_signature(*row, method));
  return s;
}

}  // namespace st
