// Ops of order along a dimension: sort, argsort, msort, topk, kthvalue, mode.
#include "kernels/sort.h"

#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

using Pair = std::tuple<Tensor, Tensor>;

void no_complex_order(const Tensor& x, const char* what) {
  if (is_complex(x.dtype())) runtime_error(" ", what, " does not support complex dtypes on CPU");
}

// x with the lines along dim as contiguous memory, one behind the other.
Tensor contiguous_lines(const Tensor& x, int64_t dim) {
  if (x.dim() == 0 || dim == x.dim() - 1) return contiguous_copy(x);
  Dims order;
  for (int d = 0; d < x.dim(); ++d) if (d != dim) order.push_back(d);
  order.push_back(dim);
  return contiguous_copy(permuted(x, order));
}

// Results of `length` elements a line, back in the place of dim.
Tensor from_lines(const Tensor& lines, int64_t dim) {
  if (lines.dim() == 0 || dim == lines.dim() - 1) return lines;
  Dims order;
  for (int d = 0; d < lines.dim() - 1; ++d) order.push_back(d);
  order.insert(static_cast<int>(dim), lines.dim() - 1);
  return contiguous_copy(permuted(lines, order));
}

Dims line_sizes(const Tensor& lines, int64_t length) {
  Dims sizes = lines.sizes();
  if (!sizes.empty()) sizes.back() = length;
  return sizes;
}

Pair sorted(const Tensor& x, int64_t dim, bool descending) {
  no_complex_order(x, "Sort");
  dim = wrap_dim(dim, x.dim());
  const Tensor lines = contiguous_lines(x, dim);
  const Tensor values = empty(lines.sizes(), x.dtype()), indices = empty(lines.sizes(), Dtype::Int64);
  sort_lines(lines, x.dim() ? x.size(dim) : 1, descending, values, indices);
  return {from_lines(values, dim), from_lines(indices, dim)};
}

struct SortStable {
  static constexpr OpInfo info{.sig = "sort(Tensor input, int dim=-1, bool descending=False, *, bool? stable) -> (Tensor values, Tensor indices)",
                               .doc = "Sorts along dim; equal elements keep their order. NaN counts as largest.",
                               .saves = {Y1},
                               .grad_name = "SortBackward1"};
  static Pair fwd(const Tensor& x, int64_t dim, bool descending, std::optional<bool>) { return sorted(x, dim, descending); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, bool, std::optional<bool>) { chosen_gradient(d, x, dim, true); }
};

struct Sort {
  static constexpr OpInfo info{.sig = "sort(Tensor input, int dim=-1, bool descending=False) -> (Tensor values, Tensor indices)",
                               .doc = "Sorts along dim and tells where each element stood. NaN counts as largest.",
                               .saves = {Y1}};
  static Pair fwd(const Tensor& x, int64_t dim, bool descending) { return sorted(x, dim, descending); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, bool) { chosen_gradient(d, x, dim, true); }
};

struct ArgsortStable {
  static constexpr OpInfo info{.sig = "argsort(Tensor input, int dim=-1, bool descending=False, *, bool stable) -> Tensor",
                               .doc = "The indices that sort input along dim; equal elements keep their order."};
  static Tensor fwd(const Tensor& x, int64_t dim, bool descending, bool) { return std::get<1>(sorted(x, dim, descending)); }
};

struct Argsort {
  static constexpr OpInfo info{.sig = "argsort(Tensor input, int dim=-1, bool descending=False) -> Tensor", .doc = "The indices that sort input along dim."};
  static Tensor fwd(const Tensor& x, int64_t dim, bool descending) { return std::get<1>(sorted(x, dim, descending)); }
};

struct Msort : Composite {
  static constexpr OpInfo info{.sig = "msort(Tensor input) -> Tensor", .doc = "input sorted along its first dimension."};
  static Tensor fwd(const Tensor& x) { return std::get<0>(call_op<Sort>(x, int64_t{0}, false)); }
};

