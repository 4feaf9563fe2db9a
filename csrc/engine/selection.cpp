// Finding what leads from the roots of a backward pass to chosen inputs, or to leaves that were not chosen.
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

namespace {

// Notes in `seen` for each node of the roots' graphs whether it leads to an edge that is wanted. Depth first, without recursion.
template <class Wanted>
void mark_leading(std::span<const Tensor> roots, PlaceMap& seen, Wanted wanted) {
  SmallVector<std::pair<Node*, int>, 16> path;  // a node, and the edge to look at next
  for (const Tensor& root : roots) {
    if (!root->grad_fn || !seen.insert(root->grad_fn, 0).second) continue;
    path.push_back({root->grad_fn, 0});
    while (!path.empty()) {
      auto& [n, next] = path[path.size() - 1];
      if (const int at = next++; at < n->n_edges) {
        const Edge e = n->edges[at];
        if (e && !e.is_leaf() && seen.insert(e.node(), 0).second) path.push_back({e.node(), 0});
        continue;
      }
      for (int i = 0; i < n->n_edges; ++i) {
        const Edge e = n->edges[i];
        if (!e || !(wanted(e) || (!e.is_leaf() && *seen.find(e.node())))) continue;
        seen.insert(n, 0).first = 1;
        break;
      }
      path.pop_back();
    }
  }
}

}  // namespace

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

void Selection::find_needed(std::span<const Tensor> roots) {
  mark_leading(roots, seen_, [this](const Edge& e) { return wants(e); });
}

std::vector<bool> lead_elsewhere(const Tensors& roots, const Tensors& leaves) {
  PlaceMap own, seen;
  for (const Tensor& leaf : leaves) own.insert(leaf.impl(), 1);
  for (const Tensor& root : roots) if (is_stale_view(root.impl())) refresh_view(root.impl());
  mark_leading(roots, seen, [&own](const Edge& e) { return e.is_leaf() && !own.find(e.leaf()); });
  std::vector<bool> lead;
  lead.reserve(roots.size());
  for (const Tensor& root : roots) lead.push_back(root->grad_fn ? *seen.find(root->grad_fn) : root.requires_grad() && !own.find(root.impl()));
  return lead;
}

void Selection::capture(Node* n, const Tensor* grads) {
  const uint32_t* first = targets_.find(n);
  for (uint32_t at = first ? *first : 0; at; at = asked_[at - 1].next) {
    const Asked& asked = asked_[at - 1];
    if (grads[asked.nr].defined()) found.emplace_back(asked.input, grads[asked.nr]);
  }
}

}  // namespace st
