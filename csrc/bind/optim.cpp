// The optimizers' step: per rule a method that goes over the parameter groups of an optimizer. The contract stands in
// python/steepest/optim/_rules.py.
#include <Python.h>

#include <utility>
#include <vector>

#include "bind/arguments.h"
#include "bind/python_tensor.h"
#include "bind/sparse.h"
#include "kernels/layout.h"
#include "optim/rules.h"

namespace st {
bool init_optim(PyObject* module);

namespace {

// Names as Python strings, made once, so that a look-up compares pointers.
struct Names {
  PyObject* numbers[Rule::kNumbers];
  PyObject* scalars[Rule::kScalars];
  PyObject* states[kUpdateStates];
};
Names names[kUpdateRules];
struct Common {
  PyObject *step, *params, *state, *param_groups, *differentiable, *pre_hooks, *post_hooks, *between_hooks, *zero_in_place, *zero;
} common;
bool hooks_on_all = false;  // some hook was ever registered for the steps of all optimizers

double number_of(PyObject* o) {
  if (PyFloat_CheckExact(o)) return PyFloat_AS_DOUBLE(o);
  if (o == common.zero || o == Py_False) return 0;  // most options are
  if (o == Py_True) return 1;
  if (PyLong_CheckExact(o)) {
    const double value = PyLong_AsDouble(o);
    if (value == -1 && PyErr_Occurred()) throw PythonError();
    return value;
  }
  if (is_tensor(o)) {
    const Tensor& t = tensor_of(o);
    if (t.numel() != 1) value_error("optimizer step: a tensor given as a number must have one element, got shape ", t.sizes());
    return visit_real(t.dtype(), [&]<class T>() { return static_cast<double>(*t.data<T>()); });
  }
  Scalar s;
  if (!to_scalar(o, s)) type_error("optimizer step: expected a number, got ", Py_TYPE(o)->tp_name);
  return s.to_double();
}

// A borrowed entry of a dict that has to be there.
PyObject* entry(PyObject* dict, PyObject* key) {
  PyObject* found = PyDict_GetItemWithError(dict, key);
  if (found) return found;
  if (!PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, key);
  throw PythonError();
}

Ref group_params(PyObject* group) {
  Ref params = Ref::borrow(entry(group, common.params));
  if (!PyList_Check(params.get())) type_error("optimizer: params must be a list, got ", Py_TYPE(params.get())->tp_name);
  return params;
}

void read_numbers(int r, PyObject* group, double* numbers) {
  const Rule& rule = kRules[r];
  PyObject* option = nullptr;
  for (int i = 0; i < Rule::kNumbers && rule.numbers[i].option; ++i) {
    const int part = rule.numbers[i].part;
    if (part <= 0) option = entry(group, names[r].numbers[i]);
    if (part < 0) {
      numbers[i] = number_of(option);
    } else {
      const Ref value(PySequence_GetItem(option, part));
      if (!value) throw PythonError();
      numbers[i] = number_of(value.get());
    }
  }
}

const Tensor& parameter(PyObject* params, Py_ssize_t i) {
  PyObject* p = PyList_GET_ITEM(params, i);
  if (!is_tensor(p)) type_error("optimizer step: expected a Tensor as a parameter, got ", Py_TYPE(p)->tp_name);
  return tensor_of(p);
}

// A tensor that somebody else keeps alive meanwhile, without counting it.
class Borrowed {
 public:
  explicit Borrowed(TensorImpl* t) : tensor_(Tensor::adopt(t)) {}
  ~Borrowed() { tensor_.leak(); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  operator const Tensor&() const { return tensor_; }

 private:
  Tensor tensor_;
};

// What one parameter's update needs, gathered and checked for all parameters of a group before the first is written.
struct Item {
  Tensor p, grad, step;
  Tensor scalars[Rule::kScalars], states[kUpdateStates];
  Ref dict;
  bool made_step = false, made_scalars[Rule::kScalars] = {}, made[kUpdateStates] = {};
};

// The tensor of that name, undefined where there is none yet.
Tensor state_of(PyObject* dict, PyObject* name) {
  PyObject* found = PyDict_GetItemWithError(dict, name);
  if (!found && PyErr_Occurred()) throw PythonError();
  if (!found || found == Py_None) return {};
  if (!is_tensor(found)) type_error("optimizer step: state '", PyUnicode_AsUTF8(name), "' must be a Tensor, got ", Py_TYPE(found)->tp_name);
  return tensor_of(found);
}

// A number that is kept as a tensor; returns whether it had to be made.
bool count_of(PyObject* dict, PyObject* name, double initial, Tensor& t) {
  t = state_of(dict, name);
  if (t.defined()) {
    if (t.numel() != 1) runtime_error("optimizer step: state '", PyUnicode_AsUTF8(name), "' must have one element, got shape ", t.sizes());
    return false;
  }
  t = empty({}, default_dtype() == Dtype::Float64 ? Dtype::Float64 : Dtype::Float32);
  fill_elements(t, Scalar(initial));
  return true;
}

Ref state_dict(PyObject* state, PyObject* key) {
  PyObject* found = PyDict_Check(state) ? PyDict_GetItemWithError(state, key) : nullptr;
  if (!found && PyErr_Occurred()) throw PythonError();
  Ref dict = found ? Ref::borrow(found) : Ref(PyObject_GetItem(state, key));  // a defaultdict makes what is missing
  if (!dict) throw PythonError();
  if (!PyDict_Check(dict.get())) type_error("optimizer step: the state of a parameter must be a dict, got ", Py_TYPE(dict.get())->tp_name);
  return dict;
}

void gather(Item& item, int r, PyObject* state, PyObject* key, const double* numbers) {
  const Rule& rule = kRules[r];
  item.p = tensor_of(key);
  item.grad = Tensor::share(item.p->grad);
  item.dict = state_dict(state, key);
  if (rule.counts_steps) item.made_step = count_of(item.dict.get(), common.step, 0, item.step);
  for (int k = 0; k < Rule::kScalars && rule.scalars[k].name; ++k) {
    item.made_scalars[k] = count_of(item.dict.get(), names[r].scalars[k], rule.scalars[k].initial(numbers), item.scalars[k]);
  }
  for (int k = 0; k < kUpdateStates && rule.states[k].name; ++k) {
    if (!rule.states[k].used(numbers)) continue;
    item.states[k] = state_of(item.dict.get(), names[r].states[k]);
    item.made[k] = !item.states[k].defined();
    if (item.made[k]) {
      item.states[k] = empty(item.p.sizes(), item.p.dtype());
      fill_elements(item.states[k], Scalar(rule.states[k].initial ? rule.states[k].initial(numbers) : 0.0));
    } else {
      check_state(item.p, item.states[k], rule.states[k].name);
    }
  }
}

void keep(PyObject* dict, PyObject* name, const Tensor& t) {
  const Ref o(wrap(t));
  if (!o || PyDict_SetItem(dict, name, o.get()) < 0) throw PythonError();
}

double read(const Tensor& t) {
  return visit_real(t.dtype(), [&]<class T>() { return static_cast<double>(*t.data<T>()); });
}
void write(const Tensor& t, double value) {
  t.bump();
  visit_real(t.dtype(), [&]<class T>() { *t.data<T>() = static_cast<T>(value); });
}

// The numbers of the last step taken: parameters that have seen as many steps share them, powers and roots among them.
struct LastStep {
  double step = -1;
  UpdateNumbers numbers;
};

void apply(int r, Item& item, const double* numbers, LastStep& last) {
  const Rule& rule = kRules[r];
  Rule::Counts counts;
  if (item.made_step) keep(item.dict.get(), common.step, item.step);
  for (int k = 0; k < Rule::kScalars && item.scalars[k].defined(); ++k) {
    if (item.made_scalars[k]) keep(item.dict.get(), names[r].scalars[k], item.scalars[k]);
    counts.scalars[k] = read(item.scalars[k]);
    counts.single = item.scalars[k].dtype() == Dtype::Float32;
  }
  for (int k = 0; k < kUpdateStates; ++k) if (item.made[k]) keep(item.dict.get(), names[r].states[k], item.states[k]);
  if (item.step.defined()) {
    write(item.step, read(item.step) + 1);
    counts.step = read(item.step);
  }
  if (counts.step != last.step || rule.scalars[0].name) last = {counts.step, rule.step(numbers, counts)};
  UpdateNumbers u = last.numbers;
  for (int k = 0; k < Rule::kScalars && item.scalars[k].defined(); ++k) write(item.scalars[k], counts.scalars[k]);
  u.first |= item.made[0];
  Unlocked unlocked(item.p.numel() >= kLongKernel);
  update_parameter(rule, u, item.p, item.grad, item.states);
}

void step_group(int r, PyObject* optimizer, PyObject* group) {
  const Rule& rule = kRules[r];
  PyObject* differentiable = PyDict_GetItemWithError(group, common.differentiable);
  if (differentiable && differentiable != Py_False && is_true(differentiable)) {
    not_implemented(Py_TYPE(optimizer)->tp_name, ".step: differentiable=True needs updates that autograd records; the fused update does not. "
                    "Write the update with tensor operations instead.");
  }
  const Ref params = group_params(group);
  double numbers[Rule::kNumbers];
  read_numbers(r, group, numbers);
  const Py_ssize_t n = PyList_GET_SIZE(params.get());
  bool keeps_state = rule.counts_steps;
  for (int k = 0; k < kUpdateStates && rule.states[k].name; ++k) keeps_state |= rule.states[k].used(numbers);
  for (Py_ssize_t i = 0; i < n; ++i) {
    const Tensor& p = parameter(params.get(), i);
    if (TensorImpl* const grad = dense_grad(p)) check_parameter(p, Borrowed(grad));
  }
  step_sparse(optimizer, group, params.get());
  if (!keeps_state) {
    Rule::Counts counts;
    const UpdateNumbers u = rule.step(numbers, counts);
    const Tensor none[kUpdateStates];
    for (Py_ssize_t i = 0; i < n; ++i) {
      const Tensor& p = parameter(params.get(), i);
      if (!dense_grad(p)) continue;
      if (p.numel() < kLongKernel) {
        update_parameter(rule, u, p, Borrowed(p->grad), none);
      } else {
        const Tensor kept = p, grad = Tensor::share(p->grad);  // while the lock is not held, others may drop them
        Unlocked unlocked(true);
        update_parameter(rule, u, kept, grad, none);
      }
    }
    return;
  }
  const Ref state(PyObject_GetAttr(optimizer, common.state));
  if (!state) throw PythonError();
  std::vector<Item> items;
  items.reserve(static_cast<size_t>(n));
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (dense_grad(parameter(params.get(), i))) gather(items.emplace_back(), r, state.get(), PyList_GET_ITEM(params.get(), i), numbers);
  }
  LastStep last;
  for (Item& item : items) apply(r, item, numbers, last);
}

// An attribute that is nearly always an entry of the instance's dict, whose type need not be searched for it then.
Ref attribute(PyObject* o, PyObject* dict, PyObject* name) {
  PyObject* found = PyDict_GetItemWithError(dict, name);
  if (found) return Ref::borrow(found);
  if (PyErr_Occurred()) throw PythonError();
  Ref other(PyObject_GetAttr(o, name));
  if (!other) throw PythonError();
  return other;
}

bool is_empty(const Ref& registry) { return PyDict_Check(registry.get()) && PyDict_GET_SIZE(registry.get()) == 0; }

template <class F>
void each_group(PyObject* optimizer, PyObject* dict, F f) {
  const Ref groups = attribute(optimizer, dict, common.param_groups);
  if (!PyList_Check(groups.get())) type_error("optimizer: param_groups must be a list, got ", Py_TYPE(groups.get())->tp_name);
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(groups.get()); ++i) {
    const Ref group = Ref::borrow(PyList_GET_ITEM(groups.get(), i));
    if (!PyDict_Check(group.get())) type_error("optimizer: a parameter group must be a dict, got ", Py_TYPE(group.get())->tp_name);
    f(group.get());
  }
}
void step_groups(int r, PyObject* optimizer, PyObject* dict) {
  each_group(optimizer, dict, [&](PyObject* group) { step_group(r, optimizer, group); });
}

// step(self, closure=None)
PyObject* step(int r, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
  if (given > 1) return PyErr_Format(PyExc_TypeError, "%s.step() takes from 1 to 2 positional arguments but %zd were given", Py_TYPE(self)->tp_name, given + 1);
  if (nargs == 0 && given == 1 && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, 0), "closure") != 0) {
    return PyErr_Format(PyExc_TypeError, "%s.step() got an unexpected keyword argument '%U'", Py_TYPE(self)->tp_name, PyTuple_GET_ITEM(kwnames, 0));
  }
  PyObject* closure = given ? args[0] : Py_None;
  try {
    const Ref dict(PyObject_GenericGetDict(self, nullptr));
    if (!dict) return nullptr;
    if (closure == Py_None && !hooks_on_all && is_empty(attribute(self, dict.get(), common.pre_hooks)) &&
        is_empty(attribute(self, dict.get(), common.post_hooks))) [[likely]] {
      step_groups(r, self, dict.get());
      Py_RETURN_NONE;
    }
    return PyObject_CallMethodOneArg(self, common.between_hooks, closure);
  } catch (...) {
    return raise_error();
  }
}
// _update(self): the step itself
PyObject* update(int r, PyObject* self) {
  try {
    const Ref dict(PyObject_GenericGetDict(self, nullptr));
    if (!dict) return nullptr;
    step_groups(r, self, dict.get());
    Py_RETURN_NONE;
  } catch (...) {
    return raise_error();
  }
}

