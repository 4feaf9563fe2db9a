// Node: the record of one op that ran, which is all that backward, capture and drawing know of it.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"
#include "core/thread_state.h"

namespace st {

struct NodeExtra;  // graph/hooks.h
struct PackedTensor;  // graph/packed.h
struct BackwardCall;

// What the graph needs to know of a kind of node; every op's row holds one.
struct NodeType {
  const char* name;                   // AddBackward0
  void (*backward)(BackwardCall&);    // fills the gradients of the inputs
  void (*destroy)(void* attributes);  // frees what `attributes` points to
};

// Where the gradient of an input goes: output `nr` of a node, the leaf itself, or nowhere.
struct Edge {
  uintptr_t target = 0;  // Node*, or TensorImpl* with bit 0 set; counted
  uint32_t nr = 0;

  explicit operator bool() const { return target != 0; }
  bool is_leaf() const { return target & 1; }
  Node* node() const { return reinterpret_cast<Node*>(target); }
  TensorImpl* leaf() const { return reinterpret_cast<TensorImpl*>(target & ~uintptr_t{1}); }
};

// A tensor that backward will read, with the version it had.
struct Saved {
  enum Kind : uint32_t { None, Input, Output, Number, Packed };
  union {
    TensorImpl* t;
    double number;
    PackedTensor* packed;
  };
  uint32_t version;
  Kind kind;
};

// Shape and dtype of an output: gradients that arrive are summed and cast to it.
struct OutputMeta {
  static constexpr int kInlineDims = 4;
  Dtype dtype;
  uint8_t ndim;
  bool is_set;  // false for an output that is no tensor
  union {
    int64_t inline_sizes[kInlineDims];
    int64_t* heap_sizes;
  };
  DimSpan sizes() const { return {ndim <= kInlineDims ? inline_sizes : heap_sizes, ndim}; }
};

enum NodeFlags : uint8_t { kNodeReleased = 1 };

struct Node {
  static constexpr int kInlineEdges = 3, kInlineSaved = 3, kParams = 3;

  RefCount refs;
  uint16_t n_edges, n_outputs;
  uint16_t n_saved;     // inputs first, then outputs
  uint8_t flags;
  const NodeType* type;
  uint64_t sequence;    // larger than that of every node it depends on; the engine's order
  void* task;           // the backward pass whose gradients `pending` holds
  TensorImpl* pending_one;
  void* attributes;
  NodeExtra* extra;
  void* py;
  TensorImpl** pending;  // gradients of the outputs that have arrived: &pending_one when there is one output
  Edge* edges;
  Saved* saved;
  OutputMeta* outputs;
  OutputMeta output_one;
  Edge inline_edges[kInlineEdges];
  Saved inline_saved[kInlineSaved];
  double params[kParams];  // numbers of an elementwise op

  // How many of the last slots hold outputs (ops that are not elementwise have no numbers, so it stands there).
  int output_slots() const { return static_cast<int>(params[0]); }
};

Node* make_node(const NodeType* type, int n_edges, int n_outputs, int n_saved);
// The usual node, inline: one output, at most kInlineEdges inputs, and nothing saved until reserve_saved says how much.
inline Node* make_small_node(const NodeType* type, int n_edges) {
  auto* n = static_cast<Node*>(allocate_block(sizeof(Node)));
  new (&n->refs) RefCount(1);
  n->n_edges = static_cast<uint16_t>(n_edges);
  n->n_outputs = 1;
  n->n_saved = 0;
  n->flags = 0;
  n->type = type;
  n->sequence = 0;
  n->task = nullptr;
  n->pending_one = nullptr;
  n->attributes = nullptr;
  n->extra = nullptr;
  n->py = nullptr;
  n->pending = &n->pending_one;
  n->edges = n->inline_edges;
  n->saved = n->inline_saved;
  n->outputs = &n->output_one;
  n->output_one.ndim = 0;
  n->output_one.is_set = false;
  for (int i = 0; i < n_edges; ++i) n->inline_edges[i].target = 0;
  return n;
}
void reserve_saved(Node* n, int n_saved);
void destroy_node(Node* n);
inline void release(Node* n) {
  if (drop(n->refs)) destroy_node(n);
}
void release_saved(Node* n);  // after backward without retain_graph

void set_output(Node* n, int nr, const Tensor& y);          // y.grad_fn = n; takes shape and dtype
void set_output_meta(Node* n, int nr, const Tensor& y);     // shape and dtype alone
inline void set_first_output(Node* n, const Tensor& y) {    // of a node with one output, of a tensor just made: takes the count
  OutputMeta& m = n->output_one;
  m.dtype = y.dtype();
  m.is_set = true;
  m.ndim = static_cast<uint8_t>(y.dim());
  if (m.ndim) set_output_meta(n, 0, y);
  y->grad_fn = n;
}
Edge gradient_edge(const Tensor& x);                        // counted; empty where x needs no gradient
void set_edge(Node* n, int i, Edge edge);                   // takes the count; raises the sequence above the target's
void finish(Node* n);                                       // after the edges: gives the node its place in the order
// The edge of a new node for input i, which needs a gradient.
void connect_view(Node* n, int i, const Tensor& x);
inline void connect_wanted(Node* n, int i, TensorImpl* t) {
  Edge& edge = n->edges[i];
  if (Node* maker = t->grad_fn) {
    retain(maker->refs);
    edge.target = reinterpret_cast<uintptr_t>(maker);
    edge.nr = t->output_nr;
    if (maker->sequence >= n->sequence) n->sequence = maker->sequence + 1;
  } else {
    retain(t->refs);
    edge.target = reinterpret_cast<uintptr_t>(t) | 1;
    edge.nr = 0;
  }
}
inline void connect(Node* n, int i, const Tensor& x) {
  if (!x.defined()) return;
  if (x->base) [[unlikely]] return connect_view(n, i, x);
  if (x->has_own_grad()) connect_wanted(n, i, x.impl());
}
void release_edge(Edge e);
std::string op_name(std::string_view node_name);            // Add of AddBackward0, as messages about tensors name it

void save_input(Node* n, int slot, const Tensor& x);
void save_output(Node* n, int slot, const Tensor& y, int nr = 0);  // output number nr: an alias without grad_fn, or the graph would own itself
// The saved tensor, checked to be unwritten since. With `graph`, a saved output gets its grad_fn back.
Tensor unpack(const Node* n, int slot, bool graph);

// One call of a node's backward: gradients of the outputs in (undefined means zero), gradients of the inputs out.
struct BackwardCall {
  Node& node;
  Tensor* grads;
  Tensor* results;
  const bool* wanted;  // per input, or nullptr: all that have an edge
  bool create_graph;

  bool needs(int i) const { return node.edges[i] && (!wanted || wanted[i]); }
  const Tensor& grad(int i = 0) const { return grads[i]; }
};

// The grad_fn of a view is made anew when its base was written in place since; see views.cpp.
void refresh_view(TensorImpl* view);
inline bool is_stale_view(const TensorImpl* t) { return t->base && t->view_version != t->storage->version; }

}  // namespace st
