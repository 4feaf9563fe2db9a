// Tensors from Python data: numbers, nested sequences, numpy arrays, other tensors.
#pragma once
#include <Python.h>

#include <optional>

#include "core/tensor.h"

namespace st {

// Always a copy. The dtype is inferred as PyTorch does: from numbers, from the array, from the tensor.
Tensor tensor_from_python(PyObject* data, std::optional<Dtype> dtype);
Tensor tensor_from_numpy(PyObject* array);           // shares the array's memory
Tensor from_numpy(PyObject* array);                  // the same, with a warning where the array is not to be written
PyObject* tensor_to_numpy(const Tensor& t);          // shares the tensor's memory
// Neither imports numpy: where nobody has, there are no arrays.
bool is_numpy_array(PyObject* o);
bool is_numpy_scalar(PyObject* o);
PyObject* to_dlpack(const Tensor& t, bool versioned);
Tensor from_dlpack(PyObject* capsule);

}  // namespace st
