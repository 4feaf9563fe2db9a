// Hand-written methods of Tensor.
#include "bind/methods.h"

#include "bind/arguments.h"
#include "bind/attributes.h"
#include "bind/data.h"
#include "bind/hooks.h"
#include "bind/item.h"
#include "bind/python_tensor.h"
#include "bind/take.h"
#include "bind/types.h"
#include "bind/watch.h"
#include "engine/backward.h"
#include "graph/hooks.h"
#include "ops/functions.h"
#include "ops/sparse.h"

namespace st {
namespace {

// A dimension that t has.
int64_t dimension_of(const Tensor& t, PyObject* o) {
  const int64_t d = PyLong_AsLongLong(o);
  if (d == -1 && PyErr_Occurred()) throw PythonError();
  if (t.dim() == 0) index_error("Dimension specified as ", d, " but tensor has no dimensions");
  return wrap_dim(d, t.dim());
}

PyObject* size(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"dim"};
  PyObject* a[1] = {};
  if (!take("size", kNames, args, nargs, kwnames, a)) return nullptr;
  const Tensor& t = tensor_of(o);
  if (!a[0] || a[0] == Py_None) return make_size(t.sizes());
  return guarded([&] { return PyLong_FromLongLong(t.size(dimension_of(t, a[0]))); });
}
PyObject* stride(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"dim"};
  PyObject* a[1] = {};
  if (!take("stride", kNames, args, nargs, kwnames, a)) return nullptr;
  const Tensor& t = tensor_of(o);
  if (a[0] && a[0] != Py_None) {
    return guarded([&] { return PyLong_FromLongLong(t.stride(dimension_of(t, a[0]))); });
  }
  PyObject* result = PyTuple_New(t.dim());
  for (int i = 0; result && i < t.dim(); ++i) PyTuple_SET_ITEM(result, i, PyLong_FromLongLong(t.stride(i)));
  return result;
}
PyObject* dim(PyObject* o, PyObject*) { return PyLong_FromLong(tensor_of(o).dim()); }
PyObject* numel(PyObject* o, PyObject*) { return PyLong_FromLongLong(tensor_of(o).numel()); }
PyObject* element_size(PyObject* o, PyObject*) { return PyLong_FromLongLong(item_size(tensor_of(o).dtype())); }
PyObject* storage_offset(PyObject* o, PyObject*) { return PyLong_FromLongLong(tensor_of(o).offset()); }
PyObject* data_ptr(PyObject* o, PyObject*) { return PyLong_FromVoidPtr(tensor_of(o).numel() ? tensor_of(o)->data : nullptr); }
PyObject* storage_ptr(PyObject* o, PyObject*) { return PyLong_FromVoidPtr(tensor_of(o)->storage->data); }
PyObject* is_floating_point(PyObject* o, PyObject*) { return PyBool_FromLong(is_floating(tensor_of(o).dtype())); }
PyObject* is_complex_type(PyObject* o, PyObject*) { return PyBool_FromLong(is_complex(tensor_of(o).dtype())); }
PyObject* is_inference(PyObject* o, PyObject*) { return PyBool_FromLong(tensor_of(o)->has(kInference)); }
PyObject* is_view(PyObject* o, PyObject*) { return PyBool_FromLong(static_cast<bool>(tensor_of(o)->base)); }
PyObject* is_contiguous(PyObject* o, PyObject* const*, Py_ssize_t, PyObject*) { return PyBool_FromLong(tensor_of(o).is_contiguous()); }
PyObject* get_item_value(PyObject* o, PyObject*) { return item(tensor_of(o)); }
PyObject* get_list(PyObject* o, PyObject*) { return to_list(tensor_of(o)); }
PyObject* numpy(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"force"};
  PyObject* a[1] = {};
  if (!take("numpy", kNames, args, nargs, kwnames, a, 0)) return nullptr;
  return guarded([&] {
    const Tensor& t = tensor_of(o);
    if (t.requires_grad() && grad_enabled() && !(a[0] && is_true(a[0]))) {
      runtime_error("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
    }
    return tensor_to_numpy(t);
  });
}
PyObject* dlpack(PyObject* o, PyObject* versioned) {
  return guarded([&] { return to_dlpack(tensor_of(o), versioned == Py_True); });
}

