// What a node saved, as attributes of grad_fn: _saved_self, _saved_result; and the hooks that pack what is saved.
#pragma once
#include <Python.h>

#include "graph/node.h"

namespace st {

PyObject* saved_attribute(Node* n, PyObject* key);  // new reference; nullptr, with the caller's AttributeError, where there is none

// _push_saved_hooks(pack, unpack) and _pop_saved_hooks(), for torch.autograd.graph.saved_tensors_hooks.
PyObject* push_saved_hooks(PyObject* module, PyObject* args);
PyObject* pop_saved_hooks(PyObject* module, PyObject* args);

}  // namespace st
