// Fourier transforms of one contiguous line: split into columns and rows, as a convolution, or as one lane of a tile.
#include "kernels/fft_line.h"

#include <algorithm>
#include <cstring>

#include "core/allocator.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 16384;  // elements of a long line
constexpr int64_t kAlign = 16;

int64_t aligned(int64_t n) { return (n + kAlign - 1) / kAlign * kAlign; }
int64_t divide_up(int64_t x, int64_t y) { return (x + y - 1) / y; }

template <class T>
int64_t temp_size(const FftSplit<T>& split) {
  const int64_t width = fft_kernels<T>().width;
  return divide_up(split.first.n, width) * split.second.n * 2 * width;
}
template <class T>
int64_t work_size(const FftSplit<T>& split) {
  return 4 * fft_kernels<T>().width * std::max(split.first.n, split.second.n);
}

// f(work, begin, end) for ranges of n registers, each of `each` elements; a thread that shares them has work of its own.
template <class T, class F>
void share(int64_t n, int64_t each, T* work, int64_t size, F f) {
  parallel_items(n, each, kGrain, [&](int64_t begin, int64_t end) {
    if (begin == 0 && end == n) return f(work, begin, end);
    struct Own {
      size_t bytes;
      void* p = allocate_bytes(bytes);
      ~Own() { release_bytes(p, bytes); }
    } own{static_cast<size_t>(size) * sizeof(T)};
    f(static_cast<T*>(own.p), begin, end);
  });
}

template <class T>
void split_line(const FftSplit<T>& split, const T* from, T* to, bool inverse, T scale, T* scratch) {
  const FftKernels<T>& kernels = fft_kernels<T>();
  const int64_t n1 = split.first.n, n2 = split.second.n, width = kernels.width, size = work_size(split);
  T *const temp = scratch, *const work = scratch + temp_size(split);
  share(divide_up(n2, width), n1 * width, work, size,
        [&](T* mine, int64_t begin, int64_t end) { kernels.columns(split, from, temp, mine, inverse, begin, end); });
  share(divide_up(n1, width), n2 * width, work, size,
        [&](T* mine, int64_t begin, int64_t end) { kernels.rows(split, temp, to, mine, inverse, scale, begin, end); });
}

// See FftPlan.
template <class T>
void chirp_line(const FftPlan<T>& plan, const T* from, T* to, bool inverse, T scale, T* scratch) {
  const FftKernels<T>& kernels = fft_kernels<T>();
  const int64_t n = plan.n, m = plan.padded->n;
  T *const wave = scratch, *const rest = scratch + aligned(2 * m);
  kernels.multiply(from, plan.chirp, wave, n, T(1), inverse, false);
  std::fill(wave + 2 * n, wave + 2 * m, T(0));
  complex_line(*plan.padded, wave, wave, false, T(1), rest);
  kernels.multiply(wave, plan.spectrum, wave, m, T(1), false, false);
  complex_line(*plan.padded, wave, wave, true, T(1), rest);
  kernels.multiply(wave, plan.chirp, to, n, scale, false, inverse);
}

}  // namespace

template <class T>
int64_t line_scratch(const FftPlan<T>& plan) {
  if (!plan.smooth) return aligned(2 * plan.padded->n) + line_scratch(*plan.padded);
  if (plan.split_for(1)) return temp_size(plan.split) + work_size(plan.split);
  return 4 * fft_kernels<T>().width * (plan.n + 1);
}

template <class T>
void complex_line(const FftPlan<T>& plan, const T* from, T* to, bool inverse, T scale, T* scratch) {
  if (!plan.smooth) return chirp_line(plan, from, to, inverse, scale, scratch);
  if (plan.split_for(1)) return split_line(plan.split, from, to, inverse, scale, scratch);
  fft_kernels<T>().tile(FftTile<T>{.lanes = &plan.lanes, .turns = nullptr, .from = from, .to = to, .work = scratch, .n = plan.n, .turn_count = 0,
                                   .from_pitch = 0, .to_pitch = 0, .inner = 1, .lines = 1, .kind = FftKind::kComplex, .inverse = inverse, .scale = scale});
}

template <class T>
int64_t line_scratch(const FftRealPlan<T>& plan) {
  return aligned(2 * plan.complex->n) + line_scratch(*plan.complex);
}

template <class T>
void real_to_complex_line(const FftRealPlan<T>& plan, const T* from, T* to, T scale, T* scratch) {
  const FftKernels<T>& kernels = fft_kernels<T>();
  const int64_t n = plan.n;
  T *const line = scratch, *const rest = scratch + aligned(2 * plan.complex->n);
  if (n % 2 == 0) {
    complex_line(*plan.complex, from, line, false, T(1), rest);
    return parallel_items(n / 4 + 1, int64_t{1}, kGrain, [&](int64_t begin, int64_t end) {
      kernels.take_apart(line, to, plan.turns.data(), plan.turn_count, n, scale, begin, end);
    });
  }
  for (int64_t i = 0; i < n; ++i) {
    line[2 * i] = from[i];
    line[2 * i + 1] = 0;
  }
  complex_line(*plan.complex, line, line, false, scale, rest);
  std::memcpy(to, line, static_cast<size_t>(n / 2 + 1) * 2 * sizeof(T));
  to[1] = 0;
}

template <class T>
void complex_to_real_line(const FftRealPlan<T>& plan, const T* from, T* to, T scale, T* scratch) {
  const FftKernels<T>& kernels = fft_kernels<T>();
  const int64_t n = plan.n;
  T *const line = scratch, *const rest = scratch + aligned(2 * plan.complex->n);
  if (n % 2 == 0) {
    parallel_items(n / 4 + 1, int64_t{1}, kGrain, [&](int64_t begin, int64_t end) {
      kernels.put_together(from, line, plan.turns.data(), plan.turn_count, n, begin, end);
    });
    return complex_line(*plan.complex, line, to, true, scale, rest);
  }
  line[0] = from[0];
  line[1] = 0;
  for (int64_t k = 1; k <= n / 2; ++k) {
    line[2 * k] = line[2 * (n - k)] = from[2 * k];
    line[2 * k + 1] = from[2 * k + 1];
    line[2 * (n - k) + 1] = -from[2 * k + 1];
  }
  complex_line(*plan.complex, line, line, true, scale, rest);
  for (int64_t i = 0; i < n; ++i) to[i] = line[2 * i];
}

#define INSTANTIATE(T)                                                                                  \
  template int64_t line_scratch<T>(const FftPlan<T>&);                                                  \
  template int64_t line_scratch<T>(const FftRealPlan<T>&);                                              \
  template void complex_line<T>(const FftPlan<T>&, const T*, T*, bool, T, T*);                          \
  template void real_to_complex_line<T>(const FftRealPlan<T>&, const T*, T*, T, T*);                    \
  template void complex_to_real_line<T>(const FftRealPlan<T>&, const T*, T*, T, T*);
INSTANTIATE(float)
INSTANTIATE(double)
#undef INSTANTIATE

}  // namespace st
