// Combining all elements of several tensors: kron, cross, cartesian_prod, combinations, dist; and renorm.
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "ops/call.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// What elements are multiplied in: integers wrap.
template <class T> using Ring = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;

// The sizes of both, one dimension of each after the other: (a0, 1, a1, 1, ...) and (1, b0, 1, b1, ...), and those of the product.
struct KronSizes {
  Dims left, right, both, product;
  KronSizes(const Tensor& x, const Tensor& y) {
    const int n = std::max(x.dim(), y.dim());
    for (int d = 0; d < n; ++d) {
      const int i = d - (n - x.dim()), j = d - (n - y.dim());
      const int64_t a = i < 0 ? 1 : x.size(i), b = j < 0 ? 1 : y.size(j);
      left.push_back(a), left.push_back(1);
      right.push_back(1), right.push_back(b);
      both.push_back(a), both.push_back(b);
      product.push_back(a * b);
    }
  }
};

// Rows of y, each times every element of a row of x.
template <class T>
void kron_rows(const T* x, int64_t n, const T* __restrict y, int64_t m, T* __restrict z) {
  constexpr int64_t kBlock = 8;  // a length that the compiler knows, and makes registers of
  for (int64_t j = 0; j < n; ++j, z += m) {
    const Ring<T> a(x[j]);
    int64_t k = 0;
    for (; k + kBlock <= m; k += kBlock) for (int64_t i = 0; i < kBlock; ++i) z[k + i] = static_cast<T>(a * Ring<T>(y[k + i]));
    for (; k < m; ++k) z[k] = static_cast<T>(a * Ring<T>(y[k]));
  }
}

struct Kron {
  static constexpr OpInfo info{.sig = "kron(Tensor input, Tensor other) -> Tensor",
                               .doc = "Kronecker's product: each element of input times all of other, in the place of that element. Sizes multiply.",
                               .saves = {X1, X0}, .grad_name = "UnsafeViewBackward0", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const Tensor& y) {
    const KronSizes s(x, y);
    const Dtype type = common_dtype({x, y});
    const bool matrices = x.dim() <= 2 && y.dim() <= 2 && x.dim() + y.dim() > 0 && !is_half(type) && !is_complex(type) && type != Dtype::Bool;
    if (!matrices) return detach(reshape(reshape(x, s.left) * reshape(y, s.right), s.product));  // no view of what is not recorded
    const Tensor a = cast_copy(x, type), b = cast_copy(y, type), z = empty(s.product, type);
    const int64_t n = s.left[s.left.size() - 2], m = s.right.back(), rows = b.numel() / std::max<int64_t>(m, 1);
    if (z.numel() == 0) return z;
    visit_real(type, [&]<class T>() {
      parallel_items(z.numel() / (n * m), n * m, int64_t{8192}, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) kron_rows(a.data<T>() + r / rows * n, n, b.data<T>() + r % rows * m, m, z.data<T>() + r * n * m);
      });
    });
    return z;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& y) {
    const KronSizes s(x, y);
    const Tensor g = reshape(d.g(), s.both);
    Dims of_x, of_y;
    for (int i = 0; i < s.both.size(); ++i) (i % 2 ? of_y : of_x).push_back(i);
    const auto summed = [](const Tensor& t, const Dims& dims) { return dims.empty() ? t : sum(t, dims, false); };
    if (d.needs(0)) d.set(0, reshape(summed(g * conj(reshape(y, s.right)), of_y), x.sizes()));
    if (d.needs(1)) d.set(1, reshape(summed(g * conj(reshape(x, s.left)), of_x), y.sizes()));
  }
};

// The line of three elements, `step` apart, at x and y.
template <class T>
inline void cross_line(const T* x, const T* y, T* z, int64_t step) {
  const Ring<T> a[] = {Ring<T>(x[0]), Ring<T>(x[step]), Ring<T>(x[2 * step])}, b[] = {Ring<T>(y[0]), Ring<T>(y[step]), Ring<T>(y[2 * step])};
  z[0] = static_cast<T>(a[1] * b[2] - a[2] * b[1]);
  z[step] = static_cast<T>(a[2] * b[0] - a[0] * b[2]);
  z[2 * step] = static_cast<T>(a[0] * b[1] - a[1] * b[0]);
}
template <class T>
void cross_lines(const T* x, const T* y, T* z, const Lines& l) {
  if (l.inner == 1) {
    return parallel_for(l.outer, 8192, [&](int64_t begin, int64_t end) {
      for (int64_t at = 3 * begin; at < 3 * end; at += 3) cross_line(x + at, y + at, z + at, 1);
    });
  }
  for_lines(l, 8192, [&](int64_t o, int64_t j, int64_t m) {
    for (int64_t at = o * 3 * l.inner + j, end = at + m; at < end; ++at) cross_line(x + at, y + at, z + at, l.inner);
  });
}