// zero_grad(self, set_to_none=True)
PyObject* zero_grad(PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  const Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
  if (given > 1 || (given > nargs && PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, 0), "set_to_none") != 0)) {
    return PyErr_Format(PyExc_TypeError, "%s.zero_grad() takes one argument, set_to_none", Py_TYPE(self)->tp_name);
  }
  const int drops = given ? PyObject_IsTrue(args[0]) : 1;
  if (drops < 0) return nullptr;
  if (!drops) return PyObject_CallMethodNoArgs(self, common.zero_in_place);
  try {
    const Ref dict(PyObject_GenericGetDict(self, nullptr));
    if (!dict) return nullptr;
    each_group(self, dict.get(), [](PyObject* group) {
      const Ref params = group_params(group);
      for (Py_ssize_t i = 0; i < PyList_GET_SIZE(params.get()); ++i) {
        const Tensor p = parameter(params.get(), i);
        if (p->grad) release(std::exchange(p->grad, nullptr));
      }
    });
    Py_RETURN_NONE;
  } catch (...) {
    return raise_error();
  }
}

constexpr char kDoc[] =
    "step($self, /, closure=None)\n--\n\nUpdate all parameters that have gradients.\n\n``closure``, if given, is called first, with "
    "gradients recorded: it computes the loss anew\nand returns it, and so does ``step``.";

