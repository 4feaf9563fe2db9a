// LAPACK's routines through numpy, which python/steepest/lapack.py calls: imported when one is first wanted.
#include "ops/lapack.h"

#include "bind/python_tensor.h"

namespace st {
namespace {

Tensors through_numpy(const char* routine, const Tensor& x) {
  Locked lock;
  Ref module(PyImport_ImportModule("steepest.lapack"));
  if (!module) throw PythonError();
  Ref argument(wrap(x));
  Ref results(argument ? PyObject_CallMethod(module.get(), "run", "sO", routine, argument.get()) : nullptr);
  if (!results) throw PythonError();
  Tensors out;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(results.get()); ++i) out.push_back(tensor_of(PyTuple_GET_ITEM(results.get(), i)));
  return out;
}

const bool installed = (lapack = through_numpy, true);

}  // namespace
}  // namespace st
