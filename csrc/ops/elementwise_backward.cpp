// First-order gradients of elementwise ops: the records' tiles, or their derivatives over tensors where those are differentiated again.
#include "kernels/convert.h"
#include "kernels/layout.h"
#include "kernels/loop.h"
#include "ops/complex.h"
#include "ops/elementwise_quick.h"

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

// The most common call: few contiguous elements of g's shape, beside saved tensors of one element and numbers.
bool quick_backward(Tile tile, const Node& node, uint8_t saves, int n_inputs, const Tensor& g, Tensor& result) {
  const TensorImpl* gi = g.impl();
  if (!(gi->flags & kContiguous) || !is_small(gi)) return false;
  const bool is_double = gi->dtype == Dtype::Float64;
  const int64_t n = gi->numel;
  char numbers[kMaxInputs + 1][TensorImpl::kInlineBytes];
  char* p[kMaxInputs + 3];
  p[1] = gi->data;
  for (int s = 0; s <= n_inputs; ++s) {
    if (!(saves & (s == n_inputs ? Y : 1 << s))) continue;
    const Saved& saved = node.saved[s];
    double v;
    if (saved.kind == Saved::Number) {
      v = saved.number;
    } else {
      if ((saved.kind != Saved::Input && saved.kind != Saved::Output) || saved.t->storage->version != saved.version || saved.t->dtype != gi->dtype) return false;
      if (saved.t->numel == n && saved.t->flags & kContiguous) {
        p[s + 2] = saved.t->data;
        continue;
      }
      if (saved.t->numel != 1) return false;
      v = is_double ? *reinterpret_cast<const double*>(saved.t->data) : *reinterpret_cast<const float*>(saved.t->data);
    }
    p[s + 2] = numbers[s];
    if (is_double) {
      for (int64_t k = 0; k < n; ++k) reinterpret_cast<double*>(numbers[s])[k] = v;
    } else {
      for (int64_t k = 0; k < n; ++k) reinterpret_cast<float*>(numbers[s])[k] = static_cast<float>(v);
    }
  }
  result = empty_like_small(gi, gi->dtype);
  p[0] = result->data;
  tile(p, n, node.params);
  return true;
}

// Whether each saved tensor has g's dimensions or none, so that they can be reordered together.
bool alike(const Tensor& g, const Tensor* saved, int n) {
  for (int s = 0; s < n; ++s) {
    if (saved[s].defined() && saved[s].dim() != 0 && saved[s].dim() != g.dim()) return false;
  }
  return true;
}

// Where a derivative f' is complex, the gradient is g conj(f') (see Note [Gradients of complex tensors]), which is the conjugate of what
// the record's formula makes of conj(g).
Tensor gradient(const Row& row, int i, const Tensor& g, const Tensor* saved, const double* params) {
  for (int s = 0; s <= row.n_inputs; ++s) {
    if (saved[s].defined() && is_complex(saved[s].dtype())) return conj(row.vjp(i, conj(g), saved, params));
  }
  return row.vjp(i, g, saved, params);
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
    if (tile && quick_backward(tile, node, row.info.saves[i], row.n_inputs, g, call.results[i])) continue;
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
      call.results[i] = gradient(row, i, g, saved, node.params);
      continue;
    }
    if (!g.is_contiguous() && is_dense(g) && alike(g, saved, row.n_inputs + 1)) {
      // Over memory order, as forward goes: both in rows beside columns would miss the cache at each element.
      const Dims order = memory_order(g);
      Tensor out = empty_like_strided(g.sizes(), g.strides(), type), turned[kMaxInputs + 2] = {permuted(g, order)};
      in[0] = LoopOperand::of(turned[0]);
      for (int s = 0; s <= row.n_inputs; ++s) {
        if (saved[s].defined() && saved[s].dim() > 0) in[s + 1] = LoopOperand::of(turned[s + 1] = permuted(saved[s], order));
      }
      const Tensor along = permuted(out, order);
      run_loop(tile, node.params, along.sizes(), LoopOperand::of(along), type, in, row.n_inputs + 2, type);
      call.results[i] = std::move(out);
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
