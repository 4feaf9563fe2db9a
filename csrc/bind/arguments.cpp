// Calls from Python: the first overload that the arguments fit is run.
#include "bind/arguments.h"

#include <algorithm>
#include <span>

#include "bind/attributes.h"
#include "bind/mismatch.h"
#include "bind/parse.h"
#include "bind/results.h"
#include "bind/types.h"
#include "bind/watch.h"
#include "ops/elementwise_compute.h"
#include "ops/out.h"

namespace st {
namespace {

// Whether the number of arguments alone does not speak against the row.
bool is_plausible(const Row& row, const Call& call) {
  const auto given = static_cast<size_t>(call.positional() + (call.kwnames ? PyTuple_GET_SIZE(call.kwnames) : 0));
  const auto& params = row.sig.params;
  const auto required = static_cast<size_t>(std::count_if(params.begin(), params.end(), [](const Param& p) { return p.required; }));
  return required <= given && (given <= params.size() + (call.self == nullptr) || row.sig.varargs);
}

// The row that a deprecated order of arguments stands for, with the arguments in the order of its signature. Warns once in a program.
const Row* as_today(const Group& group, const Row& older, Argument* arguments, bool method) {
  static WarnOnce warn_once;
  warn_once(deprecation(group, older, method));
  const Row& today = *older.today;
  const auto& names = older.sig.params;
  Argument given[kMaxParams];
  std::copy_n(arguments, names.size(), given);
  for (size_t i = 0; i < today.sig.params.size(); ++i) {
    const auto at = std::find_if(names.begin(), names.end(), [&](const Param& p) { return p.name == today.sig.params[i].name; });
    arguments[i] = at == names.end() ? today.defaults[i] : given[at - names.begin()];
  }
  return &today;
}

[[noreturn]] void no_overload(const Group& group, Call& call) {
  const std::vector<const Row*> rows = shown_rows(group, call.self != nullptr);
  std::vector<const Row*> plausible;
  for (const Row* row : rows) if (is_plausible(*row, call)) plausible.push_back(row);
  const bool alone = rows.size() == 1 && !group.rows.back()->today;
  std::string why;
  if (alone || plausible.size() == 1) {
    const Row& row = alone ? *rows[0] : *plausible[0];
    const auto number = static_cast<size_t>(std::find(group.rows.begin(), group.rows.end(), &row) - group.rows.begin());
    Argument arguments[kMaxParams];
    Room room;
    parse(group, number, call, arguments, room, &why);
    if (why.empty()) why = cat(group.name, "(): argument '", row.sig.params[0].name, "' (position 1) must be Tensor, not ", Py_TYPE(call.at(0))->tp_name);
    if (why.starts_with(row.name())) why = group.name + why.substr(row.name().size());
    type_error(why);
  }
  why = cat(group.name, "() received an invalid combination of arguments - got ", shown_arguments(call), ", but expected ");
  if (rows.size() == 1) type_error(why + shown_signature(*rows[0], call.self != nullptr));
  why += "one of:";
  for (const Row* row : rows) why += cat("\n * ", shown_signature(*row, call.self != nullptr));
  type_error(why + "\n");
}

// A tensor, or a number where the parameter takes one.
inline bool fast_operand(PyObject* o, const Param& p, Operand& x) {
  if (is_tensor(o)) return x.t = &tensor_of(o), true;
  if (p.type != ParamType::TensorOrScalar) return false;
  if (PyFloat_CheckExact(o)) return x.s = Scalar(PyFloat_AS_DOUBLE(o)), true;
  return to_scalar(o, x.s);
}

// The call of an elementwise op whose operands are all its parameters, the commonest of all; null without an error where they do not fit.
PyObject* call_plain(const Group& group, const Row& row, PyObject* self, PyObject* const* args) {
  Operand x[kMaxInputs];
  int64_t size = -1;
  for (int i = 0; i < row.n_inputs; ++i) {
    if (!fast_operand(self ? i == 0 ? self : args[i - 1] : args[i], row.sig.params[i], x[i])) return nullptr;
    if (x[i].t) size = std::max(size, x[i].t->numel());
  }
  if (size < 0 || (group.inplace && !x[0].t)) return nullptr;
  Tensor y;
  {
    Unlocked unlocked(size >= kLongKernel);
    if (group.inplace) call_elementwise_inplace(row, x, nullptr);
    else y = call_elementwise(row, x, nullptr);
  }
  return group.inplace ? Ref::borrow(self ? self : args[0]).release() : wrap(std::move(y));
}

// Whether an elementwise op may run: numbers alone are no tensors, unless the op takes them for some.
bool has_operands(const Group& group, const Row& row, Argument* arguments, Room& room) {
  for (int i = 0; i < (group.inplace ? 1 : row.n_inputs); ++i) if (arguments[i].kind == Argument::OfTensor) return true;
  if (group.inplace || !row.info.numbers) return false;
  const Scalar s = arguments[0].number;
  arguments[0] = room.make<Tensor>() = wrap_number(s, s.dtype());
  return true;
}

PyObject* run(const Group& group, const Row& row, Call& call, Argument* arguments) {
  const std::span<const Argument> list(arguments, static_cast<size_t>(row.arity));
  if (call.out) take_dtype_of_out(row, arguments, call.out);
  int64_t size = 0;
  for (const Argument& a : list) {
    if (a.kind == Argument::OfTensor) size = std::max(size, a.tensor->numel());
    if (a.kind != Argument::OfTensors) continue;
    for (const Tensor& t : *a.tensors) if (t.defined()) size += t.numel();
  }
  const bool large = size >= kLongKernel;
  if (group.inplace) {
    Unlocked unlocked(large);
    row.run_inplace(row, arguments);
  } else if (row.run) {
    Tensor y;
    bool written = false;
    const Tensor* const out = row.elementwise && call.out && is_tensor(call.out) ? &tensor_of(call.out) : nullptr;
    {
      Unlocked unlocked(large);
      written = out && run_elementwise_into(row, arguments, *out);
      if (!written) y = row.run(row, arguments);
    }
    if (written) return Ref::borrow(call.out).release();
    if (call.requires_grad) require_grad_of_new(y);
    return call.out ? write_out(row, std::move(y), call.out, list) : wrap(std::move(y));
  } else {
    Value y;
    {
      Unlocked unlocked(large);
      y = row.run_to_value(row, arguments);
    }
    return call.out ? write_out(row, std::move(y), call.out, list) : from_value(row, std::move(y));
  }
  // By name the tensor may stand anywhere.
  return call.self || call.nargs ? Ref::borrow(call.at(0)).release() : wrap(*arguments[0].tensor);
}

[[gnu::noinline]] PyObject* call_parsed(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Call call{self, args, nargs, kwnames};
  for (size_t r = 0; r < group.rows.size(); ++r) {
    const Row* row = group.rows[r];
    if (!group.inplace && !is_for(*row, self != nullptr)) continue;
    Argument arguments[kMaxParams];
    Room room;
    call.out = nullptr;
    call.requires_grad = false;
    if (!parse(group, r, call, arguments, room, nullptr)) continue;
    if (row->today) [[unlikely]] row = as_today(group, *row, arguments, self != nullptr);
    if (row->elementwise && !has_operands(group, *row, arguments, room)) continue;
    return run(group, *row, call, arguments);
  }
  no_overload(group, call);
}

PyObject* call_first_fit(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  try {
    const Row* plain = group.plain;
    if (plain && !kwnames && nargs + (self != nullptr) == plain->n_inputs && (group.inplace || is_for(*plain, self != nullptr))) {
      PyObject* result = call_plain(group, *plain, self, args);
      if (result || PyErr_Occurred()) return result;
    }
    return call_parsed(group, self, args, nargs, kwnames);
  } catch (...) {
    return raise_error();
  }
}

// Whether an argument's class, or that of an element, may answer for the op itself or be taken over by its result; of numbers, texts,
// sizes, dtypes and plain tensors there is nothing to ask.
bool is_special(PyObject* o) {
  PyTypeObject* t = Py_TYPE(o);
  if (t == tensor_type || t == parameter_type || t == &PyLong_Type || t == &PyFloat_Type || t == &PyBool_Type || t == &PyUnicode_Type || o == Py_None) return false;
  if (t != &PyTuple_Type && t != &PyList_Type) return !is_dtype(o);
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) {
    t = Py_TYPE(PySequence_Fast_GET_ITEM(o, i));
    if (t == &PyLong_Type) return false;
    if (t != tensor_type && t != parameter_type) return true;
  }
  return false;
}

PyObject* call_watched_or_not(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return watched() ? call_watched(call_first_fit, group, self, args, nargs, kwnames) : call_first_fit(group, self, args, nargs, kwnames);
}

PyObject* call_special(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyTypeObject* type = nullptr;
  if (!overrides_disabled()) {
    if (self) type = kept_subclass(self);
    for (Py_ssize_t i = 0; i < nargs && !type; ++i) type = kept_subclass(args[i]);
    bool answered;
    PyObject* answer = call_override(group, self, args, nargs, kwnames, answered, type);
    if (answered) return answer;
  }
  PyObject* result = call_watched_or_not(group, self, args, nargs, kwnames);
  return result && type && !group.inplace ? as_subclass(type, result) : result;
}

}  // namespace

PyObject* call_group(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t n = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
  bool special = self && kept_subclass(self);
  for (Py_ssize_t i = 0; i < n; ++i) special |= is_special(args[i]);
  return special ? call_special(group, self, args, nargs, kwnames) : call_watched_or_not(group, self, args, nargs, kwnames);
}

}  // namespace st
