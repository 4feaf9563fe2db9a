// _optim_step: the optimizers' whole update, called once a parameter group. The contract stands in python/steepest/optim/_rules.py.
#include <Python.h>

#include <vector>

#include "bind/arguments.h"
#include "bind/python_tensor.h"
#include "kernels/layout.h"
#include "optim/rules.h"

namespace st {
bool init_optim(PyObject* module);

namespace {

// Names as Python strings, made once, so that a look-up compares pointers.
struct Names {
  PyObject* rule;
  PyObject* states[kUpdateStates];
};
Names names[kUpdateRules];
PyObject* step_name;

int find_rule(PyObject* name) {
  for (int r = 0; r < kUpdateRules; ++r) if (names[r].rule == name) return r;
  for (int r = 0; r < kUpdateRules; ++r) {
    if (PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, kRules[r].name) == 0) return r;
  }
  value_error("_optim_step: no such rule");
}

double number_of(PyObject* o) {
  if (PyFloat_CheckExact(o)) return PyFloat_AS_DOUBLE(o);
  if (is_tensor(o)) {
    const Tensor& t = tensor_of(o);
    if (t.numel() != 1) value_error("optimizer step: a tensor given as a number must have one element, got shape ", t.sizes());
    return visit_real(t.dtype(), [&]<class T>() { return static_cast<double>(*t.data<T>()); });
  }
  Scalar s;
  if (!to_scalar(o, s)) type_error("optimizer step: expected a number, got ", Py_TYPE(o)->tp_name);
  return s.to_double();
}

const Tensor& parameter(PyObject* params, Py_ssize_t i) {
  PyObject* p = PyList_GET_ITEM(params, i);
  if (!is_tensor(p)) type_error("optimizer step: expected a Tensor as a parameter, got ", Py_TYPE(p)->tp_name);
  return tensor_of(p);
}

// What one parameter's update needs, gathered and checked for all parameters before the first is written.
struct Item {
  Tensor p, grad, step;
  Tensor states[kUpdateStates];
  Ref dict;
  bool made[kUpdateStates] = {};
  bool made_step = false;
};

// The tensor of that name, undefined where there is none yet.
Tensor state_of(PyObject* dict, PyObject* name) {
  PyObject* found = PyDict_GetItemWithError(dict, name);
  if (!found && PyErr_Occurred()) throw PythonError();
  if (!found || found == Py_None) return {};
  if (!is_tensor(found)) type_error("optimizer step: state '", PyUnicode_AsUTF8(name), "' must be a Tensor, got ", Py_TYPE(found)->tp_name);
  return tensor_of(found);
}

Item gather(int rule_number, PyObject* state, PyObject* key, const double* numbers) {
  const Rule& rule = kRules[rule_number];
  Item item;
  item.p = tensor_of(key);
  item.grad = Tensor::share(item.p->grad);
  item.dict = Ref(PyObject_GetItem(state, key));
  if (!item.dict) throw PythonError();
  if (!PyDict_Check(item.dict.get())) type_error("optimizer step: the state of a parameter must be a dict, got ", Py_TYPE(item.dict.get())->tp_name);
  if (rule.counts_steps) {
    item.step = state_of(item.dict.get(), step_name);
    item.made_step = !item.step.defined();
    if (item.made_step) {
      item.step = empty({}, default_dtype() == Dtype::Float64 ? Dtype::Float64 : Dtype::Float32);
      fill_elements(item.step, Scalar(0));
    } else if (item.step.numel() != 1) {
      runtime_error("optimizer step: state 'step' must have one element, got shape ", item.step.sizes());
    }
  }
  for (int k = 0; k < kUpdateStates && rule.states[k].name; ++k) {
    if (!rule.states[k].used(numbers)) continue;
    item.states[k] = state_of(item.dict.get(), names[rule_number].states[k]);
    item.made[k] = !item.states[k].defined();
    if (item.made[k]) {
      item.states[k] = empty(item.p.sizes(), item.p.dtype());
      fill_elements(item.states[k], Scalar(rule.initial < 0 ? 0.0 : numbers[rule.initial]));
    } else {
      check_state(item.p, item.states[k], rule.states[k].name);
    }
  }
  return item;
}

void keep(PyObject* dict, PyObject* name, const Tensor& t) {
  const Ref o(wrap(t));
  if (!o || PyDict_SetItem(dict, name, o.get()) < 0) throw PythonError();
}

double count_step(const Tensor& step) {
  step.bump();
  return visit_real(step.dtype(), [&]<class T>() {
    T* p = step.data<T>();
    *p = static_cast<T>(static_cast<double>(*p) + 1);
    return static_cast<double>(*p);
  });
}

void apply(int rule_number, Item& item, const double* numbers) {
  const Rule& rule = kRules[rule_number];
  if (item.made_step) keep(item.dict.get(), step_name, item.step);
  for (int k = 0; k < kUpdateStates; ++k) if (item.made[k]) keep(item.dict.get(), names[rule_number].states[k], item.states[k]);
  UpdateNumbers u = rule.step(numbers, item.step.defined() ? count_step(item.step) : 0);
  u.first = item.made[0];
  Unlocked unlocked(item.p.numel() >= kLongKernel);
  update_parameter(rule, u, item.p, item.grad, item.states);
}

void step_group(PyObject* const* args) {
  const int rule_number = find_rule(args[0]);
  const Rule& rule = kRules[rule_number];
  PyObject *params = args[1], *state = args[2], *given = args[3];
  if (!PyList_Check(params)) type_error("optimizer step: params must be a list, got ", Py_TYPE(params)->tp_name);
  if (!PyTuple_Check(given) || PyTuple_GET_SIZE(given) != rule.n_numbers) type_error("_optim_step: rule ", rule.name, " takes a tuple of ", rule.n_numbers, " numbers");
  double numbers[Rule::kNumbers];
  for (int i = 0; i < rule.n_numbers; ++i) numbers[i] = number_of(PyTuple_GET_ITEM(given, i));
  const Py_ssize_t n = PyList_GET_SIZE(params);
  bool keeps_state = rule.counts_steps;
  for (int k = 0; k < kUpdateStates && rule.states[k].name; ++k) keeps_state |= rule.states[k].used(numbers);
  for (Py_ssize_t i = 0; i < n; ++i) {
    const Tensor& p = parameter(params, i);
    if (p->grad) check_parameter(p, Tensor::share(p->grad));
  }
  if (!keeps_state) {
    const UpdateNumbers u = rule.step(numbers, 0);
    const Tensor none[kUpdateStates];
    for (Py_ssize_t i = 0; i < n; ++i) {
      const Tensor p = parameter(params, i);
      if (!p->grad) continue;
      const Tensor grad = Tensor::share(p->grad);
      Unlocked unlocked(p.numel() >= kLongKernel);
      update_parameter(rule, u, p, grad, none);
    }
    return;
  }
  std::vector<Item> items;
  items.reserve(static_cast<size_t>(n));
  for (Py_ssize_t i = 0; i < n; ++i) {
    if (parameter(params, i)->grad) items.push_back(gather(rule_number, state, PyList_GET_ITEM(params, i), numbers));
  }
  for (Item& item : items) apply(rule_number, item, numbers);
}

PyObject* optim_step(PyObject*, PyObject* const* args, Py_ssize_t nargs) {
  if (nargs != 4) return PyErr_Format(PyExc_TypeError, "_optim_step() takes rule, params, state and numbers, got %zd arguments", nargs);
  try {
    step_group(args);
    Py_RETURN_NONE;
  } catch (...) {
    return raise_error();
  }
}

PyMethodDef definition = {"_optim_step", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(optim_step)), METH_FASTCALL,
                          "_optim_step(rule, params, state, numbers)\n--\n\nOne step of an optimizer's rule over all parameters that have gradients."};

}  // namespace

bool init_optim(PyObject* module) {
  step_name = PyUnicode_InternFromString("step");
  if (!step_name) return false;
  for (int r = 0; r < kUpdateRules; ++r) {
    names[r].rule = PyUnicode_InternFromString(kRules[r].name);
    if (!names[r].rule) return false;
    for (int k = 0; k < kUpdateStates && kRules[r].states[k].name; ++k) {
      names[r].states[k] = PyUnicode_InternFromString(kRules[r].states[k].name);
      if (!names[r].states[k]) return false;
    }
  }
  const Ref f(PyCFunction_New(&definition, nullptr));
  return f && PyModule_AddObjectRef(module, "_optim_step", f.get()) == 0;
}

}  // namespace st
