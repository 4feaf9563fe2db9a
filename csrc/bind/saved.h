// What a node saved, as attributes of grad_fn: _saved_self, _saved_result, saved_tensors; and user-defined functions as nodes.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

PyObject* saved_attribute(PyObject* owner, Node* n, PyObject* key);
PyObject* function_object(Node* n);   // new reference to the ctx of an autograd.Function's node, or nullptr
Node* node_of_function(PyObject* o);  // nullptr when it is none

// _push_saved_hooks(pack, unpack) and _pop_saved_hooks(), for torch.autograd.graph.saved_tensors_hooks.
PyObject* push_saved_hooks(PyObject* module, PyObject* args);
PyObject* pop_saved_hooks(PyObject* module, PyObject* args);

}  // namespace st
