// The backward engine: one loop over a heap of nodes, the latest first.
//
// Note [Order]
// A node's sequence is larger than that of every node it depends on. So when the latest of all nodes that have received a gradient is
// taken, all who could still send it one have been taken before: no dependency counts, no recursion, and among independent nodes the
// order in which they were made, reversed, which fixes the order of sums.
#include "engine/backward.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include "core/small_vector.h"
#include "engine/anomaly.h"
#include "graph/hooks.h"
#include "graph/node.h"
#include "kernels/layout.h"
#include "ops/functions.h"

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

Tensor add_grads(Tensor a, Tensor b, bool create_graph) {
  // Nobody else holds the sum so far: add into it.
  if (!create_graph && a.is_alone() && a->storage->refs.load(std::memory_order_relaxed) == 1 && a.is_contiguous() && a.dtype() == b.dtype()) {
    Operand operands[] = {Operand(a), Operand(b)};
    call_elementwise_inplace(RowOf<Add>::row, operands, nullptr);
    return a;
  }
  return a + b;
}

class Task {
 public:
  explicit Task(const BackwardOptions& options) : options_(options) {
    if (options.inputs) {
      selection_ = std::make_unique<Selection>();
      choose(*options.inputs);
    }
  }
  ~Task() {
    for (Node* n : heap_) drop_pending(n);
    for (LeafGrad& l : leaves_) release(l.leaf);
    for (Node* n : roots_) release(n);
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  // Which nodes lead to a chosen input.
  void find_needed(std::span<const Tensor> roots) {
    if (!options_.inputs) return;
    std::vector<std::pair<Node*, int>> path;
    std::unordered_map<Node*, bool> done;
    for (const Tensor& root : roots) {
      if (!root->grad_fn) continue;
      path.emplace_back(root->grad_fn, 0);
      while (!path.empty()) {
        auto& [node, at] = path.back();
        Node* n = node;
        if (at == 0 && done.contains(n)) {
          path.pop_back();
          continue;
        }
        if (at == 0) done.emplace(n, false);
        if (at < n->n_edges) {
          const Edge e = n->edges[at++];
          if (e && !e.is_leaf() && !done.contains(e.node())) path.emplace_back(e.node(), 0);
          continue;
        }
        bool leads = false;
        for (int i = 0; i < n->n_edges; ++i) leads |= edge_wanted(n->edges[i]) || (n->edges[i] && !n->edges[i].is_leaf() && done[n->edges[i].node()]);
        done[n] = leads;
        if (leads) selection_->needed.insert(n);
        path.pop_back();
      }
    }
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

  // Leaves last, each once with its whole gradient.
  void finish(Tensors* captured) {
    for (size_t i = 0; i < leaves_.size(); ++i) {
      TensorImpl* leaf = leaves_[i].leaf;
      Tensor g = std::move(leaves_[i].grad);
      if (leaf->extra) [[unlikely]] {
        for (const auto& hook : std::vector(leaf->extra->hooks.entries)) {
          if (Tensor changed = hook.call(g); changed.defined()) g = std::move(changed);
        }
      }
      if (captured) {
        for (size_t k = 0; k < options_.inputs->size(); ++k) if ((*options_.inputs)[k].impl() == leaf) (*captured)[k] = g;
        continue;
      }
      accumulate_grad(leaf, std::move(g), options_.create_graph);
      if (leaf->extra) [[unlikely]] {
        const Tensor x = Tensor::share(leaf);
        for (const auto& hook : std::vector(leaf->extra->accumulated.entries)) hook.call(x);
      }
    }
    if (!selection_) return;
    for (auto& [k, g] : selection_->found) {
      if (captured) (*captured)[k] = std::move(g);
      else accumulate_grad((*options_.inputs)[k].impl(), std::move(g), options_.create_graph);
    }
  }

 private:
  struct LeafGrad {
    TensorImpl* leaf;
    Tensor grad;
  };

  // The inputs whose gradients are asked for, and what leads to them.
  struct Selection {
    std::unordered_map<Node*, std::vector<std::pair<uint32_t, size_t>>> nodes;  // output number, index among the inputs
    std::unordered_set<TensorImpl*> leaves;
    std::unordered_set<Node*> needed;
    std::vector<std::pair<size_t, Tensor>> found;  // gradients of inputs that are no leaves
  };

  void choose(const Tensors& inputs) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (is_stale_view(inputs[i].impl())) refresh_view(inputs[i].impl());
      if (inputs[i]->grad_fn) selection_->nodes[inputs[i]->grad_fn].emplace_back(inputs[i]->output_nr, i);
      else selection_->leaves.insert(inputs[i].impl());
    }
  }

