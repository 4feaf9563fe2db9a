// What convolutions ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// Registers side by side that the kernels walk through at a time.
inline constexpr int kConvPanel = 3;

// Up to a register of results beside each other: they need source[start + offset of the step ...], and go to out[at ...].
struct ConvSegment {
  int64_t start, at;
  int32_t length;
};

// Note [Convolution as a product with shifted rows]
// out[r * out_step + segment.at + j] (+)= sum over steps p of left(r, p) * source[segment.start + offsets[p] + j].
// A step is a channel and a place in the kernel. Where the source holds images with their padding, its offset is how far that place lies
// from the result, and nothing is copied for it; where it holds packed columns, its offset is p rows of them. A source is readable for one
// register behind whatever a segment names.
template <class T>
struct ConvProduct {
  int64_t rows, depth;
  const T* left;  // tiles of rows, see pack
  const int64_t* offsets;
  const T* source;
  const ConvSegment* segments;
  int64_t count;
  T* out;
  int64_t out_step;
  const T* bias;  // of each row, or null: what the sums start at, unless they are added
  bool add;       // to what out holds, at the end: sums of blocks are more exact than one long sum
};

// Copies channels of an image with padding, taken apart into phases: (channels, phases, length...).
struct ConvInside {
  int64_t from, first, last;  // place i is element from + i * step, and lies inside the source for first <= i < last; it is 0 elsewhere
};
template <class T>
struct ConvFill {
  const T* from;
  T* to;  // a register behind the end may be written too
  int64_t channels, plane, sheet, row;  // elements from one channel, first and second dimension to the next
  const ConvInside* phases[3];
  int64_t n_phases[3], length[3], step[3];
};

// The weights of some steps: element (r, channel, tap) is weight[r * row + channel * step + taps[tap]].
template <class T>
struct ConvWeights {
  const T* weight;
  int64_t rows, row, channels, step;
  const int64_t* taps;
  int64_t n_taps;
  bool dense;  // taps are 0, 1, 2, ...
};

// Columns of a source side by side: piece i of `length` at most a register goes to place `at` of every row.
struct ConvPiece {
  int64_t start, at;
};
template <class T>
struct ConvColumns {
  int64_t depth, width;
  const int64_t* offsets;
  const T* source;
  const ConvPiece* pieces;  // in the order of `at`; each is written as a whole register, whose end the next one overwrites
  int64_t count;
};

// sums[k * width + m] (+)= sum over places j of x[x_places[j] + rows[k]] * y(j, m). The columns m of y are cut into the fewest panels of at
// most kConvPanel registers, as equal as can be: a panel of w columns from m on holds place j at
// y[y_step * m + (y_first + j) * w], so that what is
// read together lies together.
template <class T>
struct ConvWeightSums {
  int64_t count;  // rows of sums
  const int64_t* rows;
  int64_t width;  // a multiple of the register
  const T* x;
  const int64_t* x_places;
  const T* y;
  int64_t y_step, y_first;
  int64_t places;
  T* sums;
  bool add;  // to what sums hold, not to 0
};

// sums[m * count + k] += sum over lines and their places j of x[line.x + rows[k] + j] * y[m * y_step + line.y + j]; x as in ConvProduct.
struct ConvLine {
  int64_t x, y;
  int64_t length;
};
template <class T>
struct ConvWeightDots {
  int64_t count;
  const int64_t* rows;
  int64_t width, y_step;
  const T* x;
  const T* y;
  const ConvLine* lines;
  int64_t n_lines;
  T* sums;
};

template <class T>
struct ConvKernels {
  int lanes;
  void (*fill)(const ConvFill<T>&);
  void (*product)(const ConvProduct<T>&);
  void (*pack)(const ConvWeights<T>&, T* to);        // `rows` * channels * n_taps elements
  void (*columns)(const ConvColumns<T>&, T* to);     // depth * width elements, and a register behind them
  void (*weight_sums)(const ConvWeightSums<T>&);
  void (*weight_dots)(const ConvWeightDots<T>&);
  void (*transpose)(const T* from, int64_t ld, int64_t rows, int64_t columns, T* to, int64_t width);  // to[j * width + i] = from[i * ld + j]
};
struct ConvTable {
  ConvKernels<float> f32;
  ConvKernels<double> f64;
};

}  // namespace st
