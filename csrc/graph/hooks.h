// Hooks on tensors and nodes, and other things that few of them carry.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace st {

using TensorHook = std::function<Tensor(const Tensor&)>;                      // undefined result: leave the gradient as it is
using GradsHook = std::function<void(std::vector<Tensor>&)>;                  // before a node: its output gradients
using ResultsHook = std::function<void(std::vector<Tensor>&, const std::vector<Tensor>&)>;  // after: input gradients, output gradients
using LeafHook = std::function<void(const Tensor&)>;                          // after a leaf's gradient was accumulated

template <class F>
struct HookList {
  struct Entry {
    int64_t id;
    F call;
  };
  std::vector<Entry> entries;
  int64_t add(F f) {
    static std::atomic<int64_t> next{0};
    entries.push_back({++next, std::move(f)});
    return entries.back().id;
  }
  bool remove(int64_t id) {
    for (size_t i = 0; i < entries.size(); ++i) {
      if (entries[i].id == id) {
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
        return true;
      }
    }
    return false;
  }
  bool empty() const { return entries.empty(); }
};


struct Node;

struct Extra {
  HookList<TensorHook> hooks;
  HookList<LeafHook> accumulated;
};

struct NodeExtra {
  struct OutputHook {
    uint32_t nr;
    TensorHook call;
  };
  HookList<OutputHook> tensor_hooks;  // hooks of the tensors it made
  HookList<GradsHook> before;
  HookList<ResultsHook> after;
  std::vector<std::pair<uint32_t, TensorImpl*>> retains;  // outputs that keep their gradient; not counted
  std::string traceback;                                  // where the op was called, in anomaly mode
};

Extra& extra_of(TensorImpl* t);
NodeExtra& extra_of(Node* n);
int64_t add_tensor_hook(const Tensor& x, TensorHook hook);
void remove_tensor_hook(const Tensor& x, int64_t id);
void retain_grad(const Tensor& x);

}  // namespace st
