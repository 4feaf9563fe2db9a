// Python objects as the values of parameters.
#pragma once
#include <Python.h>

#include <algorithm>
#include <type_traits>

#include "ops/argument.h"
#include "ops/signature.h"

namespace st {

inline constexpr size_t kMaxParams = 20;  // of a signature

// Each is false, without an error set, where the object is none of that.
bool to_scalar(PyObject* o, Scalar& s);  // Python's bools, ints, floats, complex, and numpy's scalars
bool to_int(PyObject* o, int64_t& v);    // ints, numpy's ints, integer tensors of one element
bool to_dims(PyObject* o, Dims& d);      // list or tuple of ints
bool to_dtype_argument(PyObject* o, Dtype& d);

// Where a call keeps what its arguments point to and no object of Python's holds. The tensors of its lists are not counted: Python's list
// has them, as long as nothing of Python runs, before which hold_lists() counts them.
class Room {
 public:
  Room() = default;
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  template <class T>
  T& make() {
    slots_[n_].kind = std::is_same_v<T, Dims> ? Argument::OfDims : std::is_same_v<T, Tensors> ? Argument::OfTensors : std::is_same_v<T, std::string> ? Argument::OfText : Argument::OfTensor;
    if constexpr (std::is_same_v<T, Tensors>) add_list();
    return *new (slots_[n_++].bytes) T;
  }

 private:
  friend void hold_lists();
  static constexpr size_t kBytes = std::max({sizeof(Dims), sizeof(Tensors), sizeof(std::string), sizeof(Tensor)});
  struct Slot {
    alignas(8) unsigned char bytes[kBytes];
    Argument::Kind kind;
    bool counted;  // the tensors of a list
  };
  void add_list();
  void end_of(int i);
  int n_ = 0;
  bool has_lists_ = false;
  Room* outer_ = nullptr;  // the next one around it on this thread that has lists, where it has some
  Slot slots_[kMaxParams];
};

bool to_argument(const Param& p, PyObject* o, Room& room, Argument& a);

bool is_true(PyObject* o);  // PythonError where o does not say

PyObject* scalar_to_python(const Scalar& s);
void check_device(PyObject* o);  // throws unless it names the CPU or is None

}  // namespace st
