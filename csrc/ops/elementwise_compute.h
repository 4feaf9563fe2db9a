// Computing an elementwise op on tensors, without the graph.
#pragma once
#include "ops/elementwise_call.h"

namespace st {

inline constexpr int kMaxInputs = 3;

struct Types {
  Dtype common, result;  // what is computed in, what comes out
};

Types types_of(const Row& row, const Operand* x);             // PyTorch's promotion, and what the op refuses
Dims broadcast_sizes(const Row& row, const Operand* x);
void compute(const Row& row, const Types& types, const Operand* x, const double* params, const Tensor& out);
Tensor compute_new(const Row& row, const Types& types, const Operand* x, const double* params);
// A short cut for few contiguous elements; false where the general way must be taken.
bool small_call(const Row& row, Dtype type, Dtype common, const Operand* x, const double* params, char* out, int64_t n);

}  // namespace st
