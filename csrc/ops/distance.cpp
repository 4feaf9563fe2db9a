// Distances and similarities of vectors: cdist, pdist, pairwise_distance, cosine_similarity.
#include "kernels/distance.h"

#include <cmath>

#include "ops/call.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// The derivative of the p-norm d of z by z, times g, made of recorded ops.
Tensor norm_slope(const Tensor& g, const Tensor& z, const Tensor& d, double p) {
  if (p == 0) return zeros(z.sizes(), z.dtype());
  if (p == 1) return sign(z) * g;
  if (p == 2) return z * where(d == 0.0, 0.0, g / d);
  if (std::isinf(p)) return where(abs(z) == d, sign(z) * g, 0.0);
  const Tensor ratio = where(d == 0.0, 0.0, g / pow(d, p - 1));
  return where(z == 0.0, 0.0, sign(z) * pow(abs(z), p - 1)) * ratio;
}

struct Cdist {
  static constexpr OpInfo info{.sig = "_cdist(Tensor x1, Tensor x2, float p) -> Tensor", .doc = "Distances of all pairs of (*, P, M) and (*, R, M), of one batch.",
                               .saves = {X0 | X1 | Y, X0 | X1 | Y}, .where = 0, .grad_name = "CdistBackward0"};
  static Tensor fwd(const Tensor& a, const Tensor& b, double p) { return pair_distances(contiguous_copy(a), contiguous_copy(b), p); }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b, double p) {
    if (d.create_graph()) {
      const Tensor slope = norm_slope(unsqueeze(d.g(), -1), unsqueeze(a, -2) - unsqueeze(b, -3), unsqueeze(d.y(), -1), p);
      if (d.needs(0)) d.set(0, sum(slope, Dims{-2}, false));
      if (d.needs(1)) d.set(1, -sum(slope, Dims{-3}, false));
      return;
    }
    const Tensor x1 = contiguous_copy(a), x2 = contiguous_copy(b), g = cast_copy(d.g(), a.dtype()), y = contiguous_copy(d.y());
    if (d.needs(0)) d.set(0, pair_distances_backward(g, x1, x2, p, y, false));
    if (d.needs(1)) d.set(1, pair_distances_backward(g, x2, x1, p, y, true));
  }
};

// |a|^2 - 2 a b + |b|^2 as one matrix product.
struct EuclideanDist {
  static constexpr OpInfo info{.sig = "_euclidean_dist(Tensor x1, Tensor x2) -> Tensor", .doc = "The distances of cdist() for p = 2 by a matrix product.",
                               .saves = {X0 | X1 | Y, X0 | X1 | Y}, .where = 0, .grad_name = "EuclideanDistBackward0"};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    const Tensor aa = sum(a * a, Dims{-1}, true), bb = sum(b * b, Dims{-1}, true);
    const Tensor left = cat({a * -2.0, aa, full(aa.sizes(), 1, aa.dtype())}, -1), right = cat({b, full(bb.sizes(), 1, bb.dtype()), bb}, -1);
    const Tensor d = contiguous_copy(matmul(left, transpose(right, -2, -1)));
    take_roots(d);
    return d;
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) {
    const Tensor y = d.y(), ratio = where(y == 0.0, 0.0, d.g() / y);
    if (d.needs(0)) d.set(0, a * sum(ratio, Dims{-1}, true) - matmul(ratio, b));
    if (d.needs(1)) d.set(1, b * unsqueeze(sum(ratio, Dims{-2}, false), -1) - matmul(transpose(ratio, -2, -1), a));
  }
};

void check_p(const char* name, double p) {
  if (!(p >= 0)) runtime_error(name, " only supports non-negative p values");
}

struct CdistOf : Composite {
  static constexpr OpInfo info{.sig = "cdist(Tensor x1, Tensor x2, float p=2.0, str compute_mode='use_mm_for_euclid_dist_if_necessary') -> Tensor",
                               .autocast = Autocast::Float32, .doc = "The p-norms of the differences of all pairs of vectors: (*, P, M) and (*, R, M) give (*, P, R). For p = 2 and more than 25 "
                                      "vectors the distances come from a matrix product, unless compute_mode says otherwise.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& a, const Tensor& b, double p, const std::string& mode) {
    const bool never = mode == "donot_use_mm_for_euclid_dist", always = mode == "use_mm_for_euclid_dist";
    if (!never && !always && mode != "use_mm_for_euclid_dist_if_necessary") value_error(mode, " is not a valid value for compute_mode");
    if (a.dim() < 2) runtime_error("cdist only supports at least 2D tensors, X1 got: ", a.dim(), "D");
    if (b.dim() < 2) runtime_error("cdist only supports at least 2D tensors, X2 got: ", b.dim(), "D");
    if (a.size(-1) != b.size(-1)) runtime_error("X1 and X2 must have the same number of columns. X1: ", a.size(-1), " X2: ", b.size(-1));
    if (!is_floating(a.dtype())) runtime_error("cdist only supports floating-point dtypes, X1 got: ", st::info(a.dtype()).scalar_type);
    if (!is_floating(b.dtype())) runtime_error("cdist only supports floating-point dtypes, X2 got: ", st::info(b.dtype()).scalar_type);
    check_p("cdist", p);
    if (a.dtype() != b.dtype()) runtime_error("expected scalar type ", st::info(a.dtype()).scalar_type, " but found ", st::info(b.dtype()).scalar_type);
    if (is_half(a.dtype())) not_implemented("\"cdist\" not implemented for '", st::info(a.dtype()).scalar_type, "'");
    const auto batch = [](const Tensor& t) { return t.sizes().first(static_cast<size_t>(t.dim() - 2)); };
    const auto spread = [](const Tensor& t, Dims sizes) {
      sizes.push_back(t.size(-2));
      sizes.push_back(t.size(-1));
      return equal(sizes, t.sizes()) ? t : expand(t, sizes);
    };
    const Dims common = broadcast(batch(a), batch(b));
    const Tensor x1 = spread(a, common), x2 = spread(b, common);
    const bool many = a.size(-2) > 25 || b.size(-2) > 25;
    if (p == 2 && a.size(-1) > 0 && (always || (many && !never))) {
      const Tensor d = call_op<EuclideanDist>(x1, x2);
      return view(d, d.sizes());
    }
    return call_op<Cdist>(x1, x2, p);
  }
};

