// Sizes worked out: reshaped, broadcast, reached in memory; dimension lists; the dtype that tensors have in common.
#include "ops/geometry.h"

#include <algorithm>

namespace st {

void fit_sizes(int64_t* sizes, DimSpan given, int64_t numel) {
  int unknown = -1;
  int64_t known = 1;
  for (int i = 0; i < static_cast<int>(given.size()); ++i) {
    sizes[i] = given[i];
    if (given[i] == -1) {
      if (unknown >= 0) runtime_error("only one dimension can be inferred");
      unknown = i;
    } else if (given[i] < 0) {
      runtime_error("invalid shape dimension ", given[i], " at index ", i, " of shape ", given);
    } else if (__builtin_mul_overflow(known, given[i], &known)) {
      runtime_error("shape '", given, "' is invalid for input of size ", numel);
    }
  }
  if (unknown >= 0 && known == 0 && numel == 0) {
    runtime_error("cannot reshape tensor of 0 elements into shape ", given, " because the unspecified dimension size -1 can be any value and is ambiguous");
  }
  if (unknown >= 0 ? known == 0 || numel % known : known != numel) runtime_error("shape '", given, "' is invalid for input of size ", numel);
  if (unknown >= 0) sizes[unknown] = numel / known;
}

Dims infer_sizes(DimSpan given, int64_t numel) {
  Dims sizes(given);
  fit_sizes(sizes.data(), given, numel);
  return sizes;
}

Dims wrap_dims(DimSpan dims, int64_t ndim) {
  Dims out(dims);
  uint64_t seen = 0;
  for (int64_t& d : out) {
    d = wrap_dim(d, ndim);
    if (seen >> d & 1) runtime_error("dim ", d, " appears multiple times in the list of dims");
    seen |= uint64_t{1} << d;
  }
  return out;
}

Dims broadcast(DimSpan a, DimSpan b) {
  const bool longer = a.size() >= b.size();
  Dims out(longer ? a : b);
  const DimSpan other = longer ? b : a;
  const int shift = out.size() - static_cast<int>(other.size());
  for (int i = shift; i < out.size(); ++i) {
    const int64_t s = other[i - shift];
    if (s == out[i] || s == 1) continue;
    if (out[i] != 1) {
      runtime_error("The size of tensor a (", longer ? out[i] : s, ") must match the size of tensor b (", longer ? s : out[i],
                    ") at non-singleton dimension ", i);
    }
    out[i] = s;
  }
  return out;
}

std::optional<int64_t> reach(DimSpan sizes, DimSpan strides) {
  int64_t end = 1;
  bool none = false, overflow = false;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 0 || strides[i] < 0) return std::nullopt;
    none |= sizes[i] == 0;
    int64_t span;
    overflow |= __builtin_mul_overflow(sizes[i] - 1, strides[i], &span) || __builtin_add_overflow(end, span, &end);
  }
  if (none) return 0;
  if (overflow) return std::nullopt;
  return end;
}

// Tensors with dimensions come before 0-d ones, which count only where their category is higher.
Dtype common_dtype(const Tensors& list) {
  Dtype best[2];
  bool have[2] = {};
  for (const Tensor& x : list) {
    const int rank = x.dim() > 0 ? 0 : 1;
    best[rank] = have[rank] ? promote(best[rank], x.dtype()) : x.dtype();
    have[rank] = true;
  }
  if (!have[1]) return best[0];
  if (!have[0]) return best[1];
  return category(best[1]) > category(best[0]) ? promote(best[0], best[1]) : best[0];
}

Tensor diagonal_of(const Tensor& x, int64_t offset, int64_t dim1, int64_t dim2) {
  const int64_t a = wrap_dim(dim1, x.dim()), b = wrap_dim(dim2, x.dim());
  if (a == b) runtime_error("diagonal dimensions cannot be identical ", dim1, ", ", dim2);
  const int64_t length = std::max<int64_t>(0, offset >= 0 ? std::min(x.size(a), x.size(b) - offset) : std::min(x.size(a) + offset, x.size(b)));
  const int64_t skipped = length == 0 ? 0 : offset >= 0 ? offset * x.stride(b) : -offset * x.stride(a);
  Dims sizes = x.sizes(), strides = x.strides();
  const int64_t step = strides[a] + strides[b];
  for (int64_t d : {std::max(a, b), std::min(a, b)}) {
    sizes.erase(static_cast<int>(d));
    strides.erase(static_cast<int>(d));
  }
  sizes.push_back(length);
  strides.push_back(step);
  return alias(x, sizes, strides, x.offset() + skipped);
}

}  // namespace st
