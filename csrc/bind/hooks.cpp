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
  Callable(const Callable& o) : f(o.f) { WithLock lock; Py_INCREF(f); }
  Callable& operator=(const Callable&) = delete;
  ~Callable() { WithLock lock; Py_DECREF(f); }

  struct WithLock {
    PyGILState_STATE state = PyGILState_Ensure();
    ~WithLock() { PyGILState_Release(state); }
  };
};

struct PyTensorHook : Callable {
  using Callable::Callable;
  Tensor operator()(const Tensor& g) const {
    WithLock lock;
    Ref grad(wrap(g));
    Ref result(PyObject_CallOneArg(f, grad.get()));
    if (!result) throw PythonError();
    if (result.get() == Py_None) return {};
    if (!is_tensor(result.get())) type_error("hook '", "f", "' has changed the type of value (was torch.Tensor got ", Py_TYPE(result.get())->tp_name, ")");
    return tensor_of(result.get());
  }
};

struct PyLeafHook : Callable {
  using Callable::Callable;
  void operator()(const Tensor& x) const {
    WithLock lock;
    Ref leaf(wrap(x));
    Ref result(PyObject_CallOneArg(f, leaf.get()));
    if (!result) throw PythonError();
  }
};

PyObject* to_tuple(const std::vector<Tensor>& list) {
  PyObject* t = PyTuple_New(static_cast<Py_ssize_t>(list.size()));
  for (size_t i = 0; i < list.size(); ++i) PyTuple_SET_ITEM(t, static_cast<Py_ssize_t>(i), wrap(list[i]));
  return t;
}

void take_result(PyObject* result, std::vector<Tensor>& list) {
  if (!result) throw PythonError();
  if (result == Py_None) return;
  Ref tuple(is_tensor(result) ? PyTuple_Pack(1, result) : PySequence_Tuple(result));
  if (!tuple) throw PythonError();
  if (PyTuple_GET_SIZE(tuple.get()) != static_cast<Py_ssize_t>(list.size())) {
    runtime_error("hook has returned an incorrect number of values (got ", int64_t{PyTuple_GET_SIZE(tuple.get())}, ", but expected ", list.size(), ")");
  }
  for (size_t i = 0; i < list.size(); ++i) {
    PyObject* e = PyTuple_GET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i));
    list[i] = is_tensor(e) ? tensor_of(e) : Tensor();
  }
}

struct PyGradsHook : Callable {
  using Callable::Callable;
  void operator()(std::vector<Tensor>& grads) const {
    WithLock lock;
    Ref args(to_tuple(grads));
    Ref result(PyObject_CallOneArg(f, args.get()));
    take_result(result.get(), grads);
  }
};

struct PyResultsHook : Callable {
  using Callable::Callable;
  void operator()(std::vector<Tensor>& results, const std::vector<Tensor>& grads) const {
    WithLock lock;
    Ref in(to_tuple(results)), out(to_tuple(grads));
    Ref result(PyObject_CallFunctionObjArgs(f, in.get(), out.get(), nullptr));
    take_result(result.get(), results);
  }
};

// What register_hook returns: remove() takes the hook away; usable in a with statement.
struct PyHandle {
  PyObject_HEAD
  PyObject* owner;  // keeps the tensor or node alive while the handle may be used
  void (*remove)(PyHandle*);
  Node* node;
  TensorImpl* leaf;
  int64_t id;
};
PyTypeObject* handle_type = nullptr;

PyObject* handle_remove(PyObject* o, PyObject*) {
  auto* h = reinterpret_cast<PyHandle*>(o);
  if (h->owner) h->remove(h);
  Py_CLEAR(h->owner);
  Py_RETURN_NONE;
}
void handle_dealloc(PyObject* o) {
  Py_CLEAR(reinterpret_cast<PyHandle*>(o)->owner);
  PyTypeObject* type = Py_TYPE(o);
  type->tp_free(o);
  Py_DECREF(type);
}
PyObject* handle_enter(PyObject* o, PyObject*) { return Ref::borrow(o).release(); }
PyObject* handle_exit(PyObject* o, PyObject*) { return handle_remove(o, nullptr); }
PyObject* handle_id(PyObject* o, void*) { return PyLong_FromLongLong(reinterpret_cast<PyHandle*>(o)->id); }

PyMethodDef handle_methods[] = {{"remove", handle_remove, METH_NOARGS, "Takes the hook away."},
                                {"__enter__", handle_enter, METH_NOARGS, nullptr},
                                {"__exit__", handle_exit, METH_VARARGS, nullptr},
                                {nullptr, nullptr, 0, nullptr}};