PyObject* backward_method(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"gradient", "retain_graph", "create_graph", "inputs"};
  PyObject* a[4] = {};
  if (!take("Tensor.backward", kNames, args, nargs, kwnames, a)) return nullptr;
  return guarded([&] {
    BackwardOptions options;
    options.create_graph = a[2] && is_true(a[2]);
    options.retain_graph = a[1] && a[1] != Py_None ? is_true(a[1]) : options.create_graph;
    Tensors inputs;
    if (a[3] && a[3] != Py_None) {
      if (is_tensor(a[3])) {
        inputs.push_back(tensor_of(a[3]));
      } else {
        Ref list(PySequence_Fast(a[3], "inputs must be a tensor or a sequence of tensors"));
        if (!list) throw PythonError();
        for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(list.get()); ++i) {
          PyObject* x = PySequence_Fast_GET_ITEM(list.get(), i);
          if (!is_tensor(x)) type_error("inputs must be tensors, got ", Py_TYPE(x)->tp_name);
          inputs.push_back(tensor_of(x));
        }
      }
      if (inputs.empty()) runtime_error("`inputs` argument to `backward()` cannot be empty.");
      options.inputs = &inputs;
    }
    Tensor g;
    if (a[0] && a[0] != Py_None) {
      if (!is_tensor(a[0])) type_error("gradients can be either Tensors or None, but got ", Py_TYPE(a[0])->tp_name);
      g = tensor_of(a[0]);
    }
    const Tensor root = tensor_of(o);
    backward({&root, 1}, {&g, 1}, options);
    return Ref::borrow(Py_None).release();
  });
}

PyObject* requires_grad_(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"requires_grad"};
  PyObject* a[1] = {};
  if (!take("requires_grad_", kNames, args, nargs, kwnames, a)) return nullptr;
  if (a[0] && !PyBool_Check(a[0])) {
    return PyErr_Format(PyExc_TypeError, "requires_grad_(): argument 'requires_grad' (position 1) must be bool, not %s", Py_TYPE(a[0])->tp_name);
  }
  return guarded([&] {
    require_grad(tensor_of(o), a[0] != Py_False);
    return Ref::borrow(o).release();
  });
}
PyObject* retain_grad_method(PyObject* o, PyObject*) {
  return guarded([&] {
    retain_grad(tensor_of(o));
    return Ref::borrow(Py_None).release();
  });
}

template <PyObject* (*add)(PyObject*, PyObject*)>
PyObject* register_hook(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  static constexpr const char* kNames[] = {"hook"};
  PyObject* a[1] = {};
  if (!take("register_hook", kNames, args, nargs, kwnames, a)) return nullptr;
  if (!a[0]) return PyErr_Format(PyExc_TypeError, "register_hook() missing 1 required positional argument: 'hook'");
  return add(o, a[0]);
}

bool names_meta(PyObject* device) {
  if (PyUnicode_Check(device)) return PyUnicode_CompareWithASCIIString(device, "meta") == 0;
  const Ref type(is_device(device) ? PyObject_GetAttrString(device, "type") : nullptr);
  return type && PyUnicode_CompareWithASCIIString(type.get(), "meta") == 0;
}

// The tensor without its values: see Note [The device meta] in python/steepest/_meta.py.
PyObject* without_values(PyObject* o, Dtype dtype) {
  const Ref module(PyImport_ImportModule("steepest._meta"));
  return module ? PyObject_CallMethod(module.get(), "without_values", "OO", o, dtype_object(dtype)) : nullptr;
}

// to(dtype), to(device), to(device, dtype), to(other), each with non_blocking, copy and memory_format.
PyObject* to(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = tensor_of(o);
    Dtype dtype = t.dtype();
    bool copy = false, meta = false;
    int flags = 0;
    auto place = [&](PyObject* a) {
      if (is_tensor(a)) return dtype = tensor_of(a).dtype(), true;
      if (to_dtype_argument(a, dtype) || a == Py_None) return true;
      if (PyBool_Check(a)) {
        if (flags++ == 1) copy = a == Py_True;  // the first is non_blocking
        return true;
      }
      if (PyUnicode_Check(a) || PyLong_Check(a) || is_device(a)) {
        if (names_meta(a)) meta = true;
        else check_device(a);
        return true;
      }
      return false;
    };
    for (Py_ssize_t i = 0; i < nargs; ++i) {
      if (!place(args[i])) {
        type_error("to() received an invalid combination of arguments - got (", Py_TYPE(args[i])->tp_name,
                   "), but expected one of:\n * (torch.device device = None, torch.dtype dtype = None, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)"
                   "\n * (torch.dtype dtype, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)"
                   "\n * (Tensor tensor, bool non_blocking = False, bool copy = False, *, torch.memory_format memory_format = None)\n");
      }
    }
    for (Py_ssize_t k = 0; kwnames && k < PyTuple_GET_SIZE(kwnames); ++k) {
      const char* key = PyUnicode_AsUTF8(PyTuple_GET_ITEM(kwnames, k));
      PyObject* v = args[nargs + k];
      if (!std::strcmp(key, "copy")) {
        if (!PyBool_Check(v)) type_error("to(): argument 'copy' must be bool, not ", Py_TYPE(v)->tp_name);
        copy = v == Py_True;
      } else if (!std::strcmp(key, "dtype") || !std::strcmp(key, "device") || !std::strcmp(key, "other") || !std::strcmp(key, "tensor")) {
        if (!place(v)) type_error("to(): argument '", key, "' must be torch.", key, ", not ", Py_TYPE(v)->tp_name);
      } else if (std::strcmp(key, "non_blocking") != 0 && std::strcmp(key, "memory_format") != 0) {
        type_error("to() got an unexpected keyword argument '", key, "'");
      }
    }
    if (meta) [[unlikely]] return without_values(o, dtype);
    if (dtype != t.dtype()) return wrap(to_dtype(t, dtype));
    if (copy) return wrap(clone(t));
    return Ref::borrow(o).release();
  });
}

