// What sampling at places asks of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

enum class SampleMode : uint8_t { Linear, Nearest, Cubic };
enum class Outside : uint8_t { Zeros, Border, Reflection };
struct Sampling {
  int dims;
  SampleMode mode;
  Outside outside;
  bool align_corners;
};

inline constexpr int64_t kSamplePlaces = 64;

// At most kSamplePlaces places of one batch entry, for all its channels, whose results lie `places` apart.
struct SampleCall {
  Sampling how;
  int64_t sizes[3];  // deep, high, wide; a plane has one layer
  int64_t m, channels, places;
};

template <class T>
struct SampleKernels {
  void (*forward)(const SampleCall&, const T* x, const T* grid, T* y);
  // Adds to dx, writes dgrid; either may be null.
  void (*backward)(const SampleCall&, const T* x, const T* grid, const T* g, T* dx, T* dgrid);
};
struct SampleTable {
  SampleKernels<float> f32;
  SampleKernels<double> f64;
};

}  // namespace st
