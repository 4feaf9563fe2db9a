// What convolutions by Winograd's transforms ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// Note [Winograd's transforms]
// Two by two results of a 3 x 3 kernel g need four by four elements d of the source: 36 multiplications a channel. With
//   B' = 1  0 -1  0     G = 1    0   0       A' = 1  1  1  0
//        0  1  1  0         1/2  1/2 1/2          0  1 -1 -1
//        0 -1  1  0         1/2 -1/2 1/2
//        0  1  0 -1         0    0   1
// the results are A' ((G g G') * (B' d B)) A, elementwise: 16. Summed over channels that is a product of matrices, (rows, channels) times
// (channels, tiles), for each of the 16 places of a transformed tile. (Lavin and Gray, Fast algorithms for convolutional neural networks,
// arXiv:1509.09308.) The gradient g' of the weight is the transpose: from the gradients e of the results,
// g' = G' (sum over tiles of (A e A') * (B' d B)) G.
inline constexpr int kWinogradPlaces = 16;

// No more than a register of tiles of an image, row after row from tile `first` of row `row` on; where they come among all that are
// transformed together. Where a row has more than half a register of them, they are of one row.
struct WinogradRun {
  int64_t image, row, first, at;
  int32_t count;
};

// Planes of height x width, `channel` apart, `image` apart from those of the next image; transformed, tile t of a channel's place p is
// tiles[p * place + channel number * line + t], and a register behind the last is readable and writable.
template <class P>
struct WinogradTiles {
  P* planes;
  int64_t height, width, channel, image, channels;
  int64_t pad[2];  // rows and columns of zeros before the first
  int64_t wide;    // tiles of a row
  const WinogradRun* runs;
  int64_t n_runs;
  int64_t place, line;
};

struct WinogradKernels {
  // B' d B of a source; A e A' of gradients of results.
  void (*source)(const WinogradTiles<const float>&, float* tiles);
  void (*gradient)(const WinogradTiles<const float>&, float* tiles);
  // A' m A + the channel's bias, where there is one. Whether all results are finite.
  bool (*result)(const WinogradTiles<float>&, const float* tiles, const float* bias);
  // G g G' for weights as ConvKernels::pack leaves a tile of rows, (channels, 9, rows), into places of (channels, rows).
  // turned: taps come in reverse.
  void (*weight)(const float* packed, int64_t channels, bool turned, float* to, int64_t place);
  int weight_rows;  // of such a tile
  // G' u G for `count` channels of one row: to[9 * channel + tap]. Whether all are finite.
  bool (*weight_gradient)(const float* sums, int64_t place, int64_t count, float* to);
};

}  // namespace st
