// Hooks written in Python. Each holds its function; the garbage collector sees it through the tensor (see collect.h).
#include "bind/hooks.h"

#include "bind/collect.h"
#include "bind/function.h"
#include "bind/python_tensor.h"
#include "graph/hooks.h"

namespace st {
namespace {

// A Python callable, shared by the copies that std::function makes.
struct Callable {
  PyObject* f;
  explicit Callable(PyObject* f) : f(Ref::borrow(f).release()) {}
  Callable(const Callable& o) : f(o.f) { Locked lock; Py_INCREF(f); }
  Callable& operator=(const Callable&) = delete;
  ~Callable() { release_object(f); }
};

std::string name_of(PyObject* f) {
  Ref name(PyObject_GetAttrString(f, "__name__"));
  PyErr_Clear();
  const char* text = name && PyUnicode_Check(name.get()) ? PyUnicode_AsUTF8(name.get()) : nullptr;
  return text ? text : "<unknown>";
}

// What a hook gives in place of a gradient has to be like it.
Tensor checked(PyObject* f, const Tensor& before, PyObject* result) {
  if (!is_tensor(result)) type_error("expected Variable, but hook returned '", Py_TYPE(result)->tp_name, "'");
  const Tensor& t = tensor_of(result);
  if (!before.defined()) return t;
  if (t.dtype() != before.dtype()) {
    runtime_error("hook '", name_of(f), "' has changed the type of value (was torch.", info(before.dtype()).tensor_type, " got torch.",
                  info(t.dtype()).tensor_type, ")");
  }
  if (!same_shape(t, before)) runtime_error("hook '", name_of(f), "' has changed the size of value");
  return t;
}

struct PyTensorHook : Callable {
  using Callable::Callable;
  Tensor operator()(const Tensor& g) const {
    Locked lock;
    Ref grad(wrap(g));
    Ref result(PyObject_CallOneArg(f, grad.get()));
    if (!result) throw PythonError();
    if (result.get() == Py_None) return {};
    return checked(f, g, result.get());
  }
};

struct PyLeafHook : Callable {
  using Callable::Callable;
  void operator()(const Tensor& x) const {
    Locked lock;
    Ref leaf(wrap(x));
    Ref result(PyObject_CallOneArg(f, leaf.get()));
    if (!result) throw PythonError();
    if (result.get() == Py_None || result.get() == leaf.get()) return;
    checked(f, x, result.get());
    runtime_error("Tensor post accumulate grad hooks should return None.");
  }
};

PyObject* to_tuple(const std::vector<Tensor>& list) {
  PyObject* t = PyTuple_New(static_cast<Py_ssize_t>(list.size()));
  for (size_t i = 0; i < list.size(); ++i) PyTuple_SET_ITEM(t, static_cast<Py_ssize_t>(i), wrap(list[i]));
  return t;
}

void take_result(PyObject* f, PyObject* result, std::vector<Tensor>& list) {
  if (!result) throw PythonError();
  if (result == Py_None) return;
  Ref tuple(is_tensor(result) ? PyTuple_Pack(1, result) : PySequence_Tuple(result));
  if (!tuple) throw PythonError();
  if (PyTuple_GET_SIZE(tuple.get()) != static_cast<Py_ssize_t>(list.size())) {
    runtime_error("hook '", name_of(f), "' has returned an incorrect number of values (got ", int64_t{PyTuple_GET_SIZE(tuple.get())}, ", but expected ", list.size(), ")");
  }
  for (size_t i = 0; i < list.size(); ++i) {
    PyObject* e = PyTuple_GET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i));
    list[i] = e == Py_None ? Tensor() : checked(f, list[i], e);
  }
}

struct PyGradsHook : Callable {
  using Callable::Callable;
  void operator()(std::vector<Tensor>& grads) const {
    Locked lock;
    Ref args(to_tuple(grads));
    Ref result(PyObject_CallOneArg(f, args.get()));
    take_result(f, result.get(), grads);
  }
};

struct PyResultsHook : Callable {
  using Callable::Callable;
  void operator()(std::vector<Tensor>& results, const std::vector<Tensor>& grads) const {
    Locked lock;
    Ref in(to_tuple(results)), out(to_tuple(grads));
    Ref result(PyObject_CallFunctionObjArgs(f, in.get(), out.get(), nullptr));
    take_result(f, result.get(), results);
  }
};

// Hooks of a leaf's place in the graph: the gradient is its input and its output.
struct PyLeafResultsHook : PyResultsHook {
  using PyResultsHook::PyResultsHook;
  void operator()(const Tensor& x) const {
    std::vector<Tensor> none;
    PyResultsHook::operator()(none, {Tensor::share(x->grad)});
  }
};
struct PyLeafGradsHook : PyGradsHook {
  using PyGradsHook::PyGradsHook;
  Tensor operator()(const Tensor& g) const {
    std::vector<Tensor> grads{g};
    PyGradsHook::operator()(grads);
    return grads[0];
  }
};

// What register_hook returns: remove() takes the hook away; usable in a with statement.
struct PyHandle {
  PyObject_HEAD
  HookHandle handle;
};
PyTypeObject* handle_type = nullptr;

PyObject* handle_remove(PyObject* o, PyObject*) {
  reinterpret_cast<PyHandle*>(o)->handle.remove();
  Py_RETURN_NONE;
}
void handle_dealloc(PyObject* o) {
  reinterpret_cast<PyHandle*>(o)->handle.~HookHandle();
  PyTypeObject* type = Py_TYPE(o);
  type->tp_free(o);
  Py_DECREF(type);
}
PyObject* handle_enter(PyObject* o, PyObject*) { return Ref::borrow(o).release(); }
PyObject* handle_exit(PyObject* o, PyObject*) { return handle_remove(o, nullptr); }
PyObject* handle_id(PyObject* o, void*) { return PyLong_FromLongLong(reinterpret_cast<PyHandle*>(o)->handle.id); }

