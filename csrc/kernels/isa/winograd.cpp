// Winograd's transforms of tiles, a register of tiles, weights or channels at a time.
#include "kernels/winograd_table.h"

#include <utility>

#include "kernels/gemm_pack.h"

namespace st::STEEPEST_ISA {
namespace {

using F = Simd<float>;
using Mask = lane::Mask<float>;
constexpr int kWide = F::width;

// Elements 0, 2, ... or 1, 3, ... of two registers side by side; and two registers taken in turns, the low or the high half of them.
#if defined(__clang__)
#define STEEPEST_PICK(...) F(__builtin_shufflevector(a.v, b.v, __VA_ARGS__))
#else
#define STEEPEST_PICK(...) F(__builtin_shuffle(a.v, b.v, lane::Register<float>::Int{__VA_ARGS__}))
#endif
template <int kFirst, int... I>
STEEPEST_LANE F every_second(F a, F b, std::integer_sequence<int, I...>) {
  return STEEPEST_PICK((2 * I + kFirst)...);
}
template <int kFirst, int... I>
STEEPEST_LANE F by_turns(F a, F b, std::integer_sequence<int, I...>) {
  return STEEPEST_PICK((kFirst + I / 2 + I % 2 * kWide)...);
}
#undef STEEPEST_PICK
constexpr std::make_integer_sequence<int, kWide> kEach{};

// The lanes i of a register from place `at` on with 0 <= at + i < size.
struct Inside {
  int begin, end;
  Inside(int64_t at, int64_t size) : begin(at < 0 ? cut(-at) : 0), end(cut(size - at)) {}
  static int cut(int64_t n) { return static_cast<int>(n < 0 ? 0 : n < kWide ? n : kWide); }
};
// Zeros outside.
STEEPEST_LANE F load_inside(const float* p, Inside w) {
  if (w.begin == 0) return w.end == kWide ? lane::load(p) : lane::load_partial(p, w.end);
  if (w.begin >= w.end) return F(0);
#if defined(STEEPEST_LANE_AVX512)
  return F((F::Vec)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << w.end) - (1u << w.begin)), p));
#else
  float lanes[kWide] = {};
  for (int i = w.begin; i < w.end; ++i) lanes[i] = p[i];
  return lane::load(lanes);
#endif
}

// f(k) for the four rows or columns of a tile.
template <class Step>
STEEPEST_LANE void four(Step f) {
  STEEPEST_UNROLL for (int k = 0; k < 4; ++k) f(k);
}

void source(const WinogradTiles<const float>& s, float* tiles) {
  for (int64_t i = 0; i < s.n_runs; ++i) {
    const WinogradRun& run = s.runs[i];
    const int64_t top = 2 * run.row - s.pad[0], left = 2 * run.first - s.pad[1];
    const Inside low(left, s.width), high(left + kWide, s.width), low2(left + 2, s.width), high2(left + 2 + kWide, s.width);
    const float* from = s.planes + run.image * s.image + top * s.width + left;
    float* to = tiles + run.at;
    for (int64_t c = 0; c < s.channels; ++c, from += s.channel, to += s.line) {
      F x[4][4];
      four([&](int r) __attribute__((always_inline)) {
        if (top + r < 0 || top + r >= s.height) {
          four([&](int k) __attribute__((always_inline)) { x[r][k] = F(0); });
          return;
        }
        const float* const row = from + r * s.width;
        const F a = load_inside(row, low), b = load_inside(row + kWide, high), c2 = load_inside(row + 2, low2), d = load_inside(row + 2 + kWide, high2);
        const F e0 = every_second<0>(a, b, kEach), e1 = every_second<1>(a, b, kEach);
        const F e2 = every_second<0>(c2, d, kEach), e3 = every_second<1>(c2, d, kEach);
        x[r][0] = e0 - e2;
        x[r][1] = e1 + e2;
        x[r][2] = e2 - e1;
        x[r][3] = e1 - e3;
      });
      four([&](int k) __attribute__((always_inline)) {
        lane::store(to + k * s.place, x[0][k] - x[2][k]);
        lane::store(to + (4 + k) * s.place, x[1][k] + x[2][k]);
        lane::store(to + (8 + k) * s.place, x[2][k] - x[1][k]);
        lane::store(to + (12 + k) * s.place, x[1][k] - x[3][k]);
      });
    }
  }
}

void gradient(const WinogradTiles<const float>& s, float* tiles) {
  for (int64_t i = 0; i < s.n_runs; ++i) {
    const WinogradRun& run = s.runs[i];
    const int64_t left = 2 * run.first;
    const Inside low(left, s.width), high(left + kWide, s.width);
    const bool second = 2 * run.row + 1 < s.height;
    const float* from = s.planes + run.image * s.image + 2 * run.row * s.width + left;
    float* to = tiles + run.at;
    for (int64_t c = 0; c < s.channels; ++c, from += s.channel, to += s.line) {
      const F a = load_inside(from, low), b = load_inside(from + kWide, high);
      const F d = second ? load_inside(from + s.width, low) : F(0), e = second ? load_inside(from + s.width + kWide, high) : F(0);
      const F x[2][2] = {{every_second<0>(a, b, kEach), every_second<1>(a, b, kEach)}, {every_second<0>(d, e, kEach), every_second<1>(d, e, kEach)}};
      const F rows[4][2] = {{x[0][0], x[0][1]}, {x[0][0] + x[1][0], x[0][1] + x[1][1]}, {x[0][0] - x[1][0], x[0][1] - x[1][1]}, {-x[1][0], -x[1][1]}};
      four([&](int r) __attribute__((always_inline)) {
        lane::store(to + 4 * r * s.place, rows[r][0]);
        lane::store(to + (4 * r + 1) * s.place, rows[r][0] + rows[r][1]);
        lane::store(to + (4 * r + 2) * s.place, rows[r][0] - rows[r][1]);
        lane::store(to + (4 * r + 3) * s.place, -rows[r][1]);
      });
    }
  }
}

