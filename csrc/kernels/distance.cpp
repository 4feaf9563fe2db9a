// How distances between pairs reach their kernels, and what threads share.
#include "kernels/distance.h"

#include <algorithm>

#include "kernels/choice.h"
#include "kernels/distance_table.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {

#define X(isa)                               \
  namespace isa {                            \
  extern const DistanceTable kDistanceTable; \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 4096;  // elements

template <class T>
const DistanceKernels<T>& kernels() {
  static constexpr const DistanceTable* kTables[] = {
#define X(isa) &isa::kDistanceTable,
      STEEPEST_ISAS
#undef X
  };
  static const DistanceTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

// f(row of a, first of its partners in b) for all rows of all batches.
template <class F>
void for_vectors(const Tensor& a, const Tensor& b, F f) {
  const int64_t rows = a.size(-2), partners = b.size(-2), m = a.size(-1);
  const int64_t batches = rows * m > 0 ? a.numel() / (rows * m) : 0;
  parallel_items(batches * rows, partners * m, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i, i / rows);
  });
}

}  // namespace

Tensor pair_distances(const Tensor& a, const Tensor& b, double p) {
  Dims sizes = a.sizes();
  sizes[a.dim() - 1] = b.size(-2);
  const int64_t partners = b.size(-2), m = a.size(-1);
  Tensor d = empty(sizes, a.dtype());
  if (m == 0) fill_elements(d, 0);
  visit_float(a.dtype(), [&]<class T>() {
    for_vectors(a, b, [&](int64_t i, int64_t batch) {
      kernels<T>().forward(DistanceCall{m, partners, p}, a.data<T>() + i * m, b.data<T>() + batch * partners * m, d.data<T>() + i * partners);
    });
  });
  return d;
}

Tensor distances_within(const Tensor& x, double p) {
  const int64_t n = x.size(0), m = x.size(1);
  Tensor d = empty(Dims{n > 1 ? n * (n - 1) / 2 : 0}, x.dtype());
  if (m == 0) fill_elements(d, 0);
  visit_float(x.dtype(), [&]<class T>() {
    parallel_items(n - 1, n * m / 2, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const T* row = x.data<T>() + i * m;
        kernels<T>().forward(DistanceCall{m, n - 1 - i, p}, row, row + m, d.data<T>() + i * n - i * (i + 1) / 2);
      }
    });
  });
  return d;
}

void take_roots(const Tensor& d) {
  visit_float(d.dtype(), [&]<class T>() {
    parallel_for(d.numel(), 4 * kGrain, [&](int64_t begin, int64_t end) { kernels<T>().roots(d.data<T>() + begin, end - begin); });
  });
}

Tensor pair_distances_backward(const Tensor& g, const Tensor& a, const Tensor& b, double p, const Tensor& d, bool swapped) {
  const int64_t rows = a.size(-2), partners = b.size(-2), m = a.size(-1);
  Tensor da = empty(a.sizes(), a.dtype());
  visit_float(a.dtype(), [&]<class T>() {
    for_vectors(a, b, [&](int64_t i, int64_t batch) {
      const int64_t at = swapped ? batch * partners * rows + i % rows : i * partners;
      kernels<T>().backward(DistanceCall{m, partners, p}, a.data<T>() + i * m, b.data<T>() + batch * partners * m, d.data<T>() + at, g.data<T>() + at,
                            swapped ? rows : 1, da.data<T>() + i * m);
    });
  });
  return da;
}

}  // namespace st