PyMethodDef handle_methods[] = {{"remove", handle_remove, METH_NOARGS, "Takes the hook away."},
                                {"__enter__", handle_enter, METH_NOARGS, nullptr},
                                {"__exit__", handle_exit, METH_VARARGS, nullptr},
                                {nullptr, nullptr, 0, nullptr}};
PyGetSetDef handle_attributes[] = {{"id", handle_id, nullptr, "The number of the hook.", nullptr}, {nullptr, nullptr, nullptr, nullptr, nullptr}};

// f() adds the hook.
template <class F>
PyObject* add_hook(PyObject* callable, F f) {
  return guarded([&] {
    if (!PyCallable_Check(callable)) type_error("hook must be callable, got ", Py_TYPE(callable)->tp_name);
    HookHandle handle = f();
    PyObject* o = handle_type->tp_alloc(handle_type, 0);
    if (o) new (&reinterpret_cast<PyHandle*>(o)->handle) HookHandle(std::move(handle));
    return o;
  });
}

}  // namespace

PyObject* register_tensor_hook(PyObject* tensor, PyObject* f) {
  return add_hook(f, [&] {
    HookHandle handle = add_tensor_hook(tensor_of(tensor), PyTensorHook(f));
    track(tensor);
    return handle;
  });
}

PyObject* register_accumulated_hook(PyObject* tensor, PyObject* f) {
  return add_hook(f, [&] {
    const Tensor& t = tensor_of(tensor);
    if (!t.requires_grad()) runtime_error("cannot register a hook on a tensor that doesn't require gradient");
    if (t->grad_fn) runtime_error("post accumulate grad hooks cannot be registered on non-leaf tensors");
    HookHandle handle = extra_of(t.impl()).accumulated.add(PyLeafHook(f));
    track(tensor);
    return handle;
  });
}

PyObject* add_node_hook(Node* n, TensorImpl* leaf, PyObject* f) {
  return add_hook(f, [&] { return n ? extra_of(n).after.add(PyResultsHook(f)) : extra_of(leaf).accumulated.add(PyLeafResultsHook(f)); });
}

PyObject* add_node_prehook(Node* n, TensorImpl* leaf, PyObject* f) {
  return add_hook(f, [&] { return n ? extra_of(n).before.add(PyGradsHook(f)) : extra_of(leaf).hooks.add(PyLeafGradsHook(f)); });
}

namespace {

template <class... Hooks, class F>
int visit_callable(const F& f, visitproc visit, void* arg) {
  int result = 0;
  ([&] {
    if (auto* h = f.template target<Hooks>(); h && result == 0) result = visit(h->f, arg);
  }(), ...);
  return result;
}

// What n alone keeps alive: its hooks and its context. Sets `result` as soon as a visit asks to stop.
void traverse_node(Node* n, visitproc visit, void* arg, int& result) {
  auto look = [&](int r) { if (result == 0) result = r; };
  if (PyObject* ctx = owned_context(n)) look(visit(ctx, arg));
  if (!n->extra) return;
  n->extra->tensor_hooks.each([&](const auto& h) { look(visit_callable<PyTensorHook>(h.call, visit, arg)); });
  n->extra->before.each([&](const auto& h) { look(visit_callable<PyGradsHook>(h, visit, arg)); });
  n->extra->after.each([&](const auto& h) { look(visit_callable<PyResultsHook>(h, visit, arg)); });
}

}  // namespace

int traverse_tensor(TensorImpl* t, visitproc visit, void* arg) {
  if (!t || t->refs.load(std::memory_order_acquire) != 1) return 0;
  int result = 0;
  if (t->extra) {
    auto look = [&](int r) { if (result == 0) result = r; };
    t->extra->hooks.each([&](const auto& h) { look(visit_callable<PyTensorHook, PyLeafGradsHook>(h, visit, arg)); });
    t->extra->accumulated.each([&](const auto& h) { look(visit_callable<PyLeafHook, PyLeafResultsHook>(h, visit, arg)); });
  }
  // The part of the graph that only this tensor keeps alive, down to where somebody else holds it too.
  constexpr int kDepth = 1000;
  Node* n = t->grad_fn;
  for (int depth = 0; n && result == 0 && depth < kDepth && n->refs.load(std::memory_order_acquire) == 1; ++depth) {
    traverse_node(n, visit, arg, result);
    Node* next = nullptr;
    for (int i = 0; i < n->n_edges && !next; ++i) if (n->edges[i] && !n->edges[i].is_leaf()) next = n->edges[i].node();
    n = next;
  }
  return result;
}

void clear_tensor(TensorImpl* t) {
  if (!t || t->refs.load(std::memory_order_acquire) != 1) return;
  if (t->extra) {
    t->extra->hooks.clear();
    t->extra->accumulated.clear();
  }
  if (Node* n = t->grad_fn) {
    t->grad_fn = nullptr;
    t->set(kRetainsGrad, false);
    release(n);
  }
}

bool init_hooks(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(handle_dealloc)},
                         {Py_tp_methods, handle_methods},
                         {Py_tp_getset, handle_attributes},
                         {0, nullptr}};
  PyType_Spec spec{"torch.utils.hooks.RemovableHandle", sizeof(PyHandle), 0, Py_TPFLAGS_DEFAULT, slots};
  handle_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  return handle_type && PyModule_AddObjectRef(module, "TensorHookHandle", reinterpret_cast<PyObject*>(handle_type)) == 0;
}

}  // namespace st
