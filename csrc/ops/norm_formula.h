// What the normalisations share: their gradients made of recorded ops, and what PyTorch says of mixed types.
#pragma once
#include <initializer_list>

#include "kernels/norm.h"
#include "ops/call.h"
#include "ops/reduce_dims.h"

namespace st {

// (x - mean) * rstd and rstd with the statistics over dims; without the mean unless centred.
struct Normalised {
  Tensor u, rstd;
};
inline Normalised normalise(const Tensor& x, const Dims& dims, double eps, bool centred) {
  const Tensor deviation = centred ? x - mean(x, dims, true) : x;
  const Tensor rstd = rsqrt(mean(deviation * deviation, dims, true) + eps);
  return {deviation * rstd, rstd};
}
// The gradient of u, as it is before weight and bias, times h.
inline Tensor normalised_gradient(const Normalised& n, const Tensor& h, const Dims& dims, bool centred) {
  const Tensor rest = centred ? h - mean(h, dims, true) : h;
  return n.rstd * (rest - n.u * mean(h * n.u, dims, true));
}

// Parameters have the input's type, or are float32 beside an input of 16 bits.
inline void check_mixed(const Tensor& x, std::initializer_list<const Tensor*> parameters) {
  bool mixed = false;
  for (const Tensor* p : parameters) mixed |= p->defined() && (*p).dtype() != x.dtype();
  if (!mixed) return;
  for (const Tensor* p : parameters) {
    if (p->defined() && p->dtype() != Dtype::Float32) runtime_error("mixed dtype (CPU): expect parameter to have scalar type of Float");
  }
  if (!is_half(x.dtype())) runtime_error("mixed dtype (CPU): all inputs must share same datatype.");
}

// In the type that arithmetic is done in, as a recorded op.
inline Tensor wide(const Tensor& t) { return t.defined() ? to_dtype(t, computed_in(t.dtype())) : t; }
// A gradient in the type that kernels compute in.
inline Tensor ready_gradient(const Tensor& g, Dtype dtype) { return cast_copy(g, computed_in(dtype)); }

inline Wanted wanted(const Grads& d) { return Wanted{d.needs(0), d.needs(1), d.needs(2)}; }
inline void set_gradients(Grads& d, const NormGradients& made) {
  if (d.needs(0)) d.set(0, made.dx);
  if (d.needs(1)) d.set(1, made.dweight);
  if (d.needs(2)) d.set(2, made.dbias);
}

}  // namespace st
