// What the normalisations ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// `count` runs of n elements, `stride` apart: a channel of (N, C, S), or a row.
struct Strip {
  int64_t n, count, stride;
};
// Rows of n elements, `step` apart.
struct Sheet {
  int64_t n, rows, step;
};
struct RowNorm {
  int64_t n, rows;  // contiguous
  double eps;
  bool centred;  // false: divided by the root of the mean square, without a mean
};

template <class T>
struct NormRowKernels {
  // Layer norm of each row; w and b, of n elements, may be null. mean (not used unless centred) and rstd get a number for each row.
  void (*forward)(const RowNorm&, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd);
  // Its gradients. dx may be null; dw and db, to which is added, may be null.
  void (*backward)(const RowNorm&, const T* x, const T* g, const T* w, const T* mean, const T* rstd, T* dx, T* dw, T* db);
};
struct NormRowTable {
  NormRowKernels<float> f32;
  NormRowKernels<double> f64;
};

template <class T>
struct NormKernels {
  // out = {mean, sum of squared distances from it}
  void (*strip_moments)(const Strip&, const T* x, double* out);
  // out = {sum of g, sum of g * (x - mean)}
  void (*strip_sums)(const Strip&, const T* x, const T* g, T mean, double* out);
  // y = (x - mean) * a + b
  void (*strip_affine)(const Strip&, const T* x, T mean, T a, T b, T* y);
  // dx = g * a + (x - mean) * b + c
  void (*strip_blend)(const Strip&, const T* x, const T* g, T mean, T a, T b, T c, T* dx);

  // The same for every run of a strip by itself, with numbers of its own.
  void (*runs_sums)(const Strip&, const T* x, const T* g, const T* mean, double* sum, double* product);
  void (*runs_affine)(const Strip&, const T* x, const T* mean, const T* a, const T* b, T* y);
  void (*runs_blend)(const Strip&, const T* x, const T* g, const T* mean, const T* a, const T* b, const T* c, T* dx);

  // The same for every column of a sheet. The sums are kept in T, so that callers cut sheets of many rows.
  void (*column_moments)(const Sheet&, const T* x, double* mean, double* squares);
  void (*column_sums)(const Sheet&, const T* x, const T* g, const T* mean, double* sum, double* product);
  void (*column_affine)(const Sheet&, const T* x, const T* mean, const T* a, const T* b, T* y);
  void (*column_blend)(const Sheet&, const T* x, const T* g, const T* mean, const T* a, const T* b, const T* c, T* dx);
};
struct NormTable {
  NormKernels<float> f32;
  NormKernels<double> f64;
};

}  // namespace st
