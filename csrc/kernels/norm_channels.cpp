// Batch norm of (n, c, s): how they reach their kernels, and what threads share.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/norm.h"
#include "kernels/norm_choice.h"
#include "kernels/parallel.h"

namespace st {

namespace {

constexpr int64_t kGrain = 4096;  // elements
constexpr int64_t kRows = 256;     // of a sheet whose columns are summed in one go
constexpr int64_t kColumns = 1024;

template <class T> const T* data_or_null(const Tensor& t) { return t.defined() ? t.data<T>() : nullptr; }

Strip channel(const Channels& k) { return {k.s, k.n, k.c * k.s}; }

template <class F>
void for_channels(const Channels& k, F f) {
  parallel_items(k.c, k.count(), kGrain, [&](int64_t begin, int64_t end) { for (int64_t c = begin; c < end; ++c) f(c); });
}

// f(first channel, its first element, the runs of the channels from there on) in parts of one sample that threads share.
template <class F>
void for_runs(const Channels& k, F f) {
  parallel_items(k.n * k.c, k.s, kGrain, [&](int64_t begin, int64_t end) {
    while (begin < end) {
      const int64_t c = begin % k.c, count = std::min(k.c - c, end - begin);
      f(c, begin * k.s, Strip{k.s, count, k.s});
      begin += count;
    }
  });
}

// Of (n, c, 1): f(rows, part of the columns, number of the block of rows) in blocks that threads share.
struct SheetPart {
  Sheet sheet;
  int64_t row, column, block;
  int64_t at() const { return row * sheet.step + column; }
};
int64_t row_blocks(const Channels& k) { return (k.n + kRows - 1) / kRows; }
template <class F>
void for_sheets(const Channels& k, F f) {
  const int64_t across = (k.c + kColumns - 1) / kColumns;
  parallel_items(row_blocks(k) * across, std::min(kRows, k.n) * std::min(kColumns, k.c), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t block = i / across, row = block * kRows, column = i % across * kColumns;
      f(SheetPart{{std::min(kColumns, k.c - column), std::min(kRows, k.n - row), k.c}, row, column, block});
    }
  });
}

// Two numbers a channel, in double.
struct Pairs {
  std::vector<double> first, second;
  explicit Pairs(int64_t n) : first(static_cast<size_t>(n)), second(static_cast<size_t>(n)) {}
};

template <class T>
Pairs sheet_moments(const Channels& k, const T* x) {
  const int64_t blocks = row_blocks(k);
  Pairs parts(blocks * k.c);
  for_sheets(k, [&](const SheetPart& p) {
    const int64_t to = p.block * k.c + p.column;
    norm_kernels<T>().column_moments(p.sheet, x + p.at(), parts.first.data() + to, parts.second.data() + to);
  });
  if (blocks == 1) return parts;
  Pairs all(k.c);
  for (int64_t b = 0; b < blocks; ++b) {
    const double before = static_cast<double>(b * kRows), more = static_cast<double>(std::min(kRows, k.n - b * kRows)), share = more / (before + more);
    for (int64_t c = 0; c < k.c; ++c) {
      const auto i = static_cast<size_t>(c), j = static_cast<size_t>(b * k.c + c);
      const double step = parts.first[j] - all.first[i];
      all.second[i] += parts.second[j] + step * step * before * share;
      all.first[i] += step * share;
    }
  }
  return all;
}

template <class T>
Pairs sheet_sums(const Channels& k, const T* x, const T* g, const T* mean) {
  const int64_t blocks = row_blocks(k);
  Pairs parts(blocks * k.c);
  for_sheets(k, [&](const SheetPart& p) {
    const int64_t to = p.block * k.c + p.column;
    norm_kernels<T>().column_sums(p.sheet, x + p.at(), g + p.at(), mean + p.column, parts.first.data() + to, parts.second.data() + to);
  });
  for (int64_t b = 1; b < blocks; ++b) {
    for (int64_t c = 0; c < k.c; ++c) {
      parts.first[static_cast<size_t>(c)] += parts.first[static_cast<size_t>(b * k.c + c)];
      parts.second[static_cast<size_t>(c)] += parts.second[static_cast<size_t>(b * k.c + c)];
    }
  }
  return parts;
}

}  // namespace

