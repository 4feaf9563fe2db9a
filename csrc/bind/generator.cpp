// torch.Generator: a stream of random numbers as a Python object, and the default one.
#include <Python.h>

#include <memory>

#include "bind/arguments.h"
#include "bind/data.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "kernels/random.h"

namespace st {
bool init_generator(PyObject* module);

namespace {

struct PyGenerator {
  PyObject_HEAD
  Generator* generator;
  bool owned;  // all but the default one
};

PyTypeObject* generator_type;

Generator& of(PyObject* o) { return *reinterpret_cast<PyGenerator*>(o)->generator; }

PyObject* make(PyTypeObject* type, std::unique_ptr<Generator> generator) {
  PyObject* o = type->tp_alloc(type, 0);
  if (!o) return nullptr;
  reinterpret_cast<PyGenerator*>(o)->generator = generator.release();
  reinterpret_cast<PyGenerator*>(o)->owned = true;
  return o;
}

PyObject* generator_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"device", nullptr};
  PyObject* device = Py_None;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Generator", const_cast<char**>(names), &device)) return nullptr;
  try {
    try {
      check_device(device);
    } catch (const Error& e) {
      if (e.kind == ErrorKind::Type) throw;
      runtime_error(e.what());
    }
    return make(type, std::make_unique<Generator>());
  } catch (...) {
    return raise_error();
  }
}

void generator_dealloc(PyObject* o) {
  auto* g = reinterpret_cast<PyGenerator*>(o);
  if (g->owned) delete g->generator;
  PyTypeObject* type = Py_TYPE(o);
  type->tp_free(o);
  Py_DECREF(type);
}

// Signed and unsigned 64-bit numbers name the same seeds.
uint64_t to_seed(PyObject* o) {
  if (PyBool_Check(o) || !(PyLong_Check(o) || (is_numpy_scalar(o) && PyIndex_Check(o)))) {
    runtime_error("manual_seed expected a long, but got ", Py_TYPE(o)->tp_name);
  }
  Ref number(PyNumber_Index(o));
  if (!number) throw PythonError();
  const uint64_t seed = PyLong_AsUnsignedLongLong(number.get());
  if (!PyErr_Occurred()) return seed;
  PyErr_Clear();
  const int64_t negative = PyLong_AsLongLong(number.get());
  if (!PyErr_Occurred()) return static_cast<uint64_t>(negative);
  PyErr_Clear();
  value_error("Overflow when unpacking long long");
}

PyObject* manual_seed(PyObject* self, PyObject* seed) {
  try {
    const uint64_t value = to_seed(seed);
    const std::lock_guard<std::mutex> lock(of(self).mutex());
    of(self).manual_seed(value);
    return Ref::borrow(self).release();
  } catch (...) {
    return raise_error();
  }
}

PyObject* initial_seed(PyObject* self, PyObject*) { return PyLong_FromUnsignedLongLong(of(self).initial_seed()); }

PyObject* seed(PyObject* self, PyObject*) {
  try {
    const std::lock_guard<std::mutex> lock(of(self).mutex());
    return PyLong_FromUnsignedLongLong(of(self).seed());
  } catch (...) {
    return raise_error();
  }
}

PyObject* get_state(PyObject* self, PyObject*) {
  try {
    Tensor state = empty(Dims{static_cast<int64_t>(Generator::kStateBytes)}, Dtype::UInt8);
    const std::lock_guard<std::mutex> lock(of(self).mutex());
    of(self).get_state(state.data<uint8_t>());
    return wrap(std::move(state));
  } catch (...) {
    return raise_error();
  }
}

PyObject* set_state(PyObject* self, PyObject* state) {
  try {
    if (!is_tensor(state)) type_error("expected a torch.ByteTensor, but got ", Py_TYPE(state)->tp_name);
    const Tensor& t = tensor_of(state);
    if (t.dtype() != Dtype::UInt8) type_error("RNG state must be a torch.ByteTensor");
    if (!t.is_contiguous()) runtime_error("RNG state must be contiguous");
    const std::lock_guard<std::mutex> lock(of(self).mutex());
    of(self).set_state(t.data<uint8_t>(), static_cast<size_t>(t.numel()));
    return Ref::borrow(self).release();
  } catch (...) {
    return raise_error();
  }
}