struct Topk {
  static constexpr OpInfo info{.sig = "topk(Tensor input, int k, int? dim=None, bool largest=True, bool sorted=True) -> (Tensor values, Tensor indices)",
                               .doc = "The k largest (or smallest) elements along dim, the last dimension unless given, and where they stand.",
                               .saves = {Y1}};
  static Pair fwd(const Tensor& x, int64_t k, std::optional<int64_t> given, bool largest, bool sorted) {
    const int64_t dim = wrap_dim(given.value_or(-1), x.dim()), n = x.dim() ? x.size(dim) : 1;
    if (k < 0 || k > n) runtime_error("selected index k out of range");
    no_complex_order(x, "topk");
    if (x.dtype() == Dtype::Bool) runtime_error("topk does not support bool dtypes on CPU");
    const Tensor lines = contiguous_lines(x, dim);
    const Dims sizes = line_sizes(lines, k);
    const Tensor values = empty(x.dim() == 0 && k == 0 ? Dims{0} : sizes, x.dtype()), indices = empty(values.sizes(), Dtype::Int64);
    top_lines(lines, n, k, largest, sorted, values, indices);
    return {from_lines(values, dim), from_lines(indices, dim)};
  }
  static void vjp(Grads& d, const Tensor& x, int64_t, std::optional<int64_t> dim, bool, bool) { chosen_gradient(d, x, dim.value_or(-1), true); }
};

// One element a line: the shapes of reductions.
template <class Kernel>
Pair one_a_line(const char* op, const Tensor& x, int64_t given, bool keepdim, Kernel kernel) {
  if (is_complex(x.dtype())) not_implemented("\"", op, "_cpu\" not implemented for '", info(x.dtype()).scalar_type, "'");
  const int64_t dim = wrap_dim(given, x.dim()), n = x.dim() ? x.size(dim) : 1;
  if (n == 0) index_error(op, "(): Expected reduction dim ", dim, " to have non-zero size.");
  const Tensor lines = contiguous_lines(x, dim);
  Dims sizes = x.sizes();
  if (x.dim() && keepdim) sizes[dim] = 1;
  else if (x.dim()) sizes.erase(static_cast<int>(dim));
  const Tensor values = empty(sizes, x.dtype()), indices = empty(sizes, Dtype::Int64);
  if (values.numel() > 0) kernel(lines, n, values, indices);
  return {values, indices};
}

struct Kthvalue {
  static constexpr OpInfo info{.sig = "kthvalue(Tensor input, int k, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
                               .doc = "The k-th smallest element along dim, k from 1, and where it stands.",
                               .saves = {Y1}};
  static Pair fwd(const Tensor& x, int64_t k, int64_t given, bool keepdim) {
    const int64_t dim = wrap_dim(given, x.dim()), n = x.dim() ? x.size(dim) : 1;
    if (n > 0 && (k < 1 || k > n)) runtime_error("kthvalue(): selected number k out of range for dimension ", dim);
    if (x.dtype() == Dtype::Bool) not_implemented("\"kthvalue_cpu\" not implemented for 'Bool'");
    return one_a_line("kthvalue", x, given, keepdim, [k](const Tensor& lines, int64_t length, const Tensor& values, const Tensor& indices) {
      kth_lines(lines, length, k, values, indices);
    });
  }
  static void vjp(Grads& d, const Tensor& x, int64_t, int64_t dim, bool keepdim) { chosen_gradient(d, x, dim, keepdim); }
};

struct Mode {
  static constexpr OpInfo info{.sig = "mode(Tensor input, int dim=-1, bool keepdim=False) -> (Tensor values, Tensor indices)",
                               .doc = "The most frequent element along dim, the smallest of several, and where it stands last.",
                               .saves = {Y1}};
  static Pair fwd(const Tensor& x, int64_t dim, bool keepdim) { return one_a_line("mode", x, dim, keepdim, mode_lines); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, bool keepdim) { chosen_gradient(d, x, dim, keepdim); }
};

const Register<SortStable, Sort, ArgsortStable, Argsort, Msort, Topk, Kthvalue, Mode> registered;

}  // namespace

Tensor sorted_values(const Tensor& x, int64_t dim) { return std::get<0>(call_op<Sort>(x, dim, false)); }

}  // namespace st
