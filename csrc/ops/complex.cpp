// Complex tensors as pairs of real ones: taking them apart and putting them together, with derivatives.
//
// Note [Gradients of complex tensors]
// The gradient of a real loss L is dL/d(re) + i dL/d(im), as PyTorch's is: its real and imaginary parts are the gradients of the parts. So
// ops that move parts move gradients alike, ops that have a complex derivative f' multiply by conj(f') (elementwise_backward.cpp,
// product_vjp), and what reaches a real tensor is the real part (fit in engine/accumulate.cpp).
#include "ops/complex.h"

#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "ops/call.h"
#include "ops/elementwise/number.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

struct ViewAsReal : ViewOp {
  static constexpr OpInfo info{.sig = "_view_as_real(Tensor input) -> Tensor", .doc = "A complex input of size (...) as a view of size (..., 2).",
                               .where = kFunction, .grad_name = "ViewAsRealBackward0"};
  static Tensor fwd(const Tensor& x) {
    if (!is_complex(x.dtype())) runtime_error("view_as_real is only supported for complex tensors");
    Dims sizes = x.sizes(), strides = x.strides();
    for (int64_t& s : strides) s *= 2;
    sizes.push_back(2);
    strides.push_back(1);
    Tensor y = as_view(x, sizes, strides, 0);
    y->dtype = real_type(x.dtype());
    y->data = x->data;
    return y;
  }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, view_as_complex(contiguous(d.g())));
  }
};

struct ViewAsComplex : ViewOp {
  static constexpr OpInfo info{.sig = "_view_as_complex(Tensor input) -> Tensor", .doc = "An input of size (..., 2), real and imaginary parts, as a complex view of size (...).",
                               .where = kFunction, .grad_name = "ViewAsComplexBackward0"};
  static Tensor fwd(const Tensor& x) {
    if (x.dtype() != Dtype::Float32 && x.dtype() != Dtype::Float64) {
      runtime_error("view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ", st::info(x.dtype()).scalar_type);
    }
    if (x.dim() == 0) runtime_error("Input tensor must have one or more dimensions");
    if (x.size(-1) != 2) runtime_error("Tensor must have a last dimension of size 2");
    if (x.stride(-1) != 1) runtime_error("Tensor must have a last dimension with stride 1");
    Dims sizes, strides;
    for (int i = 0; i + 1 < x.dim(); ++i) {
      if (x->strides()[i] % 2) runtime_error("Tensor must have a stride divisible by 2 for all but last dimension");
      sizes.push_back(x->sizes[i]);
      strides.push_back(x->strides()[i] / 2);
    }
    if (x.offset() % 2) runtime_error("Tensor must have a storage_offset divisible by 2");
    Tensor y = as_view(x, sizes, strides, 0);
    y->dtype = complex_type(x.dtype());
    y->data = x->data;
    return y;
  }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, view_as_real(d.g()));
  }
};

struct ComplexOf {
  static constexpr OpInfo info{.sig = "_complex(Tensor real, Tensor imag) -> Tensor", .doc = "The complex numbers with these parts, float32 or float64, which broadcast.",
                               .where = kFunction, .grad_name = "ComplexBackward0"};
  static Tensor fwd(const Tensor& re, const Tensor& im) {
    const Dtype d = re.dtype();
    if ((d != Dtype::Float32 && d != Dtype::Float64) || (im.dtype() != Dtype::Float32 && im.dtype() != Dtype::Float64)) {
      runtime_error("Expected both inputs to be Half, Float or Double tensors but got ", st::info(d).scalar_type, " and ", st::info(im.dtype()).scalar_type);
    }
    if (im.dtype() != d) runtime_error("Expected object of scalar type ", st::info(d).scalar_type, " but got scalar type ", st::info(im.dtype()).scalar_type, " for second argument");
    return of_parts(re, im);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor&) {
    if (d.needs(0)) d.set(0, real_part(d.g()));
    if (d.needs(1)) d.set(1, imaginary_part(d.g()));
  }
};