template <class F>
PyCFunction as_function(F* f) { return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f)); }

template <int... R>
PyMethodDef* definitions(std::integer_sequence<int, R...>) {
  static PyMethodDef all[][2] = {
      {{"step", as_function(+[](PyObject* self, PyObject* const* args, Py_ssize_t n, PyObject* names) { return step(R, self, args, n, names); }),
        METH_FASTCALL | METH_KEYWORDS, kDoc},
       {"_update", as_function(+[](PyObject* self, PyObject*) { return update(R, self); }), METH_NOARGS, nullptr}}...};
  return all[0];
}

PyObject* watch_hooks(PyObject*, PyObject*) {
  hooks_on_all = true;
  Py_RETURN_NONE;
}
PyMethodDef zero_definition = {
    "zero_grad", as_function(zero_grad), METH_FASTCALL | METH_KEYWORDS,
    "zero_grad($self, /, set_to_none=True)\n--\n\nDrop the gradients of all parameters, or zero them in place if not ``set_to_none``."};
PyMethodDef watch_definition = {"_optim_hooks_on_all", watch_hooks, METH_NOARGS, "Steps of all optimizers look for hooks from now on."};

bool intern(const char* text, PyObject*& name) { return (name = PyUnicode_InternFromString(text)) != nullptr; }

}  // namespace

