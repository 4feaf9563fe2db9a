// Connectionist temporal classification: the log-likelihood of label sequences over all their alignments, and its gradient.
#pragma once
#include "core/tensor.h"

namespace st {

// Sizes and labels of a batch. The states of a sample are its labels with blanks around each: 2 S + 1 of them.
struct CtcBatch {
  int64_t steps, batch, classes, blank, states;  // states: those of the longest sample
  const int64_t* labels;                         // int64, in memory row by row
  const int64_t *offsets, *label_counts;         // of each sample: where its labels begin, and how many
  const int64_t* step_counts;
};

// x (T, N, C) log-probabilities -> loss (N) and alpha (N, T, states), contiguous and of one type, float32 or float64. alpha is left
// unset in the steps that a sample does not have.
void ctc_forward(const CtcBatch& k, const Tensor& x, const Tensor& loss, const Tensor& alpha);

// dx (T, N, C), which holds exp(x), becomes the gradient for g (N) of log_softmax's result: that of the logits, which log_softmax
// passes on. Samples of infinite loss get zeros where `zero_infinity`.
void ctc_backward(const CtcBatch& k, const Tensor& dx, const Tensor& g, const Tensor& x, const Tensor& loss, const Tensor& alpha, bool zero_infinity);

}  // namespace st
