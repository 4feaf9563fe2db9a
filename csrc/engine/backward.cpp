// The backward engine: one loop over a heap of nodes, the latest first.
//
// Note [Order]
// A node's sequence is larger than that of every node it depends on. So when the latest of all nodes that have received a gradient is
// taken, all who could still send it one have been taken before: no dependency counts, no recursion, and among independent nodes the
// order in which they were made, reversed, which fixes the order of sums.
//
// Note [Leaves]
// Gradients of leaves are gathered in a table and accumulated when all nodes have run. A leaf with hooks is not made to wait: programs
// see the order of hooks. From the first such leaf on, the edges that may still bring something are counted.
#include "engine/backward.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "core/small_vector.h"
#include "core/tensor_make.h"
#include "engine/accumulate.h"
#include "engine/anomaly.h"
#include "engine/selection.h"
#include "graph/hooks.h"
#include "graph/node.h"
#include "kernels/layout.h"
#include "ops/functions.h"
#include "ops/sparse.h"

namespace st {
namespace {

// Room for a few elements without heap.
template <class T, int N>
class SmallArray {
 public:
  explicit SmallArray(int n) : data_(n <= N ? inline_ : new T[n]) {}
  ~SmallArray() { if (data_ != inline_) delete[] data_; }
  SmallArray(const SmallArray&) = delete;
  SmallArray& operator=(const SmallArray&) = delete;
  T* data() { return data_; }
  T& operator[](int i) { return data_[i]; }

