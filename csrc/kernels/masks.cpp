// Loops over a tensor and its mask.
#include "kernels/masks.h"

#include "kernels/bytes.h"
#include "kernels/nonzero.h"
#include "kernels/rows.h"

namespace st {
namespace {

constexpr int64_t kGrain = 16384;  // elements

// Without a branch, which a random mask makes the processor guess wrong.
template <class T>
void fill_row(T* __restrict t, const uint8_t* __restrict q, T v, int64_t n) {
  constexpr int kBlock = 16;  // a length that the compiler knows, and makes registers of
  const auto chosen = [v](T old, uint8_t m) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(m ? v : old);
    else return T{m ? v.low : old.low, m ? v.high : old.high};
  };
  int64_t i = 0;
  for (; i + kBlock <= n; i += kBlock) for (int k = 0; k < kBlock; ++k) t[i + k] = chosen(t[i + k], q[i + k]);
  for (; i < n; ++i) t[i] = chosen(t[i], q[i]);
}

}  // namespace

void fill_masked(const Tensor& x, const Tensor& mask, const Tensor& value) {
  if (x.numel() == 0) return;
  if (x.is_contiguous() && mask.is_contiguous() && x.numel() == mask.numel()) {
    visit_bytes(x.dtype(), [&]<class T>() {
      T* const to = x.data<T>();
      const auto* m = mask.data<uint8_t>();
      parallel_for(x.numel(), kGrain, [=, v = *value.data<T>()](int64_t begin, int64_t end) { fill_row(to + begin, m + begin, v, end - begin); });
    });
    return;
  }
  const Rows<2> rows(x.sizes(), {x.strides(), mask.strides()});
  visit_bytes(x.dtype(), [&]<class T>() {
    T* to = x.data<T>();
    const auto* m = mask.data<uint8_t>();
    const T v = *value.data<T>();
    const int64_t xs = rows.step(0), ms = rows.step(1);
    rows.share(kGrain, [&](const std::array<int64_t, 2>& offset, int64_t n) {
      T* t = to + offset[0];
      const uint8_t* q = m + offset[1];
      if (xs == 1 && ms == 1) {
        fill_row(t, q, v, n);
      } else {
        for (int64_t i = 0; i < n; ++i) if (q[i * ms]) t[i * xs] = v;
      }
    });
  });
}

int64_t scatter_masked(const Tensor& x, const Tensor& mask, const Tensor& source) {
  const int64_t wanted = count_nonzero_elements(mask);
  if (wanted > source.numel()) return -1;
  if (wanted == 0) return 0;
  const Rows<2> rows(x.sizes(), {x.strides(), mask.strides()});
  visit_bytes(x.dtype(), [&]<class T>() {
    const T *from = source.data<T>(), *last = from + (wanted - 1);
    const int64_t n = rows.length(), xs = rows.step(0), ms = rows.step(1);
    rows.run([&](const std::array<int64_t, 2>& offset) {
      T* t = x.data<T>() + offset[0];
      const uint8_t* q = mask.data<uint8_t>() + offset[1];
      // Without a branch, which a random mask makes the processor guess wrong; what is left is never read behind.
      for (int64_t i = 0; i < n; ++i) {
        const bool taken = q[i * ms];
        T& e = t[i * xs];
        e = taken ? *from : e;
        from += taken & (from != last);
      }
    });
  });
  return wanted;
}

}  // namespace st