Tensor affine_channels(const Tensor& x, const Channels& k, const Tensor& mean, const Tensor& rstd, const Tensor& weight, const Tensor& bias) {
  Tensor y = empty(x.sizes(), x.dtype());
  if (x.numel() == 0) return y;
  visit_float(x.dtype(), [&]<class T>() {
    const T *px = x.data<T>(), *r = rstd.data<T>(), *w = data_or_null<T>(weight), *b = data_or_null<T>(bias);
    T* py = y.data<T>();
    std::vector<T> scale(r, r + k.c), shift(static_cast<size_t>(k.c)), zero;
    if (w) for (int64_t c = 0; c < k.c; ++c) scale[static_cast<size_t>(c)] *= w[c];
    if (b) shift.assign(b, b + k.c);
    if (!mean.defined()) zero.resize(static_cast<size_t>(k.c));
    const T* m = mean.defined() ? mean.data<T>() : zero.data();
    if (k.s == 1) {
      for_sheets(k, [&](const SheetPart& p) {
        norm_kernels<T>().column_affine(p.sheet, px + p.at(), m + p.column, scale.data() + p.column, shift.data() + p.column, py + p.at());
      });
      return;
    }
    for_runs(k, [&](int64_t c, int64_t at, const Strip& runs) {
      norm_kernels<T>().runs_affine(runs, px + at, m + c, scale.data() + c, shift.data() + c, py + at);
    });
  });
  return y;
}

ChannelNormed norm_channels(const Tensor& x, const Channels& k, const Tensor& weight, const Tensor& bias, double eps) {
  ChannelNormed out{Tensor(), empty(Dims{k.c}, x.dtype()), empty(Dims{k.c}, x.dtype()), empty(Dims{k.c}, Dtype::Float64)};
  double* squares = out.squares.data<double>();
  visit_float(x.dtype(), [&]<class T>() {
    T *mean = out.mean.template data<T>(), *rstd = out.rstd.template data<T>();
    const T* px = x.data<T>();
    const auto note = [&](int64_t c, double m, double sq) {
      mean[c] = static_cast<T>(m);
      squares[c] = sq;
      rstd[c] = static_cast<T>(1 / std::sqrt(sq / static_cast<double>(k.count()) + eps));
    };
    if (k.s == 1) {
      const Pairs found = sheet_moments(k, px);
      for (int64_t c = 0; c < k.c; ++c) note(c, found.first[static_cast<size_t>(c)], found.second[static_cast<size_t>(c)]);
      out.y = affine_channels(x, k, out.mean, out.rstd, weight, bias);
      return;
    }
    out.y = empty(x.sizes(), x.dtype());
    const T *w = data_or_null<T>(weight), *b = data_or_null<T>(bias);
    T* py = out.y.template data<T>();
    for_channels(k, [&](int64_t c) {
      double found[2];
      norm_kernels<T>().strip_moments(channel(k), px + c * k.s, found);
      note(c, found[0], found[1]);
      norm_kernels<T>().strip_affine(channel(k), px + c * k.s, mean[c], w ? rstd[c] * w[c] : rstd[c], b ? b[c] : T(0), py + c * k.s);
    });
  });
  return out;
}

