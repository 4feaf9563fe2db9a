// What a node saved, as attributes of grad_fn: _saved_self, _saved_result, saved_tensors; and user-defined functions as nodes.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

PyObject* saved_attribute(PyObject* owner, Node* n, PyObject* key);
PyObject* function_object(Node* n);   // new reference to the ctx of an autograd.Function's node, or nullptr
Node* node_of_function(PyObject* o);  // nullptr when it is none

}  // namespace st
