// Index tensors to offsets.
#include "ops/index_plan.h"

#include <algorithm>

#include "kernels/layout.h"
#include "kernels/nonzero.h"

namespace st {

bool is_mask_type(Dtype d) { return d == Dtype::Bool || d == Dtype::UInt8; }

Tensor index64(const Tensor& index) { return cast_copy(index, Dtype::Int64); }
Tensor index64(DimSpan numbers) {
  const Tensor t = empty(Dims{static_cast<int64_t>(numbers.size())}, Dtype::Int64);
  std::copy(numbers.begin(), numbers.end(), t.data<int64_t>());
  return t;
}

Tensors nonzero_columns(const Tensor& mask) {
  const int64_t n = count_nonzero_elements(mask);
  // One memory for all columns.
  const Tensor all = empty(Dims{mask.dim(), n}, Dtype::Int64);
  if (n > 0) write_nonzero(mask, all.data<int64_t>(), 1, n);
  Tensors columns;
  for (int d = 0; d < mask.dim(); ++d) columns.push_back(alias(all, Dims{n}, Dims{1}, d * n));
  return columns;
}

namespace {

void check_mask(const Tensor& x, const Tensor& mask, int64_t dim) {
  for (int j = 0; j < mask.dim(); ++j) {
    if (dim + j >= x.dim()) index_error("too many indices for tensor of dimension ", x.dim());
    if (mask.size(j) != x.size(dim + j)) {
      index_error("The shape of the mask ", mask.sizes(), " at index ", j, " does not match the shape of the indexed tensor ", x.sizes(),
                  " at index ", dim + j);
    }
  }
}

// One entry a dimension of x; masks resolved, the types checked.
Tensors per_dimension(const Tensor& x, const Tensors& indices) {
  Tensors out;
  for (const Tensor& t : indices) {
    if (!t.defined()) {
      out.emplace_back();
    } else if (is_mask_type(t.dtype())) {
      check_mask(x, t, static_cast<int64_t>(out.size()));
      for (Tensor& column : nonzero_columns(t)) out.push_back(std::move(column));
    } else if (t.dtype() == Dtype::Int64 || t.dtype() == Dtype::Int32) {
      out.push_back(index64(t));
    } else {
      index_error("tensors used as indices must be long, int, byte or bool tensors");
    }
  }
  if (static_cast<int>(out.size()) > x.dim()) {
    index_error("too many indices for tensor of dimension ", x.dim(), " (got ", out.size(), ")");
  }
  out.resize(static_cast<size_t>(x.dim()));
  return out;
}

Dims common_sizes(const Tensors& list) {
  Dims sizes;
  std::string shapes;
  bool fits = true;
  for (const Tensor& t : list) {
    if (!t.defined()) continue;
    shapes += cat(shapes.empty() ? "" : ", ", t.sizes());
    while (sizes.size() < t.dim()) sizes.insert(0, 1);
    const int shift = sizes.size() - t.dim();
    for (int d = 0; d < t.dim(); ++d) {
      int64_t& have = sizes[shift + d];
      if (have == 1) have = t.size(d);
      else fits &= t.size(d) == 1 || t.size(d) == have;
    }
  }
  if (!fits) index_error("shape mismatch: indexing tensors could not be broadcast together with shapes ", shapes);
  return sizes;
}

void add_offsets(int64_t* offsets, const int64_t* index, int64_t n, int number, int64_t size, int64_t stride) {
  for (int64_t i = 0; i < n; ++i) {
    const int64_t v = index[i];
    if (v < -size || v >= size) {
      index_error("index ", v, " is out of bounds for dimension ", number, " with size ", size);
    }
    offsets[i] += (v < 0 ? v + size : v) * stride;
  }
}

}  // namespace

IndexPlan plan_index(const Tensor& x, const Tensors& indices) {
  const Tensors list = per_dimension(x, indices);
  const Dims common = common_sizes(list);
  IndexPlan plan;
  plan.offsets = empty(common, Dtype::Int64);
  auto* offsets = plan.offsets.data<int64_t>();
  const int64_t n = plan.offsets.numel();
  fill_elements(plan.offsets, Scalar(0));
  // Where nothing is read, PyTorch does not look at the values of the indices.
  bool nothing = false;
  for (int d = 0; d < x.dim(); ++d) nothing |= x.size(d) == 0 && !list[static_cast<size_t>(d)].defined();
  int first = -1, last = -1, count = 0;
  for (int d = 0; d < x.dim(); ++d) {
    const Tensor& t = list[static_cast<size_t>(d)];
    if (!t.defined()) continue;
    if (first < 0) first = d;
    last = d;
    const int number = count++;  // PyTorch's message counts the indices, not the dimensions
    Tensor spread = t;
    if (t.numel() != n) {
      spread = empty(common, Dtype::Int64);
      copy_elements(spread, t);
    }
    if (x.size(d) == 0 && n > 0) index_error("index is out of bounds for dimension with size 0");
    if (!nothing) add_offsets(offsets, spread.data<int64_t>(), n, number, x.size(d), x.stride(d));
  }
  const bool adjacent = count == 0 || last - first + 1 == count;
  Blocks& b = plan.blocks;
  b.offsets = offsets;
  b.count = n;
  for (int d = 0; d < x.dim(); ++d) {
    if (list[static_cast<size_t>(d)].defined()) continue;
    const bool before = adjacent && d < first;
    (before ? b.before_sizes : b.after_sizes).push_back(x.size(d));
    (before ? b.before_strides : b.after_strides).push_back(x.stride(d));
  }
  plan.sizes = b.before_sizes;
  for (int64_t s : common) plan.sizes.push_back(s);
  for (int64_t s : b.after_sizes) plan.sizes.push_back(s);
  return plan;
}

Blocks blocks_of_elements(const Tensor& offsets) {
  Blocks b;
  b.offsets = offsets.data<int64_t>();
  b.count = offsets.numel();
  return b;
}

Blocks blocks_along(const Tensor& x, int64_t dim, const Tensor& offsets) {
  Blocks b = blocks_of_elements(offsets);
  for (int d = 0; d < x.dim(); ++d) {
    if (d == dim) continue;
    (d < dim ? b.before_sizes : b.after_sizes).push_back(x.size(d));
    (d < dim ? b.before_strides : b.after_strides).push_back(x.stride(d));
  }
  return b;
}

}  // namespace st
