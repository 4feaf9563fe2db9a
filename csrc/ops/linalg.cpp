// What the ops on matrices share: checks with PyTorch's texts, and small helpers.
#include "ops/linalg.h"

#include "ops/call.h"
#include "ops/geometry.h"

namespace st {

void check_matrix(std::string_view name, const Tensor& x, const char* argument) {
  if (x.dim() < 2) runtime_error(name, ": The input tensor ", argument, " must have at least 2 dimensions.");
}

void check_square(std::string_view name, const Tensor& x, const char* argument) {
  check_matrix(name, x, argument);
  if (x.size(-1) != x.size(-2)) {
    runtime_error(name, ": ", argument, " must be batches of square matrices, but they are ", x.size(-2), " by ", x.size(-1), " matrices");
  }
}

void check_float(std::string_view name, const Tensor& x) {
  if (!differentiable(x.dtype())) runtime_error(name, ": Expected a floating point or complex tensor as input. Got ", info(x.dtype()).scalar_type);
  if (is_half(x.dtype())) runtime_error(name, ": Low precision dtypes not supported. Got ", info(x.dtype()).scalar_type);
}

void check_same_dtype(std::string_view name, const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype()) {
    runtime_error(name, ": Expected A and B to have the same dtype, but found A of type ", info(a.dtype()).scalar_type, " and B of type ",
                  info(b.dtype()).scalar_type, " instead");
  }
}

void check_equation(std::string_view name, const Tensor& a, const Tensor& b, bool left) {
  check_square(name, a);
  check_matrix(name, b, "B");
  if (a.size(-2) != b.size(left ? -2 : -1)) {
    runtime_error(name, ": Incompatible shapes of A and B for the equation ", left ? "AX = B" : "XA = B", " (", a.size(-2), "x", a.size(-1),
                  " and ", b.size(-2), "x",
                  b.size(-1), ")");
  }
}

void check_info(std::string_view name, const Tensor& info, bool batched, const std::function<std::string(int)>& text, ErrorKind kind) {
  const auto* at = info.data<int32_t>();
  for (int64_t k = 0; k < info.numel(); ++k) {
    if (at[k] != 0) fail(kind, cat(name, ": ", batched ? cat("(Batch element ", k, "): ") : std::string(), text(at[k])));
  }
}

void check_sides(std::string_view name, const Tensor& a, const Tensor& b) {
  if (a.size(-1) != a.size(-2)) runtime_error("A must be batches of square matrices, but they are ", a.size(-2), " by ", a.size(-1), " matrices");
  if (a.size(-1) != b.size(-2)) {
    runtime_error("Incompatible matrix sizes for ", name, ": each A matrix is ", a.size(-1), " by ", a.size(-1), " but each b matrix is ", b.size(-2), " by ",
                  b.size(-1));
  }
}

Tensor parts_of(const Tensor& x) { return is_complex(x.dtype()) ? pairs_of(contiguous_copy(x)) : contiguous_copy(x); }

Tensor in_batch(const Tensor& x, const Dims& batch) { return equal(batch, batch_sizes(x)) ? contiguous_copy(x) : batch_copy(x, batch); }

Tensor batch_copy(const Tensor& x, const Dims& batch) {
  const Dims sizes = matrix_sizes(batch, x.size(-2), x.size(-1));
  if (equal(x.sizes(), sizes)) return contiguous_copy(x, true);
  Tensor y = empty(sizes, x.dtype());
  copy_elements(y, x);
  return y;
}

void check_phases(const Tensor& along, const Tensor& expected, const char* text) {
  const GradMode off(false);
  const Tensor close = isclose(along, expected, 1e-2, 1e-2, false);
  if (number_of(sum(~close, {}, false)).to_bool()) runtime_error(text);
}
Tensor phases_of(const Tensor& x) { return imaginary_part(diagonal(x, 0, -2, -1)); }

bool is_vector_side(const Tensor& a, const Tensor& b) {
  if (b.dim() == 1) return true;
  return a.dim() - 1 == b.dim() && equal(b.sizes(), a.sizes().first(static_cast<size_t>(a.dim() - 1)));
}

Tensor identity(int64_t n, Dtype dtype) {
  Tensor y = zeros(Dims{n, n}, dtype);
  visit_field(dtype, [&]<class T>() { for (int64_t i = 0; i < n; ++i) y.data<T>()[i * n + i] = 1; });
  return y;
}

Tensor add_to_diagonal(const Tensor& x, const Tensor& d) { return x + diag_embed(d, 0, -2, -1); }
Tensor hermitian_of(const Tensor& x) {
  const Tensor below = tril(x, -1);
  return add_to_diagonal(below + adjoint(below), to_dtype(real_part(diagonal(x, 0, -2, -1)), x.dtype()));
}
Tensor columns_of(const Tensor& x, int64_t begin, int64_t end) { return begin == 0 && end == x.size(-1) ? x : narrow(x, -1, begin, end - begin); }
Tensor rows_of(const Tensor& x, int64_t begin, int64_t end) { return begin == 0 && end == x.size(-2) ? x : narrow(x, -2, begin, end - begin); }

}  // namespace st