struct LinalgCross {
  static constexpr OpInfo info{.sig = "linalg_cross(Tensor input, Tensor other, *, int dim=-1) -> Tensor",
                               .doc = "The cross product of the vectors of length 3 along dim; the other dimensions broadcast.",
                               .saves = {X1, X0},
                               .where = kLinalg};
  static Tensor fwd(const Tensor& x, const Tensor& y, int64_t dim) {
    if (x.dim() != y.dim()) runtime_error("linalg.cross: inputs must have the same number of dimensions.");
    const int64_t d = wrap_dim(dim, x.dim());
    if (x.dim() == 0 || x.size(d) != 3 || y.size(d) != 3) {
      runtime_error("linalg.cross: inputs dimension ", dim, " must have length 3. Got ", x.dim() ? x.size(d) : 1, " and ", y.dim() ? y.size(d) : 1);
    }
    const Dtype type = promote(x.dtype(), y.dtype());
    if (type == Dtype::Bool) not_implemented("\"cross\" not implemented for 'Bool'");
    const Dims sizes = broadcast(x.sizes(), y.sizes());
    const auto spread = [&](const Tensor& t) { return contiguous_copy(expand(cast_copy(t, computed_in(type)), sizes)); };
    const Tensor a = spread(x), b = spread(y), z = empty(sizes, a.dtype());
    visit(a.dtype(), [&]<class T>() {
      if constexpr (!std::is_same_v<T, bool> && !std::is_same_v<T, Half> && !std::is_same_v<T, BFloat16>) cross_lines(a.data<T>(), b.data<T>(), z.data<T>(), lines_of(z, d));
    });
    return narrowed(z, type);
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& y, int64_t dim) {
    if (d.needs(0)) d.set(0, call_op<LinalgCross>(conj(y), d.g(), dim));
    if (d.needs(1)) d.set(1, call_op<LinalgCross>(d.g(), conj(x), dim));
  }
};
struct Cross : Composite {
  static constexpr OpInfo info{.sig = "cross(Tensor input, Tensor other, int? dim=None) -> Tensor",
                               .doc = "linalg.cross() along dim, by default the first dimension of size 3."};
  static Tensor fwd(const Tensor& x, const Tensor& y, std::optional<int64_t> dim) {
    if (dim) return call_op<LinalgCross>(x, y, *dim);
    for (int d = 0; d < x.dim(); ++d) {
      if (x.size(d) == 3) return call_op<LinalgCross>(x, y, int64_t{d});
    }
    runtime_error("no dimension of size 3 in input");
  }
};

struct CartesianProd : Composite {
  static constexpr OpInfo info{.sig = "cartesian_prod(Tensor[]... tensors) -> Tensor",
                               .doc = "All choices of one element from each of the vectors, one choice a row, in the order of itertools.product; of one "
                                      "vector, that vector.",
                               .where = kFunction};
  static Tensor fwd(const Tensors& list) {
    for (const Tensor& x : list) if (x.dim() != 1) runtime_error("Expect a 1D vector, but got shape ", x.sizes());
    if (list.size() == 1) return list[0];
    Tensors columns;
    for (const Tensor& x : meshgrid(list)) columns.push_back(flatten(x, 0, -1));
    return stack(columns, 1);
  }
};

// The first `left` entries of a choice from n elements are made: the rest run through what may follow. Rows are appended to `out`.
void choose(int64_t n, int64_t left, int64_t from, bool again, Dims& row, std::vector<int64_t>& out) {
  if (left == 0) {
    out.insert(out.end(), row.begin(), row.end());
    return;
  }
  for (int64_t i = from; i < n; ++i) {
    row.push_back(i);
    choose(n, left - 1, again ? i : i + 1, again, row, out);
    row.resize(row.size() - 1);
  }
}

struct Combinations : Composite {
  static constexpr OpInfo info{.sig = "combinations(Tensor input, int r=2, bool with_replacement=False) -> Tensor",
                               .doc = "All choices of r elements of a vector, one choice a row, in the order of itertools.combinations; with_replacement an "
                                      "element may be chosen again.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t r, bool with_replacement) {
    if (x.dim() != 1) runtime_error("Expect a 1D vector, but got shape ", x.sizes());
    if (r < 0) runtime_error("Expect a non-negative number, but got ", r);
    if (r == 0) return empty(Dims{0}, x.dtype());
    std::vector<int64_t> rows;
    Dims row;
    choose(x.numel(), r, 0, with_replacement, row, rows);
    const int64_t count = static_cast<int64_t>(rows.size()) / r;
    const Tensor index = empty(Dims{count, r}, Dtype::Int64);
    std::copy(rows.begin(), rows.end(), index.data<int64_t>());
    Tensors columns;
    for (int64_t i = 0; i < r; ++i) columns.push_back(index_select(x, 0, alias(index, Dims{count}, Dims{r}, i)));
    return stack(columns, 1);
  }
};

