// Products added to a tensor: addmm, addmv, addbmm, baddbmm, addr. beta * input + alpha * product, where with beta 0 the input is not read.
#include "ops/call.h"
#include "ops/product.h"

namespace st {
namespace {

bool is_one(const Scalar& s) { return s.kind != Scalar::Complex && s.to_double() == 1; }
const char* type_name(const Tensor& t) { return info(t.dtype()).scalar_type; }

// The input has to expand to the result's sizes; expand() says what does not fit.
void check_addend(const Tensor& x, DimSpan sizes) {
  if (!equal(x.sizes(), sizes)) expand(x, sizes);
}
// What addmm asks of the types.
void check_types(const Tensor& x, const Tensor& a, const Tensor& b) {
  if (x.dtype() != b.dtype()) runtime_error("self and mat2 must have the same dtype, but got ", type_name(x), " and ", type_name(b));
  if (a.dtype() != b.dtype()) runtime_error("mat1 and mat2 must have the same dtype, but got ", type_name(a), " and ", type_name(b));
  check_multiplies(a.dtype(), "addmm_impl_cpu_");
}
void addend_vjp(Grads& d, const Scalar& beta) {
  if (d.needs(0)) d.set(0, is_one(beta) ? d.g() : d.g() * beta);
}

// The gradients that the ops of matrices share.
struct MatrixSum {
  static void vjp(Grads& d, const Tensor&, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    addend_vjp(d, beta);
    product_vjp(d, 1, a, Form::Matrix, b, Form::Matrix, Form::Matrix, alpha);
  }
};

struct Addmm : MatrixSum {
  static constexpr OpInfo info{.sig = "addmm(Tensor input, Tensor mat1, Tensor mat2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "beta * input + alpha * mat1 @ mat2; input is broadcast to the product's sizes (N, M).",
                               .saves = {0, X2, X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .older = {"addmm(Scalar beta, Tensor input, Scalar alpha, Tensor mat1, Tensor mat2) -> Tensor",
                                         "addmm(Scalar beta, Tensor input, Tensor mat1, Tensor mat2) -> Tensor"}};
  static Tensor fwd(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    if (a.dim() != 2) runtime_error("mat1 must be a matrix, got ", a.dim(), "-D tensor");
    if (b.dim() != 2) runtime_error("mat2 must be a matrix, got ", b.dim(), "-D tensor");
    if (a.size(1) != b.size(0)) inner_sizes_differ(a.size(0), a.size(1), b.size(0), b.size(1));
    check_types(x, a, b);
    const int64_t sizes[] = {a.size(0), b.size(1)};
    check_addend(x, sizes);
    return multiply_add(x, beta, alpha, a, Form::Matrix, b, Form::Matrix, Form::Matrix, sizes);
  }
};

struct Addmv {
  static constexpr OpInfo info{.sig = "addmv(Tensor input, Tensor mat, Tensor vec, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                               .doc = "beta * input + alpha * mat @ vec, with mat (N, K), vec (K) and input that expands to (N).",
                               .saves = {0, X2, X1},
                               .where = kFunction | kMethod | kInplace,
                               .older = {"addmv(Scalar beta, Tensor input, Scalar alpha, Tensor mat, Tensor vec) -> Tensor",
                                         "addmv(Scalar beta, Tensor input, Tensor mat, Tensor vec) -> Tensor"}};
  static Tensor fwd(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    if (a.dim() != 2 || b.dim() != 1 || x.dim() > 1) {
      runtime_error("vector + matrix @ vector expected, got ", x.dim(), ", ", a.dim(), ", ", b.dim());
    }
    if (a.size(1) != b.size(0) || (x.numel() != a.size(0) && x.numel() != 1)) {
      runtime_error("size mismatch, got input (", x.dim() ? x.size(0) : 1, "), mat (", a.size(0), "x", a.size(1), "), vec (", b.size(0), ")");
    }
    if (x.dtype() != a.dtype() || a.dtype() != b.dtype()) {
      runtime_error("addmv input tensors must have the same dtype, but got ", type_name(x), ", ", type_name(a), ", and ", type_name(b));
    }
    check_multiplies(a.dtype(), "addmv_impl_cpu");
    const int64_t sizes[] = {a.size(0)};
    return multiply_add(x, beta, alpha, a, Form::Matrix, b, Form::Column, Form::Column, sizes);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    addend_vjp(d, beta);
    product_vjp(d, 1, a, Form::Matrix, b, Form::Column, Form::Column, alpha);
  }
};

void check_batches(const Tensor& a, const Tensor& b) {
  if (a.dim() != 3) runtime_error("batch1 must be a 3D tensor");
  if (b.dim() != 3) runtime_error("batch2 must be a 3D tensor");
}

struct Addbmm : MatrixSum {
  static constexpr OpInfo info{.sig = "addbmm(Tensor input, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "beta * input + alpha * the sum of the products of the matrices in batch1 (B, N, K) and batch2 (B, K, M).",
                               .saves = {0, X2, X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .older = {"addbmm(Scalar beta, Tensor input, Scalar alpha, Tensor batch1, Tensor batch2) -> Tensor",
                                         "addbmm(Scalar beta, Tensor input, Tensor batch1, Tensor batch2) -> Tensor"}};
  static Tensor fwd(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    check_batches(a, b);
    if (a.size(0) != b.size(0)) runtime_error("batch1 and batch2 must have same number of batches, got ", a.size(0), " and ", b.size(0));
    if (a.size(2) != b.size(1)) {
      runtime_error("Incompatible matrix sizes for bmm (", a.size(1), "x", a.size(2), " and ", b.size(1), "x", b.size(2), ")");
    }
    check_types(x, a, b);
    const int64_t sizes[] = {a.size(1), b.size(2)};
    check_addend(x, sizes);
    return multiply_add(x, beta, alpha, a, Form::Matrix, b, Form::Matrix, Form::Matrix, sizes);
  }
  // addbmm_ alone takes on the result's sizes, as in PyTorch.
  static void inplace(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    const Tensor y = fwd(x, a, b, beta, alpha);
    if (same_shape(x, y)) copy_elements(x, y);
    else adopt_contents(x, y);
  }
};

struct Baddbmm : MatrixSum {
  static constexpr OpInfo info{.sig = "baddbmm(Tensor input, Tensor batch1, Tensor batch2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                               .autocast = Autocast::Lower, .doc = "beta * input + alpha * bmm(batch1, batch2); input is broadcast to the product's sizes (B, N, M).",
                               .saves = {0, X2, X1},
                               .where = kFunction | kMethod | kMethodInplace,
                               .older = {"baddbmm(Scalar beta, Tensor input, Scalar alpha, Tensor batch1, Tensor batch2) -> Tensor",
                                         "baddbmm(Scalar beta, Tensor input, Tensor batch1, Tensor batch2) -> Tensor"}};
  static Tensor fwd(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    check_batches(a, b);
    if (a.size(0) != b.size(0) || a.size(2) != b.size(1)) {
      runtime_error("Expected size for first two dimensions of batch2 tensor to be: [", a.size(0), ", ", a.size(2), "] but got: [", b.size(0), ", ",
                    b.size(1), "].");
    }
    if (x.dtype() != a.dtype() || a.dtype() != b.dtype()) {
      runtime_error("Input dtypes must be the same, got: input ", cpp_name(x.dtype()), ", batch1: ", cpp_name(a.dtype()), ", batch2: ", cpp_name(b.dtype()));
    }
    check_multiplies(a.dtype(), "baddbmm");
    const int64_t sizes[] = {a.size(0), a.size(1), b.size(2)};
    check_addend(x, sizes);
    return multiply_add(x, beta, alpha, a, Form::Matrix, b, Form::Matrix, Form::Matrix, sizes);
  }
};

struct Addr {
  static constexpr OpInfo info{.sig = "addr(Tensor input, Tensor vec1, Tensor vec2, *, Scalar beta=1, Scalar alpha=1) -> Tensor",
                               .doc = "beta * input + alpha * outer(vec1, vec2), for vectors (N) and (M) and input that expands to (N, M).",
                               .saves = {0, X2, X1},
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutCasts,
                               .older = {"addr(Scalar beta, Tensor input, Scalar alpha, Tensor vec1, Tensor vec2) -> Tensor",
                                         "addr(Scalar beta, Tensor input, Tensor vec1, Tensor vec2) -> Tensor"}};
  static Tensor fwd(const Tensor& x, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    if (a.dim() != 1) runtime_error("addr: Expected 1-D argument vec1, but got ", a.dim(), "-D");
    if (b.dim() != 1) runtime_error("addr: Expected 1-D argument vec2, but got ", b.dim(), "-D");
    const Dtype type = promote(x.dtype(), promote(a.dtype(), b.dtype()));
    for (const auto& [name, s] : {std::pair("beta", beta), std::pair("alpha", alpha)}) {
      if (!is_floating(type) && s.kind == Scalar::Float) runtime_error("For integral input tensors, argument ", name, " must not be a floating point number.");
      if (type != Dtype::Bool && s.kind == Scalar::Bool) runtime_error("Boolean ", name, " only supported for Boolean results.");
    }
    const int64_t sizes[] = {a.size(0), b.size(0)};
    check_addend(x, sizes);
    // Booleans are or-ed and and-ed, which bytes do as well.
    const Dtype computed = type == Dtype::Bool ? Dtype::UInt8 : type;
    const auto factor = [&](const Scalar& s) { return type == Dtype::Bool ? Scalar(int{s.to_bool()}) : s; };
    const Tensor y = multiply_add(cast_copy(x, computed), factor(beta), factor(alpha), cast_copy(a, computed), Form::Column, cast_copy(b, computed), Form::Row,
                                  Form::Matrix, sizes);
    return cast_copy(y, type);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& a, const Tensor& b, const Scalar& beta, const Scalar& alpha) {
    addend_vjp(d, beta);
    const Dtype type = d.g().dtype();
    product_vjp(d, 1, d.needs(2) ? to_dtype(a, type) : a, Form::Column, d.needs(1) ? to_dtype(b, type) : b, Form::Row, Form::Matrix, alpha);
  }
};

const Register<Addmm, Addmv, Addbmm, Baddbmm, Addr> registered;

}  // namespace
}  // namespace st