template <Dtype D>
PyObject* convert_to(PyObject* o, PyObject* const*, Py_ssize_t, PyObject*) {
  return guarded([&]() -> PyObject* {
    const Tensor& t = tensor_of(o);
    if (t.dtype() == D) return Ref::borrow(o).release();
    return wrap(to_dtype(t, D));
  });
}

using FastMethod = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);

// A method without a record whose results are tensors, for a subclass: its class answers, or keeps the result, as for methods with one.
PyObject* call_for_subclass(const char* name, FastMethod plain, PyTypeObject* type, PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  if (overrides_functions(type)) {
    Group group;
    group.name = name;
    group.method = PyDict_GetItemString(tensor_type->tp_dict, name);
    bool answered;
    PyObject* answer = call_override(group, o, args, nargs, kwnames, answered, type);
    if (answered) return answer;
  }
  PyObject* result = plain(o, args, nargs, kwnames);
  return result && result != o ? as_subclass(type, result) : result;
}

template <size_t N>
struct Name {
  char text[N];
  constexpr Name(const char (&t)[N]) { for (size_t i = 0; i < N; ++i) text[i] = t[i]; }
};

template <Name N, FastMethod F>
PyObject* answered_by_class(PyObject* o, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames) {
  PyTypeObject* type = overrides_disabled() ? nullptr : kept_subclass(o);
  return type ? call_for_subclass(N.text, F, type, o, args, nargs, kwnames) : F(o, args, nargs, kwnames);
}

PyObject* make_subclass(PyObject*, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"cls", "data", "require_grad", nullptr};
  PyObject *cls, *data;
  int require = 0;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!|p", const_cast<char**>(names), &PyType_Type, &cls, tensor_type, &data, &require)) return nullptr;
  return guarded([&] {
    if (!PyType_IsSubtype(reinterpret_cast<PyTypeObject*>(cls), tensor_type)) type_error("cls must be a subclass of Tensor");
    Tensor t = detach(tensor_of(data));
    if (require) require_grad_of_new(t);
    return wrap_as(reinterpret_cast<PyTypeObject*>(cls), std::move(t));
  });
}

template <class F>
PyCFunction c_function(F f) { return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f)); }
constexpr int kFast = METH_FASTCALL | METH_KEYWORDS;

