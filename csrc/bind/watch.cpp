// Autocast and the profiler at the door through which ops are called from Python.
#include "bind/watch.h"

#include <chrono>
#include <deque>
#include <unordered_map>
#include <utility>

#include "bind/types.h"
#include "ops/functions.h"

namespace st {

std::atomic<int> watches{0};

namespace {

struct Cast {
  Tensor original, cast;
};

struct Event {
  const char* name;
  int64_t start, end;  // ns
  int64_t thread;
  int32_t depth;
  bool op;
  Dims shapes;  // of the tensor arguments, each after its number of dimensions; only where asked for
};

// Of this thread. Casts of leaves are kept until the outermost autocast ends, so that a weight used twice is cast once.
struct Watch {
  bool autocast = false, caches = true;
  Dtype lower = Dtype::BFloat16;
  std::unordered_map<TensorImpl*, Cast> casts;
  int32_t depth = 0;
  int disabled = 0;
  std::vector<PyObject*> modes;  // the innermost last; owned
  std::vector<size_t> open;
};
Watch& here() {
  static thread_local Watch* watch = nullptr;
  if (!watch) watch = new Watch;
  return *watch;
}

// The profiler's record, of all threads; guarded by the interpreter lock.
bool profiling = false, with_shapes = false;
std::vector<Event>& events() {
  static auto* all = new std::vector<Event>;
  return *all;
}
int64_t now() { return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

void add_shapes(Dims& out, PyObject* o) {
  if (!is_tensor(o)) return out.push_back(-1);
  const Tensor& t = tensor_of(o);
  out.push_back(t.dim());
  for (int64_t n : t.sizes()) out.push_back(n);
}

size_t begin(const char* name, bool op) {
  Watch& w = here();
  events().push_back({name, now(), 0, static_cast<int64_t>(PyThread_get_thread_ident()), w.depth++, op, {}});
  return events().size() - 1;
}
void end(size_t i) {
  --here().depth;
  if (i < events().size()) events()[i].end = now();
}

// Float64 is left alone, as are integers.
bool eligible(const Tensor& t) { return t.dtype() == Dtype::Float32 || t.dtype() == Dtype::Float16 || t.dtype() == Dtype::BFloat16; }

Tensor cast(Watch& w, const Tensor& t, Dtype to) {
  if (!eligible(t) || t.dtype() == to) return t;
  const bool keep = w.caches && to == w.lower && t.dtype() == Dtype::Float32 && t->has(kRequiresGrad) && !t->grad_fn && !t->base;
  if (!keep) return to_dtype(t, to);
  Cast& c = w.casts[t.impl()];
  if (!c.cast.defined()) c = {t, to_dtype(t, to)};
  return c.cast;
}

// The widest type among eligible tensors, at least the lower one.
void widen(const Watch& w, PyObject* o, Dtype& type) {
  if (PyList_Check(o) || PyTuple_Check(o)) {
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(o); ++i) widen(w, PySequence_Fast_GET_ITEM(o, i), type);
  } else if (is_tensor(o) && eligible(tensor_of(o))) {
    const Dtype next = tensor_of(o).dtype();
    if (type == Dtype::Float32 || next == Dtype::Float32) type = Dtype::Float32;
    else if (next != type) runtime_error("Unexpected floating ScalarType in at::autocast::prioritize");
  }
}

Ref cast_argument(Watch& w, PyObject* o, Dtype to) {
  if (is_tensor(o)) {
    const Tensor& t = tensor_of(o);
    return eligible(t) && t.dtype() != to ? Ref(wrap(cast(w, t, to))) : Ref::borrow(o);
  }
  if (!PyList_CheckExact(o) && !PyTuple_CheckExact(o)) return Ref::borrow(o);
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(o);
  if (n == 0 || !is_tensor(PySequence_Fast_GET_ITEM(o, 0))) return Ref::borrow(o);
  Ref list(PyTuple_New(n));
  for (Py_ssize_t i = 0; i < n; ++i) PyTuple_SET_ITEM(list.get(), i, cast_argument(w, PySequence_Fast_GET_ITEM(o, i), to).release());
  return list;
}

bool has_out(PyObject* kwnames) {
  for (Py_ssize_t k = 0; kwnames && k < PyTuple_GET_SIZE(kwnames); ++k) {
    if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, k), "out") == 0) return true;
  }
  return false;
}

