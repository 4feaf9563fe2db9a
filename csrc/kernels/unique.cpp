// Finding runs, after sorting where asked.
#include "kernels/unique.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "kernels/layout.h"
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

}  // namespace

Runs find_runs(const Tensor& x, int64_t rows, int64_t width, bool sort, bool with_inverse) {
  const Tensor inverse = empty(Dims{with_inverse ? rows : 0}, Dtype::Int64), places = empty(Dims{rows + 1}, Dtype::Int64);
  std::vector<int64_t> order;
  auto *begins = places.data<int64_t>(), *runs = inverse.data<int64_t>();  // where runs of the sorted rows begin, and the end
  int64_t count = 0;
  visit_real(x.dtype(), [&]<class T>() {
    if (sort) order = order_of<T>(x, rows, width);
    const T *p = x.data<T>(), *before = p;
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t row = sort ? order[static_cast<size_t>(r)] : r;
      const T* here = p + row * width;
      const bool same = width == 1 ? *here == *before : std::equal(here, here + width, before);
      // Without a branch, which lines of few values make the processor guess wrong.
      begins[count] = r;
      count += r == 0 || !same;
      if (with_inverse) runs[row] = count - 1;
      before = here;
    }
  });
  begins[count] = rows;
  const Tensor first = empty(Dims{count}, Dtype::Int64), counts = empty(Dims{count}, Dtype::Int64);
  for (int64_t k = 0; k < count; ++k) {
    first.data<int64_t>()[k] = sort ? order[static_cast<size_t>(begins[k])] : begins[k];
    counts.data<int64_t>()[k] = begins[k + 1] - begins[k];
  }
  return {first, inverse, counts};
}

Tensor first_of_runs(const Tensor& x) {
  const int64_t n = x.numel();
  const Tensor all = empty(Dims{n}, x.dtype());
  int64_t count = 0;
  visit_real(x.dtype(), [&]<class T>() {
    const T* p = x.data<T>();
    T* y = all.data<T>();
    if (n > 0) y[count++] = p[0];
    // Without a branch: what is no first is written over.
    for (int64_t i = 1; i < n; ++i) {
      y[count] = p[i];
      count += !(p[i] == p[i - 1]);
    }
  });
  const Tensor y = alias(all, Dims{count}, Dims{1}, 0);
  if (count > n / 2) return y;
  return contiguous_copy(y, true);
}

}  // namespace st
