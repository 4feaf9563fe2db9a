// The most common elementwise call of all, inline: at most a tile of contiguous float32 or float64 elements of one shape, beside 0-d tensors
// and numbers. One look at the operands finds out whether it is that, where the elements lie, and whether a gradient may be asked for.
#pragma once
#include "core/tensor_make.h"
#include "ops/elementwise_compute.h"

namespace st {

struct QuickCall {
  const TensorImpl* model = nullptr;  // of the widest shape among the operands
  Tile tile = nullptr;
  bool wants_grad = false;
  bool even = true;  // every operand is a tensor of the model's shape
  char* p[kMaxInputs + 1];
  alignas(16) char spread[kMaxInputs][kTile * sizeof(double)];  // the others, repeated for each element
};

inline bool same_small_shape(const TensorImpl* a, const TensorImpl* b) {
  for (int d = 0; d < a->ndim; ++d) if (a->sizes[d] != b->sizes[d]) return false;
  return true;
}

// False where the general way must be taken.
[[gnu::always_inline]] inline bool look(QuickCall& q, const Row& row, const Operand* x) {
  for (int i = 0; i < row.n_inputs; ++i) {
    if (!x[i].t) {
      if (x[i].s.kind == Scalar::Complex) return false;
      q.even = false;
      continue;
    }
    const TensorImpl* t = x[i].t->impl();
    if ((t->flags & (kContiguous | kWrappedNumber)) != kContiguous) return false;
    q.wants_grad |= t->requires_grad();
    q.p[i + 1] = t->data;
    const TensorImpl* model = q.model;
    if (!model) {
      q.model = t;
      continue;
    }
    if (t->dtype != model->dtype) return false;
    if ((t->ndim | model->ndim) == 0) continue;
    if (t->ndim == model->ndim) {
      if (!same_small_shape(t, model)) return false;
      continue;
    }
    if (model->ndim == 0) q.model = t;
    else if (t->ndim != 0) return false;
    q.even = false;
  }
  const bool is_double = q.model->dtype == Dtype::Float64;
  if ((!is_double && q.model->dtype != Dtype::Float32) || q.model->numel > kTile || q.model->numel == 0 || row.info.selector) return false;
  q.tile = row.tiles->forward[is_double ? kFloat64 : kFloat32];
  return q.tile != nullptr;
}

// n times v, and some more: blocks of a length that compilers know are stores of whole vectors.
template <class T>
inline void repeat(char* to, int64_t n, T v) {
  constexpr int64_t kBlock = 64 / sizeof(T);
  static_assert(kTile % kBlock == 0);
  for (int64_t k = 0; k < n; k += kBlock) {
    for (int64_t j = 0; j < kBlock; ++j) reinterpret_cast<T*>(to)[k + j] = v;
  }
}

inline void spread(QuickCall& q, const Row& row, const Operand* x) {
  const int64_t n = q.model->numel;
  const bool is_double = q.model->dtype == Dtype::Float64;
  for (int i = 0; i < row.n_inputs; ++i) {
    const bool number = !x[i].t;
    if (!number && (*x[i].t)->numel == n) continue;
    char* to = q.p[i + 1] = q.spread[i];
    const double v = number ? x[i].s.to_double() : is_double ? *x[i].t->data<double>() : *x[i].t->data<float>();
    if (is_double) repeat(to, n, v);
    else repeat(to, n, static_cast<float>(v));
  }
}

// After look().
[[gnu::always_inline]] inline Tensor run_quick(QuickCall& q, const Row& row, const Operand* x, const double* params) {
  if (!q.even) spread(q, row, x);
  const Dtype dtype = row.info.kind == Kind::Compare ? Dtype::Bool : q.model->dtype;
  Tensor out = is_small(q.model) ? empty_like_small(q.model, dtype) : empty({q.model->sizes, q.model->ndim}, dtype);
  q.p[0] = out->data;
  q.tile(q.p, q.model->numel, params);
  return out;
}

// x[0] = op(x...), where nothing is recorded and no operand shares only a part of x[0]'s memory; false where the general way must be taken.
inline bool write_quick(const Row& row, const Operand* x, const double* params) {
  QuickCall q;
  if (row.info.kind == Kind::Compare || !look(q, row, x)) return false;
  const TensorImpl* self = x[0].t->impl();
  if (self->flags & kInference || ((q.wants_grad || self->base) && grad_enabled())) return false;
  if (q.model != self && !(q.model->ndim == self->ndim)) return false;
  for (int i = 1; i < row.n_inputs; ++i) {
    if (x[i].t && x[i].t->impl() != self && (*x[i].t)->storage == self->storage) return false;
  }
  if (!q.even) spread(q, row, x);
  q.p[0] = self->data;
  q.tile(q.p, self->numel, params);
  ++self->storage->version;
  return true;
}

}  // namespace st
