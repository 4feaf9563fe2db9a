// Gathering and scattering along a dimension.
#include "kernels/gather.h"

#include <algorithm>

#include "kernels/bytes.h"
#include "kernels/combine.h"
#include "kernels/rows.h"

namespace st {
namespace {

constexpr int64_t kGrain = 8192;  // elements

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

[[noreturn]] void out_of_range(int64_t v, int64_t dim, int64_t size) {
  runtime_error("index ", v, " is out of bounds for dimension ", dim, " with size ", size);
}

// Three walks together: `index` leads along `stride` of x, where there are `size` elements.
struct Steps {
  int64_t index, x, values;
  int64_t stride, size, dim;

  int64_t checked(int64_t v) const {
    if (static_cast<uint64_t>(v) >= static_cast<uint64_t>(size)) [[unlikely]] out_of_range(v, dim, size);
    return v;
  }
  // f(s) with steps that the compiler knows where x's rows, or its columns side by side, lie as they mostly do.
  template <class F>
  __attribute__((always_inline)) void with_known(F f) const {
    const bool packed = index == 1 && values == 1;
    if (packed && x == 0 && stride == 1) f(Steps{1, 0, 1, 1, size, dim});
    else if (packed && x == 1) f(Steps{1, 1, 1, stride, size, dim});
    else f(*this);
  }
};

template <class T, class F>
void scatter(const Tensor& x, int64_t dim, const Tensor& index, const Tensor& source, F combine) {
  const Dims own = without(x, dim);
  const Dims given = source.dim() ? Dims(source.strides()) : Dims::filled(index.dim(), 0);
  const Rows<3> rows(index.sizes(), {index.strides(), own, given});
  const Steps steps{rows.step(0), rows.step(1), rows.step(2), x.stride(dim), x.size(dim), dim};
  const auto row = [&](const std::array<int64_t, 3>& offset, int64_t n) {
    const int64_t* i = index.data<int64_t>() + offset[0];
    T* to = x.data<T>() + offset[1];
    const T* from = source.data<T>() + offset[2];
    steps.with_known([=](const Steps s) __attribute__((always_inline)) {
      for (int64_t k = 0; k < n; ++k) {
        T& e = to[k * s.x + s.checked(i[k * s.index]) * s.stride];
        e = combine(e, from[k * s.values]);
      }
    });
  };
  // An element of x belongs to one thread, which meets its values in their order.
  if (rows.apart(1) && rows.count() > 1) rows.share(kGrain, row);
  else if (rows.step(1) != 0) rows.share_within(kGrain, row);
  else rows.run([&](const std::array<int64_t, 3>& offset) { row(offset, rows.length()); });
}

}  // namespace

void check_range(const Tensor& index, int64_t dim, int64_t size) {
  const auto* p = index.data<int64_t>();
  const int64_t n = index.numel();
  constexpr int kBlock = 16;
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    uint64_t wrong = 0;  // its highest bit is set as soon as an index is negative, or its distance to the last element
    for (int k = 0; k < kBlock; ++k) wrong |= static_cast<uint64_t>(p[i + k]) | (static_cast<uint64_t>(size - 1) - static_cast<uint64_t>(p[i + k]));
    if (wrong >> 63) break;
  }
  for (; i < n; ++i) if (p[i] < 0 || p[i] >= size) out_of_range(p[i], dim, size);
}

void gather_along(const Tensor& y, const Tensor& x, int64_t dim, const Tensor& index) {
  if (index.numel() == 0) return;
  const Dims own = without(x, dim);
  const Rows<3> rows(index.sizes(), {index.strides(), own, y.strides()});
  const Steps steps{rows.step(0), rows.step(1), rows.step(2), x.stride(dim), x.size(dim), dim};
  visit_bytes(x.dtype(), [&]<class T>() {
    rows.share(kGrain, [&](const std::array<int64_t, 3>& offset, int64_t n) {
      const int64_t* i = index.data<int64_t>() + offset[0];
      const T* from = x.data<T>() + offset[1];
      T* to = y.data<T>() + offset[2];
      steps.with_known([=](const Steps s) __attribute__((always_inline)) {
        for (int64_t k = 0; k < n; ++k) to[k * s.values] = from[k * s.x + s.checked(i[k * s.index]) * s.stride];
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
