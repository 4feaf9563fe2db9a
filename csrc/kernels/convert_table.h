// What conversions ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// Contiguous elements; float16 and bfloat16 as their bits.
struct ConvertTable {
  void (*half_to_float)(const uint16_t* x, float* y, int64_t n);
  void (*float_to_half)(const float* x, uint16_t* y, int64_t n);
  void (*bfloat_to_float)(const uint16_t* x, float* y, int64_t n);
  void (*float_to_bfloat)(const float* x, uint16_t* y, int64_t n);
  void (*float_to_double)(const float* x, double* y, int64_t n);
  void (*double_to_float)(const double* x, float* y, int64_t n);
};

}  // namespace st
