// Ops that choose among elementwise ones by their arguments, or are made of several.
#include <limits>

#include "ops/call.h"
#include "ops/elementwise/activation.h"
#include "ops/functions.h"

namespace st {
namespace {

using Numbers = std::initializer_list<double>;

template <class Op>
Tensor run(std::initializer_list<Operand> x, Numbers params = {}) { return call_elementwise(RowOf<Op>::row, x.begin(), params.begin()); }
template <class Op>
void run_inplace(std::initializer_list<Operand> x, Numbers params = {}) { call_elementwise_inplace(RowOf<Op>::row, x.begin(), params.begin()); }

// div(rounding_mode=)
enum class Rounding { None, Trunc, Floor };
Rounding rounding(const std::optional<std::string>& mode) {
  if (!mode) return Rounding::None;
  if (*mode == "trunc") return Rounding::Trunc;
  if (*mode == "floor") return Rounding::Floor;
  runtime_error("div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '", *mode, "'");
}
struct DivRounded : Composite {
  static constexpr OpInfo info{.sig = "div(Tensor|Scalar input, Tensor|Scalar other, *, str? rounding_mode) -> Tensor",
                               .doc = "input / other, rounded towards zero ('trunc') or down ('floor'), or not (None).",
                               .where = kFunction | kMethod | kMethodInplace};
  static Tensor fwd(const Operand& x, const Operand& other, const std::optional<std::string>& mode) {
    if (!x.t && !other.t) return fwd(Operand(wrap_number(x.s, x.s.dtype())), other, mode);
    switch (rounding(mode)) {
      case Rounding::Trunc: return run<DivTrunc>({x, other});
      case Rounding::Floor: return run<DivFloor>({x, other});
      default: return run<Div>({x, other});
    }
  }
  static void inplace(const Tensor& self, const Operand& other, const std::optional<std::string>& mode) {
    switch (rounding(mode)) {
      case Rounding::Trunc: return run_inplace<DivTrunc>({self, other});
      case Rounding::Floor: return run_inplace<DivFloor>({self, other});
      default: return run_inplace<Div>({self, other});
    }
  }
};
struct DivideRounded : DivRounded {
  static constexpr OpInfo info = renamed(DivRounded::info, "divide(Tensor|Scalar input, Tensor|Scalar other, *, str? rounding_mode) -> Tensor");
};

// What `number / x` is.
struct Rdiv : Composite {
  static constexpr OpInfo info{.sig = "_rdiv(Tensor input, Tensor|Scalar other) -> Tensor", .doc = "reciprocal(input) * other.", .where = 0};
  static Tensor fwd(const Tensor& x, const Operand& other) { return run<Mul>({reciprocal(x), other}); }
};

struct RoundDecimals : Composite {
  static constexpr OpInfo info{.sig = "round(Tensor input, *, int decimals) -> Tensor", .doc = "input rounded to so many decimals.",
                               .where = kFunction | kMethod | kInplace};
  static double power_of_ten(int64_t decimals) {
    double p = 1;
    for (int64_t i = decimals < 0 ? -decimals : decimals; i > 0 && p < 1e300; --i) p *= 10;
    return p;
  }
  static Tensor fwd(const Tensor& x, int64_t decimals) { return run<RoundScaled>({x}, {power_of_ten(decimals), decimals >= 0 ? 1.0 : 0.0}); }
  static void inplace(const Tensor& self, int64_t decimals) { run_inplace<RoundScaled>({self}, {power_of_ten(decimals), decimals >= 0 ? 1.0 : 0.0}); }
};

struct Clamp : Composite {
  using Limit = std::optional<Operand>;
  static constexpr OpInfo info{.sig = "clamp(Tensor input, Tensor|Scalar? min=None, Tensor|Scalar? max=None) -> Tensor",
                               .doc = "input limited to [min, max]; max where the two cross. Limits broadcast.",
                               .where = kFunction | kMethod | kInplace};
  static Tensor fwd(const Tensor& x, const Limit& low, const Limit& high) {
    check(low, high);
    if (!high) return low->t ? run<ClampLow>({x, *low}) : run<ClampLowNumber>({x, *low});
    if (!low) return high->t ? run<ClampHigh>({x, *high}) : run<ClampHighNumber>({x, *high});
    return low->t || high->t ? run<ClampBoth>({x, *low, *high}) : run<ClampNumbers>({x, *low, *high});
  }
  static void inplace(const Tensor& x, const Limit& low, const Limit& high) {
    check(low, high);
    if (!high) return low->t ? run_inplace<ClampLow>({x, *low}) : run_inplace<ClampLowNumber>({x, *low});
    if (!low) return high->t ? run_inplace<ClampHigh>({x, *high}) : run_inplace<ClampHighNumber>({x, *high});
    return low->t || high->t ? run_inplace<ClampBoth>({x, *low, *high}) : run_inplace<ClampNumbers>({x, *low, *high});
  }
  static void check(const Limit& low, const Limit& high) {
    if (!low && !high) runtime_error("torch.clamp: At least one of 'min' or 'max' must not be None");
  }
};
struct Clip : Clamp {
  static constexpr OpInfo info = renamed(Clamp::info, "clip(Tensor input, Tensor|Scalar? min=None, Tensor|Scalar? max=None) -> Tensor");
};

struct NanToNumDefaults : Composite {
  using Number = std::optional<double>;
  static constexpr OpInfo info{.sig = "nan_to_num(Tensor input, float? nan=None, float? posinf=None, float? neginf=None) -> Tensor",
                               .doc = "input with NaN (by default 0) and the infinities (by default the largest numbers of its dtype) replaced.",
                               .where = kFunction | kMethod | kInplace};
  static double largest(Dtype type) {
    switch (type) {
      case Dtype::Float16: return 65504;
      case Dtype::BFloat16: return 0x1.fep127;
      case Dtype::Float64: return std::numeric_limits<double>::max();
      default: return std::numeric_limits<float>::max();
    }
  }
  static Tensor fwd(const Tensor& x, Number nan, Number posinf, Number neginf) {
    const double end = largest(x.dtype());
    return run<NanToNum>({x}, {nan.value_or(0), posinf.value_or(end), neginf.value_or(-end)});
  }
  static void inplace(const Tensor& x, Number nan, Number posinf, Number neginf) {
    const double end = largest(x.dtype());
    run_inplace<NanToNum>({x}, {nan.value_or(0), posinf.value_or(end), neginf.value_or(-end)});
  }
};

struct Isclose : Composite {
  static constexpr OpInfo info{.sig = "isclose(Tensor input, Tensor other, float rtol=1e-05, float atol=1e-08, bool equal_nan=False) -> Tensor",
                               .doc = "Whether |input - other| <= atol + rtol * |other|, element by element."};
  static Tensor fwd(const Tensor& x, const Tensor& y, double rtol, double atol, bool equal_nan) {
    if (x.dtype() != y.dtype()) runtime_error(st::info(x.dtype()).scalar_type, " did not match ", st::info(y.dtype()).scalar_type);
    if (rtol < 0) runtime_error("rtol must be greater than or equal to zero, but got ", rtol);
    if (atol < 0) runtime_error("atol must be greater than or equal to zero, but got ", atol);
    GradMode off(false);
    Tensor close = x == y;
    if (equal_nan && is_floating(x.dtype())) close = close | (isnan(x) & isnan(y));
    if (rtol == 0 && atol == 0) return close;
    const Tensor other = is_floating(y.dtype()) ? y : to_dtype(y, default_dtype());
    const Tensor apart = abs((x.dtype() == Dtype::Bool ? to_dtype(x, default_dtype()) : x) - other);
    return close | (tensor_call<Isfinite>(apart) & (apart <= abs(other * rtol) + atol));
  }
};

// The tensors of pow(), widened.
struct Wide {
  Tensor x, y;
  Operand base, exponent;
  Wide(const Operand& a, const Operand& b) : base(a), exponent(b) {
    if (a.t) base = Operand(x = to_dtype(*a.t, Dtype::Float64));
    if (b.t) exponent = Operand(y = to_dtype(*b.t, Dtype::Float64));
  }
};
struct FloatPower : Composite {
  static constexpr OpInfo info{.sig = "float_power(Tensor input, Tensor|Scalar exponent) -> Tensor", .doc = "pow in float64.",
                               .where = kFunction | kMethod | kMethodInplace};
  static Tensor fwd(const Tensor& x, const Operand& exponent) {
    const Wide w(x, exponent);
    return run<Pow>({w.base, w.exponent});
  }
  static void inplace(const Tensor& x, const Operand& exponent) {
    if (x.dtype() != Dtype::Float64) {
      runtime_error("the base given to float_power_ has dtype ", st::info(x.dtype()).scalar_type, " but the operation's result requires dtype Double");
    }
    const Wide w(x, exponent);
    run_inplace<Pow>({x, w.exponent});
  }
};
struct FloatPowerOf : Composite {
  static constexpr OpInfo info{.sig = "float_power(Scalar input, Tensor exponent) -> Tensor", .doc = "pow in float64.", .where = kFunction};
  static Tensor fwd(const Scalar& x, const Tensor& exponent) {
    const Wide w(x, exponent);
    return run<Pow>({w.base, w.exponent});
  }
};

struct WhereMethod : Composite {
  static constexpr OpInfo info{.sig = "where(Tensor input, Tensor condition, Tensor|Scalar other) -> Tensor",
                               .doc = "input where condition holds, other elsewhere.", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Tensor& condition, const Operand& other) { return run<Where_>({condition, x, other}); }
};

struct PolygammaOf : Composite {
  static constexpr OpInfo info{.sig = "polygamma(int n, Tensor input) -> Tensor", .doc = "The derivative of order n of digamma.", .where = kFunction};
  static void check(int64_t n) {
    if (n < 0) runtime_error("polygamma(n, x) does not support negative n.");
  }
  static Tensor fwd(int64_t n, const Tensor& x) {
    check(n);
    return run<Polygamma>({x}, {static_cast<double>(n)});
  }
};
struct PolygammaMethod : Composite {
  static constexpr OpInfo info{.sig = "polygamma(Tensor input, int n) -> Tensor", .doc = "The derivative of order n of digamma.",
                               .where = kMethod | kInplace};
  static Tensor fwd(const Tensor& x, int64_t n) { return PolygammaOf::fwd(n, x); }
  static void inplace(const Tensor& x, int64_t n) {
    PolygammaOf::check(n);
    run_inplace<Polygamma>({x}, {static_cast<double>(n)});
  }
};

struct Gelu : Composite {
  static constexpr OpInfo info{.sig = "gelu(Tensor input, *, str approximate='none') -> Tensor",
                               .doc = "input * P(N < input) for a standard normal N, or ('tanh') an approximation of it.", .where = kNN};
  static Tensor fwd(const Tensor& x, const std::string& approximate) {
    if (approximate == "none") return run<GeluErf>({x});
    if (approximate == "tanh") return run<GeluTanh>({x});
    runtime_error("approximate argument must be either none or tanh.");
  }
};

struct Relu6 : Composite {
  static constexpr OpInfo info{.sig = "relu6(Tensor input) -> Tensor", .doc = "input limited to [0, 6].", .where = kNN};
  static Tensor fwd(const Tensor& x) { return run<Hardtanh>({x}, {0, 6}); }
};

// The fixed point of Klambauer et al. 2017, arXiv:1706.02515, equation 14.
struct Selu : Composite {
  static constexpr double kAlpha = 1.6732632423543772848, kScale = 1.0507009873554804934;
  static constexpr OpInfo info{.sig = "selu(Tensor input) -> Tensor", .doc = "elu with the constants that keep mean 0 and variance 1.",
                               .where = kFunction | kInplace};
  static Tensor fwd(const Tensor& x) { return run<Elu>({x}, {kAlpha, kScale, 1}); }
  static void inplace(const Tensor& x) { run_inplace<Elu>({x}, {kAlpha, kScale, 1}); }
};

struct Celu : Composite {
  static constexpr OpInfo info{.sig = "celu(Tensor input, Scalar alpha=1.0) -> Tensor",
                               .doc = "input where it is positive, alpha * (exp(input / alpha) - 1) elsewhere.", .where = kFunction | kInplace};
  static double inverse(const Scalar& alpha) {
    if (alpha.to_double() == 0) runtime_error("ZeroDivisionError: alpha cannot be 0 for CELU");
    return 1 / alpha.to_double();
  }
  static Tensor fwd(const Tensor& x, const Scalar& alpha) { return run<CeluOf>({x}, {alpha.to_double(), 1, inverse(alpha)}); }
  static void inplace(const Tensor& x, const Scalar& alpha) { run_inplace<CeluOf>({x}, {alpha.to_double(), 1, inverse(alpha)}); }
};

const Register<DivRounded, DivideRounded, Rdiv, RoundDecimals, Clamp, Clip, NanToNumDefaults, Isclose, FloatPower, FloatPowerOf, WhereMethod, PolygammaOf, PolygammaMethod,
               Gelu, Relu6, Selu, Celu>
    registered;

}  // namespace

Tensor isclose(const Tensor& x, const Tensor& y, double rtol, double atol, bool equal_nan) { return Isclose::fwd(x, y, rtol, atol, equal_nan); }

}  // namespace st
