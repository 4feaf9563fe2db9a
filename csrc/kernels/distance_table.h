// What distances between vectors ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// From one vector of m elements to each of n contiguous ones, in the p-norm.
struct DistanceCall {
  int64_t m, n;
  double p;
};

template <class T>
struct DistanceKernels {
  void (*forward)(const DistanceCall&, const T* a, const T* b, T* d);
  // Of n numbers, in place, negative ones taken for 0.
  void (*roots)(T* d, int64_t n);
  // da = sum over j of g[j * step] * (the gradient of d[j * step] by a)
  void (*backward)(const DistanceCall&, const T* a, const T* b, const T* d, const T* g, int64_t step, T* da);
};
struct DistanceTable {
  DistanceKernels<float> f32;
  DistanceKernels<double> f64;
};

}  // namespace st
