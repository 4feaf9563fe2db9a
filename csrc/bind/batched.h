// What stands for all elements of a batch within torch.vmap: a class that Python defines (python/steepest/func/_batches.py).
#pragma once
#include "bind/python_tensor.h"

namespace st {

extern PyTypeObject* batched_type;  // null until Python has defined it
inline bool is_batched(PyObject* o) { return batched_type && Py_TYPE(o) == batched_type; }

// Whether an index is, or has in its tuple or list, such a tensor: its class answers for x[index] then.
bool has_batched(PyObject* index);

// Throws what batched.item() raises: its elements are many.
[[noreturn]] void refuse_batched(PyObject* batched);

bool init_batched(PyObject* module);

}  // namespace st
