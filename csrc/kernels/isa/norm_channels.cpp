// Batch and group norm: sums over the elements of channels, and the affine maps that they lead to.
#include "kernels/norm_lanes.h"

namespace st::STEEPEST_ISA {
namespace {

template <class T>
void strip_moments(const Strip& s, const T* x, double* out) {
  const Moments2 m = moments(s, x);
  out[0] = m.mean;
  out[1] = m.squares;
}

template <class T>
STEEPEST_LANE void strip_sums(const Strip& s, const T* x, const T* g, T mean, double* out) {
  const Simd<T> m(mean);
  double total = 0, product = 0;
  for_chunks(s, [&](int64_t at, const Strip& part) __attribute__((always_inline)) {
    Sum<T> one, two;
    sweep<T>(part, [&](int k, int64_t i, int count) __attribute__((always_inline)) {
      const Simd<T> grad = get(g + at + i, count);
      one.part[k] += grad;
      two.part[k] = lane::mul_add(grad, existing(get(x + at + i, count) - m, count), two.part[k]);
    });
    total += static_cast<double>(one.total());
    product += static_cast<double>(two.total());
  });
  out[0] = total;
  out[1] = product;
}

template <class T>
STEEPEST_LANE void strip_affine(const Strip& s, const T* x, T mean, T a, T b, T* y) {
  const Simd<T> m(mean), scale(a), shift(b);
  sweep<T>(s, [&](int, int64_t i, int count) __attribute__((always_inline)) { put(y + i, lane::mul_add(get(x + i, count) - m, scale, shift), count); });
}

template <class T>
STEEPEST_LANE void strip_blend(const Strip& s, const T* x, const T* g, T mean, T a, T b, T c, T* dx) {
  const Simd<T> m(mean), scale(a), slope(b), shift(c);
  sweep<T>(s, [&](int, int64_t i, int count) __attribute__((always_inline)) {
    put(dx + i, lane::mul_add(get(g + i, count), scale, lane::mul_add(get(x + i, count) - m, slope, shift)), count);
  });
}

template <class T>
void sums_of_strip(const Strip& s, const T* x, const T* g, T mean, double* out) { strip_sums(s, x, g, mean, out); }
template <class T>
void affine_of_strip(const Strip& s, const T* x, T mean, T a, T b, T* y) { strip_affine(s, x, mean, a, b, y); }
template <class T>
void blend_of_strip(const Strip& s, const T* x, const T* g, T mean, T a, T b, T c, T* dx) { strip_blend(s, x, g, mean, a, b, c, dx); }

template <class T>
void runs_sums(const Strip& s, const T* x, const T* g, const T* mean, double* sum, double* product) {
  for (int64_t r = 0; r < s.count; ++r) {
    double found[2];
    strip_sums(Strip{s.n, 1, 0}, x + r * s.stride, g + r * s.stride, mean[r], found);
    sum[r] = found[0];
    product[r] = found[1];
  }
}
template <class T>
void runs_affine(const Strip& s, const T* x, const T* mean, const T* a, const T* b, T* y) {
  for (int64_t r = 0; r < s.count; ++r) strip_affine(Strip{s.n, 1, 0}, x + r * s.stride, mean[r], a[r], b[r], y + r * s.stride);
}
template <class T>
void runs_blend(const Strip& s, const T* x, const T* g, const T* mean, const T* a, const T* b, const T* c, T* dx) {
  for (int64_t r = 0; r < s.count; ++r) {
    const int64_t at = r * s.stride;
    strip_blend(Strip{s.n, 1, 0}, x + at, g + at, mean[r], a[r], b[r], c[r], dx + at);
  }
}

// f<registers>(column, lanes of the last register) for the columns of a sheet, up to four registers of them at a time.
template <class T, class F>
STEEPEST_LANE void for_columns(int64_t n, F f) {
  constexpr int64_t kStep = kWidth<T> * kAccumulators;
  int64_t j = 0;
  for (; j + kStep <= n; j += kStep) f.template operator()<kAccumulators>(j, kWidth<T>);
  for (; j < n; j += kWidth<T>) f.template operator()<1>(j, j + kWidth<T> <= n ? kWidth<T> : static_cast<int>(n - j));
}

template <class T, int R>
STEEPEST_LANE void columns_moments(const Sheet& s, int64_t j, int count, const T* x, double* mean, double* squares) {
  Simd<T> near[R], first[R], second[R];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) near[r] = first[r] = second[r] = Simd<T>(0);
  for (int64_t i = 0; i < s.rows; ++i) {
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) near[r] += get(x + i * s.step + j + r * kWidth<T>, count);
  }
  const Simd<T> rows(static_cast<T>(s.rows));
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) near[r] /= rows;
  for (int64_t i = 0; i < s.rows; ++i) {
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) {
      const Simd<T> d = get(x + i * s.step + j + r * kWidth<T>, count) - near[r];
      first[r] += d;
      second[r] = lane::mul_add(d, d, second[r]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int k = 0; k < count; ++k) {
      const double n = static_cast<double>(s.rows), shift = static_cast<double>(first[r][k]) / n;
      const double rest = static_cast<double>(second[r][k]) - shift * shift * n;
      mean[j + r * kWidth<T> + k] = static_cast<double>(near[r][k]) + shift;
      squares[j + r * kWidth<T> + k] = rest > 0 || rest != rest ? rest : 0;
    }
  }
}
template <class T>
void column_moments(const Sheet& s, const T* x, double* mean, double* squares) {
  for_columns<T>(s.n, [&]<int R>(int64_t j, int count) __attribute__((always_inline)) { columns_moments<T, R>(s, j, count, x, mean, squares); });
}

