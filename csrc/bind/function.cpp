// autograd.Function: a node whose backward is a Python method, the one way to add an op without a record.
#include "bind/function.h"

#include <cstring>
#include <string>
#include <unordered_map>

#include "bind/collect.h"
#include "bind/graph.h"
#include "bind/hooks.h"
#include "bind/python_tensor.h"
#include "ops/functions.h"
#include "ops/sparse.h"

namespace st {
namespace {

// One kind of node for all functions; the name is the Python class's.
struct FunctionType {
  NodeType type;
  std::string name;
};

PyObject* context_of(const Node* n) { return static_cast<PyObject*>(n->attributes); }

// The context may outlive its node, and then knows none.
void release_context(void* p) {
  Locked lock;
  auto* ctx = static_cast<PyObject*>(p);
  PyObject *type, *value, *trace;
  PyErr_Fetch(&type, &value, &trace);
  if (PyObject_SetAttrString(ctx, "_node", Py_None) < 0) PyErr_Clear();
  PyErr_Restore(type, value, trace);
  Py_DECREF(ctx);
}

void function_backward(BackwardCall& call) {
  Locked lock;
  Node& n = call.node;
  PyObject* ctx = context_of(&n);
  Ref materialize(PyObject_GetAttrString(ctx, "materialize_grads"));
  const bool zeros_for_none = materialize && PyObject_IsTrue(materialize.get()) == 1;
  PyErr_Clear();
  Ref grads(PyTuple_New(n.n_outputs));
  for (int o = 0; o < n.n_outputs; ++o) {
    Tensor g = call.grads[o];
    const OutputMeta& m = n.outputs[o];
    if (!g.defined() && zeros_for_none && m.is_set) g = zeros(m.sizes(), m.dtype);
    PyTuple_SET_ITEM(grads.get(), o, wrap(std::move(g)));
  }
  Ref wanted(PyTuple_New(n.n_edges));
  for (int i = 0; i < n.n_edges; ++i) PyTuple_SET_ITEM(wanted.get(), i, PyBool_FromLong(call.needs(i)));
  Ref result(PyObject_CallMethod(ctx, "_run_backward", "OO", grads.get(), wanted.get()));
  if (!result) throw PythonError();
  for (int i = 0; i < n.n_edges && i < PyTuple_GET_SIZE(result.get()); ++i) {
    PyObject* g = PyTuple_GET_ITEM(result.get(), i);
    if (g == Py_None || !call.needs(i)) continue;
    call.results[i] = tensor_of(g);
    if (!n.edges[i].is_leaf()) refuse_sparse("the gradient of a tensor that is no leaf", call.results[i]);
  }
}

// The node of a context; nullptr where it has none, or none any more.
Node* node_of(PyObject* ctx) {
  Ref capsule(PyObject_GetAttrString(ctx, "_node"));
  if (!capsule || !PyCapsule_CheckExact(capsule.get())) {
    PyErr_Clear();
    return nullptr;
  }
  return static_cast<Node*>(PyCapsule_GetPointer(capsule.get(), "node"));
}

const NodeType* type_of_function(PyObject* ctx) {
  static auto* types = new std::unordered_map<std::string, FunctionType*>;
  const char* dot = std::strrchr(Py_TYPE(ctx)->tp_name, '.');
  const std::string name = dot ? dot + 1 : Py_TYPE(ctx)->tp_name;
  FunctionType*& t = (*types)[name];
  if (!t) {
    t = new FunctionType{{nullptr, function_backward, release_context}, name};
    t->type.name = t->name.c_str();
  }
  return &t->type;
}

}  // namespace

PyObject* owned_context(Node* n) { return n->type->backward == function_backward ? context_of(n) : nullptr; }

PyObject* connect_function(PyObject*, PyObject* args) {
  // Outputs become results of a node whose backward is ctx's; tensors to save are kept with their versions, own outputs as aliases.
  PyObject *ctx, *inputs, *outputs, *differ, *to_save;
  if (!PyArg_ParseTuple(args, "OO!O!O!O!", &ctx, &PyTuple_Type, &inputs, &PyTuple_Type, &outputs, &PyTuple_Type, &differ, &PyTuple_Type, &to_save)) return nullptr;
  try {
    const auto n_in = static_cast<int>(PyTuple_GET_SIZE(inputs)), n_out = static_cast<int>(PyTuple_GET_SIZE(outputs));
    const auto n_saved = static_cast<int>(PyTuple_GET_SIZE(to_save));
    for (int i = 0; i < n_saved; ++i) {
      PyObject* x = PyTuple_GET_ITEM(to_save, i);
      if (x != Py_None && !is_tensor(x)) type_error("save_for_backward can only save variables, but argument ", i, " is of type ", Py_TYPE(x)->tp_name);
    }
    Node* n = make_node(type_of_function(ctx), n_in, n_out, n_saved);
    n->attributes = Ref::borrow(ctx).release();
    for (int i = 0; i < n_in; ++i) {
      PyObject* x = PyTuple_GET_ITEM(inputs, i);
      if (is_tensor(x)) connect(n, i, tensor_of(x));
    }
    finish(n);
    Ref own_outputs(PyTuple_New(n_saved));  // which output a saved tensor is, or -1
    for (int i = 0; i < n_saved; ++i) {
      PyObject* x = PyTuple_GET_ITEM(to_save, i);
      int own = -1;
      for (int o = 0; o < n_out; ++o) if (PyTuple_GET_ITEM(outputs, o) == x) own = o;
      PyTuple_SET_ITEM(own_outputs.get(), i, PyLong_FromLong(own));
      if (!is_tensor(x)) continue;
      if (own < 0) save_input(n, i, tensor_of(x));
      else save_output(n, i, tensor_of(x), own);
    }
    for (int o = 0; o < n_out; ++o) {
      PyObject* y = PyTuple_GET_ITEM(outputs, o);
      if (!is_tensor(y)) continue;
      const Tensor& t = tensor_of(y);
      bool dirty = false;
      for (int i = 0; i < n_in; ++i) dirty |= PyTuple_GET_ITEM(inputs, i) == y;
      if (dirty && t->base) {
        retain(n->refs);
        rebase(t, n);
      } else if (PyTuple_GET_ITEM(differ, o) == Py_True && differentiable(t.dtype())) {
        set_output(n, o, t);
        if (t->base) t->set(kFunctionView, true);
      } else {
        set_output_meta(n, o, t);
      }
      track(y);
    }
    // The context knows its node without owning it: the node owns the context.
    Ref capsule(PyCapsule_New(n, "node", nullptr));
    PyObject_SetAttrString(ctx, "_node", capsule.get());
    PyObject_SetAttrString(ctx, "_own_outputs", own_outputs.get());
    release(n);
    Py_RETURN_NONE;
  } catch (...) {
    return raise_error();
  }
}

PyObject* function_saved(PyObject*, PyObject* ctx) {
  try {
    Node* n = node_of(ctx);
    if (!n) runtime_error("the function has recorded nothing");
    Ref own_outputs(PyObject_GetAttrString(ctx, "_own_outputs")), list(PyTuple_New(n->n_saved));
    if (!own_outputs || !list) return nullptr;
    for (int i = 0; i < n->n_saved; ++i) {
      Tensor t = unpack(n, i, true);
      if (const long own = PyLong_AsLong(PyTuple_GET_ITEM(own_outputs.get(), i)); own >= 0) t->output_nr = static_cast<uint32_t>(own);
      PyTuple_SET_ITEM(list.get(), i, wrap(std::move(t)));
    }
    return list.release();
  } catch (...) {
    return raise_error();
  }
}

PyObject* function_next(PyObject*, PyObject* ctx) {
  Node* n = node_of(ctx);
  return n ? next_functions_of(n) : PyTuple_New(0);
}

PyObject* function_hook(PyObject*, PyObject* args) {
  PyObject *ctx, *f;
  int before;
  if (!PyArg_ParseTuple(args, "OOp", &ctx, &f, &before)) return nullptr;
  Node* n = node_of(ctx);
  if (!n) return PyErr_Format(PyExc_RuntimeError, "the graph of this function has been freed");
  return before ? add_node_prehook(n, nullptr, f) : add_node_hook(n, nullptr, f);
}

}  // namespace st
