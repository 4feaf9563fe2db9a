// Saved tensors in another form: what torch.autograd.graph.saved_tensors_hooks makes of them.
#pragma once
#include <functional>
#include <memory>

#include "graph/node.h"

namespace st {

// Takes a tensor that a node is about to save; gives what brings it back.
using Unpacker = std::function<Tensor()>;
using Packer = std::function<Unpacker(const Tensor&)>;

struct PackedTensor {
  Unpacker unpack;
  Edge edge;  // of an input: where it came from; empty for an output
  uint32_t output_nr;
  bool is_output;
  Dtype dtype;
  Dims sizes;
};

// The innermost hooks of this thread are in force.
void push_pack(Packer pack);
void pop_pack();

PackedTensor* pack_saved(const Tensor& x, bool is_output, uint32_t nr);
Tensor unpack_saved(const Node* n, const PackedTensor& packed, bool graph);
void destroy_packed(PackedTensor* packed);

}  // namespace st
