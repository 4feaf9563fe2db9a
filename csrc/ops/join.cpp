// Joining tensors: cat, stack, their short forms, meshgrid and block_diag.
#include <algorithm>
#include <cstring>

#include "kernels/convert.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

// A 1-d tensor without elements joins anything, as it always did in PyTorch.
bool is_skipped(const Tensor& x) { return x.dim() == 1 && x.size(0) == 0; }

// Bytes: of a whole that goes tensor by tensor; worth a thread; of results written at a time where elements take turns.
constexpr int64_t kSmall = 65536, kGrain = 32768, kInterleaved = 16384;

// All of the list's elements, contiguous and of y's type, into y's memory: in each of `rows`, a part of each tensor.
void copy_rows(const Tensor& y, const Tensors& list, int64_t rows) {
  const int64_t item = item_size(y.dtype());
  const auto part_of = [&](const Tensor& x) { return (rows == 1 ? x.numel() : x.numel() / rows) * item; };
  const int64_t length = part_of(y);
  if (rows * length < kSmall) {  // tensor by tensor, each measured once
    char* to = y->data;
    for (const Tensor& x : list) {
      const int64_t part = part_of(x);
      for (int64_t r = 0; part && r < rows; ++r) std::memcpy(to + r * length, x->data + r * part, static_cast<size_t>(part));
      to += part;
    }
    return;
  }
  parallel_items(rows, length, kGrain, [&](int64_t begin, int64_t end) {
    char* to = y->data + begin * length;
    for (int64_t r = begin; r < end; ++r) {
      for (const Tensor& x : list) {
        const int64_t part = part_of(x);
        std::memcpy(to, x->data + r * part, static_cast<size_t>(part));
        to += part;
      }
    }
  });
}

// The lists' elements in turns, a block at a time that stays in the nearest cache.
void interleave(const Tensor& y, const Tensors& list) {
  const int64_t item = item_size(y.dtype()), count = static_cast<int64_t>(list.size()), block = std::max<int64_t>(1, kInterleaved / (count * item));
  parallel_items(list[0].numel(), count * item, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin; at < end; at += block) {
      char* to = y->data + at * count * item;
      for (const Tensor& x : list) {
        convert(to, y.dtype(), count * item, x->data + at * item, y.dtype(), item, std::min(block, end - at));
        to += item;
      }
    }
  });
}

bool is_plain(const Tensors& list, Dtype dtype) {
  for (const Tensor& x : list) if (x.numel() > 0 && !(x.is_contiguous() && x.dtype() == dtype)) return false;
  return true;
}

struct Cat {
  static constexpr OpInfo info{.sig = "cat(Tensor[] tensors, int dim=0) -> Tensor",
                               .autocast = Autocast::Promote, .doc = "The tensors one behind the other along dim; the other sizes must be equal, dtypes are promoted.",
                               .where = kFunction, .out = kOutApart | kOutCasts};
  static Tensor fwd(const Tensors& list, int64_t dim) {
    if (list.empty()) value_error("torch.cat(): expected a non-empty list of Tensors");
    const Tensor* first = nullptr;
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i].dim() == 0) runtime_error("zero-dimensional tensor (at position ", i, ") cannot be concatenated");
      if (!first && !is_skipped(list[i])) first = &list[i];
    }
    const Dtype dtype = common_dtype(list);
    if (!first) return empty(Dims{0}, dtype);
    dim = wrap_dim(dim, first->dim());
    Dims sizes = first->sizes();
    sizes[dim] = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      const Tensor& x = list[i];
      if (is_skipped(x)) continue;
      if (x.dim() != first->dim()) runtime_error("Tensors must have same number of dimensions: got ", first->dim(), " and ", x.dim());
      for (int d = 0; d < x.dim(); ++d) {
        if (d != dim && x.size(d) != sizes[d]) {
          runtime_error("Sizes of tensors must match except in dimension ", dim, ". Expected size ", sizes[d], " but got size ", x.size(d),
                        " for tensor number ", i, " in the list.");
        }
      }
      sizes[dim] += x.size(dim);
    }
    const Tensor y = empty(sizes, dtype);
    if (y.numel() == 0) return y;
    int64_t rows = 1;
    for (int64_t d = 0; d < dim; ++d) rows *= sizes[d];
    if ((rows > 1 || y.numel() * item_size(dtype) < kSmall) && is_plain(list, dtype)) {
      copy_rows(y, list, rows);
      return y;
    }
    int64_t at = 0;
    for (const Tensor& x : list) {
      if (x.numel() == 0) continue;
      copy_elements(alias(y, x.sizes(), y.strides(), at * y.stride(dim)), x);
      at += x.size(dim);
    }
    return y;
  }
  static void vjp(Grads& d, const Tensors& list, int64_t dim) {
    int64_t at = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      const Tensor& x = list[i];
      if (is_skipped(x)) {
        if (d.needs(static_cast<int>(i))) d.set(static_cast<int>(i), zeros_like(x));
        continue;
      }
      const int64_t length = x.size(wrap_dim(dim, x.dim()));
      if (d.needs(static_cast<int>(i))) d.set(static_cast<int>(i), slice(d.g(), dim, at, at + length, 1));
      at += length;
    }
  }
};
struct Concat : Composite {
  static constexpr OpInfo info{.sig = "concat(Tensor[] tensors, int dim=0) -> Tensor", .autocast = Autocast::Promote, .doc = "Alias of cat().", .where = kFunction, .out = kOutApart | kOutCasts};
  static Tensor fwd(const Tensors& list, int64_t dim) { return cat(list, dim); }
};
struct Concatenate : Concat {
  static constexpr OpInfo info{.sig = "concatenate(Tensor[] tensors, int dim=0) -> Tensor", .autocast = Autocast::Promote, .doc = "Alias of cat().", .where = kFunction, .out = kOutApart | kOutCasts};
};

