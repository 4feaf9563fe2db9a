// Python functions as hooks of tensors and nodes.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

bool init_hooks(PyObject* module);
PyObject* add_node_hook(Node* n, TensorImpl* leaf, PyObject* f);
PyObject* add_node_prehook(Node* n, TensorImpl* leaf, PyObject* f);
PyObject* register_tensor_hook(PyObject* tensor, PyObject* f);
PyObject* register_accumulated_hook(PyObject* tensor, PyObject* f);  // register_post_accumulate_grad_hook

}  // namespace st
