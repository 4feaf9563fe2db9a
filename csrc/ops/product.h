// Products of tensors as matrices: one function computes them all, and one recorded op is the derivative of them all, itself included.
#pragma once
#include "ops/check.h"
#include "ops/functions.h"

namespace st {

class Grads;

// Note [Forms of a product]
// How the sizes of a tensor are read as a batch of matrices. Matrix: (batch..., rows, columns). Transposed: the same, turned round.
// Column, Row: (batch..., n), each a vector, or 0-d.
// With op() for "read in its form", a product is op(C) = op(A) op(B), summed over those batch dimensions in which C has size 1 or which
// it lacks. Its gradients are products of the same kind:
//   op(dA) = op(G) op(B)^T   and   op(dB) = op(A)^T op(G),   each stored in the form and the sizes of what it is the gradient of,
// so that matmul, mv, bmm, linear and their derivatives of all orders are one closed family, without a view or a copy for a transpose.
enum class Form : int64_t { Matrix = 0, Transposed = 1, Column = 2, Row = 3 };
constexpr Form turned(Form f) { return static_cast<Form>(static_cast<int64_t>(f) ^ 1); }
constexpr bool is_vector(Form f) { return static_cast<int64_t>(f) & 2; }

// alpha * op(A) op(B) + beta * addend, of the given sizes; the addend is broadcast. The caller has checked sizes and that the types are
// equal. Integers wrap, float16 and bfloat16 are computed in float32.
Tensor multiply(const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, DimSpan sizes);
Tensor multiply_add(const Tensor& addend, const Scalar& beta, const Scalar& alpha, const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc,
                    DimSpan sizes);

// The same as a recorded op.
Tensor product(const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, DimSpan sizes);

// The gradients of inputs `at` and `at + 1` of a node whose output is alpha * op(A) op(B) + ...
void product_vjp(Grads& d, int at, const Tensor& a, Form fa, const Tensor& b, Form fb, Form fc, const Scalar& alpha = Scalar(1));

// Refuses bool and complex tensors, as the kernel of that name does.
void check_multiplies(Dtype d, const char* kernel);
// Of matrices (m, k) and (rows, n).
[[noreturn]] void inner_sizes_differ(int64_t m, int64_t k, int64_t rows, int64_t n);

Tensor dot(const Tensor& a, const Tensor& b);
Tensor mm(const Tensor& a, const Tensor& b);
Tensor bmm(const Tensor& a, const Tensor& b);

}  // namespace st
