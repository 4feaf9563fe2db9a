// Life and death of Tensor objects.
//
// Note [Who owns whom]
// An object owns its tensor; the tensor knows the object without owning it, so that one tensor has one object. When the object would
// die while C++ still holds the tensor (a parameter in a graph), and it carries attributes or weak references or is of a subclass, the
// ownership turns around: the tensor keeps the object (kOwnsPython) until Python asks for it again.
//
// Note [Untracked until needed]
// A plain tensor object refers to no other object, so the garbage collector need not know it. It is tracked from the moment it gets a
// __dict__ or hooks. Objects of subclasses are tracked from the start.
#include "bind/python_tensor.h"

#include <structmember.h>

#include "bind/collect.h"
#include "bind/slots.h"
#include "graph/node.h"

namespace st {

PyTypeObject* tensor_type = nullptr;
PyTypeObject* parameter_type = nullptr;

namespace {

constexpr int kFreeObjects = 256;
PyTensor* free_objects[kFreeObjects];
int free_count = 0;

inline PyTensor* self_of(PyObject* o) { return reinterpret_cast<PyTensor*>(o); }

// PyObject_GC_IsTracked without a call: the collector's link stands in the two words before the object.
inline bool is_tracked(PyObject* o) { return reinterpret_cast<uintptr_t*>(o)[-2] != 0; }

PyObject* allocate_plain() {
  PyTensor* p;
  if (free_count) {
    p = free_objects[--free_count];  // it has kept its reference to the type, and Python its memory
    Py_SET_REFCNT(reinterpret_cast<PyObject*>(p), 1);
  } else {
    p = PyObject_GC_New(PyTensor, tensor_type);
    if (!p) return nullptr;
    new (&p->tensor) Tensor();
    p->dict = nullptr;
    p->weakrefs = nullptr;
  }
  return reinterpret_cast<PyObject*>(p);
}

// True when the object lives on, owned by its tensor.
bool turn_around(PyObject* o) {
  PyTensor* p = self_of(o);
  TensorImpl* t = p->tensor.impl();
  if (!t || t->refs.load(std::memory_order_acquire) == 1) return false;
  if (Py_TYPE(o) == tensor_type && !p->dict && !p->weakrefs) return false;
  Py_SET_REFCNT(o, 1);
  t->set(kOwnsPython, true);
  release(p->tensor.leak());  // not the last count, so the pointer stays good
  new (&p->tensor) Tensor(Tensor::adopt(t));
  return true;
}

void dealloc(PyObject* o) {
  PyTensor* p = self_of(o);
  if (turn_around(o)) return;
  if (is_tracked(o)) PyObject_GC_UnTrack(o);
  TensorImpl* t = p->tensor.leak();
  if (t) t->py = nullptr;  // before anything that runs Python
  if (p->weakrefs) PyObject_ClearWeakRefs(o);
  if (t) release(t);
  Py_CLEAR(p->dict);
  PyTypeObject* type = Py_TYPE(o);
  if (type == tensor_type && free_count < kFreeObjects) {
    free_objects[free_count++] = p;
    return;
  }
  type->tp_free(o);
  Py_DECREF(type);
}

// Called when the last C++ owner of a tensor goes that keeps its object.
void release_owned_object(void* py) {
  Locked lock;
  auto* o = static_cast<PyObject*>(py);
  self_of(o)->tensor.leak();
  Py_DECREF(o);
}

int traverse(PyObject* o, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(o));
  Py_VISIT(self_of(o)->dict);
  return traverse_tensor(self_of(o)->tensor.impl(), visit, arg);
}

int clear(PyObject* o) {
  Py_CLEAR(self_of(o)->dict);
  clear_tensor(self_of(o)->tensor.impl());
  return 0;
}

int set_attribute(PyObject* o, PyObject* name, PyObject* value) {
  const int result = PyObject_GenericSetAttr(o, name, value);
  if (self_of(o)->dict && !PyObject_GC_IsTracked(o)) PyObject_GC_Track(o);
  return result;
}

PyObject* get_dict(PyObject* o, void* context) {
  PyObject* d = PyObject_GenericGetDict(o, context);
  if (d && !PyObject_GC_IsTracked(o)) PyObject_GC_Track(o);
  return d;
}

PyMemberDef members[] = {
    {"__dictoffset__", T_PYSSIZET, offsetof(PyTensor, dict), READONLY, nullptr},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(PyTensor, weakrefs), READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyGetSetDef dict_attribute = {"__dict__", get_dict, PyObject_GenericSetDict, nullptr, nullptr};

}  // namespace

void release_object(void* o) {
  Locked lock;
  Py_XDECREF(static_cast<PyObject*>(o));
}

void track(PyObject* o) {
  if (!PyObject_GC_IsTracked(o)) PyObject_GC_Track(o);
}

PyObject* wrap(Tensor t) {
  TensorImpl* impl = t.impl();
  if (!impl) Py_RETURN_NONE;
  if (impl->py) {
    auto* o = static_cast<PyObject*>(impl->py);
    if (impl->has(kOwnsPython)) [[unlikely]] {
      impl->set(kOwnsPython, false);  // the object owns its tensor again, its one count is the caller's
      t.leak();
      return o;
    }
    Py_INCREF(o);
    return o;
  }
  PyObject* o = allocate_plain();
  if (!o) return nullptr;
  impl->py = o;
  new (&self_of(o)->tensor) Tensor(std::move(t));
  return o;
}

PyObject* wrap_as(PyTypeObject* type, Tensor t) {
  if (type == tensor_type) return wrap(std::move(t));
  if (t->py) t = alias(t, t.sizes(), t.strides(), t.offset());
  PyObject* o = type->tp_alloc(type, 0);
  if (!o) return nullptr;
  t->py = o;
  new (&self_of(o)->tensor) Tensor(std::move(t));
  return o;
}

PyObject* as_subclass(PyTypeObject* type, PyObject* result) {
  if (Py_REFCNT(result) != 1) return result;
  if (PyTuple_Check(result) || PyList_Check(result)) {  // of several outputs, or parts
    PyObject** items = PySequence_Fast_ITEMS(result);
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(result); ++i) items[i] = as_subclass(type, items[i]);
    return result;
  }
  if (Py_TYPE(result) != tensor_type) return result;
  Tensor t = tensor_of(result);
  Py_DECREF(result);
  return wrap_as(type, std::move(t));
}

bool init_tensor_type(PyObject* module) {
  std::vector<PyType_Slot> slots = {
      {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},   {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(clear)},       {Py_tp_setattro, reinterpret_cast<void*>(set_attribute)},
      {Py_tp_members, members},
  };
  add_tensor_slots(slots);
  slots.push_back({0, nullptr});
  PyType_Spec spec{"torch.Tensor", sizeof(PyTensor), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots.data()};
  tensor_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!tensor_type) return false;
  tensor_type->tp_name = "Tensor";  // as messages show a class that Python defined; __module__ is torch
  Ref descriptor(PyDescr_NewGetSet(tensor_type, &dict_attribute));
  if (!descriptor || PyDict_SetItemString(tensor_type->tp_dict, "__dict__", descriptor.get()) < 0) return false;
  graph_hooks.release_python = release_owned_object;
  return PyModule_AddObjectRef(module, "Tensor", reinterpret_cast<PyObject*>(tensor_type)) == 0;
}

}  // namespace st
