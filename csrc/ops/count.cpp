// Counting: bincount, histc, one_hot; and comparing whole tensors: equal, allclose.
#include <algorithm>
#include <cmath>

#include "ops/call.h"
#include "ops/functions.h"
#include "ops/index_plan.h"

namespace st {
namespace {

struct Bincount {
  static constexpr OpInfo info{.sig = "bincount(Tensor input, Tensor? weights=None, int minlength=0) -> Tensor",
                               .doc = "How often each value from 0 to the largest occurs in a vector of non-negative integers, or the sum of its weights."};
  static Tensor fwd(const Tensor& x, const Tensor& weights, int64_t minlength) {
    if (!is_integral(x.dtype())) not_implemented("\"bincount_cpu\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    if (minlength < 0) runtime_error("minlength should be >= 0");
    const Tensor values = index64(x);
    const auto* p = values.data<int64_t>();
    const int64_t n = values.numel();
    int64_t signs = 0, largest = -1;
    for (int64_t i = 0; i < n; ++i) {
      signs |= p[i];
      largest = std::max(largest, p[i]);
    }
    if (x.dim() != 1 || signs < 0) runtime_error("bincount only supports 1-d non-negative integral inputs.");
    if (x.numel() == 0) return zeros(Dims{minlength}, Dtype::Int64);
    if (weights.defined() && !(weights.dim() == 1 && weights.numel() == n)) runtime_error("weights should be 1-d and have the same length as input");
    const int64_t length = std::max(minlength, largest + 1);
    if (!weights.defined()) {
      const Tensor y = zeros(Dims{length}, Dtype::Int64);
      auto* counts = y.data<int64_t>();
      for (int64_t i = 0; i < n; ++i) ++counts[p[i]];
      return y;
    }
    const Dtype type = weights.dtype() == Dtype::Float32 ? Dtype::Float32 : Dtype::Float64;
    const Tensor y = zeros(Dims{length}, type), w = cast_copy(weights, type);
    visit_float(type, [&]<class T>() { for (int64_t i = 0; i < n; ++i) y.data<T>()[p[i]] += w.data<T>()[i]; });
    return y;
  }
  static void vjp(Grads&, const Tensor&, const Tensor&, int64_t) { runtime_error("derivative for bincount is not implemented"); }
};

std::string shown(double v) {
  char s[32];
  std::snprintf(s, sizeof s, "%g", v);
  return s;
}

struct Histc {
  static constexpr OpInfo info{.sig = "histc(Tensor input, int bins=100, Scalar min=0, Scalar max=0) -> Tensor",
                               .doc = "How many elements fall into each of `bins` equal parts of [min, max]; of the elements' own range where both are equal."};
  static Tensor fwd(const Tensor& x, int64_t bins, const Scalar& min, const Scalar& max) {
    if (!is_floating(x.dtype())) not_implemented("\"histogram_cpu\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    if (bins <= 0) runtime_error("torch.histogram(): bins must be > 0, but got ", bins, " for dimension 0");
    const Dtype type = x.dtype() == Dtype::Float64 ? Dtype::Float64 : Dtype::Float32;
    const Tensor from = cast_copy(x, type), y = zeros(Dims{bins}, type);
    visit_float(type, [&]<class T>() { count(from, y, bins, static_cast<T>(min.to_double()), static_cast<T>(max.to_double())); });
    return cast_copy(y, x.dtype());
  }

 private:
  template <class T>
  static void count(const Tensor& x, const Tensor& y, int64_t bins, T low, T high) {
    const T* p = x.data<T>();
    const int64_t n = x.numel();
    if (low == high && n > 0) {
      for (int64_t i = 0; i < n; ++i) {
        low = i == 0 || p[i] < low || p[i] != p[i] ? p[i] : low;
        high = i == 0 || p[i] > high || p[i] != p[i] ? p[i] : high;
      }
    }
    if (low == high) {
      low -= 1;
      high += 1;
    }
    if (!std::isfinite(low) || !std::isfinite(high)) runtime_error("torch.histc: range of [", shown(low), ", ", shown(high), "] is not finite");
    if (high < low) runtime_error("torch.histc: max must be larger than min");
    for (int64_t i = 0; i < n; ++i) {
      if (!(p[i] >= low && p[i] <= high)) continue;
      const auto at = static_cast<int64_t>((p[i] - low) * static_cast<T>(bins) / (high - low));
      y.data<T>()[std::min(at, bins - 1)] += 1;
    }
  }
};

struct OneHot {
  static constexpr OpInfo info{.sig = "one_hot(Tensor input, int num_classes=-1) -> Tensor",
                               .doc = "int64 zeros with a new last dimension of num_classes, and a 1 at the place that each class number gives.",
                               .where = kNN};
  static Tensor fwd(const Tensor& x, int64_t classes) {
    if (x.dtype() != Dtype::Int64) runtime_error("one_hot is only applicable to index tensor of type LongTensor.");
    Dims sizes = x.sizes();
    if (x.numel() == 0) {
      if (classes <= 0) runtime_error("Can not infer total number of classes from empty tensor.");
      sizes.push_back(classes);
      return zeros(sizes, Dtype::Int64);
    }
    const Tensor own = contiguous_copy(x);
    const auto* p = own.data<int64_t>();
    const auto [least, most] = std::minmax_element(p, p + own.numel());
    if (*least < 0) runtime_error("Class values must be non-negative.");
    if (classes == -1) classes = *most + 1;
    else if (classes <= *most) runtime_error("Class values must be smaller than num_classes.");
    sizes.push_back(classes);
    const Tensor y = zeros(sizes, Dtype::Int64);
    for (int64_t i = 0; i < own.numel(); ++i) y.data<int64_t>()[i * classes + p[i]] = 1;
    return y;
  }
};

struct Equal {
  static constexpr OpInfo info{.sig = "equal(Tensor input, Tensor other) -> bool", .doc = "Whether two tensors have the same shape and equal elements."};
  static bool fwd(const Tensor& a, const Tensor& b) {
    if (!same_shape(a, b)) return false;
    const Dtype type = promote(a.dtype(), b.dtype());
    const Tensor x = cast_copy(a, type), y = cast_copy(b, type);
    return visit(type, [&]<class T>() { return std::equal(x.data<T>(), x.data<T>() + x.numel(), y.data<T>()); });
  }
};

struct Allclose : Composite {
  static constexpr OpInfo info{.sig = "allclose(Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> bool",
                               .doc = "Whether |input - other| <= atol + rtol * |other| everywhere, after broadcasting."};
  static bool fwd(const Tensor& a, const Tensor& b, double rtol, double atol, bool equal_nan) {
    const GradMode off(false);
    const Tensor close = isclose(a, b, rtol, atol, equal_nan);
    return std::all_of(close.data<bool>(), close.data<bool>() + close.numel(), [](bool v) { return v; });
  }
};

const Register<Bincount, Histc, OneHot, Equal, Allclose> registered;

}  // namespace
}  // namespace st
