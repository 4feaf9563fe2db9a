// The engine for torch.autograd: grad and backward on what Python gives them, one tensor or several.
#include "engine/backward.h"

#include <algorithm>

#include "bind/python_tensor.h"
#include "bind/values.h"
#include "engine/selection.h"
#include "ops/functions.h"

namespace st {
bool init_backward(PyObject* module);

namespace {

// A tensor, or any iterable of them; None stands for an undefined one where that is allowed.
Tensors tensors_of(PyObject* o, bool optional) {
  Tensors out;
  const auto take = [&](PyObject* t) {
    if (is_tensor(t)) out.push_back(tensor_of(t));
    else if (optional && t == Py_None) out.emplace_back();
    else type_error("expected a Tensor, got ", Py_TYPE(t)->tp_name);
  };
  if (is_tensor(o) || o == Py_None) return take(o), out;
  const Ref list(PySequence_Fast(o, "expected a Tensor or a sequence of them"));
  if (!list) throw PythonError();
  const Py_ssize_t n = PySequence_Fast_GET_SIZE(list.get());
  out.reserve(static_cast<size_t>(n));
  for (Py_ssize_t i = 0; i < n; ++i) take(PySequence_Fast_GET_ITEM(list.get(), i));
  return out;
}

// None stands for as many undefined gradients.
Tensors gradients_of(PyObject* o, size_t n) {
  if (o == Py_None) return Tensors(n);
  Tensors grads = tensors_of(o, true);
  if (grads.size() != n) runtime_error("got ", n, " tensors and ", grads.size(), " gradients");
  return grads;
}

// _grad(outputs, inputs, grad_outputs, retain_graph, create_graph, allow_unused, materialize_grads)
PyObject* grad(PyObject*, PyObject* const* args, Py_ssize_t) {
  return guarded([&]() -> PyObject* {
    const Tensors outputs = tensors_of(args[0], false), inputs = tensors_of(args[1], false);
    const auto asks = [](const Tensor& x) { return x.requires_grad(); };
    if (std::ranges::all_of(outputs, asks) && !std::ranges::all_of(inputs, asks)) {  // of outputs that do not, the engine tells
      runtime_error("One of the differentiated Tensors does not require grad");
    }
    if (inputs.empty()) runtime_error("`inputs` argument to `grad()` cannot be empty.");
    const Tensors grads = gradients_of(args[2], outputs.size());
    BackwardOptions options;
    options.create_graph = is_true(args[4]);
    options.retain_graph = args[3] == Py_None ? options.create_graph : is_true(args[3]);
    options.accumulate = false;
    options.inputs = &inputs;
    const bool materialize = is_true(args[6]), allow_unused = materialize || is_true(args[5]);
    Tensors found = backward(outputs, grads, options);
    Ref result(PyTuple_New(static_cast<Py_ssize_t>(found.size())));
    for (size_t i = 0; result && i < found.size(); ++i) {
      if (!found[i].defined() && !allow_unused) {
        runtime_error("The differentiated Tensor at index ", i, " appears to not have been used in the graph. "
                      "Set allow_unused=True if this is the desired behavior.");
      }
      if (!found[i].defined() && materialize) found[i] = zeros(inputs[i].sizes(), inputs[i].dtype());
      PyObject* o = wrap(std::move(found[i]));
      if (!o) return nullptr;
      PyTuple_SET_ITEM(result.get(), static_cast<Py_ssize_t>(i), o);
    }
    return result.release();
  });
}

// _grad_rows(outputs, inputs, batches, create_graph): gradients for each row of the batches, which have one for each output, stacked;
// None for an input that the outputs do not depend on.
PyObject* grad_rows(PyObject*, PyObject* const* args, Py_ssize_t) {
  return guarded([&]() -> PyObject* {
    const Tensors outputs = tensors_of(args[0], false), inputs = tensors_of(args[1], false), batches = tensors_of(args[2], false);
    if (batches.size() != outputs.size()) runtime_error("got ", outputs.size(), " tensors and ", batches.size(), " gradients");
    BackwardOptions options;
    options.create_graph = is_true(args[3]);
    options.retain_graph = true;
    options.accumulate = false;
    options.inputs = &inputs;
    const int64_t rows = batches.empty() ? 0 : batches[0].size(0);
    std::vector<Tensors> found(inputs.size());
    Tensors grads(outputs.size());
    for (int64_t i = 0; i < rows; ++i) {
      for (size_t k = 0; k < outputs.size(); ++k) grads[k] = select(batches[k], 0, i);
      Tensors row = backward(outputs, grads, options);
      for (size_t k = 0; k < inputs.size(); ++k) if (row[k].defined()) found[k].push_back(std::move(row[k]));
    }
    Ref result(PyTuple_New(static_cast<Py_ssize_t>(inputs.size())));
    for (size_t k = 0; result && k < inputs.size(); ++k) {
      const GradMode record(options.create_graph && grad_enabled());
      PyObject* o = wrap(found[k].empty() ? Tensor() : stack(found[k], 0));
      if (!o) return nullptr;
      PyTuple_SET_ITEM(result.get(), static_cast<Py_ssize_t>(k), o);
    }
    return result.release();
  });
}

// _backward(tensors, grad_tensors, retain_graph, create_graph, inputs)
PyObject* accumulate(PyObject*, PyObject* const* args, Py_ssize_t) {
  return guarded([&]() -> PyObject* {
    Tensors inputs;
    BackwardOptions options;
    if (args[4] != Py_None) {
      inputs = tensors_of(args[4], false);
      if (inputs.empty()) runtime_error("`inputs` argument to `backward()` cannot be empty.");
      options.inputs = &inputs;
    }
    const Tensors roots = tensors_of(args[0], false), grads = gradients_of(args[1], roots.size());
    options.create_graph = is_true(args[3]);
    options.retain_graph = args[2] == Py_None ? options.create_graph : is_true(args[2]);
    backward(roots, grads, options);
    Py_RETURN_NONE;
  });
}

// _lead_elsewhere(tensors, leaves): for each tensor, whether its graph ends in a leaf that is not one of these
PyObject* elsewhere(PyObject*, PyObject* const* args, Py_ssize_t) {
  return guarded([&]() -> PyObject* {
    const std::vector<bool> lead = lead_elsewhere(tensors_of(args[0], false), tensors_of(args[1], false));
    Ref result(PyTuple_New(static_cast<Py_ssize_t>(lead.size())));
    for (size_t i = 0; result && i < lead.size(); ++i) PyTuple_SET_ITEM(result.get(), static_cast<Py_ssize_t>(i), PyBool_FromLong(lead[i]));
    return result.release();
  });
}

template <PyObject* (*F)(PyObject*, PyObject* const*, Py_ssize_t)>
PyMethodDef definition(const char* name) {
  return {name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(F)), METH_FASTCALL, nullptr};
}

}  // namespace

// The callers in python/steepest/autograd give all arguments by place.
bool init_backward(PyObject* module) {
  static PyMethodDef functions[] = {definition<grad>("_grad"), definition<grad_rows>("_grad_rows"), definition<accumulate>("_backward"),
                                    definition<elsewhere>("_lead_elsewhere"), {nullptr, nullptr, 0, nullptr}};
  return PyModule_AddFunctions(module, functions) == 0;
}

}  // namespace st
