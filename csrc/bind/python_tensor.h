// The Python type Tensor: a hand-written type whose objects hold one counted pointer, and the way between the two.
#pragma once
#include <Python.h>

#include "core/tensor.h"

namespace st {

struct PyTensor {
  PyObject_HEAD
  Tensor tensor;
  PyObject* dict;
  PyObject* weakrefs;
};

extern PyTypeObject* tensor_type;     // torch.Tensor
extern PyTypeObject* parameter_type;  // torch.nn.Parameter, once Python has defined it; may be null

inline bool is_tensor(PyObject* o) {
  PyTypeObject* t = Py_TYPE(o);
  return t == tensor_type || t == parameter_type || PyType_IsSubtype(t, tensor_type);
}
inline const Tensor& tensor_of(PyObject* o) { return reinterpret_cast<PyTensor*>(o)->tensor; }

// A new reference to the object that stands for the tensor, the same one as long as it lives; None for an undefined tensor.
PyObject* wrap(Tensor t);
PyObject* wrap_as(PyTypeObject* type, Tensor t);  // a fresh object of a subclass

// What ops make of a subclass's tensors is of that subclass too; parameters make plain tensors.
inline PyTypeObject* kept_subclass(PyObject* o) {
  PyTypeObject* t = Py_TYPE(o);
  if (t == tensor_type || t == parameter_type || !PyType_IsSubtype(t, tensor_type)) return nullptr;
  return parameter_type && PyType_IsSubtype(t, parameter_type) ? nullptr : t;
}
PyObject* as_subclass(PyTypeObject* type, PyObject* result);  // takes the reference; results that are no plain tensors stay as they are

bool init_tensor_type(PyObject* module);

// Sets the Python error for the C++ exception being handled; returns nullptr.
PyObject* raise_error();
extern PyObject* linalg_error;
// f(), for Python to call: its exceptions as Python's, with nullptr or -1 for a result.
template <class F>
PyObject* guarded(F f) {
  try {
    return f();
  } catch (...) {
    return raise_error();
  }
}
template <class F>
int guarded_status(F f) {
  try {
    f();
    return 0;
  } catch (...) {
    raise_error();
    return -1;
  }
}

// Carries an error that is already set in Python through C++ frames.
struct PythonError {};

// Counts the tensors of the lists that calls of this thread have borrowed from Python (Room in bind/values.h): Python may change its lists as
// soon as it runs.
void hold_lists();

// The interpreter lock, for what is called from C++ that may or may not hold it.
class Locked {
 public:
  Locked() : state_(PyGILState_Ensure()) { hold_lists(); }
  ~Locked() { PyGILState_Release(state_); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  PyGILState_STATE state_;
};
void release_object(void* o);  // a reference that C++ held, wherever it lets go of it

// Long kernels run without the interpreter lock.
class Unlocked {
 public:
  explicit Unlocked(bool on) : state_(on ? (hold_lists(), PyEval_SaveThread()) : nullptr) {}
  ~Unlocked() { if (state_) PyEval_RestoreThread(state_); }
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  PyThreadState* state_;
};
inline constexpr int64_t kLongKernel = 1 << 16;  // elements

// A counted reference of this scope.
class Ref {
 public:
  Ref(PyObject* o = nullptr) : o_(o) {}
  Ref(Ref&& r) noexcept : o_(std::exchange(r.o_, nullptr)) {}
  Ref& operator=(Ref&& r) noexcept { std::swap(o_, r.o_); return *this; }
  ~Ref() { Py_XDECREF(o_); }
  static Ref borrow(PyObject* o) { Py_XINCREF(o); return Ref(o); }
  PyObject* get() const { return o_; }
  PyObject* release() { return std::exchange(o_, nullptr); }
  explicit operator bool() const { return o_ != nullptr; }

 private:
  PyObject* o_;
};

}  // namespace st
