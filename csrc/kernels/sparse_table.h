// What products with sparse matrices ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// Entries e of n, each of which joins row to[e] of one matrix and row from[e] of another, rows being `width` long.
struct SparseCall {
  int64_t n, width;
  const int64_t *to, *from;
};

template <class T>
struct SparseKernels {
  // y[to[e]] += values[e] * x[from[e]], for rows of y in [begin, end)
  void (*add)(const SparseCall&, const T* values, const T* x, T* y, int64_t begin, int64_t end);
  // d[e] = a[to[e]] . b[from[e]], for entries in [begin, end)
  void (*dot)(const SparseCall&, const T* a, const T* b, T* d, int64_t begin, int64_t end);
};
struct SparseTable {
  SparseKernels<float> f32;
  SparseKernels<double> f64;
};

}  // namespace st
