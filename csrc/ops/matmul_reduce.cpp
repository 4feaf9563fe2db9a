// Products along chosen dimensions, made of other ops: outer, inner, tensordot, chains of matrices, and the trace of one.
#include <algorithm>

#include "ops/call.h"
#include "ops/geometry.h"
#include "ops/product.h"

namespace st {
namespace {

struct Outer : Composite {
  static constexpr OpInfo info{.sig = "outer(Tensor input, Tensor vec2) -> Tensor", .doc = "Products of each element of input (N) with each of vec2 (M): (N, M).", .out = kOutCasts};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    if (a.dim() != 1) runtime_error("outer: Expected 1-D argument self, but got ", a.dim(), "-D");
    if (b.dim() != 1) runtime_error("outer: Expected 1-D argument vec2, but got ", b.dim(), "-D");
    return reshape(a, {a.size(0), 1}) * b;
  }
};
struct Ger : Outer {
  static constexpr OpInfo info{.sig = "ger(Tensor input, Tensor vec2) -> Tensor", .doc = "Alias of outer().", .out = kOutCasts};
};

Tensor contract(Tensor a, Tensor b, const Dims& dims_a, const Dims& dims_b) {
  if (dims_a.size() != dims_b.size()) runtime_error("both dimension lists should have same length");
  if (a.dtype() != b.dtype()) runtime_error("both inputs should have same dtype");
  const Dims left = wrap_dims(dims_a, a.dim()), right = wrap_dims(dims_b, b.dim());
  for (int i = 0; i < left.size(); ++i) {
    const int64_t p = left[i], q = right[i];
    // A size of 1 is broadcast, so the other side's elements are summed.
    if (b.size(q) == 1 && a.size(p) != 1) {
      a = sum(a, Dims{p}, true);
    } else if (a.size(p) == 1 && b.size(q) != 1) {
      b = sum(b, Dims{q}, true);
    } else if (a.size(p) != b.size(q)) {
      runtime_error("contracted dimensions need to match, but first has size ", a.size(p), " in dim ", dims_a[i], " and second has size ", b.size(q),
                    " in dim ", dims_b[i]);
    }
  }
  Dims order_a, order_b = right, sizes, inner;
  for (int64_t d = 0; d < a.dim(); ++d) {
    if (left.contains(d)) continue;
    order_a.push_back(d);
    sizes.push_back(a.size(d));
  }
  const int64_t m = count_elements(sizes);
  for (int64_t d : left) {
    order_a.push_back(d);
    inner.push_back(a.size(d));
  }
  const int64_t k = count_elements(inner);
  int64_t n = 1;
  for (int64_t d = 0; d < b.dim(); ++d) {
    if (right.contains(d)) continue;
    order_b.push_back(d);
    sizes.push_back(b.size(d));
    n *= b.size(d);
  }
  return reshape(mm(reshape(permute(a, order_a), {m, k}), reshape(permute(b, order_b), {k, n})), sizes);
}

struct TensorDot : Composite {
  static constexpr OpInfo info{.sig = "_tensordot(Tensor input, Tensor other, int[] dims_self, int[] dims_other) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Sum of products over the dimensions dims_self of input, each with its partner in dims_other; the others of "
                                      "input, then of other, make the result.",
                               .where = 0};
  static Tensor fwd(const Tensor& a, const Tensor& b, const Dims& dims_a, const Dims& dims_b) { return contract(a, b, dims_a, dims_b); }
};

struct Inner : Composite {
  static constexpr OpInfo info{.sig = "inner(Tensor input, Tensor other) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Sum of products over the last dimensions, (..., K) and (***, K) to (..., ***); a 0-d tensor multiplies all."};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    if (a.dim() == 0 || b.dim() == 0) return a * b;
    if (a.size(-1) != b.size(-1)) {
      runtime_error("inner() the last dimension must match on both input tensors but got shapes ", a.sizes(), " and ", b.sizes());
    }
    return contract(a, b, {-1}, {-1});
  }
};

// The cheapest way to put brackets into a chain of matrices (Cormen et al., Introduction to Algorithms, section 15.2).
class Chain {
 public:
  explicit Chain(const Tensors& list) : list_(list), n_(list.size()), cost_(n_ * n_, 0), cut_(n_ * n_, 0) {
    for (size_t length = 1; length < n_; ++length) {
      for (size_t i = 0; i + length < n_; ++i) {
        const size_t j = i + length;
        double& best = cost_[i * n_ + j];
        best = std::numeric_limits<double>::infinity();
        for (size_t s = i; s < j; ++s) {
          const double cost = cost_[i * n_ + s] + cost_[(s + 1) * n_ + j] + rows(i) * columns(s) * columns(j);
          if (cost < best) {
            best = cost;
            cut_[i * n_ + j] = s;
          }
        }
      }
    }
  }
  Tensor multiply(size_t i, size_t j) const {
    if (i == j) return list_[i];
    const size_t s = cut_[i * n_ + j];
    return mm(multiply(i, s), multiply(s + 1, j));
  }

