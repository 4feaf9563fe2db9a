// Unfold and fold: one row of columns, which is one place in the kernel, after the other.
#include "kernels/fold.h"

#include <algorithm>

#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 1 << 13;  // elements

// The o for which o * stride + shift lies inside [0, size), within [0, count).
struct Inside {
  int64_t begin, end;
  Inside(int64_t shift, int64_t stride, int64_t size, int64_t count) {
    begin = std::min(count, shift < 0 ? (-shift + stride - 1) / stride : 0);
    end = std::max(begin, std::min(count, shift < size ? (size - shift + stride - 1) / stride : 0));
  }
};

template <class T>
void unfold_plane(const FoldShape& s, const T* x, T* to) {
  for (int64_t a = 0; a < s.kernel[0]; ++a)
    for (int64_t b = 0; b < s.kernel[1]; ++b) {
      const int64_t down = a * s.dilation[0] - s.padding[0], across = b * s.dilation[1] - s.padding[1];
      const Inside rows(down, s.stride[0], s.size[0], s.blocks[0]), places(across, s.stride[1], s.size[1], s.blocks[1]);
      for (int64_t i = 0; i < s.blocks[0]; ++i, to += s.blocks[1]) {
        if (i < rows.begin || i >= rows.end) {
          std::fill(to, to + s.blocks[1], T());
          continue;
        }
        const T* const from = x + (i * s.stride[0] + down) * s.size[1] + across;
        std::fill(to, to + places.begin, T());
        if (s.stride[1] == 1) std::copy(from + places.begin, from + places.end, to + places.begin);
        else for (int64_t j = places.begin; j < places.end; ++j) to[j] = from[j * s.stride[1]];
        std::fill(to + places.end, to + s.blocks[1], T());
      }
    }
}

template <class T>
void fold_plane(const FoldShape& s, const T* from, T* x) {
  std::fill(x, x + s.size[0] * s.size[1], T(0));
  for (int64_t a = 0; a < s.kernel[0]; ++a)
    for (int64_t b = 0; b < s.kernel[1]; ++b) {
      const int64_t down = a * s.dilation[0] - s.padding[0], across = b * s.dilation[1] - s.padding[1];
      const Inside rows(down, s.stride[0], s.size[0], s.blocks[0]), places(across, s.stride[1], s.size[1], s.blocks[1]);
      for (int64_t i = rows.begin; i < rows.end; ++i) {
        const T* const row = from + i * s.blocks[1];
        T* const to = x + (i * s.stride[0] + down) * s.size[1] + across;
        if (s.stride[1] == 1) for (int64_t j = places.begin; j < places.end; ++j) to[j] += row[j];
        else for (int64_t j = places.begin; j < places.end; ++j) to[j * s.stride[1]] += row[j];
      }
      from += s.blocks[0] * s.blocks[1];
    }
}

// f(plane of x, its columns), for every image and channel.
template <class T, class F>
void each_plane(const FoldShape& s, T* x, T* columns, F f) {
  const int64_t plane = s.size[0] * s.size[1], rows = s.kernel[0] * s.kernel[1] * s.blocks[0] * s.blocks[1];
  parallel_items(s.n * s.c, rows, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(x + i * plane, columns + i * rows);
  });
}

}  // namespace

void unfold_blocks(const FoldShape& s, const Tensor& x, const Tensor& columns) {
  const auto copy = [&]<class T>() { each_plane(s, x.data<T>(), columns.data<T>(), [&](const T* from, T* to) { unfold_plane(s, from, to); }); };
  switch (item_size(x.dtype())) {
    case 1: return copy.template operator()<uint8_t>();
    case 2: return copy.template operator()<uint16_t>();
    case 4: return copy.template operator()<float>();
    default: return copy.template operator()<double>();
  }
}

void fold_blocks(const FoldShape& s, const Tensor& columns, const Tensor& x) {
  visit_float(x.dtype(), [&]<class T>() { each_plane(s, x.data<T>(), columns.data<T>(), [&](T* to, const T* from) { fold_plane(s, from, to); }); });
}

}  // namespace st
