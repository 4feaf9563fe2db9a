// Triangles row by row, as bytes: zero has the same bytes in every dtype.
#include "kernels/triangle.h"

#include <algorithm>
#include <cstring>

#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 8192;  // elements

}  // namespace

void copy_triangle(const Tensor& y, const Tensor& x, int64_t diagonal, bool upper) {
  if (y.numel() == 0) return;
  const int64_t m = y.size(-2), n = y.size(-1), item = item_size(y.dtype());
  parallel_items(y.numel() / n, n, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) {
      char* to = y->data + r * n * item;
      const char* from = x->data + r * n * item;
      // The lower part of the row: columns before `cut`.
      const int64_t i = r % m, reach = std::clamp(diagonal, -m, n) + i + (upper ? 0 : 1), cut = std::clamp<int64_t>(reach, 0, n);
      const int64_t first = upper ? cut : 0, last = upper ? n : cut;
      if (to != from) std::memcpy(to + first * item, from + first * item, static_cast<size_t>((last - first) * item));
      std::memset(to, 0, static_cast<size_t>(first * item));
      std::memset(to + last * item, 0, static_cast<size_t>((n - last) * item));
    }
  });
}

}  // namespace st
