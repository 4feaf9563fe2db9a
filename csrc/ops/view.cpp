// Views of other sizes or another dtype: view, reshape, flatten and their kin.
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

// Strides with which the elements of x, in order, take on `sizes`; false where no strides do. Dimensions of x that lie behind each
// other in memory form a block, and the new dimensions must tile each block exactly.
bool strides_of_view(const Tensor& x, DimSpan sizes, Dims& strides) {
  const int n = static_cast<int>(sizes.size());
  if (x.is_contiguous()) {
    strides = contiguous_strides(sizes);
    return true;
  }
  strides = Dims::filled(n, 1);
  int at = n - 1;
  int64_t step = x.stride(-1), block = 1;
  for (int d = x.dim() - 1; d >= 0; --d) {
    block *= x.size(d);
    if (d > 0 && (x.size(d - 1) == 1 || x.stride(d - 1) == block * step)) continue;
    int64_t filled = 1;
    while (at >= 0 && (filled < block || sizes[at] == 1)) {
      strides[at] = filled * step;
      filled *= sizes[at--];
    }
    if (filled != block) return false;
    if (d > 0) {
      step = x.stride(d - 1);
      block = 1;
    }
  }
  return at < 0;
}

Tensor view_of(const Tensor& x, DimSpan given) {
  if (x.is_contiguous()) {
    Tensor y = unshaped_view(x, static_cast<int>(given.size()));
    fit_sizes(y->sizes, given, x.numel());
    int64_t* strides = y->strides();
    int64_t step = 1;
    for (int i = y.dim() - 1; i >= 0; --i) {
      strides[i] = step;
      step *= y->sizes[i] > 1 ? y->sizes[i] : 1;
    }
    y->numel = x.numel();
    y->set(kContiguous, true);
    return y;
  }
  const Dims sizes = infer_sizes(given, x.numel());
  Dims strides;
  if (!strides_of_view(x, sizes, strides)) {
    runtime_error("view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous "
                  "subspaces). Use .reshape(...) instead.");
  }
  return as_view(x, sizes, strides, x.offset());
}

struct View : ViewOp {
  static constexpr OpInfo info{.sig = "view(Tensor input, int[]... size) -> Tensor",
                               .doc = "The same elements under other sizes, one of which may be -1; shares memory, so the strides must allow it.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size) { return view_of(x, size); }
  static void vjp(Grads& d, const Tensor& x, const Dims&) {
    d.set(0, reshape(d.g(), x.sizes()));
  }
};

struct WholeView : ViewOp {
  static constexpr OpInfo info{.sig = "_alias(Tensor input) -> Tensor", .doc = "A view of all of input.", .where = 0, .grad_name = "AliasBackward0"};
  static Tensor fwd(const Tensor& x) { return as_view(x, x.sizes(), x.strides(), x.offset()); }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, d.g());
  }
};

// What reshape() does with its copy: not a view of anything the user holds.
struct UnsafeView {
  static constexpr OpInfo info{.sig = "_unsafe_view(Tensor input, int[]... size) -> Tensor",
                               .doc = "view() of a tensor that nobody else holds.",
                               .where = 0};
  static Tensor fwd(const Tensor& x, const Dims& size) {
    const Dims sizes = infer_sizes(size, x.numel());
    return alias(x, sizes, contiguous_strides(sizes), x.offset());
  }
  static void vjp(Grads& d, const Tensor& x, const Dims&) {
    d.set(0, reshape(d.g(), x.sizes()));
  }
};

// Sizes and strides count items of x's type and become counts of items of another size.
struct ViewDtype {
  static constexpr OpInfo info{.sig = "view(Tensor input, dtype dtype) -> Tensor",
                               .doc = "The same bytes read as another dtype; the last dimension grows or shrinks with the size of its items.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, Dtype dtype) {
    const int64_t from = item_size(x.dtype()), to = item_size(dtype);
    auto what = [&] { return cat("to view ", info_of(x.dtype()), " as ", info_of(dtype), " (different element sizes)"); };
    if (from != to) {
      if (x.dim() == 0) runtime_error("self.dim() cannot be 0 ", what());
      if (from < to && x.size(-1) % (to / from)) runtime_error("self.size(-1) must be divisible by ", to / from, " ", what(), ", but got ", x.size(-1));
      if (x.stride(-1) != 1) runtime_error("self.stride(-1) must be 1 ", what(), ", but got ", x.stride(-1));
    }
    Dims sizes = x.sizes(), strides = x.strides();
    int64_t offset = x.offset();
    if (from > to) {
      const int64_t ratio = from / to;
      for (int64_t& s : strides) s *= ratio;
      sizes.back() *= ratio;
      strides.back() = 1;
      offset *= ratio;
    } else if (from < to) {
      const int64_t ratio = to / from;
      if (offset % ratio) runtime_error("self.storage_offset() must be divisible by ", ratio, " ", what(), ", but got ", offset);
      for (int i = 0; i + 1 < strides.size(); ++i) {
        if (strides[i] % ratio) runtime_error("self.stride(", i, ") must be divisible by ", ratio, " ", what(), ", but got ", strides[i]);
        strides[i] /= ratio;
      }
      sizes.back() /= ratio;
      offset /= ratio;
    }
    Tensor y = alias(x, sizes, strides, 0);
    y->dtype = dtype;
    y->data = static_cast<char*>(y->storage->data) + offset * to;
    return y;
  }
  static const char* info_of(Dtype d) { return st::info(d).scalar_type; }
};

