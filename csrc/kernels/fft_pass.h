// The passes of Fourier transforms in lanes, from and to tiles or memory: see Note [Fourier transforms in lanes].
#pragma once

#include "kernels/fft_butterfly.h"
#include "kernels/gemm_pack.h"
#include "kernels/lane_pairs.h"

namespace st::STEEPEST_ISA {
namespace {

// Loops over the elements of the largest butterfly disappear, too.
#if defined(__clang__)
#define STEEPEST_UNROLL_ALL STEEPEST_UNROLL
#else
#define STEEPEST_UNROLL_ALL _Pragma("GCC unroll 16")
#endif

// Elements of a tile from one number to the next.
template <class T>
constexpr int64_t kUnit = 2 * kWidth<T>;

// A place in a tile, real parts here, imaginary parts there: the other way round for an inverse transform.
template <class T>
struct Spot {
  int re, im;
  explicit Spot(bool inverse) : re(inverse ? kWidth<T> : 0), im(inverse ? 0 : kWidth<T>) {}
  STEEPEST_LANE Pair<T> get(const T* p) const { return {lane::load(p + re), lane::load(p + im)}; }
  STEEPEST_LANE void put(T* p, Pair<T> x) const {
    lane::store(p + re, x.re);
    lane::store(p + im, x.im);
  }
};
template <class T>
STEEPEST_LANE Pair<T> broadcast(const T* w) {
  return {Simd<T>(w[0]), Simd<T>(w[1])};
}

// Complex numbers side by side, `count` of them, as a register of each part.
template <class T>
STEEPEST_LANE Pair<T> load_pairs(const T* p, int count) {
  Simd<T> a(0), b(0);
  if (count == kWidth<T>) {
    a = lane::load(p);
    b = lane::load(p + kWidth<T>);
  } else {
    const int more = 2 * count - kWidth<T>;
    a = get(p, more > 0 ? kWidth<T> : 2 * count);
    if (more > 0) b = lane::load_partial(p + kWidth<T>, more);
  }
  return {every_second<0>(a, b), every_second<1>(a, b)};
}
template <class T>
STEEPEST_LANE void store_pairs(T* p, Pair<T> x, int count) {
  const Simd<T> a = by_turns<0>(x.re, x.im), b = by_turns<kWidth<T> / 2>(x.re, x.im);
  if (count == kWidth<T>) {
    lane::store(p, a);
    lane::store(p + kWidth<T>, b);
    return;
  }
  const int more = 2 * count - kWidth<T>;
  put(p, a, more > 0 ? kWidth<T> : 2 * count);
  if (more > 0) lane::store_partial(p + kWidth<T>, b, more);
}

// Where a pass has its elements from, and where it leaves them: a tile, and
template <class T>
struct FromTile {
  const T* p;
  Spot<T> spot;
  STEEPEST_LANE Pair<T> get(int64_t e) const { return spot.get(p + e * kUnit<T>); }
};
template <class T>
struct ToTile {
  static constexpr bool kLast = false;
  T* p;
  Spot<T> spot;
  STEEPEST_LANE void put(int64_t e, Pair<T> x) const { spot.put(p + e * kUnit<T>, x); }
};
// for the last pass also a tile with a factor for all,
template <class T>
struct ToScaled {
  static constexpr bool kLast = true;
  T* p;
  Spot<T> spot;
  T scale;
  STEEPEST_LANE void put(int64_t e, Pair<T> x) const { spot.put(p + e * kUnit<T>, x * Simd<T>(scale)); }
};
// or with a factor for each,
template <class T>
struct ToTurned {
  static constexpr bool kLast = true;
  T* p;
  Spot<T> spot;
  const T* factors;
  STEEPEST_LANE void put(int64_t e, Pair<T> x) const { spot.put(p + e * kUnit<T>, x * Spot<T>(false).get(factors + e * kUnit<T>)); }
};
// and lines side by side in memory.
template <class T>
struct FromPairs {
  const T* p;
  int64_t step;
  bool inverse;
  STEEPEST_LANE Pair<T> get(int64_t e) const {
    const Pair<T> x = load_pairs(p + e * step, kWidth<T>);
    return inverse ? Pair<T>{x.im, x.re} : x;
  }
};
template <bool kScaled, class T>
struct ToPairs {
  static constexpr bool kLast = true;
  T* p;
  int64_t step;
  bool inverse;
  T scale;
  STEEPEST_LANE void put(int64_t e, Pair<T> x) const {
    const Pair<T> y = kScaled ? x * Simd<T>(scale) : x;
    store_pairs(p + e * step, inverse ? Pair<T>{y.im, y.re} : y, kWidth<T>);
  }
};

// One pass, s the product of the factors before. The last has no twiddles.
template <int kRadix, class T, class From, class To>
void pass(const FftPass<T>& f, int64_t s, From from, To to) {
  const int64_t m = To::kLast ? 1 : f.rest;
  const T* w = f.twiddles;
  for (int64_t p = 0; p < m; ++p, w += 2 * (kRadix - 1)) {
    for (int64_t q = 0; q < s; ++q) {
      Pair<T> x[kRadix], y[kRadix];
      STEEPEST_UNROLL_ALL for (int j = 0; j < kRadix; ++j) x[j] = from.get(q + s * (p + m * j));
      butterfly<kRadix>(x, y, f.roots);
      to.put(q + s * kRadix * p, y[0]);
      STEEPEST_UNROLL_ALL for (int k = 1; k < kRadix; ++k) to.put(q + s * (kRadix * p + k), To::kLast ? y[k] : y[k] * broadcast(w + 2 * (k - 1)));
    }
  }
}

// The same for any odd radix.
template <class T, class From, class To>
void odd_pass(const FftPass<T>& f, int64_t s, From from, To to) {
  const int64_t m = f.rest, r = f.radix;
  const T* w = f.twiddles;
  for (int64_t p = 0; p < m; ++p, w += 2 * (r - 1)) {
    for (int64_t q = 0; q < s; ++q) {
      Pair<T> x[kFftMostRadix], y[kFftMostRadix];
      x[0] = from.get(q + s * p);
      for (int64_t j = 1; j < r; ++j) x[j] = from.get(q + s * (p + m * j));
      odd<0>(x, y, f.roots, static_cast<int>(r));
      to.put(q + s * r * p, y[0]);
      for (int64_t k = 1; k < r; ++k) to.put(q + s * (r * p + k), To::kLast ? y[k] : y[k] * broadcast(w + 2 * (k - 1)));
    }
  }
}

template <class T, class From, class To>
void any_pass(const FftPass<T>& f, int64_t s, From from, To to) {
  switch (f.radix) {
    case 2: return pass<2>(f, s, from, to);
    case 3: return pass<3>(f, s, from, to);
    case 4: return pass<4>(f, s, from, to);
    case 5: return pass<5>(f, s, from, to);
    case 7: return pass<7>(f, s, from, to);
    case 8: return pass<8>(f, s, from, to);
    case 16: return pass<16>(f, s, from, to);
    default: odd_pass(f, s, from, to);
  }
}

// All passes but the last: from the first's elements by way of a and b in turns, until last(pass, s, elements, the buffer that is free).
template <class T, class From, class Last>
STEEPEST_LANE void passes(const FftLanes<T>& lanes, From from, Spot<T> spot, T* a, T* b, Last last) {
  if (lanes.n_passes == 1) return last(lanes.passes[0], int64_t{1}, from, a);
  any_pass(lanes.passes[0], 1, from, ToTile<T>{a, spot});
  int64_t s = lanes.passes[0].radix;
  for (int i = 1; i < lanes.n_passes - 1; ++i) {
    any_pass(lanes.passes[i], s, FromTile<T>{a, spot}, ToTile<T>{b, spot});
    s *= lanes.passes[i].radix;
    T* const result = b;
    b = a;
    a = result;
  }
  last(lanes.passes[lanes.n_passes - 1], s, FromTile<T>{a, spot}, b);
}

// The transform of what is in `from`, to lines side by side in memory; a and b are overwritten.
template <class T, class From>
void run_to_pairs(const FftLanes<T>& lanes, From from, Spot<T> spot, T* a, T* b, T* to, int64_t step, bool inverse, T scale) {
  passes(lanes, from, spot, a, b, [&](const FftPass<T>& f, int64_t s, auto source, T*) __attribute__((always_inline)) {
    if (scale == T(1)) any_pass(f, s, source, ToPairs<false, T>{to, step, inverse, scale});
    else any_pass(f, s, source, ToPairs<true, T>{to, step, inverse, scale});
  });
}

// The transform of what is in `from`, which it overwrites like `other`: the one of them that has the result.
template <class T>
T* run(const FftLanes<T>& lanes, T* from, T* other, Spot<T> spot, T scale) {
  if (lanes.n_passes == 0) {
    spot.put(from, spot.get(from) * Simd<T>(scale));
    return from;
  }
  T* result = nullptr;
  passes(lanes, FromTile<T>{from, spot}, spot, other, from, [&](const FftPass<T>& f, int64_t s, auto source, T* free) __attribute__((always_inline)) {
    any_pass(f, s, source, ToScaled<T>{free, spot, scale});
    result = free;
  });
  return result;
}

// to[p * width + j] = from[j * ld + p] for j < rows, p < count: as transpose(), with whole squares in whole registers. A quarter of a register
// is of one row, so that shuffles do not cross quarters.
#if defined(STEEPEST_LANE_AVX512)
STEEPEST_LANE void turn_square(const float* from, int64_t ld, float* to, int64_t width) {
  STEEPEST_UNROLL for (int c = 0; c < 16; c += 4) {
    const auto rows = [&](int64_t i) __attribute__((always_inline)) {
      const float* const p = from + i * ld + c;
      __m512 r = _mm512_castps128_ps512(_mm_loadu_ps(p));
      r = _mm512_mask_broadcast_f32x4(r, 0x00f0, _mm_loadu_ps(p + 4 * ld));
      r = _mm512_mask_broadcast_f32x4(r, 0x0f00, _mm_loadu_ps(p + 8 * ld));
      return _mm512_mask_broadcast_f32x4(r, 0xf000, _mm_loadu_ps(p + 12 * ld));
    };
    const __m512 a = rows(0), b = rows(1), e = rows(2), d = rows(3);
    const __m512 ab0 = _mm512_maskz_unpacklo_ps(-1, a, b), ab1 = _mm512_maskz_unpackhi_ps(-1, a, b);
    const __m512 ed0 = _mm512_maskz_unpacklo_ps(-1, e, d), ed1 = _mm512_maskz_unpackhi_ps(-1, e, d);
    _mm512_storeu_ps(to + c * width, _mm512_maskz_shuffle_ps(-1, ab0, ed0, 0x44));
    _mm512_storeu_ps(to + (c + 1) * width, _mm512_maskz_shuffle_ps(-1, ab0, ed0, 0xee));
    _mm512_storeu_ps(to + (c + 2) * width, _mm512_maskz_shuffle_ps(-1, ab1, ed1, 0x44));
    _mm512_storeu_ps(to + (c + 3) * width, _mm512_maskz_shuffle_ps(-1, ab1, ed1, 0xee));
  }
}
STEEPEST_LANE void turn_square(const double* from, int64_t ld, double* to, int64_t width) {
  STEEPEST_UNROLL for (int c = 0; c < 8; c += 2) {
    const auto rows = [&](int64_t i) __attribute__((always_inline)) {
      const double* const p = from + i * ld + c;
      __m512d r = _mm512_castpd128_pd512(_mm_loadu_pd(p));
      r = _mm512_mask_broadcast_f64x2(r, 0x0c, _mm_loadu_pd(p + 2 * ld));
      r = _mm512_mask_broadcast_f64x2(r, 0x30, _mm_loadu_pd(p + 4 * ld));
      return _mm512_mask_broadcast_f64x2(r, 0xc0, _mm_loadu_pd(p + 6 * ld));
    };
    const __m512d a = rows(0), b = rows(1);
    _mm512_storeu_pd(to + c * width, _mm512_maskz_unpacklo_pd(-1, a, b));
    _mm512_storeu_pd(to + (c + 1) * width, _mm512_maskz_unpackhi_pd(-1, a, b));
  }
}
template <class T>
STEEPEST_LANE void turn(const T* from, int64_t ld, int64_t rows, int64_t count, T* to, int64_t width) {
  const int64_t whole = count / kWidth<T> * kWidth<T>;
  int64_t j = 0;
  for (; j + kWidth<T> <= rows; j += kWidth<T>) {
    for (int64_t p = 0; p < whole; p += kWidth<T>) turn_square(from + j * ld + p, ld, to + p * width + j, width);
    if (whole < count) transpose(from + j * ld + whole, ld, kWidth<T>, count - whole, to + whole * width + j, width);
  }
  if (j < rows) transpose(from + j * ld, ld, rows - j, count, to + j, width);
}
#else
template <class T>
STEEPEST_LANE void turn(const T* from, int64_t ld, int64_t rows, int64_t count, T* to, int64_t width) {
  transpose(from, ld, rows, count, to, width);
}
#endif

}  // namespace
}  // namespace st::STEEPEST_ISA
