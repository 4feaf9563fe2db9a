// What elementwise records ask of their operands beyond type promotion, and which other record runs them.
#include "ops/check.h"
#include "ops/elementwise/gamma.h"
#include "ops/elementwise/number.h"
#include "ops/functions.h"

namespace st {
namespace {

Dtype dtype_of_operand(const Operand& x) { return x.t ? x.t->dtype() : x.s.dtype(); }

// What lerp asks: no promotion among its tensors.
void check_alike(const Operand* x, int i, const char* name) {
  const Dtype want = dtype_of_operand(x[0]), got = dtype_of_operand(x[i]);
  if (want == got) return;
  auto word = [](Dtype d) { return *info(d).alias ? info(d).alias : info(d).name; };
  runtime_error("expected dtype ", word(want), " for `", name, "` but got dtype ", word(got));
}

// A number beside integers keeps its value or is an error.
void check_number(const Operand& x, const Operand& number) {
  if (number.t || number.s.kind != Scalar::Int || !x.t || !is_integral(x.t->dtype())) return;
  check_fits(number.s, x.t->dtype());
}

}  // namespace

const Row* Pow::redirect(const Operand* x, double* params) {
  if (!x[0].t) return x[1].t ? &RowOf<PowOfNumber>::row : nullptr;
  if (x[1].t) return nullptr;
  const Category base = category((*x[0].t)->dtype);
  const Scalar& exponent = x[1].s;
  if (base <= Category::Integral && exponent.kind <= Scalar::Int && exponent.i < 0) {
    runtime_error("Integers to negative integer powers are not allowed.");
  }
  if (exponent.category() > base || exponent.kind == Scalar::Complex) return nullptr;
  check_number(x[0], x[1]);
  params[0] = exponent.to_double();
  return &RowOf<PowNumber>::row;
}

void Sub::check(const Operand* x) {
  bool any = false, all = true;
  for (int i = 0; i < 2; ++i) {
    const bool is_bool = dtype_of_operand(x[i]) == Dtype::Bool;
    any |= is_bool;
    all &= is_bool;
  }
  if (all) runtime_error(Sub::info.no_bool);
  if (any) {
    runtime_error("Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or "
                  "`logical_not()` operator instead.");
  }
}

const Row* Xlogy::redirect(const Operand* x, double*) {
  if (!x[0].t) return &RowOf<XlogyOfNumber>::row;
  return x[1].t ? nullptr : &RowOf<XlogyNumber>::row;
}

const Row* Xlog1py::redirect(const Operand* x, double*) {
  if (!x[0].t) return &RowOf<Xlog1pyOfNumber>::row;
  return x[1].t ? nullptr : &RowOf<Xlog1pyNumber>::row;
}
const Row* Zeta::redirect(const Operand* x, double*) {
  if (!x[0].t) return &RowOf<ZetaOfNumber>::row;
  return x[1].t ? nullptr : &RowOf<ZetaNumber>::row;
}

// The neighbour of a 16-bit number is not that of the float it is computed as.
void Nextafter::check(const Operand* x) {
  const Dtype type = promote(x[0].t->dtype(), x[1].t->dtype());
  if (is_half(type)) not_implemented("\"nextafter_cpu\" not implemented for '", st::info(type).scalar_type, "'");
}

void ClampMin::check(const Operand* x) { check_number(x[0], x[1]); }
void ClampBoth::check(const Operand* x) {
  check_number(x[0], x[1]);
  check_number(x[0], x[2]);
}

void Lerp::check(const Operand* x) {
  check_alike(x, 1, "end");
  check_alike(x, 2, "weight");
}
void LerpNumber::check(const Operand* x) { check_alike(x, 1, "end"); }

void Addcdiv::check(const Operand* x) {
  if (is_floating(dtype_of_operand(x[1])) || is_floating(dtype_of_operand(x[2]))) return;
  runtime_error("Integer division with addcdiv is no longer supported: divide with true_divide, or with div(rounding_mode='trunc') to round. "
                "input + value * (tensor1 / tensor2) is what addcdiv computes of floating-point tensors.");
}

void Heaviside::check(const Operand* x) {
  if (dtype_of_operand(x[0]) != dtype_of_operand(x[1])) runtime_error("heaviside is not yet implemented for tensors with different dtypes.");
}

void Where_::check(const Operand* x) {
  const Dtype type = dtype_of_operand(x[0]);
  if (type == Dtype::UInt8) {
    static WarnOnce warn_once;
    warn_once("where received a uint8 condition tensor. This behavior is deprecated and will be removed in a future version of PyTorch. Use a boolean "
              "condition instead.");
  }
  if (type == Dtype::Bool || type == Dtype::UInt8) return;
  runtime_error("where expected condition to be a boolean tensor, but got a tensor with dtype ", st::info(type).scalar_type);
}

}  // namespace st
