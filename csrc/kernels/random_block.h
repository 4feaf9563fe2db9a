// The loops over blocks of random words that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

struct RandomKernels {
  void (*twist)(uint32_t* state);                                    // the next 624 words
  void (*temper)(const uint32_t* state, uint32_t* out, int64_t n);
  void (*uniform_float)(const uint32_t* words, float* out, int64_t n, float from, float to);    // n words
  void (*uniform_double)(const uint32_t* words, double* out, int64_t n, double from, double to);  // 2n words
  void (*normal_float)(float* uniforms, int64_t blocks, float mean, float std);  // 16 uniforms a block, in place
};

const RandomKernels& random_kernels();

}  // namespace st
