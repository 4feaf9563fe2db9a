// Products with sparse matrices in coordinates: values[e] stands at the place that column e of `indices`, (2, n), tells, in any order, and
// entries of one place add up. The product and the dot products of rows are each other's derivatives.
#include "ops/sparse.h"

#include <algorithm>

#include "kernels/sparse.h"
#include "ops/call.h"
#include "ops/index_plan.h"
#include "ops/reduce_dims.h"

namespace st {

SparseSupport sparse_support;
Tensor (*sparse_embedding)(const Tensor&, const Tensor&, int64_t, bool) = nullptr;

namespace {

Tensor product(const Tensor& values, const Tensor& dense, const Tensor& indices, bool transposed, int64_t count);
Tensor dots(const Tensor& a, const Tensor& b, const Tensor& indices);

// The places of n entries.
Tensor checked(const Tensor& indices, int64_t n) {
  if (indices.dim() != 2 || indices.size(0) != 2 || indices.size(1) != n) {
    runtime_error("sparse matrix: expected indices of shape (2, ", n, "), got ", indices.sizes());
  }
  return index64(indices);
}

// The rows or the columns of places, all in [0, size).
const int64_t* checked(const Tensor& places, int row, int64_t size) {
  const int64_t n = places.size(1), *at = places.data<int64_t>() + row * n;
  bool wrong = false;
  for (int64_t i = 0; i < n; ++i) wrong |= static_cast<uint64_t>(at[i]) >= static_cast<uint64_t>(size);
  if (wrong) {
    const auto [least, most] = std::minmax_element(at, at + n);
    index_error("sparse matrix: index ", *least < 0 ? *least : *most, " is out of bounds for a size of ", size);
  }
  return at;
}

struct SparseProduct {
  static constexpr OpInfo info{.sig = "_sparse_mm(Tensor values, Tensor dense, Tensor indices, bool transposed, int count) -> Tensor",
                               .doc = "The product of a sparse matrix of count rows, or of its transpose, and a dense matrix.",
                               .saves = {X1 | X2, X0 | X2},
                               .where = 0,
                               .grad_name = "SparseAddmmBackward0"};
  static Tensor fwd(const Tensor& values, const Tensor& dense, const Tensor& indices, bool transposed, int64_t count) {
    if (values.dim() != 1 || dense.dim() != 2 || count < 0) runtime_error("sparse matrix: expected a vector of values, a matrix, and a number of rows");
    const Dtype type = computed_in(dense.dtype());
    const Tensor places = checked(indices, values.numel());
    const int64_t *to = checked(places, transposed, count), *from = checked(places, !transposed, dense.size(0));
    return narrowed(sparse_product(cast_copy(values, type), cast_copy(dense, type), to, from, count), dense.dtype());
  }
  static void vjp(Grads& d, const Tensor& values, const Tensor& dense, const Tensor& indices, bool transposed, int64_t) {
    if (d.needs(0)) d.set(0, transposed ? dots(dense, d.g(), indices) : dots(d.g(), dense, indices));
    if (d.needs(1)) d.set(1, product(values, d.g(), indices, !transposed, dense.size(0)));
  }
};

struct SparseDots {
  static constexpr OpInfo info{.sig = "_sparse_dots(Tensor a, Tensor b, Tensor indices) -> Tensor",
                               .doc = "For each place in indices, the dot product of a's row of its row and b's row of its column.",
                               .saves = {X1 | X2, X0 | X2},
                               .where = 0};
  static Tensor fwd(const Tensor& a, const Tensor& b, const Tensor& indices) {
    if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(1)) runtime_error("sparse matrix: expected two matrices with rows of one size");
    const Dtype type = computed_in(a.dtype());
    const Tensor places = checked(indices, indices.size(-1));
    const int64_t *rows = checked(places, 0, a.size(0)), *columns = checked(places, 1, b.size(0));
    return narrowed(sparse_dots(cast_copy(a, type), cast_copy(b, type), rows, columns, places.size(1)), a.dtype());
  }
  static void vjp(Grads& d, const Tensor& a, const Tensor& b, const Tensor& indices) {
    if (d.needs(0)) d.set(0, product(d.g(), b, indices, false, a.size(0)));
    if (d.needs(1)) d.set(1, product(d.g(), a, indices, true, b.size(0)));
  }
};

Tensor product(const Tensor& values, const Tensor& dense, const Tensor& indices, bool transposed, int64_t count) {
  return call_op<SparseProduct>(values, dense, indices, transposed, count);
}
Tensor dots(const Tensor& a, const Tensor& b, const Tensor& indices) { return call_op<SparseDots>(a, b, indices); }

const Register<SparseProduct, SparseDots> registered;

}  // namespace
}  // namespace st
