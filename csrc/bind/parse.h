// The arguments of a call from Python, in the order and the types of a row's signature.
#pragma once
#include "bind/arguments.h"

namespace st {

// The arguments as they came.
struct Call {
  PyObject* self;
  PyObject* const* args;
  Py_ssize_t nargs;
  PyObject* kwnames;
  PyObject* out = nullptr;
  bool requires_grad = false;

  Py_ssize_t positional() const { return nargs + (self != nullptr); }
  PyObject* at(Py_ssize_t i) const { return self ? i == 0 ? self : args[i - 1] : args[i]; }
};

// Fills `out` with the arguments of the group's row number r, or says in `why` what does not fit.
bool parse(const Group& group, size_t r, Call& call, Argument* out, Room& room, std::string* why);

}  // namespace st
