// Largest elements and averages of windows along a row, a register of windows at a time.
#include "kernels/pool_table.h"

#include "kernels/lane_part.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::Mask;

// p[0], p[2], ... of 2 * width - 1 elements.
template <class T>
STEEPEST_LANE Simd<T> every_second(const T* p) {
  using Vec = typename Simd<T>::Vec;
  [[maybe_unused]] const Simd<T> low = lane::load(p), high = lane::load(p + kWidth<T> - 1);  // wanted: even lanes of low, odd ones of high
#if defined(STEEPEST_LANE_AVX512)
  if constexpr (sizeof(T) == 4) {
    const __m512i at = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
    return Simd<T>((Vec)_mm512_permutex2var_ps((__m512)low.v, at, (__m512)high.v));
  } else {
    return Simd<T>((Vec)_mm512_permutex2var_pd((__m512d)low.v, _mm512_setr_epi64(0, 2, 4, 6, 9, 11, 13, 15), (__m512d)high.v));
  }
#elif defined(STEEPEST_LANE_AVX2)
  __m256d pairs;  // by halves of a register: from low, from high
  if constexpr (sizeof(T) == 4) pairs = _mm256_castps_pd(_mm256_shuffle_ps((__m256)low.v, (__m256)high.v, _MM_SHUFFLE(3, 1, 2, 0)));
  else pairs = _mm256_shuffle_pd((__m256d)low.v, (__m256d)high.v, 10);
  return Simd<T>((Vec)_mm256_permute4x64_pd(pairs, _MM_SHUFFLE(3, 1, 2, 0)));
#elif defined(__x86_64__)
  if constexpr (sizeof(T) == 4) return Simd<T>((Vec)_mm_shuffle_ps((__m128)low.v, (__m128)high.v, _MM_SHUFFLE(3, 1, 2, 0)));
  else return Simd<T>((Vec)_mm_shuffle_pd((__m128d)low.v, (__m128d)high.v, 2));
#else
  return lane::load_strided(p, 2, kWidth<T>);
#endif
}

template <class T, int kStride>
STEEPEST_LANE Simd<T> side_by_side(const T* p, int64_t stride, int count) {
  if constexpr (kStride == 1) return get(p, count);
  if constexpr (kStride == 2) if (count == kWidth<T>) return every_second(p);
  return lane::load_strided(p, stride, count);
}

// f(offset of an element of the first window) for all elements, row by row.
template <class F>
STEEPEST_LANE void each_element(const WindowRow& r, F f) {
  for (int64_t d = 0; d < r.count[0]; ++d) {
    for (int64_t h = 0; h < r.count[1]; ++h) {
      const int64_t row = d * r.step[0] + h * r.step[1];
      for (int64_t w = 0; w < r.count[2]; ++w) f(row + w * r.step[2]);
    }
  }
}

// f(i, count) for registers of windows from window i on. A rest that is shorter begins earlier instead, where there is room: some
// windows are then computed twice.
template <class T, class F>
STEEPEST_LANE void each_register(int64_t n, F f) {
  if (n < kWidth<T>) return f(int64_t{0}, static_cast<int>(n));
  int64_t i = 0;
  for (; i + kWidth<T> <= n; i += kWidth<T>) f(i, kWidth<T>);
  if (i < n) f(n - kWidth<T>, kWidth<T>);
}

// A NaN wins over everything before it, as in PyTorch.
template <class T>
STEEPEST_LANE Mask<T> beats(Simd<T> v, Simd<T> best) {
  return (v > best) | (v != v);
}

template <class T>
void largest_one(const WindowRow& r, const T* x, T* y, int64_t* place) {
  T best = -static_cast<T>(__builtin_inf());
  int64_t at = 0;
  each_element(r, [&](int64_t k) {
    if (x[k] > best || x[k] != x[k]) {
      best = x[k];
      at = k;
    }
  });
  *y = best;
  if (place) *place = r.first + at;
}

template <class T, int kStride, bool kPlaces>
STEEPEST_LANE void largest_row(const WindowRow& r, const T* x, T* y, int64_t* places) {
  using Int = typename Simd<T>::Int;
  using Bit = typename lane::Register<T>::Bit;
  const int64_t stride = kStride ? kStride : r.stride;
  each_register<T>(r.n, [&](int64_t i, int count) __attribute__((always_inline)) {
    Simd<T> best(-__builtin_inf());
    Simd<T> at = lane::from_bits<T>(Int{});  // offsets in the window, moved about as the bits of a register
    each_element(r, [&](int64_t k) __attribute__((always_inline)) {
      const Simd<T> v = side_by_side<T, kStride>(x + i * stride + k, stride, count);
      const Mask<T> better = beats(v, best);
      best = lane::where(better, v, best);
      if constexpr (kPlaces) at = lane::where(better, lane::from_bits<T>(Int{} + static_cast<Bit>(k)), at);
    });
    put(y + i, best, count);
    if constexpr (kPlaces) {
      const Int offsets = lane::bits(at);
      const int64_t from = r.first + i * stride;
      if (count == kWidth<T>) {
        for (int j = 0; j < kWidth<T>; ++j) places[i + j] = from + j * stride + offsets[j];
      } else {
        for (int j = 0; j < count; ++j) places[i + j] = from + j * stride + offsets[j];
      }
    }
  });
}

