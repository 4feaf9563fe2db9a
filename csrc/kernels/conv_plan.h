// How a convolution's source is laid out for the kernels: with its padding, taken apart by strides, a block of images and places at a time.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/conv.h"
#include "kernels/conv_table.h"

namespace st {

// Note [Residues and phases]
// The results of one dimension are taken apart by their residue modulo `spread`, so that within a residue, place j of the result needs place
// j + offset of the source for a tap's fixed offset. The source in turn is taken apart into phases, every step-th element from one on: phase
// f has element i * step + f - shift of what lies in memory at place i, and zeros where that is outside. For the output of a convolution the
// source steps by the stride; for the gradient by its input the results spread by it.
struct ConvTap {
  int64_t k;       // place in the kernel
  int64_t phase;   // index into phases
  int64_t offset;
};
struct ConvAxis {
  int64_t source, result, spread, step, shift;
  int64_t reach = 0;                        // the largest offset
  std::vector<int64_t> phases;
  std::vector<std::vector<ConvTap>> taps;   // of each residue
  int64_t places() const { return (result + spread - 1) / spread; }
  int64_t places(int64_t residue) const { return residue < result ? (result - residue + spread - 1) / spread : 0; }
};
ConvAxis output_axis(const ConvShape& s, int d);  // y from x
ConvAxis input_axis(const ConvShape& s, int d);   // x from y

// Dimensions along which nothing but single elements meet are one dimension.
ConvShape merged(ConvShape s);

// The places [begin, begin + count) of every residue, and a source with room for `room` of them: (images, channels, phases, length...).
struct ConvRegion {
  int64_t begin[3], count[3], length[3];
  std::vector<ConvInside> inside[3];  // of every phase
  int64_t plane, channel, image;      // elements from one phase, channel and image to the next
  ConvRegion(const ConvAxis* axes, const int64_t* from, const int64_t* many, const int64_t* room, int64_t channels);
};
// Copies channels of an image, `plane` elements apart in memory, into a region's source.
template <class T>
void fill_region(const ConvAxis* axes, const ConvRegion& region, const T* from, int64_t channels, T* to);

// One residue in each dimension: its taps, in order, as places in the kernel and offsets in a region.
struct ConvPass {
  int64_t residue[3];
  std::vector<int64_t> taps, offsets;
  bool dense;  // taps are 0, 1, 2, ...
  ConvPass(const ConvAxis* axes, const ConvShape& s, const ConvRegion& region, int64_t number);
};

// A row of places side by side: where its source begins for offset 0, where its results go, both within an image.
struct ConvRow {
  int64_t source, result;
};
struct ConvRows {
  int64_t width;
  std::vector<ConvRow> rows;
  ConvRows(const ConvAxis* axes, const ConvRegion& region, const int64_t* residue);
};

// Cuts `size` into `count` parts, as equal as can be: part i goes from begin(i) to begin(i + 1).
struct ConvCuts {
  int64_t count, size;
  ConvCuts(int64_t size, int64_t count) : count(count < 1 || size < 1 ? 1 : count < size ? count : size), size(size) {}
  int64_t begin(int64_t i) const { return size / count * i + (i < size % count ? i : size % count); }
  int64_t length(int64_t i) const { return begin(i + 1) - begin(i); }
};

// Memory that lives as long as the object.
class ConvBuffer {
 public:
  explicit ConvBuffer(int64_t bytes);
  ConvBuffer(const ConvBuffer&) = delete;
  ConvBuffer& operator=(const ConvBuffer&) = delete;
  ~ConvBuffer();
  template <class T> T* data() const { return static_cast<T*>(memory_); }

 private:
  size_t bytes_;
  void* memory_;
};

template <class T> const ConvKernels<T>& conv_kernels();

// Source, weights and results of one direction: weight element (channel of the result, channel of the source, tap) of a group is
// w[group * w_group + r * w_row + c * w_step + tap].
template <class T>
struct ConvDirection {
  ConvShape s;
  ConvAxis axes[3];
  int64_t rows, channels;  // of the result and of the source, in a group
  int64_t w_group, w_row, w_step;
  const T* source;
  const T* w;
  const T* bias;
  T* result;
  int64_t source_plane() const { return axes[0].source * axes[1].source * axes[2].source; }
  int64_t result_plane() const { return axes[0].result * axes[1].result * axes[2].result; }
};
// Note [Rows that do not fill registers]
// Registers may be idle at their ends; or go through from row to row, over the padding between, with results that are sorted out
// afterwards; or columns are copied side by side first; or lanes go over channels (Note [Lanes over channels]). What that costs beyond
// the multiplications that count: in cycles, for a row and a step.
struct ConvWaste {
  double idle, gaps, copied;
};
template <class T> ConvWaste wasted(const ConvDirection<T>& d, int64_t lanes) {
  const int64_t width = d.axes[2].places();
  const double rows = static_cast<double>(d.rows), lane = rows / (2 * static_cast<double>(lanes));
  const double registers = static_cast<double>((width + lanes - 1) / lanes), idle = registers * static_cast<double>(lanes) - static_cast<double>(width);
  const double sorted = 4 * rows * registers / static_cast<double>(std::max<int64_t>(1, d.channels * d.s.taps()));
  return {lane * idle, lane * static_cast<double>(d.axes[2].reach) + sorted, 4.5 * registers};
}
// The direction with lanes over channels of the result, where that pays: false where it does not.
template <class T> bool conv_by_channels(const ConvDirection<T>& d);

// Multiplications worth a thread of their own.
inline constexpr double kConvGrain = 1 << 19;

}  // namespace st
