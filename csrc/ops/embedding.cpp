// embedding: rows of a table by number. Its gradient adds rows back to the table; the two are each other's derivative.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <vector>

#include "kernels/parallel.h"
#include "ops/call.h"
#include "ops/index_plan.h"
#include "ops/reduce_dims.h"
#include "ops/sparse.h"

namespace st {
namespace {

constexpr int64_t kGrain = 8192, kMostRanges = 16;  // elements that a thread copies or adds at least; parts of a table

Tensor table_gradient(const Tensor& g, const Tensor& index, int64_t rows, int64_t padding, bool by_frequency);

void check_index(const Tensor& index) {
  if (index.dtype() == Dtype::Int64 || index.dtype() == Dtype::Int32) return;
  runtime_error("Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.",
                info(index.dtype()).tensor_type, " instead (while checking arguments for embedding)");
}

// The row numbers as int64, all among `count` rows.
Tensor checked_rows(const Tensor& index, int64_t count) {
  const Tensor rows = index64(index);
  const auto* at = rows.data<int64_t>();
  for (int64_t i = 0; i < rows.numel(); ++i) if (at[i] < 0 || at[i] >= count) index_error("index out of range in self");
  return rows;
}

struct Rows {
  static constexpr OpInfo info{.sig = "_embedding(Tensor weight, Tensor indices, int padding_idx, bool scale_grad_by_freq) -> Tensor",
                               .doc = "Rows of weight; a row number padding_idx gets no gradient.",
                               .saves = {X1},
                               .where = 0,
                               .grad_name = "EmbeddingBackward0"};
  static Tensor fwd(const Tensor& weight, const Tensor& index, int64_t, bool) {
    const Tensor table = contiguous_copy(weight), rows = checked_rows(index, weight.size(0));
    const int64_t width = weight.size(1), n = rows.numel();
    Dims sizes = index.sizes();
    sizes.push_back(width);
    const auto* at = rows.data<int64_t>();
    const Tensor y = empty(sizes, weight.dtype());
    const auto bytes = static_cast<size_t>(width * item_size(weight.dtype()));
    parallel_items(n, width, kGrain, [&](int64_t begin, int64_t end) {
      char* to = y->data + static_cast<size_t>(begin) * bytes;
      for (int64_t i = begin; i < end; ++i, to += bytes) std::memcpy(to, table->data + static_cast<size_t>(at[i]) * bytes, bytes);
    });
    return y;
  }
  static void vjp(Grads& d, const Tensor& weight, const Tensor& index, int64_t padding, bool by_frequency) {
    if (d.needs(0)) d.set(0, table_gradient(d.g(), index, weight.size(0), padding, by_frequency));
  }
};

struct TableGradient {
  static constexpr OpInfo info{.sig = "_embedding_backward(Tensor grad, Tensor indices, int num_weights, int padding_idx, bool scale_grad_by_freq) -> Tensor",
                               .doc = "A table of zeros with the rows of grad added at the numbers in indices, but none at padding_idx.",
                               .saves = {X1},
                               .where = 0};
  static Tensor fwd(const Tensor& g, const Tensor& index, int64_t count, int64_t padding, bool by_frequency) {
    const int64_t width = g.size(-1);
    const Dtype type = computed_in(g.dtype());
    const Tensor table = zeros(Dims{count, width}, type), rows = checked_rows(index, count), from = cast_copy(g, type);
    const Tensor factors = padding >= 0 || by_frequency ? row_factors(rows, count, padding, by_frequency, type) : Tensor();
    const int64_t n = rows.numel(), *at = rows.data<int64_t>();
    // A range of the table belongs to one thread, which adds to it in the order of the indices.
    const int64_t ranges = std::clamp<int64_t>(n * width / kGrain, 1, kMostRanges);
    visit_float(type, [&]<class T>() {
      const T *p = from.data<T>(), *f = factors.defined() ? factors.data<T>() : nullptr;
      parallel_for(count, (count + ranges - 1) / ranges, [&](int64_t begin, int64_t end) {
        for (int64_t i = 0; i < n; ++i) {
          if (at[i] < begin || at[i] >= end) continue;
          T* to = table.data<T>() + at[i] * width;
          const T* x = p + i * width;
          if (!f) for (int64_t j = 0; j < width; ++j) to[j] += x[j];
          else if (f[i] != 0) for (int64_t j = 0; j < width; ++j) to[j] += x[j] * f[i];
        }
      });
    });
    return narrowed(table, g.dtype());
  }
  static void vjp(Grads& d, const Tensor& g, const Tensor& index, int64_t count, int64_t padding, bool by_frequency) {
    if (!d.needs(0)) return;
    const Tensor rows = index64(index);
    const Tensor taken = index_select(d.g(), 0, reshape(rows, Dims{-1})) * row_factors(rows, count, padding, by_frequency, d.g().dtype());
    d.set(0, reshape(taken, g.sizes()));
  }