struct Stack {
  static constexpr OpInfo info{.sig = "stack(Tensor[] tensors, int dim=0) -> Tensor", .autocast = Autocast::Promote, .doc = "Tensors of equal sizes side by side along a new dimension dim.",
                               .where = kFunction, .out = kOutApart | kOutCasts};
  static constexpr int64_t kCacheLine = 64, kFew = 256;
  static Tensor fwd(const Tensors& list, int64_t dim) {
    if (list.empty()) runtime_error("stack expects a non-empty TensorList");
    const Tensor& first = list[0];
    dim = wrap_dim(dim, first.dim() + 1);
    for (size_t i = 1; i < list.size(); ++i) {
      if (!same_shape(list[i], first)) {
        runtime_error("stack expects each tensor to be equal size, but got ", first.sizes(), " at entry 0 and ", list[i].sizes(), " at entry ", i);
      }
    }
    Dims sizes = first.sizes();
    sizes.insert(static_cast<int>(dim), static_cast<int64_t>(list.size()));
    const Tensor y = empty(sizes, common_dtype(list));
    if (first.numel() == 0) return y;
    const int64_t step = y.stride(dim), item = item_size(y.dtype());
    // Short parts of many rows go better by columns.
    if (y.numel() * item < kSmall && (dim == 0 || step * item >= kCacheLine || y.numel() <= kFew) && is_plain(list, y.dtype())) {
      int64_t rows = 1;
      for (int64_t d = 0; d < dim; ++d) rows *= sizes[d];
      copy_rows(y, list, rows);
      return y;
    }
    if (step == 1 && is_plain(list, y.dtype())) {
      interleave(y, list);
      return y;
    }
    Dims strides = y.strides();
    strides.erase(static_cast<int>(dim));
    for (size_t i = 0; i < list.size(); ++i) {
      const Tensor& x = list[i];
      const int64_t at = static_cast<int64_t>(i) * step;
      if (dim == 0 && x.is_contiguous() && x.dtype() == y.dtype() && x.numel() * item < kSmall) {
        std::memcpy(y->data + at * item, x->data, static_cast<size_t>(x.numel() * item));
      } else {
        copy_elements(alias(y, x.sizes(), strides, at), x);
      }
    }
    return y;
  }
  static void vjp(Grads& d, const Tensors& list, int64_t dim) {
    for (int i = 0; i < static_cast<int>(list.size()); ++i) if (d.needs(i)) d.set(i, select(d.g(), dim, i));
  }
};

void check_list(const Tensors& list, const char* name) {
  if (list.empty()) runtime_error(name, " expects a non-empty TensorList");
}

Tensors with_dims(const Tensors& list, int n) {
  Tensors out;
  for (const Tensor& x : list) out.push_back(at_least(x, n));
  return out;
}

struct HStack : Composite {
  static constexpr OpInfo info{.sig = "hstack(Tensor[] tensors) -> Tensor", .doc = "Joined along dimension 1, or 0 for vectors; 0-d tensors count as vectors.",
                               .where = kFunction, .out = kOutApart | kOutCasts};
  static Tensor fwd(const Tensors& list) {
    check_list(list, "hstack");
    const Tensors rows = with_dims(list, 1);
    return cat(rows, int64_t{rows[0].dim() == 1 ? 0 : 1});
  }
};
struct VStack : Composite {
  static constexpr OpInfo info{.sig = "vstack(Tensor[] tensors) -> Tensor", .doc = "Joined along dimension 0; vectors count as rows.", .where = kFunction, .out = kOutApart | kOutCasts};
  static Tensor fwd(const Tensors& list) {
    check_list(list, "vstack");
    return cat(with_dims(list, 2), int64_t{0});
  }
};
struct RowStack : VStack {
  static constexpr OpInfo info{.sig = "row_stack(Tensor[] tensors) -> Tensor", .doc = "Alias of vstack().", .where = kFunction, .out = kOutApart | kOutCasts};
};
struct DStack : Composite {
  static constexpr OpInfo info{.sig = "dstack(Tensor[] tensors) -> Tensor", .doc = "Joined along dimension 2; (N) counts as (1, N, 1), (M, N) as (M, N, 1).",
                               .where = kFunction, .out = kOutApart | kOutCasts};
  static Tensor fwd(const Tensors& list) {
    check_list(list, "dstack");
    return cat(with_dims(list, 3), int64_t{2});
  }
};
struct ColumnStack : Composite {
  static constexpr OpInfo info{.sig = "column_stack(Tensor[] tensors) -> Tensor", .doc = "Joined along dimension 1; vectors and 0-d tensors count as columns.",
                               .where = kFunction, .out = kOutApart | kOutCasts};
  static Tensor fwd(const Tensors& list) {
    check_list(list, "column_stack");
    Tensors columns;
    for (const Tensor& x : list) columns.push_back(x.dim() <= 1 ? reshape(x, Dims{x.numel(), 1}) : x);
    return cat(columns, int64_t{1});
  }
};

