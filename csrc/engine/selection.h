// Where the graph of some roots leads: the inputs for which a backward pass was asked, and the nodes that lead to them; leaves of others.
#pragma once
#include <memory>
#include <span>
#include <vector>

#include "graph/node.h"
#include "ops/value.h"

namespace st {

// A number for each of some nodes and leaves. A few have room without heap, as most questions are about small graphs.
class PlaceMap {
 public:
  const uint32_t* find(const void* key) const {
    const Slot& s = slots_[slot_of(key)];
    return s.key ? &s.value : nullptr;
  }
  // The number of `key`, and whether it is new: `value`, then.
  std::pair<uint32_t&, bool> insert(const void* key, uint32_t value);

 private:
  struct Slot {
    const void* key = nullptr;
    uint32_t value = 0;
  };
  size_t slot_of(const void* key) const {
    size_t at = (reinterpret_cast<uintptr_t>(key) >> 6) * 0x9e3779b97f4a7c15u >> shift_;  // blocks are 64 bytes apart
    while (slots_[at].key && slots_[at].key != key) at = (at + 1) & (capacity_ - 1);
    return at;
  }

  size_t capacity_ = 16, used_ = 0;
  int shift_ = 60;
  Slot room_[16];
  std::unique_ptr<Slot[]> more_;
  Slot* slots_ = room_;
};

class Selection {
 public:
  explicit Selection(const Tensors& inputs);
  void find_needed(std::span<const Tensor> roots);

  bool wants(const Edge& e) const { return e && targets_.find(target_of(e)); }
  bool needs(Node* n) const {  // n lies on a way from a root to an input
    const uint32_t* leads = seen_.find(n);
    return leads && *leads;
  }
  void capture(Node* n, const Tensor* grads);  // takes those gradients of n's outputs that belong to inputs
  // f(its number) for each input that is this leaf.
  template <class F>
  void each_input(const TensorImpl* leaf, F f) const {
    if (const uint32_t* first = targets_.find(leaf)) for (uint32_t at = *first; at; at = asked_[at - 1].next) f(asked_[at - 1].input);
  }

  std::vector<std::pair<size_t, Tensor>> found;  // gradients of inputs that are no leaves

 private:
  struct Asked {
    uint32_t nr;     // of the node's output
    uint32_t input;  // number of the input
    uint32_t next;   // the place, counted from 1, of the next one of the same node or leaf
  };
  static const void* target_of(const Edge& e) { return e.is_leaf() ? static_cast<const void*>(e.leaf()) : e.node(); }

  PlaceMap targets_;  // a node's or leaf's first place in asked_, counted from 1
  PlaceMap seen_;     // whether a node leads to an input
  std::vector<Asked> asked_;
};

// For each root, whether its graph ends in a leaf that is not one of these.
std::vector<bool> lead_elsewhere(const Tensors& roots, const Tensors& leaves);

}  // namespace st