PyObject* call_cast(CallGroup call, const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Watch& w = here();
  const Autocast kind = group.rows[0]->info.autocast;
  if (!w.autocast || kind == Autocast::None || group.inplace || has_out(kwnames)) return call(group, self, args, nargs, kwnames);
  try {
    const Py_ssize_t n = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    Dtype to = kind == Autocast::Float32 ? Dtype::Float32 : w.lower;
    if (kind == Autocast::Promote) {
      if (self) widen(w, self, to);
      for (Py_ssize_t i = 0; i < n; ++i) widen(w, args[i], to);
    }
    Ref own_self = self ? cast_argument(w, self, to) : Ref();
    std::vector<Ref> own;
    std::vector<PyObject*> given;
    for (Py_ssize_t i = 0; i < n; ++i) {
      own.push_back(cast_argument(w, args[i], to));
      given.push_back(own.back().get());
    }
    return call(group, own_self.get(), given.data(), nargs, kwnames);
  } catch (...) {
    return raise_error();
  }
}

// "aten::add" for "add"; the text lives as long as the program.
const char* shown_name(const Group& group) {
  static auto* names = new std::unordered_map<const Group*, std::string>;
  std::string& name = (*names)[&group];
  if (name.empty()) name = "aten::" + group.name;
  return name.c_str();
}

const char* interned(const char* text) {
  static auto* names = new std::unordered_map<std::string, std::string>;
  return names->emplace(text, text).first->second.c_str();
}

PyObject* autocast_state(PyObject*, PyObject*) {
  const Watch& w = here();
  return Py_BuildValue("OOO", w.autocast ? Py_True : Py_False, dtype_object(w.lower), w.caches ? Py_True : Py_False);
}

// _set_autocast(on, dtype, keeps casts): what was before is what autocast_state() said.
PyObject* set_autocast(PyObject*, PyObject* args) {
  int on, caches;
  PyObject* dtype;
  if (!PyArg_ParseTuple(args, "pOp", &on, &dtype, &caches)) return nullptr;
  try {
    Watch& w = here();
    Dtype lower;
    if (!to_dtype_argument(dtype, lower)) type_error("dtype must be torch.dtype, not ", Py_TYPE(dtype)->tp_name);
    watches += on - w.autocast;
    w.autocast = on;
    if (lower != w.lower) w.casts.clear();
    w.lower = lower;
    w.caches = caches;
    Py_RETURN_NONE;
  } catch (...) {
    return raise_error();
  }
}
PyObject* clear_casts(PyObject*, PyObject*) {
  here().casts.clear();
  Py_RETURN_NONE;
}

PyObject* start_profile(PyObject*, PyObject* shapes) {
  watches += !profiling;
  profiling = true;
  with_shapes = shapes == Py_True;
  events().clear();
  Py_RETURN_NONE;
}

// Ends the record: a list of (name, start, end, thread, depth, whether an op, shapes), times in ns.
PyObject* stop_profile(PyObject*, PyObject*) {
  watches -= profiling;
  profiling = false;
  const std::vector<Event> all = std::exchange(events(), {});
  const int64_t last = now();
  Ref list(PyList_New(0));
  for (const Event& e : all) {
    Ref shapes(PyList_New(0));
    for (int i = 0; i < e.shapes.size();) {
      Ref one(PyList_New(0));
      const int64_t n = e.shapes[i++];
      for (int64_t d = 0; d < n; ++d) PyList_Append(one.get(), Ref(PyLong_FromLongLong(e.shapes[i++])).get());
      PyList_Append(shapes.get(), one.get());
    }
    Ref item(Py_BuildValue("sLLLiOO", e.name, static_cast<long long>(e.start), static_cast<long long>(e.end ? e.end : last),
                           static_cast<long long>(e.thread), e.depth, e.op ? Py_True : Py_False, shapes.get()));
    if (!item || PyList_Append(list.get(), item.get()) < 0) return nullptr;
  }
  return list.release();
}

