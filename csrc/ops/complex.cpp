// Complex tensors as pairs of real ones: taking them apart and putting them together. Arithmetic with them is not here.
#include "ops/complex.h"

#include "ops/call.h"
#include "ops/elementwise/number.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

Dtype part_type(Dtype d) { return d == Dtype::Complex64 ? Dtype::Float32 : Dtype::Float64; }

// Gradients end where complex numbers begin: better said than lost.
void refuse_gradients(const char* op, const Tensor& x) {
  if (x.requires_grad() && grad_enabled()) not_implemented(op, ": derivatives with complex tensors are not supported");
}

Tensor pairs(const Tensor& x) { return view(unsqueeze(x, -1), part_type(x.dtype())); }

Tensor joined(const char* op, const Tensor& re, const Tensor& im) {
  refuse_gradients(op, re);
  refuse_gradients(op, im);
  const Dtype d = re.dtype();
  if ((d != Dtype::Float32 && d != Dtype::Float64) || (im.dtype() != Dtype::Float32 && im.dtype() != Dtype::Float64)) {
    runtime_error("Expected both inputs to be Half, Float or Double tensors but got ", info(d).scalar_type, " and ", info(im.dtype()).scalar_type);
  }
  if (im.dtype() != d) runtime_error("Expected object of scalar type ", info(d).scalar_type, " but got scalar type ", info(im.dtype()).scalar_type, " for second argument");
  const Dims sizes = broadcast(re.sizes(), im.sizes());
  return squeeze(view(stack({expand(re, sizes), expand(im, sizes)}, -1), d == Dtype::Float32 ? Dtype::Complex64 : Dtype::Complex128), -1);
}

struct Composite {
  static constexpr bool kComposite = true;
};
struct Real : Composite {
  static constexpr OpInfo info{.sig = "real(Tensor input) -> Tensor", .doc = "The real parts, a view; input itself where it is real.", .where = kFunction};
  static Tensor fwd(const Tensor& x) { return is_complex(x.dtype()) ? select(pairs(x), -1, 0) : x; }
};
struct Imag : Composite {
  static constexpr OpInfo info{.sig = "_imag(Tensor input) -> Tensor", .doc = "The imaginary parts of a complex input, a view.", .where = kFunction};
  static Tensor fwd(const Tensor& x) {
    if (!is_complex(x.dtype())) runtime_error("imag is not implemented for tensors with non-complex dtypes.");
    return select(pairs(x), -1, 1);
  }
};
struct ViewAsReal : Composite {
  static constexpr OpInfo info{.sig = "_view_as_real(Tensor input) -> Tensor", .doc = "A complex input of size (...) as a view of size (..., 2).", .where = kFunction};
  static Tensor fwd(const Tensor& x) {
    if (!is_complex(x.dtype())) runtime_error("view_as_real is only supported for complex tensors");
    return pairs(x);
  }
};
struct ViewAsComplex : Composite {
  static constexpr OpInfo info{.sig = "_view_as_complex(Tensor input) -> Tensor", .doc = "An input of size (..., 2), real and imaginary parts, as a complex view of size (...).", .where = kFunction};
  static Tensor fwd(const Tensor& x) {
    refuse_gradients("view_as_complex", x);
    if (x.dtype() != Dtype::Float32 && x.dtype() != Dtype::Float64) {
      runtime_error("view_as_complex is only supported for half, float and double tensors, but got a tensor of scalar type: ", st::info(x.dtype()).scalar_type);
    }
    if (x.dim() == 0) runtime_error("Input tensor must have one or more dimensions");
    if (x.size(-1) != 2) runtime_error("Tensor must have a last dimension of size 2");
    if (x.stride(-1) != 1) runtime_error("Tensor must have a last dimension with stride 1");
    return squeeze(view(x, x.dtype() == Dtype::Float32 ? Dtype::Complex64 : Dtype::Complex128), -1);
  }
};
struct ComplexOf : Composite {
  static constexpr OpInfo info{.sig = "_complex(Tensor real, Tensor imag) -> Tensor", .doc = "The complex numbers with these parts, float32 or float64, which broadcast.", .where = kFunction};
  static Tensor fwd(const Tensor& re, const Tensor& im) { return joined("complex", re, im); }
};
struct Polar : Composite {
  static constexpr OpInfo info{.sig = "_polar(Tensor abs, Tensor angle) -> Tensor", .doc = "The complex numbers of these absolute values and angles.", .where = kFunction};
  static Tensor fwd(const Tensor& r, const Tensor& angle) {
    refuse_gradients("polar", r);
    refuse_gradients("polar", angle);
    return joined("polar", r * cos(angle), r * sin(angle));
  }
};
// Nothing is pending in a conjugate: it is computed at once.
struct Conjugate : Composite {
  static Tensor fwd(const Tensor& x) { return is_complex(x.dtype()) ? joined("conj", Real::fwd(x), -Imag::fwd(x)) : x; }
  static void inplace(const Tensor& x) {
    if (is_complex(x.dtype())) copy_elements(x, fwd(x));
    x.bump();
  }
};
struct Conj : Conjugate {
  static constexpr OpInfo info{.sig = "conj(Tensor input) -> Tensor", .doc = "The conjugates; input itself where it is real."};
};
struct ConjPhysical : Conjugate {
  static constexpr OpInfo info{.sig = "conj_physical(Tensor input) -> Tensor", .doc = "The conjugates; input itself where it is real.", .where = kFunction | kMethod | kInplace};
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
  static Tensor fwd(const Tensor& x) { return is_complex(x.dtype()) ? Imag::fwd(x) == 0.0 : full(x.sizes(), Scalar(true), Dtype::Bool); }
};

const Register<Real, Imag, ViewAsReal, ViewAsComplex, ComplexOf, Polar, Conj, ConjPhysical, ResolveConj, ResolveNeg, Isreal> registered;

}  // namespace

Tensor real_part(const Tensor& x) { return Real::fwd(x); }
Tensor imaginary_part(const Tensor& x) { return Imag::fwd(x); }

namespace {

// Elementwise ops of one operand whose result is real.
const bool complex_operands = [] {
  RowOf<Abs>::row.of_complex = RowOf<Absolute>::row.of_complex = [](const Tensor& x) { return tensor_call<Hypot>(real_part(x), imaginary_part(x)); };
  RowOf<Angle>::row.of_complex = [](const Tensor& x) { return tensor_call<Atan2>(imaginary_part(x), real_part(x)); };
  return true;
}();

}  // namespace

}  // namespace st