PyObject* clone_state(PyObject* self, PyObject*) {
  try {
    const std::lock_guard<std::mutex> lock(of(self).mutex());
    return make(generator_type, of(self).clone());
  } catch (...) {
    return raise_error();
  }
}

// Pickled as the bytes of its state.
PyObject* reduce(PyObject* self, PyObject*) {
  Ref state(PyBytes_FromStringAndSize(nullptr, Generator::kStateBytes));
  if (!state) return nullptr;
  const std::lock_guard<std::mutex> lock(of(self).mutex());
  of(self).get_state(reinterpret_cast<uint8_t*>(PyBytes_AS_STRING(state.get())));
  return Py_BuildValue("O()O", Py_TYPE(self), state.get());
}

PyObject* unreduce(PyObject* self, PyObject* state) {
  try {
    if (!PyBytes_Check(state)) type_error("expected bytes, but got ", Py_TYPE(state)->tp_name);
    const std::lock_guard<std::mutex> lock(of(self).mutex());
    of(self).set_state(reinterpret_cast<const uint8_t*>(PyBytes_AS_STRING(state)), static_cast<size_t>(PyBytes_GET_SIZE(state)));
    Py_RETURN_NONE;
  } catch (...) {
    return raise_error();
  }
}

PyObject* no_offset(PyObject*, PyObject*) {
  PyErr_SetString(PyExc_RuntimeError, "CPU Generator does not use offset");
  return nullptr;
}

PyObject* repr(PyObject* self) { return PyUnicode_FromFormat("<torch._C.Generator object at %p>", self); }

PyObject* device(PyObject*, void*) { return Ref::borrow(device_object()).release(); }

PyMethodDef methods[] = {
    {"manual_seed", manual_seed, METH_O, "manual_seed(seed) -> Generator\n\nStarts the stream that belongs to seed, any integer of [-2**63, 2**64); returns self."},
    {"initial_seed", initial_seed, METH_NOARGS, "initial_seed() -> int\n\nThe seed from which the stream started."},
    {"seed", seed, METH_NOARGS, "seed() -> int\n\nStarts anew from a seed that the operating system gives, and returns that seed."},
    {"get_state", get_state, METH_NOARGS, "get_state() -> Tensor\n\nThe position in the stream, as a uint8 tensor of 5056 bytes."},
    {"set_state", set_state, METH_O, "set_state(new_state) -> Generator\n\nGoes back to a position that get_state() returned; returns self."},
    {"clone_state", clone_state, METH_NOARGS, "clone_state() -> Generator\n\nAnother generator at the same position of the same stream."},
    {"get_offset", no_offset, METH_NOARGS, "Raises RuntimeError: streams of the CPU have no offset."},
    {"set_offset", no_offset, METH_O, "Raises RuntimeError: streams of the CPU have no offset."},
    {"__reduce__", reduce, METH_NOARGS, nullptr},
    {"__setstate__", unreduce, METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr}};
PyGetSetDef attributes[] = {{"device", device, nullptr, "Where the numbers are drawn: cpu.", nullptr}, {nullptr, nullptr, nullptr, nullptr, nullptr}};

constexpr char kDoc[] =
    "Generator(device='cpu')\n--\n\n"
    "A stream of random numbers of its own: PyTorch's mt19937. Random functions take one as generator=.";

}  // namespace

Generator* generator_of(PyObject* o) { return PyObject_TypeCheck(o, generator_type) ? reinterpret_cast<PyGenerator*>(o)->generator : nullptr; }

bool init_generator(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(generator_new)},
                         {Py_tp_dealloc, reinterpret_cast<void*>(generator_dealloc)},
                         {Py_tp_methods, methods},
                         {Py_tp_repr, reinterpret_cast<void*>(repr)},
                         {Py_tp_getset, attributes},
                         {Py_tp_doc, const_cast<char*>(kDoc)},
                         {0, nullptr}};
  PyType_Spec spec{"steepest._C.Generator", sizeof(PyGenerator), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  generator_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
  if (!generator_type || PyModule_AddObjectRef(module, "Generator", reinterpret_cast<PyObject*>(generator_type)) < 0) return false;
  Ref standard(generator_type->tp_alloc(generator_type, 0));
  if (!standard) return false;
  reinterpret_cast<PyGenerator*>(standard.get())->generator = &default_generator();
  return PyModule_AddObjectRef(module, "default_generator", standard.get()) == 0;
}

}  // namespace st
