// How a new tensor is laid out, inline: calls on a few elements spend a good part of their time here.
#pragma once
#include <cstring>

#include "core/tensor.h"

namespace st {

// Without storage and sizes.
inline TensorImpl* make_impl(Dtype dtype, int ndim, int64_t numel, uint16_t flags, size_t block_bytes) {
  auto* t = static_cast<TensorImpl*>(allocate_block(block_bytes));
  new (&t->refs) RefCount(1);
  t->dtype = dtype;
  t->ndim = static_cast<uint8_t>(ndim);
  t->flags = flags;
  t->numel = numel;
  t->grad_fn = nullptr;
  t->grad = nullptr;
  t->base = nullptr;
  t->extra = nullptr;
  t->py = nullptr;
  t->output_nr = 0;
  t->view_version = 0;
  t->sizes = ndim <= TensorImpl::kInlineDims ? t->inline_dims : static_cast<int64_t*>(allocate_bytes(2 * ndim * sizeof(int64_t)));
  return t;
}

// An inline storage lives in its tensor's block, which is freed when both the tensor and every other user of the storage are gone.
void release_inline_storage(Storage* s);

inline void attach_inline_storage(TensorImpl* t, size_t bytes) {
  auto* s = reinterpret_cast<Storage*>(t + 1);
  new (&s->refs) RefCount(1);
  s->version = 0;
  s->data = reinterpret_cast<char*>(t) + TensorImpl::kDataOffset;
  s->bytes = bytes;
  s->release = release_inline_storage;
  t->storage = s;
  t->data = static_cast<char*>(s->data);
}

// A contiguous tensor of the model's shape, of at most kInlineDims dimensions and kInlineBytes of data.
inline Tensor empty_like_small(const TensorImpl* model, Dtype dtype) {
  const uint16_t flags = thread_state().inference ? kContiguous | kInlineStorage | kInference : kContiguous | kInlineStorage;
  TensorImpl* t = make_impl(dtype, model->ndim, model->numel, flags, TensorImpl::kBlockBytes);
  if (model->ndim) std::memcpy(t->inline_dims, model->inline_dims, sizeof t->inline_dims);
  attach_inline_storage(t, static_cast<size_t>(model->numel * item_size(dtype)));
  return Tensor::adopt(t);
}
inline bool is_small(const TensorImpl* t) {
  return t->ndim == 0 || (t->ndim <= TensorImpl::kInlineDims && t->numel != 0 && t->numel * item_size(t->dtype) <= static_cast<int64_t>(TensorImpl::kInlineBytes));
}

}  // namespace st
