// Indexing: every index is made of a basic part, which is a chain of views, and of tensors, which gather from the result.
//
// Note [Positions of index tensors]
// Views are taken from left to right at a running dimension, and each index tensor is noted with the dimension it stands at. A mask of
// k dimensions stands for k of them. The list that the ops `index` and `index_put` take has one entry a position, a mask counting once.
#include "bind/indexing.h"

#include "bind/arguments.h"
#include "bind/data.h"
#include "bind/index_view.h"
#include "bind/python_tensor.h"
#include "bind/table.h"
#include "bind/types.h"
#include "kernels/layout.h"
#include "ops/check.h"
#include "ops/functions.h"
#include "ops/index_plan.h"

namespace st {
namespace {

constexpr const char* kSequenceWarning =
    "Using a non-tuple sequence for multidimensional indexing is deprecated and will be changed in pytorch 2.9; use x[tuple(seq)] instead "
    "of x[seq]. In pytorch 2.9 this will be interpreted as tensor index, x[torch.tensor(seq)], which will result either in an error or a "
    "different result";
constexpr const char* kByteWarning = "indexing with dtype torch.uint8 is now deprecated, please use a dtype torch.bool instead.";

bool is_mask(const Tensor& t) { return is_mask_type(t.dtype()); }

int64_t to_index(PyObject* o) {
  const int64_t v = PyLong_AsLongLong(o);
  if (v == -1 && PyErr_Occurred()) {
    PyErr_Clear();
    value_error("Overflow when unpacking long long");
  }
  return v;
}

Tensor sequence_to_index(PyObject* o) {
  Tensor t = tensor_from_python(o, {});
  return is_mask(t) ? t : cast_copy(t, Dtype::Int64);
}

// A lone sequence is one index tensor unless it holds what only a tuple may hold.
bool is_tuple_like(PyObject* o) {
  if (PyTuple_Check(o)) return true;
  if (is_tensor(o) || !PySequence_Check(o) || is_numpy_array(o)) return false;
  const Py_ssize_t n = PySequence_Size(o);
  if (n < 0) PyErr_Clear();
  if (n < 0 || n >= 32) return false;
  for (Py_ssize_t i = 0; i < n; ++i) {
    Ref e(PySequence_GetItem(o, i));
    if (!e) {
      PyErr_Clear();
      return false;
    }
    PyObject* v = e.get();
    if (is_tensor(v) || PySequence_Check(v) || PySlice_Check(v) || v == Py_Ellipsis || v == Py_None) {
      warn(kSequenceWarning);
      return true;
    }
  }
  return false;
}

// The two parts of an index.
struct Parts {
  Tensor view;      // the basic part, the tensor itself where there is none
  Tensors tensors;  // the advanced part, with gaps
};

class Reader {
 public:
  Reader(const Tensor& x, PyObject* const* items, Py_ssize_t n) : x_(x), view_(x), items_(items), n_(n) {}

  Parts read() {
    count();
    size_t next_converted = 0;
    for (Py_ssize_t i = 0; i < n_; ++i) {
      PyObject* o = items_[i];
      if (PyLong_CheckExact(o)) {
        view_.select(dim_, to_index(o), i);
      } else if (PySlice_Check(o)) {
        view_.slice(dim_++, Bounds(o));
      } else if (o == Py_Ellipsis) {
        dim_ += x_.dim() - counted_;
      } else if (o == Py_None) {
        view_.unsqueeze(dim_++);
      } else if (PyBool_Check(o)) {
        view_.unsqueeze(dim_);
        note(zero_or_none(o == Py_True));
      } else if (is_tensor(o)) {
        tensor_index(tensor_of(o), i);
      } else if (is_number(o)) {
        Ref index(PyNumber_Index(o));
        if (!index) refuse(o);
        view_.select(dim_, to_index(index.get()), i);
      } else {
        tensor_index(converted_[next_converted++], i);
      }
    }
    return {view_.take(), std::move(tensors_)};
  }

