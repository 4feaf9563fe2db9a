// autograd.Function: user-defined ops.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

PyObject* connect_function(PyObject*, PyObject* args);  // _C._connect_function(ctx, inputs, outputs, differentiable, to_save)
PyObject* function_saved(PyObject*, PyObject* ctx);     // _C._function_saved(ctx): the saved tensors, checked
PyObject* function_next(PyObject*, PyObject* ctx);      // _C._function_next(ctx): next_functions
PyObject* function_hook(PyObject*, PyObject* args);     // _C._function_hook(ctx, f, before)
PyObject* owned_context(Node* n);                       // the ctx of an autograd.Function's node, borrowed; nullptr for other nodes

}  // namespace st
