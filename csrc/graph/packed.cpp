// Packing and unpacking of saved tensors.
#include "graph/packed.h"

#include <vector>

namespace st {
namespace {

std::vector<std::shared_ptr<Packer>>& hooks() {
  static thread_local std::vector<std::shared_ptr<Packer>> list;
  return list;
}

}  // namespace

void push_pack(Packer pack) {
  hooks().push_back(std::make_shared<Packer>(std::move(pack)));
  thread_state().packs_saved = true;
}

void pop_pack() {
  if (!hooks().empty()) hooks().pop_back();
  thread_state().packs_saved = !hooks().empty();
}

PackedTensor* pack_saved(const Tensor& x, bool is_output, uint32_t nr) {
  GradMode off(false);
  const std::shared_ptr<Packer> pack = hooks().back();
  // The hook may keep what it is given: of an output that must not be the output itself, which will own the node that owns it.
  const Tensor plain = is_output || x.requires_grad() ? alias(x, x.sizes(), x.strides(), x.offset()) : x;
  auto packed = std::make_unique<PackedTensor>(PackedTensor{(*pack)(plain), {}, nr, is_output, x.dtype(), Dims(x.sizes())});
  if (!is_output) packed->edge = gradient_edge(x);
  return packed.release();
}

Tensor unpack_saved(const Node* n, const PackedTensor& packed, bool graph) {
  Tensor t = packed.unpack();
  if (!t.defined() || t.dtype() != packed.dtype || !equal(t.sizes(), packed.sizes)) {
    runtime_error(n->type->name, ": the unpack hook of a saved tensor of size ", DimSpan(packed.sizes), " and type ", info(packed.dtype).name,
                  " returned ", t.defined() ? cat("one of size ", t.sizes(), " and type ", info(t.dtype()).name) : std::string("none"));
  }
  if (graph && packed.edge && packed.edge.is_leaf()) return Tensor::share(packed.edge.leaf());
  Node* maker = packed.is_output ? const_cast<Node*>(n) : packed.edge ? packed.edge.node() : nullptr;
  if (!graph || !maker) return t;
  Tensor again = alias(t, t.sizes(), t.strides(), t.offset());
  retain(maker->refs);
  again->grad_fn = maker;
  again->output_nr = packed.is_output ? packed.output_nr : packed.edge.nr;
  return again;
}

void destroy_packed(PackedTensor* packed) {
  release_edge(packed->edge);
  delete packed;
}

}  // namespace st
