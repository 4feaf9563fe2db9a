// The largest and the smallest: max, min, amax, amin, aminmax, argmax, argmin.
#include "ops/call.h"
#include "ops/elementwise/choice.h"
#include "ops/elementwise/logic.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

using Pair = std::tuple<Tensor, Tensor>;

Tensor extremes(const Tensor& x, DimMask mask, bool keepdim, bool largest) {
  if (is_complex(x.dtype())) no_complex(x.dtype());
  return narrowed(fold(x, mask, keepdim, largest ? Fold::Max : Fold::Min), x.dtype());
}

Pair along(const Tensor& x, int64_t given, bool keepdim, bool largest) {
  const int64_t dim = wrap_dim(given, x.dim());
  check_not_empty(x, mask_of(dim, x.dim()), false, largest ? "max" : "min");
  Extreme e = extreme(widened(x), dim, keepdim, largest);
  return {narrowed(std::move(e.values), x.dtype()), std::move(e.indices)};
}

Tensor places(const Tensor& x, const std::optional<int64_t>& dim, bool keepdim, bool largest) {
  const char* name = largest ? "argmax" : "argmin";
  if (x.dtype() == Dtype::Bool) runtime_error(name, "(): does not support bool input");
  if (dim) {
    const int64_t d = wrap_dim(*dim, x.dim());
    check_not_empty(x, mask_of(d, x.dim()), false, name);
    return extreme(widened(x), d, keepdim, largest).indices;
  }
  if (x.numel() == 0) index_error(name, "(): Expected reduction dim to be specified for input.numel() == 0.");
  const Tensor flat = contiguous_copy(widened(x));
  const Tensor y = extreme(alias(flat, Dims{x.numel()}, Dims{1}, flat.offset()), 0, false, largest).indices;
  return keepdim ? alias(y, Dims::filled(x.dim(), 1), Dims::filled(x.dim(), 1), 0) : y;
}

// What max and min differ in.
template <bool kLargest> inline constexpr const char* kName = kLargest ? "max" : "min";

template <bool kLargest>
struct Full {
  static constexpr OpInfo info{.sig = kLargest ? "max(Tensor input) -> Tensor" : "min(Tensor input) -> Tensor",
                               .doc = kLargest ? "The largest of all elements, 0-d; nan if there is one. Equal ones share the gradient."
                                               : "The smallest of all elements, 0-d; nan if there is one. Equal ones share the gradient.",
                               .saves = {X0 | Y}, .grad_name = kLargest ? "MaxBackward1" : "MinBackward1", .out = kOutCasts};
  static Tensor fwd(const Tensor& x) {
    check_not_empty(x, all_dims(x.dim()), true, kName<kLargest>);
    return extremes(x, all_dims(x.dim()), false, kLargest);
  }
  static void vjp(Grads& d, const Tensor& x) {
    d.set(0, shared_gradient(d.g(), x, d.y(), all_dims(x.dim()), false));
  }
};

template <bool kLargest>
struct Along {
  static constexpr OpInfo info{.sig = kLargest ? "max(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)"
                                               : "min(Tensor input, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)",
                               .doc = kLargest ? "The largest along dim and the place of the first of them; keepdim leaves dim with size 1."
                                               : "The smallest along dim and the place of the first of them; keepdim leaves dim with size 1.",
                               .saves = {Y1}, .grad_name = kLargest ? "MaxBackward0" : "MinBackward0"};
  static Pair fwd(const Tensor& x, int64_t dim, bool keepdim) { return along(x, dim, keepdim, kLargest); }
  static void vjp(Grads& d, const Tensor& x, int64_t dim, bool keepdim) { chosen_gradient(d, x, dim, keepdim); }
};

template <bool kLargest>
struct OfTwo : Composite {
  static constexpr OpInfo info{.sig = kLargest ? "max(Tensor input, Tensor other) -> Tensor" : "min(Tensor input, Tensor other) -> Tensor",
                               .doc = kLargest ? "maximum(): the larger of each pair of elements." : "minimum(): the smaller of each pair of elements.", .out = kOutCasts};
  static Tensor fwd(const Tensor& x, const Tensor& other) { return kLargest ? maximum(x, other) : minimum(x, other); }
};

