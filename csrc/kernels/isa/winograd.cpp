// Winograd's transforms of tiles, a register of tiles, weights or channels at a time.
#include "kernels/winograd_table.h"

#include "kernels/gemm_pack.h"
#include "kernels/lane_pairs.h"

namespace st::STEEPEST_ISA {
namespace {

using F = Simd<float>;
using Mask = lane::Mask<float>;
constexpr int kWide = F::width;

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

// Of four neighbours in a row of the source, B' along it.
STEEPEST_LANE void across(F e0, F e1, F e2, F e3, F (&x)[4]) {
  x[0] = e0 - e2;
  x[1] = e1 + e2;
  x[2] = e2 - e1;
  x[3] = e1 - e3;
}
STEEPEST_LANE void put_source(const F (&x)[4][4], float* to, int64_t place) {
  four([&](int k) __attribute__((always_inline)) {
    lane::store(to + k * place, x[0][k] - x[2][k]);
    lane::store(to + (4 + k) * place, x[1][k] + x[2][k]);
    lane::store(to + (8 + k) * place, x[2][k] - x[1][k]);
    lane::store(to + (12 + k) * place, x[1][k] - x[3][k]);
  });
}
STEEPEST_LANE void put_gradient(F a, F b, F c, F d, float* to, int64_t place) {
  const F rows[4][2] = {{a, b}, {a + c, b + d}, {a - c, b - d}, {-c, -d}};
  four([&](int r) __attribute__((always_inline)) {
    lane::store(to + 4 * r * place, rows[r][0]);
    lane::store(to + (4 * r + 1) * place, rows[r][0] + rows[r][1]);
    lane::store(to + (4 * r + 2) * place, rows[r][0] - rows[r][1]);
    lane::store(to + (4 * r + 3) * place, -rows[r][1]);
  });
}

// Note [Short rows of tiles]
// Where a row of tiles is half a register or less, rows of the plane are taken apart into lines of their even and odd elements (or what
// becomes of them along the row), without the padding between: a register of tiles then lies side by side in such lines, across rows.
// Even and odd rows have lines of their own, so that going down a row of the plane is to change the line, or to go one row further in it.
// Some channels go together, for what is read has then reached the cache.
constexpr int kTogether = 8;
constexpr int64_t kLine = 4 * kWide;  // a register's tiles from any place of a row on, two rows more, and a register behind
struct Lines {
  float at[kTogether][2][4][kLine];
};
template <class P>
bool short_rows(const WinogradTiles<P>& s) {
  return 2 * s.wide <= kWide;
}
// Calls step(channel number, its number among those that go together, elements of the plane from the first row of the run on).
template <class Step>
STEEPEST_LANE void some_channels(int64_t from, int64_t channels, Step step) {
  for (int64_t c = from; c < channels && c < from + kTogether; ++c) step(c, c - from);
}

void source_of_short_rows(const WinogradTiles<const float>& s, float* tiles) {
  Lines lines = {};
  const int64_t left = -s.pad[1];
  const Inside low(left, s.width), low2(left + 2, s.width);
  for (int64_t i = 0; i < s.n_runs; ++i) {
    const WinogradRun& run = s.runs[i];
    const int64_t top = 2 * run.row - s.pad[0], rows = 2 * ((run.first + run.count + s.wide - 1) / s.wide) + 2;
    for (int64_t first = 0; first < s.channels; first += kTogether) {
      some_channels(first, s.channels, [&](int64_t c, int64_t k) {
        const float* row = s.planes + run.image * s.image + c * s.channel + top * s.width + left;
        for (int64_t r = 0; r < rows; ++r, row += s.width) {
          F x[4] = {F(0), F(0), F(0), F(0)};
          if (top + r >= 0 && top + r < s.height) {
            const F a = load_inside(row, low), b = load_inside(row + 2, low2);
            across(every_second<0>(a, a), every_second<1>(a, a), every_second<0>(b, b), every_second<1>(b, b), x);
          }
          four([&](int j) __attribute__((always_inline)) { lane::store(lines.at[k][r % 2][j] + r / 2 * s.wide, x[j]); });
        }
      });
      some_channels(first, s.channels, [&](int64_t c, int64_t k) {
        F x[4][4];
        four([&](int r) __attribute__((always_inline)) {
          four([&](int j) __attribute__((always_inline)) { x[r][j] = lane::load(lines.at[k][r % 2][j] + r / 2 * s.wide + run.first); });
        });
        put_source(x, tiles + run.at + c * s.line, s.place);
      });
    }
  }
}

void source(const WinogradTiles<const float>& s, float* tiles) {
  if (short_rows(s)) return source_of_short_rows(s, tiles);
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
        const F a = load_inside(row, low), b = load_inside(row + kWide, high), d = load_inside(row + 2, low2), e = load_inside(row + 2 + kWide, high2);
        across(every_second<0>(a, b), every_second<1>(a, b), every_second<0>(d, e), every_second<1>(d, e), x[r]);
      });
      put_source(x, to, s.place);
    }
  }
}

