// Layout questions and strided copies.
#include "kernels/layout.h"

#include <algorithm>
#include <cstring>

#include "kernels/convert.h"
#include "kernels/dim_order.h"
#include "kernels/parallel.h"
#include "kernels/transpose.h"

namespace st {

Dims memory_order(const Tensor& x) {
  Dims order = Dims::filled(x.dim(), 0);
  for (int i = 0; i < x.dim(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return x.stride(a) > x.stride(b); });
  return order;
}

Tensor permuted(const Tensor& x, DimSpan order) {
  Dims sizes, strides;
  for (int64_t d : order) {
    sizes.push_back(x.size(d));
    strides.push_back(x.stride(d));
  }
  return alias(x, sizes, strides, x.offset());
}

bool is_dense(const Tensor& x) {
  if (x.is_contiguous()) return true;
  const Dims order = memory_order(x);
  int64_t step = 1;
  for (int i = order.size() - 1; i >= 0; --i) {
    if (x.size(order[i]) == 1) continue;
    if (x.stride(order[i]) != step) return false;
    step *= x.size(order[i]);
  }
  return true;
}

bool overlaps_itself(const Tensor& x) {
  if (x.numel() == 0) return false;
  for (int i = 0; i < x.dim(); ++i) if (x.size(i) > 1 && x.stride(i) == 0) return true;
  return false;
}

bool overlaps_partly(const Tensor& out, const Tensor& in) {
  if (out.impl() == in.impl() || out.numel() == 0 || in.numel() == 0) return false;
  auto range = [](const Tensor& t) {
    const char* end = t.data();
    for (int i = 0; i < t.dim(); ++i) end += (t.size(i) - 1) * t.stride(i) * item_size(t.dtype());
    return std::pair<const char*, const char*>(t.data(), end + item_size(t.dtype()));
  };
  const auto [a, a_end] = range(out);
  const auto [b, b_end] = range(in);
  if (a >= b_end || b >= a_end) return false;
  return !(a == b && out.dtype() == in.dtype() && same_shape(out, in) && equal(out.strides(), in.strides()));
}

namespace {

constexpr int64_t kLongRepeat = 32;  // of an element along a row, worth a fill
constexpr int64_t kWorthTiles = 1024;  // elements from which a transposing copy goes by tiles
// What a thread copies at least, in elements that lie side by side or apart, or fills, in bytes.
constexpr int64_t kGrain = 16384, kApartGrain = 8192, kFillGrain = 64 << 10;
constexpr int64_t kShared = 32;  // a dimension of this size has something for every thread

// Each of n elements R times; blocks of a length that the compiler knows become registers.
template <int R, class T>
void spread(T* __restrict dst, const T* __restrict src, int64_t n) {
  constexpr int64_t kBlock = 16;
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) {
    for (int64_t k = 0; k < kBlock; ++k) for (int r = 0; r < R; ++r) dst[(i + k) * R + r] = src[i + k];
  }
  for (; i < n; ++i) for (int r = 0; r < R; ++r) dst[i * R + r] = src[i];
}
template <class T>
void spread(char* dst, const char* src, int64_t n, int64_t times) {
  T* to = reinterpret_cast<T*>(dst);
  const T* from = reinterpret_cast<const T*>(src);
  switch (times) {
    case 2: return spread<2>(to, from, n);
    case 3: return spread<3>(to, from, n);
    case 4: return spread<4>(to, from, n);
    default: for (int64_t i = 0; i < n; ++i, to += times) std::fill_n(to, times, from[i]);
  }
}
void spread(char* dst, const char* src, int64_t item, int64_t n, int64_t times) {
  switch (item) {
    case 1: return spread<uint8_t>(dst, src, n, times);
    case 2: return spread<uint16_t>(dst, src, n, times);
    case 4: return spread<uint32_t>(dst, src, n, times);
    default: return spread<uint64_t>(dst, src, n, times);
  }
}

// Whether two dimensions are such neighbours, in few copies each.
bool spreads(const int64_t* to, const int64_t* from, const int64_t* sizes, int64_t item) {
  return from[1] == 0 && from[0] == item && to[1] == item && to[0] == item * sizes[1] && sizes[1] < kLongRepeat;
}

// Both walk `sizes` together, innermost dimension last; strides in bytes.
void copy_strided(char* dst, Dtype dst_type, const int64_t* dst_strides, const char* src, Dtype src_type, const int64_t* src_strides,
                  const int64_t* sizes, int ndim) {
  if (ndim == 0) return convert(dst, dst_type, 0, src, src_type, 0, 1);
  if (ndim == 1) return convert(dst, dst_type, dst_strides[0], src, src_type, src_strides[0], sizes[0]);
  if (ndim == 2) {
    const int64_t item = item_size(dst_type);
    if (dst_type == src_type && item <= 8 && spreads(dst_strides, src_strides, sizes, item)) return spread(dst, src, item, sizes[0], sizes[1]);
    for (int64_t i = 0; i < sizes[0]; ++i) {
      convert(dst + i * dst_strides[0], dst_type, dst_strides[1], src + i * src_strides[0], src_type, src_strides[1], sizes[1]);
    }
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i) {
    copy_strided(dst + i * dst_strides[0], dst_type, dst_strides + 1, src + i * src_strides[0], src_type, src_strides + 1, sizes + 1, ndim - 1);
  }
}

}  // namespace

