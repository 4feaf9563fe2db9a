// How products with sparse matrices reach their kernels, and what threads share. Integers go their own, plain way.
#include "kernels/sparse.h"

#include <algorithm>
#include <type_traits>

#include "kernels/choice.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "kernels/sparse_table.h"

namespace st {

#define X(isa)                           \
  namespace isa {                        \
  extern const SparseTable kSparseTable; \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 1 << 15;  // multiply-adds from which a thread of its own pays

template <class T>
void plain_add(const SparseCall& c, const T* values, const T* x, T* y, int64_t begin, int64_t end) {
  for (int64_t e = 0; e < c.n; ++e) {
    if (c.to[e] < begin || c.to[e] >= end) continue;
    T* const sums = y + c.to[e] * c.width;
    const T* const row = x + c.from[e] * c.width;
    for (int64_t i = 0; i < c.width; ++i) sums[i] = static_cast<T>(sums[i] + values[e] * row[i]);
  }
}
template <class T>
void plain_dot(const SparseCall& c, const T* a, const T* b, T* d, int64_t begin, int64_t end) {
  for (int64_t e = begin; e < end; ++e) {
    T sum{};
    for (int64_t i = 0; i < c.width; ++i) sum = static_cast<T>(sum + a[c.to[e] * c.width + i] * b[c.from[e] * c.width + i]);
    d[e] = sum;
  }
}

template <class T>
SparseKernels<T> kernels() {
  if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
    static constexpr const SparseTable* kTables[] = {
#define X(isa) &isa::kSparseTable,
        STEEPEST_ISAS
#undef X
    };
    static const SparseTable& chosen = *kTables[chosen_isa()];
    if constexpr (std::is_same_v<T, float>) return chosen.f32;
    else return chosen.f64;
  } else {
    return {plain_add<T>, plain_dot<T>};
  }
}

}  // namespace

Tensor sparse_product(const Tensor& values, const Tensor& x, const int64_t* to, const int64_t* from, int64_t count) {
  const SparseCall c{values.numel(), x.size(1), to, from};
  const Tensor y = empty(Dims{count, c.width}, x.dtype());
  fill_elements(y, Scalar(0.0));
  // A range of rows belongs to one thread, which goes through all entries.
  const int64_t ranges = std::clamp<int64_t>(c.n * c.width / kGrain, 1, num_threads());
  visit_real(x.dtype(), [&]<class T>() {
    parallel_for(count, (count + ranges - 1) / ranges,
                 [&](int64_t begin, int64_t end) { kernels<T>().add(c, values.data<T>(), x.data<T>(), y.data<T>(), begin, end); });
  });
  return y;
}

Tensor sparse_dots(const Tensor& a, const Tensor& b, const int64_t* to, const int64_t* from, int64_t n) {
  const SparseCall c{n, a.size(1), to, from};
  const Tensor d = empty(Dims{n}, a.dtype());
  visit_real(a.dtype(), [&]<class T>() {
    parallel_for(n, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, c.width)),
                 [&](int64_t begin, int64_t end) { kernels<T>().dot(c, a.data<T>(), b.data<T>(), d.data<T>(), begin, end); });
  });
  return d;
}

}  // namespace st
