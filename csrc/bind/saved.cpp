// What a node saved, under PyTorch's names: _saved_self, _saved_other, _saved_result and the op's plain arguments.
#include "bind/saved.h"

#include <cstring>

#include "bind/arguments.h"
#include "bind/python_tensor.h"

namespace st {

PyObject* saved_attribute(PyObject* owner, Node* n, PyObject* key) {
  const char* name = PyUnicode_AsUTF8(key);
  if (!name || std::strncmp(name, "_saved_", 7) != 0) return nullptr;
  const char* what = name + 7;
  int slot = -1, input = 0, output = 0;
  const char* inputs[] = {"self", "other", "tensor2"};
  for (int i = 0; i < n->n_saved; ++i) {
    const Saved::Kind kind = n->saved[i].kind;
    if (kind == Saved::Output) {
      if (!std::strcmp(what, "result") && output == 0) slot = i;
      ++output;
    } else if (kind == Saved::Input || kind == Saved::Number) {
      if (input < 3 && !std::strcmp(what, inputs[input])) slot = i;
      ++input;
    }
  }
  if (slot < 0 && n->n_saved > 0 && n->flags & kNodeReleased) slot = 0;  // unpack tells that it is freed
  if (slot < 0) return nullptr;
  PyErr_Clear();
  try {
    (void)owner;
    return wrap(unpack(n, slot, true));
  } catch (...) {
    return raise_error();
  }
}

}  // namespace st
