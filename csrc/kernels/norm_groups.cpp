// Group norm of (n, c, s): a group of channels at a time, its channels as runs or, where s is 1, as one row.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/norm.h"
#include "kernels/norm_choice.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 4096;  // elements

template <class T> const T* data_or_null(const Tensor& t) { return t.defined() ? t.data<T>() : nullptr; }

struct Group {
  int64_t width, s, groups;  // channels, elements of each, groups of a sample
  int64_t size() const { return width * s; }
  int64_t first(int64_t i) const { return i % groups * width; }  // channel of group i of the batch
  bool flat() const { return s == 1; }
  Strip runs() const { return {s, width, s}; }
  Sheet row() const { return {width, 1, width}; }
};

// Numbers of the channels of a group: those of weight and bias, and others that all share.
template <class T>
struct Numbers {
  std::vector<T> mean, a, b, c;
  explicit Numbers(int64_t n) : mean(static_cast<size_t>(n)), a(mean), b(mean), c(mean) {}
};

template <class F>
void for_groups(int64_t count, const Group& k, F f) {
  parallel_items(count, k.size(), kGrain, f);
}

}  // namespace

RowNormed norm_groups(const Tensor& x, const Channels& k, int64_t groups, const Tensor& weight, const Tensor& bias, double eps) {
  RowNormed out{empty(x.sizes(), x.dtype()), empty(Dims{k.n, groups}, x.dtype()), empty(Dims{k.n, groups}, x.dtype())};
  if (x.numel() == 0) return out;
  const Group group{k.c / groups, k.s, groups};
  visit_float(x.dtype(), [&]<class T>() {
    const auto& kernel = norm_kernels<T>();
    const T *px = x.data<T>(), *w = data_or_null<T>(weight), *b = data_or_null<T>(bias);
    T *py = out.y.template data<T>(), *mean = out.mean.template data<T>(), *rstd = out.rstd.template data<T>();
    for_groups(k.n * groups, group, [&](int64_t begin, int64_t end) {
      Numbers<T> of(group.width);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = i * group.size(), first = group.first(i);
        double found[2];
        kernel.strip_moments(Strip{group.size(), 1, 0}, px + at, found);
        mean[i] = static_cast<T>(found[0]);
        rstd[i] = static_cast<T>(1 / std::sqrt(found[1] / static_cast<double>(group.size()) + eps));
        if (!w && !b) {
          kernel.strip_affine(Strip{group.size(), 1, 0}, px + at, mean[i], rstd[i], 0, py + at);
          continue;
        }
        for (int64_t c = 0; c < group.width; ++c) {
          const auto j = static_cast<size_t>(c);
          of.mean[j] = mean[i];
          of.a[j] = w ? rstd[i] * w[first + c] : rstd[i];
        }
        const T* shift = b ? b + first : of.b.data();
        if (group.flat()) kernel.column_affine(group.row(), px + at, of.mean.data(), of.a.data(), shift, py + at);
        else kernel.runs_affine(group.runs(), px + at, of.mean.data(), of.a.data(), shift, py + at);
      }
    });
  });
  return out;
}

NormGradients norm_groups_backward(const Tensor& x, const Tensor& g, const Channels& k, int64_t groups, const Tensor& weight, const Tensor& mean, const Tensor& rstd,
                                   Wanted wanted) {
  NormGradients out;
  if (wanted.dx) out.dx = empty(x.sizes(), x.dtype());
  const Group group{k.c / groups, k.s, groups};
  const double size = static_cast<double>(group.size());
  std::vector<double> sums(static_cast<size_t>(k.n * k.c)), products(sums);  // of g and of g * (x - mean), for each channel of each sample
  visit_float(x.dtype(), [&]<class T>() {
    const auto& kernel = norm_kernels<T>();
    const T *px = x.data<T>(), *pg = g.data<T>(), *w = data_or_null<T>(weight), *m = mean.data<T>(), *r = rstd.data<T>();
    T* dx = wanted.dx ? out.dx.template data<T>() : nullptr;
    if (x.numel() > 0) for_groups(k.n * groups, group, [&](int64_t begin, int64_t end) {
      Numbers<T> of(group.width);
      for (int64_t i = begin; i < end; ++i) {
        const int64_t at = i * group.size(), first = group.first(i);
        double *sum = sums.data() + i * group.width, *product = products.data() + i * group.width;
        std::fill(of.mean.begin(), of.mean.end(), m[i]);
        if (group.flat()) kernel.column_sums(group.row(), px + at, pg + at, of.mean.data(), sum, product);
        else kernel.runs_sums(group.runs(), px + at, pg + at, of.mean.data(), sum, product);
        const double rs = static_cast<double>(r[i]);
        double total = 0, weighted = 0;
        for (int64_t c = 0; c < group.width; ++c) {
          const double scale = w ? static_cast<double>(w[first + c]) : 1;
          total += sum[c] * scale;
          weighted += product[c] * scale;
          product[c] *= rs;
        }
        if (!dx) continue;
        const T slope = static_cast<T>(-rs * rs * rs * weighted / size), shift = static_cast<T>(-rs * total / size);
        if (!w) {
          kernel.strip_blend(Strip{group.size(), 1, 0}, px + at, pg + at, m[i], r[i], slope, shift, dx + at);
          continue;
        }
        for (int64_t c = 0; c < group.width; ++c) {
          const auto j = static_cast<size_t>(c);
          of.a[j] = r[i] * w[first + c];
          of.b[j] = slope;
          of.c[j] = shift;
        }
        if (group.flat()) kernel.column_blend(group.row(), px + at, pg + at, of.mean.data(), of.a.data(), of.b.data(), of.c.data(), dx + at);
        else kernel.runs_blend(group.runs(), px + at, pg + at, of.mean.data(), of.a.data(), of.b.data(), of.c.data(), dx + at);
      }
    });
    const auto join = [&](const std::vector<double>& from) {
      Tensor to = empty(Dims{k.c}, x.dtype());
      std::vector<double> total(static_cast<size_t>(k.c));
      for (int64_t n = 0; n < k.n; ++n)
        for (int64_t c = 0; c < k.c; ++c) total[static_cast<size_t>(c)] += from[static_cast<size_t>(n * k.c + c)];
      for (int64_t c = 0; c < k.c; ++c) to.data<T>()[c] = static_cast<T>(total[static_cast<size_t>(c)]);
      return to;
    };
    if (wanted.dweight) out.dweight = join(products);
    if (wanted.dbias) out.dbias = join(sums);
  });
  return out;
}

}  // namespace st
