// unique and unique_consecutive.
#include "kernels/unique.h"

#include "ops/call.h"
#include "ops/functions.h"
#include "ops/index_plan.h"

namespace st {
namespace {

using Triple = std::tuple<Tensor, Tensor, Tensor>;

Tensor none() { return empty(Dims{0}, Dtype::Int64); }

void check_real(const Tensor& x) {
  if (is_complex(x.dtype())) not_implemented("\"unique\" not implemented for '", info(x.dtype()).scalar_type, "'");
}

// Of all elements.
Triple of_elements(const Tensor& x, bool sort, bool inverse, bool counts) {
  check_real(x);
  const Tensor flat = contiguous_copy(x);
  if (!sort && !inverse && !counts) return {first_of_runs(flat), none(), none()};
  const Runs runs = find_runs(flat, x.numel(), 1, sort, inverse);
  const Tensor y = empty(runs.first.sizes(), x.dtype());
  gather_blocks(y->data, flat->data, x.dtype(), blocks_of_elements(runs.first));
  return {y, inverse ? alias(runs.inverse, x.sizes(), contiguous_strides(x.sizes()), 0) : none(), counts ? runs.counts : none()};
}

// Of the slices along a dimension.
Triple of_slices(const Tensor& x, int64_t given, bool sort, bool inverse, bool counts) {
  check_real(x);
  if (x.dim() == 0) index_error("Dimension specified as ", given, " but tensor has no dimensions");
  const int64_t dim = wrap_dim(given, x.dim());
  int zeros = 0;
  for (int64_t s : x.sizes()) zeros += s == 0;
  if (x.size(dim) == 0) {
    if (zeros != 1) runtime_error("Number of zero sized dimensions is more than one, so unique cannot be applied ");
    return {empty(x.sizes(), x.dtype()), none(), none()};
  }
  if (zeros != 0) runtime_error("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  Dims order{dim};
  for (int d = 0; d < x.dim(); ++d) if (d != dim) order.push_back(d);
  const Tensor rows = contiguous_copy(permuted(x, order));
  const Runs runs = find_runs(rows, x.size(dim), x.numel() / x.size(dim), sort, inverse);
  return {index_select(x, dim, runs.first), inverse ? runs.inverse : none(), counts ? runs.counts : none()};
}

[[noreturn]] void no_derivative(const char* op) { not_implemented("the derivative for '", op, "' is not implemented."); }

struct UniqueElements {
  static constexpr OpInfo info{.sig = "_unique2(Tensor input, bool sorted=True, bool return_inverse=False, bool return_counts=False) -> (Tensor, Tensor, Tensor)",
                               .doc = "unique of all elements.",
                               .where = 0,
                               .grad_name = "Unique2Backward0"};
  static Triple fwd(const Tensor& x, bool, bool inverse, bool counts) { return of_elements(x, true, inverse, counts); }
  static void vjp(Grads&, const Tensor&, bool, bool, bool) { no_derivative("_unique2"); }
};

struct UniqueSlices {
  static constexpr OpInfo info{.sig = "_unique_dim(Tensor input, int dim, bool sorted, bool return_inverse, bool return_counts) -> (Tensor, Tensor, Tensor)",
                               .doc = "unique of the slices along a dimension.",
                               .where = 0,
                               .grad_name = "UniqueDimBackward0"};
  static Triple fwd(const Tensor& x, int64_t dim, bool, bool inverse, bool counts) { return of_slices(x, dim, true, inverse, counts); }
  static void vjp(Grads&, const Tensor&, int64_t, bool, bool, bool) { no_derivative("unique_dim"); }
};

struct UniqueNeighbours {
  static constexpr OpInfo info{.sig = "_unique_consecutive(Tensor input, bool return_inverse, bool return_counts, int? dim) -> (Tensor, Tensor, Tensor)",
                               .doc = "unique_consecutive with all three results.",
                               .where = 0,
                               .grad_name = "UniqueConsecutiveBackward0"};
  static Triple fwd(const Tensor& x, bool inverse, bool counts, std::optional<int64_t> dim) {
    return dim ? of_slices(x, *dim, false, inverse, counts) : of_elements(x, false, inverse, counts);
  }
  static void vjp(Grads&, const Tensor&, bool, bool, std::optional<int64_t>) { no_derivative("unique_consecutive"); }
};

// What was asked for, alone where it is one.
Value chosen(const Triple& all, bool inverse, bool counts) {
  if (!inverse && !counts) return std::get<0>(all);
  Tensors list{std::get<0>(all)};
  if (inverse) list.push_back(std::get<1>(all));
  if (counts) list.push_back(std::get<2>(all));
  return list;
}

struct Unique : Composite {
  static constexpr OpInfo info{.sig = "unique(Tensor input, bool sorted=True, bool return_inverse=False, bool return_counts=False, int? dim=None) -> Tensor",
                               .doc = "The distinct elements in ascending order, or the distinct slices along dim; with return_inverse also where each "
                                      "element went, with return_counts how many each stands for."};
  static Value fwd(const Tensor& x, bool sorted, bool inverse, bool counts, std::optional<int64_t> dim) {
    return chosen(dim ? call_op<UniqueSlices>(x, *dim, sorted, inverse, counts) : call_op<UniqueElements>(x, sorted, inverse, counts), inverse, counts);
  }
};

struct UniqueConsecutive : Composite {
  static constexpr OpInfo info{.sig = "unique_consecutive(Tensor input, bool return_inverse=False, bool return_counts=False, int? dim=None) -> Tensor",
                               .doc = "The first of every run of equal elements, or of equal slices along dim; further results as in unique."};
  static Value fwd(const Tensor& x, bool inverse, bool counts, std::optional<int64_t> dim) {
    return chosen(call_op<UniqueNeighbours>(x, inverse, counts, dim), inverse, counts);
  }
};

const Register<UniqueElements, UniqueSlices, UniqueNeighbours, Unique, UniqueConsecutive> registered;

}  // namespace
}  // namespace st
