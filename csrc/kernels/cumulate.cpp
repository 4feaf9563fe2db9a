// Running sums, products and extremes: one line after the other, columns in blocks.
#include "kernels/cumulate.h"

#include <algorithm>
#include <cmath>

#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 4096;
constexpr int kRows = 2;  // more, where a row is a page long, compete for the same lines of the cache

template <class T>
using Wide = std::conditional_t<std::is_floating_point_v<T>, double, uint64_t>;

template <class T>
bool is_nan(T v) {
  if constexpr (std::is_floating_point_v<T>) return v != v;
  else return false;
}

// kCount lines of n contiguous elements side by side: each is a chain of additions, which the processor overlaps.
template <int kCount, class T, class Combine>
void run_rows(const T* from, T* to, int64_t n, int start, Combine combine) {
  Wide<T> sum[kCount];
  std::fill_n(sum, kCount, static_cast<Wide<T>>(start));
  for (int64_t i = 0; i < n; ++i) {
    for (int r = 0; r < kCount; ++r) {
      sum[r] = combine(sum[r], static_cast<Wide<T>>(from[r * n + i]));
      to[r * n + i] = static_cast<T>(sum[r]);
    }
  }
}

// Columns [j, j + m) of n rows that are `step` long.
template <class T, class Combine>
void run_columns(const T* from, T* to, int64_t n, int64_t step, int64_t m, int start, Combine combine) {
  constexpr int64_t kWidth = 64;
  for (int64_t j = 0; j < m; j += kWidth) {
    const int64_t width = std::min(kWidth, m - j);
    Wide<T> sum[kWidth];
    std::fill_n(sum, width, static_cast<Wide<T>>(start));
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t k = 0; k < width; ++k) {
        sum[k] = combine(sum[k], static_cast<Wide<T>>(from[i * step + j + k]));
        to[i * step + j + k] = static_cast<T>(sum[k]);
      }
    }
  }
}

// Columns [0, m) of n rows that are `step` long.
template <bool kLargest, class T>
void run_extreme(const T* from, T* values, int64_t* places, int64_t n, int64_t step, int64_t m) {
  constexpr int64_t kWidth = 64;
  for (int64_t j = 0; j < m; j += kWidth) {
    const int64_t width = std::min(kWidth, m - j);
    T best[kWidth];
    int64_t place[kWidth] = {};
    for (int64_t k = 0; k < width && n > 0; ++k) best[k] = from[j + k];
    for (int64_t i = 0; i < n; ++i) {
      const int64_t row = i * step + j;
      for (int64_t k = 0; k < width; ++k) {
        const T v = from[row + k];
        // One question most of the time: a NaN stays, and wins over all before it.
        if (!(kLargest ? v < best[k] : v > best[k]) && (is_nan(v) || !is_nan(best[k]))) {
          best[k] = v;
          place[k] = i;
        }
        values[row + k] = best[k];
        places[row + k] = place[k];
      }
    }
  }
}

// The same along one row, where a chain of choices is faster than one of jumps.
template <bool kLargest, class T>
void run_extreme_row(const T* from, T* values, int64_t* places, int64_t n) {
  T best = n > 0 ? from[0] : T{};
  int64_t place = 0;
  for (int64_t i = 0; i < n; ++i) {
    const T v = from[i];
    const bool wins = (kLargest ? v >= best : v <= best) | is_nan(v);
    best = wins ? v : best;
    place = wins ? i : place;
    values[i] = best;
    places[i] = place;
  }
}

template <class Combine>
Tensor running(const Tensor& given, int64_t dim, int start, Combine combine) {
  const Tensor x = contiguous_copy(given);
  Tensor y = empty(x.sizes(), x.dtype());
  const Lines l = lines_of(x, dim);
  if (x.numel() == 0) return y;
  visit_real(x.dtype(), [&]<class T>() {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      no_half(x.dtype());
    } else if (l.inner > 1) {
      for_lines(l, kGrain, [&](int64_t o, int64_t j, int64_t m) {
        const int64_t at = o * l.n * l.inner + j;
        run_columns(x.data<T>() + at, y.data<T>() + at, l.n, l.inner, m, start, combine);
      });
    } else {
      parallel_for(l.outer, std::max<int64_t>(kRows, kGrain / l.n / kRows * kRows), [&](int64_t begin, int64_t end) {
        int64_t o = begin;
        for (; o + kRows <= end; o += kRows) run_rows<kRows>(x.data<T>() + o * l.n, y.data<T>() + o * l.n, l.n, start, combine);
        for (; o < end; ++o) run_rows<1>(x.data<T>() + o * l.n, y.data<T>() + o * l.n, l.n, start, combine);
      });
    }
  });
  return y;
}

}  // namespace

Tensor running_sum(const Tensor& x, int64_t dim) { return running(x, dim, 0, [](auto a, auto b) { return a + b; }); }
Tensor running_product(const Tensor& x, int64_t dim) { return running(x, dim, 1, [](auto a, auto b) { return a * b; }); }

Extreme running_extreme(const Tensor& given, int64_t dim, bool largest) {
  const Tensor x = contiguous_copy(given);
  Extreme out{empty(x.sizes(), x.dtype()), empty(x.sizes(), Dtype::Int64)};
  const Lines l = lines_of(x, dim);
  visit_real(x.dtype(), [&]<class T>() {
    if constexpr (!std::is_same_v<T, Half> && !std::is_same_v<T, BFloat16>) {
      if (x.numel() == 0) return;
      for_lines(l, kGrain, [&](int64_t o, int64_t j, int64_t m) {
        const int64_t at = o * l.n * l.inner + j;
        const T* from = x.data<T>() + at;
        T* values = out.values.data<T>() + at;
        int64_t* places = out.indices.data<int64_t>() + at;
        if (l.inner == 1) return largest ? run_extreme_row<true>(from, values, places, l.n) : run_extreme_row<false>(from, values, places, l.n);
        if (largest) run_extreme<true>(from, values, places, l.n, l.inner, m);
        else run_extreme<false>(from, values, places, l.n, l.inner, m);
      });
    } else {
      no_half(x.dtype());
    }
  });
  return out;
}

}  // namespace st
