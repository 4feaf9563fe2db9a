// Making, connecting and freeing nodes.
#include "graph/node.h"

#include <algorithm>

#include "graph/hooks.h"
#include "graph/packed.h"

namespace st {
namespace {

// Nodes that wait to be freed: a chain of 100,000 is taken down by a loop, not by recursion.
thread_local std::vector<Node*>* doomed = nullptr;

void destroy_extra(Extra* e) { delete e; }

struct InstallHooks {
  InstallHooks() {
    graph_hooks.release_node = [](Node* n) { release(n); };
    graph_hooks.release_extra = destroy_extra;
    graph_hooks.forget_retained = [](TensorImpl* t) {
      std::erase_if(extra_of(t->grad_fn).retains, [t](const auto& r) { return r.second == t; });
    };
  }
} install_hooks;

void free_sizes(OutputMeta& m) {
  if (m.ndim > OutputMeta::kInlineDims) release_bytes(m.heap_sizes, m.ndim * sizeof(int64_t));
}

void free_node(Node* n) {
  if (n->n_saved) release_saved(n);
  for (int i = 0; i < n->n_edges; ++i) release_edge(n->edges[i]);
  if (n->pending_one) [[unlikely]] release(n->pending_one);
  if (n->attributes) n->type->destroy(n->attributes);
  if (n->extra) [[unlikely]] delete n->extra;
  if (n->edges != n->inline_edges) release_bytes(n->edges, n->n_edges * sizeof(Edge));
  if (n->saved != n->inline_saved) release_bytes(n->saved, n->n_saved * sizeof(Saved));
  for (int i = 0; i < n->n_outputs; ++i) free_sizes(n->outputs[i]);
  if (n->outputs != &n->output_one) {
    release_bytes(n->outputs, n->n_outputs * sizeof(OutputMeta));
    if (n->pending) {
      for (int i = 0; i < n->n_outputs; ++i) if (n->pending[i]) release(n->pending[i]);
      release_bytes(n->pending, n->n_outputs * sizeof(TensorImpl*));
    }
  }
  release_block(n, sizeof(Node));
}

}  // namespace

void reserve_saved(Node* n, int n_saved) {
  n->n_saved = static_cast<uint16_t>(n_saved);
  if (n_saved > Node::kInlineSaved) n->saved = static_cast<Saved*>(allocate_bytes(n_saved * sizeof(Saved)));
  for (int i = 0; i < n_saved; ++i) n->saved[i].kind = Saved::None;
}

Node* make_node(const NodeType* type, int n_edges, int n_outputs, int n_saved) {
  const bool few = n_edges <= Node::kInlineEdges;
  Node* n = make_small_node(type, few ? n_edges : 0);
  n->n_edges = static_cast<uint16_t>(n_edges);
  n->n_outputs = static_cast<uint16_t>(n_outputs);
  if (!few) {
    n->edges = static_cast<Edge*>(allocate_bytes(n_edges * sizeof(Edge)));
    for (int i = 0; i < n_edges; ++i) n->edges[i] = {};
  }
  if (n_saved) reserve_saved(n, n_saved);
  if (n_outputs > 1) {
    n->pending = nullptr;
    n->outputs = static_cast<OutputMeta*>(allocate_bytes(n_outputs * sizeof(OutputMeta)));
    for (int i = 0; i < n_outputs; ++i) {
      n->outputs[i].ndim = 0;
      n->outputs[i].is_set = false;
    }
  }
  return n;
}

void destroy_node(Node* n) {
  if (doomed) {
    doomed->push_back(n);
    return;
  }
  std::vector<Node*> waiting;
  doomed = &waiting;
  free_node(n);
  while (!waiting.empty()) {
    Node* next = waiting.back();
    waiting.pop_back();
    free_node(next);
  }
  doomed = nullptr;
}

void release_saved(Node* n) {
  for (int i = 0; i < n->n_saved; ++i) {
    Saved& s = n->saved[i];
    if (s.kind == Saved::None) continue;
    const Saved::Kind kind = s.kind;
    s.kind = Saved::None;
    n->flags |= kNodeReleased;
    if (kind == Saved::Packed) [[unlikely]] destroy_packed(s.packed);
    else if (kind != Saved::Number) release(s.t);
  }
}

void release_edge(Edge e) {
  if (!e) return;
  if (e.is_leaf()) release(e.leaf());
  else release(e.node());
}

void set_output_meta(Node* n, int nr, const Tensor& y) {
  OutputMeta& m = n->outputs[nr];
  m.dtype = y.dtype();
  m.is_set = true;
  m.ndim = static_cast<uint8_t>(y.dim());
  int64_t* sizes = m.inline_sizes;
  if (m.ndim > OutputMeta::kInlineDims) sizes = m.heap_sizes = static_cast<int64_t*>(allocate_bytes(m.ndim * sizeof(int64_t)));
  for (int i = 0; i < m.ndim; ++i) sizes[i] = y->sizes[i];
}

void set_output(Node* n, int nr, const Tensor& y) {
  set_output_meta(n, nr, y);
  retain(n->refs);
  Node* before = y->grad_fn;
  const bool retains = before && y->has(kRetainsGrad);  // the gradient kept is that of the newest value
  if (retains) [[unlikely]] graph_hooks.forget_retained(y.impl());
  y->grad_fn = n;
  y->output_nr = static_cast<uint32_t>(nr);
  if (retains) [[unlikely]] extra_of(n).retains.emplace_back(y->output_nr, y.impl());
  if (before) release(before);
}

Edge gradient_edge(const Tensor& x) {
  TensorImpl* t = x.impl();
  if (is_stale_view(t)) [[unlikely]] refresh_view(t);
  if (t->grad_fn) {
    retain(t->grad_fn->refs);
    return {reinterpret_cast<uintptr_t>(t->grad_fn), t->output_nr};
  }
  if (!t->requires_grad()) return {};
  retain(t->refs);
  return {reinterpret_cast<uintptr_t>(t) | 1, 0};
}

void connect_view(Node* n, int i, const Tensor& x) {
  if (x.requires_grad()) set_edge(n, i, gradient_edge(x));
}

void set_edge(Node* n, int i, Edge edge) {
  release_edge(n->edges[i]);
  n->edges[i] = edge;
  if (edge && !edge.is_leaf() && edge.node()->sequence >= n->sequence) n->sequence = edge.node()->sequence + 1;
}

void finish(Node* n) {
  ThreadState& state = thread_state();
  if (n->sequence <= state.last_sequence) n->sequence = state.last_sequence + 1;
  state.last_sequence = n->sequence;
  if (state.anomaly) [[unlikely]] graph_hooks.note_forward(n);
}

void save_input(Node* n, int slot, const Tensor& x) {
  if (x->has(kInference)) [[unlikely]] {
    runtime_error("Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in computation "
                  "tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it in autograd, or use "
                  "`torch.no_grad()` instead of `torch.inference_mode()`.");
  }
  if (thread_state().packs_saved) [[unlikely]] {
    n->saved[slot].packed = pack_saved(x, false, 0);
    n->saved[slot].kind = Saved::Packed;
    return;
  }
  retain(x->refs);
  n->saved[slot].t = x.impl();
  n->saved[slot].version = x.version();
  n->saved[slot].kind = Saved::Input;
}

void save_output(Node* n, int slot, const Tensor& y, int nr) {
  if (thread_state().packs_saved) [[unlikely]] {
    n->saved[slot].packed = pack_saved(y, true, static_cast<uint32_t>(nr));
    n->saved[slot].kind = Saved::Packed;
    return;
  }
  n->saved[slot].t = alias(y, y.sizes(), y.strides(), y.offset()).leak();
  n->saved[slot].t->output_nr = static_cast<uint32_t>(nr);
  n->saved[slot].version = y.version();
  n->saved[slot].kind = Saved::Output;
}

Tensor unpack(const Node* n, int slot, bool graph) {
  const Saved& s = n->saved[slot];
  if (s.kind == Saved::Number) return wrap_number(Scalar(s.number), Dtype::Float64);
  if (s.kind == Saved::None) {
    if (n->flags & kNodeReleased) {
      runtime_error("Trying to backward through the graph a second time (or directly access saved tensors after they have already been "
                    "freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify "
                    "retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors "
                    "after calling backward.");
    }
    return {};
  }
  if (s.kind == Saved::Packed) [[unlikely]] return unpack_saved(n, *s.packed, graph);
  Tensor t = Tensor::share(s.t);
  if (t.version() != s.version) {
    const bool made_here = s.kind == Saved::Output;
    const char* maker = made_here ? n->type->name : t->grad_fn ? t->grad_fn->type->name : nullptr;
    runtime_error("one of the variables needed for gradient computation has been modified by an inplace operation: [torch.",
                  info(t.dtype()).tensor_type, " ", t.sizes(), "]",
                  maker ? cat(", which is output ", t->output_nr, " of ", op_name(maker), ",") : std::string(), " is at version ",
                  int64_t{t.version()}, "; expected version ", int64_t{s.version},
                  " instead. Hint: ",
                  thread_state().anomaly ? "the backtrace further above shows the operation that failed to compute its gradient. The variable "
                                           "in question was changed in there or anywhere later. Good luck!"
                                         : "enable anomaly detection to find the operation that failed to compute its gradient, with "
                                           "torch.autograd.set_detect_anomaly(True, check_nan=False).",
                  " (", n->type->name, " saved it.)");
  }
  if (s.kind == Saved::Output && graph) {
    Tensor again = alias(t, t.sizes(), t.strides(), t.offset());
    auto* maker = const_cast<Node*>(n);
    retain(maker->refs);
    again->grad_fn = maker;
    again->output_nr = t->output_nr;
    return again;
  }
  return t;
}

std::string op_name(std::string_view node_name) {
  const size_t at = node_name.rfind("Backward");
  return std::string(at == 0 ? node_name : node_name.substr(0, at));
}

Extra& extra_of(TensorImpl* t) {
  if (!t->extra) t->extra = new Extra;
  return *t->extra;
}

NodeExtra& extra_of(Node* n) {
  if (!n->extra) n->extra = new NodeExtra;
  return *n->extra;
}

HookHandle add_tensor_hook(const Tensor& x, TensorHook hook) {
  if (!x.requires_grad()) runtime_error("cannot register a hook on a tensor that doesn't require gradient");
  if (is_stale_view(x.impl())) refresh_view(x.impl());
  if (!x->grad_fn) return extra_of(x.impl()).hooks.add(std::move(hook));
  return extra_of(x->grad_fn).tensor_hooks.add({x->output_nr, std::move(hook)});
}

void retain_grad(const Tensor& x) {
  if (!x.requires_grad()) runtime_error("can't retain_grad on Tensor that has requires_grad=False");
  if (!x->grad_fn || x->has(kRetainsGrad)) return;
  x->set(kRetainsGrad, true);
  extra_of(x->grad_fn).retains.emplace_back(x->output_nr, x.impl());
}

}  // namespace st