PyObject* enter_record(PyObject*, PyObject* name) {
  const char* text = PyUnicode_AsUTF8(name);
  if (!text) return nullptr;
  here().open.push_back(profiling ? begin(interned(text), false) : SIZE_MAX);
  Py_RETURN_NONE;
}
PyObject* leave_record(PyObject*, PyObject*) {
  std::vector<size_t>& open = here().open;
  if (open.empty()) Py_RETURN_NONE;
  if (open.back() != SIZE_MAX) end(open.back());
  open.pop_back();
  Py_RETURN_NONE;
}

// _disable_overrides(+1 or -1)
PyObject* disable_overrides(PyObject*, PyObject* change) {
  const long by = PyLong_AsLong(change);
  if (by == -1 && PyErr_Occurred()) return nullptr;
  here().disabled += static_cast<int>(by);
  Py_RETURN_NONE;
}

// _push_mode(mode), _pop_mode(): the innermost TorchFunctionMode is asked first.
PyObject* push_mode(PyObject*, PyObject* mode) {
  here().modes.push_back(Ref::borrow(mode).release());
  ++watches;
  Py_RETURN_NONE;
}
PyObject* pop_mode(PyObject*, PyObject*) {
  std::vector<PyObject*>& modes = here().modes;
  if (modes.empty()) Py_RETURN_NONE;
  PyObject* mode = modes.back();
  modes.pop_back();
  --watches;
  return mode;
}

// While a mode answers, what it calls goes to the modes outside of it.
PyObject* call_mode(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  Ref mode(pop_mode(nullptr, nullptr));
  PyObject* result = ask_mode(mode.get(), group, self, args, nargs, kwnames);
  Ref none(push_mode(nullptr, mode.get()));
  return result;
}

PyMethodDef definitions[] = {{"_autocast_state", autocast_state, METH_NOARGS, nullptr}, {"_set_autocast", set_autocast, METH_VARARGS, nullptr},
                             {"_clear_casts", clear_casts, METH_NOARGS, nullptr},       {"_start_profile", start_profile, METH_O, nullptr},
                             {"_stop_profile", stop_profile, METH_NOARGS, nullptr},     {"_enter_record", enter_record, METH_O, nullptr},
                             {"_leave_record", leave_record, METH_NOARGS, nullptr},     {"_disable_overrides", disable_overrides, METH_O, nullptr},
                             {"_push_mode", push_mode, METH_O, nullptr},                 {"_pop_mode", pop_mode, METH_NOARGS, nullptr},
                             {nullptr, nullptr, 0, nullptr}};

}  // namespace

bool overrides_disabled() { return here().disabled > 0; }

PyObject* call_watched(CallGroup call, const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  if (!here().modes.empty() && (self || group.function)) return call_mode(group, self, args, nargs, kwnames);
  if (!profiling) return call_cast(call, group, self, args, nargs, kwnames);
  const size_t at = begin(shown_name(group), true);
  if (with_shapes) {
    Dims shapes;
    if (self) add_shapes(shapes, self);
    for (Py_ssize_t i = 0; i < nargs; ++i) add_shapes(shapes, args[i]);
    events()[at].shapes = std::move(shapes);
  }
  PyObject* result = call_cast(call, group, self, args, nargs, kwnames);
  end(at);
  return result;
}

bool init_watch(PyObject* module) { return PyModule_AddFunctions(module, definitions) == 0; }

}  // namespace st
