// Tensors from Python data: numbers, nested sequences, numpy arrays, other tensors.
#pragma once
#include <Python.h>

#include <optional>

#include "core/tensor.h"

namespace st {

// Always a copy. The dtype is inferred as PyTorch does: from numbers, from the array, from the tensor.
Tensor tensor_from_python(PyObject* data, std::optional<Dtype> dtype);
PyObject* new_tensor_object(PyTypeObject* type, PyObject* args, PyObject* kwargs);  // torch.Tensor(2, 3), torch.Tensor([1, 2])
Tensor tensor_from_numpy(PyObject* array);           // shares the array's memory
Tensor from_numpy(PyObject* array);                  // the same, with a warning where the array is not to be written
PyObject* tensor_to_numpy(const Tensor& t);          // shares the tensor's memory
Dtype numpy_dtype(PyObject* array);                  // TypeError and ValueError where no dtype stands for it
// Writes the array's elements one behind the other; false, and nothing done, where its sizes are others or a value might not fit.
bool store_numpy(PyObject* array, DimSpan sizes, Dtype dtype, char* to);
// Neither imports numpy: where nobody has, there are no arrays.
bool is_numpy_array(PyObject* o);
bool is_numpy_scalar(PyObject* o);
PyObject* to_dlpack(const Tensor& t, bool versioned);
Tensor from_dlpack(PyObject* capsule);

}  // namespace st