 private:
  // What each looked-up row counts for, (N, 1).
  static Tensor row_factors(const Tensor& rows, int64_t count, int64_t padding, bool by_frequency, Dtype dtype) {
    const auto* p = rows.data<int64_t>();
    const int64_t n = rows.numel();
    std::vector<int64_t> frequency(static_cast<size_t>(by_frequency ? count : 0));
    if (by_frequency) for (int64_t i = 0; i < n; ++i) ++frequency[static_cast<size_t>(p[i])];
    const Tensor factors = empty(Dims{n, 1}, Dtype::Float64);
    for (int64_t i = 0; i < n; ++i) {
      factors.data<double>()[i] = p[i] == padding ? 0 : by_frequency ? 1.0 / static_cast<double>(frequency[static_cast<size_t>(p[i])]) : 1;
    }
    return cast_copy(factors, dtype);
  }
};

Tensor table_gradient(const Tensor& g, const Tensor& index, int64_t rows, int64_t padding, bool by_frequency) {
  return call_op<TableGradient>(g, index, rows, padding, by_frequency);
}

// Scales the rows that will be read down to max_norm, in the table itself.
void limit_norms(const Tensor& weight, const Tensor& index, double max_norm, double p) {
  const GradMode off(false);
  const Tensor rows = checked_rows(index, weight.size(0));
  const std::set<int64_t> used(rows.data<int64_t>(), rows.data<int64_t>() + rows.numel());
  const Tensor table = cast_copy(weight, Dtype::Float64);
  const int64_t width = weight.size(1);
  bool changed = false;
  for (int64_t row : used) {
    const double* v = table.data<double>() + row * width;
    double norm = 0;
    for (int64_t i = 0; i < width; ++i) norm = std::isinf(p) ? std::max(norm, std::abs(v[i])) : norm + std::pow(std::abs(v[i]), p);
    if (!std::isinf(p)) norm = std::pow(norm, 1 / p);
    if (!(norm > max_norm)) continue;
    const Tensor to = alias(weight, Dims{width}, Dims{weight.stride(1)}, weight.offset() + row * weight.stride(0));
    copy_elements(to, to * (max_norm / (norm + 1e-7)));
    changed = true;
  }
  if (changed) weight.bump();
}

struct Embedding : Composite {
  static constexpr OpInfo info{.sig = "embedding(Tensor input, Tensor weight, int? padding_idx=None, float? max_norm=None, float norm_type=2.0, "
                                      "bool scale_grad_by_freq=False, bool sparse=False) -> Tensor",
                               .doc = "The rows of weight (V, D) that the integers of input (*) name, as (*, D). padding_idx names a row without gradient; "
                                      "rows longer than max_norm are first scaled down in weight. With sparse, the gradient of a weight that is a leaf is sparse.",
                               .where = kNN};
  static Tensor fwd(const Tensor& input, const Tensor& weight, std::optional<int64_t> padding, std::optional<double> max_norm, double norm_type,
                    bool by_frequency, bool sparse) {
    if (weight.dim() != 2) runtime_error("'weight' must be 2-D");
    check_index(input);
    const int64_t rows = weight.size(0);
    if (padding && (*padding >= rows || *padding < -rows)) fail(ErrorKind::Assertion, "Padding_idx must be within num_embeddings");
    if (max_norm) limit_norms(weight, input, *max_norm, norm_type);
    const int64_t unlearned = padding ? (*padding < 0 ? *padding + rows : *padding) : -1;
    if (sparse && thread_state().grad_enabled && weight->has(kRequiresGrad)) return sparse_embedding(weight, input, unlearned, by_frequency);
    return call_op<Rows>(weight, input, unlearned, by_frequency);
  }
};

const Register<Rows, TableGradient, Embedding> registered;

}  // namespace
}  // namespace st
