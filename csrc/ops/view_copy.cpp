// The results of views as tensors with memory of their own: expand_copy and its like.
#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

struct CopyOp : Composite {
};
Tensor own(const Tensor& x) { return clone(x); }
Tensors own(const Tensors& list) {
  Tensors out;
  for (const Tensor& x : list) out.push_back(clone(x));
  return out;
}

struct AliasCopy : CopyOp {
  static constexpr OpInfo info{.sig = "alias_copy(Tensor input) -> Tensor", .doc = "A copy of input.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return own(x); }
};
struct DetachCopy : CopyOp {
  static constexpr OpInfo info{.sig = "detach_copy(Tensor input) -> Tensor", .doc = "detach() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return own(detach(x)); }
};
struct AsStridedCopy : CopyOp {
  static constexpr OpInfo info{.sig = "as_strided_copy(Tensor input, int[] size, int[] stride, int? storage_offset=None) -> Tensor",
                               .doc = "as_strided() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& size, const Dims& stride, std::optional<int64_t> offset) {
    return own(as_strided(x, size, stride, offset.value_or(x.offset())));
  }
};
struct ExpandCopy : CopyOp {
  static constexpr OpInfo info{.sig = "expand_copy(Tensor input, int[] size, *, bool implicit=False) -> Tensor", .doc = "expand() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& size, bool) { return own(expand(x, size)); }
};
struct PermuteCopy : CopyOp {
  static constexpr OpInfo info{.sig = "permute_copy(Tensor input, int[] dims) -> Tensor", .doc = "permute() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& dims) { return own(permute(x, dims)); }
};
struct TransposeCopy : CopyOp {
  static constexpr OpInfo info{.sig = "transpose_copy(Tensor input, int dim0, int dim1) -> Tensor", .doc = "transpose() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t dim0, int64_t dim1) { return own(transpose(x, dim0, dim1)); }
};
struct TCopy : CopyOp {
  static constexpr OpInfo info{.sig = "t_copy(Tensor input) -> Tensor", .doc = "t() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return own(t(x)); }
};
struct SelectCopy : CopyOp {
  static constexpr OpInfo info{.sig = "select_copy(Tensor input, int dim, int index) -> Tensor", .doc = "select() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t dim, int64_t index) { return own(select(x, dim, index)); }
};
struct SliceCopy : CopyOp {
  static constexpr OpInfo info{.sig = "slice_copy(Tensor input, int dim=0, int? start=None, int? end=None, int step=1) -> Tensor",
                               .doc = "A copy of every step-th element of dimension dim from start up to end.", .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t dim, std::optional<int64_t> start, std::optional<int64_t> end, int64_t step) {
    return own(slice(x, dim, start.value_or(0), end.value_or(std::numeric_limits<int64_t>::max()), step));
  }
};
struct NarrowCopy : CopyOp {
  static constexpr OpInfo info{.sig = "narrow_copy(Tensor input, int dim, int start, int length) -> Tensor", .doc = "narrow() as a copy."};
  static Tensor fwd(const Tensor& x, int64_t dim, int64_t start, int64_t length) {
    if (x.dim() > 0 && dim >= x.dim()) runtime_error("Expected dim < static_cast<int64_t>(self_sizes.size()) to be true, but got false.");
    return own(narrow(x, dim, start, length));
  }
};
struct SqueezeCopy : CopyOp {
  static constexpr OpInfo info{.sig = "squeeze_copy(Tensor input) -> Tensor", .doc = "squeeze() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return own(squeeze(x)); }
};
struct SqueezeCopyDim : CopyOp {
  static constexpr OpInfo info{.sig = "squeeze_copy(Tensor input, int dim) -> Tensor", .doc = "squeeze() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t dim) { return own(squeeze(x, dim)); }
};
struct SqueezeCopyDims : CopyOp {
  static constexpr OpInfo info{.sig = "squeeze_copy(Tensor input, int[] dim) -> Tensor", .doc = "squeeze() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& dims) { return own(squeeze(x, dims)); }
};
struct UnsqueezeCopy : CopyOp {
  static constexpr OpInfo info{.sig = "unsqueeze_copy(Tensor input, int dim) -> Tensor", .doc = "unsqueeze() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t dim) { return own(unsqueeze(x, dim)); }
};
struct ViewCopy : CopyOp {
  static constexpr OpInfo info{.sig = "view_copy(Tensor input, int[] size) -> Tensor", .doc = "view() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Dims& size) { return own(view(x, size)); }
};
struct ViewCopyDtype : CopyOp {
  static constexpr OpInfo info{.sig = "view_copy(Tensor input, dtype dtype) -> Tensor", .doc = "The elements' bytes as another dtype, copied.", .where = kFunction};
  static Tensor fwd(const Tensor& x, Dtype dtype) { return own(view(x, dtype)); }
};
struct UnfoldCopy : CopyOp {
  static constexpr OpInfo info{.sig = "unfold_copy(Tensor input, int dimension, int size, int step) -> Tensor", .doc = "Tensor.unfold() as a copy.", .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t dimension, int64_t size, int64_t step) { return own(unfold(x, dimension, size, step)); }
};
struct UnbindCopy : CopyOp {
  static constexpr OpInfo info{.sig = "unbind_copy(Tensor input, int dim=0) -> Tensor[]", .doc = "unbind() as copies.", .where = kFunction};
  static Tensors fwd(const Tensor& x, int64_t dim) { return own(unbind(x, dim)); }
};
struct SplitCopy : CopyOp {
  static constexpr OpInfo info{.sig = "split_copy(Tensor input, int split_size, int dim=0) -> Tensor[]", .doc = "split() as copies.", .where = kFunction, .out = kOutCasts};
  static Tensors fwd(const Tensor& x, int64_t size, int64_t dim) { return own(split(x, size, dim)); }
};
struct SplitWithSizesCopy : CopyOp {
  static constexpr OpInfo info{.sig = "split_with_sizes_copy(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]", .doc = "split_with_sizes() as copies.",
                               .where = kFunction};
  static Tensors fwd(const Tensor& x, const Dims& sizes, int64_t dim) { return own(split(x, sizes, dim)); }
};

// Pieces that may be written in place, where those of split() may not while gradients are recorded.
struct UnsafeSplit : CopyOp {
  static constexpr OpInfo info{.sig = "unsafe_split(Tensor input, int split_size, int dim=0) -> Tensor[]",
                               .doc = "split() whose results may be written in place, if input is not used any more."};
  static Tensors fwd(const Tensor& x, int64_t size, int64_t dim) { return single(split(x, size, dim)); }
  static Tensors single(Tensors list) {
    for (Tensor& x : list) x->set(kMultiView, false);
    return list;
  }
};
struct UnsafeSplitWithSizes : CopyOp {
  static constexpr OpInfo info{.sig = "unsafe_split_with_sizes(Tensor input, int[] split_sizes, int dim=0) -> Tensor[]",
                               .doc = "split_with_sizes() whose results may be written in place, if input is not used any more."};
  static Tensors fwd(const Tensor& x, const Dims& sizes, int64_t dim) { return UnsafeSplit::single(split(x, sizes, dim)); }
};
struct UnsafeChunk : CopyOp {
  static constexpr OpInfo info{.sig = "unsafe_chunk(Tensor input, int chunks, int dim=0) -> Tensor[]",
                               .doc = "chunk() whose results may be written in place, if input is not used any more."};
  static Tensors fwd(const Tensor& x, int64_t chunks, int64_t dim) { return UnsafeSplit::single(chunk(x, chunks, dim)); }
};

const Register<AliasCopy, DetachCopy, AsStridedCopy, ExpandCopy, PermuteCopy, TransposeCopy, TCopy, SelectCopy, SliceCopy, NarrowCopy, SqueezeCopyDim, SqueezeCopyDims,
               SqueezeCopy, UnsqueezeCopy, ViewCopyDtype, ViewCopy, UnfoldCopy, UnbindCopy, SplitCopy, SplitWithSizesCopy, UnsafeSplit, UnsafeSplitWithSizes, UnsafeChunk>
    registered;

}  // namespace
}  // namespace st
