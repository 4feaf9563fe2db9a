// Evenly spaced numbers.
//
// Note [Rounding of ranges]
// PyTorch fills 32 bytes at a time, two vectors a turn: a vector's first element is rounded to the dtype, the others are that plus
// a multiple of the step, in double. What is left at the end is computed element by element. linspace multiplies and adds in one
// rounding, from the start in the first half and from the end in the second; logspace does so in double, unfused.
#include "kernels/range.h"

#include <algorithm>
#include <cmath>

#include "kernels/choice.h"
#include "kernels/parallel.h"
#include "kernels/range_table.h"

namespace st {

#define X(isa)                         \
  namespace isa {                      \
  extern const RangeTable kRangeTable; \
  }
STEEPEST_ISAS
#undef X

namespace {

const RangeTable& table() {
  static constexpr const RangeTable* kTables[] = {
#define X(isa) &isa::kRangeTable,
      STEEPEST_ISAS
#undef X
  };
  static const RangeTable& chosen = *kTables[chosen_isa()];
  return chosen;
}

// out[k] = step * (first + turn * k) + base, rounded once where T is what it is computed in
template <class T, class W>
void fill_ramp(T* out, int64_t n, int64_t first, int64_t turn, W step, W base) {
  if constexpr (std::is_same_v<T, float>) table().f32(out, n, first, turn, step, base);
  else if constexpr (std::is_same_v<T, double>) table().f64(out, n, first, turn, step, base);
  else for (int64_t k = 0; k < n; ++k) out[k] = static_cast<T>(std::fma(step, static_cast<W>(first + turn * k), base));
}

// Elements that a thread fills at least; a multiple of two vectors, and fewer where each is a power.
constexpr int64_t kGrain = 16384, kPowerGrain = 256;

template <class T> inline constexpr bool kIsHalf = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

// What PyTorch computes a range of T in.
template <class T>
using Wide = std::conditional_t<std::is_integral_v<T>, int64_t, std::conditional_t<kIsHalf<T>, float, double>>;

template <class W>
inline W multiply_add(W a, W b, W c) {
  if constexpr (std::is_integral_v<W>) return static_cast<W>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b) + static_cast<uint64_t>(c));
  else return std::fma(a, b, c);
}

}  // namespace

void fill_arange(const Tensor& y, const Scalar& start_value, const Scalar& step_value) {
  visit_real(y.dtype(), [&]<class T>() {
    using W = Wide<T>;
    const W start = start_value.to<W>(), step = step_value.to<W>();
    T* out = y.data<T>();
    const int64_t n = y.numel();
    parallel_for(n, kGrain, [=](int64_t i, int64_t end) {
      if constexpr (!std::is_integral_v<T>) {
        constexpr int64_t kLanes = 32 / sizeof(T);
        // Multiples of the step are exact but for a few, which need the fused form only where T is as wide as W.
        W ahead[kLanes];
        for (int64_t k = 0; k < kLanes; ++k) ahead[k] = step * static_cast<W>(k);
        for (; i + 2 * kLanes <= end; i += 2 * kLanes) {
          for (int64_t first : {i, i + kLanes}) {
            const W base = static_cast<W>(static_cast<T>(multiply_add<W>(step, static_cast<W>(first), start)));
            for (int64_t k = 0; k < kLanes; ++k) out[first + k] = static_cast<T>(base + ahead[k]);
            if constexpr (std::is_same_v<T, double>) out[first + 3] = multiply_add<W>(step, 3, base);
          }
        }
      }
      for (; i < end; ++i) out[i] = static_cast<T>(multiply_add<W>(step, static_cast<W>(i), start));
    });
  });
}

void fill_linspace(const Tensor& y, const Scalar& start_value, const Scalar& end_value) {
  visit_real(y.dtype(), [&]<class T>() {
    using W = std::conditional_t<std::is_integral_v<T>, double, std::conditional_t<kIsHalf<T>, float, T>>;
    const W start = static_cast<W>(start_value.to<T>()), end = static_cast<W>(end_value.to<T>());
    T* out = y.data<T>();
    const int64_t n = y.numel(), half = n / 2;
    if (n == 1) {
      out[0] = static_cast<T>(start);
      return;
    }
    W step = (end - start) / static_cast<W>(n - 1);
    if constexpr (kIsHalf<T>) step = static_cast<W>(static_cast<T>(step));
    parallel_for(n, kGrain, [=](int64_t i, int64_t stop) {
      const int64_t middle = std::clamp(half, i, stop);
      fill_ramp(out + i, middle - i, i, 1, step, start);
      fill_ramp(out + middle, stop - middle, n - 1 - middle, -1, -step, end);
    });
  });
}

void fill_logspace(const Tensor& y, const Scalar& start_value, const Scalar& end_value, double base) {
  visit_real(y.dtype(), [&]<class T>() {
    const T start = start_value.to<T>(), end = end_value.to<T>();
    const double from = static_cast<double>(start), to = static_cast<double>(end);
    T* out = y.data<T>();
    const int64_t n = y.numel(), half = n / 2;
    const double step = n > 1 ? static_cast<double>(static_cast<T>(end - start)) / static_cast<double>(n - 1) : 0;
    parallel_for(n, kPowerGrain, [=](int64_t i, int64_t stop) {
      for (; i < stop; ++i) {
        const double exponent = i < half || n == 1 ? from + step * static_cast<double>(i) : to - step * static_cast<double>(n - 1 - i);
        out[i] = static_cast<T>(std::pow(base, exponent));
      }
    });
  });
}

}  // namespace st