// The pairs of one list, each once, row by row.
struct Pdist {
  static constexpr OpInfo info{.sig = "pdist(Tensor input, float p=2.0) -> Tensor",
                               .doc = "The p-norms of the differences of all pairs of rows of a matrix (N, M), i < j, as (N (N - 1) / 2).", .saves = {X0 | Y},
                               .where = kFunction | kNN};
  static Tensor fwd(const Tensor& x, double p) {
    if (x.dim() != 2) runtime_error("pdist only supports 2D tensors, got: ", x.dim(), "D");
    if (!is_floating(x.dtype())) runtime_error("pdist only supports floating-point dtypes");
    check_p("pdist", p);
    if (is_half(x.dtype())) not_implemented("\"pdist\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    return distances_within(contiguous_copy(x), p);
  }
  static void vjp(Grads& d, const Tensor& x, double p) {
    const int64_t n = x.size(0);
    const Tensor at = places(n), both = zeros(Dims{n, n}, x.dtype());
    const auto square = [&](const Tensor& pairs) {
      const Tensor half = put(both, at, pairs, false);
      return half + t(half);
    };
    if (d.create_graph()) {
      const Tensor z = unsqueeze(x, 1) - unsqueeze(x, 0);
      return d.set(0, sum(norm_slope(unsqueeze(square(d.g()), -1), z, unsqueeze(square(d.y()), -1), p), Dims{1}, false));
    }
    const Tensor rows = contiguous_copy(x);
    d.set(0, pair_distances_backward(contiguous_copy(square(d.g())), rows, rows, p, contiguous_copy(square(d.y())), false));
  }

 private:
  // Where the pairs stand in (n, n).
  static Tensor places(int64_t n) {
    const Tensor at = empty(Dims{n > 1 ? n * (n - 1) / 2 : 0}, Dtype::Int64);
    int64_t* p = at.data<int64_t>();
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = i + 1; j < n; ++j) *p++ = i * n + j;
    return at;
  }
};

struct PairwiseDistance : Composite {
  static constexpr OpInfo info{.sig = "pairwise_distance(Tensor x1, Tensor x2, float p=2.0, float eps=1e-06, bool keepdim=False) -> Tensor",
                               .doc = "The p-norm of x1 - x2 + eps along the last dimension; the inputs broadcast.", .where = kFunction | kNN};
  static Tensor fwd(const Tensor& a, const Tensor& b, double p, double eps, bool keepdim) {
    const Tensor difference = a - b + eps;
    return norm_along(difference, p, difference.dim() > 0 ? OptDims(Dims{-1}) : OptDims(), keepdim);
  }
};

struct CosineSimilarity : Composite {
  static constexpr OpInfo info{.sig = "cosine_similarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-08) -> Tensor",
                               .doc = "sum(x1 x2) / (max(|x1|, eps) max(|x2|, eps)) along dim; the inputs broadcast.", .where = kFunction | kNN};
  static Tensor fwd(const Tensor& given1, const Tensor& given2, int64_t dim, double eps) {
    const Dtype type = promote(given1.dtype(), given2.dtype());
    if (!is_floating(type)) runtime_error("expected common dtype to be floating point, yet common dtype is ", st::info(type).scalar_type);
    const Dims common = broadcast(given1.sizes(), given2.sizes());
    const auto scaled = [&](const Tensor& given) {
      const Tensor x = expand(to_dtype(given, type), common);
      const Tensor length = clone(norm_along(x, 2, Dims{dim}, true));
      // The limit is no step of the function: the gradient is that of the length.
      const GradMode off(false);
      copy_elements(length, maximum(detach(length), eps));
      return std::pair(x, length);
    };
    const auto [x1, length1] = scaled(given1);
    const auto [x2, length2] = scaled(given2);
    return sum((x1 / length1) * (x2 / length2), Dims{dim}, false);
  }
};

const Register<Cdist, EuclideanDist, CdistOf, Pdist, PairwiseDistance, CosineSimilarity> registered;

}  // namespace
}  // namespace st
