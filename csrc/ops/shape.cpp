// Copies with the elements at other places: flip, rot90, roll, repeat, tile, repeat_interleave.
#include <algorithm>

#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

struct Flip {
  static constexpr OpInfo info{.sig = "flip(Tensor input, int[]... dims) -> Tensor", .doc = "A copy with the order of the elements reversed along dims."};
  static Tensor fwd(const Tensor& x, const Dims& dims) {
    const Tensor y = empty(x.sizes(), x.dtype());
    if (x.numel() == 0) {
      wrap_dims(dims, x.dim());
      return y;
    }
    // Read from the far end with the strides turned round.
    Dims strides = x.strides();
    int64_t offset = x.offset();
    for (int64_t d : wrap_dims(dims, x.dim())) {
      if (x.dim() == 0) break;
      offset += (x.size(d) - 1) * strides[d];
      strides[d] = -strides[d];
    }
    copy_elements(y, alias(x, x.sizes(), strides, offset));
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Dims& dims) {
    d.set(0, flip(d.g(), dims));
  }
};
struct FlipLR : Composite {
  static constexpr OpInfo info{.sig = "fliplr(Tensor input) -> Tensor", .doc = "flip() along dimension 1."};
  static Tensor fwd(const Tensor& x) {
    if (x.dim() < 2) runtime_error("Input must be >= 2-d.");
    return flip(x, Dims{1});
  }
};
struct FlipUD : Composite {
  static constexpr OpInfo info{.sig = "flipud(Tensor input) -> Tensor", .doc = "flip() along dimension 0."};
  static Tensor fwd(const Tensor& x) {
    if (x.dim() < 1) runtime_error("Input must be >= 1-d.");
    return flip(x, Dims{0});
  }
};

struct Rot90 {
  static constexpr OpInfo info{.sig = "rot90(Tensor input, int k=1, int[] dims=[0,1]) -> Tensor",
                               .doc = "A copy turned k times by 90 degrees in the plane of two dimensions, from the first towards the second."};
  static Tensor fwd(const Tensor& x, int64_t k, const Dims& dims) {
    if (dims.size() != 2) runtime_error("expected total rotation dims == 2, but got dims = ", dims.size());
    if (x.dim() < 2) runtime_error("expected total dims >= 2, but got total dims = ", x.dim());
    if (dims[0] == dims[1]) runtime_error("expected rotation dims to be different, but got dim0 = ", dims[0], " and dim1 = ", dims[1]);
    wrap_dims(dims, x.dim());
    const int64_t turns = (k % 4 + 4) % 4;
    if (turns == 0) return copy_keeping_strides(x, x.dtype());
    if (turns == 2) return flip(x, dims);
    const Tensor y = transpose(flip(x, Dims{dims[turns == 1 ? 1 : 0]}), dims[0], dims[1]);
    return alias(y, y.sizes(), y.strides(), y.offset());  // nobody else holds the memory: not a view
  }
  static void vjp(Grads& d, const Tensor&, int64_t k, const Dims& dims) {
    d.set(0, call_op<Rot90>(d.g(), -k, dims));
  }
};

// Copies x to y, moved in each of dims[at...] by its shift: the part that stays in range, then the part that comes in from the other end.
void roll_into(const Tensor& y, const Tensor& x, const Dims& shifts, const Dims& dims, int at) {
  if (x.numel() == 0) return;
  if (at == dims.size()) return copy_elements(y, x);
  const int64_t dim = dims[at], size = x.size(dim), shift = (shifts[at] % size + size) % size;
  auto part = [dim](const Tensor& t, int64_t from, int64_t length) {
    Dims sizes = t.sizes();
    sizes[dim] = length;
    return alias(t, sizes, t.strides(), t.offset() + from * t.stride(dim));
  };
  roll_into(part(y, shift, size - shift), part(x, 0, size - shift), shifts, dims, at + 1);
  roll_into(part(y, 0, shift), part(x, size - shift, shift), shifts, dims, at + 1);
}

