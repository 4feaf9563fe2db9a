// dtype, device, layout and memory_format as Python sees them.
#include "bind/types.h"

#include <cstring>
#include <string>

#include "bind/arguments.h"
#include "bind/python_tensor.h"

namespace st {
namespace {

// One object a value, compared by identity, printed by its name.
struct PyNamed {
  PyObject_HEAD
  const char* name;
  int value;
};

PyTypeObject *dtype_type, *layout_type, *memory_format_type, *device_type;
PyObject* dtypes[kDtypes];
PyObject* cpu_device;
PyObject* strided;

PyObject* named_repr(PyObject* o) { return PyUnicode_FromFormat("torch.%s", reinterpret_cast<PyNamed*>(o)->name); }
// getattr(steepest, "float32"): the types go by PyTorch's names, under which pickle would not find them.
PyObject* named_reduce(PyObject* o, PyObject*) {
  Ref package(PyImport_ImportModule("steepest.legacy"));
  Ref find(package ? PyObject_GetAttrString(package.get(), "named") : nullptr);
  return find ? Py_BuildValue("O(s)", find.get(), reinterpret_cast<PyNamed*>(o)->name) : nullptr;
}
PyObject* named_self(PyObject* o, PyObject*) { return Ref::borrow(o).release(); }

// Types that may be named, as libraries do in tables of all types, and of which there are no tensors. Their values follow those of Dtype.
struct NamedDtype {
  const char *name, *alias;
  uint8_t size;
  Category category;
  bool is_signed;
};
constexpr NamedDtype kNamedOnly[] = {{"uint16", "", 2, Category::Integral, false},
                                     {"uint32", "", 4, Category::Integral, false},
                                     {"uint64", "", 8, Category::Integral, false},
                                     {"float8_e4m3fn", "", 1, Category::Floating, true},
                                     {"float8_e4m3fnuz", "", 1, Category::Floating, true},
                                     {"float8_e5m2", "", 1, Category::Floating, true},
                                     {"float8_e5m2fnuz", "", 1, Category::Floating, true},
                                     {"float8_e8m0fnu", "", 1, Category::Floating, true},
                                     {"float4_e2m1fn_x2", "", 1, Category::Floating, true},
                                     {"complex32", "chalf", 4, Category::Complex, true},
                                     {"qint8", "", 1, Category::Integral, true},
                                     {"quint8", "", 1, Category::Integral, false},
                                     {"qint32", "", 4, Category::Integral, true},
                                     {"quint4x2", "", 1, Category::Integral, false},
                                     {"quint2x4", "", 1, Category::Integral, false}};

Dtype value_of(PyObject* o) { return static_cast<Dtype>(reinterpret_cast<PyNamed*>(o)->value); }
const NamedDtype* named_only(PyObject* o) {
  const int i = reinterpret_cast<PyNamed*>(o)->value - kDtypes;
  return i < 0 ? nullptr : &kNamedOnly[i];
}
Category category_of(PyObject* o) { return named_only(o) ? named_only(o)->category : category(value_of(o)); }
PyObject* dtype_itemsize(PyObject* o, void*) { return PyLong_FromLongLong(named_only(o) ? named_only(o)->size : item_size(value_of(o))); }
PyObject* dtype_floating(PyObject* o, void*) { return PyBool_FromLong(category_of(o) == Category::Floating); }
PyObject* dtype_complex(PyObject* o, void*) { return PyBool_FromLong(category_of(o) == Category::Complex); }
PyObject* dtype_signed(PyObject* o, void*) {
  return PyBool_FromLong(named_only(o) ? named_only(o)->is_signed : value_of(o) != Dtype::UInt8 && value_of(o) != Dtype::Bool);
}
PyObject* dtype_to_real(PyObject* o, PyObject*) {
  if (named_only(o) && category_of(o) != Category::Complex) return Ref::borrow(o).release();
  const Dtype d = named_only(o) ? Dtype::Float16 : value_of(o);
  return Ref::borrow(dtype_object(d == Dtype::Complex64 ? Dtype::Float32 : d == Dtype::Complex128 ? Dtype::Float64 : d)).release();
}
PyObject* dtype_to_complex(PyObject* o, PyObject*) {
  if (named_only(o) && category_of(o) == Category::Complex) return Ref::borrow(o).release();
  return Ref::borrow(dtype_object(value_of(o) == Dtype::Float64 ? Dtype::Complex128 : Dtype::Complex64)).release();
}

PyMethodDef named_methods[] = {{"__reduce__", named_reduce, METH_NOARGS, nullptr},
                               {"__copy__", named_self, METH_NOARGS, nullptr},
                               {"__deepcopy__", named_self, METH_O, nullptr},
                               {"to_real", dtype_to_real, METH_NOARGS, "The real type of the same precision."},
                               {"to_complex", dtype_to_complex, METH_NOARGS, "The complex type of the same precision."},
                               {nullptr, nullptr, 0, nullptr}};
PyGetSetDef dtype_attributes[] = {{"itemsize", dtype_itemsize, nullptr, "Bytes an element.", nullptr},
                                  {"is_floating_point", dtype_floating, nullptr, "True for real floating-point types.", nullptr},
                                  {"is_complex", dtype_complex, nullptr, "True for complex types.", nullptr},
                                  {"is_signed", dtype_signed, nullptr, "True for types with negative values.", nullptr},
                                  {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyTypeObject* make_named_type(PyObject* module, const char* name, PyGetSetDef* attributes) {
  PyType_Slot slots[] = {{Py_tp_repr, reinterpret_cast<void*>(named_repr)},
                         {Py_tp_methods, named_methods},
                         {attributes ? Py_tp_getset : 0, attributes},
                         {0, nullptr}};
  PyType_Spec spec{name, sizeof(PyNamed), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  PyObject* type = PyType_FromSpec(&spec);
  PyModule_AddObjectRef(module, std::strchr(name, '.') + 1, type);
  return reinterpret_cast<PyTypeObject*>(type);
}

PyObject* add_named(PyObject* module, PyTypeObject* type, const char* name, int value) {
  auto* o = PyObject_New(PyNamed, type);
  o->name = name;
  o->value = value;
  PyModule_AddObjectRef(module, name, reinterpret_cast<PyObject*>(o));
  return reinterpret_cast<PyObject*>(o);
}

// device: any kind may be named, only the CPU may be used.
struct PyDevice {
  PyObject_HEAD
  PyObject* kind;
  int64_t index;  // -1: none
};

constexpr const char* kKinds = "cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone";

PyObject* make_device(const char* kind, int64_t index) {
  PyObject* o = device_type->tp_alloc(device_type, 0);
  reinterpret_cast<PyDevice*>(o)->kind = PyUnicode_FromString(kind);
  reinterpret_cast<PyDevice*>(o)->index = index;
  return o;
}

PyObject* device_new(PyTypeObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"type", "index", nullptr};
  PyObject *kind, *index = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O", const_cast<char**>(names), &kind, &index)) return nullptr;
  if (Py_TYPE(kind) == device_type) return Ref::borrow(kind).release();
  if (PyLong_Check(kind)) return PyErr_Format(PyExc_RuntimeError, "Cannot access accelerator device when none is available.");
  if (!PyUnicode_Check(kind)) return PyErr_Format(PyExc_TypeError, "device(): argument 'type' must be str, not %s", Py_TYPE(kind)->tp_name);
  std::string text = PyUnicode_AsUTF8(kind);
  int64_t number = -1;
  if (index != Py_None) number = PyLong_AsLongLong(index);
  if (const size_t colon = text.find(':'); colon != std::string::npos) {
    char* end;
    number = std::strtoll(text.c_str() + colon + 1, &end, 10);
    if (*end || end == text.c_str() + colon + 1) return PyErr_Format(PyExc_RuntimeError, "Invalid device string: '%s'", text.c_str());
    text.resize(colon);
  }
  if (std::string(", ").append(kKinds).append(",").find(", " + text + ",") == std::string::npos || text.empty()) {
    return PyErr_Format(PyExc_RuntimeError, "Expected one of %s device type at start of device string: %s", kKinds, text.c_str());
  }
  return make_device(text.c_str(), number);
}

void device_dealloc(PyObject* o) {
  Py_XDECREF(reinterpret_cast<PyDevice*>(o)->kind);
  PyTypeObject* type = Py_TYPE(o);
  type->tp_free(o);
  Py_DECREF(type);
}
PyObject* device_str(PyObject* o) {
  auto* d = reinterpret_cast<PyDevice*>(o);
  return d->index < 0 ? Ref::borrow(d->kind).release() : PyUnicode_FromFormat("%U:%lld", d->kind, static_cast<long long>(d->index));
}
PyObject* device_repr(PyObject* o) {
  auto* d = reinterpret_cast<PyDevice*>(o);
  return d->index < 0 ? PyUnicode_FromFormat("device(type='%U')", d->kind)
                      : PyUnicode_FromFormat("device(type='%U', index=%lld)", d->kind, static_cast<long long>(d->index));
}
PyObject* device_compare(PyObject* a, PyObject* b, int op) {
  if (Py_TYPE(b) != device_type || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
  auto *x = reinterpret_cast<PyDevice*>(a), *y = reinterpret_cast<PyDevice*>(b);
  const bool same = x->index == y->index && PyUnicode_Compare(x->kind, y->kind) == 0;
  return PyBool_FromLong(same == (op == Py_EQ));
}
Py_hash_t device_hash(PyObject* o) { return PyObject_Hash(reinterpret_cast<PyDevice*>(o)->kind) ^ (reinterpret_cast<PyDevice*>(o)->index + 2); }
PyObject* device_kind(PyObject* o, void*) { return Ref::borrow(reinterpret_cast<PyDevice*>(o)->kind).release(); }
PyObject* device_index(PyObject* o, void*) {
  const int64_t i = reinterpret_cast<PyDevice*>(o)->index;
  if (i < 0) Py_RETURN_NONE;
  return PyLong_FromLongLong(i);
}
PyObject* device_reduce(PyObject* o, PyObject*) {
  Ref package(PyImport_ImportModule("steepest.legacy"));
  Ref find(package ? PyObject_GetAttrString(package.get(), "device_named") : nullptr);
  return find ? Py_BuildValue("O(N)", find.get(), device_str(o)) : nullptr;
}
PyObject* device_enter(PyObject* o, PyObject*) { return Ref::borrow(o).release(); }
PyObject* device_exit(PyObject*, PyObject*) { Py_RETURN_NONE; }

PyTypeObject* make_device_type(PyObject* module) {
  static PyGetSetDef attributes[] = {{"type", device_kind, nullptr, "The kind of device: 'cpu'.", nullptr},
                                     {"index", device_index, nullptr, "Its number, or None.", nullptr},
                                     {nullptr, nullptr, nullptr, nullptr, nullptr}};
  static PyMethodDef methods[] = {{"__reduce__", device_reduce, METH_NOARGS, nullptr},
                                  {"__enter__", device_enter, METH_NOARGS, nullptr},
                                  {"__exit__", device_exit, METH_VARARGS, nullptr},
                                  {nullptr, nullptr, 0, nullptr}};
  static PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(device_new)},
                                {Py_tp_dealloc, reinterpret_cast<void*>(device_dealloc)},
                                {Py_tp_repr, reinterpret_cast<void*>(device_repr)},
                                {Py_tp_str, reinterpret_cast<void*>(device_str)},
                                {Py_tp_richcompare, reinterpret_cast<void*>(device_compare)},
                                {Py_tp_hash, reinterpret_cast<void*>(device_hash)},
                                {Py_tp_getset, attributes},
                                {Py_tp_methods, methods},
                                {Py_tp_doc, const_cast<char*>("device(type, index=None)\n\nWhere a tensor lives. Only the CPU can be used.")},
                                {0, nullptr}};
  PyType_Spec spec{"torch.device", sizeof(PyDevice), 0, Py_TPFLAGS_DEFAULT, slots};
  PyObject* type = PyType_FromSpec(&spec);
  PyModule_AddObjectRef(module, "device", type);
  return reinterpret_cast<PyTypeObject*>(type);
}

}  // namespace

bool init_types(PyObject* module) {
  dtype_type = make_named_type(module, "torch.dtype", dtype_attributes);
  layout_type = make_named_type(module, "torch.layout", nullptr);
  memory_format_type = make_named_type(module, "torch.memory_format", nullptr);
  device_type = make_device_type(module);
  for (int i = 0; i < kDtypes; ++i) {
    const DtypeInfo& d = info(static_cast<Dtype>(i));
    dtypes[i] = add_named(module, dtype_type, d.name, i);
    if (*d.alias) PyModule_AddObjectRef(module, d.alias, dtypes[i]);
  }
  for (int i = 0; const NamedDtype& d : kNamedOnly) {
    PyObject* o = add_named(module, dtype_type, d.name, kDtypes + i++);
    if (*d.alias) PyModule_AddObjectRef(module, d.alias, o);
  }
  strided = add_named(module, layout_type, "strided", 0);
  for (int i = 1; const char* name : {"sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged"}) {
    add_named(module, layout_type, name, i++);
  }
  const char* formats[] = {"contiguous_format", "preserve_format", "channels_last", "channels_last_3d"};
  for (int i = 0; i < 4; ++i) {
    PyObject* format = add_named(module, memory_format_type, formats[i], i);
    if (i == 0) PyModule_AddObjectRef(module, "legacy_contiguous_format", format);
  }
  cpu_device = make_device("cpu", -1);
  return !PyErr_Occurred();
}

PyObject* dtype_object(Dtype d) { return dtypes[static_cast<int>(d)]; }
PyObject* device_object() { return cpu_device; }
PyObject* strided_object() { return strided; }

bool to_dtype_argument(PyObject* o, Dtype& d) {
  if (Py_TYPE(o) == dtype_type) {
    if (named_only(o)) fail(ErrorKind::NotImplemented, std::string("torch.") + named_only(o)->name + ": steepest has no tensors of this dtype");
    return d = value_of(o), true;
  }
  if (o == reinterpret_cast<PyObject*>(&PyFloat_Type)) return d = Dtype::Float64, true;
  if (o == reinterpret_cast<PyObject*>(&PyLong_Type)) return d = Dtype::Int64, true;
  if (o == reinterpret_cast<PyObject*>(&PyBool_Type)) return d = Dtype::Bool, true;
  return false;
}

bool is_dtype(PyObject* o) { return Py_TYPE(o) == dtype_type; }
bool is_device(PyObject* o) { return Py_TYPE(o) == device_type; }

void check_device(PyObject* o) {
  if (o == Py_None) return;
  Ref device;
  if (!is_device(o)) {
    Ref args(PyTuple_Pack(1, o));
    device = Ref(device_new(device_type, args.get(), nullptr));
    if (!device) {
      PyObject *type, *value, *trace;
      PyErr_Fetch(&type, &value, &trace);
      Ref text(PyObject_Str(value));
      const std::string message = PyUnicode_AsUTF8(text.get());
      const bool is_type = PyErr_GivenExceptionMatches(type, PyExc_TypeError);
      Py_XDECREF(type);
      Py_XDECREF(value);
      Py_XDECREF(trace);
      if (is_type) type_error(message);
      runtime_error(message);
    }
    o = device.get();
  }
  const char* kind = PyUnicode_AsUTF8(reinterpret_cast<PyDevice*>(o)->kind);
  if (!std::strcmp(kind, "cpu")) return;
  if (!std::strcmp(kind, "cuda")) fail(ErrorKind::Assertion, "Torch not compiled with CUDA enabled");
  runtime_error("device '", kind, "' is not available: this library computes on the CPU");
}

}  // namespace st
