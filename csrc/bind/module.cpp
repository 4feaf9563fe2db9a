// The extension module steepest._C: the Tensor type, the op table, and the cold functions that Python wraps.
#include <pybind11/pybind11.h>

#include <cstring>
#include <pybind11/stl.h>

#include "bind/arguments.h"
#include "bind/attributes.h"
#include "bind/batched.h"
#include "bind/data.h"
#include "bind/function.h"
#include "bind/graph.h"
#include "bind/hooks.h"
#include "bind/methods.h"
#include "bind/modes.h"
#include "bind/python_tensor.h"
#include "bind/results.h"
#include "bind/saved.h"
#include "bind/slots.h"
#include "bind/table.h"
#include "bind/types.h"
#include "kernels/layout.h"
#include "core/allocator.h"
#include "engine/anomaly.h"
#include "kernels/choice.h"
#include "kernels/parallel.h"
#include "ops/functions.h"

namespace py = pybind11;

namespace st {
bool init_generator(PyObject* module);
bool init_backward(PyObject* module);
bool init_optim(PyObject* module);
bool init_watch(PyObject* module);
bool init_sparse(PyObject* module);
bool init_storage(PyObject* module);
bool init_create(PyObject* module);
bool init_legacy(PyObject* module);
bool init_module_call(PyObject* module);
bool init_package(PyObject* module);
bool init_size(PyObject* module);

namespace {

void require(bool ok) {
  if (!ok) throw py::error_already_set();
}

py::object stolen(PyObject* o) {
  if (!o) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(o);
}

std::optional<Dtype> optional_dtype(const py::handle& h) {
  if (h.is_none()) return std::nullopt;
  Dtype d;
  if (!to_dtype_argument(h.ptr(), d)) throw py::type_error("tensor(): argument 'dtype' must be torch.dtype, not " + std::string(Py_TYPE(h.ptr())->tp_name));
  return d;
}

void define_autograd(py::module_& m) {
  m.def("is_grad_enabled", [] { return thread_state().grad_enabled; });
  m.def("_set_grad_enabled", [](bool on) { thread_state().grad_enabled = on && !thread_state().inference; });
  m.def("is_inference_mode_enabled", [] { return thread_state().inference; });
  m.def("_set_inference_mode", [](bool on) { thread_state().inference = on; });
  m.def("is_anomaly_enabled", [] { return thread_state().anomaly; });
  m.def("is_anomaly_check_nan_enabled", [] { return thread_state().anomaly_check_nan; });
  m.def("_warn", [](const std::string& message) { warn(message); });
  m.def("set_warn_always", [](bool on) { warn_always = on; });
  m.def("is_warn_always_enabled", [] { return warn_always.load(); });
  m.def("_increment_version", [](const py::object& x) { tensor_of(x.ptr()).bump(); });
  m.def("_set_anomaly", [](bool on, bool check_nan) {
    thread_state().anomaly = on;
    thread_state().anomaly_check_nan = check_nan;
  });
  m.def("_set_anomaly_hooks", [](py::function traceback, py::function warn) {
    // Kept for the life of the process.
    auto* functions = new std::pair<py::function, py::function>(std::move(traceback), std::move(warn));
    anomaly_hooks().traceback = [functions] {
      Locked lock;
      return py::cast<std::string>(functions->first());
    };
    anomaly_hooks().warn = [functions](const std::string& s) {
      Locked lock;
      const py::error_scope failure;  // what a function of Python has raised goes on after the warning
      functions->second(s);
    };
  });
}

void define_memory(py::module_& m) {
  m.def("_memory_stats", [] {
    const MemoryStats s = memory_stats();
    py::dict d;
    d["allocated_bytes"] = s.allocated;
    d["peak_allocated_bytes"] = s.peak_allocated;
    d["cached_bytes"] = s.cached;
    d["cache_limit_bytes"] = s.cache_limit;
    d["system_allocations"] = s.system_allocations;
    d["cache_hits"] = s.cache_hits;
    return d;
  });
  m.def("_reset_peak_memory", reset_peak_memory);
  m.def("_empty_cache", empty_cache);
  m.def("_set_cache_limit", set_cache_limit);
  m.def("get_num_threads", num_threads);
  m.def("set_num_threads", [](int n) {
    if (n < 1) runtime_error("set_num_threads expects a positive integer");
    set_num_threads(n);
  });
  m.def("_isa", [] { return chosen_name(); });
}

void define_data(py::module_& m) {
  m.def("_from_dlpack", [](py::handle capsule) { return stolen(wrap(from_dlpack(capsule.ptr()))); });
  m.def("_set_size_type", [](py::handle type) { set_size_type(type.ptr()); });
  m.def("_set_parameter_type", [](py::handle type) {
    parameter_type = reinterpret_cast<PyTypeObject*>(Ref::borrow(type.ptr()).release());
  });
  m.def("_set_linalg_error", [](py::handle type) { linalg_error = Ref::borrow(type.ptr()).release(); });
  m.def("_to_bytes", [](py::handle t) {
    const Tensor c = contiguous_copy(tensor_of(t.ptr()));
    return py::bytes(c->data, static_cast<size_t>(c.numel() * item_size(c.dtype())));
  });
  // A tensor like t on a copy of its storage, or on the storage of `onto`, which is such a copy.
  m.def("_copy_with_storage", [](py::handle o, py::handle onto) {
    const Tensor& t = tensor_of(o.ptr());
    const Storage& old = *t->storage;
    Tensor memory;
    if (onto.is_none()) {
      memory = empty(Dims{static_cast<int64_t>(old.bytes)}, Dtype::UInt8);
      if (old.bytes) std::memcpy(memory->data, old.data, old.bytes);
    } else {
      memory = tensor_of(onto.ptr());
    }
    Tensor copy = alias(memory, t.sizes(), t.strides(), 0);
    copy->dtype = t.dtype();
    copy->data = static_cast<char*>(memory->storage->data) + (t->data - static_cast<char*>(old.data));
    return stolen(wrap(std::move(copy)));
  });
  m.def("_from_bytes", [](const py::bytes& bytes, py::handle dtype) {
    const std::string_view data = bytes;
    const Dtype d = optional_dtype(dtype).value();
    Tensor t = empty(Dims{static_cast<int64_t>(data.size()) / item_size(d)}, d);
    std::memcpy(t->data, data.data(), static_cast<size_t>(t.numel() * item_size(d)));
    return stolen(wrap(std::move(t)));
  });
  m.def("_check_device", [](py::handle device) { check_device(device.ptr()); });
  m.def("get_default_dtype", [] { return py::reinterpret_borrow<py::object>(dtype_object(default_dtype())); });
  m.def("set_default_dtype", [](py::handle d) {
    Dtype type;
    if (!to_dtype_argument(d.ptr(), type)) throw py::type_error("invalid dtype object: only floating-point types are supported as the default type");
    set_default_dtype(type);
  });
  m.def("promote_types", [](py::handle a, py::handle b) {
    return py::reinterpret_borrow<py::object>(dtype_object(promote(optional_dtype(a).value(), optional_dtype(b).value())));
  });
  m.def("can_cast", [](py::handle a, py::handle b) { return can_cast(optional_dtype(a).value(), optional_dtype(b).value()); },
        py::arg("from_"), py::arg("to"));
}

// Every op: (signature, doc, places, grad_fn's name or None, older signatures), for the generated docs, stubs and tests.
py::list list_ops() {
  const std::pair<uint16_t, const char*> kPlaces[] = {{kFunction, "function"}, {kMethod, "method"},   {kInplace, "inplace"}, {kOnlyInplace, "inplace"},
                                                      {kNN, "nn"},             {kLinalg, "linalg"}, {kSpecial, "special"}};
  py::list out;
  for (const Row* row : all_rows()) {
    py::list places;
    // An op that is in place only has no other form, wherever it is found.
    const uint16_t where = row->info.where & kOnlyInplace ? uint16_t{kOnlyInplace} : row->info.where;
    for (const auto& [flag, name] : kPlaces) if (where & flag) places.append(name);
    py::object grad = row->backward && row->differentiable ? py::object(py::str(row->grad_name)) : py::object(py::none());
    py::list older;
    for (const char* sig : row->info.older) if (sig) older.append(sig);
    out.append(py::make_tuple(row->info.sig, row->info.doc, places, grad, older));
  }
  return out;
}

// The names of the elementwise ops, and of those that draw random numbers: what a signature does not tell.
py::tuple list_kinds() {
  py::set elementwise, random;
  for (const Row* row : all_rows()) {
    if (row->elementwise) elementwise.add(row->name());
    if (row->info.where & kRandom) random.add(row->name());
  }
  return py::make_tuple(elementwise, random);
}

PyMethodDef function_definitions[] = {{"_push_saved_hooks", push_saved_hooks, METH_VARARGS, nullptr},
                                      {"_pop_saved_hooks", pop_saved_hooks, METH_NOARGS, nullptr},
                                      {"_connect_function", connect_function, METH_VARARGS, nullptr},
                                      {"_function_saved", function_saved, METH_O, nullptr},
                                      {"_function_next", function_next, METH_O, nullptr},
                                      {"_function_hook", function_hook, METH_VARARGS, nullptr},
                                      {"_return_type", return_type_named, METH_O, nullptr},
                                      {nullptr, nullptr, 0, nullptr}};

}  // namespace
}  // namespace st

