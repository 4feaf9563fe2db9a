// Finding what leads from the roots of a backward pass to chosen inputs.
#include "engine/selection.h"

namespace st {

Selection::Selection(const Tensors& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (is_stale_view(inputs[i].impl())) refresh_view(inputs[i].impl());
    if (inputs[i]->grad_fn) nodes_[inputs[i]->grad_fn].emplace_back(inputs[i]->output_nr, i);
    else leaves_.insert(inputs[i].impl());
  }
}

// Depth first, without recursion.
void Selection::find_needed(std::span<const Tensor> roots) {
  std::vector<std::pair<Node*, int>> path;  // a node, and the edge to look at next
  std::unordered_set<Node*> seen;
  for (const Tensor& root : roots) {
    if (!root->grad_fn || !seen.insert(root->grad_fn).second) continue;
    path.emplace_back(root->grad_fn, 0);
    while (!path.empty()) {
      Node* n = path.back().first;
      if (const int at = path.back().second++; at < n->n_edges) {
        const Edge e = n->edges[at];
        if (e && !e.is_leaf() && seen.insert(e.node()).second) path.emplace_back(e.node(), 0);
        continue;
      }
      path.pop_back();
      for (int i = 0; i < n->n_edges; ++i) {
        const Edge e = n->edges[i];
        if (wants(e) || (e && !e.is_leaf() && needs(e.node()))) {
          needed_.insert(n);
          break;
        }
      }
    }
  }
}

void Selection::capture(Node* n, const Tensor* grads) {
  const auto it = nodes_.find(n);
  if (it == nodes_.end()) return;
  for (const auto& [nr, k] : it->second) if (grads[nr].defined()) found.emplace_back(k, grads[nr]);
}

}  // namespace st