// _C._optim_rules: from a rule's name to its step and its _update, as methods that any class can take over; so is _C._optim_zero_grad.
bool init_optim(PyObject* module) {
  if (!intern("step", common.step) || !intern("params", common.params) || !intern("state", common.state) ||
      !intern("param_groups", common.param_groups) || !intern("differentiable", common.differentiable) ||
      !intern("_optimizer_step_pre_hooks", common.pre_hooks) || !intern("_optimizer_step_post_hooks", common.post_hooks) ||
      !intern("_step_between_hooks", common.between_hooks) || !intern("_zero_in_place", common.zero_in_place) ||
      !(common.zero = PyLong_FromLong(0))) return false;
  const Ref rules(PyDict_New());
  if (!rules) return false;
  PyMethodDef* methods = definitions(std::make_integer_sequence<int, kUpdateRules>());
  for (int r = 0; r < kUpdateRules; ++r) {
    const Rule& rule = kRules[r];
    for (int i = 0; i < Rule::kNumbers && rule.numbers[i].option; ++i) if (!intern(rule.numbers[i].option, names[r].numbers[i])) return false;
    for (int k = 0; k < Rule::kScalars && rule.scalars[k].name; ++k) if (!intern(rule.scalars[k].name, names[r].scalars[k])) return false;
    for (int k = 0; k < kUpdateStates && rule.states[k].name; ++k) if (!intern(rule.states[k].name, names[r].states[k])) return false;
    const Ref step(PyDescr_NewMethod(&PyBaseObject_Type, methods + 2 * r)), update(PyDescr_NewMethod(&PyBaseObject_Type, methods + 2 * r + 1));
    const Ref pair(step && update ? PyTuple_Pack(2, step.get(), update.get()) : nullptr);
    if (!pair || PyDict_SetItemString(rules.get(), rule.name, pair.get()) < 0) return false;
  }
  const Ref watch(PyCFunction_New(&watch_definition, nullptr)), zero(PyDescr_NewMethod(&PyBaseObject_Type, &zero_definition));
  return watch && zero && PyModule_AddObjectRef(module, "_optim_zero_grad", zero.get()) == 0 && PyModule_AddObjectRef(module, "_optim_hooks_on_all", watch.get()) == 0 &&
         PyModule_AddObjectRef(module, "_optim_rules", rules.get()) == 0;
}

}  // namespace st
