// Plans of Fourier transforms: how a length is taken apart, with its twiddles. Made once for each length, shared by all threads.
#pragma once
#include <memory>
#include <vector>

#include "kernels/fft_table.h"

namespace st {

// Lines that are longer never lie in lanes: a tile of them would leave the second cache.
inline constexpr int64_t kFftLongestTile = 8192;

template <class T>
const FftKernels<T>& fft_kernels();

// exp(-2 pi i k / n), rounded once from an angle that is exact.
struct Root {
  double re, im;
};
Root root_of_one(int64_t k, int64_t n);

// A transform of n complex numbers.
template <class T>
struct FftPlan {
  int64_t n;
  int64_t bytes = 0;  // of tables
  // Where no prime factor is large:
  bool smooth = false;
  FftLanes<T> lanes{};
  bool splits = false;
  FftSplit<T> split{};
  double lanes_cost = 0, split_cost = 0;  // of a register of lines, and of one line, in units of a register's pass
  // Where one is (Bluestein, 1970): as j k = (j^2 + k^2 - (k - j)^2) / 2, a convolution with a chirp, by transforms of `padded`'s length.
  std::shared_ptr<const FftPlan> padded;
  const T *chirp = nullptr, *spectrum = nullptr;  // exp(-pi i j^2 / n), and the transform of its conjugate over padded's length
  std::vector<std::vector<T>> tables;

  T* table(int64_t count);
  bool in_lanes() const { return smooth && n <= kFftLongestTile; }
  bool split_for(int64_t lines) const;  // contiguous lines one after another, not in lanes
};
template <class T>
std::shared_ptr<const FftPlan<T>> fft_plan(int64_t n);

// A transform of n real numbers: see Note [Real transforms by halves].
template <class T>
struct FftRealPlan {
  int64_t n, bytes = 0;
  std::shared_ptr<const FftPlan<T>> complex;  // of n / 2, or of n where that is odd
  std::vector<T> turns;
  int64_t turn_count = 0;
};
template <class T>
std::shared_ptr<const FftRealPlan<T>> fft_real_plan(int64_t n);

}  // namespace st
