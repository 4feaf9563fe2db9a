// Gradients that are zeros but where an index says: the op that writes there, on zeros of its own.
#pragma once
#include "ops/call.h"
#include "ops/functions.h"

namespace st {

// Op(zeros, args...), which copies the zeros only where a derivative is recorded. Op::onto is Op::inplace for a tensor that nobody else
// has seen, where the two differ.
template <class Op, class... A>
Tensor on_zeros(DimSpan sizes, Dtype dtype, const A&... args) {
  const Tensor y = zeros(sizes, dtype);
  if (grad_enabled()) return call_op<Op>(y, args...);
  if constexpr (requires { Op::onto(y, args...); }) Op::onto(y, args...);
  else Op::inplace(y, args...);
  return y;
}

}  // namespace st