template <class T, bool kPlaces>
void largest_any(const WindowRow& r, const T* x, T* y, int64_t* places) {
  if (r.n == 1) largest_one(r, x, y, places);
  else if (r.stride == 1) largest_row<T, 1, kPlaces>(r, x, y, places);
  else if (r.stride == 2) largest_row<T, 2, kPlaces>(r, x, y, places);
  else largest_row<T, 0, kPlaces>(r, x, y, places);
}
template <class T>
void largest(const WindowRow& r, const T* x, T* y) {
  largest_any<T, false>(r, x, y, nullptr);
}
template <class T>
void largest_at(const WindowRow& r, const T* x, T* y, int64_t* places) {
  largest_any<T, true>(r, x, y, places);
}

template <class T, int kStride>
STEEPEST_LANE void average_row(const WindowRow& r, const T* x, T* y) {
  const int64_t stride = kStride ? kStride : r.stride;
  const Simd<T> divisor(r.divisor);
  each_register<T>(r.n, [&](int64_t i, int count) __attribute__((always_inline)) {
    Simd<T> sum(0);
    each_element(r, [&](int64_t k) __attribute__((always_inline)) { sum += side_by_side<T, kStride>(x + i * stride + k, stride, count); });
    put(y + i, sum / divisor, count);
  });
}
// One window after the other, a register of its elements at a time.
template <class T>
void average_wide(const WindowRow& r, const T* x, T* y) {
  for (int64_t i = 0; i < r.n; ++i, x += r.stride) {
    Simd<T> sum(0);
    for (int64_t d = 0; d < r.count[0]; ++d) {
      for (int64_t h = 0; h < r.count[1]; ++h) {
        const T* row = x + d * r.step[0] + h * r.step[1];
        int64_t w = 0;
        for (; w + kWidth<T> <= r.count[2]; w += kWidth<T>) sum += lane::load(row + w);
        if (w < r.count[2]) sum += lane::load_partial(row + w, static_cast<int>(r.count[2] - w));
      }
    }
    T lanes[kWidth<T>];
    lane::store(lanes, sum);
    for (int half = kWidth<T> / 2; half > 0; half /= 2)
      for (int k = 0; k < half; ++k) lanes[k] += lanes[k + half];
    y[i] = lanes[0] / static_cast<T>(r.divisor);
  }
}

template <class T>
void average(const WindowRow& r, const T* x, T* y) {
  if ((r.stride > 2 || r.n == 1) && r.count[2] >= 4 && r.count[1] * r.count[2] >= 16) {
    average_wide(r, x, y);
  } else if (r.n == 1) {
    T sum = 0;
    each_element(r, [&](int64_t k) { sum += x[k]; });
    *y = sum / static_cast<T>(r.divisor);
  } else if (r.stride == 1) {
    average_row<T, 1>(r, x, y);
  } else if (r.stride == 2) {
    average_row<T, 2>(r, x, y);
  } else {
    average_row<T, 0>(r, x, y);
  }
}

// One window after the other, a register of its elements at a time.
template <class T>
void spread_wide(const WindowRow& r, const T* g, T* dx) {
  for (int64_t i = 0; i < r.n; ++i, dx += r.stride) {
    const Simd<T> share(g[i] / static_cast<T>(r.divisor));
    for (int64_t d = 0; d < r.count[0]; ++d) {
      for (int64_t h = 0; h < r.count[1]; ++h) {
        T* row = dx + d * r.step[0] + h * r.step[1];
        int64_t w = 0;
        for (; w + kWidth<T> <= r.count[2]; w += kWidth<T>) lane::store(row + w, lane::load(row + w) + share);
        if (w == r.count[2]) continue;
        const int rest = static_cast<int>(r.count[2] - w);
        lane::store_partial(row + w, lane::load_partial(row + w, rest) + share, rest);
      }
    }
  }
}

template <class T>
void spread(const WindowRow& r, const T* g, T* dx) {
  if ((r.stride > 2 || r.n == 1) && r.count[2] >= 4) return spread_wide(r, g, dx);
  constexpr int64_t kBlock = 64;
  const T divisor = static_cast<T>(r.divisor);
  for (int64_t i = 0; i < r.n; i += kBlock) {
    const int64_t m = r.n - i < kBlock ? r.n - i : kBlock;
    T share[kBlock];
    for (int64_t j = 0; j < m; ++j) share[j] = g[i + j] / divisor;
    for (int64_t d = 0; d < r.count[0]; ++d) {
      for (int64_t h = 0; h < r.count[1]; ++h) {
        T* row = dx + i * r.stride + d * r.step[0] + h * r.step[1];
        if (r.stride == 2 && r.count[2] == 2) {
          for (int64_t j = 0; j < m; ++j) {
            row[2 * j] += share[j];
            row[2 * j + 1] += share[j];
          }
        } else if (r.stride == 1) {
          for (int64_t w = 0; w < r.count[2]; ++w)
            for (int64_t j = 0; j < m; ++j) row[j + w] += share[j];
        } else {
          for (int64_t j = 0; j < m; ++j)
            for (int64_t w = 0; w < r.count[2]; ++w) row[j * r.stride + w] += share[j];
        }
      }
    }
  }
}

template <class T>
constexpr PoolKernels<T> kernels() {
  return {largest<T>, largest_at<T>, average<T>, spread<T>};
}

}  // namespace

extern const PoolTable kPoolTable;
constexpr PoolTable kPoolTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
