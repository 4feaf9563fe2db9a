// Parsing arguments by signature.
#include "bind/arguments.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "bind/attributes.h"
#include "bind/mismatch.h"
#include "bind/results.h"
#include "bind/types.h"
#include "bind/watch.h"
#include "ops/elementwise_compute.h"

namespace st {
namespace {

// Other names under which PyTorch knows a parameter, for numpy's users.
bool is_alias(const Param& p, std::string_view key) {
  if (p.name == "dim") return key == "axis";
  if (p.name == "keepdim") return key == "keepdims";
  if (p.name == "input") return key == "x" || key == "a" || key == "x1";
  return p.name == "other" && key == "x2";
}

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

// A size among several arguments; TypeError where it is too large for one.
bool unpack_size(const Row& row, const Param& p, PyObject* o, Py_ssize_t at, int64_t& size) {
  try {
    return to_int(o, size);
  } catch (const Error&) {
    type_error(row.name(), "(): argument '", p.name, "' failed to unpack the object at pos ", int64_t{at + 1}, " with error \"Overflow when unpacking long long\"");
  }
}

// The parameter that a keyword names, or as many as there are.
Py_ssize_t parameter_of(PyObject* key, const std::vector<Param>& params, const std::vector<PyObject*>& keys) {
  const auto n = static_cast<Py_ssize_t>(keys.size());
  for (Py_ssize_t i = 0; i < n; ++i) if (keys[static_cast<size_t>(i)] == key) return i;
  Py_ssize_t length;
  const char* text = PyUnicode_AsUTF8AndSize(key, &length);
  if (!text) throw PythonError();
  const std::string_view name(text, static_cast<size_t>(length));
  for (Py_ssize_t i = 0; i < n; ++i) if (params[static_cast<size_t>(i)].name == name) return i;
  for (Py_ssize_t i = 0; i < n; ++i) if (is_alias(params[static_cast<size_t>(i)], name)) return i;
  return n;
}

// Plain tensors and Python's own numbers, where the parameter takes them as they are; of all else to_argument() knows.
inline bool plain_argument(ParamType type, PyObject* o, Argument& a) {
  const PyTypeObject* t = Py_TYPE(o);
  if (t == tensor_type || t == parameter_type) {
    if (type > ParamType::TensorOrScalar) return false;
    a = tensor_of(o);
    return true;
  }
  if (t == &PyFloat_Type) {
    if (type != ParamType::TensorOrScalar && type != ParamType::Scalar && type != ParamType::Float) return false;
    a = Scalar(PyFloat_AS_DOUBLE(o));
    return true;
  }
  if (t == &PyBool_Type) {
    if (type != ParamType::Bool) return false;
    a = Scalar(o == Py_True);
    return true;
  }
  if (t != &PyLong_Type || (type != ParamType::Int && type != ParamType::TensorOrScalar && type != ParamType::Scalar)) return false;
  int overflow;
  a = Scalar(int64_t{PyLong_AsLongLongAndOverflow(o, &overflow)});
  return !overflow;
}

// The objects that a call gives to a row's parameters, to the first `count` of them, null where one was not given.
struct Given {
  PyObject* const* objects;
  Py_ssize_t count = 0, positional = 0;  // those given by place are the first
  const Dims* ints = nullptr;            // for whom the object kInts stands
};
PyObject* const kInts = Py_NotImplemented;  // no argument is that object

// Arguments that stand for themselves, x.view(2, 3) or meshgrid(x, y), are one list from the signature's list on: as ints in `room`, or
// as a tuple. False where one of them does not belong there.
bool gather(const Row& row, const Call& call, Room& room, PyObject** objects, const Dims*& ints, Ref& gathered, Py_ssize_t& positional, std::string* why) {
  const Py_ssize_t at = row.sig.list_at;
  const Param& list = row.sig.params[at];
  const bool tensors = list.type == ParamType::Tensors;
  if (int64_t first; !tensors && positional > at && unpack_size(row, list, call.at(at), 0, first)) {
    Dims& sizes = room.make<Dims>();
    sizes.resize(static_cast<int>(positional - at));
    sizes[0] = first;
    for (Py_ssize_t i = at + 1; i < positional; ++i) {
      if (unpack_size(row, list, call.at(i), i - at, sizes[i - at])) continue;
      if (why) *why = cat(row.name(), "(): argument '", list.name, "' ", wrong_element(call.at(i), i - at));
      return false;
    }
    ints = &sizes;
    objects[at] = kInts;
  } else if (tensors && positional > at && is_tensor(call.at(at))) {
    gathered = Ref(PyTuple_New(positional - at));
    for (Py_ssize_t i = at; i < positional; ++i) PyTuple_SET_ITEM(gathered.get(), i - at, Ref::borrow(call.at(i)).release());
    objects[at] = gathered.get();
  } else if (positional == at && list.required && call.kwnames == nullptr && (tensors || at > 0)) {
    gathered = Ref(PyTuple_New(0));
    objects[at] = gathered.get();
  } else {
    return true;
  }
  for (Py_ssize_t i = 0; i < at; ++i) objects[i] = call.at(i);
  positional = 0;
  return true;
}

// Puts what a call gives by name or as parts of a list in the order of the parameters; false where something does not fit.
bool arrange(const Group& group, size_t r, Call& call, Room& room, PyObject** objects, Given& given, Ref& gathered, std::string* why) {
  const Row& row = *group.rows[r];
  const std::vector<Param>& params = row.sig.params;
  const auto n = static_cast<Py_ssize_t>(params.size());
  for (Py_ssize_t i = 0; i < n; ++i) objects[i] = nullptr;
  given.count = n;
  Py_ssize_t positional = call.positional();
  auto name = [&] { return row.name() + "()"; };
  if (row.sig.varargs && !gather(row, call, room, objects, given.ints, gathered, positional, why)) return false;
  if (positional > row.sig.positional) {
    const Py_ssize_t own = call.self != nullptr, allowed = row.sig.positional - own;
    if (why) *why = cat(name(), " takes ", int64_t{allowed}, " positional argument", allowed == 1 ? "" : "s", " but ", int64_t{positional - own}, positional - own == 1 ? " was given" : " were given");
    return false;
  }
  for (Py_ssize_t i = 0; i < positional; ++i) objects[i] = call.at(i);
  const Py_ssize_t keywords = call.kwnames ? PyTuple_GET_SIZE(call.kwnames) : 0;
  for (Py_ssize_t k = 0; k < keywords; ++k) {
    PyObject* key = PyTuple_GET_ITEM(call.kwnames, k);
    PyObject* value = call.args[call.nargs + k];
    const Py_ssize_t i = parameter_of(key, params, group.keys[r]);
    if (i == n) {
      if (!call.self && PyUnicode_CompareWithASCIIString(key, "out") == 0) {
        call.out = value == Py_None ? nullptr : value;
        continue;
      }
      if (why) *why = cat(name(), " got an unexpected keyword argument '", PyUnicode_AsUTF8(key), "'");
      return false;
    }
    if (objects[i]) {
      if (why) *why = cat(name(), " got multiple values for argument '", params[i].name, "'");
      return false;
    }
    objects[i] = value;
  }
  given.positional = positional;
  return true;
}

// What an op does not see: whether its result requires grad, and where it is to be.
void take_aside(const Row& row, const Param& p, PyObject* o, Call& call) {
  if (p.name == "requires_grad") call.requires_grad = o != Py_None && to_requires_grad(row.name(), o);
  else if (p.name == "device" && o != Py_None) check_device(o);
}

// The given objects as arguments of the row; false where one does not fit.
inline bool convert(const Row& row, Call& call, const Given& given, Argument* out, Room& room, std::string* why) {
  const Param* p = row.sig.params.data();
  const auto n = static_cast<Py_ssize_t>(row.sig.params.size());
  for (Py_ssize_t i = 0; i < n; ++i, ++p) {
    PyObject* o = i < given.count ? given.objects[i] : nullptr;
    if (p->type == ParamType::Ignored) [[unlikely]] {
      if (o) take_aside(row, *p, o, call);
    } else if (!o) {
      if (p->required) {
        if (why) *why = cat(row.name(), "()", missing(row.sig.params, given.objects, i));
        return false;
      }
      *out++ = row.defaults[static_cast<size_t>(i)];
    } else if (plain_argument(p->type, o, *out)) {
      ++out;
    } else if (o == kInts && given.ints) {
      *out++ = *given.ints;
    } else if (to_argument(*p, o, room, *out)) {
      ++out;
    } else {
      if (why) *why = misfit(row, *p, o, i - (call.self != nullptr), i < given.positional);
      return false;
    }
  }
  return true;
}

[[gnu::noinline]] bool parse_arranged(const Group& group, size_t r, Call& call, Argument* out, Room& room, std::string* why) {
  PyObject* objects[kMaxParams];
  Ref gathered;
  Given given{objects};
  return arrange(group, r, call, room, objects, given, gathered, why) && convert(*group.rows[r], call, given, out, room, why);
}

// Fills `out` with the arguments of row number r, or says in `why` what does not fit.
bool parse(const Group& group, size_t r, Call& call, Argument* out, Room& room, std::string* why) {
  const Row& row = *group.rows[r];
  const Py_ssize_t positional = call.positional();
  if (call.kwnames || row.sig.varargs || positional > row.sig.positional || why) return parse_arranged(group, r, call, out, room, why);
  if (!call.self) return convert(row, call, {call.args, positional, positional}, out, room, nullptr);
  PyObject* objects[kMaxParams];
  objects[0] = call.self;
  for (Py_ssize_t i = 0; i < call.nargs; ++i) objects[i + 1] = call.args[i];
  return convert(row, call, {objects, positional, positional}, out, room, nullptr);
}

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
  why = cat(group.name, "() received an invalid combination of arguments - got ", shown_arguments(call.args, call.nargs, call.kwnames), ", but expected ");
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
  for (const Argument& a : list) if (a.kind == Argument::OfTensor) size = std::max(size, a.tensor->numel());
  const bool large = size >= kLongKernel;
  if (group.inplace) {
    Unlocked unlocked(large);
    row.run_inplace(row, arguments);
  } else if (row.run) {
    Tensor y;
    {
      Unlocked unlocked(large);
      y = row.run(row, arguments);
    }
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
  return Ref::borrow(call.at(0)).release();
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