PYBIND11_MODULE(_C, m) {
  using namespace st;
  py::register_exception_translator([](std::exception_ptr p) {
    if (!p) return;
    try {
      std::rethrow_exception(p);
    } catch (const Error&) {
      raise_error();
    } catch (const PythonError&) {
    }
  });
  m.attr("__version__") = STEEPEST_VERSION;
  require(init_types(m.ptr()));
  require(init_tensor_type(m.ptr()));
  require(init_graph(m.ptr()));
  require(init_hooks(m.ptr()));
  require(init_modes(m.ptr()));
  require(init_generator(m.ptr()));
  require(init_backward(m.ptr()));
  require(init_optim(m.ptr()));
  require(init_watch(m.ptr()));
  require(init_sparse(m.ptr()));
  require(init_storage(m.ptr()));
  require(init_batched(m.ptr()));
  require(init_create(m.ptr()));
  require(init_legacy(m.ptr()));
  require(init_module_call(m.ptr()));
  require(init_package(m.ptr()));
  require(init_size(m.ptr()));
  require(init_table(m.ptr()));
  require(init_methods());
  require(init_attributes());
  init_slots();
  require(PyModule_AddFunctions(m.ptr(), function_definitions) == 0);
  define_autograd(m);
  define_memory(m);
  define_data(m);
  m.def("_ops", list_ops);
  m.def("_op_kinds", list_kinds);
}