// 0, or NaN where x is infinite or NaN.
STEEPEST_LANE F nothing(F x) { return x * F(0); }

bool result(const WinogradTiles<float>& s, const float* tiles, const float* bias) {
  F odd(0);
  for (int64_t i = 0; i < s.n_runs; ++i) {
    const WinogradRun& run = s.runs[i];
    const int64_t left = 2 * run.first, columns = s.width - left < 2 * run.count ? s.width - left : 2 * run.count;
    const int low = static_cast<int>(columns < kWide ? columns : kWide), high = static_cast<int>(columns) - low;
    const bool second = 2 * run.row + 1 < s.height;
    const Mask exist = lane::first_lanes<float>(run.count);
    float* to = s.planes + run.image * s.image + 2 * run.row * s.width + left;
    const float* from = tiles + run.at;
    for (int64_t c = 0; c < s.channels; ++c, to += s.channel, from += s.line) {
      F x[2][4];
      four([&](int k) __attribute__((always_inline)) {
        const F a = lane::load(from + k * s.place), b = lane::load(from + (4 + k) * s.place);
        const F d = lane::load(from + (8 + k) * s.place), e = lane::load(from + (12 + k) * s.place);
        x[0][k] = a + (b + d);
        x[1][k] = (b - d) - e;
      });
      const F start(bias ? bias[c] : 0);
      const auto put_row = [&](int r, float* row) __attribute__((always_inline)) {
        const F even = x[r][0] + (x[r][1] + x[r][2]) + start, uneven = (x[r][1] - x[r][2]) - x[r][3] + start;
        odd += lane::where(exist, nothing(even) + nothing(uneven), F(0));
        const F a = by_turns<0>(even, uneven, kEach), b = by_turns<kWide / 2>(even, uneven, kEach);
        if (low == kWide) lane::store(row, a);
        else lane::store_partial(row, a, low);
        if (high == kWide) lane::store(row + kWide, b);
        else if (high > 0) lane::store_partial(row + kWide, b, high);
      };
      put_row(0, to);
      if (second) put_row(1, to + s.width);
    }
  }
  return !lane::any(odd != F(0));
}

// Lanes over the rows of a tile, which may be half a register.
typedef float Rows __attribute__((vector_size(kTileRows * sizeof(float))));

void weight(const float* packed, int64_t channels, bool turned, float* to, int64_t place) {
  for (int64_t c = 0; c < channels; ++c, packed += 9 * kTileRows, to += kTileRows) {
    Rows x[3][4];
    STEEPEST_UNROLL for (int r = 0; r < 3; ++r) {
      const auto tap = [&](int k) __attribute__((always_inline)) { return load_as<Rows>(packed + (turned ? 8 - (3 * r + k) : 3 * r + k) * kTileRows); };
      const Rows a = tap(0), b = tap(1), d = tap(2), outer = (a + d) * 0.5f, inner = b * 0.5f;
      x[r][0] = a;
      x[r][1] = outer + inner;
      x[r][2] = outer - inner;
      x[r][3] = d;
    }
    four([&](int k) __attribute__((always_inline)) {
      const auto put = [&](int r, Rows v) __attribute__((always_inline)) { __builtin_memcpy(to + (4 * r + k) * place, &v, sizeof v); };
      const Rows outer = (x[0][k] + x[2][k]) * 0.5f, inner = x[1][k] * 0.5f;
      put(0, x[0][k]);
      put(1, outer + inner);
      put(2, outer - inner);
      put(3, x[2][k]);
    });
  }
}

bool weight_gradient(const float* sums, int64_t place, int64_t count, float* to) {
  F odd(0);
  for (int64_t c = 0; c < count; c += kWide) {
    const int many = static_cast<int>(count - c < kWide ? count - c : kWide);
    F x[3][4];
    four([&](int k) __attribute__((always_inline)) {
      const auto at = [&](int r) __attribute__((always_inline)) { return lane::load_partial(sums + c + (4 * r + k) * place, many); };
      const F a = at(0), b = at(1), d = at(2), e = at(3), outer = (b + d) * F(0.5f), inner = (b - d) * F(0.5f);
      x[0][k] = a + outer;
      x[1][k] = inner;
      x[2][k] = outer + e;
    });
    float taps[9 * kWide];
    STEEPEST_UNROLL for (int r = 0; r < 3; ++r) {
      const F outer = (x[r][1] + x[r][2]) * F(0.5f), inner = (x[r][1] - x[r][2]) * F(0.5f);
      const F y[3] = {x[r][0] + outer, inner, outer + x[r][3]};
      STEEPEST_UNROLL for (int k = 0; k < 3; ++k) {
        odd += nothing(y[k]);
        lane::store(taps + (3 * r + k) * kWide, y[k]);
      }
    }
    transpose(taps, kWide, 9, many, to + 9 * c, 9);
  }
  return !lane::any(odd != F(0));
}

}  // namespace

extern const WinogradKernels kWinogradKernels;
constexpr WinogradKernels kWinogradKernels{source, gradient, result, weight, kTileRows, weight_gradient};

}  // namespace st::STEEPEST_ISA
