// Tensor: a counted handle to a strided view of a storage, and what the graph hangs on it.
#pragma once
#include <atomic>
#include <utility>

#include "core/allocator.h"
#include "core/dims.h"
#include "core/dtype.h"
#include "core/error.h"
#include "core/scalar.h"

namespace st {

struct Node;   // graph/node.h
struct Extra;  // graph/hooks.h

// Counts are atomic, but an owner who finds the count at 1 is alone and pays no locked instruction: temporaries, which are
// most tensors, are freed without one.
using RefCount = std::atomic<int32_t>;
inline void retain(RefCount& refs) { refs.fetch_add(1, std::memory_order_relaxed); }
inline bool drop(RefCount& refs) {
  return refs.load(std::memory_order_acquire) == 1 || refs.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

struct Storage {
  RefCount refs;
  uint32_t version;  // raised by every in-place write, shared by all views
  void* data;
  size_t bytes;
  void (*release)(Storage*);  // frees data and the Storage itself
  void* owner;                // what `release` needs besides
};

enum Flags : uint16_t {
  kRequiresGrad = 1,      // a leaf for which gradients are accumulated
  kContiguous = 2,        // row-major without gaps, or at most one element
  kWrappedNumber = 4,     // made from a Python number: does not promote within its category
  kInlineStorage = 8,     // its Storage lives in the same block
  kRetainsGrad = 16,      // not a leaf, but asked to keep its gradient
  kMultiView = 32,        // one of the several views that one op returned
  kNoGradView = 64,       // a view made while nothing was recorded
  kInference = 128,       // made in inference mode
  kOwnsPython = 256,      // keeps its Python object alive, not the other way round
  kFunctionView = 1024,   // a view that a user's autograd.Function returned
};

struct TensorImpl {
  static constexpr int kInlineDims = 4;
  static constexpr size_t kInlineBytes = 64, kDataOffset = 192, kBlockBytes = kDataOffset + kInlineBytes;

  RefCount refs;
  Dtype dtype;
  uint8_t ndim;
  uint16_t flags;
  int64_t numel;
  char* data;  // first element: storage->data + offset
  Storage* storage;
  int64_t* sizes;  // sizes, then strides at sizes[capacity]; inline_dims unless there are more than kInlineDims
  Node* grad_fn;
  TensorImpl* grad;
  TensorImpl* base;  // whose view this is, or nullptr
  Extra* extra;      // hooks and other rare things
  void* py;          // the Python object that stands for it, not counted unless kOwnsPython
  uint32_t output_nr;
  uint32_t view_version;  // the storage's version for which grad_fn of a view is right
  int64_t inline_dims[2 * kInlineDims];

  int64_t* strides() { return sizes + (ndim > kInlineDims ? ndim : kInlineDims); }
  const int64_t* strides() const { return const_cast<TensorImpl*>(this)->strides(); }
  bool has(Flags f) const { return flags & f; }
  void set(Flags f, bool on) { flags = static_cast<uint16_t>(on ? flags | f : flags & ~f); }
  bool has_own_grad() const { return grad_fn != nullptr || (flags & kRequiresGrad); }
  bool requires_grad() const { return has_own_grad() || (base && base->has_own_grad()); }  // a view does when its base does
};
static_assert(sizeof(TensorImpl) + sizeof(Storage) <= TensorImpl::kDataOffset);

void destroy(TensorImpl* t);
void release_storage(Storage* s);
inline void release(TensorImpl* t) {
  if (drop(t->refs)) destroy(t);
}

// What lies above core gives here how it lets go of what it hung on a tensor.
struct GraphHooks {
  void (*release_node)(Node*) = nullptr;
  void (*release_extra)(Extra*) = nullptr;
  void (*release_python)(void*) = nullptr;
  void (*forget_retained)(TensorImpl*) = nullptr;
  void (*note_forward)(Node*) = nullptr;  // in anomaly mode, after a node was made
};
extern GraphHooks graph_hooks;

class Tensor {
 public:
  Tensor() = default;
  Tensor(const Tensor& o) : impl_(o.impl_) { if (impl_) retain(impl_->refs); }
  Tensor(Tensor&& o) noexcept : impl_(std::exchange(o.impl_, nullptr)) {}
  Tensor& operator=(const Tensor& o) { Tensor copy(o); std::swap(impl_, copy.impl_); return *this; }
  Tensor& operator=(Tensor&& o) noexcept { Tensor moved(std::move(o)); std::swap(impl_, moved.impl_); return *this; }
  ~Tensor() { if (impl_) release(impl_); }
  static Tensor adopt(TensorImpl* t) { Tensor r; r.impl_ = t; return r; }
  static Tensor share(TensorImpl* t) { if (t) retain(t->refs); return adopt(t); }
  TensorImpl* leak() { return std::exchange(impl_, nullptr); }

  TensorImpl* impl() const { return impl_; }
  TensorImpl* operator->() const { return impl_; }
  explicit operator bool() const { return impl_ != nullptr; }
  bool defined() const { return impl_ != nullptr; }
  Dtype dtype() const { return impl_->dtype; }
  int dim() const { return impl_->ndim; }
  int64_t numel() const { return impl_->numel; }
  DimSpan sizes() const { return {impl_->sizes, impl_->ndim}; }
  DimSpan strides() const { return {impl_->strides(), impl_->ndim}; }
  int64_t size(int64_t d) const { return impl_->sizes[d < 0 ? d + impl_->ndim : d]; }
  int64_t stride(int64_t d) const { return impl_->strides()[d < 0 ? d + impl_->ndim : d]; }
  bool is_contiguous() const { return impl_->flags & kContiguous; }
  bool requires_grad() const { return impl_->requires_grad(); }
  bool is_alone() const { return impl_->refs.load(std::memory_order_acquire) == 1; }
  template <class T = char> T* data() const { return reinterpret_cast<T*>(impl_->data); }
  int64_t offset() const { return (impl_->data - static_cast<char*>(impl_->storage->data)) / item_size(dtype()); }
  uint32_t version() const { return impl_->storage->version; }
  void bump() const { ++impl_->storage->version; }

 private:
  TensorImpl* impl_ = nullptr;
};

int64_t count_elements(DimSpan sizes);  // throws on overflow and on negative sizes
Dims contiguous_strides(DimSpan sizes);
bool computes_contiguous(DimSpan sizes, DimSpan strides);

Tensor empty(DimSpan sizes, Dtype dtype);
Tensor empty_like_strided(DimSpan sizes, DimSpan strides, Dtype dtype);       // dense strides of any order
Tensor alias(const Tensor& x, DimSpan sizes, DimSpan strides, int64_t offset);  // same storage, no graph; offset in elements of the storage
// The quick way to one: its sizes and strides are for the caller to write before settle_shape(), which counts the elements.
Tensor unshaped_alias(const Tensor& x, int ndim);
inline void settle_shape(TensorImpl* t) {
  const int64_t* strides = t->strides();
  int64_t step = 1;
  bool dense = true, zero = false;
  for (int i = t->ndim - 1; i >= 0; --i) {
    const int64_t size = t->sizes[i];
    dense &= size == 1 || strides[i] == step;
    zero |= size == 0;
    step *= size;
  }
  t->numel = step;
  t->set(kContiguous, dense || zero);
}
Tensor meta(DimSpan sizes, Dtype dtype);                                        // sizes and dtype without memory
Tensor wrap_number(const Scalar& s, Dtype dtype);                               // 0-d
Tensor from_memory(void* data, size_t bytes, DimSpan sizes, DimSpan strides, Dtype dtype, void (*release)(void*), void* owner);
void set_geometry(TensorImpl* t, DimSpan sizes, DimSpan strides);
void adopt_contents(const Tensor& x, const Tensor& other);  // x.data = other: storage, geometry and dtype, nothing of the graph
Tensor separate_version(const Tensor& x);                   // x.data: same memory, a version counter of its own
inline bool same_shape(const Tensor& a, const Tensor& b) { return equal(a.sizes(), b.sizes()); }

int64_t wrap_dim(int64_t dim, int64_t ndim);  // IndexError outside [-ndim, ndim-1]; 0-d counts as one dimension

}  // namespace st
