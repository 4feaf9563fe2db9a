// Hooks on tensors and nodes, and other things that few of them carry.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/tensor.h"

namespace st {

using TensorHook = std::function<Tensor(const Tensor&)>;                      // undefined result: leave the gradient as it is
using GradsHook = std::function<void(std::vector<Tensor>&)>;                  // before a node: its output gradients
using ResultsHook = std::function<void(std::vector<Tensor>&, const std::vector<Tensor>&)>;  // after: input gradients, output gradients
using LeafHook = std::function<void(const Tensor&)>;                          // after a leaf's gradient was accumulated

// What a handle refers to, without keeping it or the tensor alive.
struct RemovableHooks {
  virtual ~RemovableHooks() = default;
  virtual void remove(int64_t id) = 0;
};
struct HookHandle {
  std::weak_ptr<RemovableHooks> list;
  int64_t id = 0;
  void remove() {
    if (const auto hooks = list.lock()) hooks->remove(id);
    list.reset();
  }
};

// Hooks in the order in which they were added. They may add and remove hooks while they run, so a copy of the list is called.
template <class F>
class HookList {
 public:
  struct Entry {
    int64_t id;
    F call;
  };
  HookHandle add(F f) {
    static std::atomic<int64_t> next{0};
    if (!list_) list_ = std::make_shared<List>();
    list_->entries.push_back({++next, std::move(f)});
    return {list_, list_->entries.back().id};
  }
  bool empty() const { return !list_ || list_->entries.empty(); }
  std::vector<Entry> snapshot() const { return list_ ? list_->entries : std::vector<Entry>(); }
  template <class Visit>
  void each(Visit&& visit) const {
    if (list_) for (const Entry& e : list_->entries) visit(e.call);
  }
  void clear() {
    if (list_) std::exchange(list_->entries, {});  // emptied before what the hooks hold goes
  }

 private:
  struct List : RemovableHooks {
    std::vector<Entry> entries;
    void remove(int64_t id) override {
      for (size_t i = 0; i < entries.size(); ++i) {
        if (entries[i].id != id) continue;
        const Entry gone = std::move(entries[i]);
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
        return;
      }
    }
  };
  std::shared_ptr<List> list_;
};

struct Node;

struct Extra {
  HookList<TensorHook> hooks;
  HookList<LeafHook> accumulated;
  void* accumulator = nullptr;  // the Python object that stands for the leaf's place in the graph; not counted
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
  std::shared_ptr<void> metadata;                         // the user's own, seen from Python
};

Extra& extra_of(TensorImpl* t);
NodeExtra& extra_of(Node* n);
HookHandle add_tensor_hook(const Tensor& x, TensorHook hook);
void retain_grad(const Tensor& x);

}  // namespace st
