// What attention asks of the kernels that are compiled once per instruction set: rows of scores.
#pragma once

#include <cstdint>

namespace st {

// Rows of n scores, `ld` apart; row r sees the first min(n, seen + r) of them, and to the others it gives no weight. The mask is
// added: mask[r * mask_row + j * mask_column], with mask_column 0 or 1. Weights are multiplied by noise[r * noise_row + j] where it
// is not null. A row without any score but -inf has no weights.
template <class T>
struct AttentionRows {
  int64_t rows, n, ld, seen;
  T* scores;
  const T* mask;
  int64_t mask_row, mask_column;
  const T* noise;
  int64_t noise_row;
};

template <class T>
struct AttentionKernels {
  // scores become softmax(scores + mask) * noise; stats has, for each row, the largest score and what exponentials were multiplied by.
  void (*weights)(const AttentionRows<T>&, T* stats);
  // The same from stats again, to the bit, without noise in `scores`, and with noise in `noisy` (rows ld apart) where there is noise.
  void (*weights_again)(const AttentionRows<T>&, const T* stats, T* noisy);
  // d, the gradient of the noisy weights, becomes that of the scores; `scores` holds the weights without noise.
  void (*gradient)(const AttentionRows<T>&, T* d);
};

struct AttentionTable {
  AttentionKernels<float> f32;
  AttentionKernels<double> f64;
};

}  // namespace st
