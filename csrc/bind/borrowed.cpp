// What ops borrow from numpy through modules of ours: LAPACK and Fourier transforms. A module is imported when it is first wanted.
#include "bind/python_tensor.h"
#include "ops/fft.h"
#include "ops/lapack.h"

namespace st {
namespace {

// module.run(...)
template <class... A>
Ref run(const char* module, const char* format, A... arguments) {
  Ref imported(PyImport_ImportModule(module));
  if (!imported) throw PythonError();
  Ref result(PyObject_CallMethod(imported.get(), "run", format, arguments...));
  if (!result) throw PythonError();
  return result;
}

Tensors lapack_of_numpy(const char* routine, const Tensor& x) {
  Locked lock;
  const Ref results = run("steepest.lapack", "sN", routine, wrap(x));
  Tensors out;
  for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(results.get()); ++i) out.push_back(tensor_of(PyTuple_GET_ITEM(results.get(), i)));
  return out;
}

Tensor fourier_of_numpy(const char* routine, const Tensor& x, const Dims& dims, int64_t last) {
  Locked lock;
  PyObject* list = PyTuple_New(dims.size());
  if (!list) throw PythonError();
  for (int i = 0; i < dims.size(); ++i) PyTuple_SET_ITEM(list, i, PyLong_FromLongLong(dims[i]));
  return tensor_of(run("steepest.fourier", "sNNL", routine, wrap(x), list, static_cast<long long>(last)).get());
}

const bool installed = (lapack = lapack_of_numpy, fourier = fourier_of_numpy, true);

}  // namespace
}  // namespace st