struct Dist {
  static constexpr OpInfo info{.sig = "dist(Tensor input, Tensor other, Scalar p=2) -> Tensor", .doc = "The p-norm of input - other, 0-d.", .saves = {X0 | X1, X0 | X1}};
  static Tensor fwd(const Tensor& x, const Tensor& y, const Scalar& p) {
    const Dtype type = promote(x.dtype(), y.dtype());
    if (!differentiable(type)) {
      runtime_error("norm(): input dtype should be either floating point or complex. Got ", st::info(type).scalar_type, " instead.");
    }
    return vector_norm(x - y, p.to_double(), std::nullopt, false);
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& y, const Scalar& p) {
    const Tensor apart = x - y;
    const Tensor g = d.g() * slope(apart, p.to_double());
    if (d.needs(0)) d.set(0, g);
    if (d.needs(1)) d.set(1, -g);
  }

 private:
  // The derivative of the p-norm of v by each element.
  static Tensor slope(const Tensor& v, double p) {
    if (p == 0) return zeros_like(v);
    const Tensor size = abs(v), n = vector_norm(v, p, std::nullopt, false);
    if (p == 1) return sgn(v);
    if (__builtin_isinf(p)) {
      Tensor chosen;
      {
        GradMode off(false);
        chosen = to_dtype(size == n, size.dtype());
        chosen = chosen / sum(chosen, std::nullopt, false);
      }
      return sgn(v) * chosen;
    }
    const Tensor none = n == 0.0;
    if (p == 2) return where(none, 0.0, v / n);
    const Tensor base = p < 1 ? masked_fill(size, size == 0.0, Scalar(1)) : size;
    return where(none, 0.0, sgn(v) * pow(base, p - 1) / pow(n, p - 1));
  }
};

struct Renorm {
  static constexpr OpInfo info{.sig = "renorm(Tensor input, Scalar p, int dim, Scalar maxnorm) -> Tensor",
                               .doc = "input with every slice along dim whose p-norm is above maxnorm scaled down to it.",
                               .saves = {X0}, .where = kFunction | kMethod | kInplace};
  static Tensor fwd(const Tensor& x, const Scalar& p, int64_t dim, const Scalar& maxnorm) { return x * scale(x, p, dim, maxnorm); }
  static void vjp(Grads& d, const Tensor& x, const Scalar& p, int64_t dim, const Scalar& maxnorm) {
    // With n the norm of a slice that is too long, y = m x / n, so that g_x = m / n (g - sum(g x) / n dn/dx).
    Dims others;
    for (int i = 0; i < x.dim(); ++i) if (i != wrap_dim(dim, x.dim())) others.push_back(i);
    const double most = maxnorm.to_double(), ord = p.to_double();
    const Tensor n = vector_norm(x, ord, others, true), total = sum(d.g() * x, others, true);
    const Tensor slope = ord == 2 ? x / n : ord == 1 ? sign(x) : __builtin_isinf(ord) ? largest_of(x, n, others) : sign(x) * pow(abs(x) / n, ord - 1);
    const Tensor shrunk = (d.g() - slope * total / (n + kTiny)) * (most / (n + kTiny));
    d.set(0, where(n > most, shrunk, d.g()));
  }

 private:
  static constexpr double kTiny = 1e-7;  // keeps the quotient finite
  // The signs of the elements of size n, shared evenly along `dims`.
  static Tensor largest_of(const Tensor& x, const Tensor& n, const Dims& dims) {
    GradMode off(false);
    const Tensor chosen = to_dtype(abs(x) == n, x.dtype());
    return sign(x) * chosen / sum(chosen, dims, true);
  }
  static Tensor scale(const Tensor& x, const Scalar& p, int64_t dim, const Scalar& maxnorm) {
    if (p.to_double() <= 0) runtime_error("renorm: non-positive-norm not supported");
    if (maxnorm.to_double() < 0) runtime_error("renorm: expected maxnorm to be >= 0 but got ", maxnorm.to_double());
    if (x.dim() < 2) runtime_error("renorm: input needs at least 2 dimensions, got ", x.dim(), " dimensions");
    const int64_t kept = wrap_dim(dim, x.dim());
    Dims others;
    for (int i = 0; i < x.dim(); ++i) if (i != kept) others.push_back(i);
    const Tensor n = vector_norm(x, p.to_double(), others, true);
    return where(n > maxnorm.to_double(), maxnorm.to_double() / (n + kTiny), 1.0);
  }
};

const Register<Kron, LinalgCross, Cross, CartesianProd, Combinations, Dist, Renorm> registered;

}  // namespace
}  // namespace st