 private:
  // How many dimensions the index speaks of; an Ellipsis stands for the others.
  void count() {
    for (Py_ssize_t i = 0; i < n_; ++i) {
      PyObject* o = items_[i];
      if (o == Py_None || o == Py_Ellipsis || PyBool_Check(o)) continue;
      if (is_tensor(o)) {
        counted_ += dims_of(tensor_of(o));
      } else if (PySlice_Check(o) || PyLong_Check(o) || is_number(o)) {
        ++counted_;
      } else if (PySequence_Check(o)) {
        converted_.push_back(sequence_to_index(o));
        counted_ += dims_of(converted_.back());
      } else {
        refuse(o);
      }
    }
    if (counted_ > x_.dim()) index_error("too many indices for tensor of dimension ", x_.dim());
  }

  static bool is_number(PyObject* o) { return PyLong_Check(o) || (!PySequence_Check(o) && PyIndex_Check(o)); }
  static int dims_of(const Tensor& t) { return is_mask(t) ? t.dim() : 1; }
  [[noreturn]] static void refuse(PyObject* o) {
    PyErr_Clear();
    index_error("only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices (got ", Py_TYPE(o)->tp_name, ")");
  }

  // True keeps a dimension of size 1, False empties it.
  static Tensor zero_or_none(bool keep) { return zeros(Dims{keep ? 1 : 0}, Dtype::Int64); }

  void tensor_index(const Tensor& t, int64_t position) {
    if (t.dim() == 0 && !differentiable(t.dtype())) {
      const int64_t value = number_of(t).to_int();
      if (!is_mask(t)) return view_.select(dim_, value, position);
      view_.unsqueeze(dim_);
      return note(zero_or_none(value != 0));
    }
    if (t.dtype() == Dtype::UInt8) warn(kByteWarning);
    note(t);
  }

  // See Note [Positions of index tensors].
  void note(const Tensor& t) {
    while (end_ < dim_) {
      tensors_.emplace_back();
      ++end_;
    }
    tensors_.push_back(t);
    dim_ += dims_of(t);
    end_ = dim_;
  }

  const Tensor& x_;
  IndexView view_;
  PyObject* const* items_;
  Py_ssize_t n_;
  int64_t dim_ = 0;
  int64_t counted_ = 0;
  int64_t end_ = 0;  // the dimension behind the last entry of tensors_
  Tensors converted_, tensors_;
};

Parts read_index(const Tensor& x, PyObject* index) {
  if (PyTuple_Check(index)) return Reader(x, &PyTuple_GET_ITEM(index, 0), PyTuple_GET_SIZE(index)).read();
  if (is_tuple_like(index)) {
    Ref list(PySequence_Fast(index, ""));
    if (!list) throw PythonError();
    return Reader(x, PySequence_Fast_ITEMS(list.get()), PySequence_Fast_GET_SIZE(list.get())).read();
  }
  return Reader(x, &index, 1).read();
}

Tensor select_first(const Tensor& x, PyObject* index) {
  if (x.dim() == 0) {
    index_error("invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim tensor to a number");
  }
  const int64_t at = wrap_index(to_index(index), x.size(0), 0);
  if (x.requires_grad()) return select(x, 0, at);
  return as_view(x, x.sizes().subspan(1), x.strides().subspan(1), x.offset() + at * x.stride(0));
}

Tensor slice_first(const Tensor& x, PyObject* index) {
  if (x.dim() == 0) index_error("slice() cannot be applied to a 0-dim tensor.");
  const Bounds b(index);
  if (x.requires_grad()) return slice(x, 0, b.start, b.stop, b.step);
  IndexView view(x);
  view.slice(0, b);
  const Tensor y = view.take();
  return y.impl() == x.impl() ? view_all(x) : y;
}

Tensor get(const Tensor& x, PyObject* index) {
  if (PyLong_CheckExact(index)) [[likely]] return select_first(x, index);
  if (PySlice_Check(index)) return slice_first(x, index);
  if (index == Py_Ellipsis) return view_all(x);
  const Parts parts = read_index(x, index);
  if (parts.tensors.empty()) return parts.view.impl() == x.impl() ? view_all(x) : parts.view;
  Unlocked unlocked(parts.view.numel() >= kLongKernel);
  return st::index(parts.view, parts.tensors);
}

// What is assigned: a tensor or a number.
struct Source {
  Tensor tensor;
  Scalar number;

