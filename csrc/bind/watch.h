// What may stand between a call from Python and its op: autocast's casts, the profiler's clock, classes and modes with __torch_function__.
#pragma once
#include <atomic>

#include "bind/arguments.h"

namespace st {

// Autocasts, profilers and modes in force on any thread, all together: while there are none, a call looks no further.
extern std::atomic<int> watches;
inline bool watched() { return watches.load(std::memory_order_relaxed) != 0; }

using CallGroup = PyObject* (*)(const Group&, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

// `call` with its tensors cast and its time taken, as the thread has it.
PyObject* call_watched(CallGroup call, const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);

// Whether the class answers for ops in a __torch_function__ of its own.
bool overrides_functions(PyTypeObject* type);
bool overrides_disabled();
// The subclass that the tensors are of which attributes such as x.T give, or null where they are plain.
PyTypeObject* class_of_attributes(PyObject* o);
// The answer of a TorchFunctionMode.
PyObject* ask_mode(PyObject* mode, const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames);
// The answer of the classes that override, where the class of an argument, or of a tensor in a list, does; else `kept` becomes the
// class that results take.
PyObject* call_override(const Group& group, PyObject* self, PyObject* const* args, Py_ssize_t nargs, PyObject* kwnames, bool& answered, PyTypeObject*& kept);

// Whether a subclass answers for x[index] and x[index] = value itself; its answer, `method` being __getitem__ or __setitem__.
bool answers_for_items(PyTypeObject* type);
PyObject* ask_for_item(const char* method, PyTypeObject* type, PyObject* o, PyObject* index, PyObject* value);

bool init_watch(PyObject* module);

}  // namespace st
