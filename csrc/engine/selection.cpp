// Finding what leads from the roots of a backward pass to chosen inputs.
#include "engine/selection.h"

#include "core/small_vector.h"

namespace st {

std::pair<uint32_t&, bool> PlaceMap::insert(const void* key, uint32_t value) {
  if (2 * used_ >= capacity_) {
    const size_t before = capacity_;
    Slot* const old = slots_;
    capacity_ *= 2;
    --shift_;
    auto more = std::make_unique<Slot[]>(capacity_);
    slots_ = more.get();
    for (size_t i = 0; i < before; ++i) if (old[i].key) slots_[slot_of(old[i].key)] = old[i];
    more_ = std::move(more);
  }
  Slot& s = slots_[slot_of(key)];
  if (s.key) return {s.value, false};
  ++used_;
  s = {key, value};
  return {s.value, true};
}

Selection::Selection(const Tensors& inputs) {
  asked_.reserve(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    TensorImpl* t = inputs[i].impl();
    if (is_stale_view(t)) refresh_view(t);
    const auto place = static_cast<uint32_t>(i + 1);
    const auto [first, fresh] = targets_.insert(t->grad_fn ? static_cast<const void*>(t->grad_fn) : t, place);
    asked_.push_back({t->output_nr, static_cast<uint32_t>(i), fresh ? 0 : first});
    first = place;
  }
}

// Depth first, without recursion.
void Selection::find_needed(std::span<const Tensor> roots) {
  SmallVector<std::pair<Node*, int>, 16> path;  // a node, and the edge to look at next
  for (const Tensor& root : roots) {
    if (!root->grad_fn || !seen_.insert(root->grad_fn, 0).second) continue;
    path.push_back({root->grad_fn, 0});
    while (!path.empty()) {
      auto& [n, next] = path[path.size() - 1];
      if (const int at = next++; at < n->n_edges) {
        const Edge e = n->edges[at];
        if (e && !e.is_leaf() && seen_.insert(e.node(), 0).second) path.push_back({e.node(), 0});
        continue;
      }
      for (int i = 0; i < n->n_edges; ++i) {
        const Edge e = n->edges[i];
        if (wants(e) || (e && !e.is_leaf() && needs(e.node()))) {
          seen_.insert(n, 0).first = 1;
          break;
        }
      }
      path.pop_back();
    }
  }
}

void Selection::capture(Node* n, const Tensor* grads) {
  const uint32_t* first = targets_.find(n);
  for (uint32_t at = first ? *first : 0; at; at = asked_[at - 1].next) {
    const Asked& asked = asked_[at - 1];
    if (grads[asked.nr].defined()) found.emplace_back(asked.input, grads[asked.nr]);
  }
}

}  // namespace st
