// What ranges ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// y[k] = step * (first + turn * k) + base, rounded once
struct RangeTable {
  void (*f32)(float* y, int64_t n, int64_t first, int64_t turn, float step, float base);
  void (*f64)(double* y, int64_t n, int64_t first, int64_t turn, double step, double base);
};

}  // namespace st
