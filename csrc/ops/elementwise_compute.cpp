// Elementwise ops on tensors: types, shapes, and the shortest way through the loop.
#include "ops/elementwise_compute.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "kernels/convert.h"
#include "kernels/dim_order.h"
#include "kernels/layout.h"
#include "kernels/loop.h"
#include "kernels/reduce.h"

namespace st {
namespace {

TileType tile_type(Dtype d) {
  switch (d) {
    case Dtype::Bool: return kBool;
    case Dtype::UInt8: return kUInt8;
    case Dtype::Int8: return kInt8;
    case Dtype::Int16: return kInt16;
    case Dtype::Int32: return kInt32;
    case Dtype::Int64: return kInt64;
    case Dtype::Float64: return kFloat64;
    case Dtype::Complex64: return kComplex64;
    case Dtype::Complex128: return kComplex128;
    default: return kFloat32;
  }
}
// PyTorch's promotion: tensors with dimensions, then 0-d tensors, then numbers; a weaker one counts only if its category is higher.
Dtype promoted(const Operand* x, int n, bool selector) {
  Dtype best[3];
  bool have[3] = {};
  for (int i = selector ? 1 : 0; i < n; ++i) {
    const int rank = !x[i].t ? 2 : (*x[i].t)->has(kWrappedNumber) ? 2 : x[i].t->dim() > 0 ? 0 : 1;
    Dtype d = x[i].t ? x[i].t->dtype() : x[i].s.dtype();
    if (rank == 2 && is_floating(d)) d = default_dtype();
    best[rank] = have[rank] ? promote(best[rank], d) : d;
    have[rank] = true;
  }
  Dtype result = best[0];
  bool any = have[0];
  for (int r = 1; r < 3; ++r) {
    if (!have[r]) continue;
    if (!any) result = best[r];
    else if (category(best[r]) > category(result)) result = category(best[r]) == Category::Complex ? promote(best[r], result) : best[r];
    any = true;
  }
  return result;
}

[[noreturn]] void no_kernel(const Row& row, Dtype type) {
  not_implemented("\"", row.info.kernel ? row.info.kernel : row.name() + "_cpu", "\" not implemented for '", info(type).scalar_type, "'");
}

}  // namespace

Types types_of(const Row& row, const Operand* x) {
  Dtype common;
  const Dtype first = x[0].t && !(*x[0].t)->has(kWrappedNumber) ? x[0].t->dtype() : Dtype::Bool;
  bool plain = is_floating(first) && !row.info.selector;  // a float tensor with its like and with real numbers: no promotion to do
  for (int i = 1; plain && i < row.n_inputs; ++i) plain = x[i].t ? x[i].t->dtype() == first : x[i].s.kind == Scalar::Int || x[i].s.kind == Scalar::Float;
  common = plain ? first : promoted(x, row.n_inputs, row.info.selector);
  if (!plain && row.check) row.check(x);
  if (common == Dtype::Bool) {
    if (row.info.no_bool) runtime_error(row.info.no_bool);
    if (row.info.bools == Bools::AsInt64) common = Dtype::Int64;
  }
  if (row.info.kind == Kind::Float && !differentiable(common)) common = default_dtype();
  return {common, row.info.kind == Kind::Compare ? Dtype::Bool : common};
}

Dims broadcast_sizes(const Row& row, const Operand* x) {
  Dims sizes;
  for (int i = 0; i < row.n_inputs; ++i) {
    if (!x[i].t) continue;
    const DimSpan s = x[i].t->sizes();
    while (sizes.size() < static_cast<int>(s.size())) sizes.insert(0, 1);
    const int shift = sizes.size() - static_cast<int>(s.size());
    for (size_t d = s.size(); d-- > 0;) {  // from the last: the one that messages name
      int64_t& have = sizes[shift + static_cast<int>(d)];
      if (have == s[d] || s[d] == 1) continue;
      if (have != 1) {
        runtime_error("The size of tensor a (", have, ") must match the size of tensor b (", s[d], ") at non-singleton dimension ", shift + static_cast<int>(d));
      }
      have = s[d];
    }
  }
  return sizes;
}

namespace {

// What the loop reads: a number stands in `store` in the type computed in.
LoopOperand loop_operand(const Operand& x, Dtype type, char* store) {
  if (x.t) return LoopOperand::of(*x.t);
  visit(type, [&]<class T>() { *reinterpret_cast<T*>(store) = x.s.to<T>(); });
  LoopOperand op;
  op.data = store;
  op.dtype = type;
  return op;
}

// In the integer type computed in, where a number that is not zero may have become one.
void check_zero(const Operand& divisor, Dtype type) {
  bool found = false;
  if (divisor.t) {
    const Tensor c = divisor.t->dtype() == type ? *divisor.t : cast_copy(*divisor.t, type);
    found = !*fold(c, all_dims(c.dim()), false, Fold::All).data<bool>();
  } else {
    visit_real(type, [&]<class T>() { found = divisor.s.to<T>() == T(0); });
  }
  if (found) runtime_error("ZeroDivisionError");
}

}  // namespace

void compute(const Row& row, const Types& types, const Operand* x, const double* params, const Tensor& out) {
  const Dtype type = computed_in(types.common);
  const Tile tile = row.tiles->forward[tile_type(type)];
  if (!tile) no_kernel(row, types.common);
  if (row.info.zero_check && !differentiable(type) && out.numel() > 0) check_zero(x[1], type);
  alignas(16) char store[kMaxInputs][16];
  LoopOperand in[kMaxInputs];
  for (int i = 0; i < row.n_inputs; ++i) in[i] = loop_operand(x[i], type, store[i]);
  run_loop(tile, params, out.sizes(), LoopOperand::of(out), row.info.kind == Kind::Compare ? Dtype::Bool : type, in, row.n_inputs, type);
}

namespace {

// An operand's stride over dimension d of the broadcast shape; 0 where it is broadcast.
int64_t stride_over(const Tensor& x, DimSpan sizes, int d) {
  const int own = d - (static_cast<int>(sizes.size()) - x.dim());
  return own < 0 || (x.size(own) == 1 && sizes[d] != 1) ? 0 : x.stride(own);
}

// Which of two dimensions lies further in, a (below 0) or b (above 0): the first operand that is broadcast along neither says it by its
// strides, and where they are equal a goes out if it is the larger.
int compare_dims(const Row& row, const Operand* x, DimSpan sizes, int a, int b) {
  for (int i = 0; i < row.n_inputs; ++i) {
    if (!x[i].t) continue;
    const int64_t s = stride_over(*x[i].t, sizes, a), t = stride_over(*x[i].t, sizes, b);
    if (s == 0 || t == 0) continue;
    if (s != t) return s < t ? -1 : 1;
    if (sizes[a] > sizes[b]) return 1;
  }
  return 0;
}

// The dimensions of the result from the outermost in memory to the innermost, as the operands lie: row-major where they do not say.
// Nothing where that is the order of the shape.
std::optional<Dims> order_of_result(const Row& row, const Operand* x, DimSpan sizes) {
  bool plain = true;
  for (int i = 0; i < row.n_inputs; ++i) plain &= !x[i].t || x[i].t->is_contiguous();
  if (plain) return std::nullopt;
  const int n = static_cast<int>(sizes.size());
  Dims order = dims_from_within(n, [&](int a, int b) { return compare_dims(row, x, sizes, a, b); });
  std::reverse(order.begin(), order.end());
  if (std::is_sorted(order.begin(), order.end())) return std::nullopt;
  return order;
}

// x with the dimensions of the broadcast shape in that order; those it has not are of size 1.
Tensor in_order(const Tensor& x, DimSpan order) {
  const int shift = static_cast<int>(order.size()) - x.dim();
  Dims sizes, strides;
  for (int64_t d : order) {
    sizes.push_back(d < shift ? 1 : x.size(static_cast<int>(d) - shift));
    strides.push_back(d < shift ? 0 : x.stride(static_cast<int>(d) - shift));
  }
  return alias(x, sizes, strides, x.offset());
}

}  // namespace

// At most a tile of elements, contiguous tensors of n elements or one: no loop. False where the general way must be taken.
bool small_call(const Row& row, Dtype type, Dtype common, const Operand* x, const double* params, char* out, int64_t n) {
  const Tile tile = row.tiles->forward[tile_type(type)];
  if (!tile || type != common || row.info.zero_check || is_complex(type)) return false;
  alignas(64) char buffers[kMaxInputs][kTile * 8];
  char* p[kMaxInputs + 1] = {out};
  const int64_t size = item_size(type);
  for (int i = 0; i < row.n_inputs; ++i) {
    const Tensor* t = x[i].t;
    if (t && t->dtype() == type && t->numel() == n) {
      p[i + 1] = (*t)->data;
      continue;
    }
    p[i + 1] = buffers[i];
    if (t) {
      convert(buffers[i], type, size, (*t)->data, t->dtype(), t->numel() == n ? item_size(t->dtype()) : 0, n);
    } else if (type == Dtype::Float32) {
      const float v = static_cast<float>(x[i].s.to_double());
      auto* b = reinterpret_cast<float*>(buffers[i]);
      for (int64_t k = 0; k < n; ++k) b[k] = v;
    } else {
      char one[8];
      visit_real(type, [&]<class T>() { *reinterpret_cast<T*>(one) = x[i].s.to<T>(); });
      convert(buffers[i], type, size, one, type, 0, n);
    }
  }
  if (n > 0) tile(p, n, params);
  return true;
}

Tensor compute_new(const Row& row, const Types& types, const Operand* x, const double* params) {
  // The common case: every tensor has the first one's shape, contiguous, or one element beside it.
  const Tensor* big = nullptr;
  bool simple = true;
  for (int i = 0; i < row.n_inputs && simple; ++i) {
    const Tensor* t = x[i].t;
    if (!t) continue;
    if (!t->is_contiguous()) simple = false;
    else if (!big || (big->dim() == 0 && t->dim() > 0)) big = t;
    else if (t->dim() > 0) simple = same_shape(*big, *t);
  }
  if (!simple) {
    const Dims sizes = broadcast_sizes(row, x);
    if (const auto order = order_of_result(row, x, sizes)) {
      // The same loop over memory order: the operands' dimensions are read from the outermost to the innermost.
      Dims turned_sizes;
      for (int64_t d : *order) turned_sizes.push_back(sizes[d]);
      const Tensor turned_out = empty(turned_sizes, types.result);
      Operand y[kMaxInputs];
      Tensor turned[kMaxInputs];
      for (int i = 0; i < row.n_inputs; ++i) {
        y[i] = x[i];
        if (x[i].t && x[i].t->dim() > 0) y[i].t = &(turned[i] = in_order(*x[i].t, *order));
      }
      compute(row, types, y, params, turned_out);
      Dims strides = Dims::filled(sizes.size(), 0);
      for (int k = 0; k < sizes.size(); ++k) strides[(*order)[k]] = turned_out.stride(k);
      return alias(turned_out, sizes, strides, 0);
    }
    Tensor out = empty(sizes, types.result);
    compute(row, types, x, params, out);
    return out;
  }
  Tensor out = empty(big ? big->sizes() : DimSpan{}, types.result);
  const int64_t n = out.numel();
  const Dtype type = computed_in(types.common);
  if (n <= kTile && small_call(row, type, types.common, x, params, out->data, n)) [[likely]] return out;
  compute(row, types, x, params, out);
  return out;
}

}  // namespace st