NormGradients norm_channels_backward(const Tensor& x, const Tensor& g, const Channels& k, const Tensor& weight, const Tensor& mean, const Tensor& rstd, Wanted wanted) {
  NormGradients out;
  if (wanted.dx) out.dx = empty(x.sizes(), x.dtype());
  if (wanted.dweight) out.dweight = empty(Dims{k.c}, x.dtype());
  if (wanted.dbias) out.dbias = empty(Dims{k.c}, x.dtype());
  const double count = static_cast<double>(k.count());
  visit_float(x.dtype(), [&]<class T>() {
    const T *px = x.data<T>(), *pg = g.data<T>(), *w = data_or_null<T>(weight), *m = mean.data<T>(), *r = rstd.data<T>();
    T* dx = wanted.dx ? out.dx.template data<T>() : nullptr;
    struct Map {
      T a, b, c;  // dx = g * a + (x - mean) * b + c
    };
    const auto note = [&](int64_t c, double total, double product) {
      const double rs = static_cast<double>(r[c]), a = w ? rs * static_cast<double>(w[c]) : rs;
      if (wanted.dweight) out.dweight.template data<T>()[c] = static_cast<T>(product * rs);
      if (wanted.dbias) out.dbias.template data<T>()[c] = static_cast<T>(total);
      return Map{static_cast<T>(a), static_cast<T>(-a * rs * rs * product / count), static_cast<T>(-a * total / count)};
    };
    if (k.s == 1) {
      const Pairs sums = sheet_sums(k, px, pg, m);
      std::vector<T> a(static_cast<size_t>(k.c)), b(a), shift(a);
      for (int64_t c = 0; c < k.c; ++c) {
        const auto i = static_cast<size_t>(c);
        const Map map = note(c, sums.first[i], sums.second[i]);
        a[i] = map.a, b[i] = map.b, shift[i] = map.c;
      }
      if (dx) for_sheets(k, [&](const SheetPart& p) {
        norm_kernels<T>().column_blend(p.sheet, px + p.at(), pg + p.at(), m + p.column, a.data() + p.column, b.data() + p.column, shift.data() + p.column, dx + p.at());
      });
      return;
    }
    for_channels(k, [&](int64_t c) {
      const int64_t at = c * k.s;
      double sums[2];
      norm_kernels<T>().strip_sums(channel(k), px + at, pg + at, m[c], sums);
      const Map map = note(c, sums[0], sums[1]);
      if (dx) norm_kernels<T>().strip_blend(channel(k), px + at, pg + at, m[c], map.a, map.b, map.c, dx + at);
    });
  });
  return out;
}

NormGradients affine_channels_backward(const Tensor& x, const Tensor& g, const Channels& k, const Tensor& weight, const Tensor& mean, const Tensor& rstd, Wanted wanted) {
  NormGradients out;
  if (wanted.dx) out.dx = affine_channels(g, k, Tensor(), rstd, weight, Tensor());
  if (!wanted.dweight && !wanted.dbias) return out;
  visit_float(g.dtype(), [&]<class T>() {
    const T *pg = g.data<T>(), *m = mean.data<T>(), *px = wanted.dweight ? x.data<T>() : pg;
    Pairs sums(k.c);
    if (k.s == 1) {
      sums = sheet_sums(k, px, pg, m);
    } else {
      for_channels(k, [&](int64_t c) {
        double found[2];
        norm_kernels<T>().strip_sums(channel(k), px + c * k.s, pg + c * k.s, m[c], found);
        sums.first[static_cast<size_t>(c)] = found[0];
        sums.second[static_cast<size_t>(c)] = found[1];
      });
    }
    const auto store = [&](Tensor& to, const std::vector<double>& from, bool scaled) {
      to = empty(Dims{k.c}, g.dtype());
      for (int64_t c = 0; c < k.c; ++c) {
        const double v = from[static_cast<size_t>(c)];
        to.data<T>()[c] = static_cast<T>(scaled ? v * static_cast<double>(rstd.data<T>()[c]) : v);
      }
    };
    if (wanted.dweight) store(out.dweight, sums.second, true);
    if (wanted.dbias) store(out.dbias, sums.first, false);
  });
  return out;
}

}  // namespace st
