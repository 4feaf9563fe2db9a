// Scaled dot-product attention over float32 or float64 tensors, without a matrix of all scores; threaded.
#pragma once
#include "core/tensor.h"

namespace st {

// query (B, H, L, D), key (B, K, S, D), value (B, K, S, E), where K divides H: query head h meets key head h / (H / K). Their last
// strides are 1. mask and noise may be undefined; they have sizes (B, H, L, S), strides of any kind but 0 or 1 for the last
// dimension. With `causal`, position i sees the keys up to i.
struct AttentionInputs {
  Tensor query, key, value, mask, noise;
  double scale;
  bool causal;
};

// out (B, H, L, E), whose heads lie in memory as the query's, and stats (B, H, L, 2), what backward needs of the softmax.
struct AttentionOut { Tensor out, stats; };
AttentionOut attention_forward(const AttentionInputs& x);

struct AttentionGradient { Tensor query, key, value; };
AttentionGradient attention_backward(const Tensor& g, const AttentionInputs& x, const Tensor& stats);

}  // namespace st