template <bool kLargest>
struct Over {
  static constexpr OpInfo info{.sig = kLargest ? "amax(Tensor input, int[1] dim=[], bool keepdim=False) -> Tensor"
                                               : "amin(Tensor input, int[1] dim=[], bool keepdim=False) -> Tensor",
                               .doc = kLargest ? "The largest over the dimensions dim, all where it is empty. Equal ones share the gradient."
                                               : "The smallest over the dimensions dim, all where it is empty. Equal ones share the gradient.",
                               .saves = {X0 | Y}};
  static Tensor fwd(const Tensor& x, const Dims& dim, bool keepdim) {
    const DimMask mask = mask_of(dim, x.dim());
    check_not_empty(x, mask, dim.empty(), "a", kName<kLargest>);
    return extremes(x, mask, keepdim, kLargest);
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& dim, bool keepdim) {
    d.set(0, shared_gradient(d.g(), x, d.y(), mask_of(dim, x.dim()), keepdim));
  }
};

template <bool kLargest>
struct Place {
  static constexpr OpInfo info{.sig = kLargest ? "argmax(Tensor input, int? dim=None, bool keepdim=False) -> Tensor"
                                               : "argmin(Tensor input, int? dim=None, bool keepdim=False) -> Tensor",
                               .doc = kLargest ? "Where the largest element stands, the first of equals: along dim, or in the flattened input."
                                               : "Where the smallest element stands, the first of equals: along dim, or in the flattened input."};
  static Tensor fwd(const Tensor& x, const std::optional<int64_t>& dim, bool keepdim) { return places(x, dim, keepdim, kLargest); }
};

struct Aminmax {
  static constexpr OpInfo info{.sig = "aminmax(Tensor input, *, int? dim=None, bool keepdim=False) -> (Tensor min, Tensor max)",
                               .doc = "Smallest and largest along dim, or of all elements.", .saves = {X0 | Y}};
  static Pair fwd(const Tensor& x, const std::optional<int64_t>& dim, bool keepdim) {
    if (!dim && x.numel() == 0) runtime_error("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
    const DimMask mask = dim ? mask_of(*dim, x.dim()) : all_dims(x.dim());
    for (int d = 0; d < x.dim(); ++d) {
      if ((mask >> d & 1) && x.size(d) == 0) index_error("aminmax: Expected reduction dim ", d, " to have non-zero size.");
    }
    if (is_complex(x.dtype())) no_complex(x.dtype());
    Extremes e = fold_extremes(x, mask, keepdim);
    return {narrowed(std::move(e.least), x.dtype()), narrowed(std::move(e.largest), x.dtype())};
  }
  static void vjp(Grads& d, const Tensor& x, const std::optional<int64_t>& dim, bool keepdim) {
    const DimMask mask = dim ? mask_of(*dim, x.dim()) : all_dims(x.dim());
    Tensor total;
    for (int o = 0; o < 2; ++o) {
      if (!d.defined(o)) continue;
      const Tensor part = shared_gradient(d.g(o), x, d.y(o), mask, keepdim);
      total = total.defined() ? total + part : part;
    }
    d.set(0, total);
  }
};

const Register<Full<true>, OfTwo<true>, Along<true>, Full<false>, OfTwo<false>, Along<false>, Over<true>, Over<false>, Place<true>,
               Place<false>, Aminmax> registered;

}  // namespace

Sharers sharers(const Tensor& x, const Tensor& best, DimMask mask) {
  GradMode off(false);
  const Tensor chosen = (x == best) + isnan(x) * isnan(best);
  return {chosen, fold(chosen, mask, true, Fold::Count)};
}
Tensor shared_gradient(const Tensor& g, const Tensor& x, const Tensor& y, DimMask mask, bool keepdim) {
  const Sharers s = sharers(x, with_reduced(y, mask, x.dim(), keepdim), mask);
  return where(s.chosen, with_reduced(g, mask, x.dim(), keepdim) / s.count, 0.0);
}

Tensor amax(const Tensor& x, const OptDims& dims, bool keepdim) { return call_op<Over<true>>(x, dims.value_or(Dims{}), keepdim); }

}  // namespace st
