// Convolutions as plain loops: integers, which wrap.
#include "kernels/conv_plain.h"

#include <algorithm>
#include <type_traits>

#include "kernels/parallel.h"

namespace st {
namespace {

// The o for which o * stride + shift lies inside [0, size): [begin, end), within [0, limit).
struct Inside {
  int64_t begin, end;
  Inside(int64_t shift, int64_t stride, int64_t size, int64_t limit) {
    begin = shift < 0 ? (-shift + stride - 1) / stride : 0;
    end = std::min(limit, shift < size ? (size - shift + stride - 1) / stride : 0);
    if (end < begin) end = begin;
  }
};

// f(place in x's plane, place in y's plane, how many, x's step) for the runs of places that the tap pairs.
template <class F>
void each_run(const ConvShape& s, int64_t tap, F f) {
  const int64_t at[3] = {tap / (s.k[1] * s.k[2]), tap / s.k[2] % s.k[1], tap % s.k[2]};
  int64_t shift[3];
  for (int d = 0; d < 3; ++d) shift[d] = at[d] * s.dilation[d] - s.pad[d];
  const Inside z(shift[0], s.stride[0], s.x[0], s.y[0]), h(shift[1], s.stride[1], s.x[1], s.y[1]), w(shift[2], s.stride[2], s.x[2], s.y[2]);
  if (w.begin == w.end) return;
  for (int64_t i = z.begin; i < z.end; ++i)
    for (int64_t j = h.begin; j < h.end; ++j) {
      const int64_t row = (i * s.stride[0] + shift[0]) * s.x[1] + j * s.stride[1] + shift[1];
      f(row * s.x[2] + w.begin * s.stride[2] + shift[2], (i * s.y[1] + j) * s.y[2] + w.begin, w.end - w.begin, s.stride[2]);
    }
}

// Integers are added and multiplied as unsigned ones, for which overflow is defined.
template <class T> using Wrapping = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;
template <class T> void add_product(T& sum, T a, T b) {
  using U = Wrapping<T>;
  sum = static_cast<T>(static_cast<U>(sum) + static_cast<U>(a) * static_cast<U>(b));
}

template <class F>
void visit_plain(Dtype dtype, F f) {
  visit_real(dtype, [&]<class T>() {
    if constexpr (!std::is_same_v<T, bool> && std::is_arithmetic_v<T>) f.template operator()<T>();
  });
}

constexpr int64_t kGrain = 1 << 15;  // multiplications

}  // namespace

void plain_conv_output(const ConvShape& s, Dtype dtype, const void* x, const void* w, const void* bias, void* y) {
  visit_plain(dtype, [&]<class T>() {
    parallel_items(s.n * s.groups * s.co, s.y_plane() * s.ci * s.taps(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t image = p / (s.groups * s.co), channel = p % (s.groups * s.co);
        T* const to = static_cast<T*>(y) + p * s.y_plane();
        std::fill(to, to + s.y_plane(), bias ? static_cast<const T*>(bias)[channel] : T(0));
        for (int64_t c = 0; c < s.ci; ++c) {
          const T* const from = static_cast<const T*>(x) + ((image * s.groups + channel / s.co) * s.ci + c) * s.x_plane();
          for (int64_t tap = 0; tap < s.taps(); ++tap) {
            const T factor = static_cast<const T*>(w)[(channel * s.ci + c) * s.taps() + tap];
            each_run(s, tap, [&](int64_t a, int64_t b, int64_t count, int64_t step) {
              for (int64_t i = 0; i < count; ++i) add_product(to[b + i], factor, from[a + i * step]);
            });
          }
        }
      }
    });
  });
}

void plain_conv_input(const ConvShape& s, Dtype dtype, const void* y, const void* w, const void* bias, void* x) {
  visit_plain(dtype, [&]<class T>() {
    parallel_items(s.n * s.groups * s.ci, s.y_plane() * s.co * s.taps(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t image = p / (s.groups * s.ci), group = p / s.ci % s.groups, c = p % s.ci;
        T* const to = static_cast<T*>(x) + p * s.x_plane();
        std::fill(to, to + s.x_plane(), bias ? static_cast<const T*>(bias)[group * s.ci + c] : T(0));
        for (int64_t channel = group * s.co; channel < (group + 1) * s.co; ++channel) {
          const T* const from = static_cast<const T*>(y) + (image * s.groups * s.co + channel) * s.y_plane();
          for (int64_t tap = 0; tap < s.taps(); ++tap) {
            const T factor = static_cast<const T*>(w)[(channel * s.ci + c) * s.taps() + tap];
            each_run(s, tap, [&](int64_t a, int64_t b, int64_t count, int64_t step) {
              for (int64_t i = 0; i < count; ++i) add_product(to[a + i * step], factor, from[b + i]);
            });
          }
        }
      }
    });
  });
}

void plain_conv_weight(const ConvShape& s, Dtype dtype, const void* x, const void* y, void* w) {
  visit_plain(dtype, [&]<class T>() {
    parallel_items(s.groups * s.co * s.ci, s.y_plane() * s.n * s.taps(), kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin; p < end; ++p) {
        const int64_t channel = p / s.ci, c = p % s.ci;
        for (int64_t tap = 0; tap < s.taps(); ++tap) {
          T sum = 0;
          for (int64_t image = 0; image < s.n; ++image) {
            const T* const from = static_cast<const T*>(x) + ((image * s.groups + channel / s.co) * s.ci + c) * s.x_plane();
            const T* const other = static_cast<const T*>(y) + (image * s.groups * s.co + channel) * s.y_plane();
            each_run(s, tap, [&](int64_t a, int64_t b, int64_t count, int64_t step) {
              for (int64_t i = 0; i < count; ++i) add_product(sum, other[b + i], from[a + i * step]);
            });
          }
          static_cast<T*>(w)[p * s.taps() + tap] = sum;
        }
      }
    });
  });
}

}  // namespace st