 private:
  T inline_[N];
  T* data_;
};

bool later(const Node* a, const Node* b) { return a->sequence < b->sequence; }

class Task {
 public:
  Task(const BackwardOptions& options, Tensors* captured) : options_(options), captured_(captured) {
    if (options.inputs) selection_ = std::make_unique<Selection>(*options.inputs);
  }
  ~Task() {
    for (Node* n : heap_) drop_pending(n);
    for (size_t i = 0; i < leaves_.size(); ++i) {
      if (leaves_[i].leaf->output_nr == i + 1) leaves_[i].leaf->output_nr = 0;
      release(leaves_[i].leaf);
    }
    for (Node* n : roots_) release(n);
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  void find_needed(std::span<const Tensor> roots) {
    if (selection_) selection_->find_needed(roots);
  }

  void deliver(const Edge& e, Tensor g) {
    if (e.is_leaf()) return deliver_leaf(e.leaf(), std::move(g));
    Node* n = e.node();
    TensorImpl** pending = claim(n);
    TensorImpl*& slot = pending[e.nr];
    if (!slot) slot = g.leak();
    else slot = add_grads(Tensor::adopt(slot), std::move(g), options_.create_graph).leak();
  }

  void hold_root(Node* n) {
    retain(n->refs);
    roots_.push_back(n);
  }

  void run() {
    while (!heap_.empty()) {
      Node* n = heap_.front();
      if (heap_.size() > 1) std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
      run_node(n);
    }
  }

  void finish() {
    for (size_t i = 0; i < leaves_.size(); ++i) if (leaves_[i].grad.defined()) complete(i);
    if (!selection_) return;
    for (auto& [k, g] : selection_->found) {
      if (captured_) (*captured_)[k] = std::move(g);
      else accumulate_grad((*options_.inputs)[k].impl(), std::move(g), options_.create_graph);
    }
  }

 private:
  struct LeafGrad {
    TensorImpl* leaf;
    Tensor grad;
  };

  // Where the gradients of a node's outputs are gathered: in the node, unless another backward pass is using it.
  TensorImpl** claim(Node* n) {
    if (n->task == this) return n->pending;
    if (n->task == nullptr && !(elsewhere_ && elsewhere_->contains(n))) {
      n->task = this;
      if (!n->pending) {
        n->pending = static_cast<TensorImpl**>(allocate_bytes(n->n_outputs * sizeof(TensorImpl*)));
        std::fill_n(n->pending, n->n_outputs, nullptr);
      }
      push(n);
      return n->pending;
    }
    if (!elsewhere_) elsewhere_ = std::make_unique<std::unordered_map<Node*, std::vector<TensorImpl*>>>();
    auto [it, fresh] = elsewhere_->try_emplace(n);
    if (fresh) {
      it->second.resize(n->n_outputs, nullptr);
      push(n);
    }
    return it->second.data();
  }

  void push(Node* n) {
    heap_.push_back(n);
    if (heap_.size() > 1) std::push_heap(heap_.begin(), heap_.end(), later);
  }

  void take_pending(Node* n, Tensor* grads) {
    if (n->task == this) {
      n->task = nullptr;
      for (int i = 0; i < n->n_outputs; ++i) grads[i] = Tensor::adopt(std::exchange(n->pending[i], nullptr));
      return;
    }
    auto it = elsewhere_->find(n);
    for (int i = 0; i < n->n_outputs; ++i) grads[i] = Tensor::adopt(it->second[i]);
    elsewhere_->erase(it);
  }

  void drop_pending(Node* n) {
    SmallArray<Tensor, 4> grads(n->n_outputs);
    take_pending(n, grads.data());
  }

  // A leaf has no output number: it remembers its place in the table instead, counted from 1. Where two passes want to use that, both
  // search their tables.
  static constexpr uint32_t kContested = UINT32_MAX;

  size_t place_of(TensorImpl* leaf) {
    const uint32_t at = leaf->output_nr;
    if (at == 0) return leaves_.size();
    if (at <= leaves_.size() && leaves_[at - 1].leaf == leaf) return at - 1;
    leaf->output_nr = kContested;
    return static_cast<size_t>(std::find_if(leaves_.begin(), leaves_.end(), [&](const LeafGrad& l) { return l.leaf == leaf; }) - leaves_.begin());
  }

  void deliver_leaf(TensorImpl* leaf, Tensor g) {
    const size_t at = place_of(leaf);
    if (at < leaves_.size()) {
      Tensor& sum = leaves_[at].grad;
      sum = sum.defined() ? add_grads(std::move(sum), std::move(g), options_.create_graph) : std::move(g);
      return;
    }
    if (leaf->output_nr == 0) leaf->output_nr = static_cast<uint32_t>(at + 1);
    retain(leaf->refs);
    leaves_.push_back({leaf, std::move(g)});
    if (leaf->extra) [[unlikely]] hooked_ = true;
  }

  // The whole gradient of a leaf has arrived.
  void complete(size_t at) {
    TensorImpl* leaf = leaves_[at].leaf;
    Tensor g = std::move(leaves_[at].grad);
    if (leaf->extra) [[unlikely]] {
      for (const auto& hook : leaf->extra->hooks.snapshot()) {
        if (Tensor changed = hook.call(g); changed.defined()) g = std::move(changed);
      }
    }
    if (captured_) {
      selection_->each_input(leaf, [&](uint32_t k) { (*captured_)[k] = g; });
      return;
    }
    accumulate_grad(leaf, std::move(g), options_.create_graph);
    if (leaf->extra) [[unlikely]] {
      const Tensor x = Tensor::share(leaf);
      for (const auto& hook : leaf->extra->accumulated.snapshot()) hook.call(x);
    }
  }

  bool is_needed(Node* n) const { return !selection_ || selection_->needs(n); }
  bool brings_to_hooked(const Edge& e) const { return e && e.is_leaf() && e.leaf()->extra && (!selection_ || selection_->wants(e)); }

  // Counts the edges to leaves with hooks, from n and from all that is to run after it.
  void count_edges(Node* n) {
    awaited_ = std::make_unique<std::unordered_map<TensorImpl*, int>>();
    std::unordered_set<Node*> seen{n};
    std::vector<Node*> path{n};
    for (Node* waiting : heap_) if (seen.insert(waiting).second) path.push_back(waiting);
    while (!path.empty()) {
      Node* from = path.back();
      path.pop_back();
      if (!is_needed(from)) continue;
      for (int i = 0; i < from->n_edges; ++i) {
        const Edge e = from->edges[i];
        if (brings_to_hooked(e)) ++(*awaited_)[e.leaf()];
        else if (e && !e.is_leaf() && seen.insert(e.node()).second) path.push_back(e.node());
      }
    }
  }

  // n has brought what it could.
  void settle(Node* n) {
    if (!awaited_) count_edges(n);
    for (int i = 0; i < n->n_edges; ++i) {
      const Edge e = n->edges[i];
      if (!brings_to_hooked(e)) continue;
      const auto waiting = awaited_->find(e.leaf());
      if (waiting == awaited_->end() || --waiting->second != 0) continue;
      const size_t at = place_of(e.leaf());
      if (at < leaves_.size() && leaves_[at].grad.defined()) complete(at);
    }
  }

  // The usual node: one output, and nobody watches.
  void run_plain(Node* n) {
    n->task = nullptr;
    Tensor g = Tensor::adopt(std::exchange(n->pending_one, nullptr));
    Tensor results[Node::kInlineEdges];
    BackwardCall call{*n, &g, results, nullptr, options_.create_graph};
    n->type->backward(call);
    if (n->n_saved && !options_.retain_graph) release_saved(n);
    for (int i = 0; i < n->n_edges; ++i) if (n->edges[i]) pass_on(n, i, std::move(results[i]));
    if (hooked_) [[unlikely]] settle(n);
  }

  // Hands on the gradient of input i of a node that has run.
  void pass_on(Node* n, int i, Tensor g) {
    const Edge e = n->edges[i];
    if (!g.defined()) {
      if (!e.is_leaf()) claim(e.node());  // runs all the same: a user's function may make something of no gradient
    } else if (e.is_leaf()) {
      TensorImpl* leaf = e.leaf();
      const DimSpan sizes{leaf->sizes, leaf->ndim};
      if (!fits(g, sizes, leaf->dtype)) g = fit(std::move(g), sizes, leaf->dtype, *n, i);
      deliver_leaf(leaf, std::move(g));
    } else {
      const OutputMeta& m = e.node()->outputs[e.nr];
      if (!fits(g, m.sizes(), m.dtype)) g = fit(std::move(g), m.sizes(), m.dtype, *n, i);
      deliver(e, std::move(g));
    }
  }

  void run_node(Node* n) {
    if (n->task == this && n->n_outputs == 1 && n->n_edges <= Node::kInlineEdges && !n->extra && !options_.inputs && !thread_state().anomaly) return run_plain(n);
    SmallArray<Tensor, 2> grads(n->n_outputs);
    take_pending(n, grads.data());
    if (n->extra) [[unlikely]] run_tensor_hooks(n, grads.data());
    if (options_.inputs) {
      selection_->capture(n, grads.data());
      if (!is_needed(n)) return;
    }
    if (n->extra) [[unlikely]] run_hooks_before(n, grads.data());
    SmallArray<Tensor, 4> results(n->n_edges);
    SmallArray<bool, 8> wanted(n->n_edges);
    const bool* filter = nullptr;
    if (options_.inputs) {
      for (int i = 0; i < n->n_edges; ++i) {
        const Edge e = n->edges[i];
        wanted[i] = selection_->wants(e) || (e && !e.is_leaf() && selection_->needs(e.node()));
      }
      filter = wanted.data();
    }
    BackwardCall call{*n, grads.data(), results.data(), filter, options_.create_graph};
    if (thread_state().anomaly) [[unlikely]] run_watched(call);
    else n->type->backward(call);
    if (n->extra) [[unlikely]] run_hooks_after(n, grads.data(), results.data());
    if (!options_.retain_graph) release_saved(n);
    for (int i = 0; i < n->n_edges; ++i) if (call.needs(i)) pass_on(n, i, std::move(results[i]));
    if (hooked_) [[unlikely]] settle(n);
  }

  void run_tensor_hooks(Node* n, Tensor* grads) {
    for (const auto& entry : n->extra->tensor_hooks.snapshot()) {
      Tensor& g = grads[entry.call.nr];
      if (!g.defined()) continue;
      if (Tensor changed = entry.call.call(g); changed.defined()) g = std::move(changed);
    }
    for (const auto& [nr, impl] : std::vector(n->extra->retains)) {
      if (grads[nr].defined()) accumulate_grad(impl, grads[nr], options_.create_graph);
    }
  }

  void run_hooks_before(Node* n, Tensor* grads) {
    if (n->extra->before.empty()) return;
    std::vector<Tensor> list(grads, grads + n->n_outputs);
    for (const auto& hook : n->extra->before.snapshot()) hook.call(list);
    std::move(list.begin(), list.end(), grads);
  }

  void run_hooks_after(Node* n, Tensor* grads, Tensor* results) {
    if (n->extra->after.empty()) return;
    std::vector<Tensor> in(results, results + n->n_edges);
    const std::vector<Tensor> out(grads, grads + n->n_outputs);
    for (const auto& hook : n->extra->after.snapshot()) hook.call(in, out);
    std::move(in.begin(), in.end(), results);
  }

  const BackwardOptions& options_;
  Tensors* captured_;  // one gradient an input of `options_`, where they are not accumulated
  bool hooked_ = false;  // a leaf with hooks has received something
  SmallVector<Node*, 16> heap_;
  SmallVector<Node*, 2> roots_;
  SmallVector<LeafGrad, 8> leaves_;
  // Gradients of nodes that another backward pass is using; rare.
  std::unique_ptr<std::unordered_map<Node*, std::vector<TensorImpl*>>> elsewhere_;
  std::unique_ptr<std::unordered_map<TensorImpl*, int>> awaited_;  // see Note [Leaves]
  std::unique_ptr<Selection> selection_;  // where only some inputs are asked for
};

// The gradient of a tensor of one element by itself.
Tensor one_like(const Tensor& root) {
  if (root.dtype() == Dtype::Float32 && root.dim() == 0) {
    Tensor g = empty_like_small(root.impl(), Dtype::Float32);
    *g.data<float>() = 1;
    return g;
  }
  Tensor g = empty(root.sizes(), root.dtype());
  fill_elements(g, Scalar(1.0));
  return g;
}

void warn_of_cycle() {
  static std::atomic<bool> warned{false};
  if (warned.exchange(true)) return;
  warn("Using backward() with create_graph=True will create a reference cycle between the parameter and its gradient which can cause a "
       "memory leak. We recommend using autograd.grad when creating the graph to avoid this. If you have to use this function, make sure "
       "to reset the .grad fields of your parameters to None after use to break the cycle and avoid the leak.");
}

}  // namespace

Tensors backward(std::span<const Tensor> roots, std::span<const Tensor> grads, const BackwardOptions& options) {
  Tensors captured(options.inputs && !options.accumulate ? options.inputs->size() : 0);
  if (options.create_graph && options.accumulate) warn_of_cycle();
  Task task(options, options.accumulate ? nullptr : &captured);
  GradMode mode(options.create_graph);
  for (const Tensor& root : roots) if (is_stale_view(root.impl())) refresh_view(root.impl());
  for (size_t i = 0; i < roots.size(); ++i) {
    const Tensor& root = roots[i];
    if (!root.requires_grad()) runtime_error("element ", i, " of tensors does not require grad and does not have a grad_fn");
    Tensor g = i < grads.size() ? grads[i] : Tensor();
    if (g.defined()) refuse_sparse("backward", g);
    if (!g.defined()) {
      if (root.numel() != 1) runtime_error("grad can be implicitly created only for scalar outputs");
      if (!is_floating(root.dtype())) runtime_error("grad can be implicitly created only for real scalar outputs but got torch.", info(root.dtype()).name);
      g = one_like(root);
    } else if (!equal(g.sizes(), root.sizes())) {
      runtime_error("Mismatch in shape: grad_output[", i, "] has a shape of torch.Size(", g.sizes(), ") and output[", i,
                    "] has a shape of torch.Size(", root.sizes(), ").");
    } else if (g.dtype() != root.dtype()) {
      g = to_dtype(g, root.dtype());
    }
    Edge edge = gradient_edge(root);
    if (!edge.is_leaf()) task.hold_root(edge.node());
    if (i == 0) task.find_needed(roots);
    const bool wanted = !options.inputs || !edge.is_leaf() ||
                        std::any_of(options.inputs->begin(), options.inputs->end(), [&](const Tensor& t) { return t.impl() == edge.leaf(); });
    if (wanted) task.deliver(edge, std::move(g));
    release_edge(edge);
  }
  task.run();
  task.finish();
  return captured;
}

}  // namespace st
