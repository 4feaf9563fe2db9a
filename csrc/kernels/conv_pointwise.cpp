// Convolutions whose kernel is one element, without stride or padding: products of matrices, an image at a time.
#include "kernels/conv_pointwise.h"

#include <algorithm>

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

}  // namespace

template <class T>
bool conv_pointwise(const ConvDirection<T>& d) {
  if (!is_pointwise(d.s) || (d.bias && d.rows > kMostResults * d.channels)) return false;
  const int64_t plane = d.result_plane();
  const bool turned = d.w_step != 1;
  const double each = static_cast<double>(d.rows * d.channels) * static_cast<double>(plane);
  const int64_t room = std::max(kBiasBytes / (d.rows * static_cast<int64_t>(sizeof(T))), kLeastPlaces);
  const ConvCuts cuts(plane, d.bias ? (plane + room - 1) / room : 1);
  parallel_items(d.s.n, each, kConvGrain, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      for (int64_t i = 0; i < cuts.count; ++i) {
        const int64_t at = cuts.begin(i), places = cuts.length(i);
        T* const y = d.result + n * d.rows * plane + at;
        gemm<T>(turned, false, d.rows, places, d.channels, 1, d.w, turned ? d.w_step : d.w_row, d.source + n * d.channels * plane + at, plane, 0, y, plane);
        for (int64_t r = 0; d.bias && r < d.rows; ++r) {
          T* const row = y + r * plane;
          const T more = d.bias[r];
          int64_t j = 0;
          for (; j + kBlock <= places; j += kBlock) for (int64_t k = 0; k < kBlock; ++k) row[j + k] += more;
          for (; j < places; ++j) row[j] += more;
        }
      }
  });
  return true;
}

template <class T>
bool conv_pointwise_weight(const ConvShape& s, const T* x, const T* y, T* w) {
  if (!is_pointwise(s)) return false;
  const int64_t plane = s.y_plane();
  for (int64_t n = 0; n < s.n; ++n) {
    gemm<T>(false, true, s.co, s.ci, plane, 1, y + n * s.co * plane, plane, x + n * s.ci * plane, plane, n > 0 ? T(1) : T(0), w, s.ci);
  }
  return true;
}

template bool conv_pointwise<float>(const ConvDirection<float>&);
template bool conv_pointwise<double>(const ConvDirection<double>&);
template bool conv_pointwise_weight<float>(const ConvShape&, const float*, const float*, float*);
template bool conv_pointwise_weight<double>(const ConvShape&, const double*, const double*, double*);

}  // namespace st