template <class T, int R>
STEEPEST_LANE void columns_sums(const Sheet& s, int64_t j, int count, const T* x, const T* g, const T* mean, double* sum, double* product) {
  Simd<T> m[R], one[R], two[R];
#pragma GCC unroll 4
  for (int r = 0; r < R; ++r) {
    m[r] = get(mean + j + r * kWidth<T>, count);
    one[r] = two[r] = Simd<T>(0);
  }
  for (int64_t i = 0; i < s.rows; ++i) {
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) {
      const int64_t at = i * s.step + j + r * kWidth<T>;
      const Simd<T> grad = get(g + at, count);
      one[r] += grad;
      two[r] = lane::mul_add(grad, get(x + at, count) - m[r], two[r]);
    }
  }
  for (int r = 0; r < R; ++r) {
    for (int k = 0; k < count; ++k) {
      sum[j + r * kWidth<T> + k] = static_cast<double>(one[r][k]);
      product[j + r * kWidth<T> + k] = static_cast<double>(two[r][k]);
    }
  }
}
template <class T>
void column_sums(const Sheet& s, const T* x, const T* g, const T* mean, double* sum, double* product) {
  for_columns<T>(s.n, [&]<int R>(int64_t j, int count) __attribute__((always_inline)) { columns_sums<T, R>(s, j, count, x, g, mean, sum, product); });
}

template <class T>
void column_affine(const Sheet& s, const T* x, const T* mean, const T* a, const T* b, T* y) {
  for (int64_t r = 0; r < s.rows; ++r, x += s.step, y += s.step) {
    sweep<T>(s.n, [&](int, int64_t i, int count) __attribute__((always_inline)) {
      put(y + i, lane::mul_add(get(x + i, count) - get(mean + i, count), get(a + i, count), get(b + i, count)), count);
    });
  }
}

template <class T>
void column_blend(const Sheet& s, const T* x, const T* g, const T* mean, const T* a, const T* b, const T* c, T* dx) {
  for (int64_t r = 0; r < s.rows; ++r, x += s.step, g += s.step, dx += s.step) {
    sweep<T>(s.n, [&](int, int64_t i, int count) __attribute__((always_inline)) {
      const Simd<T> rest = lane::mul_add(get(x + i, count) - get(mean + i, count), get(b + i, count), get(c + i, count));
      put(dx + i, lane::mul_add(get(g + i, count), get(a + i, count), rest), count);
    });
  }
}

template <class T>
constexpr NormKernels<T> kernels() {
  return {strip_moments<T>, sums_of_strip<T>, affine_of_strip<T>, blend_of_strip<T>, runs_sums<T>, runs_affine<T>, runs_blend<T>, column_moments<T>, column_sums<T>, column_affine<T>, column_blend<T>};
}

}  // namespace

extern const NormTable kNormTable;
constexpr NormTable kNormTable{kernels<float>(), kernels<double>()};

}  // namespace st::STEEPEST_ISA
