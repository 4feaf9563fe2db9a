// Loops over a tensor and its mask.
#include "kernels/masks.h"

#include "kernels/bytes.h"
#include "kernels/nonzero.h"
#include "kernels/parallel.h"
#include "kernels/rows.h"

namespace st {

void fill_masked(const Tensor& x, const Tensor& mask, const Tensor& value) {
  if (x.numel() == 0) return;
  const Rows<2> rows(x.sizes(), {x.strides(), mask.strides()});
  visit_bytes(x.dtype(), [&]<class T>() {
    T* to = x.data<T>();
    const auto* m = mask.data<uint8_t>();
    const T v = *value.data<T>();
    const int64_t n = rows.length(), xs = rows.step(0), ms = rows.step(1);
    rows.run([&](const std::array<int64_t, 2>& offset) {
      T* t = to + offset[0];
      const uint8_t* q = m + offset[1];
      if (xs == 1 && ms == 1) {
        for (int64_t i = 0; i < n; ++i) t[i] = q[i] ? v : t[i];
      } else {
        for (int64_t i = 0; i < n; ++i) if (q[i * ms]) t[i * xs] = v;
      }
    });
  });
}

int64_t scatter_masked(const Tensor& x, const Tensor& mask, const Tensor& source) {
  const int64_t wanted = count_nonzero_elements(mask);
  if (wanted > source.numel()) return -1;
  const Rows<2> rows(x.sizes(), {x.strides(), mask.strides()});
  visit_bytes(x.dtype(), [&]<class T>() {
    const T* from = source.data<T>();
    const int64_t n = rows.length(), xs = rows.step(0), ms = rows.step(1);
    rows.run([&](const std::array<int64_t, 2>& offset) {
      T* t = x.data<T>() + offset[0];
      const uint8_t* q = mask.data<uint8_t>() + offset[1];
      for (int64_t i = 0; i < n; ++i) if (q[i * ms]) t[i * xs] = *from++;
    });
  });
  return wanted;
}

}  // namespace st