void copy_elements(const Tensor& dst, const Tensor& src) {
  if (dst.numel() == 0) return;
  if (overlaps_partly(dst, src)) {
    const Tensor copy = contiguous_copy(src, true);
    return copy_elements(dst, copy);
  }
  if (dst.is_contiguous() && src.is_contiguous() && same_shape(dst, src)) {
    const int64_t d = item_size(dst.dtype()), s = item_size(src.dtype());
    parallel_for(dst.numel(), kGrain, [&](int64_t begin, int64_t end) {
      convert(dst->data + begin * d, dst.dtype(), d, src->data + begin * s, src.dtype(), s, end - begin);
    });
    return;
  }
  // Dimensions in the order of dst's strides, size 1 dropped, neighbours joined.
  const Dims order = memory_order(dst);
  const int shift = dst.dim() - src.dim();
  Dims sizes, to, from;
  for (int64_t d : order) {
    if (dst.size(d) == 1) continue;
    const int64_t a = dst.stride(d) * item_size(dst.dtype());
    const int64_t b = d < shift || src.size(d - shift) == 1 ? 0 : src.stride(d - shift) * item_size(src.dtype());
    if (!sizes.empty() && to.back() == a * dst.size(d) && from.back() == b * dst.size(d)) {
      sizes.back() *= dst.size(d);
      to.back() = a;
      from.back() = b;
    } else {
      sizes.push_back(dst.size(d));
      to.push_back(a);
      from.push_back(b);
    }
  }
  const int64_t item = item_size(dst.dtype());
  const int n = sizes.size();
  const bool repeats = n > 0 && from.back() == 0 && (sizes.back() >= kLongRepeat || (n > 1 && spreads(&to[n - 2], &from[n - 2], &sizes[n - 2], item)));
  if (dst.dtype() == src.dtype() && item <= 8 && dst.numel() >= kWorthTiles && to.back() == item && from.back() != item && !repeats) {
    for (int k = 0; k + 1 < sizes.size(); ++k) {
      if (from[k] == item && sizes[k] > 1 && sizes.back() > 1) {
        return copy_transposed({dst->data, src->data, to.data(), from.data(), sizes.data(), sizes.size(), k, item});
      }
    }
  }
  // Threads share the outermost dimension that has something for each, or the longest.
  int shared = 0;
  for (int k = 1; k < sizes.size() && sizes[shared] < kShared; ++k) if (sizes[k] > sizes[shared]) shared = k;
  const int64_t count = sizes.empty() ? 1 : sizes[shared];
  parallel_items(count, dst.numel() / count, kApartGrain, [&](int64_t begin, int64_t end) {
    Dims part = sizes;
    int64_t at = 0, first = 0;
    if (!part.empty()) {
      part[shared] = end - begin;
      at = begin * to[shared];
      first = begin * from[shared];
    }
    copy_strided(dst->data + at, dst.dtype(), to.data(), src->data + first, src.dtype(), from.data(), part.data(), part.size());
  });
}

namespace {

void fill_bytes(char* to, int64_t bytes, char value) {
  parallel_for(bytes, kFillGrain, [=](int64_t begin, int64_t end) { std::memset(to + begin, value, static_cast<size_t>(end - begin)); });
}

}  // namespace

void fill_zero(const Tensor& dst) { fill_bytes(dst->data, dst.numel() * item_size(dst.dtype()), 0); }

void fill_elements(const Tensor& dst, const Scalar& value) {
  if (!dst.is_contiguous()) return copy_elements(dst, wrap_number(value, dst.dtype()));
  const int64_t item = item_size(dst.dtype()), bytes = dst.numel() * item;
  // A line of the value, written over and over.
  alignas(64) char line[256];
  const int64_t whole = std::min<int64_t>(bytes, sizeof line);
  visit(dst.dtype(), [&]<class T>() {
    const T v = value.to<T>();
    for (int64_t at = 0; at < whole; at += item) std::memcpy(line + at, &v, sizeof(T));
  });
  if (bytes <= whole) {
    std::memcpy(dst->data, line, static_cast<size_t>(bytes));
    return;
  }
  if (std::all_of(line + 1, line + item, [&](char c) { return c == line[0]; })) return fill_bytes(dst->data, bytes, line[0]);
  parallel_for(bytes, kFillGrain, [&](int64_t at, int64_t end) {
    for (; at + whole <= end; at += whole) std::memcpy(dst->data + at, line, sizeof line);
    std::memcpy(dst->data + at, line, static_cast<size_t>(end - at));
  });
}

Tensor contiguous_copy(const Tensor& x, bool always) {
  if (x.is_contiguous() && !always) return x;
  Tensor y = empty(x.sizes(), x.dtype());
  copy_elements(y, x);
  return y;
}

Tensor cast_copy(const Tensor& x, Dtype dtype) {
  if (x.dtype() == dtype) return contiguous_copy(x);
  Tensor y = empty(x.sizes(), dtype);
  copy_elements(y, x);
  return y;
}

// Where x has gaps, its dimensions are sorted; those without a stride of their own (expanded ones) are never compared.
Tensor empty_like(const Tensor& x, Dtype dtype) {
  if (x.is_contiguous()) return empty(x.sizes(), dtype);
  if (is_dense(x)) return empty_like_strided(x.sizes(), x.strides(), dtype);
  const Dims order = dims_from_within(x.dim(), [&](int a, int b) {
    const int64_t s = x.stride(a), t = x.stride(b);
    if (s == 0 || t == 0) return 0;
    return s < t || (s == t && x.size(a) <= x.size(b)) ? -1 : 1;
  });
  Dims strides = Dims::filled(x.dim(), 1);
  int64_t step = 1;
  for (int64_t d : order) {
    strides[d] = step;
    step *= std::max<int64_t>(x.size(d), 1);
  }
  return empty_like_strided(x.sizes(), strides, dtype);
}

Tensor copy_keeping_strides(const Tensor& x, Dtype dtype) {
  Tensor y = empty_like(x, dtype);
  copy_elements(y, x);
  return y;
}

}  // namespace st
