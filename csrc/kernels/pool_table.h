// What pooling asks of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// n windows side by side in a plane, `stride` elements apart, all of one size. By dimension (deep, high, wide): how many elements a
// window has, and how far apart they are in memory.
struct WindowRow {
  int64_t n, stride;
  int64_t count[3], step[3];
  int64_t first;   // place in its plane of the first window's first element
  double divisor;  // what sums are divided by
};

// x points to the first window's first element.
template <class T>
struct PoolKernels {
  void (*largest)(const WindowRow&, const T* x, T* y);
  // The same with the places of the largest elements in their plane, the first among equals; places fit 31 bits.
  void (*largest_at)(const WindowRow&, const T* x, T* y, int64_t* places);
  void (*average)(const WindowRow&, const T* x, T* y);
  void (*spread)(const WindowRow&, const T* g, T* dx);  // dx += g / divisor over each window
};
struct PoolTable {
  PoolKernels<float> f32;
  PoolKernels<double> f64;
};

}  // namespace st