void gradient_of_short_rows(const WinogradTiles<const float>& s, float* tiles) {
  Lines lines = {};
  const Inside low(0, s.width);
  for (int64_t i = 0; i < s.n_runs; ++i) {
    const WinogradRun& run = s.runs[i];
    const int64_t rows = 2 * ((run.first + run.count + s.wide - 1) / s.wide);
    for (int64_t first = 0; first < s.channels; first += kTogether) {
      some_channels(first, s.channels, [&](int64_t c, int64_t k) {
        const float* row = s.planes + run.image * s.image + c * s.channel + 2 * run.row * s.width;
        for (int64_t r = 0; r < rows; ++r, row += s.width) {
          const F a = 2 * run.row + r < s.height ? load_inside(row, low) : F(0);
          lane::store(lines.at[k][r % 2][0] + r / 2 * s.wide, every_second<0>(a, a));
          lane::store(lines.at[k][r % 2][1] + r / 2 * s.wide, every_second<1>(a, a));
        }
      });
      some_channels(first, s.channels, [&](int64_t c, int64_t k) {
        const auto at = [&](int r, int j) __attribute__((always_inline)) { return lane::load(lines.at[k][r][j] + run.first); };
        put_gradient(at(0, 0), at(0, 1), at(1, 0), at(1, 1), tiles + run.at + c * s.line, s.place);
      });
    }
  }
}

void gradient(const WinogradTiles<const float>& s, float* tiles) {
  if (short_rows(s)) return gradient_of_short_rows(s, tiles);
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
      put_gradient(every_second<0>(a, b), every_second<1>(a, b), every_second<0>(d, e), every_second<1>(d, e), to, s.place);
    }
  }
}

// 0, or NaN where x is infinite or NaN.
STEEPEST_LANE F nothing(F x) { return x * F(0); }

// n elements, at most two registers.
STEEPEST_LANE void put_columns(float* to, F low, F high, int64_t n) {
  if (n >= kWide) lane::store(to, low);
  else lane::store_partial(to, low, static_cast<int>(n));
  if (n >= 2 * kWide) lane::store(to + kWide, high);
  else if (n > kWide) lane::store_partial(to + kWide, high, static_cast<int>(n - kWide));
}

bool result(const WinogradTiles<float>& s, const float* tiles, const float* bias) {
  F odd(0);
  for (int64_t i = 0; i < s.n_runs; ++i) {
    const WinogradRun& run = s.runs[i];
    const Mask exist = lane::first_lanes<float>(run.count);
    float* to = s.planes + run.image * s.image + 2 * run.row * s.width;
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
      F low[2], high[2];
      STEEPEST_UNROLL for (int r = 0; r < 2; ++r) {
        const F even = x[r][0] + (x[r][1] + x[r][2]) + start, uneven = (x[r][1] - x[r][2]) - x[r][3] + start;
        odd += lane::where(exist, nothing(even) + nothing(uneven), F(0));
        low[r] = by_turns<0>(even, uneven);
        high[r] = by_turns<kWide / 2>(even, uneven);
      }
      if (!short_rows(s)) {
        const int64_t left = 2 * run.first, columns = s.width - left < 2 * run.count ? s.width - left : 2 * run.count;
        put_columns(to + left, low[0], high[0], columns);
        if (2 * run.row + 1 < s.height) put_columns(to + s.width + left, low[1], high[1], columns);
        continue;
      }
      float rows[2][3 * kWide];
      STEEPEST_UNROLL for (int r = 0; r < 2; ++r) {
        lane::store(rows[r], low[r]);
        lane::store(rows[r] + kWide, high[r]);
      }
      int64_t first = run.first, row = 2 * run.row;
      float* line = to;
      for (int64_t done = 0, many; done < run.count; done += many, first = 0, row += 2, line += 2 * s.width) {
        many = s.wide - first < run.count - done ? s.wide - first : run.count - done;
        const int64_t left = 2 * first, columns = s.width - left < 2 * many ? s.width - left : 2 * many;
        for (int r = 0; r < 2 && row + r < s.height; ++r) {
          lane::store_partial(line + r * s.width + left, lane::load(rows[r] + 2 * done), static_cast<int>(columns));
        }
      }
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
