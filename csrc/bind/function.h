// autograd.Function: user-defined ops.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

PyObject* connect_function(PyObject*, PyObject* args);  // _C._connect_function(ctx, inputs, outputs, to_save)
PyObject* function_saved(PyObject*, PyObject* ctx);     // _C._function_saved(ctx): the saved tensors, checked
PyObject* owned_context(Node* n);                        // borrowed; nullptr for other nodes

}  // namespace st
