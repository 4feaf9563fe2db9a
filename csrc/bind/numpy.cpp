// Sharing memory with numpy arrays and DLPack capsules.
#include <pybind11/numpy.h>

#include "bind/data.h"
#include "bind/python_tensor.h"
#include "kernels/convert.h"
#include "ops/geometry.h"
#include "ops/inplace.h"

namespace py = pybind11;

namespace st {
namespace {

const char* numpy_code(Dtype d) {
  static constexpr const char* kCodes[kDtypes] = {"?", "u1", "i1", "i2", "i4", "i8", "f2", nullptr, "f4", "f8", "c8", "c16"};
  return kCodes[static_cast<int>(d)];
}

bool dtype_of_array(const py::array& a, Dtype& d) {
  const char kind = a.dtype().kind();
  const auto size = a.itemsize();
  for (int i = 0; i < kDtypes; ++i) {
    const char* code = numpy_code(static_cast<Dtype>(i));
    if (!code || item_size(static_cast<Dtype>(i)) != size) continue;
    if ((code[0] == '?' ? 'b' : code[0]) == kind) return d = static_cast<Dtype>(i), true;
  }
  return false;
}

bool is_native(const py::array& a) { return a.dtype().byteorder() == '=' || a.dtype().byteorder() == '|'; }

// Whether every value of one type is taken by the other, exactly or rounded: an integer that is too large is an error.
bool always_fits(Dtype from, Dtype to) {
  if (from == to || is_complex(to)) return true;
  if (is_complex(from)) return false;
  return is_floating(to) || (to == Dtype::Int64 && !is_floating(from));
}

// From the first element to behind the last.
size_t spanned_bytes(DimSpan sizes, DimSpan strides, Dtype dtype) {
  const auto elements = reach(sizes, strides);
  if (!elements) value_error("sizes ", sizes, " with strides ", strides, " are not supported");
  return static_cast<size_t>(*elements * item_size(dtype));
}

// DLPack's structures (https://dmlc.github.io/dlpack), without and with a version. Consumers take memory from the older one as read-only.
struct DLDevice { int32_t type, id; };
struct DLDataType { uint8_t code, bits; uint16_t lanes; };
struct DLTensor { void* data; DLDevice device; int32_t ndim; DLDataType dtype; int64_t *shape, *strides; uint64_t byte_offset; };
struct DLManagedTensor { DLTensor dl; void* context; void (*deleter)(DLManagedTensor*); };
struct DLManagedTensorVersioned {
  uint32_t major, minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  uint64_t flags;
  DLTensor dl;
};
template <class Managed> inline constexpr bool has_version = std::is_same_v<Managed, DLManagedTensorVersioned>;
template <class Managed> inline constexpr const char* capsule_name = has_version<Managed> ? "dltensor_versioned" : "dltensor";
template <class Managed> inline constexpr const char* used_name = has_version<Managed> ? "used_dltensor_versioned" : "used_dltensor";

// Whether `o` is of the class of that name, which is looked up until numpy is there.
bool is_of_numpy(PyObject* o, const char* name, PyTypeObject*& known) {
  static PyObject* const package = PyUnicode_InternFromString("numpy");
  if (!known) {
    PyObject* numpy = PyDict_GetItem(PyImport_GetModuleDict(), package);
    if (!numpy) return false;
    known = reinterpret_cast<PyTypeObject*>(PyObject_GetAttrString(numpy, name));
    if (!known) PyErr_Clear();  // it is being imported
  }
  return known && PyObject_TypeCheck(o, known);
}

DLDataType dl_type(Dtype d) {
  const uint8_t bits = static_cast<uint8_t>(8 * item_size(d));
  if (d == Dtype::Bool) return {6, 8, 1};
  if (d == Dtype::UInt8) return {1, 8, 1};
  if (d == Dtype::BFloat16) return {4, 16, 1};
  if (is_floating(d)) return {2, bits, 1};
  if (is_complex(d)) return {5, bits, 1};
  return {0, bits, 1};
}

}  // namespace

bool is_numpy_array(PyObject* o) {
  static PyTypeObject* known = nullptr;
  if (PyTuple_Check(o) || PyList_Check(o) || PyFloat_Check(o) || PyLong_Check(o) || is_tensor(o)) return false;
  return is_of_numpy(o, "ndarray", known);
}

bool is_numpy_scalar(PyObject* o) {
  static PyTypeObject* known = nullptr;
  if (PyTuple_Check(o) || PyList_Check(o) || is_tensor(o)) return false;
  return is_of_numpy(o, "generic", known);
}

Dtype numpy_dtype(PyObject* array) {
  const auto a = py::reinterpret_borrow<py::array>(array);
  Dtype d;
  if (!dtype_of_array(a, d)) {
    type_error("can't convert np.ndarray of type ", std::string(py::str(a.dtype().attr("type").attr("__module__"))), ".", std::string(py::str(a.dtype().attr("type").attr("__name__"))),
               ". The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint64, uint32, uint16, uint8, and bool.");
  }
  if (!is_native(a)) {
    value_error("given numpy array has byte order different from the native byte order. Conversion between byte orders is currently not supported.");
  }
  return d;
}

bool store_numpy(PyObject* array, DimSpan sizes, Dtype dtype, char* to) {
  const auto a = py::reinterpret_borrow<py::array>(array);
  Dtype from;
  if (!std::equal(a.shape(), a.shape() + a.ndim(), sizes.begin(), sizes.end()) || !dtype_of_array(a, from) || !is_native(a) || !always_fits(from, dtype)) return false;
  const auto rows = py::array::ensure(a, py::array::c_style);
  if (!rows) return false;
  convert(to, dtype, item_size(dtype), static_cast<const char*>(rows.data()), from, item_size(from), rows.size());
  return true;
}

Tensor tensor_from_numpy(PyObject* o) {
  if (!is_numpy_array(o)) type_error("expected np.ndarray (got ", Py_TYPE(o)->tp_name, ")");
  const auto a = py::reinterpret_borrow<py::array>(o);
  const Dtype d = numpy_dtype(o);
  Dims sizes, strides;
  for (py::ssize_t i = 0; i < a.ndim(); ++i) {
    sizes.push_back(a.shape(i));
    if (a.strides(i) < 0) {
      value_error("At least one stride in the given numpy array is negative, and tensors with negative strides are not currently supported. "
                  "(You can probably work around this by making a copy of your array  with array.copy().) ");
    }
    if (a.strides(i) % a.itemsize() != 0) {
      value_error("given numpy array strides not a multiple of the element byte size. Copy the numpy array to reallocate the memory.");
    }
    strides.push_back(a.strides(i) / a.itemsize());
  }
  Py_INCREF(o);
  return from_memory(const_cast<void*>(a.data()), spanned_bytes(sizes, strides, d), sizes, strides, d, release_object, o);
}

Tensor from_numpy(PyObject* o) {
  Tensor t = tensor_from_numpy(o);
  static WarnOnce warn_once;
  if (!py::reinterpret_borrow<py::array>(o).writeable()) {
    warn_once("The given NumPy array is not writable, and PyTorch does not support non-writable tensors. This means writing to this tensor will result "
              "in undefined behavior. You may want to copy the array to protect its data or make it writable before converting it to a tensor. This "
              "type of warning will be suppressed for the rest of this program.");
  }
  return t;
}

PyObject* tensor_to_numpy(const Tensor& t) {
  const char* code = numpy_code(t.dtype());
  if (!code) type_error("Got unsupported ScalarType ", info(t.dtype()).scalar_type);
  std::vector<py::ssize_t> shape, strides;
  for (int i = 0; i < t.dim(); ++i) {
    shape.push_back(t.size(i));
    strides.push_back(t.stride(i) * item_size(t.dtype()));
  }
  static PyObject* known[kDtypes];  // for good: asked for by name, each is looked up anew
  PyObject*& dtype = known[static_cast<int>(t.dtype())];
  if (!dtype) dtype = py::dtype(code).release().ptr();
  const Ref owner(wrap(detach(t)));
  return py::array(py::reinterpret_borrow<py::dtype>(dtype), std::move(shape), std::move(strides), t->data, owner.get()).release().ptr();
}

namespace {

template <class Managed>
PyObject* export_capsule(const Tensor& t) {
  auto* m = new Managed{};
  auto* kept = new std::pair<Tensor, Dims>(detach(t), t.sizes());
  for (int64_t s : t.strides()) kept->second.push_back(s);
  int64_t* dims = kept->second.data();
  m->dl = {t->data, {1, 0}, t.dim(), dl_type(t.dtype()), dims, dims + t.dim(), 0};
  m->context = kept;
  m->deleter = [](Managed* self) {
    delete static_cast<std::pair<Tensor, Dims>*>(self->context);
    delete self;
  };
  if constexpr (has_version<Managed>) m->major = 1;
  return PyCapsule_New(m, capsule_name<Managed>, [](PyObject* capsule) {
    if (!PyCapsule_IsValid(capsule, capsule_name<Managed>)) return;  // taken over, and renamed, by a consumer
    auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, capsule_name<Managed>));
    managed->deleter(managed);
  });
}

