// Tensors as lines along one dimension or several, and sharing the lines among threads.
#include <algorithm>

#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "kernels/reduce.h"

namespace st {

Lines lines_of(const Tensor& x, int64_t dim) {
  if (x.dim() == 0) return {1, 1, 1};
  Lines l{1, x.size(dim), 1};
  for (int64_t d = 0; d < dim; ++d) l.outer *= x.size(d);
  for (int64_t d = dim + 1; d < x.dim(); ++d) l.inner *= x.size(d);
  return l;
}

Tensor dim_last(const Tensor& x, int64_t dim) {
  Dims order;
  for (int d = 0; d < x.dim(); ++d) if (d != dim) order.push_back(d);
  if (x.dim()) order.push_back(dim);
  return permuted(x, order);
}

std::pair<Tensor, Lines> lines_over(const Tensor& x, DimMask mask) {
  Lines l{1, 1, 1};
  int runs = 0;  // of reduced dimensions that stand together
  for (int d = 0; d < x.dim(); ++d) {
    if (mask >> d & 1) {
      l.n *= x.size(d);
      if (d == 0 || !(mask >> (d - 1) & 1)) ++runs;
    } else {
      (runs ? l.inner : l.outer) *= x.size(d);
    }
  }
  if (runs <= 1) return {contiguous_copy(x), l};
  Dims order;
  for (int reduced = 0; reduced < 2; ++reduced) {
    for (int d = 0; d < x.dim(); ++d) if (static_cast<int>(mask >> d & 1) == reduced) order.push_back(d);
  }
  return {contiguous_copy(permuted(x, order)), {l.outer * l.inner, l.n, 1}};
}

void for_lines(const Lines& l, int64_t grain, const std::function<void(int64_t, int64_t, int64_t)>& f) {
  if (l.count() == 0) return;
  if (l.count() * l.n <= grain) {
    for (int64_t o = 0; o < l.outer; ++o) f(o, 0, l.inner);
    return;
  }
  // Columns in blocks that the caches hold, then blocks and outer indices as one range.
  const int64_t width = std::min<int64_t>(l.inner, std::max<int64_t>(64, 4096 / std::max<int64_t>(1, l.n) / 64 * 64));
  const int64_t blocks = (l.inner + width - 1) / width;
  parallel_items(l.outer * blocks, l.n * width, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t j = i % blocks * width;
      f(i / blocks, j, std::min(width, l.inner - j));
    }
  });
}

}  // namespace st
