// What Fourier transforms ask of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// Note [Fourier transforms in lanes]
// A tile is as many lines side by side as a register has lanes: for each element a register of real parts and one of imaginary parts. A
// transform of n = r1 r2 ... elements takes one pass over it for each factor r, from one buffer to another: with s the product of the
// factors before and m that of the factors behind,
//   out[q + s (r p + k)] = w(r m)^(p k) * sum over j < r of in[q + s (p + m j)] w(r)^(j k),   w(n) = exp(-2 pi i / n),
// for q < s, p < m, k < r: Stockham's form, which leaves the results in order. All lanes do the same, so any factors will do.
// The inverse is the same with real and imaginary parts exchanged.
//
// A line is split as n = n1 n2 where it fills registers by itself: it is a matrix (n1, n2), whose columns lie side by side and are
// transformed; times w(n)^(row column) it is transposed, and so the other transforms lie side by side, too, and give the result in order
// (Bailey, FFTs in external or hierarchical memory, 1990). All of it is in the first cache for some thousand elements, where a tile
// would not be.
template <class T>
struct FftPass {
  int64_t radix, rest;  // r and m above
  const T* twiddles;    // w(r m)^(p k) as (p, 0 < k < r), real and imaginary part
  const T* roots;       // cosine and sine of 2 pi i / r for i < r, where the radix has no code of its own
};
inline constexpr int kFftMostPasses = 40;
inline constexpr int kFftMostRadix = 61;
template <class T>
struct FftLanes {
  int64_t n;
  int n_passes;
  FftPass<T> passes[kFftMostPasses];
};
template <class T>
struct FftSplit {
  FftLanes<T> first, second;  // of n1 and n2
  const T* twiddles;          // for each register of columns and each row: the real parts of w(n)^(row column), the imaginary parts
};

enum class FftKind : uint8_t { kComplex, kRealToComplex, kComplexToReal };

// Some lines in lanes. Memory is (lines, elements) with a pitch between lines where inner is 1, else (elements, inner) with the lines side
// by side. n counts the real elements of a real transform: one of an even number is done as one of n / 2 complex numbers, element 2 j with
// element 2 j + 1, taken apart by `turns`, w(n)^k for k <= n / 4, cosines and then sines from turns + turn_count on.
template <class T>
struct FftTile {
  const FftLanes<T>* lanes;
  const T *turns, *from;
  T *to, *work;  // work: 2 (elements + 1) registers of both parts
  int64_t n, turn_count, from_pitch, to_pitch, inner;
  int lines;
  FftKind kind;
  bool inverse;
  T scale;
};

template <class T>
struct FftKernels {
  int width;
  void (*tile)(const FftTile<T>&);
  // The two steps of a split line, complex numbers one after another; between them it lies in temp, (n1 / width, n2) registers of both
  // parts. work: 2 n1 or 2 n2 such registers. Registers of columns, or of rows, [begin, end).
  void (*columns)(const FftSplit<T>&, const T* from, T* temp, T* work, bool inverse, int64_t begin, int64_t end);
  void (*rows)(const FftSplit<T>&, T* temp, T* to, T* work, bool inverse, T scale, int64_t begin, int64_t end);
  // The transform of n real numbers from that of half as many complex ones, [begin, end) of the n / 4 + 1 pairs of elements; and back.
  void (*take_apart)(const T* from, T* to, const T* turns, int64_t turn_count, int64_t n, T scale, int64_t begin, int64_t end);
  void (*put_together)(const T* from, T* to, const T* turns, int64_t turn_count, int64_t n, int64_t begin, int64_t end);
  // to = x * w * scale, n complex numbers; of x, of the result, or of both, real and imaginary parts exchanged
  void (*multiply)(const T* x, const T* w, T* to, int64_t n, T scale, bool exchange_source, bool exchange_result);
};
struct FftTable {
  FftKernels<float> f32;
  FftKernels<double> f64;
};

}  // namespace st
