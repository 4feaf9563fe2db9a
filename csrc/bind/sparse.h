// Optimizers and sparse gradients: which are left to Python, and how.
#pragma once
#include <Python.h>

#include "ops/sparse.h"

namespace st {

// The gradient of a parameter that a rule in C++ is to use, or nullptr.
inline TensorImpl* dense_grad(const Tensor& p) { return p->grad && !is_sparse(p->grad) ? p->grad : nullptr; }

// Hands the parameters of a group that have sparse gradients, if any, to optimizer._sparse_step(group, parameters).
void step_sparse(PyObject* optimizer, PyObject* group, PyObject* params);

}  // namespace st
