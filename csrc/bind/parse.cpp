// Parsing arguments by signature.
#include "bind/parse.h"

#include <string_view>

#include "bind/attributes.h"
#include "bind/mismatch.h"
#include "bind/types.h"

namespace st {
namespace {

// Other names under which PyTorch knows a parameter, for numpy's users.
bool is_alias(const Param& p, std::string_view key) {
  if (p.name == "dim") return key == "axis";
  if (p.name == "keepdim") return key == "keepdims";
  if (p.name == "input") return key == "x" || key == "a" || key == "x1";
  return p.name == "other" && key == "x2";
}

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

}  // namespace

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

}  // namespace st
