// grad_fn as Python sees it.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

bool init_graph(PyObject* module);
PyObject* wrap_node(Node* n);              // the same object as long as it lives
PyObject* next_functions_of(const Node* n);

}  // namespace st