struct Meshgrid : Composite {
  static constexpr OpInfo info{.sig = "meshgrid(Tensor[]... tensors, *, str? indexing=None) -> Tensor[]",
                               .doc = "Views of the coordinate vectors, expanded over the grid they span; 'xy' exchanges the first two dimensions, 'ij' does not.",
                               .where = kFunction};
  static Tensors fwd(const Tensors& list, const std::optional<std::string>& indexing) {
    check_list(list, "meshgrid");
    static WarnOnce warn_once;
    if (!indexing) warn_once("torch.meshgrid: in an upcoming release, it will be required to pass the indexing argument.");
    const bool xy = indexing && *indexing == "xy" && list.size() >= 2;
    if (indexing && *indexing != "xy" && *indexing != "ij") {
      runtime_error("torch.meshgrid: indexing must be one of \"xy\" or \"ij\", but received: ", *indexing);
    }
    Dims sizes;
    for (const Tensor& x : list) {
      if (x.dtype() != list[0].dtype()) runtime_error("meshgrid expects all tensors to have the same dtype");
      if (x.dim() > 1) runtime_error("torch.meshgrid: Expected 0D or 1D tensor in the tensor list but got: ", x.dim(), "D tensor of size ", x.sizes());
      sizes.push_back(x.numel());
    }
    auto place = [&](int i) { return xy && i < 2 ? 1 - i : i; };
    if (xy) std::swap(sizes[0], sizes[1]);
    Tensors out;
    for (int i = 0; i < sizes.size(); ++i) {
      Dims shape = Dims::filled(sizes.size(), 1);
      shape[place(i)] = list[static_cast<size_t>(i)].numel();
      out.push_back(expand(view(list[static_cast<size_t>(i)], shape), sizes));
    }
    return out;
  }
};

// Rows and columns that a block takes: vectors are rows, numbers 1 by 1.
std::pair<int64_t, int64_t> block_size(const Tensor& x) {
  return {x.dim() == 2 ? x.size(0) : 1, x.dim() == 0 ? 1 : x.size(-1)};
}

struct BlockDiag {
  static constexpr OpInfo info{.sig = "block_diag(Tensor[]... tensors) -> Tensor", .doc = "A matrix of zeros with the tensors, of at most two dimensions, along its diagonal.",
                               .where = kFunction};
  static Tensor fwd(const Tensors& list) {
    int64_t rows = 0, columns = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      if (list[i].dim() > 2) {
        runtime_error("torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ", i, " has ", list[i].dim(), " dimensions");
      }
      rows += block_size(list[i]).first;
      columns += block_size(list[i]).second;
    }
    if (list.empty()) return empty(Dims{1, 0}, default_dtype());
    const Tensor y = zeros(Dims{rows, columns}, common_dtype(list));
    int64_t row = 0, column = 0;
    for (const Tensor& x : list) {
      const auto [m, n] = block_size(x);
      if (x.numel() > 0) copy_elements(alias(y, Dims{m, n}, y.strides(), row * columns + column), x);
      row += m;
      column += n;
    }
    return y;
  }
  static void vjp(Grads& d, const Tensors& list) {
    int64_t row = 0, column = 0;
    for (size_t i = 0; i < list.size(); ++i) {
      const auto [m, n] = block_size(list[i]);
      if (d.needs(static_cast<int>(i))) {
        d.set(static_cast<int>(i), reshape(slice(slice(d.g(), 0, row, row + m, 1), 1, column, column + n, 1), list[i].sizes()));
      }
      row += m;
      column += n;
    }
  }
};

const Register<Cat, Concat, Concatenate, Stack, HStack, VStack, RowStack, DStack, ColumnStack, Meshgrid, BlockDiag> registered;

}  // namespace

Tensor cat(const Tensors& list, int64_t dim) { return call_op<Cat>(list, dim); }
Tensor stack(const Tensors& list, int64_t dim) { return call_op<Stack>(list, dim); }
Tensors meshgrid(const Tensors& list) { return Meshgrid::fwd(list, "ij"); }

}  // namespace st
