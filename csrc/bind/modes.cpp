// no_grad and enable_grad as context managers and decorators, cheap enough for the inside of a training loop; and set_flush_denormal.
#include "bind/modes.h"

#include <structmember.h>

#include <cstddef>
#include <cstring>
#include <utility>

#include "bind/python_tensor.h"
#include "core/thread_state.h"

namespace st {
namespace {

struct PySwitch {
  PyObject_HEAD
  bool on, before;
};

PyTypeObject* types[2];  // no_grad, enable_grad

PySwitch* self_of(PyObject* o) { return reinterpret_cast<PySwitch*>(o); }

bool is_on(PyTypeObject* type) { return PyType_IsSubtype(type, types[1]); }

// The decorator is Python's: steepest sets `_decorate` on the types.
PyObject* decorate(PyObject* o, PyObject* f) {
  Ref how(PyObject_GetAttrString(reinterpret_cast<PyObject*>(Py_TYPE(o)), "_decorate"));
  return how ? PyObject_CallFunctionObjArgs(how.get(), o, f, nullptr) : nullptr;
}

// The last object freed, kept for the next `with`.
PyObject* spare[2];

PyObject* make(PyTypeObject* type) {
  const bool on = is_on(type);
  PyObject* o = type == types[on] ? std::exchange(spare[on], nullptr) : nullptr;
  if (o) PyObject_Init(o, type);
  else o = type->tp_alloc(type, 0);
  if (o) self_of(o)->on = on;
  return o;
}
bool takes(PyTypeObject* type, Py_ssize_t n) {
  if (n <= 1) return true;
  PyErr_Format(PyExc_TypeError, "%s.__new__() takes from 1 to 2 positional arguments but %zd were given", type->tp_name, n + 1);
  return false;
}
PyObject* create(PyTypeObject* type, PyObject* args, PyObject*) {
  if (!takes(type, PyTuple_GET_SIZE(args))) return nullptr;
  Ref o(make(type));
  if (o && PyTuple_GET_SIZE(args) == 1 && PyTuple_GET_ITEM(args, 0) != Py_None) return decorate(o.get(), PyTuple_GET_ITEM(args, 0));
  return o.release();
}
// torch.no_grad() without building an argument tuple.
PyObject* create_fast(PyObject* type, PyObject* const* args, size_t nargsf, PyObject*) {
  if (!takes(reinterpret_cast<PyTypeObject*>(type), PyVectorcall_NARGS(nargsf))) return nullptr;
  Ref o(make(reinterpret_cast<PyTypeObject*>(type)));
  if (o && PyVectorcall_NARGS(nargsf) == 1 && args[0] != Py_None) return decorate(o.get(), args[0]);
  return o.release();
}
void dealloc(PyObject* o) {
  PyTypeObject* type = Py_TYPE(o);
  const bool on = is_on(type);
  if (type == types[on] && !spare[on]) spare[on] = o;
  else type->tp_free(o);
  Py_DECREF(type);
}

// Note [The methods of a with statement]
// `with` binds __enter__ and __exit__ to the object before it calls them, and a bound method is made and freed each time: twice the cost
// of what the two do. Here they are descriptors, whose bound form is an object that is kept for the next time.
struct Bound {
  PyObject_HEAD
  vectorcallfunc call;
  PyObject* self;
  bool exits;
};
struct Unbound {
  PyObject_HEAD
  vectorcallfunc call;
  bool exits;
};
PyTypeObject *bound_type, *unbound_type;
Bound* spare_bound[2];  // of __enter__, of __exit__

PyObject* act(PyObject* o, bool exits) {
  ThreadState& state = thread_state();
  if (exits) {
    state.grad_enabled = self_of(o)->before;
  } else {
    self_of(o)->before = state.grad_enabled;
    state.grad_enabled = self_of(o)->on && !state.inference;  // inference mode records nothing, whoever asks
  }
  Py_RETURN_NONE;
}
PyObject* call_bound(PyObject* f, PyObject* const*, size_t nargsf, PyObject*) {
  Bound* b = reinterpret_cast<Bound*>(f);
  if (!b->exits && PyVectorcall_NARGS(nargsf) != 0) return PyErr_Format(PyExc_TypeError, "__enter__() takes no arguments");
  return act(b->self, b->exits);
}
// no_grad.__enter__(switch): the class's function.
PyObject* call_unbound(PyObject* f, PyObject* const* args, size_t nargsf, PyObject*) {
  if (PyVectorcall_NARGS(nargsf) < 1 || (!PyObject_TypeCheck(args[0], types[0]) && !PyObject_TypeCheck(args[0], types[1]))) {
    return PyErr_Format(PyExc_TypeError, "expected a no_grad or enable_grad object as the first argument");
  }
  return act(args[0], reinterpret_cast<Unbound*>(f)->exits);
}
PyObject* bind(PyObject* f, PyObject* o, PyObject*) {
  if (!o || o == Py_None) return Ref::borrow(f).release();
  const bool exits = reinterpret_cast<Unbound*>(f)->exits;
  PyObject* made = reinterpret_cast<PyObject*>(std::exchange(spare_bound[exits], nullptr));
  if (made) PyObject_Init(made, bound_type);
  else made = bound_type->tp_alloc(bound_type, 0);
  if (!made) return nullptr;
  Bound* b = reinterpret_cast<Bound*>(made);
  b->call = call_bound;
  b->exits = exits;
  b->self = Ref::borrow(o).release();
  return made;
}
void free_bound(PyObject* o) {
  Bound* b = reinterpret_cast<Bound*>(o);
  PyObject* self = std::exchange(b->self, nullptr);
  PyTypeObject* type = Py_TYPE(o);
  if (!spare_bound[b->exits]) spare_bound[b->exits] = b;
  else type->tp_free(o);
  Py_DECREF(type);
  Py_XDECREF(self);
}
void free_unbound(PyObject* o) {
  PyTypeObject* type = Py_TYPE(o);
  type->tp_free(o);
  Py_DECREF(type);
}
bool add_with_methods() {
  static PyMemberDef bound_members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Bound, call), READONLY, nullptr}, {}};
  static PyMemberDef unbound_members[] = {{"__vectorcalloffset__", T_PYSSIZET, offsetof(Unbound, call), READONLY, nullptr}, {}};
  PyType_Slot bound_slots[] = {{Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)}, {Py_tp_dealloc, reinterpret_cast<void*>(free_bound)},
                               {Py_tp_members, bound_members}, {0, nullptr}};
  PyType_Slot unbound_slots[] = {{Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)}, {Py_tp_dealloc, reinterpret_cast<void*>(free_unbound)},
                                 {Py_tp_descr_get, reinterpret_cast<void*>(bind)}, {Py_tp_members, unbound_members}, {0, nullptr}};
  constexpr unsigned kFlags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL;
  PyType_Spec bound{"torch.autograd.grad_mode.bound_switch", sizeof(Bound), 0, kFlags, bound_slots};
  PyType_Spec unbound{"torch.autograd.grad_mode.switch_method", sizeof(Unbound), 0, kFlags, unbound_slots};
  bound_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&bound));
  unbound_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&unbound));
  if (!bound_type || !unbound_type) return false;
  for (int exits = 0; exits < 2; ++exits) {
    Ref method(unbound_type->tp_alloc(unbound_type, 0));
    if (!method) return false;
    reinterpret_cast<Unbound*>(method.get())->call = call_unbound;
    reinterpret_cast<Unbound*>(method.get())->exits = exits != 0;
    for (PyTypeObject* type : types) {
      if (PyObject_SetAttrString(reinterpret_cast<PyObject*>(type), exits ? "__exit__" : "__enter__", method.get()) < 0) return false;
    }
  }
  return true;
}

