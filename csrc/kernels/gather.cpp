// Gathering and scattering along a dimension.
#include "kernels/gather.h"

#include <algorithm>

#include "kernels/bytes.h"
#include "kernels/combine.h"
#include "kernels/parallel.h"
#include "kernels/rows.h"

namespace st {
namespace {

// Strides with which x follows the index tensor; along `dim` the index leads instead.
Dims without(const Tensor& x, int64_t dim) {
  Dims strides = x.strides();
  strides[dim] = 0;
  return strides;
}

// NaN wins, as in PyTorch.
template <class T>
T larger(T a, T b) { return a != a ? a : b != b || b > a ? b : a; }
template <class T>
T smaller(T a, T b) { return a != a ? a : b != b || b < a ? b : a; }

template <class T, class F>
void scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, F combine) {
  const Dims own = without(x, dim);
  const Dims given = source.dim() ? Dims(source.strides()) : Dims::filled(index.dim(), 0);
  const Rows<3> rows(index.sizes(), {index.strides(), own, given});
  const int64_t stride = x.stride(dim), n = rows.length(), si = rows.step(0), sx = rows.step(1), ss = rows.step(2);
  rows.run([&](const std::array<int64_t, 3>& offset) {
    const int64_t* i = index.data<int64_t>() + offset[0];
    T* to = x.data<T>() + offset[1];
    const T* from = source.data<T>() + offset[2];
    for (int64_t k = 0; k < n; ++k) {
      T& e = to[k * sx + i[k * si] * stride];
      e = combine(e, from[k * ss]);
    }
  });
}

}  // namespace

void gather_along(const Tensor& y, const Tensor& x, int64_t dim, const Tensor& index) {
  if (index.numel() == 0) return;
  const Dims own = without(x, dim);
  const Rows<3> rows(index.sizes(), {index.strides(), own, y.strides()});
  const int64_t stride = x.stride(dim), n = rows.length(), si = rows.step(0), sx = rows.step(1), sy = rows.step(2);
  visit_bytes(x.dtype(), [&]<class T>() {
    parallel_for(rows.count(), std::max<int64_t>(1, 32768 / n), [&](int64_t begin, int64_t end) {
      rows.run(begin, end, [&](const std::array<int64_t, 3>& offset) {
        const int64_t* i = index.data<int64_t>() + offset[0];
        const T* from = x.data<T>() + offset[1];
        T* to = y.data<T>() + offset[2];
        for (int64_t k = 0; k < n; ++k) to[k * sy] = from[k * sx + i[k * si] * stride];
      });
    });
  });
}

void scatter_along(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, Combine combine) {
  if (index.numel() == 0) return;
  if (combine == Combine::Replace) {
    return visit_bytes(x.dtype(), [&]<class T>() { scatter<T>(x, dim, index, source, [](const T&, const T& b) { return b; }); });
  }
  // Lambdas, not function pointers: they are inlined.
  if (combine == Combine::Add) {
    return visit(x.dtype(), [&]<class T>() { scatter<T>(x, dim, index, source, [](const T& a, const T& b) { return sum(a, b); }); });
  }
  if (combine == Combine::Multiply) {
    return visit(x.dtype(), [&]<class T>() { scatter<T>(x, dim, index, source, [](const T& a, const T& b) { return product(a, b); }); });
  }
  visit_real(x.dtype(), [&]<class T>() {
    if (combine == Combine::Max) scatter<T>(x, dim, index, source, [](const T& a, const T& b) { return larger(a, b); });
    else scatter<T>(x, dim, index, source, [](const T& a, const T& b) { return smaller(a, b); });
  });
}

}  // namespace st
