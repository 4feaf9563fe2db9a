// Counting elements in bins with given edges, in one or several dimensions.
#include <algorithm>

#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

// The bin of v among n edges in ascending order; the last one is closed on both sides. -1 where v lies in none.
template <class T>
int64_t bin_of(const T* edges, int64_t n, T v) {
  if (!(v >= edges[0] && v <= edges[n - 1])) return -1;
  // Where the edges are evenly spaced, as they mostly are.
  const auto guess = static_cast<int64_t>((v - edges[0]) / (edges[n - 1] - edges[0]) * static_cast<T>(n - 1));
  if (guess >= 0 && guess < n - 1 && edges[guess] <= v && v < edges[guess + 1]) return guess;
  return std::min<int64_t>(std::upper_bound(edges, edges + n, v) - edges - 1, n - 2);
}

void check(const Tensor& x, const Tensors& edges, const Tensor& weight) {
  if (x.dtype() != Dtype::Float32 && x.dtype() != Dtype::Float64) not_implemented("\"histogramdd\" not implemented for '", info(x.dtype()).scalar_type, "'");
  const auto dimensions = static_cast<int64_t>(edges.size());
  if (x.size(-1) != dimensions) {
    runtime_error("torch.histogramdd: expected ", x.size(-1), " sequences of bin edges for a ", x.size(-1), "-dimensional histogram but got ", dimensions);
  }
  for (int64_t d = 0; d < dimensions; ++d) {
    const Tensor& e = edges[static_cast<size_t>(d)];
    if (e.dim() != 1) runtime_error("torch.histogramdd: bins tensor should have one dimension, but got ", e.dim(), " dimensions in the bins tensor for dimension ", d);
    if (e.dtype() != x.dtype()) {
      runtime_error("torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ", info(x.dtype()).alias,
                    " and bins for dimension ", d, " with dtype ", info(e.dtype()).alias);
    }
    if (e.numel() < 1) runtime_error("torch.histogramdd: bins tensor should have at least 1 element, but got ", e.numel(), " elements in the bins tensor for dimension ", d);
  }
  if (!weight.defined()) return;
  if (weight.dtype() != x.dtype()) {
    runtime_error("torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(",
                  info(x.dtype()).alias, "), and weight(", info(weight.dtype()).alias, ")");
  }
  const DimSpan outer = x.sizes().first(static_cast<size_t>(x.dim() - 1));
  if (!equal(weight.sizes(), outer)) {
    runtime_error("torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, "
                  "but got input with shape ", x.sizes(), " and weight with shape ", weight.sizes());
  }
}

template <class T>
void count(const Tensor& x, const Tensors& edges, const Tensor& weight, const Tensor& y) {
  const auto dimensions = static_cast<int64_t>(edges.size());
  for (int64_t i = 0, n = dimensions ? x.numel() / dimensions : 0; i < n; ++i) {
    int64_t at = 0;
    for (int64_t d = 0; d < dimensions && at >= 0; ++d) {
      const Tensor& e = edges[static_cast<size_t>(d)];
      const int64_t bin = bin_of(e.data<T>(), e.numel(), x.data<T>()[i * dimensions + d]);
      at = bin < 0 ? -1 : at + bin * y.stride(d);
    }
    if (at >= 0) y.data<T>()[at] += weight.defined() ? weight.data<T>()[i] : T(1);
  }
}

// Of points in the last dimension of x. A density integrates to 1.
Tensor histogram(const Tensor& given, const Tensors& bins, const Tensor& weight, bool density) {
  check(given, bins, weight);
  GradMode off(false);
  const Tensor x = contiguous_copy(given), w = weight.defined() ? contiguous_copy(weight) : Tensor();
  Tensors edges;
  Dims sizes;
  for (const Tensor& e : bins) {
    edges.push_back(contiguous_copy(e));
    sizes.push_back(e.numel() - 1);
  }
  Tensor y = zeros(sizes, x.dtype());
  if (y.numel() > 0) visit_float(x.dtype(), [&]<class T>() { count<T>(x, edges, w, y); });
  if (!density) return y;
  y = y / sum(y, std::nullopt, false);
  for (int d = 0; d < y.dim(); ++d) {
    const Tensor& e = edges[static_cast<size_t>(d)];
    Dims wide = Dims::filled(y.dim(), 1);
    wide[d] = e.numel() - 1;
    y = y / reshape(slice(e, 0, 1, e.numel(), 1) - slice(e, 0, 0, -1, 1), wide);
  }
  return y;
}

struct Histogram {
  static constexpr OpInfo info{.sig = "_histogram(Tensor input, Tensor bins, *, Tensor? weight=None, bool density=False) -> (Tensor hist, Tensor bin_edges)",
                               .doc = "How many elements, or what weight of them, fall between neighbouring edges.", .where = 0};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& x, const Tensor& bins, const Tensor& weight, bool density) {
    const Tensor w = weight.defined() ? flatten(weight, 0, -1) : weight;
    if (w.defined() && !same_shape(x, weight)) {
      Dims shape = x.sizes();
      shape.push_back(1);
      runtime_error("torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, "
                    "but got input with shape ", DimSpan(shape), " and weight with shape ", weight.sizes());
    }
    return {histogram(reshape(x, Dims{-1, 1}), {bins}, w, density), clone(bins)};
  }
};
struct HistogramDD {
  static constexpr OpInfo info{.sig = "_histogramdd(Tensor input, Tensor[] bins, *, Tensor? weight=None, bool density=False) -> Tensor",
                               .doc = "How many points, or what weight of them, fall between neighbouring edges of every dimension.", .where = 0};
  static Tensor fwd(const Tensor& x, const Tensors& bins, const Tensor& weight, bool density) { return histogram(x, bins, weight, density); }
};

const Register<Histogram, HistogramDD> registered;

}  // namespace
}  // namespace st
