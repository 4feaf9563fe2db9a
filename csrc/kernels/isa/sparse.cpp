// Rows of one matrix added to rows of another, or multiplied by them, entry by entry of a sparse matrix.
#include "kernels/lane_rows.h"
#include "kernels/sparse_table.h"

namespace st::STEEPEST_ISA {
namespace {

// A run of entries that go to one row: N registers of it stay where they are meanwhile. The last has `last` lanes.
template <class T, int N>
STEEPEST_LANE void add_run(const T* values, const int64_t* from, int64_t n, const T* x, int64_t width, T* y, int last) {
  constexpr int kStep = kWidth<T>;
  Simd<T> sum[N];
#pragma GCC unroll 4
  for (int r = 0; r < N; ++r) sum[r] = get(y + r * kStep, r + 1 < N ? kStep : last);
  for (int64_t e = 0; e < n; ++e) {
    const T* const row = x + from[e] * width;
    const Simd<T> factor(values[e]);
#pragma GCC unroll 4
    for (int r = 0; r < N; ++r) sum[r] = lane::mul_add(get(row + r * kStep, r + 1 < N ? kStep : last), factor, sum[r]);
  }
#pragma GCC unroll 4
  for (int r = 0; r < N; ++r) put(y + r * kStep, sum[r], r + 1 < N ? kStep : last);
}

template <class T>
void add(const SparseCall& c, const T* values, const T* x, T* y, int64_t begin, int64_t end) {
  constexpr int kStep = kWidth<T>, kBlock = 4 * kStep;
  for (int64_t e = 0; e < c.n;) {
    const int64_t row = c.to[e], first = e;
    while (++e < c.n && c.to[e] == row) {}
    if (row < begin || row >= end) continue;
    T* const sums = y + row * c.width;
    int64_t i = 0;
    for (; i + kBlock <= c.width; i += kBlock) add_run<T, 4>(values + first, c.from + first, e - first, x + i, c.width, sums + i, kStep);
    for (; i + kStep <= c.width; i += kStep) add_run<T, 1>(values + first, c.from + first, e - first, x + i, c.width, sums + i, kStep);
    if (i < c.width) add_run<T, 1>(values + first, c.from + first, e - first, x + i, c.width, sums + i, static_cast<int>(c.width - i));
  }
}

template <class T>
void dot(const SparseCall& c, const T* a, const T* b, T* d, int64_t begin, int64_t end) {
  for (int64_t e = begin; e < end; ++e) {
    const T *const p = a + c.to[e] * c.width, *const q = b + c.from[e] * c.width;
    d[e] = sum_of<T, false>(c.width, [&](int64_t i, int count) __attribute__((always_inline)) { return get(p + i, count) * get(q + i, count); });
  }
}

}  // namespace

extern const SparseTable kSparseTable;
const SparseTable kSparseTable = {{add<float>, dot<float>}, {add<double>, dot<double>}};

}  // namespace st::STEEPEST_ISA