struct Roll {
  static constexpr OpInfo info{.sig = "roll(Tensor input, int[1] shifts, int[1] dims=[]) -> Tensor",
                               .doc = "A copy with the elements moved along dims, each by its shift, coming in again at the other end; without dims, as one row."};
  static Tensor fwd(const Tensor& x, const Dims& shifts, const Dims& dims) {
    if (shifts.empty()) runtime_error("`shifts` required");
    if (dims.empty() && shifts.size() == 1) {
      const Tensor c = contiguous_copy(x), y = empty(x.sizes(), x.dtype());
      const Dims row{x.numel()}, step{1};
      roll_into(alias(y, row, step, 0), alias(c, row, step, c.offset()), shifts, Dims{0}, 0);
      return y;
    }
    if (shifts.size() != dims.size()) runtime_error("shifts and dimensions must align. shifts: ", shifts.size(), ", dims:", dims.size());
    const Tensor y = empty(x.sizes(), x.dtype());
    if (x.numel() == 0) return y;
    // A dimension may be named twice: its shifts add up.
    Dims once, total;
    for (int i = 0; i < dims.size(); ++i) {
      if (x.dim() == 0) index_error("Dimension specified as ", dims[i], " but tensor has no dimensions");
      const int64_t d = wrap_dim(dims[i], x.dim());
      if (x.numel() == 0) continue;
      int k = 0;
      while (k < once.size() && once[k] != d) ++k;
      if (k == once.size()) {
        once.push_back(d);
        total.push_back(0);
      }
      total[k] += shifts[i] % x.size(d);
    }
    roll_into(y, x, total, once, 0);
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Dims& shifts, const Dims& dims) {
    Dims back = shifts;
    for (int64_t& s : back) s = -s;
    d.set(0, call_op<Roll>(d.g(), back, dims));
  }
};

// Sizes (r0, s0, r1, s1, ...) of a repeated tensor taken apart.
Dims interleaved(DimSpan sizes, const Dims& repeats) {
  const int shift = repeats.size() - static_cast<int>(sizes.size());
  Dims out;
  for (int i = 0; i < repeats.size(); ++i) {
    out.push_back(repeats[i]);
    out.push_back(i < shift ? 1 : sizes[i - shift]);
  }
  return out;
}

