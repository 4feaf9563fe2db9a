// Backward: from gradients of outputs to gradients of leaves, or of chosen inputs.
#pragma once
#include "ops/value.h"

namespace st {

struct BackwardOptions {
  bool retain_graph = false;
  bool create_graph = false;
  bool accumulate = true;      // into .grad; otherwise the gradients of `inputs` are returned
  const Tensors* inputs = nullptr;  // only what leads to these is computed
};

// `grads` has one gradient a root; undefined stands for 1 of a root with one element. Returns one gradient an input where
// `accumulate` is off, undefined for an input that no root depends on.
Tensors backward(std::span<const Tensor> roots, std::span<const Tensor> grads, const BackwardOptions& options);

}  // namespace st
