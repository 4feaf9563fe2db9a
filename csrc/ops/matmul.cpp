// Products of two tensors: matmul of any ranks, and mm, mv, bmm and dot, one rank each.
#include "ops/call.h"
#include "ops/complex.h"
#include "ops/geometry.h"
#include "ops/product.h"

namespace st {
namespace {

void check_mm(const Tensor& a, const Tensor& b) {
  if (a.size(-1) != b.size(-2)) inner_sizes_differ(a.dim() == 1 ? 1 : a.numel() / std::max<int64_t>(a.size(-1), 1), a.size(-1), b.size(-2), b.size(-1));
  if (a.dtype() != b.dtype()) runtime_error("expected m1 and m2 to have the same dtype, but got: ", cpp_name(a.dtype()), " != ", cpp_name(b.dtype()));
  check_multiplies(a.dtype(), "addmm_impl_cpu_");
}
void check_bmm(DimSpan a, DimSpan b, Dtype da, Dtype db) {
  if (a[0] != b[0] || a[2] != b[1]) {
    runtime_error("Expected size for first two dimensions of batch2 tensor to be: [", a[0], ", ", a[2], "] but got: [", b[0], ", ", b[1], "].");
  }
  if (da != db) runtime_error("expected scalar type ", info(da).scalar_type, " but found ", info(db).scalar_type);
  check_multiplies(da, "bmm");
}

struct Mm {
  static constexpr OpInfo info{.sig = "mm(Tensor input, Tensor mat2) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Product of two matrices: (N, K) and (K, M) give (N, M).",
                               .saves = {X1, X0}};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    if (a.dim() != 2) runtime_error("self must be a matrix");
    if (b.dim() != 2) runtime_error("mat2 must be a matrix");
    check_mm(a, b);
    const int64_t sizes[] = {a->sizes[0], b->sizes[1]};
    return multiply(a, Form::Matrix, b, Form::Matrix, Form::Matrix, sizes);
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) { product_vjp(d, 0, a, Form::Matrix, b, Form::Matrix, Form::Matrix); }
};

struct Mv {
  static constexpr OpInfo info{.sig = "mv(Tensor input, Tensor vec) -> Tensor",
                               .doc = "Product of a matrix and a vector: (N, K) and (K) give (N).",
                               .saves = {X1, X0}};
  static Tensor fwd(const Tensor& a, const Tensor& x) {
    if (a.dim() != 2 || x.dim() != 1) runtime_error("vector + matrix @ vector expected, got 1, ", a.dim(), ", ", x.dim());
    if (a.size(1) != x.size(0)) runtime_error("size mismatch, got input (", a.size(0), "), mat (", a.size(0), "x", a.size(1), "), vec (", x.size(0), ")");
    if (a.dtype() != x.dtype()) {
      const char *t = st::info(x.dtype()).scalar_type, *m = st::info(a.dtype()).scalar_type;
      runtime_error("addmv input tensors must have the same dtype, but got ", t, ", ", m, ", and ", t);
    }
    check_multiplies(a.dtype(), "addmv_impl_cpu");
    const int64_t sizes[] = {a->sizes[0]};
    return multiply(a, Form::Matrix, x, Form::Column, Form::Column, sizes);
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& x) { product_vjp(d, 0, a, Form::Matrix, x, Form::Column, Form::Column); }
};

struct Bmm {
  static constexpr OpInfo info{.sig = "bmm(Tensor input, Tensor mat2) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Products of matrices, one after the other: (B, N, K) and (B, K, M) give (B, N, M).",
                               .saves = {X1, X0}};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    if (a.dim() != 3) runtime_error("batch1 must be a 3D tensor");
    if (b.dim() != 3) runtime_error("batch2 must be a 3D tensor");
    check_bmm(a.sizes(), b.sizes(), a.dtype(), b.dtype());
    const int64_t sizes[] = {a->sizes[0], a->sizes[1], b->sizes[2]};
    return multiply(a, Form::Matrix, b, Form::Matrix, Form::Matrix, sizes);
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) { product_vjp(d, 0, a, Form::Matrix, b, Form::Matrix, Form::Matrix); }
};

struct Dot {
  static constexpr OpInfo info{.sig = "dot(Tensor input, Tensor tensor) -> Tensor",
                               .doc = "Sum of the products of the elements of two vectors of one length.",
                               .saves = {X1, X0}};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    if (a.dim() != 1 || b.dim() != 1) runtime_error("1D tensors expected, but got ", a.dim(), "D and ", b.dim(), "D tensors");
    if (a.dtype() != b.dtype()) {
      runtime_error("dot : expected both vectors to have same dtype, but found ", st::info(a.dtype()).scalar_type, " and ", st::info(b.dtype()).scalar_type);
    }
    if (a.numel() != b.numel()) {
      runtime_error("inconsistent tensor size, expected tensor ", a.sizes(), " and src ", b.sizes(),
                    " to have the same number of elements, but got ", a.numel(), " and ", b.numel(), " elements respectively");
    }
    check_multiplies(a.dtype(), "dot");
    return multiply(a, Form::Row, b, Form::Column, Form::Column, {});
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) { product_vjp(d, 0, a, Form::Row, b, Form::Column, Form::Column); }
};

