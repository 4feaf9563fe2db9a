// Parsing arguments by signature.
#include "bind/arguments.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "bind/attributes.h"
#include "bind/mismatch.h"
#include "bind/results.h"
#include "bind/types.h"
#include "bind/unboxed.h"
#include "bind/watch.h"

namespace st {
namespace {

// Other names under which PyTorch knows a parameter, for numpy's users.
bool is_named(const Param& p, const char* key) {
  if (p.name == key) return true;
  if (p.name == "dim") return !std::strcmp(key, "axis");
  if (p.name == "keepdim") return !std::strcmp(key, "keepdims");
  if (p.name == "input") return !std::strcmp(key, "x") || !std::strcmp(key, "a") || !std::strcmp(key, "x1");
  if (p.name == "other") return !std::strcmp(key, "x2");
  return false;
}

// Room for a call's values; only as many as the signature has are made.
class Values {
 public:
  explicit Values(size_t n) : n_(n) {
    for (size_t i = 0; i < n; ++i) new (data() + i) Value;
  }
  ~Values() {
    for (size_t i = 0; i < n_; ++i) data()[i].~Value();
  }
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  Value* data() { return reinterpret_cast<Value*>(room_); }
  Value* begin() { return data(); }
  Value* end() { return data() + n_; }

 private:
  size_t n_;
  alignas(Value) unsigned char room_[kMaxParams * sizeof(Value)];
};

// A size among several arguments; TypeError where it is too large for one.
bool unpack_size(const Row& row, const Param& p, PyObject* o, Py_ssize_t at, int64_t& size) {
  try {
    return to_int(o, size);
  } catch (const Error&) {
    type_error(row.name(), "(): argument '", p.name, "' failed to unpack the object at pos ", int64_t{at + 1}, " with error \"Overflow when unpacking long long\"");
  }
}

// Fills `values` or says in `why` what does not fit.
bool parse(const Row& row, Call& call, Value* values, std::string* why) {
  const std::vector<Param>& params = row.sig.params;
  const auto n = static_cast<Py_ssize_t>(params.size());
  PyObject* given[kMaxParams] = {};
  Py_ssize_t positional = call.positional();
  auto name = [&] { return row.name() + "()"; };
  Ref gathered;
  Dims ints;
  static PyObject* const kGatheredInts = Py_NotImplemented;  // stands for `ints`: no argument is that object
  // x.view(2, 3), meshgrid(x, y): the ints or tensors from here on are one list.
  if (row.sig.varargs) {
    Py_ssize_t at = 0;
    while (at < n && params[at].type != ParamType::Ints && params[at].type != ParamType::Tensors) ++at;
    const bool tensors = at < n && params[at].type == ParamType::Tensors;
    if (int64_t unused; !tensors && at < n && positional > at && unpack_size(row, params[at], call.at(at), 0, unused)) {
      ints.resize(static_cast<int>(positional - at));
      for (Py_ssize_t i = at; i < positional; ++i) {
        if (unpack_size(row, params[at], call.at(i), i - at, ints[i - at])) continue;
        if (why) *why = cat(name(), ": argument '", params[at].name, "' ", wrong_element(call.at(i), i - at));
        return false;
      }
      for (Py_ssize_t i = 0; i < at; ++i) given[i] = call.at(i);
      given[at] = kGatheredInts;
      positional = 0;
    } else if (tensors && positional > at && is_tensor(call.at(at))) {
      gathered = Ref(PyTuple_New(positional - at));
      for (Py_ssize_t i = at; i < positional; ++i) PyTuple_SET_ITEM(gathered.get(), i - at, Ref::borrow(call.at(i)).release());
      for (Py_ssize_t i = 0; i < at; ++i) given[i] = call.at(i);
      given[at] = gathered.get();
      positional = 0;
    } else if (positional == at && at < n && params[at].required && call.kwnames == nullptr && (tensors || at > 0)) {
      gathered = Ref(PyTuple_New(0));
      for (Py_ssize_t i = 0; i < at; ++i) given[i] = call.at(i);
      given[at] = gathered.get();
      positional = 0;
    }
  }
  Py_ssize_t allowed = 0;
  while (allowed < n && !params[allowed].keyword_only) ++allowed;
  if (positional > allowed) {
    if (why) *why = cat(name(), " takes ", int64_t{allowed - (call.self != nullptr)}, " positional argument", allowed - (call.self != nullptr) == 1 ? "" : "s", " but ", int64_t{positional - (call.self != nullptr)}, positional - (call.self != nullptr) == 1 ? " was given" : " were given");
    return false;
  }
  for (Py_ssize_t i = 0; i < positional; ++i) given[i] = call.at(i);
  const Py_ssize_t keywords = call.kwnames ? PyTuple_GET_SIZE(call.kwnames) : 0;
  for (Py_ssize_t k = 0; k < keywords; ++k) {
    const char* key = PyUnicode_AsUTF8(PyTuple_GET_ITEM(call.kwnames, k));
    PyObject* value = call.args[call.nargs + k];
    Py_ssize_t i = 0;
    while (i < n && !is_named(params[i], key)) ++i;
    if (i == n) {
      if (!std::strcmp(key, "out") && !call.self) {
        call.out = value == Py_None ? nullptr : value;
        continue;
      }
      if (why) *why = cat(name(), " got an unexpected keyword argument '", key, "'");
      return false;
    }
    if (given[i]) {
      if (why) *why = cat(name(), " got multiple values for argument '", params[i].name, "'");
      return false;
    }
    given[i] = value;
  }
  Value* v = values;
  for (Py_ssize_t i = 0; i < n; ++i) {
    const Param& p = params[i];
    const bool ignored = p.type == ParamType::Ignored;
    if (!given[i]) {
      if (p.required) {
        if (why) *why = name() + missing(params, given, i);
        return false;
      }
      if (!ignored) *v++ = p.default_value;
      continue;
    }
    if (ignored) {
      if (p.name == "requires_grad") call.requires_grad = given[i] != Py_None && to_requires_grad(row.name(), given[i]);
      else if (p.name == "device" && given[i] != Py_None) check_device(given[i]);
      continue;
    }
    if (given[i] == kGatheredInts) {
      *v++ = std::move(ints);
      continue;
    }
    if (!to_parameter(p, given[i], *v)) {
      if (why) {
        const Py_ssize_t place = i + 1 - (call.self != nullptr);
        *why = wrong_sequence(row, p, given[i], place - 1, i < positional);
        if (!why->empty()) return false;
        *why = cat(name(), ": argument '", p.name, "' ", i < positional ? cat("(position ", int64_t{place}, ") ") : std::string(), "must be ",
                   type_word(p.type), ", not ", Py_TYPE(given[i])->tp_name);
      }
      return false;
    }
    ++v;
  }
  return true;
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

// Whether the number of arguments alone does not speak against the row.
bool is_plausible(const Row& row, const Call& call) {
  const auto given = static_cast<size_t>(call.positional() + (call.kwnames ? PyTuple_GET_SIZE(call.kwnames) : 0));
  const auto& params = row.sig.params;
  const auto required = static_cast<size_t>(std::count_if(params.begin(), params.end(), [](const Param& p) { return p.required; }));
  return required <= given && (given <= params.size() || row.sig.varargs);
}

// Whether a row is there for a call as a method, or as a function.
bool is_for(const Row& row, PyObject* self) { return self ? row.info.where & kMethod : row.info.where != kMethod; }

[[noreturn]] void no_overload(const Group& group, Call& call) {
  std::vector<const Row*> rows, plausible;
  for (const Row* row : group.rows) if (group.inplace || is_for(*row, call.self)) rows.push_back(row);
  if (rows.empty()) rows = group.rows;
  for (const Row* row : rows) if (is_plausible(*row, call)) plausible.push_back(row);
  std::string why;
  Value values[kMaxParams];
  if (rows.size() == 1 || plausible.size() == 1) {
    const Row& row = rows.size() == 1 ? *rows[0] : *plausible[0];
    parse(row, call, values, &why);
    if (why.empty()) why = cat(group.name, "(): argument '", row.sig.params[0].name, "' (position 1) must be Tensor, not ", Py_TYPE(call.at(0))->tp_name);
    if (why.starts_with(row.name())) why = group.name + why.substr(row.name().size());
    type_error(why);
  }
  why = cat(group.name, "() received an invalid combination of arguments - got ", shown_arguments(call), ", but expected one of:");
  for (const Row* row : rows) why += cat("\n * ", shown_signature(*row, call.self != nullptr));
  type_error(why + "\n");
}

bool asks_for_more(const Row& row, Py_ssize_t given) {
  const auto& params = row.sig.params;
  return !row.sig.varargs && given < static_cast<Py_ssize_t>(params.size()) && params[given].required;
}

// The other ops, called with nothing but tensors, need no boxes either.
bool only_tensors(const Row& row, bool inplace, PyObject* self, PyObject* const* args, Py_ssize_t nargs, const Tensor** x, int64_t& size) {
  static const Tensor none;
  const Py_ssize_t shift = self != nullptr;
  if (nargs + shift > row.n_tensors || (!inplace && !is_for(row, self))) return false;
  for (Py_ssize_t i = 0; i < row.n_tensors; ++i) {
    const Param& p = row.sig.params[i];
    PyObject* o = i >= nargs + shift ? nullptr : self ? i == 0 ? self : args[i - 1] : args[i];
    if (o && is_tensor(o)) {
      x[i] = &tensor_of(o);
      size = std::max(size, x[i]->numel());
    } else if (o ? o == Py_None && p.optional : !p.required) {
      x[i] = &none;
    } else {
      return false;
    }
  }
  return true;
}

PyObject* call_first_fit(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  try {
    const Row* plain = group.plain;
    if (plain && !kwnames && nargs + (self != nullptr) == plain->n_inputs && (group.inplace || is_for(*plain, self))) {
      Operand x[kMaxInputs];
      bool fits = true, tensors = false;
      for (int i = 0; i < plain->n_inputs && fits; ++i) {
        fits = fast_operand(self ? i == 0 ? self : args[i - 1] : args[i], plain->sig.params[i], x[i]);
        tensors |= x[i].t != nullptr;
      }
      if (fits && tensors) {
        if (group.inplace && !x[0].t) no_overload(group, *std::make_unique<Call>(Call{self, args, nargs, kwnames}));
        return run_unboxed(group, *plain, x, nullptr, self ? self : args[0]);
      }
    }
    if (!kwnames) {
      const Tensor* x[kMaxDirect];
      for (const Row* row : group.rows) {
        const auto direct = group.inplace ? row->direct_inplace : row->direct;
        int64_t size = 0;
        if (direct && only_tensors(*row, group.inplace, self, args, nargs, x, size)) {
          Tensor y;
          {
            Unlocked unlocked(size >= kLongKernel);
            y = direct(*row, x);
          }
          return group.inplace ? Ref::borrow(self ? self : args[0]).release() : wrap(std::move(y));
        }
        if (!asks_for_more(*row, nargs + (self != nullptr))) break;  // these arguments, in boxes, may be meant for this row
      }
    }
    Call call{self, args, nargs, kwnames};
    // Neighbouring elementwise rows are all tried without boxes before parse() looks at the first of them; those before `tried` have been.
    size_t tried = 0;
    const auto run_without_boxes = [&](size_t from) -> PyObject* {
      for (tried = from; tried < group.rows.size() && group.rows[tried]->elementwise; ++tried) {
        const Row& row = *group.rows[tried];
        Operand x[kMaxInputs];
        double numbers[Node::kParams];
        if ((group.inplace || is_for(row, self)) && unboxed(row, call, x, numbers) && (x[0].t || !group.inplace)) {
          return run_unboxed(group, row, x, numbers, call.at(0));
        }
      }
      return nullptr;
    };
    for (size_t r = 0; r < group.rows.size(); ++r) {
      const Row* row = group.rows[r];
      if (row->elementwise && r >= tried && call.positional() > 0) {
        PyObject* result = run_without_boxes(r);
        if (result || PyErr_Occurred()) return result;
      }
      if (!group.inplace && !is_for(*row, self)) continue;
      Values list(row->sig.params.size());
      Value* values = list.data();
      call.out = nullptr;
      call.requires_grad = false;
      if (!parse(*row, call, values, nullptr)) continue;
      if (row->elementwise) {  // numbers alone are no tensors
        bool any = false;
        for (int i = 0; i < row->n_inputs; ++i) any |= values[i].index() == 1;
        if (!any) {
          if (!row->info.numbers) continue;
          const Scalar s = std::get<Scalar>(values[0]);
          values[0] = wrap_number(s, s.dtype());
        }
      }
      if (call.out) take_dtype_of_out(*row, {list.begin(), list.end()}, call.out);
      bool large = false;
      for (const Value& v : list) if (v.index() == 1) large |= std::get<Tensor>(v).defined() && std::get<Tensor>(v).numel() >= kLongKernel;
      Value result;
      {
        Unlocked unlocked(large);
        result = group.inplace ? row->run_inplace(*row, values) : row->run(*row, values);
      }
      if (group.inplace) return Ref::borrow(call.at(0)).release();
      if (call.requires_grad) require_grad_of_new(std::get<Tensor>(result));
      if (call.out) return write_out(*row, std::move(result), call.out, {list.begin(), list.end()});
      return from_value(*row, std::move(result));
    }
    no_overload(group, call);
  } catch (...) {
    return raise_error();
  }
}

// A list of tensors, or an object of somebody's class; numbers, texts and sizes hold none.
bool may_hold_override(PyObject* o) {
  if (PyBool_Check(o) || o == Py_None || PyUnicode_CheckExact(o)) return false;
  if (PyTuple_CheckExact(o) || PyList_CheckExact(o)) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) {
      PyTypeObject* t = Py_TYPE(PySequence_Fast_GET_ITEM(o, i));
      if (t == &PyLong_Type) return false;
      if (t != tensor_type && t != parameter_type) return true;
    }
    return false;
  }
  return true;
}

}  // namespace

PyObject* call_group(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyTypeObject* type = self ? kept_subclass(self) : nullptr;
  bool foreign = false;  // some argument's class may answer for the op itself
  for (Py_ssize_t i = 0; i < nargs; ++i) {
    const PyTypeObject* t = Py_TYPE(args[i]);
    if (t == tensor_type || t == parameter_type || t == &PyLong_Type || t == &PyFloat_Type) continue;
    if (!type) type = kept_subclass(args[i]);
    foreign |= may_hold_override(args[i]);
  }
  if ((type || foreign || kwnames) && !overrides_disabled()) [[unlikely]] {
    bool answered;
    PyObject* answer = call_override(group, self, args, nargs, kwnames, answered, type);
    if (answered) return answer;
  } else {
    type = nullptr;
  }
  PyObject* result = watched() ? call_watched(call_first_fit, group, self, args, nargs, kwnames) : call_first_fit(group, self, args, nargs, kwnames);
  return result && type && !group.inplace ? as_subclass(type, result) : result;
}

}  // namespace st
