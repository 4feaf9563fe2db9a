// Attributes of Tensor: x.shape, x.grad, x.grad_fn, x.requires_grad, x.data, ...
#include "bind/attributes.h"

#include "bind/arguments.h"
#include "bind/graph.h"
#include "bind/item.h"
#include "bind/python_tensor.h"
#include "bind/types.h"
#include "bind/watch.h"
#include "engine/backward.h"
#include "graph/hooks.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/sparse.h"

namespace st {
namespace {

PyObject* get_shape(PyObject* o, void*) { return make_size(tensor_of(o).sizes()); }
PyObject* get_dtype(PyObject* o, void*) { return Ref::borrow(dtype_object(tensor_of(o).dtype())).release(); }
PyObject* get_device(PyObject*, void*) { return Ref::borrow(device_object()).release(); }
PyObject* get_layout(PyObject*, void*) { return Ref::borrow(strided_object()).release(); }
PyObject* get_ndim(PyObject* o, void*) { return PyLong_FromLong(tensor_of(o).dim()); }
PyObject* get_itemsize(PyObject* o, void*) { return PyLong_FromLongLong(item_size(tensor_of(o).dtype())); }
PyObject* get_nbytes(PyObject* o, void*) { return PyLong_FromLongLong(tensor_of(o).numel() * item_size(tensor_of(o).dtype())); }
PyObject* get_false(PyObject*, void*) { Py_RETURN_FALSE; }
PyObject* get_none(PyObject*, void*) { Py_RETURN_NONE; }
PyObject* get_true(PyObject*, void*) { Py_RETURN_TRUE; }

// A view's history after its base was written.
int refreshed(PyObject* o) {
  return guarded_status([&] {
    if (is_stale_view(tensor_of(o).impl())) refresh_view(tensor_of(o).impl());
  });
}

PyObject* get_requires_grad(PyObject* o, void*) { return PyBool_FromLong(tensor_of(o).requires_grad()); }
int set_requires_grad(PyObject* o, PyObject* value, void*) {
  return guarded_status([&] {
    if (!value || !PyBool_Check(value)) runtime_error("requires_grad must be a bool");
    require_grad(tensor_of(o), value == Py_True);
  });
}

PyObject* get_grad(PyObject* o, void*) {
  const Tensor& t = tensor_of(o);
  if (t->grad) return wrap(Tensor::share(t->grad));
  if (t->grad_fn && !t->has(kRetainsGrad)) {
    if (PyErr_WarnEx(PyExc_UserWarning,
                     "The .grad attribute of a Tensor that is not a leaf Tensor is being accessed. Its .grad attribute won't be populated "
                     "during autograd.backward(). If you indeed want the .grad field to be populated for a non-leaf Tensor, use "
                     ".retain_grad() on the non-leaf Tensor. If you access the non-leaf Tensor by mistake, make sure you access the leaf "
                     "Tensor instead. See github.com/pytorch/pytorch/pull/30531 for more information.", 1) < 0) return nullptr;
  }
  Py_RETURN_NONE;
}
int set_grad(PyObject* o, PyObject* value, void*) {
  return guarded_status([&] {
    const Tensor& t = tensor_of(o);
    Tensor g;
    if (value && value != Py_None) {
      if (!is_tensor(value)) type_error("assigned grad expected to be a Tensor or None but got grad of type ", Py_TYPE(value)->tp_name);
      g = tensor_of(value);
      if (g.impl() == t.impl()) runtime_error("can't assign Variable as its own grad");
      if (g.dtype() != t.dtype()) {
        runtime_error("attempting to assign a gradient with dtype '", info(g.dtype()).name, "' to a tensor with dtype '", info(t.dtype()).name,
                      "'. The gradient must match the tensor's dtype.");
      }
      if (!same_shape(g, t)) {
        runtime_error("attempting to assign a gradient of size '", g.sizes(), "' to a tensor of size '", t.sizes(),
                      "'. Please ensure that the gradient and the tensor are the same size");
      }
    }
    TensorImpl* before = std::exchange(t->grad, g.leak());
    if (before) release(before);
  });
}

PyObject* get_grad_fn(PyObject* o, void*) {
  return guarded([&] {
    const Tensor& t = tensor_of(o);
    if (is_stale_view(t.impl())) refresh_view(t.impl());
    if (!t->grad_fn) return Ref::borrow(Py_None).release();
    return wrap_node(t->grad_fn);
  });
}
PyObject* get_is_leaf(PyObject* o, void*) { return refreshed(o) < 0 ? nullptr : PyBool_FromLong(tensor_of(o)->grad_fn == nullptr); }
PyObject* get_retains_grad(PyObject* o, void*) { return PyBool_FromLong(tensor_of(o)->has(kRetainsGrad)); }
PyObject* get_output_nr(PyObject* o, void*) { return PyLong_FromLong(tensor_of(o)->grad_fn ? static_cast<long>(tensor_of(o)->output_nr) : 0); }
PyObject* get_version(PyObject* o, void*) {
  if (tensor_of(o)->has(kInference)) return PyErr_Format(PyExc_RuntimeError, "Inference tensors do not track version counter.");
  return PyLong_FromUnsignedLong(tensor_of(o).version());
}
PyObject* get_base(PyObject* o, void*) { return wrap(Tensor::share(tensor_of(o)->base)); }

PyObject* get_volatile(PyObject*, void*) {
  return guarded([] {
    warn("volatile was removed (Variable.volatile is always False)");
    return Ref::borrow(Py_False).release();
  });
}
int set_volatile(PyObject*, PyObject*, void*) {
  return guarded_status([] { warn("volatile was removed and now has no effect. Use `with torch.no_grad():` instead."); });
}

// What a tensor's attribute gives, in the tensor's class.
PyObject* wrap_like(PyObject* o, Tensor t) {
  PyTypeObject* type = class_of_attributes(o);
  PyObject* result = wrap(std::move(t));
  return type ? as_subclass(type, result) : result;
}

PyObject* get_data(PyObject* o, void*) {
  return guarded([&] { return wrap_like(o, separate_version(tensor_of(o))); });
}
int set_data(PyObject* o, PyObject* value, void*) {
  return guarded_status([&] {
    if (!value) runtime_error("Deleting tensor data is not allowed. Delete tensor instead!");
    if (!is_tensor(value)) type_error("Variable data has to be a tensor, but got ", Py_TYPE(value)->tp_name);
    const Tensor& t = tensor_of(o);
    const Tensor& v = tensor_of(value);
    if (!is_sparse(t.impl())) refuse_sparse("Tensor.data", v);
    if (t.requires_grad() && !differentiable(v.dtype())) runtime_error("data set to a tensor that requires gradients must be floating point or complex dtype");
    adopt_contents(t, v);
  });
}

template <Tensor (*Transposed)(const Tensor&)>
PyObject* get_transposed(PyObject* o, void*) {
  return guarded([&] { return wrap_like(o, Transposed(tensor_of(o))); });
}
PyObject* get_real(PyObject* o, void*) {
  return guarded([&] { return wrap_like(o, real_part(tensor_of(o))); });
}
PyObject* get_imaginary(PyObject* o, void*) {
  return guarded([&] { return wrap_like(o, imaginary_part(tensor_of(o))); });
}

PyGetSetDef definitions[] = {
    {"shape", get_shape, nullptr, "The sizes, as torch.Size.", nullptr},
    {"dtype", get_dtype, nullptr, "The type of the elements.", nullptr},
    {"device", get_device, nullptr, "Where the tensor is: the CPU.", nullptr},
    {"layout", get_layout, nullptr, "torch.strided.", nullptr},
    {"ndim", get_ndim, nullptr, "The number of dimensions.", nullptr},
    {"itemsize", get_itemsize, nullptr, "Bytes an element.", nullptr},
    {"nbytes", get_nbytes, nullptr, "Bytes of all elements.", nullptr},
    {"requires_grad", get_requires_grad, set_requires_grad, "Whether operations on the tensor are recorded for its gradient.", nullptr},
    {"grad", get_grad, set_grad, "The gradient accumulated by backward(), or None.", nullptr},
    {"_grad", get_grad, set_grad, nullptr, nullptr},
    {"grad_fn", get_grad_fn, nullptr, "The node that made the tensor, or None.", nullptr},
    {"is_leaf", get_is_leaf, nullptr, "True unless a recorded operation made the tensor.", nullptr},
    {"retains_grad", get_retains_grad, nullptr, "Whether a tensor that is no leaf keeps its gradient.", nullptr},
    {"output_nr", get_output_nr, nullptr, "Which output of its grad_fn the tensor is.", nullptr},
    {"_version", get_version, nullptr, "How often the memory was written in place.", nullptr},
    {"_base", get_base, nullptr, "The tensor whose view this is, or None.", nullptr},
    {"volatile", get_volatile, set_volatile, "False, with a warning: no_grad() takes its place.", nullptr},
    {"data", get_data, set_data, "The same memory outside of the graph.", nullptr},
    {"T", get_transposed<attribute_T>, nullptr, "The dimensions reversed.", nullptr},
    {"mT", get_transposed<attribute_mT>, nullptr, "The last two dimensions swapped.", nullptr},
    {"H", get_transposed<attribute_H>, nullptr, "The transpose of a matrix, conjugated where it is complex.", nullptr},
    {"mH", get_transposed<attribute_mH>, nullptr, "The last two dimensions swapped, and conjugated where the tensor is complex.", nullptr},
    {"real", get_real, nullptr, "The real parts, a view; the tensor itself for real types.", nullptr},
    {"imag", get_imaginary, nullptr, "The imaginary parts, a view; RuntimeError for real types.", nullptr},
    {"is_cuda", get_false, nullptr, "False.", nullptr},
    {"is_cpu", get_true, nullptr, "True.", nullptr},
    {"is_mps", get_false, nullptr, "False.", nullptr},
    {"is_xpu", get_false, nullptr, "False.", nullptr},
    {"is_meta", get_false, nullptr, "False.", nullptr},
    {"is_sparse", get_false, nullptr, "False.", nullptr},
    {"is_sparse_csr", get_false, nullptr, "False.", nullptr},
    {"is_quantized", get_false, nullptr, "False.", nullptr},
    {"is_mkldnn", get_false, nullptr, "False.", nullptr},
    {"is_nested", get_false, nullptr, "False.", nullptr},
    {"is_vulkan", get_false, nullptr, "False.", nullptr},
    {"name", get_none, nullptr, "None.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace

void require_grad(const Tensor& t, bool on) {
  if (!on && t->grad_fn) {
    runtime_error("you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that "
                  "doesn't require differentiation use var_no_grad = var.detach().");
  }
  if (on && !differentiable(t.dtype())) runtime_error("only Tensors of floating point dtype can require gradients");
  if (on && t->has(kInference) && !thread_state().inference) {
    runtime_error("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
  }
  if (!t->grad_fn) t->set(kRequiresGrad, on);
}

void require_grad_of_new(const Tensor& t) {
  if (!differentiable(t.dtype())) runtime_error("Only Tensors of floating point and complex dtype can require gradients");
  require_grad(t, true);
}

bool to_requires_grad(const std::string& function, PyObject* o) {
  if (!PyBool_Check(o)) type_error(function, "(): argument 'requires_grad' must be bool, not ", Py_TYPE(o)->tp_name);
  return o == Py_True;
}

bool init_attributes() {
  for (PyGetSetDef* d = definitions; d->name; ++d) {
    Ref descriptor(PyDescr_NewGetSet(tensor_type, d));
    if (!descriptor || PyDict_SetItemString(tensor_type->tp_dict, d->name, descriptor.get()) < 0) return false;
  }
  PyType_Modified(tensor_type);
  return true;
}

}  // namespace st