PyObject* call(PyObject* o, PyObject* args, PyObject*) {
  PyObject* f;
  return PyArg_ParseTuple(args, "O", &f) ? decorate(o, f) : nullptr;
}

// Subnormal operands and results as zero, on this thread.
PyObject* set_flush_denormal(PyObject*, PyObject* on) {
#if defined(__x86_64__)
  constexpr unsigned kFlush = 0x8040;  // MXCSR: flush to zero, denormals are zeros
  const unsigned now = __builtin_ia32_stmxcsr();
  __builtin_ia32_ldmxcsr(on == Py_True ? now | kFlush : now & ~kFlush);
  Py_RETURN_TRUE;
#else
  (void)on;
  Py_RETURN_FALSE;
#endif
}
PyMethodDef functions[] = {{"_set_flush_denormal", set_flush_denormal, METH_O, nullptr}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

bool init_modes(PyObject* module) {
  const struct { const char *name, *doc; } kTypes[] = {
      {"torch.autograd.grad_mode.no_grad", "no_grad()\n\nA context manager and decorator: what runs inside is not recorded for backward."},
      {"torch.autograd.grad_mode.enable_grad", "enable_grad()\n\nA context manager and decorator: what runs inside is recorded, even inside of no_grad."}};
  for (int i = 0; i < 2; ++i) {
    PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(create)}, {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
                           {Py_tp_call, reinterpret_cast<void*>(call)},  {Py_tp_doc, const_cast<char*>(kTypes[i].doc)},
                           {0, nullptr}};
    PyType_Spec spec{kTypes[i].name, sizeof(PySwitch), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
    types[i] = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (types[i]) types[i]->tp_vectorcall = create_fast;
    if (!types[i] || PyModule_AddObjectRef(module, std::strrchr(kTypes[i].name, '.') + 1, reinterpret_cast<PyObject*>(types[i])) < 0) return false;
  }
  return PyModule_AddFunctions(module, functions) == 0 && add_with_methods();
}

}  // namespace st
