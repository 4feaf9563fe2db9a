// What the ops on matrices share: PyTorch's checks and errors, batches, and the ops as functions for each other and for derivatives.
// One body serves real and complex matrices: the adjoint of a real one is the matrix turned round, and its conjugate itself.
#pragma once
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/value.h"

namespace st {

// PyTorch's messages begin with `name`.
void check_matrix(std::string_view name, const Tensor& x, const char* argument = "A");
void check_square(std::string_view name, const Tensor& x, const char* argument = "A");
void check_float(std::string_view name, const Tensor& x);
// X of A X = B, or X A = B: sizes. check_sides() in the words of the older functions.
void check_equation(std::string_view name, const Tensor& a, const Tensor& b, bool left);
void check_sides(std::string_view name, const Tensor& a, const Tensor& b);
void check_same_dtype(std::string_view name, const Tensor& a, const Tensor& b);
// Throws for the first matrix whose info is not 0: "NAME: (Batch element K): TEXT", a LinAlgError unless `kind` says otherwise.
// text(info) tells the reason.
void check_info(std::string_view name, const Tensor& info, bool batched, const std::function<std::string(int)>& text,
                ErrorKind kind = ErrorKind::Linalg);

inline Dims batch_sizes(const Tensor& x) { return x.sizes().first(static_cast<size_t>(x.dim() - 2)); }
inline int64_t batch_count(const Tensor& x) { return count_elements(x.sizes().first(static_cast<size_t>(x.dim() - 2))); }
// The numbers that x consists of, contiguous: as many real ones, or twice as many.
Tensor parts_of(const Tensor& x);
inline Dims matrix_sizes(Dims batch, int64_t rows, int64_t columns) {
  batch.push_back(rows);
  batch.push_back(columns);
  return batch;
}
inline Dims vector_sizes(Dims batch, int64_t n) {
  batch.push_back(n);
  return batch;
}
// x expanded to the batch, row-major; batch_copy() with memory of its own.
Tensor in_batch(const Tensor& x, const Dims& batch);
Tensor batch_copy(const Tensor& x, const Dims& batch);

// f(k) for the matrices of a batch, on several threads where they are many; `flops` is what one costs.
template <class F>
void for_matrices(int64_t batch, double flops, F f) {
  constexpr double kGrain = 50000;
  parallel_items(batch, flops, kGrain, [&](int64_t begin, int64_t end) { for (int64_t k = begin; k < end; ++k) f(k); });
}

// f.operator()<T>() for the four types that matrices are factored in.
template <class F>
decltype(auto) visit_field(Dtype d, F&& f) {
  if (d == Dtype::Complex64) return f.template operator()<std::complex<float>>();
  if (d == Dtype::Complex128) return f.template operator()<std::complex<double>>();
  return visit_float(d, f);
}

// P A = L U for each of a batch: L (its unit diagonal left out) and U in one matrix, the exchanges of rows, from 0, and the place of the
// first pivot that is 0, from 1, or 0.
struct LuFactors {
  Tensor lu, pivots, info;
};
LuFactors lu_factors(const Tensor& x);
void count_from_one(const Tensor& pivots);  // as LAPACK and PyTorch count rows

// Complex vectors that a factorization determines up to a factor of modulus 1: a RuntimeError of this text where a gradient depends on that
// factor, as it does where what it is along the vectors has other imaginary parts than expected.
void check_phases(const Tensor& along, const Tensor& expected, const char* text);
Tensor phases_of(const Tensor& x);  // the imaginary parts of the diagonal

// Is B a batch of vectors to A's matrices?
bool is_vector_side(const Tensor& a, const Tensor& b);

inline Tensor turned(const Tensor& x) { return transpose(x, -2, -1); }
inline Tensor adjoint(const Tensor& x) { return conj(turned(x)); }
inline Tensor column(const Tensor& x) { return unsqueeze(x, -1); }
inline Tensor row(const Tensor& x) { return unsqueeze(x, -2); }
Tensor identity(int64_t n, Dtype dtype);
Tensor add_to_diagonal(const Tensor& x, const Tensor& d);  // x + diag_embed(d)
Tensor hermitian_of(const Tensor& x);  // the Hermitian matrix with what is below x's diagonal, and the diagonal's real parts
Tensor columns_of(const Tensor& x, int64_t begin, int64_t end);  // x[..., begin:end]
Tensor rows_of(const Tensor& x, int64_t begin, int64_t end);     // x[..., begin:end, :]

// The ops (ops/linalg_*.cpp)
Tensor solve(const Tensor& a, const Tensor& b, bool left);
Tensor solve_triangular(const Tensor& a, const Tensor& b, bool upper, bool left, bool unit);
Tensor lu_solve(const Tensor& lu, const Tensor& pivots, const Tensor& b, bool left, bool of_adjoint);
std::tuple<Tensor, Tensor, Tensor> lu_parts(const Tensor& lu, const Tensor& pivots, bool data, bool permutation);
Tensor checked_inverse(const Tensor& a, const char* name);  // LinAlgError, in that name, where there is none
Tensor checked_solve(const Tensor& a, const Tensor& b);  // likewise
std::tuple<Tensor, Tensor> inverse_and_info(const Tensor& a);
Tensor det(const Tensor& a);
std::tuple<Tensor, Tensor> eigh(const Tensor& a, const std::string& uplo);
Tensor eigvalsh(const Tensor& a, const std::string& uplo);
std::tuple<Tensor, Tensor, Tensor> svd(const Tensor& a, bool full);
Tensor svdvals(const Tensor& a);
std::tuple<Tensor, Tensor> qr(const Tensor& a, const std::string& mode);
Tensor pinv(const Tensor& a, const Tensor& atol, const Tensor& rtol, bool hermitian);
Tensor matrix_norm(const Tensor& x, const Scalar& ord, const Dims& dim, bool keepdim, const std::optional<Dtype>& dtype);
Tensor matrix_norm(const Tensor& x, const std::string& ord, const Dims& dim, bool keepdim, const std::optional<Dtype>& dtype);

}  // namespace st
