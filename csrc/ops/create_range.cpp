// arange, linspace and logspace.
#include <cmath>

#include "kernels/range.h"
#include "ops/call.h"
#include "ops/check.h"
#include "ops/elementwise_call.h"
#include "ops/functions.h"

namespace st {
namespace {

using OptDtype = std::optional<Dtype>;

void no_bool(Dtype dtype, const char* op) {
  if (dtype == Dtype::Bool) not_implemented("\"", op, "_cpu\" not implemented for 'Bool'");
}

struct ArangeStep {
  static constexpr OpInfo info{.sig = "arange(Scalar start, Scalar end, Scalar step=1, **factory) -> Tensor",
                               .doc = "The numbers start, start + step, ... up to, not including, end; integers if all three are, else of the default dtype.",
                               .where = kFunction};
  static Tensor fwd(const Scalar& start, const Scalar& end, const Scalar& step, OptDtype given) {
    const bool whole = start.kind < Scalar::Float && end.kind < Scalar::Float && step.kind < Scalar::Float;
    const Dtype dtype = given.value_or(whole ? Dtype::Int64 : default_dtype());
    no_bool(dtype, "arange");
    const bool integral = is_integral(dtype);
    const double from = start.to_double(), to = end.to_double();
    const double by = integral ? static_cast<double>(step.to_int()) : step.to_double();
    if (step.to_double() == 0) runtime_error("step must be nonzero");
    if (by == 0) value_error("step must be nonzero");  // as an integer
    if (!std::isfinite(from) || !std::isfinite(to)) runtime_error("unsupported range: ", from, " -> ", to);
    if ((by > 0 && to < from) || (by < 0 && to > from)) runtime_error("upper bound and lower bound inconsistent with step sign");
    // Integers are cut to whole numbers first, and their distance is exact.
    const double distance = integral ? static_cast<double>(end.to_int() - start.to_int()) : to - from;
    const double size = std::ceil(distance / by);
    if (!(size >= 0 && size <= 9223372036854774784.0)) runtime_error("invalid size, possible overflow?");
    const Tensor y = empty(Dims{static_cast<int64_t>(size)}, dtype);
    fill_arange(y, start, step);
    return y;
  }
};
struct Arange {
  static constexpr OpInfo info{.sig = "arange(Scalar end, **factory) -> Tensor", .doc = "The numbers 0, 1, ... up to, not including, end.", .where = kFunction};
  static Tensor fwd(const Scalar& end, OptDtype dtype) { return ArangeStep::fwd(Scalar(0), end, Scalar(1), dtype); }
};

// The ends may be tensors of no dimension.
void check_ends(const Operand& start, const Operand& end, const char* op) {
  std::string wrong;
  for (const auto& [x, name] : {std::pair(&start, "start"), std::pair(&end, "end")}) {
    if (x->t && x->t->dim() != 0) wrong += cat(wrong.empty() ? "" : " and ", name, " with ", x->t->dim(), " dimension(s)");
  }
  if (!wrong.empty()) runtime_error(op, " only supports 0-dimensional start and end tensors, but got ", wrong, ".");
}
Scalar given(const Operand& x) { return x.t ? number_of(*x.t) : x.s; }

Tensor room_for(int64_t steps, const Scalar& start, const Scalar& end, Dtype dtype, const char* op) {
  if (steps < 0) runtime_error("number of steps must be non-negative");
  const Tensor y = empty(Dims{steps}, dtype);
  if (steps == 0) return y;
  no_bool(dtype, op);
  check_fits(start, dtype);
  check_fits(end, dtype);
  return y;
}

struct Linspace {
  static constexpr OpInfo info{.sig = "linspace(Tensor|Scalar start, Tensor|Scalar end, int steps, **factory) -> Tensor", .doc = "steps numbers evenly spaced from start to end, both included.",
                               .where = kFunction};
  static Tensor fwd(const Operand& from, const Operand& to, int64_t steps, OptDtype dtype) {
    check_ends(from, to, "linspace");
    const Scalar start = given(from), end = given(to);
    const Tensor y = room_for(steps, start, end, dtype.value_or(default_dtype()), "linspace");
    if (steps > 0) fill_linspace(y, start, end);
    return y;
  }
};
struct Logspace {
  static constexpr OpInfo info{.sig = "logspace(Tensor|Scalar start, Tensor|Scalar end, int steps, float base=10.0, **factory) -> Tensor",
                               .doc = "steps powers of base, whose exponents are evenly spaced from start to end.", .where = kFunction};
  static Tensor fwd(const Operand& from, const Operand& to, int64_t steps, double base, OptDtype dtype) {
    check_ends(from, to, "logspace");
    const Scalar start = given(from), end = given(to);
    const Tensor y = room_for(steps, start, end, dtype.value_or(default_dtype()), "logspace");
    if (steps > 0) fill_logspace(y, start, end, base);
    return y;
  }
};

const Register<Arange, ArangeStep, Linspace, Logspace> registered;

}  // namespace
}  // namespace st
