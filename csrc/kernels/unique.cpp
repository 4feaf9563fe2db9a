// Finding runs, after sorting where asked.
#include "kernels/unique.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/sort.h"

namespace st {
namespace {

template <class T>
bool less(T a, T b) { return a < b || (a == a && b != b); }

template <class T>
std::vector<int64_t> order_of(const Tensor& x, int64_t rows, int64_t width) {
  std::vector<int64_t> order(static_cast<size_t>(rows));
  if (width == 1) {
    const Tensor values = empty(x.sizes(), x.dtype()), indices = empty(x.sizes(), Dtype::Int64);
    sort_lines(alias(x, Dims{rows}, Dims{1}, x.offset()), rows, false, values, indices);
    std::copy_n(indices.data<int64_t>(), rows, order.begin());
    return order;
  }
  std::iota(order.begin(), order.end(), int64_t{0});
  const T* p = x.data<T>();
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const T *u = p + a * width, *v = p + b * width;
    for (int64_t i = 0; i < width; ++i) {
      if (less(u[i], v[i])) return true;
      if (less(v[i], u[i])) return false;
    }
    return false;
  });
  return order;
}

Tensor vector_of(const std::vector<int64_t>& v) {
  const Tensor t = empty(Dims{static_cast<int64_t>(v.size())}, Dtype::Int64);
  std::copy(v.begin(), v.end(), t.data<int64_t>());
  return t;
}

}  // namespace

Runs find_runs(const Tensor& x, int64_t rows, int64_t width, bool sort) {
  const Tensor inverse = empty(Dims{rows}, Dtype::Int64);
  std::vector<int64_t> first, counts;
  visit_real(x.dtype(), [&]<class T>() {
    std::vector<int64_t> order;
    if (sort) order = order_of<T>(x, rows, width);
    const T* p = x.data<T>();
    const T* before = nullptr;
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t row = sort ? order[static_cast<size_t>(r)] : r;
      const T* here = p + row * width;
      if (before && std::equal(here, here + width, before)) {
        ++counts.back();
      } else {
        first.push_back(row);
        counts.push_back(1);
      }
      inverse.data<int64_t>()[row] = static_cast<int64_t>(first.size()) - 1;
      before = here;
    }
  });
  return {vector_of(first), inverse, vector_of(counts)};
}

}  // namespace st