  bool edge_wanted(const Edge& e) const {
    if (!e) return false;
    return e.is_leaf() ? selection_->leaves.contains(e.leaf()) : selection_->nodes.contains(e.node());
  }

  // Where the gradients of a node's outputs are gathered: in the node, unless another backward pass is using it.
  TensorImpl** claim(Node* n) {
    if (n->task == this) return n->pending;
    if (n->task == nullptr) {
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

  void deliver_leaf(TensorImpl* leaf, Tensor g) {
    // A leaf has no output number: it remembers its place in the table instead, and the table confirms it.
    const uint32_t at = leaf->output_nr;
    if (at < leaves_.size() && leaves_[at].leaf == leaf) {
      leaves_[at].grad = add_grads(std::move(leaves_[at].grad), std::move(g), options_.create_graph);
      return;
    }
    leaf->output_nr = static_cast<uint32_t>(leaves_.size());
    retain(leaf->refs);
    leaves_.push_back({leaf, std::move(g)});
  }

  void run_node(Node* n) {
    SmallArray<Tensor, 2> grads(n->n_outputs);
    take_pending(n, grads.data());
    if (n->extra) [[unlikely]] run_hooks_before(n, grads.data());
    if (options_.inputs) {
      if (auto it = selection_->nodes.find(n); it != selection_->nodes.end()) {
        for (auto [nr, k] : it->second) if (grads[nr].defined()) selection_->found.emplace_back(k, grads[nr]);
      }
      if (!selection_->needed.contains(n)) return;
    }
    SmallArray<Tensor, 4> results(n->n_edges);
    SmallArray<bool, 8> wanted(n->n_edges);
    const bool* filter = nullptr;
    if (options_.inputs) {
      for (int i = 0; i < n->n_edges; ++i) {
        const Edge e = n->edges[i];
        wanted[i] = edge_wanted(e) || (e && !e.is_leaf() && selection_->needed.contains(e.node()));
      }
      filter = wanted.data();
    }
    BackwardCall call{*n, grads.data(), results.data(), filter, options_.create_graph};
    if (thread_state().anomaly) [[unlikely]] run_watched(call);
    else n->type->backward(call);
    if (n->extra) [[unlikely]] run_hooks_after(n, grads.data(), results.data());
    if (!options_.retain_graph) release_saved(n);
    for (int i = 0; i < n->n_edges; ++i) {
      if (!results[i].defined() || !call.needs(i)) continue;
      const Edge e = n->edges[i];
      if (e.is_leaf()) {
        const Tensor leaf = Tensor::share(e.leaf());
        deliver(e, fit(std::move(results[i]), leaf.sizes(), leaf.dtype(), n->type->name));
      } else {
        const OutputMeta& m = e.node()->outputs[e.nr];
        deliver(e, fit(std::move(results[i]), m.sizes(), m.dtype, n->type->name));
      }
    }
  }

  void run_hooks_before(Node* n, Tensor* grads) {
    NodeExtra& extra = *n->extra;
    for (const auto& entry : std::vector(extra.tensor_hooks.entries)) {
      Tensor& g = grads[entry.call.nr];
      if (!g.defined()) continue;
      if (Tensor changed = entry.call.call(g); changed.defined()) g = std::move(changed);
    }
    for (const auto& [nr, impl] : std::vector(extra.retains)) {
      if (grads[nr].defined()) accumulate_grad(impl, grads[nr], options_.create_graph);
    }
    if (!extra.before.empty()) {
      std::vector<Tensor> list(grads, grads + n->n_outputs);
      for (const auto& hook : std::vector(extra.before.entries)) hook.call(list);
      std::move(list.begin(), list.end(), grads);
    }
  }

  void run_hooks_after(Node* n, Tensor* grads, Tensor* results) {
    if (n->extra->after.empty()) return;
    std::vector<Tensor> in(results, results + n->n_edges);
    const std::vector<Tensor> out(grads, grads + n->n_outputs);
    for (const auto& hook : std::vector(n->extra->after.entries)) hook.call(in, out);
    std::move(in.begin(), in.end(), results);
  }

  const BackwardOptions& options_;
  SmallVector<Node*, 16> heap_;
  SmallVector<Node*, 2> roots_;
  SmallVector<LeafGrad, 8> leaves_;
  // Gradients of nodes that another backward pass is using; rare.
  std::unique_ptr<std::unordered_map<Node*, std::vector<TensorImpl*>>> elsewhere_;
  std::unique_ptr<Selection> selection_;  // where only some inputs are asked for
};

}  // namespace

Tensor fit(Tensor g, DimSpan sizes, Dtype dtype, const char* where) {
  if (!equal(g.sizes(), sizes)) {
    const bool fits = g.dim() >= static_cast<int>(sizes.size());
    bool ok = fits;
    for (size_t i = 0; ok && i < sizes.size(); ++i) {
      const int64_t have = g.size(g.dim() - static_cast<int>(sizes.size()) + static_cast<int>(i));
      ok = sizes[i] == have || sizes[i] == 1;
    }
    if (!ok) {
      runtime_error("Function ", where, " returned an invalid gradient at index 0 - got ", g.sizes(), " but expected shape compatible with ", sizes);
    }
    g = sum_to_size(g, sizes);
  }
  if (g.dtype() != dtype) g = to_dtype(g, dtype);
  return g;
}

void accumulate_grad(TensorImpl* leaf, Tensor g, bool create_graph) {
  if (!leaf->grad) {
    // Take it over when nobody else has it; otherwise its later owner would write into another's memory.
    const bool own = !create_graph && g.is_alone() && g->storage->refs.load(std::memory_order_relaxed) == 1 && !g->base && g.is_contiguous() && !g->has(kWrappedNumber);
    if (own) {
      if (g->grad_fn) g = detach(g);
    } else if (create_graph) {
      g = clone(g);
    } else {
      g = contiguous_copy(g, true);
    }
    leaf->grad = g.leak();
    return;
  }
  const Tensor before = Tensor::share(leaf->grad);
  if (create_graph || before.requires_grad()) {
    Tensor sum = before + g;
    release(std::exchange(leaf->grad, sum.leak()));
    return;
  }
  GradMode off(false);
  Operand operands[] = {Operand(before), Operand(g)};
  call_elementwise_inplace(RowOf<Add>::row, operands, nullptr);
}

Tensors backward(std::span<const Tensor> roots, std::span<const Tensor> grads, const BackwardOptions& options) {
  Tensors captured(options.inputs && !options.accumulate ? options.inputs->size() : 0);
  Task task(options);
  GradMode mode(options.create_graph);
  for (size_t i = 0; i < roots.size(); ++i) {
    const Tensor& root = roots[i];
    if (!root.requires_grad()) runtime_error("element ", i, " of tensors does not require grad and does not have a grad_fn");
    Tensor g = i < grads.size() ? grads[i] : Tensor();
    if (!g.defined()) {
      if (root.numel() != 1) runtime_error("grad can be implicitly created only for scalar outputs");
      if (!is_floating(root.dtype())) runtime_error("grad can be computed only for real scalar outputs but got torch.", info(root.dtype()).name);
      g = empty(root.sizes(), root.dtype());
      fill_elements(g, Scalar(1.0));
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
  task.finish(options.accumulate ? nullptr : &captured);
  return captured;
}

}  // namespace st