 private:
  double rows(size_t i) const { return static_cast<double>(list_[i].size(0)); }
  double columns(size_t i) const { return static_cast<double>(list_[i].size(1)); }
  const Tensors& list_;
  size_t n_;
  std::vector<double> cost_;
  std::vector<size_t> cut_;
};

struct MultiDot : Composite {
  static constexpr OpInfo info{.sig = "linalg_multi_dot(Tensor[] tensors) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Product of two or more matrices, multiplied in the order that is cheapest; the first and the last may be vectors.",
                               .where = kLinalg};
  static Tensor fwd(const Tensors& tensors) {
    const size_t n = tensors.size();
    if (n < 2) runtime_error("multi_dot(): expected at least 2 tensors but got ", n);
    for (size_t i = 0; i < n; ++i) {
      if ((i == 0 || i + 1 == n) && tensors[i].dim() != 1 && tensors[i].dim() != 2) {
        runtime_error("multi_dot(): the ", i ? "last" : "first", " tensor must be 1D or 2D but got ", tensors[i].dim(), "D");
      }
      if (i > 0 && i + 1 < n && tensors[i].dim() != 2) runtime_error("multi_dot(): tensor ", i, " must be 2D but got ", tensors[i].dim(), "D");
      if (tensors[i].dtype() != tensors[0].dtype()) {
        runtime_error("multi_dot(): all tensors must have be the same dtype but tensor 0 is ", cpp_name(tensors[0].dtype()), " and tensor ", i, " ",
                      cpp_name(tensors[i].dtype()));
      }
    }
    Tensors list = tensors;
    Dims sizes;
    if (list[0].dim() == 1) list[0] = unsqueeze(list[0], 0);
    else sizes.push_back(list[0].size(0));
    if (list[n - 1].dim() == 1) list[n - 1] = unsqueeze(list[n - 1], -1);
    else sizes.push_back(list[n - 1].size(1));
    for (size_t i = 0; i + 1 < n; ++i) {
      if (list[i].size(1) != list[i + 1].size(0)) {
        runtime_error("multi_dot(): tensors ", i, " and ", i + 1, " with shapes ", tensors[i].sizes(), " and ", tensors[i + 1].sizes(), " cannot be multiplied");
      }
    }
    return view(Chain(list).multiply(0, n - 1), sizes);
  }
};

struct ChainMatmul : Composite {
  static constexpr OpInfo info{.sig = "chain_matmul(Tensor[]... matrices) -> Tensor", .autocast = Autocast::Lower, .doc = "Product of matrices, multiplied in the order that is cheapest.",
                               .where = kFunction};
  static Tensor fwd(const Tensors& matrices) {
    static WarnOnce warn_once;
    warn_once("torch.chain_matmul is deprecated and will be removed in a future PyTorch release. Use torch.linalg.multi_dot instead, which accepts a "
              "list of two or more tensors rather than multiple parameters.");
    if (matrices.empty()) runtime_error("chain_matmul(): Expected one or more matrices");
    for (const Tensor& t : matrices) {
      if (t.dim() != 2) runtime_error("Tensor dimension is ", t.dim(), ", expected 2 instead.");
    }
    return matrices.size() == 1 ? matrices[0] : MultiDot::fwd(matrices);
  }
};

struct Trace {
  static constexpr OpInfo info{.sig = "trace(Tensor input) -> Tensor", .autocast = Autocast::Float32, .doc = "Sum of the diagonal of a matrix, 0-d; of integers as int64."};
  static Tensor fwd(const Tensor& x) {
    if (x.dim() != 2) runtime_error("trace: expected a matrix, but got tensor with dim ", x.dim());
    check_multiplies(x.dtype(), "trace");
    const int64_t n = std::min(x.size(0), x.size(1)), step = x.stride(0) + x.stride(1);
    const Tensor y = empty({}, differentiable(x.dtype()) ? x.dtype() : Dtype::Int64);
    visit(x.dtype(), [&]<class T>() {
      using Sum = std::conditional_t<std::is_integral_v<T>, int64_t, std::conditional_t<std::is_convertible_v<T, double>, double, std::complex<double>>>;
      Sum sum = 0;
      for (int64_t i = 0; i < n; ++i) {
        if constexpr (std::is_integral_v<T>) sum = static_cast<int64_t>(static_cast<uint64_t>(sum) + static_cast<uint64_t>(x.data<T>()[i * step]));
        else sum += static_cast<Sum>(x.data<T>()[i * step]);
      }
      fill_elements(y, Scalar(sum));
    });
    return y;
  }
  static void vjp(Grads& d, const Tensor& x) {
    const int64_t n = std::min(x.size(0), x.size(1)), columns = std::max<int64_t>(x.size(1), 1);
    d.set(0, put_region(expand(d.g(), {n}), x.sizes(), Dims{columns, 1}, Dims{n}, Dims{columns + 1}, 0));
  }
};

const Register<Outer, Ger, TensorDot, Inner, MultiDot, ChainMatmul, Trace> registered;

}  // namespace
}  // namespace st