struct Polar {
  static constexpr OpInfo info{.sig = "_polar(Tensor abs, Tensor angle) -> Tensor", .doc = "The complex numbers of these absolute values and angles.",
                               .saves = {X1, X0 | X1}, .where = kFunction, .grad_name = "PolarBackward0"};
  static Tensor fwd(const Tensor& r, const Tensor& angle) { return ComplexOf::fwd(r * cos(angle), r * sin(angle)); }
  static void vjp(Grads& d, const Tensor& r, const Tensor& angle) {
    const Tensor re = real_part(d.g()), im = imaginary_part(d.g()), c = cos(angle), s = sin(angle);
    if (d.needs(0)) d.set(0, re * c + im * s);
    if (d.needs(1)) d.set(1, r * (im * c - re * s));
  }
};

// Nothing is pending in a conjugate: it is computed at once.
struct ConjOfComplex {
  static constexpr OpInfo info{.sig = "_conj(Tensor input) -> Tensor", .doc = "The conjugates of complex numbers.", .where = 0, .grad_name = "ConjBackward0"};
  static Tensor fwd(const Tensor& given) {
    const Tensor x = contiguous_copy(given), y = empty(x.sizes(), x.dtype());
    // The sign of every other number of a part's size.
    parallel_for(x.numel(), 16384, [&](int64_t begin, int64_t end) {
      if (x.dtype() == Dtype::Complex64) {
        const auto* p = reinterpret_cast<const uint64_t*>(x->data);
        auto* q = reinterpret_cast<uint64_t*>(y->data);
        for (int64_t i = begin; i < end; ++i) q[i] = p[i] ^ uint64_t{1} << 63;
      } else {
        const auto* p = reinterpret_cast<const double*>(x->data);
        auto* q = reinterpret_cast<double*>(y->data);
        for (int64_t i = begin; i < end; ++i) {
          q[2 * i] = p[2 * i];
          q[2 * i + 1] = -p[2 * i + 1];
        }
      }
    });
    return y;
  }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, conj(d.g()));
  }
};
struct Conjugate : Composite {
  static Tensor fwd(const Tensor& x) { return conj(x); }
  static void inplace(const Tensor& x) {
    if (is_complex(x.dtype())) {
      if (grad_enabled() && x.requires_grad()) not_implemented("conj_physical_: derivatives of writing in place are not here; use conj()");
      copy_elements(x, conj(x));
    }
    x.bump();
  }
};
struct Conj : Conjugate {
  static constexpr OpInfo info{.sig = "conj(Tensor input) -> Tensor", .doc = "The conjugates; input itself where it is real."};
};
struct ConjPhysical : Conjugate {
  static constexpr OpInfo info{.sig = "conj_physical(Tensor input) -> Tensor", .doc = "The conjugates; input itself where it is real.", .where = kFunction | kMethod | kInplace};
};

// x over its absolute value y, and 0 where that is 0.
Tensor direction(const Tensor& x, const Tensor& y) { return x * where(y == 0.0, 0.0, reciprocal(y)); }

struct AbsOfComplex {
  static constexpr OpInfo info{.sig = "_abs(Tensor input) -> Tensor", .doc = "The absolute values of complex numbers.", .saves = {X0 | Y}, .where = 0, .grad_name = "AbsBackward0"};
  static Tensor fwd(const Tensor& x) { return tensor_call<Hypot>(real_part(x), imaginary_part(x)); }
  static void vjp(Grads& d, const Tensor& x) {
    d.set(0, d.g() * direction(x, d.y()));
  }
};
struct AngleOfComplex {
  static constexpr OpInfo info{.sig = "_angle(Tensor input) -> Tensor", .doc = "The angles of complex numbers.", .saves = {X0}, .where = 0, .grad_name = "AngleBackward0"};
  static Tensor fwd(const Tensor& x) { return tensor_call<Atan2>(imaginary_part(x), real_part(x)); }
  static void vjp(Grads& d, const Tensor& x) {
    const Tensor re = real_part(x), im = imaginary_part(x), square = re * re + im * im;
    const Tensor scale = where(square == 0.0, 0.0, d.g() / square);
    d.set(0, complex(-im * scale, re * scale));
  }
};

