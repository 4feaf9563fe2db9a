// The basic part of an index: a view taken step by step, by integers, slices and None.
#pragma once
#include <Python.h>

#include <algorithm>
#include <limits>

#include "bind/python_tensor.h"
#include "ops/functions.h"

namespace st {

// `position` of the index among all, which the message tells.
inline int64_t wrap_index(int64_t index, int64_t size, int64_t position) {
  if (index < -size || index >= size) index_error("index ", index, " is out of bounds for dimension ", position, " with size ", size);
  return index < 0 ? index + size : index;
}

struct Bounds {
  Py_ssize_t start, stop, step;
  explicit Bounds(PyObject* slice) {
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) throw PythonError();
    if (step < 0) value_error("step must be greater than zero");
    constexpr auto kFar = std::numeric_limits<int64_t>::max();  // Python's limits lie one short of the op's
    if (start < -kFar) start = -kFar;
    if (stop < -kFar) stop = -kFar;
  }
  bool all_of(int64_t size) const { return start == 0 && stop >= size && step == 1; }
};

// A view taken step by step: by recorded ops where gradients are wanted, else only its geometry, and the tensor at the end.
class IndexView {
 public:
  explicit IndexView(const Tensor& x) : x_(x), recorded_(grad_enabled() && x.requires_grad()) {
    if (recorded_) {
      y_ = x;
    } else {
      sizes_ = x.sizes();
      strides_ = x.strides();
      offset_ = x.offset();
    }
  }

  int64_t size(int64_t dim) const { return recorded_ ? y_.size(dim) : sizes_[dim]; }

  void select(int64_t dim, int64_t given, int64_t position) {
    const int64_t index = wrap_index(given, size(dim), position);
    changed_ = true;
    if (recorded_) return void(y_ = st::select(y_, dim, index));
    offset_ += index * strides_[dim];
    sizes_.erase(static_cast<int>(dim));
    strides_.erase(static_cast<int>(dim));
  }

  void slice(int64_t dim, const Bounds& b) {
    const int64_t n = size(dim);
    if (b.all_of(n)) return;
    changed_ = true;
    if (recorded_) return void(y_ = st::slice(y_, dim, b.start, b.stop, b.step));
    auto clamp = [n](int64_t v) { return std::clamp<int64_t>(v < 0 ? v + n : v, 0, n); };
    const int64_t first = clamp(b.start), length = std::max<int64_t>(0, clamp(b.stop) - first);
    offset_ += first * strides_[dim];
    sizes_[dim] = length == 0 ? 0 : (length - 1) / b.step + 1;
    strides_[dim] *= b.step;
  }

  void unsqueeze(int64_t dim) {
    changed_ = true;
    if (recorded_) return void(y_ = st::unsqueeze(y_, dim));
    const int64_t stride = dim < sizes_.size() ? sizes_[dim] * strides_[dim] : 1;
    sizes_.insert(static_cast<int>(dim), 1);
    strides_.insert(static_cast<int>(dim), stride);
  }

  // x itself where no step was taken.
  Tensor take() const {
    if (!changed_) return x_;
    if (recorded_) return y_;
    Tensor y = as_view(x_, sizes_, strides_, offset_);
    if (x_.requires_grad()) y->set(kNoGradView, true);
    return y;
  }

 private:
  const Tensor& x_;
  bool recorded_, changed_ = false;
  Tensor y_;
  Dims sizes_, strides_;
  int64_t offset_ = 0;
};

}  // namespace st
