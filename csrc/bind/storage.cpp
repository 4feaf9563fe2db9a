// The memory under a tensor as Python sees it: a uint8 tensor over all of it, and tensors laid on such memory.
#include "bind/arguments.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "ops/geometry.h"

namespace st {
bool init_storage(PyObject* module);

namespace {

const Tensor& tensor_argument(PyObject* o) {
  if (!is_tensor(o)) type_error("expected a Tensor, got ", Py_TYPE(o)->tp_name);
  return tensor_of(o);
}

PyObject* all_bytes(PyObject*, PyObject* o) {
  return guarded([&] {
    const Tensor& t = tensor_argument(o);
    Tensor bytes = alias(t, Dims{static_cast<int64_t>(t->storage->bytes)}, Dims{1}, 0);
    bytes->dtype = Dtype::UInt8;
    bytes->data = static_cast<char*>(t->storage->data);
    return wrap(std::move(bytes));
  });
}

Tensor laid_on(const Tensor& bytes, Dtype dtype, int64_t offset, const Dims& sizes, const Dims& strides) {
  if (bytes.dtype() != Dtype::UInt8 || !bytes.is_contiguous()) type_error("memory is a contiguous tensor of uint8");
  if (sizes.size() != strides.size() || sizes.size() > 64) {
    runtime_error("mismatch in length of strides and shape: ", sizes.size(), " sizes and ", strides.size(), " strides");
  }
  count_elements(sizes);  // throws where they are too many
  const auto end = reach(sizes, strides);
  const int64_t step = item_size(dtype);
  int64_t needed = 0;
  if (!end || offset < 0 || __builtin_add_overflow(offset, *end, &needed) || __builtin_mul_overflow(needed, step, &needed) ||
      (*end > 0 && needed > bytes.numel())) {
    runtime_error("setStorage: sizes ", DimSpan(sizes), ", strides ", DimSpan(strides), ", storage offset ", offset, ", and itemsize ", step,
                  " are out of bounds for storage of size ", bytes.numel());
  }
  Tensor t = alias(bytes, sizes, strides, 0);
  t->dtype = dtype;
  t->data = bytes->data + offset * step;
  return t;
}

// _laid_on(memory, dtype, offset, sizes, strides)
PyObject* lay_on(PyObject*, PyObject* args) {
  PyObject *memory, *type, *size, *stride;
  long long offset;
  if (!PyArg_ParseTuple(args, "OOLOO", &memory, &type, &offset, &size, &stride)) return nullptr;
  return guarded([&] {
    const Tensor& bytes = tensor_argument(memory);
    Dtype dtype;
    Dims sizes, strides;
    if (!to_dtype_argument(type, dtype)) type_error("expected a dtype, got ", Py_TYPE(type)->tp_name);
    if (!to_dims(size, sizes) || !to_dims(stride, strides)) type_error("expected sizes and strides as tuples of ints");
    return wrap(laid_on(bytes, dtype, offset, sizes, strides));
  });
}

PyMethodDef definitions[] = {{"_all_bytes", all_bytes, METH_O, nullptr}, {"_laid_on", lay_on, METH_VARARGS, nullptr}, {nullptr, nullptr, 0, nullptr}};

}  // namespace

bool init_storage(PyObject* module) { return PyModule_AddFunctions(module, definitions) == 0; }

}  // namespace st