struct ViewAs : Composite {
  static constexpr OpInfo info{.sig = "view_as(Tensor input, Tensor other) -> Tensor", .doc = "input.view(other.shape).", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Tensor& other) { return view(x, other.sizes()); }
};

struct Reshape : Composite {
  static constexpr OpInfo info{.sig = "reshape(Tensor input, int[]... shape) -> Tensor",
                               .doc = "The same elements under other sizes, one of which may be -1: a view where the strides allow it, otherwise a copy."};
  static Tensor fwd(const Tensor& x, const Dims& shape) { return reshape(x, shape); }
};

struct ReshapeAs : Composite {
  static constexpr OpInfo info{.sig = "reshape_as(Tensor input, Tensor other) -> Tensor", .doc = "input.reshape(other.shape).", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Tensor& other) { return reshape(x, other.sizes()); }
};

struct Flatten : Composite {
  static constexpr OpInfo info{.sig = "flatten(Tensor input, int start_dim=0, int end_dim=-1) -> Tensor",
                               .doc = "Joins the dimensions from start_dim to end_dim into one; a 0-d input becomes 1-d."};
  static Tensor fwd(const Tensor& x, int64_t start, int64_t end) { return flatten(x, start, end); }
};

struct Unflatten : Composite {
  static constexpr OpInfo info{.sig = "unflatten(Tensor input, int dim, int[] sizes) -> Tensor",
                               .doc = "Splits dimension dim into several of the given sizes, one of which may be -1."};
  static Tensor fwd(const Tensor& x, int64_t dim, const Dims& given) {
    if (given.empty()) runtime_error("unflatten: sizes must be non-empty");
    dim = wrap_dim(dim, x.dim());
    const int64_t size = x.dim() ? x.size(dim) : 1;
    int unknown = 0;
    int64_t known = 1;
    for (int64_t s : given) s == -1 ? void(++unknown) : void(known *= s);
    if (unknown > 1) runtime_error("unflatten got an unexpected error:\nonly one dimension can be inferred");
    if (unknown ? known == 0 || size % known : known != size) {
      runtime_error("unflatten: Provided sizes ", DimSpan(given), " don't multiply up to the size of dim ", dim, " (", size, ") in the input tensor");
    }
    Dims sizes;
    for (int64_t d = 0; d < dim; ++d) sizes.push_back(x.size(d));
    for (int64_t s : given) sizes.push_back(s == -1 ? size / known : s);
    for (int64_t d = dim + 1; d < x.dim(); ++d) sizes.push_back(x.size(d));
    return view(x, sizes);
  }
};

struct Ravel : Composite {
  static constexpr OpInfo info{.sig = "ravel(Tensor input) -> Tensor", .doc = "All elements in one dimension; a copy only where input is not contiguous."};
  static Tensor fwd(const Tensor& x) { return view(contiguous(x), Dims{-1}); }
};

const Register<View, WholeView, UnsafeView, ViewDtype, ViewAs, Reshape, ReshapeAs, Flatten, Unflatten, Ravel> registered;

}  // namespace

Tensor view(const Tensor& x, Dtype dtype) { return call_op<ViewDtype>(x, dtype); }

Tensor view_all(const Tensor& x) { return call_op<WholeView>(x); }
Tensor view(const Tensor& x, const Dims& sizes) { return call_op<View>(x, sizes); }

Tensor reshape(const Tensor& x, const Dims& given) {
  if (x.is_contiguous()) return call_op<View>(x, given);
  const Dims sizes = infer_sizes(given, x.numel());
  Dims strides;
  if (strides_of_view(x, sizes, strides)) return call_op<View>(x, sizes);
  return call_op<UnsafeView>(contiguous(x), sizes);
}

Tensor flatten(const Tensor& x, int64_t start, int64_t end) {
  start = wrap_dim(start, x.dim());
  end = wrap_dim(end, x.dim());
  if (start > end) runtime_error("flatten() has invalid args: start_dim cannot come after end_dim");
  if (x.dim() == 0) return reshape(x, Dims{1});
  if (start == end) return x;
  Dims sizes;
  for (int64_t d = 0; d < x.dim(); ++d) {
    if (d > start && d <= end) sizes.back() *= x.size(d);
    else sizes.push_back(x.size(d));
  }
  return reshape(x, sizes);
}

}  // namespace st
