// Fourier transforms in lanes: see Note [Fourier transforms in lanes].
#include "kernels/fft_pass.h"

namespace st::STEEPEST_ISA {
namespace {

// Between memory and a tile: `count` elements of each line, each of two parts, or (real lines of odd length) of one.
template <class T>
void load_tile(const FftTile<T>& c, bool pairs_of_reals, int64_t count, T* to) {
  const bool plain = c.kind == FftKind::kRealToComplex && !pairs_of_reals;
  const Simd<T> none(0);
  if (c.inner == 1) {
    if (plain || c.lines < kWidth<T>) each<T>(count * kUnit<T>, [&](int64_t i, int) __attribute__((always_inline)) { lane::store(to + i, none); });
    if (plain) turn(c.from, c.from_pitch, c.lines, count, to, kUnit<T>);
    else turn(c.from, c.from_pitch, c.lines, 2 * count, to, kWidth<T>);
    return;
  }
  const Spot<T> spot(false);
  for (int64_t e = 0; e < count; ++e, to += kUnit<T>) {
    if (plain) spot.put(to, {get(c.from + e * c.inner, c.lines), none});
    else if (pairs_of_reals) spot.put(to, {get(c.from + 2 * e * c.inner, c.lines), get(c.from + (2 * e + 1) * c.inner, c.lines)});
    else spot.put(to, load_pairs(c.from + 2 * e * c.inner, c.lines));
  }
}
template <class T>
void store_tile(const FftTile<T>& c, bool pairs_of_reals, int64_t count, const T* from) {
  const bool plain = c.kind == FftKind::kComplexToReal && !pairs_of_reals;
  if (c.inner == 1) {
    if (plain) turn(from, kUnit<T>, count, c.lines, c.to, c.to_pitch);
    else turn(from, kWidth<T>, 2 * count, c.lines, c.to, c.to_pitch);
    return;
  }
  const Spot<T> spot(false);
  for (int64_t e = 0; e < count; ++e, from += kUnit<T>) {
    const Pair<T> x = spot.get(from);
    if (plain) {
      put(c.to + e * c.inner, x.re, c.lines);
    } else if (pairs_of_reals) {
      put(c.to + 2 * e * c.inner, x.re, c.lines);
      put(c.to + (2 * e + 1) * c.inner, x.im, c.lines);
    } else {
      store_pairs(c.to + 2 * e * c.inner, x, c.lines);
    }
  }
}

// Note [Real transforms by halves]
// z[j] = x[2 j] + i x[2 j + 1] has the transform Z of h = n / 2 elements. With E = (Z[k] + conj Z[h - k]) / 2, that of the even elements,
// and O = (Z[k] - conj Z[h - k]) / 2 i, that of the odd ones, X[k] = E + w(n)^k O and X[h - k] = conj(E - w(n)^k O). Back,
// Z[k] = A + i B and Z[h - k] = conj(A - i B) with A = X[k] + conj X[h - k], B = conj w(n)^k (X[k] - conj X[h - k]).
template <class T>
STEEPEST_LANE void apart(Pair<T> low, Pair<T> high, Pair<T> w, Simd<T> scale, Pair<T>& x, Pair<T>& mirror) {
  const Pair<T> even = (low + conj(high)) * scale, twice = (low - conj(high)) * scale, odd = w * Pair<T>{twice.im, -twice.re};
  x = even + odd;
  mirror = conj(even - odd);
}
template <class T>
STEEPEST_LANE void together(Pair<T> low, Pair<T> high, Pair<T> w, Pair<T>& z, Pair<T>& mirror) {
  const Pair<T> a = low + conj(high), b = conj(w) * (low - conj(high));
  z = plus_i(a, b);
  mirror = conj(minus_i(a, b));
}

template <class T>
void tile(const FftTile<T>& c) {
  const int64_t n = c.n, half = n / 2;
  T *const a = c.work, *const b = c.work + kUnit<T> * (c.lanes->n + 1);
  const Spot<T> spot(c.inverse), forward(false);
  const auto turn = [&](int64_t k) __attribute__((always_inline)) { return Pair<T>{Simd<T>(c.turns[k]), Simd<T>(c.turns[c.turn_count + k])}; };
  const bool halves = n % 2 == 0;
  if (c.kind == FftKind::kComplex) {
    if (c.inner > 1 && c.lines == kWidth<T> && n > 1) {
      return run_to_pairs(*c.lanes, FromPairs<T>{c.from, 2 * c.inner, c.inverse}, spot, a, b, c.to, 2 * c.inner, c.inverse, c.scale);
    }
    load_tile(c, false, n, a);
    return store_tile(c, false, n, run(*c.lanes, a, b, spot, c.scale));
  }
  if (c.kind == FftKind::kRealToComplex) {
    load_tile(c, halves, halves ? half : n, a);
    T* const z = run(*c.lanes, a, b, spot, halves ? T(1) : c.scale);
    if (halves) {
      __builtin_memcpy(z + half * kUnit<T>, z, kUnit<T> * sizeof(T));
      for (int64_t k = 0; k <= half / 2; ++k) {
        Pair<T> x, mirror;
        apart(forward.get(z + k * kUnit<T>), forward.get(z + (half - k) * kUnit<T>), turn(k), Simd<T>(c.scale / 2), x, mirror);
        forward.put(z + k * kUnit<T>, x);
        if (2 * k != half) forward.put(z + (half - k) * kUnit<T>, mirror);
      }
      lane::store(z + kWidth<T>, Simd<T>(0));
      lane::store(z + half * kUnit<T> + kWidth<T>, Simd<T>(0));
    }
    return store_tile(c, false, half + 1, z);
  }
  load_tile(c, false, half + 1, a);
  // What would be imaginary in a real transform does not count.
  lane::store(a + kWidth<T>, Simd<T>(0));
  if (halves) {
    lane::store(a + half * kUnit<T> + kWidth<T>, Simd<T>(0));
    for (int64_t k = 0; k <= half / 2; ++k) {
      Pair<T> z, mirror;
      together(forward.get(a + k * kUnit<T>), forward.get(a + (half - k) * kUnit<T>), turn(k), z, mirror);
      forward.put(a + k * kUnit<T>, z);
      if (k && 2 * k != half) forward.put(a + (half - k) * kUnit<T>, mirror);
    }
  } else {
    for (int64_t k = 1; k <= half; ++k) forward.put(a + (n - k) * kUnit<T>, conj(forward.get(a + k * kUnit<T>)));
  }
  store_tile(c, halves, halves ? half : n, run(*c.lanes, a, b, spot, c.scale));
}

int lanes_of(int64_t size, int64_t from, int width) { return static_cast<int>(size - from < width ? size - from : width); }

template <class T>
void columns(const FftSplit<T>& split, const T* from, T* temp, T* work, bool inverse, int64_t begin, int64_t end) {
  const int64_t n1 = split.first.n, n2 = split.second.n;
  const Spot<T> spot(inverse), forward(false);
  for (int64_t t = begin; t < end; ++t) {
    const int64_t column = t * kWidth<T>;
    const int count = lanes_of(n2, column, kWidth<T>);
    T *const a = work, *const b = work + n1 * kUnit<T>, *x = nullptr;
    const auto last = [&](const FftPass<T>& f, int64_t s, auto source, T* free) __attribute__((always_inline)) {
      any_pass(f, s, source, ToTurned<T>{free, spot, split.twiddles + t * n1 * kUnit<T>});
      x = free;
    };
    if (count == kWidth<T>) {
      passes(split.first, FromPairs<T>{from + 2 * column, 2 * n2, inverse}, spot, a, b, last);
    } else {
      for (int64_t e = 0; e < n1; ++e) forward.put(a + e * kUnit<T>, load_pairs(from + 2 * (e * n2 + column), count));
      passes(split.first, FromTile<T>{a, spot}, spot, b, a, last);
    }
    for (int64_t row = 0; row < n1; row += kWidth<T>) {
      const int rows = lanes_of(n1, row, kWidth<T>);
      T* const to = temp + (row / kWidth<T> * n2 + column) * kUnit<T>;
      if (rows < kWidth<T>) each<T>(count * kUnit<T>, [&](int64_t i, int) __attribute__((always_inline)) { lane::store(to + i, Simd<T>(0)); });
      turn(x + row * kUnit<T>, kUnit<T>, rows, count, to, kUnit<T>);
      turn(x + row * kUnit<T> + kWidth<T>, kUnit<T>, rows, count, to + kWidth<T>, kUnit<T>);
    }
  }
}

template <class T>
void rows(const FftSplit<T>& split, T* temp, T* to, T* work, bool inverse, T scale, int64_t begin, int64_t end) {
  const int64_t n1 = split.first.n, n2 = split.second.n;
  const Spot<T> spot(inverse);
  for (int64_t t = begin; t < end; ++t) {
    const int count = lanes_of(n1, t * kWidth<T>, kWidth<T>);
    T *const lines = temp + t * n2 * kUnit<T>, *p = to + 2 * t * kWidth<T>;
    if (count == kWidth<T>) {
      run_to_pairs(split.second, FromTile<T>{lines, spot}, spot, work, lines, p, 2 * n1, inverse, scale);
      continue;
    }
    const T* x = run(split.second, lines, work, spot, scale);
    for (int64_t e = 0; e < n2; ++e, x += kUnit<T>, p += 2 * n1) store_pairs(p, Spot<T>(false).get(x), count);
  }
}

// The numbers k - count + 1, ..., k in reverse, and to there.
template <class T>
STEEPEST_LANE Pair<T> load_reversed(const T* line, int64_t k, int count) {
  if (count == kWidth<T>) {
    const Pair<T> x = load_pairs(line + 2 * (k - count + 1), count);
    return {reversed(x.re), reversed(x.im)};
  }
  T re[kWidth<T>] = {}, im[kWidth<T>] = {};
  for (int i = 0; i < count; ++i) {
    re[i] = line[2 * (k - i)];
    im[i] = line[2 * (k - i) + 1];
  }
  return {lane::load(re), lane::load(im)};
}
template <class T>
STEEPEST_LANE void store_reversed(T* line, Pair<T> x, int64_t k, int count) {
  if (count == kWidth<T>) return store_pairs(line + 2 * (k - count + 1), {reversed(x.re), reversed(x.im)}, count);
  T re[kWidth<T>], im[kWidth<T>];
  lane::store(re, x.re);
  lane::store(im, x.im);
  for (int i = 0; i < count; ++i) {
    line[2 * (k - i)] = re[i];
    line[2 * (k - i) + 1] = im[i];
  }
}

// f(k, count) for the registers of elements [begin, end) whose mirror images lie wholly above them.
template <class T, class F>
STEEPEST_LANE void mirrored(int64_t begin, int64_t end, F f) {
  each<T>(end - begin, [&](int64_t i, int count) __attribute__((always_inline)) { f(begin + i, count); });
}

template <class T>
void take_apart(const T* from, T* to, const T* turns, int64_t turn_count, int64_t n, T scale, int64_t begin, int64_t end) {
  const int64_t half = n / 2;
  if (begin == 0) {
    const T re = from[0] * scale, im = from[1] * scale;
    to[0] = re + im;
    to[n] = re - im;
    to[1] = to[n + 1] = 0;
    begin = 1;
  }
  if (begin >= end) return;
  mirrored<T>(begin, end, [&](int64_t k, int count) __attribute__((always_inline)) {
    Pair<T> x, mirror;
    apart(load_pairs(from + 2 * k, count), load_reversed(from, half - k, count), {get(turns + k, count), get(turns + turn_count + k, count)},
          Simd<T>(scale / 2), x, mirror);
    store_reversed(to, mirror, half - k, count);
    store_pairs(to + 2 * k, x, count);
  });
}

template <class T>
void put_together(const T* from, T* to, const T* turns, int64_t turn_count, int64_t n, int64_t begin, int64_t end) {
  const int64_t half = n / 2;
  if (begin == 0) {
    const T first = from[0], last = from[n];
    to[0] = first + last;
    to[1] = first - last;
    begin = 1;
  }
  if (begin >= end) return;
  mirrored<T>(begin, end, [&](int64_t k, int count) __attribute__((always_inline)) {
    Pair<T> z, mirror;
    together(load_pairs(from + 2 * k, count), load_reversed(from, half - k, count), {get(turns + k, count), get(turns + turn_count + k, count)}, z, mirror);
    store_reversed(to, mirror, half - k, count);
    store_pairs(to + 2 * k, z, count);
  });
}

template <class T>
void multiply(const T* x, const T* w, T* to, int64_t n, T scale, bool exchange_source, bool exchange_result) {
  each<T>(n, [&](int64_t i, int count) __attribute__((always_inline)) {
    Pair<T> a = load_pairs(x + 2 * i, count);
    if (exchange_source) a = {a.im, a.re};
    const Pair<T> product = a * load_pairs(w + 2 * i, count) * Simd<T>(scale);
    store_pairs(to + 2 * i, exchange_result ? Pair<T>{product.im, product.re} : product, count);
  });
}

template <class T>
constexpr FftKernels<T> kKernels{kWidth<T>, tile<T>, columns<T>, rows<T>, take_apart<T>, put_together<T>, multiply<T>};

}  // namespace

extern const FftTable kFftTable;
constexpr FftTable kFftTable{kKernels<float>, kKernels<double>};

}  // namespace st::STEEPEST_ISA
