// The inputs for which a backward pass was asked, and the nodes that lead to them.
#pragma once
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/node.h"
#include "ops/value.h"

namespace st {

class Selection {
 public:
  explicit Selection(const Tensors& inputs);
  void find_needed(std::span<const Tensor> roots);

  bool wants(const Edge& e) const { return e && (e.is_leaf() ? leaves_.contains(e.leaf()) : nodes_.contains(e.node())); }
  bool needs(Node* n) const { return needed_.contains(n); }  // n lies on a way from a root to an input
  void capture(Node* n, const Tensor* grads);                // takes those gradients of n's outputs that belong to inputs

  std::vector<std::pair<size_t, Tensor>> found;  // gradients of inputs that are no leaves

 private:
  std::unordered_map<Node*, std::vector<std::pair<uint32_t, size_t>>> nodes_;  // output number, index among the inputs
  std::unordered_set<TensorImpl*> leaves_;
  std::unordered_set<Node*> needed_;
};

}  // namespace st
