// Attention's rows of scores: masked softmax, the same again for backward, and its gradient.
#include "kernels/attention_table.h"

#include "kernels/lane_rows.h"

namespace st::STEEPEST_ISA {
namespace {

template <class T>
STEEPEST_LANE int64_t visible(const AttentionRows<T>& c, int64_t r) {
  return c.seen + r < c.n ? c.seen + r : c.n;
}

template <class T>
STEEPEST_LANE void clear(T* x, int64_t from, int64_t to) {
  each<T>(to - from, [&](int64_t i, int count) { put(x + from + i, Simd<T>(0), count); });
}

template <class T>
STEEPEST_LANE Simd<T> masked(const AttentionRows<T>& c, const T* x, const T* mask, int64_t i, int count) {
  const Simd<T> v = get(x + i, count);
  if (mask == nullptr) return v;
  return v + (c.mask_column == 0 ? Simd<T>(*mask) : get(mask + i, count));
}

template <class T>
void weights(const AttentionRows<T>& c, T* stats) {
  for (int64_t r = 0; r < c.rows; ++r) {
    T* const x = c.scores + r * c.ld;
    const int64_t n = visible(c, r);
    if (c.mask != nullptr) {
      const T* const mask = c.mask + r * c.mask_row;
      each<T>(n, [&](int64_t i, int count) { put(x + i, masked(c, x, mask, i, count), count); });
    }
    const T top = n > 0 ? largest(x, n) : -static_cast<T>(__builtin_inf());
    if (top == -static_cast<T>(__builtin_inf())) {
      stats[2 * r] = static_cast<T>(__builtin_inf());
      stats[2 * r + 1] = 0;
      clear(x, 0, c.n);
      continue;
    }
    const T sum = sum_of<T>(n, [&](int64_t i, int count) {
      const Simd<T> e = existing(decay(get(x + i, count) - Simd<T>(top)), count);
      put(x + i, e, count);
      return e;
    });
    stats[2 * r] = top;
    stats[2 * r + 1] = 1 / sum;
    const Simd<T> scale(stats[2 * r + 1]);
    const T* const noise = c.noise == nullptr ? nullptr : c.noise + r * c.noise_row;
    each<T>(n, [&](int64_t i, int count) {
      const Simd<T> w = get(x + i, count) * scale;
      put(x + i, noise == nullptr ? w : w * get(noise + i, count), count);
    });
    clear(x, n, c.n);
  }
}

template <class T>
void weights_again(const AttentionRows<T>& c, const T* stats, T* noisy) {
  for (int64_t r = 0; r < c.rows; ++r) {
    T *const x = c.scores + r * c.ld, *const y = noisy == nullptr ? nullptr : noisy + r * c.ld;
    const T* const mask = c.mask == nullptr ? nullptr : c.mask + r * c.mask_row;
    const int64_t n = visible(c, r);
    const Simd<T> top(stats[2 * r]), scale(stats[2 * r + 1]);
    each<T>(n, [&](int64_t i, int count) {
      const Simd<T> w = decay(masked(c, x, mask, i, count) - top) * scale;
      put(x + i, w, count);
      if (y != nullptr) put(y + i, w * get(c.noise + r * c.noise_row + i, count), count);
    });
    clear(x, n, c.n);
    if (y != nullptr) clear(y, n, c.n);
  }
}

template <class T>
void gradient(const AttentionRows<T>& c, T* d) {
  for (int64_t r = 0; r < c.rows; ++r) {
    const T* const w = c.scores + r * c.ld;
    T* const g = d + r * c.ld;
    const int64_t n = visible(c, r);
    if (c.noise != nullptr) {
      const T* const noise = c.noise + r * c.noise_row;
      each<T>(n, [&](int64_t i, int count) { put(g + i, get(g + i, count) * get(noise + i, count), count); });
    }
    const Simd<T> sum(sum_of<T>(n, [&](int64_t i, int count) { return get(w + i, count) * get(g + i, count); }));
    each<T>(n, [&](int64_t i, int count) { put(g + i, get(w + i, count) * (get(g + i, count) - sum), count); });
    clear(g, n, c.n);
  }
}

template <class T>
constexpr AttentionKernels<T> kernels() {
  return {weights<T>, weights_again<T>, gradient<T>};
}

}  // namespace

extern const AttentionTable kAttentionTable;
constexpr AttentionTable kAttentionTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
