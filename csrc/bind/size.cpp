// torch.Size: what programs do with it in loops. The class with its other methods is Python's (steepest.Size), given here once.
#include "bind/python_tensor.h"
#include "bind/types.h"

namespace st {
namespace {

PyTypeObject* size_type = &PyTuple_Type;  // until Python gives its own

// A Size of as many items as two tuples have, the second or none; what is no int is made one.
PyObject* size_of(PyTypeObject* type, PyObject* a, PyObject* b = nullptr) {
  const Py_ssize_t n = PyTuple_GET_SIZE(a), m = b ? PyTuple_GET_SIZE(b) : 0;
  Ref sizes(type->tp_alloc(type, n + m));
  for (Py_ssize_t i = 0; sizes && i < n + m; ++i) {
    PyObject* o = i < n ? PyTuple_GET_ITEM(a, i) : PyTuple_GET_ITEM(b, i - n);
    if (!PyLong_Check(o) && !PyIndex_Check(o)) {
      return PyErr_Format(PyExc_TypeError, "torch.Size() takes an iterable of 'int' (item %zd is '%s')", i, Py_TYPE(o)->tp_name);
    }
    PyObject* item = PyLong_CheckExact(o) ? Ref::borrow(o).release() : PyNumber_Index(o);
    if (!item) return nullptr;
    PyTuple_SET_ITEM(sizes.get(), i, item);
  }
  return sizes.release();
}

PyObject* make(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* names[] = {"sizes", nullptr};
  PyObject* given = nullptr;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:Size", const_cast<char**>(names), &given)) return nullptr;
  const Ref items(given ? PySequence_Tuple(given) : PyTuple_New(0));
  return items ? size_of(type, items.get()) : nullptr;
}

PyObject* subscript(PyObject* o, PyObject* index) {
  PyObject* part = PyTuple_Type.tp_as_mapping->mp_subscript(o, index);
  if (!part || !PySlice_Check(index)) return part;
  const Ref held(part);
  return size_of(size_type, part);
}

PyObject* add(PyObject* a, PyObject* b) {
  const Ref left(PySequence_Tuple(a)), right(left ? PySequence_Tuple(b) : nullptr);
  return right ? size_of(size_type, left.get(), right.get()) : nullptr;
}

PyObject* multiply(PyObject* a, PyObject* b) {
  PyObject *sizes = is_size(a) ? a : b, *times = is_size(a) ? b : a;
  if (!PyIndex_Check(times)) Py_RETURN_NOTIMPLEMENTED;
  const Py_ssize_t n = PyNumber_AsSsize_t(times, PyExc_OverflowError);
  if (n == -1 && PyErr_Occurred()) return nullptr;
  const Ref items(PyTuple_Type.tp_as_sequence->sq_repeat(sizes, n));
  return items ? size_of(size_type, items.get()) : nullptr;
}

}  // namespace

PyObject* make_size(DimSpan sizes) {
  PyObject* o = size_type->tp_alloc(size_type, static_cast<Py_ssize_t>(sizes.size()));
  for (size_t i = 0; o && i < sizes.size(); ++i) PyTuple_SET_ITEM(o, static_cast<Py_ssize_t>(i), PyLong_FromLongLong(sizes[i]));
  return o;
}

bool is_size(PyObject* o) { return Py_TYPE(o) == size_type; }
void set_size_type(PyObject* type) { size_type = reinterpret_cast<PyTypeObject*>(Ref::borrow(type).release()); }

// _C._Sizes, the base of that class.
bool init_size(PyObject* module) {
  PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(make)},
                         {Py_mp_subscript, reinterpret_cast<void*>(subscript)},
                         {Py_nb_add, reinterpret_cast<void*>(add)},
                         {Py_nb_multiply, reinterpret_cast<void*>(multiply)},
                         {0, nullptr}};
  PyType_Spec spec{"steepest._C._Sizes", 0, 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, slots};
  const Ref bases(PyTuple_Pack(1, &PyTuple_Type)), type(bases ? PyType_FromSpecWithBases(&spec, bases.get()) : nullptr);
  return type && PyModule_AddObjectRef(module, "_Sizes", type.get()) == 0;
}

}  // namespace st
