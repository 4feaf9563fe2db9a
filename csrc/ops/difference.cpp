// Differences of neighbours along a dimension, and integrals by the trapezoid rule.
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

Tensor without_first(const Tensor& x, int64_t dim) { return slice(x, dim, 1, kEnd, 1); }
Tensor without_last(const Tensor& x, int64_t dim) { return slice(x, dim, 0, -1, 1); }

// What diff() puts before or behind x fits it in all other dimensions.
void check_joined(const Tensor& x, const Tensor& part, int64_t dim) {
  if (!part.defined()) return;
  if (part.dim() != x.dim()) runtime_error("diff expects prepend or append to be the same dimension as input");
  for (int i = 0; i < x.dim(); ++i) {
    if (i != dim && part.size(i) != x.size(i)) {
      runtime_error("diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(", i,
                    ") = ", x.size(i), ", but got tensor.size(", i, ") = ", part.size(i));
    }
  }
}

struct Diff : Composite {
  static constexpr OpInfo info{.sig = "diff(Tensor input, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None) -> Tensor",
                               .doc = "Each element along dim minus the one before, n times over; prepend and append are joined to input first. Of bools, "
                                      "whether the two differ.", .out = kOutCasts};
  static Tensor fwd(const Tensor& input, int64_t n, int64_t given, const Tensor& prepend, const Tensor& append) {
    if (input.dim() == 0) runtime_error("diff expects input to be at least one-dimensional");
    if (n < 0) runtime_error("order must be non-negative but got ", n);
    const int64_t dim = wrap_dim(given, input.dim());
    if (n == 0) return clone(input);
    check_joined(input, prepend, dim);
    check_joined(input, append, dim);
    Tensor x = input;
    if (prepend.defined() || append.defined()) {
      Tensors parts{input};
      if (prepend.defined()) parts.insert(parts.begin(), prepend);
      if (append.defined()) parts.push_back(append);
      x = cat(parts, dim);
    }
    const bool truth = x.dtype() == Dtype::Bool;
    for (n = std::min(n, x.size(dim)); n > 0; --n) {
      const Tensor high = without_first(x, dim), low = without_last(x, dim);
      x = truth ? tensor_call<LogicalXor>(high, low) : high - low;
    }
    return x;
  }
};

void no_bool(const Tensor& y, const char* op) {
  if (y.dtype() == Dtype::Bool) runtime_error(op, ": received a bool input for `y`, but bool is not supported");
}

// The distances of the sample points x, ready to be broadcast along dim of y.
Tensor steps(const Tensor& y, const Tensor& x, int64_t dim, const char* op) {
  if (y.dtype() == Dtype::Bool || x.dtype() == Dtype::Bool) {
    runtime_error(op, ": received a bool input for `x` or `y`, but bool is not supported");
  }
  Dims sizes = x.sizes();
  if (x.dim() == 1) {
    if (x.size(0) != y.size(dim)) runtime_error(op, ": There must be one `x` value for each sample point");
    sizes = Dims::filled(y.dim(), 1);
    sizes[dim] = x.size(0);
  }
  while (sizes.size() < y.dim()) sizes.insert(0, 1);
  const Tensor points = view(x, sizes);
  return without_first(points, dim) - without_last(points, dim);
}

int64_t wrap_samples(const Tensor& y, int64_t dim) {
  if (y.dim() == 0) index_error("Dimension specified as ", dim, " but tensor has no dimensions");
  return wrap_dim(dim, y.dim());
}

// Over no samples the integral is 0.
Tensor nothing(const Tensor& y, int64_t dim) {
  Dims sizes = y.sizes();
  sizes.erase(static_cast<int>(dim));
  return zeros(sizes, y.dtype());
}

struct Trapezoid : Composite {
  static constexpr OpInfo info{.sig = "trapezoid(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
                               .doc = "The integral along dim of what is known at points dx apart, by the trapezoid rule.", .where = kFunction};
  static Tensor fwd(const Tensor& y, const Scalar& dx, int64_t given) {
    const int64_t dim = wrap_samples(y, given);
    if (y.size(dim) == 0) return nothing(y, dim);
    no_bool(y, "trapezoid");
    const Tensor ends = select(y, dim, 0) + select(y, dim, -1);
    return (sum(y, Dims{dim}, false) - ends * 0.5) * dx;
  }
};
struct TrapezoidAt : Composite {
  static constexpr OpInfo info{.sig = "trapezoid(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
                               .doc = "The integral along dim of what is known at the points x, one for each sample, by the trapezoid rule.", .where = kFunction};
  static Tensor fwd(const Tensor& y, const Tensor& x, int64_t given) {
    const int64_t dim = wrap_samples(y, given);
    if (y.size(dim) == 0) return nothing(y, dim);
    const Tensor between = steps(y, x, dim, "trapezoid");
    return sum((without_last(y, dim) + without_first(y, dim)) * between, Dims{dim}, false) / 2.0;
  }
};
struct TrapzAt : TrapezoidAt {
  static constexpr OpInfo info = renamed(TrapezoidAt::info, "trapz(Tensor y, Tensor x, *, int dim=-1) -> Tensor");
};
struct Trapz : Composite {
  static constexpr OpInfo info{.sig = "trapz(Tensor y, *, float dx=1, int dim=-1) -> Tensor", .doc = "Alias of trapezoid().", .where = kFunction};
  static Tensor fwd(const Tensor& y, double dx, int64_t dim) { return Trapezoid::fwd(y, Scalar(dx), dim); }
};

int64_t wrap_cumulated(const Tensor& y, int64_t dim) {
  if (y.dim() == 0) index_error("slice() cannot be applied to a 0-dim tensor.");
  return wrap_dim(dim, y.dim());
}

struct CumulativeTrapezoid : Composite {
  static constexpr OpInfo info{.sig = "cumulative_trapezoid(Tensor y, *, Scalar dx=1, int dim=-1) -> Tensor",
                               .doc = "trapezoid() up to each sample but the first.", .where = kFunction};
  static Tensor fwd(const Tensor& y, const Scalar& dx, int64_t given) {
    no_bool(y, "cumulative_trapezoid");
    if (dx.kind == Scalar::Bool || dx.kind == Scalar::Complex) runtime_error("cumulative_trapezoid: Currently, we only support dx as a real number.");
    const int64_t dim = wrap_cumulated(y, given);
    return cumsum((without_last(y, dim) + without_first(y, dim)) * (dx.to_double() / 2), dim);
  }
};
struct CumulativeTrapezoidAt : Composite {
  static constexpr OpInfo info{.sig = "cumulative_trapezoid(Tensor y, Tensor x, *, int dim=-1) -> Tensor",
                               .doc = "trapezoid() at the points x, up to each sample but the first.", .where = kFunction};
  static Tensor fwd(const Tensor& y, const Tensor& x, int64_t given) {
    const int64_t dim = wrap_cumulated(y, given);
    const Tensor between = steps(y, x, dim, "cumulative_trapezoid");
    return cumsum((without_last(y, dim) + without_first(y, dim)) * between, dim) / 2.0;
  }
};

const Register<Diff, TrapezoidAt, Trapezoid, TrapzAt, Trapz, CumulativeTrapezoidAt, CumulativeTrapezoid> registered;

}  // namespace
}  // namespace st