  Source(PyObject* o, Dtype dtype) {
    if (is_tensor(o)) {
      tensor = tensor_of(o);
    } else if (to_scalar(o, number)) {
      check_fits(number, dtype);
    } else {
      type_error("can't assign a ", Py_TYPE(o)->tp_name, " to a torch.", info(dtype).tensor_type);
    }
  }
  bool requires_grad() const { return tensor.defined() && tensor.requires_grad(); }
};

// Leading dimensions of size 1 do not count when a value is broadcast into its place.
Tensor without_leading_ones(const Tensor& t) {
  int n = 0;
  while (n < t.dim() && t.size(n) == 1) ++n;
  return n == 0 ? t : view(t, Dims(t.sizes().subspan(static_cast<size_t>(n))));
}

void copy_recorded(const Tensor& dst, const Tensor& src) {
  static const Row& row = *find_group("copy_").rows[0];
  const Argument arguments[] = {dst, src, Scalar(false)};
  row.run_inplace(row, arguments);
}

void assign(const Tensor& dst, const Source& source, bool recorded) {
  if (!source.tensor.defined()) {
    if (recorded) return copy_recorded(dst, wrap_number(source.number, dst.dtype()));
    check_inplace(dst, false);
    fill_elements(dst, source.number);
    return dst.bump();
  }
  Tensor src = source.tensor;
  if (src.dim() > 0 && !same_shape(dst, src)) src = expand(without_leading_ones(src), dst.sizes());
  Unlocked unlocked(dst.numel() >= kLongKernel);
  if (recorded) return copy_recorded(dst, src);
  check_inplace(dst, false);
  copy_elements(dst, src);
  dst.bump();
}

void put(const Parts& parts, const Source& source) {
  static const Row& row = *find_group("index_put_").rows[0];
  const Tensor& dst = parts.view;
  const Tensor value = source.tensor.defined() ? without_leading_ones(source.tensor) : wrap_number(source.number, dst.dtype());
  const Argument arguments[] = {dst, parts.tensors, value, Scalar(false)};
  Unlocked unlocked(dst.numel() >= kLongKernel);
  row.run_inplace(row, arguments);
}

void set(const Tensor& x, PyObject* index, PyObject* value) {
  const Source source(value, x.dtype());
  const bool recorded = grad_enabled() && (x.requires_grad() || source.requires_grad());
  if (PyLong_CheckExact(index)) return assign(select_first(x, index), source, recorded);
  if (PySlice_Check(index)) return assign(slice_first(x, index), source, recorded);
  if (index == Py_Ellipsis) return assign(x, source, recorded);
  if (index == Py_False) return;
  if (index == Py_True) return assign(unsqueeze(x, 0), source, recorded);
  const Parts parts = read_index(x, index);
  if (!parts.tensors.empty()) return put(parts, source);
  assign(parts.view.impl() == x.impl() ? view_all(x) : parts.view, source, recorded);
}

}  // namespace

PyObject* get_item(PyObject* self, PyObject* index) {
  return guarded([&] { return wrap(get(tensor_of(self), index)); });
}

int set_item(PyObject* self, PyObject* index, PyObject* value) {
  if (!value) {
    PyErr_SetString(PyExc_TypeError, "Tensor does not support deleting items");
    return -1;
  }
  return guarded_status([&] { set(tensor_of(self), index, value); });
}

PyObject* iterate(PyObject* self) {
  try {
    const Tensor& x = tensor_of(self);
    if (x.dim() == 0) type_error("iteration over a 0-d tensor");
    Tensors rows = unbind(x, 0);
    Ref tuple(PyTuple_New(static_cast<Py_ssize_t>(rows.size())));
    for (size_t i = 0; tuple && i < rows.size(); ++i) {
      PyObject* row = wrap(std::move(rows[i]));
      if (!row) return nullptr;
      PyTuple_SET_ITEM(tuple.get(), static_cast<Py_ssize_t>(i), row);
    }
    return tuple ? PyObject_GetIter(tuple.get()) : nullptr;
  } catch (...) {
    return raise_error();
  }
}

}  // namespace st
