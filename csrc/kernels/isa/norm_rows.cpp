// Layer norm and RMS norm: rows, forward and backward.
#include "kernels/norm_lanes.h"

namespace st::STEEPEST_ISA {
namespace {

template <class T>
STEEPEST_LANE double mean_square(int64_t n, const T* x) {
  double all = 0;
  for_chunks(Strip{n, 1, 0}, [&](int64_t at, const Strip& part) __attribute__((always_inline)) {
    Sum<T> sum;
    sweep<T>(part.n, [&](int k, int64_t i, int count) __attribute__((always_inline)) {
      const Simd<T> v = get(x + at + i, count);
      sum.part[k] = lane::mul_add(v, v, sum.part[k]);
    });
    all += static_cast<double>(sum.total());
  });
  return all / static_cast<double>(n);
}

template <class T, bool kWeight, bool kBias>
STEEPEST_LANE void write_row(int64_t n, const T* x, const T* w, const T* b, T mean, T rstd, T* y) {
  sweep<T>(n, [&](int, int64_t i, int count) __attribute__((always_inline)) {
    Simd<T> v = (get(x + i, count) - Simd<T>(mean)) * Simd<T>(rstd);
    if constexpr (kWeight && kBias) v = lane::mul_add(v, get(w + i, count), get(b + i, count));
    else if constexpr (kWeight) v = v * get(w + i, count);
    else if constexpr (kBias) v = v + get(b + i, count);
    put(y + i, v, count);
  });
}

template <class T>
void rows(const RowNorm& r, const T* x, const T* w, const T* b, T* y, T* mean, T* rstd) {
  const int64_t n = r.n;
  for (int64_t i = 0; i < r.rows; ++i, x += n, y += n) {
    T m = 0;
    double spread;
    if (r.centred) {
      const Moments2 found = moments(Strip{n, 1, 0}, x);
      mean[i] = m = static_cast<T>(found.mean);
      spread = found.squares / static_cast<double>(n);
    } else {
      spread = mean_square(n, x);
    }
    const T scale = static_cast<T>(1 / lane::sqrt(spread + r.eps));
    rstd[i] = scale;
    if (w && b) write_row<T, true, true>(n, x, w, b, m, scale, y);
    else if (w) write_row<T, true, false>(n, x, w, b, m, scale, y);
    else if (b) write_row<T, false, true>(n, x, w, b, m, scale, y);
    else write_row<T, false, false>(n, x, w, b, m, scale, y);
  }
}

// With u = (x - mean) * rstd and h = g * w: dx = rstd * (h - mean(h) - u * mean(h u)); the second term is the mean's part.
template <class T, bool kWeight, bool kParameters>
STEEPEST_LANE void row_backward(int64_t n, bool centred, const T* x, const T* g, const T* w, T mean, T rstd, T* dx, T* dw, T* db) {
  const Simd<T> m(mean), scale(rstd);
  Simd<T> shift(0), slope(0);
  if (dx) {
    double total = 0, product = 0;
    for_chunks(Strip{n, 1, 0}, [&](int64_t at, const Strip& part) __attribute__((always_inline)) {
      Sum<T> one, two;
      sweep<T>(part.n, [&](int k, int64_t i, int count) __attribute__((always_inline)) {
        Simd<T> h = get(g + at + i, count);
        if constexpr (kWeight) h *= get(w + at + i, count);
        one.part[k] += h;
        two.part[k] = lane::mul_add(h, existing(get(x + at + i, count) - m, count), two.part[k]);
      });
      total += static_cast<double>(one.total());
      product += static_cast<double>(two.total());
    });
    const double r = static_cast<double>(rstd), size = static_cast<double>(n);
    slope = Simd<T>(static_cast<T>(-product / size * r * r * r));
    shift = Simd<T>(static_cast<T>(centred ? -total / size * r : 0));
  }
  sweep<T>(n, [&](int, int64_t i, int count) __attribute__((always_inline)) {
    const Simd<T> grad = get(g + i, count), d = get(x + i, count) - m;
    if (dx) {
      Simd<T> h = grad;
      if constexpr (kWeight) h *= get(w + i, count);
      put(dx + i, lane::mul_add(h, scale, lane::mul_add(d, slope, shift)), count);
    }
    if constexpr (kParameters) {
      if (dw) put(dw + i, lane::mul_add(grad, d * scale, get(dw + i, count)), count);
      if (db) put(db + i, get(db + i, count) + grad, count);
    }
  });
}

template <class T>
void rows_backward(const RowNorm& r, const T* x, const T* g, const T* w, const T* mean, const T* rstd, T* dx, T* dw, T* db) {
  const int64_t n = r.n;
  for (int64_t i = 0; i < r.rows; ++i, x += n, g += n) {
    const T m = mean ? mean[i] : T(0);
    if (w && (dw || db)) row_backward<T, true, true>(n, r.centred, x, g, w, m, rstd[i], dx, dw, db);
    else if (w) row_backward<T, true, false>(n, r.centred, x, g, w, m, rstd[i], dx, dw, db);
    else if (dw || db) row_backward<T, false, true>(n, r.centred, x, g, w, m, rstd[i], dx, dw, db);
    else row_backward<T, false, false>(n, r.centred, x, g, w, m, rstd[i], dx, dw, db);
    if (dx) dx += n;
  }
}

}  // namespace

extern const NormRowTable kNormRowTable;
constexpr NormRowTable kNormRowTable{{rows<float>, rows_backward<float>}, {rows<double>, rows_backward<double>}};

}  // namespace st::STEEPEST_ISA
