// Adding into regions: a plain copy where elements are distinct, a serial sum where they are not.
#include "kernels/region.h"

#include <algorithm>

#include "kernels/layout.h"

namespace st {
namespace {

template <class T>
void add_strided(T* to, const int64_t* to_strides, const T* from, const int64_t* from_strides, const int64_t* sizes, int ndim) {
  if (ndim == 0) {
    *to = *to + *from;
    return;
  }
  for (int64_t i = 0; i < sizes[0]; ++i) {
    if (ndim == 1) to[i * to_strides[0]] = to[i * to_strides[0]] + from[i * from_strides[0]];
    else add_strided(to + i * to_strides[0], to_strides + 1, from + i * from_strides[0], from_strides + 1, sizes + 1, ndim - 1);
  }
}

}  // namespace

bool may_overlap(DimSpan sizes, DimSpan strides) {
  // From the narrowest stride on, each must step over all that the narrower ones reach.
  Dims order;
  for (size_t i = 0; i < sizes.size(); ++i) if (sizes[i] > 1) order.push_back(static_cast<int64_t>(i));
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) { return strides[a] < strides[b]; });
  int64_t reach = 0;
  for (int64_t d : order) {
    if (strides[d] <= reach) return true;
    reach += (sizes[d] - 1) * strides[d];
  }
  return false;
}

void add_to_region(const Tensor& region, const Tensor& x) {
  if (x.numel() == 0) return;
  if (!may_overlap(region.sizes(), region.strides())) return copy_elements(region, x);
  visit(x.dtype(), [&]<class T>() {
    add_strided(region.data<T>(), region->strides(), x.data<T>(), x->strides(), region->sizes, region.dim());
  });
}

}  // namespace st
