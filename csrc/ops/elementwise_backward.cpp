// First-order gradients of elementwise ops: the records' tiles, or their derivatives over tensors where those are differentiated again.
#include "kernels/convert.h"
#include "kernels/loop.h"
#include "ops/elementwise_compute.h"

namespace st {
namespace {

// At most a tile of contiguous elements: no loop. False where the general way must be taken.
bool small_backward(Tile tile, const double* params, const Tensor& out, const LoopOperand* in, int n_in) {
  const int64_t n = out.numel();
  if (n > kTile || n == 0) return false;
  const Dtype type = out.dtype();
  alignas(64) char buffers[kMaxInputs + 2][kTile * 8];
  char* p[kMaxInputs + 3] = {out->data};
  for (int k = 0; k < n_in; ++k) {
    if (!in[k].data) continue;
    if (in[k].numel == n && in[k].contiguous && in[k].dtype == type) {
      p[k + 1] = in[k].data;
    } else if (in[k].numel == 1) {
      p[k + 1] = buffers[k];
      convert(buffers[k], type, item_size(type), in[k].data, in[k].dtype, 0, n);
    } else {
      return false;
    }
  }
  tile(p, n, params);
  return true;
}

}  // namespace

void elementwise_backward(BackwardCall& call) {
  Node& node = call.node;
  const Row& row = static_cast<const Row&>(*node.type);
  const Tensor& g = call.grad();
  if (!g.defined()) return;
  for (int i = 0; i < row.n_inputs; ++i) {
    if (!call.needs(i)) continue;
    if (row.info.passes >> i & 1) {
      call.results[i] = g;
      continue;
    }
    const Dtype type = g.dtype();
    const bool lanes = !call.create_graph && !row.info.undifferentiable && (type == Dtype::Float32 || type == Dtype::Float64);
    const Tile tile = lanes ? row.tiles->backward[i][type == Dtype::Float64] : nullptr;
    Tensor saved[kMaxInputs + 1];
    LoopOperand in[kMaxInputs + 2];
    if (tile) in[0] = LoopOperand::of(g);
    for (int s = 0; s <= row.n_inputs; ++s) {
      const int bit = s == row.n_inputs ? Y : 1 << s;
      if (!(row.info.saves[i] & bit)) continue;
      if (tile && node.saved[s].kind == Saved::Number) {
        in[s + 1].data = reinterpret_cast<char*>(&node.saved[s].number);
        in[s + 1].dtype = Dtype::Float64;
        continue;
      }
      saved[s] = unpack(&node, s, call.create_graph);
      if (tile) in[s + 1] = LoopOperand::of(saved[s]);
    }
    if (!tile) {
      call.results[i] = row.vjp(i, g, saved, node.params);
      continue;
    }
    Tensor out = empty(g.sizes(), type);
    if (!small_backward(tile, node.params, out, in, row.n_inputs + 2)) {
      run_loop(tile, node.params, out.sizes(), LoopOperand::of(out), type, in, row.n_inputs + 2, type);
    }
    call.results[i] = std::move(out);
  }
}

}  // namespace st
