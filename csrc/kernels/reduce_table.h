// What reductions ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// out[j] = combine(out[j], in[i * step + j * column] over i < n), j < m; strides in elements, each of its own array.
struct FoldCall {
  char* out;
  const char* in;
  int64_t n, step;
  int64_t m, column;
  int64_t out_step;
};
using FoldFn = void (*)(const FoldCall&);

// Element types that kernels know, in the order of their tables.
enum ReduceType : uint8_t { kReduceBool, kReduceUInt8, kReduceInt8, kReduceInt16, kReduceInt32, kReduceInt64, kReduceFloat32, kReduceFloat64, kReduceTypes };

// IntSum and Prod of integers and Count give int64, Any and All bool; the others keep the type.
enum class Fold : uint8_t { Prod, Any, All, Count, IntSum, Max, Min };
inline constexpr int kFolds = 5;  // without the extremes, which have a table of their own

// What is summed. SquaredDifference reads two arrays, and only as one row.
enum class Term : uint8_t { Plain, Square, Abs, NonZero, NanToZero, SquaredDifference };
inline constexpr int kTerms = 6;

// Note [Cascade sum]
// Floats are summed in PyTorch's order, on every instruction set and with any number of threads, so that what programs print
// agrees to the last digit: four interleaved series of 32 byte registers, each summed in sections of 2^p terms, sections of sections
// of 2^2p, and so on over four levels; then series, then lanes, from first to last. p grows with the length, so that the error grows
// with its fourth root. A chunk is 2^2p terms of the four series: chunks are independent of each other, which is what threads share.
// float16 and bfloat16 are summed as the floats that they stand for.
template <class T>
struct SumKernels {
  void (*fold)(const FoldCall&);
  // Sum of n terms; `chunks`, where given, holds what `chunk` made of all whole chunks, one after the other.
  T (*row)(const void* x, const void* y, int64_t n, const T* chunks);
  void (*chunk)(const void* x, const void* y, int power, T* out);  // kChunkLanes<T> sums
};
template <class T>
inline constexpr int kChunkLanes = 128 / static_cast<int>(sizeof(T));

// The p of the note for `size` terms a series.
static inline constexpr int cascade_power(int64_t size) {
  int log = 0;
  while (log < 62 && (int64_t{1} << log) < size) ++log;
  return log / 4 > 4 ? log / 4 : 4;
}

// Extreme and its place along n, for every j: the first of equals, NaN before all.
struct ExtremeCall {
  const char* in;
  int64_t n, step;
  int64_t m, column;
  char* values;
  int64_t* indices;
};
using ExtremeFn = void (*)(const ExtremeCall&);

// Mean and sum of squared deviations of n elements `step` apart, for each of m neighbours: two passes in double.
struct MomentsCall {
  const char* in;
  int64_t n, step;
  int64_t m;
  double* mean;
  double* squares;
};
using MomentsFn = void (*)(const MomentsCall&);

struct ReduceTable {
  FoldFn folds[kFolds][kReduceTypes];
  MomentsFn moments[2];  // float, double
};
struct ExtremeTable {
  FoldFn folds[2][kReduceTypes];  // max, min
  ExtremeFn places[2][kReduceTypes];
};
struct SumTable {
  SumKernels<float> f32[kTerms];
  SumKernels<double> f64[kTerms];
  SumKernels<float> f16[kTerms], bf16[kTerms];
};

}  // namespace st
