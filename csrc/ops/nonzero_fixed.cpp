// Results whose size does not depend on values: nonzero_static; memory in an order of dimensions: empty_permuted; _chunk_cat.
#include <algorithm>

#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

struct NonzeroStatic {
  static constexpr OpInfo info{.sig = "nonzero_static(Tensor input, *, int size, int fill_value=-1) -> Tensor",
                               .doc = "The first `size` rows of nonzero(input), filled up with fill_value."};
  static Tensor fwd(const Tensor& x, int64_t size, int64_t fill) {
    if (size < 0) runtime_error("nonzero_static: 'size' must be an non-negative integer");
    const Tensor all = nonzero(x), y = full(Dims{size, x.dim()}, Scalar(fill), Dtype::Int64);
    const int64_t n = std::min(size, all.size(0));
    if (n * x.dim() > 0) copy_elements(alias(y, Dims{n, x.dim()}, y.strides(), 0), alias(all, Dims{n, x.dim()}, all.strides(), all.offset()));
    return y;
  }
};

struct EmptyPermuted {
  static constexpr OpInfo info{.sig = "empty_permuted(int[] size, int[] physical_layout, **factory) -> Tensor",
                               .doc = "Memory for a tensor, not initialised, whose dimensions lie from the widest stride to the narrowest as physical_layout lists them.",
                               .where = kFunction};
  static Tensor fwd(const Dims& size, const Dims& order, std::optional<Dtype> dtype) {
    const int n = size.size();
    if (order.size() != n) {
      runtime_error("Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ", n,
                    " is not equal to len(physical_layout) = ", order.size());
    }
    Dims strides = Dims::filled(n, 0), seen = Dims::filled(n, 0);
    for (int64_t d : order) {
      if (d < 0 || d >= n) runtime_error("Dimension out of range (expected to be between 0 and ", n - 1, ", but got ", d, " at index 0).  NB: negative dims not currently supported");
      if (seen[d]++) runtime_error("Duplicate dim not allowed");
    }
    int64_t step = 1;
    for (int i = n - 1; i >= 0; --i) {
      strides[order[i]] = step;
      step *= std::max<int64_t>(size[order[i]], 1);
    }
    count_elements(size);
    return empty_like_strided(size, strides, dtype.value_or(default_dtype()));
  }
};

const Register<NonzeroStatic, EmptyPermuted> registered;

}  // namespace
}  // namespace st
