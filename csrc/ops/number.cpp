// frexp and mvlgamma, and questions about a tensor's numbers.
#include <cmath>

#include "ops/call.h"
#include "ops/elementwise/gamma.h"
#include "ops/functions.h"

namespace st {
namespace {

struct Frexp {
  static constexpr OpInfo info{.sig = "frexp(Tensor input) -> (Tensor mantissa, Tensor exponent)",
                               .doc = "input as mantissa * 2^exponent, the mantissa's size in [0.5, 1), the exponent int32.", .saves = {Y1}};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& given) {
    if (!is_floating(given.dtype())) runtime_error("torch.frexp() only supports floating-point dtypes");
    const Tensor x = contiguous_copy(given), mantissa = empty(x.sizes(), x.dtype()), exponent = empty(x.sizes(), Dtype::Int32);
    visit_real(x.dtype(), [&]<class T>() {
      for (int64_t i = 0; i < x.numel(); ++i) {
        int power = 0;
        mantissa.data<T>()[i] = T(std::frexp(static_cast<double>(x.data<T>()[i]), &power));
        exponent.data<int32_t>()[i] = std::isfinite(static_cast<double>(x.data<T>()[i])) ? power : 0;
      }
    });
    return {mantissa, exponent};
  }
  static void vjp(Grads& d, const Tensor&) {
    d.set(0, d.g() / exp2(to_dtype(d.y(1), d.g().dtype())));
  }
};

struct MvlgammaOf : Composite {
  static constexpr OpInfo info{.sig = "mvlgamma(Tensor input, int p) -> Tensor",
                               .doc = "Logarithm of the multivariate gamma function of dimension p, for input above (p - 1) / 2.",
                               .where = kFunction | kMethod | kMethodInplace, .out = kOutCasts};
  static Operand checked(const Tensor& x, int64_t p) {
    if (p < 1) runtime_error("p has to be greater than or equal to 1");
    return x;
  }
  static Tensor fwd(const Tensor& x, int64_t p) {
    const Operand operand = checked(x, p);
    const auto dimension = static_cast<double>(p);
    return call_elementwise(RowOf<Mvlgamma>::row, &operand, &dimension);
  }
  static void inplace(const Tensor& x, int64_t p) {
    const Operand operand = checked(x, p);
    const auto dimension = static_cast<double>(p);
    call_elementwise_inplace(RowOf<Mvlgamma>::row, &operand, &dimension);
  }
};

struct No {
  static bool fwd(const Tensor&) { return false; }
};
struct IsConj : No {
  static constexpr OpInfo info{.sig = "is_conj(Tensor input) -> bool", .doc = "Whether a conjugation is pending: no."};
};
struct IsNeg : No {
  static constexpr OpInfo info{.sig = "is_neg(Tensor input) -> bool", .doc = "Whether a negation is pending: no."};
};
struct IsDistributed : No {
  static constexpr OpInfo info{.sig = "is_distributed(Tensor input) -> bool", .doc = "Whether the elements lie on several machines: no."};
};
struct IsSameSize {
  static constexpr OpInfo info{.sig = "is_same_size(Tensor input, Tensor other) -> bool", .doc = "Whether two tensors have the same shape."};
  static bool fwd(const Tensor& x, const Tensor& other) { return same_shape(x, other); }
};
struct IsSigned {
  static constexpr OpInfo info{.sig = "is_signed(Tensor input) -> bool", .doc = "Whether the dtype has negative numbers."};
  static bool fwd(const Tensor& x) { return x.dtype() != Dtype::Bool && x.dtype() != Dtype::UInt8; }
};

const Register<Frexp, MvlgammaOf, IsConj, IsNeg, IsDistributed, IsSameSize, IsSigned> registered;

}  // namespace
}  // namespace st