struct Repeat {
  static constexpr OpInfo info{.sig = "repeat(Tensor input, int[]... repeats) -> Tensor",
                               .doc = "input laid out repeats[d] times along each dimension d; more repeats than dimensions add dimensions in front.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& repeats) {
    const int shift = repeats.size() - x.dim();
    if (shift < 0) runtime_error("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
    Dims sizes = repeats;
    for (int i = shift; i < sizes.size(); ++i) sizes[i] *= x.size(i - shift);
    const Tensor y = empty(sizes, x.dtype());
    if (y.numel() == 0) return y;
    const Dims apart = interleaved(x.sizes(), repeats);
    Dims strides = Dims::filled(apart.size(), 0);
    for (int d = 0; d < x.dim(); ++d) strides[2 * (d + shift) + 1] = x.stride(d);
    copy_elements(alias(y, apart, contiguous_strides(apart), 0), alias(x, apart, strides, x.offset()));
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& repeats) {
    if (repeats.empty()) return d.set(0, d.g());
    Dims over;
    for (int i = 0; i < repeats.size(); ++i) over.push_back(2 * i);
    d.set(0, reshape(sum(reshape(d.g(), interleaved(x.sizes(), repeats)), OptDims(over), false), x.sizes()));
  }
};

struct Tile : Composite {
  static constexpr OpInfo info{.sig = "tile(Tensor input, int[]... dims) -> Tensor", .doc = "repeat() that takes fewer repeats than dimensions: the first ones then are 1."};
  static Tensor fwd(const Tensor& x, const Dims& dims) {
    Dims repeats = dims;
    while (repeats.size() < x.dim()) repeats.insert(0, 1);
    return call_op<Repeat>(x, repeats);
  }
};

void check_output_size(std::optional<int64_t> given, int64_t size) {
  if (given && *given != size) runtime_error("repeat_interleave: Invalid output_size, expected ", size, " but got ", *given);
}

// 0 0 1 1 1 2 for repeats 2 3 1.
Tensor repeated_indices(const Tensor& repeats) {
  if (repeats.dim() != 1) runtime_error("repeat_interleave only accept 1D vector as repeat");
  if (repeats.dtype() != Dtype::Int64 && repeats.dtype() != Dtype::Int32) runtime_error("repeats has to be Long or Int tensor");
  const Tensor c = cast_copy(repeats, Dtype::Int64);
  int64_t total = 0;
  for (int64_t i = 0; i < c.numel(); ++i) {
    if (c.data<int64_t>()[i] < 0) runtime_error("repeats can not be negative");
    total += c.data<int64_t>()[i];
  }
  const Tensor y = empty(Dims{total}, Dtype::Int64);
  auto* out = y.data<int64_t>();
  for (int64_t i = 0; i < c.numel(); ++i) out = std::fill_n(out, c.data<int64_t>()[i], i);
  return repeats.dtype() == Dtype::Int64 ? y : cast_copy(y, repeats.dtype());
}

struct RepeatInterleave : Composite {
  static constexpr OpInfo info{.sig = "repeat_interleave(Tensor input, int repeats, int? dim=None, *, int? output_size=None) -> Tensor",
                               .doc = "Each element repeated in place along dim; without dim, of the input as one row."};
  static Tensor fwd(const Tensor& given, int64_t repeats, std::optional<int64_t> dim, std::optional<int64_t> output_size) {
    const Tensor x = dim ? given : flatten(given, 0, -1);
    if (repeats < 0) runtime_error("Repeats must be non-negative");
    const int64_t d = wrap_dim(dim.value_or(0), x.dim());
    const Tensor row = x.dim() ? x : reshape(x, Dims{1});
    check_output_size(output_size, row.size(d) * repeats);
    Dims sizes = row.sizes();
    sizes.insert(static_cast<int>(d) + 1, repeats);
    const Tensor wide = expand(unsqueeze(row, d + 1), sizes);
    return flatten(wide.is_contiguous() ? clone(wide) : contiguous(wide), d, d + 1);
  }
};
struct RepeatInterleaveTensor : Composite {
  static constexpr OpInfo info{.sig = "repeat_interleave(Tensor input, Tensor repeats, int? dim=None, *, int? output_size=None) -> Tensor",
                               .doc = "Each element repeated in place along dim as often as repeats, of that length, says."};
  static Tensor fwd(const Tensor& given, const Tensor& repeats, std::optional<int64_t> dim, std::optional<int64_t> output_size) {
    const Tensor x = dim ? given : flatten(given, 0, -1);
    const int64_t d = wrap_dim(dim.value_or(0), x.dim()), size = x.dim() ? x.size(d) : 1;
    if (repeats.dim() > 1) runtime_error("repeats must be 0-dim or 1-dim tensor");
    Tensor each = repeats;
    if (repeats.numel() == 1) {
      each = contiguous_copy(expand(reshape(repeats, Dims{1}), Dims{size}));
    } else if (repeats.numel() != size) {
      runtime_error("repeats must have the same size as input along dim, but got repeats.size(0) = ", repeats.size(0), " and input.size(", d, ") = ", size);
    }
    const Tensor at = repeated_indices(each);
    check_output_size(output_size, at.numel());
    return index_select(x, d, at);
  }
};
struct RepeatInterleaveIndices {
  static constexpr OpInfo info{.sig = "repeat_interleave(Tensor repeats, *, int? output_size=None) -> Tensor",
                               .doc = "The indices 0, 1, ..., each as often as repeats says.", .where = kFunction};
  static Tensor fwd(const Tensor& repeats, std::optional<int64_t> output_size) {
    const Tensor at = repeated_indices(repeats);
    check_output_size(output_size, at.numel());
    return at;
  }
};

const Register<Flip, FlipLR, FlipUD, Rot90, Roll, Repeat, Tile, RepeatInterleaveIndices, RepeatInterleaveTensor, RepeatInterleave> registered;

}  // namespace

Tensor flip(const Tensor& x, const Dims& dims) { return call_op<Flip>(x, dims); }

}  // namespace st
