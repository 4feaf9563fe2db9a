// The memory under a tensor as Python sees it: a uint8 tensor over all of it, and tensors laid on such memory.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "bind/arguments.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "ops/geometry.h"

namespace py = pybind11;

namespace st {
void define_storage(py::module_& m);

namespace {

const Tensor& tensor_argument(const py::handle& o) {
  if (!is_tensor(o.ptr())) type_error("expected a Tensor, got ", Py_TYPE(o.ptr())->tp_name);
  return tensor_of(o.ptr());
}

py::object wrapped(Tensor t) {
  PyObject* o = wrap(std::move(t));
  if (!o) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(o);
}

py::object all_bytes(const py::handle& o) {
  const Tensor& t = tensor_argument(o);
  Tensor bytes = alias(t, Dims{static_cast<int64_t>(t->storage->bytes)}, Dims{1}, 0);
  bytes->dtype = Dtype::UInt8;
  bytes->data = static_cast<char*>(t->storage->data);
  return wrapped(std::move(bytes));
}

py::object laid_on(const py::handle& memory, const py::handle& type, int64_t offset, const std::vector<int64_t>& sizes,
                   const std::vector<int64_t>& strides) {
  const Tensor& bytes = tensor_argument(memory);
  Dtype dtype;
  if (!to_dtype_argument(type.ptr(), dtype)) type_error("expected a dtype, got ", Py_TYPE(type.ptr())->tp_name);
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
  return wrapped(std::move(t));
}

}  // namespace

void define_storage(py::module_& m) {
  m.def("_all_bytes", all_bytes);
  m.def("_laid_on", laid_on);
}

}  // namespace st