PyGetSetDef handle_attributes[] = {{"id", handle_id, nullptr, "The number of the hook.", nullptr}, {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyObject* make_handle(PyObject* owner, Node* node, TensorImpl* leaf, int64_t id, void (*remove)(PyHandle*)) {
  PyObject* o = handle_type->tp_alloc(handle_type, 0);
  if (!o) return nullptr;
  auto* h = reinterpret_cast<PyHandle*>(o);
  h->owner = Ref::borrow(owner).release();
  h->remove = remove;
  h->node = node;
  h->leaf = leaf;
  h->id = id;
  return o;
}

}  // namespace

PyObject* register_tensor_hook(PyObject* tensor, PyObject* f) {
  try {
    const Tensor& t = tensor_of(tensor);
    const int64_t id = add_tensor_hook(t, PyTensorHook(f));
    track(tensor);
    return make_handle(tensor, nullptr, t.impl(), id, [](PyHandle* h) { remove_tensor_hook(Tensor::share(h->leaf), h->id); });
  } catch (...) {
    return raise_error();
  }
}

PyObject* register_accumulated_hook(PyObject* tensor, PyObject* f) {
  try {
    const Tensor& t = tensor_of(tensor);
    if (!t.requires_grad()) runtime_error("cannot register a hook on a tensor that doesn't require gradient");
    if (t->grad_fn) runtime_error("post accumulate grad hooks cannot be registered on non-leaf tensors");
    const int64_t id = extra_of(t.impl()).accumulated.add(PyLeafHook(f));
    track(tensor);
    return make_handle(tensor, nullptr, t.impl(), id, [](PyHandle* h) { if (h->leaf->extra) h->leaf->extra->accumulated.remove(h->id); });
  } catch (...) {
    return raise_error();
  }
}

PyObject* add_node_hook(PyObject* owner, Node* n, TensorImpl* leaf, PyObject* f) {
  try {
    if (!n) {  // the accumulation of a leaf: its input is the gradient, it has no outputs
      const int64_t id = extra_of(leaf).accumulated.add([hook = PyResultsHook(f)](const Tensor& x) {
        std::vector<Tensor> none;
        hook(none, {Tensor::share(x->grad)});
      });
      return make_handle(owner, nullptr, leaf, id, [](PyHandle* h) { h->leaf->extra->accumulated.remove(h->id); });
    }
    const int64_t id = extra_of(n).after.add(PyResultsHook(f));
    return make_handle(owner, n, nullptr, id, [](PyHandle* h) { extra_of(h->node).after.remove(h->id); });
  } catch (...) {
    return raise_error();
  }
}

PyObject* add_node_prehook(PyObject* owner, Node* n, TensorImpl* leaf, PyObject* f) {
  try {
    if (!n) {
      const int64_t id = extra_of(leaf).hooks.add([hook = PyGradsHook(f)](const Tensor& g) {
        std::vector<Tensor> grads{g};
        hook(grads);
        return grads[0];
      });
      return make_handle(owner, nullptr, leaf, id, [](PyHandle* h) { h->leaf->extra->hooks.remove(h->id); });
    }
    const int64_t id = extra_of(n).before.add(PyGradsHook(f));
    return make_handle(owner, n, nullptr, id, [](PyHandle* h) { extra_of(h->node).before.remove(h->id); });
  } catch (...) {
    return raise_error();
  }
}

int traverse_tensor(TensorImpl* t, visitproc visit, void* arg) {
  if (!t || t->refs.load(std::memory_order_acquire) != 1) return 0;
  if (t->extra) {
    for (auto& e : t->extra->hooks.entries) if (auto* h = e.call.target<PyTensorHook>()) Py_VISIT(h->f);
    for (auto& e : t->extra->accumulated.entries) if (auto* h = e.call.target<PyLeafHook>()) Py_VISIT(h->f);
  }
  Node* n = t->grad_fn;
  if (!n || n->refs.load(std::memory_order_acquire) != 1) return 0;
  if (PyObject* ctx = owned_context(n)) Py_VISIT(ctx);
  if (n->extra) {
    for (auto& e : n->extra->tensor_hooks.entries) if (auto* h = e.call.call.target<PyTensorHook>()) Py_VISIT(h->f);
    for (auto& e : n->extra->before.entries) if (auto* h = e.call.target<PyGradsHook>()) Py_VISIT(h->f);
    for (auto& e : n->extra->after.entries) if (auto* h = e.call.target<PyResultsHook>()) Py_VISIT(h->f);
  }
  return 0;
}

void clear_tensor(TensorImpl* t) {
  if (!t || t->refs.load(std::memory_order_acquire) != 1) return;
  if (t->extra) {
    t->extra->hooks.entries.clear();
    t->extra->accumulated.entries.clear();
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
