// Nodes as Python objects: one class a kind of node (AddBackward0), so that type(x.grad_fn).__name__ reads as in PyTorch.
#include "bind/graph.h"

#include <cstring>
#include <string>
#include <unordered_map>

#include "bind/function.h"
#include "bind/hooks.h"
#include "bind/python_tensor.h"
#include "bind/saved.h"
#include "graph/hooks.h"

namespace st {
namespace {

struct PyNode {
  PyObject_HEAD
  Node* node;        // counted; or nullptr when it stands for a leaf
  TensorImpl* leaf;  // counted
  PyObject* metadata;  // of a leaf's; a node keeps its own
};

PyTypeObject* node_type = nullptr;  // torch.autograd.graph.Node, the base of all
PyTypeObject* accumulate_type = nullptr;

PyNode* self_of(PyObject* o) { return reinterpret_cast<PyNode*>(o); }

void dealloc(PyObject* o) {
  PyNode* p = self_of(o);
  PyObject_GC_UnTrack(o);
  if (p->node) {
    p->node->py = nullptr;
    release(p->node);
  }
  if (p->leaf) {
    extra_of(p->leaf).accumulator = nullptr;
    release(p->leaf);
  }
  Py_CLEAR(p->metadata);
  PyTypeObject* type = Py_TYPE(o);
  type->tp_free(o);
  Py_DECREF(type);
}
int traverse(PyObject* o, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(o));
  Py_VISIT(self_of(o)->metadata);
  return 0;
}
int clear(PyObject* o) {
  Py_CLEAR(self_of(o)->metadata);
  return 0;
}

PyObject* name(PyObject* o, PyObject*) {
  const PyNode* p = self_of(o);
  const char* type = p->node ? p->node->type->name : "AccumulateGrad";
  // of these two PyTorch tells the C++ name
  const bool written = !p->node || !std::strcmp(type, "CopySlices");
  return PyUnicode_FromFormat(written ? "torch::autograd::%s" : "%s", type);
}
PyObject* repr(PyObject* o) { return PyUnicode_FromFormat("<%s object at %p>", Py_TYPE(o)->tp_name, static_cast<void*>(o)); }

PyObject* wrap_leaf(TensorImpl* leaf) {
  Extra& extra = extra_of(leaf);
  if (extra.accumulator) return Ref::borrow(static_cast<PyObject*>(extra.accumulator)).release();
  PyObject* o = accumulate_type->tp_alloc(accumulate_type, 0);
  if (!o) return nullptr;
  retain(leaf->refs);
  self_of(o)->leaf = leaf;
  extra.accumulator = o;
  return o;
}

PyObject* next_functions(PyObject* o, void*) {
  const Node* n = self_of(o)->node;
  return n ? next_functions_of(n) : PyTuple_New(0);
}

PyObject* variable(PyObject* o, void*) {
  if (!self_of(o)->leaf) return PyErr_Format(PyExc_AttributeError, "'%s' object has no attribute 'variable'", Py_TYPE(o)->tp_name);
  return wrap(Tensor::share(self_of(o)->leaf));
}
PyObject* metadata(PyObject* o, void*) {
  if (Node* n = self_of(o)->node) {
    std::shared_ptr<void>& kept = extra_of(n).metadata;
    if (!kept) kept = std::shared_ptr<void>(PyDict_New(), release_object);
    return Ref::borrow(static_cast<PyObject*>(kept.get())).release();
  }
  if (!self_of(o)->metadata) self_of(o)->metadata = PyDict_New();
  return Ref::borrow(self_of(o)->metadata).release();
}
PyObject* sequence_number(PyObject* o, PyObject*) {
  return PyLong_FromUnsignedLongLong(self_of(o)->node ? self_of(o)->node->sequence : UINT64_MAX);
}
PyObject* attribute(PyObject* o, PyObject* key) {
  PyObject* found = PyObject_GenericGetAttr(o, key);
  if (found || !self_of(o)->node || !PyErr_ExceptionMatches(PyExc_AttributeError)) return found;
  return saved_attribute(self_of(o)->node, key);
}

PyObject* register_hook(PyObject* o, PyObject* f) { return add_node_hook(self_of(o)->node, self_of(o)->leaf, f); }
PyObject* register_prehook(PyObject* o, PyObject* f) { return add_node_prehook(self_of(o)->node, self_of(o)->leaf, f); }
PyObject* release_variables(PyObject* o, PyObject*) {
  if (self_of(o)->node) release_saved(self_of(o)->node);
  Py_RETURN_NONE;
}

PyMethodDef methods[] = {
    {"name", name, METH_NOARGS, "The kind of node, such as 'AddBackward0'."},
    {"register_hook", register_hook, METH_O, "Calls f(grad_inputs, grad_outputs) after the node's backward; returns a handle."},
    {"register_prehook", register_prehook, METH_O, "Calls f(grad_outputs) before the node's backward; returns a handle."},
    {"_sequence_nr", sequence_number, METH_NOARGS, "The place in the order of recording."},
    {"_release_variables", release_variables, METH_NOARGS, "Frees the saved tensors."},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {{"next_functions", next_functions, nullptr, "The nodes that made the inputs, as (node, output number).", nullptr},
                            {"metadata", metadata, nullptr, "A dict for the user's own use.", nullptr},
                            {nullptr, nullptr, nullptr, nullptr, nullptr}};
PyGetSetDef leaf_attributes[] = {{"variable", variable, nullptr, "The leaf whose gradient is accumulated.", nullptr},
                                 {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyTypeObject* make_type(const char* type_name, PyTypeObject* base, PyGetSetDef* getset) {
  PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},   {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                         {Py_tp_clear, reinterpret_cast<void*>(clear)},       {Py_tp_repr, reinterpret_cast<void*>(repr)},
                         {Py_tp_getattro, reinterpret_cast<void*>(attribute)}, {getset ? Py_tp_getset : 0, getset},
                         {0, nullptr}};
  // The names must outlive the type. A module has to be named; builtins is that of PyTorch's node types.
  static constexpr char kModule[] = "builtins.";
  auto* text = new std::string(cat(kModule, type_name));
  PyType_Spec spec{text->c_str(), sizeof(PyNode), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};
  Ref bases(base ? PyTuple_Pack(1, base) : nullptr);
  auto* type = reinterpret_cast<PyTypeObject*>(PyType_FromSpecWithBases(&spec, bases.get()));
  if (type) type->tp_name = text->c_str() + sizeof kModule - 1;  // as it is printed
  return type;
}

PyTypeObject* type_for(const NodeType* kind) {
  static auto* types = new std::unordered_map<std::string, PyTypeObject*>;
  PyTypeObject*& type = (*types)[kind->name];
  if (!type) type = make_type(kind->name, node_type, nullptr);
  return type;
}

}  // namespace

PyObject* next_functions_of(const Node* n) {
  PyObject* list = PyTuple_New(n->n_edges);
  for (int i = 0; list && i < n->n_edges; ++i) {
    const Edge e = n->edges[i];
    PyObject* target = !e ? Ref::borrow(Py_None).release() : e.is_leaf() ? wrap_leaf(e.leaf()) : wrap_node(e.node());
    PyTuple_SET_ITEM(list, i, Py_BuildValue("(NI)", target, e && !e.is_leaf() ? e.nr : 0));
  }
  return list;
}

PyObject* wrap_node(Node* n) {
  if (PyObject* context = owned_context(n)) return Ref::borrow(context).release();
  if (n->py) return Ref::borrow(static_cast<PyObject*>(n->py)).release();
  PyTypeObject* type = type_for(n->type);
  PyObject* o = type ? type->tp_alloc(type, 0) : nullptr;
  if (!o) return nullptr;
  retain(n->refs);
  self_of(o)->node = n;
  n->py = o;
  return o;
}

bool init_graph(PyObject* module) {
  static PyGetSetDef* own = attributes;
  PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},   {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                         {Py_tp_clear, reinterpret_cast<void*>(clear)},       {Py_tp_repr, reinterpret_cast<void*>(repr)},
                         {Py_tp_getattro, reinterpret_cast<void*>(attribute)}, {Py_tp_getset, own},
                         {Py_tp_methods, methods},                            {0, nullptr}};
  PyType_Spec spec{"torch.autograd.graph.Node", sizeof(PyNode), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE, slots};
  node_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!node_type) return false;
  accumulate_type = make_type("AccumulateGrad", node_type, leaf_attributes);
  return accumulate_type && PyModule_AddObjectRef(module, "Node", reinterpret_cast<PyObject*>(node_type)) == 0;
}

}  // namespace st