template <class Managed>
Tensor import_capsule(PyObject* capsule) {
  auto* m = static_cast<Managed*>(PyCapsule_GetPointer(capsule, capsule_name<Managed>));
  if (m->dl.device.type != 1) runtime_error("from_dlpack: the tensor is not in the memory of the CPU");
  for (int i = 0; i < kDtypes; ++i) {
    const auto dtype = static_cast<Dtype>(i);
    const DLDataType d = dl_type(dtype);
    if (d.code != m->dl.dtype.code || d.bits != m->dl.dtype.bits || m->dl.dtype.lanes != 1) continue;
    const Dims sizes(m->dl.shape, m->dl.ndim);
    const Dims strides = m->dl.strides ? Dims(m->dl.strides, m->dl.ndim) : contiguous_strides(sizes);
    char* data = static_cast<char*>(m->dl.data) + m->dl.byte_offset;
    const size_t bytes = spanned_bytes(sizes, strides, dtype);
    PyCapsule_SetName(capsule, used_name<Managed>);
    return from_memory(data, bytes, sizes, strides, dtype, [](void* p) {
      auto* managed = static_cast<Managed*>(p);
      if (managed->deleter) managed->deleter(managed);
    }, m);
  }
  runtime_error("from_dlpack: unsupported element type (code ", int64_t{m->dl.dtype.code}, ", ", int64_t{m->dl.dtype.bits}, " bits)");
}

}  // namespace

PyObject* to_dlpack(const Tensor& t, bool versioned) {
  return versioned ? export_capsule<DLManagedTensorVersioned>(t) : export_capsule<DLManagedTensor>(t);
}

Tensor from_dlpack(PyObject* capsule) {
  if (PyCapsule_IsValid(capsule, capsule_name<DLManagedTensorVersioned>)) return import_capsule<DLManagedTensorVersioned>(capsule);
  if (PyCapsule_IsValid(capsule, capsule_name<DLManagedTensor>)) return import_capsule<DLManagedTensor>(capsule);
  runtime_error("from_dlpack received an invalid capsule. Note that DLTensor capsules can be consumed only once, so you might have already "
                "constructed a tensor from it once.");
}

}  // namespace st
