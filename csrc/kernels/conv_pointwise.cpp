// Convolutions whose kernel is one element, without stride or padding: products of matrices, an image at a time.
#include "kernels/conv_pointwise.h"

#include <algorithm>

#include "kernels/conv_plan.h"
#include "kernels/gemm.h"
#include "kernels/parallel.h"

namespace st {
namespace {

bool is_pointwise(const ConvShape& s) {
  for (int d = 0; d < 3; ++d) if (s.k[d] != 1 || s.stride[d] != 1 || s.pad[d] != 0 || s.x[d] != s.y[d]) return false;
  return s.groups == 1;
}

// Results should still be in the second cache when their bias is added, which is worth it up to so many for each channel of the source.
constexpr int64_t kBiasBytes = 256 << 10, kLeastPlaces = 240, kMostResults = 2;
constexpr int64_t kBlock = 16;  // elements of a loop whose length the compiler knows: they become registers

// Images `from` (channels, plane), times the weight (rows, channels) or, turned, (channels, rows), with a bias for each row.
template <class T>
bool products(const ConvShape& s, bool turned, int64_t rows, int64_t channels, const T* from, const T* w, const T* bias, T* to) {
  if (bias && rows > kMostResults * channels) return false;
  const int64_t plane = s.y_plane();
  const double each = static_cast<double>(rows * channels) * static_cast<double>(plane);
  const int64_t room = std::max(kBiasBytes / (rows * static_cast<int64_t>(sizeof(T))), kLeastPlaces);
  const ConvCuts cuts(plane, bias ? (plane + room - 1) / room : 1);
  parallel_items(s.n, each, kConvGrain, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      for (int64_t i = 0; i < cuts.count; ++i) {
        const int64_t at = cuts.begin(i), places = cuts.length(i);
        T* const y = to + n * rows * plane + at;
        gemm<T>(turned, false, rows, places, channels, 1, w, s.ci, from + n * channels * plane + at, plane, 0, y, plane);
        for (int64_t r = 0; bias && r < rows; ++r) {
          T* const row = y + r * plane;
          const T more = bias[r];
          int64_t j = 0;
          for (; j + kBlock <= places; j += kBlock) for (int64_t k = 0; k < kBlock; ++k) row[j + k] += more;
          for (; j < places; ++j) row[j] += more;
        }
      }
  });
  return true;
}

}  // namespace

template <class T>
bool pointwise_output(const ConvShape& s, const T* x, const T* w, const T* bias, T* y) {
  return is_pointwise(s) && products(s, false, s.co, s.ci, x, w, bias, y);
}

template <class T>
bool pointwise_input(const ConvShape& s, const T* y, const T* w, const T* bias, T* x) {
  return is_pointwise(s) && products(s, true, s.ci, s.co, y, w, bias, x);
}

template <class T>
bool pointwise_weight(const ConvShape& s, const T* x, const T* y, T* w) {
  if (!is_pointwise(s)) return false;
  const int64_t plane = s.y_plane();
  for (int64_t n = 0; n < s.n; ++n) {
    gemm<T>(false, true, s.co, s.ci, plane, 1, y + n * s.co * plane, plane, x + n * s.ci * plane, plane, n > 0 ? T(1) : T(0), w, s.ci);
  }
  return true;
}

#define STEEPEST_POINTWISE(T)                                                                         \
  template bool pointwise_output<T>(const ConvShape&, const T*, const T*, const T*, T*);              \
  template bool pointwise_input<T>(const ConvShape&, const T*, const T*, const T*, T*);               \
  template bool pointwise_weight<T>(const ConvShape&, const T*, const T*, T*);
STEEPEST_POINTWISE(float)
STEEPEST_POINTWISE(double)
#undef STEEPEST_POINTWISE

}  // namespace st
