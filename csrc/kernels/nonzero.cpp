// Counting and listing nonzero elements.
#include "kernels/nonzero.h"

#include "kernels/layout.h"

namespace st {

int64_t count_nonzero_elements(const Tensor& x) {
  const Tensor c = contiguous_copy(x);
  return visit(c.dtype(), [&]<class T>() {
    const T* p = c.data<T>();
    int64_t n = 0;
    for (int64_t i = 0; i < c.numel(); ++i) n += p[i] != T(0);
    return n;
  });
}

void write_nonzero(const Tensor& x, int64_t* out, int64_t row_step, int64_t column_step) {
  const Tensor c = contiguous_copy(x);
  const int n = c.dim();
  visit(c.dtype(), [&]<class T>() {
    const T* p = c.data<T>();
    Dims at = Dims::filled(n, 0);
    for (int64_t i = 0; i < c.numel(); ++i) {
      if (p[i] != T(0)) {
        for (int d = 0; d < n; ++d) out[d * column_step] = at[d];
        out += row_step;
      }
      for (int d = n - 1; d >= 0 && ++at[d] == c.size(d); --d) at[d] = 0;
    }
  });
}

}  // namespace st
