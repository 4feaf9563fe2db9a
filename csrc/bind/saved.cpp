// What a node saved, under PyTorch's names: _saved_self, _saved_other, _saved_result and the op's plain arguments.
#include "bind/saved.h"

#include <cstring>

#include "bind/arguments.h"
#include "bind/python_tensor.h"
#include "graph/packed.h"

namespace st {

PyObject* saved_attribute(Node* n, PyObject* key) {
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
    } else if (kind == Saved::Input || kind == Saved::Number || kind == Saved::Packed) {
      if (input < 3 && !std::strcmp(what, inputs[input])) slot = i;
      ++input;
    }
  }
  if (slot < 0 && n->n_saved > 0 && n->flags & kNodeReleased) slot = 0;  // unpack tells that it is freed
  if (slot < 0) return nullptr;
  PyErr_Clear();
  return guarded([&] { return wrap(unpack(n, slot, true)); });
}

namespace {

// A Python object held by C++, which may let go of it without the interpreter lock.
std::shared_ptr<PyObject> held(PyObject* o) { return {Ref::borrow(o).release(), release_object}; }

}  // namespace

PyObject* push_saved_hooks(PyObject*, PyObject* args) {
  PyObject *pack, *unpack;
  if (!PyArg_ParseTuple(args, "OO", &pack, &unpack)) return nullptr;
  push_pack([pack = held(pack), unpack = held(unpack)](const Tensor& x) -> Unpacker {
    Locked lock;
    Ref tensor(wrap(x));
    Ref packed(PyObject_CallOneArg(pack.get(), tensor.get()));
    if (!packed) throw PythonError();
    return [unpack, packed = held(packed.get())]() -> Tensor {
      Locked lock;
      Ref result(PyObject_CallOneArg(unpack.get(), packed.get()));
      if (!result) throw PythonError();
      if (!is_tensor(result.get())) {
        type_error("Output of saved tensor unpack_hook expected to be a Tensor but got result of type ", Py_TYPE(result.get())->tp_name);
      }
      return tensor_of(result.get());
    };
  });
  Py_RETURN_NONE;
}

PyObject* pop_saved_hooks(PyObject*, PyObject*) {
  pop_pack();
  Py_RETURN_NONE;
}

}  // namespace st