struct Real : Composite {
  static constexpr OpInfo info{.sig = "real(Tensor input) -> Tensor", .doc = "The real parts, a view; input itself where it is real.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return real_part(x); }
};
struct Imag : Composite {
  static constexpr OpInfo info{.sig = "_imag(Tensor input) -> Tensor", .doc = "The imaginary parts of a complex input, a view.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return imaginary_part(x); }
};
struct Itself : Composite {
  static Tensor fwd(const Tensor& x) { return x; }
};
struct ResolveConj : Itself {
  static constexpr OpInfo info{.sig = "resolve_conj(Tensor input) -> Tensor", .doc = "input itself: no conjugation is ever pending."};
};
struct ResolveNeg : Itself {
  static constexpr OpInfo info{.sig = "resolve_neg(Tensor input) -> Tensor", .doc = "input itself: no negation is ever pending."};
};
struct Isreal : Composite {
  static constexpr OpInfo info{.sig = "isreal(Tensor input) -> Tensor", .doc = "Whether each element's imaginary part is 0."};
  static Tensor fwd(const Tensor& x) { return is_complex(x.dtype()) ? imaginary_part(x) == 0.0 : full(x.sizes(), Scalar(true), Dtype::Bool); }
};

const Register<Real, Imag, ViewAsReal, ViewAsComplex, ComplexOf, Polar, Conj, ConjPhysical, ConjOfComplex, ResolveConj, ResolveNeg, Isreal, AbsOfComplex, AngleOfComplex>
    registered;

}  // namespace

Tensor view_as_real(const Tensor& x) { return call_op<ViewAsReal>(x); }
Tensor view_as_complex(const Tensor& x) { return call_op<ViewAsComplex>(x); }
Tensor complex(const Tensor& re, const Tensor& im) { return call_op<ComplexOf>(re, im); }
Tensor real_part(const Tensor& x) { return is_complex(x.dtype()) ? select(view_as_real(x), -1, 0) : x; }
Tensor imaginary_part(const Tensor& x) {
  if (!is_complex(x.dtype())) runtime_error("imag is not implemented for tensors with non-complex dtypes.");
  return select(view_as_real(x), -1, 1);
}
Tensor conj(const Tensor& x) { return is_complex(x.dtype()) ? call_op<ConjOfComplex>(x) : x; }

Tensor pairs_of(const Tensor& x) { return detach(ViewAsReal::fwd(x)); }
Tensor complex_of_pairs(const Tensor& pairs) { return detach(ViewAsComplex::fwd(pairs)); }
Tensor of_parts(const Tensor& re, const Tensor& im) {
  const Tensor y = empty(broadcast(re.sizes(), im.sizes()), complex_type(re.dtype())), pairs = pairs_of(y);
  const DimSpan strides = pairs.strides().first(static_cast<size_t>(y.dim()));
  copy_elements(alias(pairs, y.sizes(), strides, 0), re);
  copy_elements(alias(pairs, y.sizes(), strides, 1), im);
  return y;
}

namespace {

// Elementwise ops of one operand that have another formula for complex numbers.
const bool complex_operands = [] {
  RowOf<Abs>::row.of_complex = RowOf<Absolute>::row.of_complex = [](const Tensor& x) { return call_op<AbsOfComplex>(x); };
  RowOf<Angle>::row.of_complex = [](const Tensor& x) { return call_op<AngleOfComplex>(x); };
  RowOf<Sgn>::row.of_complex = [](const Tensor& x) { return direction(x, abs(x)); };
  return true;
}();

}  // namespace

}  // namespace st