PyMethodDef definitions[] = {
    {"size", c_function(size), kFast, "size(dim=None)\n\nThe sizes as torch.Size, or the size of one dimension."},
    {"stride", c_function(stride), kFast, "stride(dim=None)\n\nElements to skip for the next index of each dimension."},
    {"dim", dim, METH_NOARGS, "The number of dimensions."},
    {"ndimension", dim, METH_NOARGS, "The number of dimensions."},
    {"numel", numel, METH_NOARGS, "The number of elements."},
    {"nelement", numel, METH_NOARGS, "The number of elements."},
    {"element_size", element_size, METH_NOARGS, "Bytes an element."},
    {"storage_offset", storage_offset, METH_NOARGS, "The first element's place in the storage."},
    {"data_ptr", data_ptr, METH_NOARGS, "The address of the first element."},
    {"_storage_ptr", storage_ptr, METH_NOARGS, nullptr},
    {"is_floating_point", is_floating_point, METH_NOARGS, "Whether the elements are real floating-point numbers."},
    {"__complex__", tensor_complex, METH_NOARGS, "The one element as a Python complex number."},
    {"is_complex", is_complex_type, METH_NOARGS, "Whether the elements are complex."},
    {"is_inference", is_inference, METH_NOARGS, "Whether the tensor was made in inference mode."},
    {"_is_view", is_view, METH_NOARGS, "Whether the tensor is a view of another."},
    {"is_contiguous", c_function(is_contiguous), kFast, "Whether the elements lie in memory in row-major order without gaps."},
    {"item", get_item_value, METH_NOARGS, "The one element as a Python number."},
    {"tolist", get_list, METH_NOARGS, "The elements as nested lists, or as a number for a 0-d tensor."},
    {"numpy", c_function(numpy), kFast,
     "numpy($self, /, *, force=False)\n--\n\nThe elements as a numpy array that shares the tensor's memory.\n\nRuntimeError for a tensor "
     "that requires grad, unless `force` or where nothing is recorded, as under no_grad().\n\n>>> import steepest as torch\n>>> torch.arange(3).numpy()\narray([0, 1, 2])"},
    {"_dlpack", dlpack, METH_O, nullptr},
    {"backward", c_function(backward_method), kFast,
     "backward(gradient=None, retain_graph=None, create_graph=False, inputs=None)\n\nAccumulates the gradient of this tensor into .grad of the "
     "leaves it depends on.\n\ngradient: what the tensor's own gradient is taken to be; needed unless it has one element.\nRaises RuntimeError "
     "where nothing requires grad, or the graph was used up by an earlier call without retain_graph.\n\n>>> import steepest as torch\n>>> x = "
     "torch.tensor(3., requires_grad=True)\n>>> (x**2).backward()\n>>> x.grad\ntensor(6.)"},
    {"requires_grad_", c_function(requires_grad_), kFast, "requires_grad_(requires_grad=True)\n\nSets requires_grad in place; returns the tensor."},
    {"retain_grad", retain_grad_method, METH_NOARGS, "Keeps .grad of a tensor that is no leaf."},
    {"register_hook", c_function(register_hook<register_tensor_hook>), kFast, "Calls f(grad) when the gradient has been computed; what it returns replaces it. Returns a handle."},
    {"register_post_accumulate_grad_hook", c_function(register_hook<register_accumulated_hook>), kFast, "Calls f(tensor) after a leaf's gradient was accumulated."},
    {"to", c_function(answered_by_class<"to", to>), kFast, "to(dtype | device | other)\n\nThe tensor in another type; itself when nothing changes."},
    {"float", c_function(answered_by_class<"float", convert_to<Dtype::Float32>>), kFast, "to(torch.float32)"},
    {"double", c_function(answered_by_class<"double", convert_to<Dtype::Float64>>), kFast, "to(torch.float64)"},
    {"half", c_function(answered_by_class<"half", convert_to<Dtype::Float16>>), kFast, "to(torch.float16)"},
    {"bfloat16", c_function(answered_by_class<"bfloat16", convert_to<Dtype::BFloat16>>), kFast, "to(torch.bfloat16)"},
    {"long", c_function(answered_by_class<"long", convert_to<Dtype::Int64>>), kFast, "to(torch.int64)"},
    {"int", c_function(answered_by_class<"int", convert_to<Dtype::Int32>>), kFast, "to(torch.int32)"},
    {"short", c_function(answered_by_class<"short", convert_to<Dtype::Int16>>), kFast, "to(torch.int16)"},
    {"char", c_function(answered_by_class<"char", convert_to<Dtype::Int8>>), kFast, "to(torch.int8)"},
    {"byte", c_function(answered_by_class<"byte", convert_to<Dtype::UInt8>>), kFast, "to(torch.uint8)"},
    {"bool", c_function(answered_by_class<"bool", convert_to<Dtype::Bool>>), kFast, "to(torch.bool)"},
    {"cfloat", c_function(answered_by_class<"cfloat", convert_to<Dtype::Complex64>>), kFast, "to(torch.complex64)"},
    {"cdouble", c_function(answered_by_class<"cdouble", convert_to<Dtype::Complex128>>), kFast, "to(torch.complex128)"},
    {nullptr, nullptr, 0, nullptr},
};
PyMethodDef make_subclass_definition = {"_make_subclass", c_function(make_subclass), METH_VARARGS | METH_KEYWORDS, nullptr};

}  // namespace

bool init_methods() {
  for (PyMethodDef* d = definitions; d->ml_name; ++d) {
    Ref m(PyDescr_NewMethod(tensor_type, d));
    if (!m || PyDict_SetItemString(tensor_type->tp_dict, d->ml_name, m.get()) < 0) return false;
  }
  Ref f(PyCFunction_New(&make_subclass_definition, nullptr));
  Ref s(f ? PyStaticMethod_New(f.get()) : nullptr);
  if (!s || PyDict_SetItemString(tensor_type->tp_dict, "_make_subclass", s.get()) < 0) return false;
  PyType_Modified(tensor_type);
  return true;
}

}  // namespace st
