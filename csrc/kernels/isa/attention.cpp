// Attention's rows of scores: masked softmax, the same again for backward, and its gradient.
#include "kernels/attention_table.h"

#include "kernels/lane_rows.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Mask;

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

// Rows whose reductions, each a long chain, are under way at the same time.
constexpr int64_t kRows = 8;

template <class T>
void weights(const AttentionRows<T>& c, T* stats) {
  const Simd<T> lowest(-static_cast<T>(__builtin_inf()));
  for (int64_t begin = 0; begin < c.rows; begin += kRows) {
    const int64_t end = begin + kRows < c.rows ? begin + kRows : c.rows;
    for (int64_t r = begin; r < end; ++r) {
      T* const x = c.scores + r * c.ld;
      const T* const mask = c.mask == nullptr ? nullptr : c.mask + r * c.mask_row;
      Simd<T> lanes = lowest;
      each<T>(visible(c, r), [&](int64_t i, int count) __attribute__((always_inline)) {
        const Simd<T> v = masked(c, x, mask, i, count);
        if (mask != nullptr) put(x + i, v, count);
        const Mask<T> above = lanes < v;
        lanes = lane::where(count == kWidth<T> ? above : above & lane::first_lanes<T>(count), v, lanes);
      });
      stats[2 * r] = largest_lane(lanes);
    }
    for (int64_t r = begin; r < end; ++r) {
      T* const x = c.scores + r * c.ld;
      // Of a row without a score, e^(-inf - inf) makes zeros. nan, which is no largest score, is in the sum.
      const bool none = stats[2 * r] == lowest[0];
      if (none) stats[2 * r] = static_cast<T>(__builtin_inf());
      const Simd<T> top(stats[2 * r]);
      const T sum = sum_of<T, false>(visible(c, r), [&](int64_t i, int count) __attribute__((always_inline)) {
        const Simd<T> e = existing(decay(get(x + i, count) - top), count);
        put(x + i, e, count);
        return e;
      });
      stats[2 * r + 1] = none ? sum : 1 / sum;
    }
    for (int64_t r = begin; r < end; ++r) {
      T* const x = c.scores + r * c.ld;
      const int64_t n = visible(c, r);
      const Simd<T> scale(stats[2 * r + 1]);
      const T* const noise = c.noise == nullptr ? nullptr : c.noise + r * c.noise_row;
      each<T>(n, [&](int64_t i, int count) __attribute__((always_inline)) {
        const Simd<T> w = get(x + i, count) * scale;
        put(x + i, noise == nullptr ? w : w * get(noise + i, count), count);
      });
      clear(x, n, c.n);
    }
  }
}

template <class T>
void weights_again(const AttentionRows<T>& c, const T* stats, T* noisy) {
  for (int64_t r = 0; r < c.rows; ++r) {
    T *const x = c.scores + r * c.ld, *const y = noisy == nullptr ? nullptr : noisy + r * c.ld;
    const T* const mask = c.mask == nullptr ? nullptr : c.mask + r * c.mask_row;
    const int64_t n = visible(c, r);
    const Simd<T> top(stats[2 * r]), scale(stats[2 * r + 1]);
    each<T>(n, [&](int64_t i, int count) __attribute__((always_inline)) {
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
  for (int64_t begin = 0; begin < c.rows; begin += kRows) {
    const int64_t count = begin + kRows < c.rows ? kRows : c.rows - begin;
    T sums[kRows];
    for (int64_t q = 0; q < count; ++q) {
      const T *const w = c.scores + (begin + q) * c.ld, *const noise = c.noise == nullptr ? nullptr : c.noise + (begin + q) * c.noise_row;
      T* const g = d + (begin + q) * c.ld;
      const int64_t n = visible(c, begin + q);
      if (noise != nullptr) each<T>(n, [&](int64_t i, int part) __attribute__((always_inline)) { put(g + i, get(g + i, part) * get(noise + i, part), part); });
      sums[q] = sum_of<T, false>(n, [&](int64_t i, int part) __attribute__((always_inline)) { return get(w + i, part) * get(g + i, part); });
    }
    for (int64_t q = 0; q < count; ++q) {
      const int64_t n = visible(c, begin + q);
      const T* const w = c.scores + (begin + q) * c.ld;
      T* const g = d + (begin + q) * c.ld;
      const Simd<T> sum(sums[q]);
      each<T>(n, [&](int64_t i, int part) __attribute__((always_inline)) { put(g + i, get(w + i, part) * (get(g + i, part) - sum), part); });
      clear(g, n, c.n);
    }
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