struct VDot : Dot {
  static constexpr OpInfo info{.sig = "vdot(Tensor input, Tensor other) -> Tensor",
                               .doc = "dot() with the conjugate of the first vector, which for real tensors is dot().",
                               .saves = {X1, X0},
                               .grad_name = "VdotBackward0"};
  static Tensor fwd(const Tensor& a, const Tensor& b) { return Dot::fwd(conj(a), b); }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) {
    if (d.needs(0)) d.set(0, conj(d.g()) * b);
    if (d.needs(1)) d.set(1, d.g() * a);
  }
};

// Ranks for which there is no op of its own.
struct VectorMatmul {
  static constexpr OpInfo info{.sig = "_vector_matmul(Tensor input, Tensor other) -> Tensor",
                               .doc = "matmul() of a vector and a matrix: (K) and (K, M) give (M).",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "SqueezeBackward4"};
  static Tensor fwd(const Tensor& a, const Tensor& b) {
    check_mm(a, b);
    const int64_t sizes[] = {b->sizes[1]};
    return multiply(a, Form::Row, b, Form::Matrix, Form::Row, sizes);
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) { product_vjp(d, 0, a, Form::Row, b, Form::Matrix, Form::Row); }
};

struct BatchMatmul {
  static constexpr OpInfo info{.sig = "_batch_matmul(Tensor input, Tensor other) -> Tensor",
                               .doc = "matmul() where a tensor has three dimensions or more: the leading ones are broadcast.",
                               .saves = {X1, X0},
                               .where = 0,
                               .grad_name = "UnsafeViewBackward0"};
  static Form left(const Tensor& a) { return a.dim() == 1 ? Form::Row : Form::Matrix; }
  static Form right(const Tensor& b) { return b.dim() == 1 ? Form::Column : Form::Matrix; }
  static Form result(const Tensor& a, const Tensor& b) { return a.dim() == 1 ? Form::Row : b.dim() == 1 ? Form::Column : Form::Matrix; }

  static Tensor fwd(const Tensor& a, const Tensor& b) {
    const int64_t k = a.size(-1), m = a.dim() == 1 ? 1 : a.size(-2), rows = b.dim() == 1 ? b.size(0) : b.size(-2);
    const auto batch_of = [](const Tensor& t) { return t.sizes().first(static_cast<size_t>(t.dim() > 2 ? t.dim() - 2 : 0)); };
    Dims sizes = broadcast(batch_of(a), batch_of(b));
    if (k != rows) {
      const int64_t count = count_elements(sizes);
      if (b.dim() == 1) runtime_error("size mismatch, got input (", count * m, "), mat (", count * m, "x", k, "), vec (", rows, ")");
      if (b.dim() == 2) inner_sizes_differ(count * m, k, rows, b.size(-1));
      runtime_error("Expected size for first two dimensions of batch2 tensor to be: [", count, ", ", k, "] but got: [", count, ", ", rows, "].");
    }
    if (a.dtype() != b.dtype()) {
      if (b.dim() < 3) runtime_error("expected m1 and m2 to have the same dtype, but got: ", cpp_name(a.dtype()), " != ", cpp_name(b.dtype()));
      runtime_error("expected scalar type ", st::info(a.dtype()).scalar_type, " but found ", st::info(b.dtype()).scalar_type);
    }
    check_multiplies(a.dtype(), b.dim() < 3 ? "addmm_impl_cpu_" : "bmm");
    if (a.dim() > 1) sizes.push_back(m);
    if (b.dim() > 1) sizes.push_back(b.size(-1));
    return multiply(a, left(a), b, right(b), result(a, b), sizes);
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b) { product_vjp(d, 0, a, left(a), b, right(b), result(a, b)); }
};

struct Matmul : Composite {
  static constexpr OpInfo info{.sig = "matmul(Tensor input, Tensor other) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "Product of vectors, matrices or batches of matrices: (..., N, K) and (..., K, M) give (..., N, M), where the "
                                      "leading sizes are broadcast; a vector counts as a row on the left and as a column on the right."};
  static Tensor fwd(const Tensor& a, const Tensor& b) { return matmul(a, b); }
};
struct LinalgMatmul : Matmul {
  static constexpr OpInfo info{.sig = "linalg_matmul(Tensor input, Tensor other) -> Tensor", .autocast = Autocast::Lower, .doc = "Alias of matmul().", .where = kLinalg};
};
const Register<Mm, Mv, Bmm, Dot, VDot, VectorMatmul, BatchMatmul, Matmul, LinalgMatmul> registered;

}  // namespace

Tensor mm(const Tensor& a, const Tensor& b) { return call_op<Mm>(a, b); }
Tensor bmm(const Tensor& a, const Tensor& b) { return call_op<Bmm>(a, b); }
Tensor dot(const Tensor& a, const Tensor& b) { return call_op<Dot>(a, b); }

Tensor matmul(const Tensor& a, const Tensor& b) {
  const int left = a.dim(), right = b.dim();
  if (left == 2 && right == 2) [[likely]] return call_op<Mm>(a, b);
  if (left == 0 || right == 0) runtime_error("both arguments to matmul need to be at least 1D, but they are ", left, "D and ", right, "D");
  if (left == 1 && right == 1) return call_op<Dot>(a, b);
  if (left == 2 && right == 1) return call_op<Mv>(a, b);
  if (left == 1 && right == 2) return call_op<VectorMatmul>(a, b);
  return call_op<BatchMatmul>(a, b);
}

}  // namespace st
