// Making and freeing tensors.
#include "core/tensor.h"

#include <cstring>
#include <limits>

#include "core/tensor_make.h"

namespace st {

GraphHooks graph_hooks;

void release_inline_storage(Storage* s) { release_block(reinterpret_cast<char*>(s) - sizeof(TensorImpl), TensorImpl::kBlockBytes); }

namespace {

void release_owned(Storage* s) {
  release_bytes(s->data, s->bytes);
  release_block(s, sizeof(Storage));
}

void release_alias(Storage* s) {
  release_storage(static_cast<Storage*>(s->owner));
  release_block(s, sizeof(Storage));
}

struct Foreign {
  void (*release)(void*);
  void* owner;
};
void release_foreign(Storage* s) {
  auto* foreign = static_cast<Foreign*>(s->owner);
  foreign->release(foreign->owner);
  delete foreign;
  release_block(s, sizeof(Storage));
}

Storage* make_storage(void* data, size_t bytes, void (*release)(Storage*), void* owner) {
  auto* s = static_cast<Storage*>(allocate_block(sizeof(Storage)));
  new (&s->refs) RefCount(1);
  s->version = 0;
  s->data = data;
  s->bytes = bytes;
  s->release = release;
  s->owner = owner;
  return s;
}

// Only tensors with an inline storage have room for data behind the header.
constexpr size_t kPlainBytes = sizeof(TensorImpl);

inline void write_contiguous_strides(TensorImpl* t) {
  int64_t* strides = t->strides();
  int64_t step = 1;
  for (int i = t->ndim - 1; i >= 0; --i) {
    strides[i] = step;
    step *= t->sizes[i] > 1 ? t->sizes[i] : 1;
  }
}

// Gives `t` memory for its elements.
void attach_memory(TensorImpl* t, int64_t bytes) {
  if (t->flags & kInlineStorage) return attach_inline_storage(t, static_cast<size_t>(bytes));
  void* data = allocate_bytes(static_cast<size_t>(bytes));
  t->storage = make_storage(data, static_cast<size_t>(bytes), release_owned, nullptr);
  t->data = static_cast<char*>(data);
}

int64_t bytes_of(DimSpan sizes, int64_t numel, Dtype dtype) {
  int64_t bytes;
  if (__builtin_mul_overflow(numel, item_size(dtype), &bytes)) runtime_error("Storage size calculation overflowed with sizes=", sizes);
  return bytes;
}

// A tensor of at most kInlineDims dimensions and kInlineBytes of data, as most of small models are; nullptr for others.
TensorImpl* make_small(DimSpan sizes, Dtype dtype) {
  if (sizes.size() > TensorImpl::kInlineDims) return nullptr;
  size_t bytes = static_cast<size_t>(item_size(dtype)), numel = 1;
  for (int64_t size : sizes) {
    if (static_cast<size_t>(size) > TensorImpl::kInlineBytes) return nullptr;  // negative ones, too: the general way says what is wrong
    numel *= static_cast<size_t>(size);
  }
  bytes *= numel;
  if (bytes > TensorImpl::kInlineBytes) return nullptr;
  const uint16_t flags = thread_state().inference ? kContiguous | kInlineStorage | kInference : kContiguous | kInlineStorage;
  TensorImpl* t = make_impl(dtype, static_cast<int>(sizes.size()), static_cast<int64_t>(numel), flags, TensorImpl::kBlockBytes);
  int64_t* strides = t->inline_dims + TensorImpl::kInlineDims;
  int64_t step = 1;
  for (size_t i = sizes.size(); i-- > 0;) {
    t->inline_dims[i] = sizes[i];
    strides[i] = step;
    step *= sizes[i] > 1 ? sizes[i] : 1;
  }
  attach_inline_storage(t, bytes);
  return t;
}

TensorImpl* make_with_memory(DimSpan sizes, Dtype dtype, int64_t numel) {
  const int64_t bytes = bytes_of(sizes, numel, dtype);
  const bool inline_data = bytes <= static_cast<int64_t>(TensorImpl::kInlineBytes);
  TensorImpl* t = make_impl(dtype, static_cast<int>(sizes.size()), numel, inline_data ? kContiguous | kInlineStorage : kContiguous,
                            inline_data ? TensorImpl::kBlockBytes : kPlainBytes);
  for (size_t i = 0; i < sizes.size(); ++i) t->sizes[i] = sizes[i];
  write_contiguous_strides(t);
  try {
    attach_memory(t, bytes);
  } catch (...) {
    if (t->sizes != t->inline_dims) release_bytes(t->sizes, 2 * t->ndim * sizeof(int64_t));
    release_block(t, inline_data ? TensorImpl::kBlockBytes : kPlainBytes);
    throw;
  }
  if (thread_state().inference) [[unlikely]] t->flags |= kInference;
  return t;
}

}  // namespace

void release_storage(Storage* s) {
  if (drop(s->refs)) s->release(s);
}

void destroy(TensorImpl* t) {
  if (t->flags & kOwnsPython) [[unlikely]] graph_hooks.release_python(t->py);
  if (t->grad_fn) {
    if (t->flags & kRetainsGrad) [[unlikely]] graph_hooks.forget_retained(t);
    graph_hooks.release_node(t->grad_fn);
  }
  if (t->grad) release(t->grad);
  if (t->base) release(t->base);
  if (t->extra) [[unlikely]] graph_hooks.release_extra(t->extra);
  if (t->sizes != t->inline_dims) release_bytes(t->sizes, 2 * t->ndim * sizeof(int64_t));
  Storage* s = t->storage;
  if (t->flags & kInlineStorage) {
    // Its storage may have been replaced (x.data = y), then the block still waits for the old one's users.
    if (s != reinterpret_cast<Storage*>(t + 1)) release_storage(s);
    release_storage(reinterpret_cast<Storage*>(t + 1));
    return;
  }
  if (s) release_storage(s);
  release_block(t, kPlainBytes);
}

int64_t count_elements(DimSpan sizes) {
  int64_t n = 1;
  bool overflow = false, zero = false;
  for (int64_t s : sizes) {
    if (s < 0) runtime_error("Trying to create tensor with negative dimension ", s, ": ", text(sizes));
    zero |= s == 0;
    overflow |= __builtin_mul_overflow(n, s, &n);
  }
  if (zero) return 0;
  if (overflow) runtime_error("Storage size calculation overflowed with sizes=", sizes);
  return n;
}

Dims contiguous_strides(DimSpan sizes) {
  Dims strides = Dims::filled(static_cast<int>(sizes.size()), 0);
  int64_t step = 1;
  for (int i = strides.size() - 1; i >= 0; --i) {
    strides[i] = step;
    step *= sizes[i] > 1 ? sizes[i] : 1;
  }
  return strides;
}

bool computes_contiguous(DimSpan sizes, DimSpan strides) {
  int64_t step = 1;
  bool dense = true;
  for (size_t i = sizes.size(); i-- > 0;) {
    if (sizes[i] == 0) return true;
    if (sizes[i] != 1) {
      dense &= strides[i] == step;
      step *= sizes[i];
    }
  }
  return dense;
}

Tensor empty(DimSpan sizes, Dtype dtype) {
  if (TensorImpl* t = make_small(sizes, dtype)) return Tensor::adopt(t);
  if (sizes.size() > 64) runtime_error("tensors have at most 64 dimensions, got ", sizes.size());
  return Tensor::adopt(make_with_memory(sizes, dtype, count_elements(sizes)));
}

Tensor empty_like_strided(DimSpan sizes, DimSpan strides, Dtype dtype) {
  Tensor t = empty(sizes, dtype);
  set_geometry(t.impl(), sizes, strides);
  return t;
}

void set_geometry(TensorImpl* t, DimSpan sizes, DimSpan strides) {
  const Dims s(sizes), st(strides);  // the spans may be this tensor's own
  const int64_t numel = count_elements(s);
  if (s.size() != t->ndim) {
    int64_t* dims = s.size() <= TensorImpl::kInlineDims ? t->inline_dims : static_cast<int64_t*>(allocate_bytes(2 * s.size() * sizeof(int64_t)));
    if (t->sizes != t->inline_dims) release_bytes(t->sizes, 2 * t->ndim * sizeof(int64_t));
    t->sizes = dims;
    t->ndim = static_cast<uint8_t>(s.size());
  }
  for (int i = 0; i < s.size(); ++i) {
    t->sizes[i] = s[i];
    t->strides()[i] = st[i];
  }
  t->numel = numel;
  t->set(kContiguous, computes_contiguous(s, st));
}

Tensor unshaped_alias(const Tensor& x, int ndim) {
  if (ndim > 64) runtime_error("tensors have at most 64 dimensions, got ", ndim);
  TensorImpl* t = make_impl(x.dtype(), ndim, 1, x->flags & (kWrappedNumber | kInference), kPlainBytes);
  t->storage = x->storage;
  retain(t->storage->refs);
  t->data = x->data;
  return Tensor::adopt(t);
}

Tensor alias(const Tensor& x, DimSpan sizes, DimSpan strides, int64_t offset) {
  const int n = static_cast<int>(sizes.size());
  Tensor t = unshaped_alias(x, n);
  int64_t* out_strides = t->strides();
  for (int i = 0; i < n; ++i) {
    t->sizes[i] = sizes[i];
    out_strides[i] = strides[i];
  }
  settle_shape(t.impl());
  t->data = static_cast<char*>(t->storage->data) + offset * item_size(x.dtype());
  return t;
}

Tensor meta(DimSpan sizes, Dtype dtype) {
  TensorImpl* t = make_impl(dtype, static_cast<int>(sizes.size()), count_elements(sizes), kContiguous, kPlainBytes);
  for (size_t i = 0; i < sizes.size(); ++i) t->sizes[i] = sizes[i];
  write_contiguous_strides(t);
  t->storage = make_storage(nullptr, 0, release_owned, nullptr);
  t->storage->release = [](Storage* s) { release_block(s, sizeof(Storage)); };
  t->data = nullptr;
  return Tensor::adopt(t);
}

Tensor wrap_number(const Scalar& s, Dtype dtype) {
  Tensor t = empty({}, dtype);
  t->flags |= kWrappedNumber;
  visit(dtype, [&]<class T>() { *t.data<T>() = s.to<T>(); });
  return t;
}

Tensor from_memory(void* data, size_t bytes, DimSpan sizes, DimSpan strides, Dtype dtype, void (*release)(void*), void* owner) {
  TensorImpl* t = make_impl(dtype, static_cast<int>(sizes.size()), count_elements(sizes), 0, kPlainBytes);
  for (size_t i = 0; i < sizes.size(); ++i) {
    t->sizes[i] = sizes[i];
    t->strides()[i] = strides[i];
  }
  t->set(kContiguous, computes_contiguous(sizes, strides));
  t->storage = make_storage(data, bytes, release_foreign, new Foreign{release, owner});
  t->data = static_cast<char*>(data);
  return Tensor::adopt(t);
}

void adopt_contents(const Tensor& x, const Tensor& other) {
  TensorImpl* t = x.impl();
  if (t == other.impl()) return;
  Storage* before = t->storage;
  // An inline storage is counted once for its block until the tensor itself is freed, whether in use or not.
  const Storage* own = t->has(kInlineStorage) ? reinterpret_cast<Storage*>(t + 1) : nullptr;
  if (other->storage != own) retain(other->storage->refs);
  set_geometry(t, other.sizes(), other.strides());
  t->dtype = other.dtype();
  t->data = other->data;
  t->storage = other->storage;
  if (before != own) release_storage(before);
}

Tensor separate_version(const Tensor& x) {
  Tensor t = alias(x, x.sizes(), x.strides(), x.offset());
  Storage* shared = t->storage;
  t->storage = make_storage(shared->data, shared->bytes, release_alias, shared);
  return t;
}

int64_t wrap_dim(int64_t dim, int64_t ndim) {
  const int64_t n = ndim > 0 ? ndim : 1;
  if (dim < -n || dim >= n) {
    index_error("Dimension out of range (expected to be in range of [", -n, ", ", n - 1, "], but got ", dim, ")");
  }
  return dim < 0 ? dim + n : dim;
}

}  // namespace st
