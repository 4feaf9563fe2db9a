// What ops borrow from numpy through a module of ours: LAPACK. The module is imported when it is first wanted.
#include "bind/python_tensor.h"
#include "ops/lapack.h"

namespace st {
namespace {

Tensors lapack_of_numpy(const char* routine, const Tensor& x) {
  Locked lock;
  const Ref module(PyImport_ImportModule("steepest.lapack"));
  if (!module) throw PythonError();
  const Ref results(PyObject_CallMethod(module.get(), "run", "sN", routine, wrap(x)));
  if (!results) throw PythonError();
  Tensors out;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(results.get()); ++i) out.push_back(tensor_of(PyTuple_GET_ITEM(results.get(), i)));
  return out;
}

const bool installed = (lapack = lapack_of_numpy, true);

}  // namespace
}  // namespace st
