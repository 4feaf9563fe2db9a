// Reductions to truth and counts: any, all, count_nonzero.
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// uint8 gives uint8, as in PyTorch, which used it for masks once.
Tensor truth(const Tensor& x, DimMask mask, bool keepdim, Fold op) {
  if (is_complex(x.dtype())) return truth(x != 0.0, mask, keepdim, op);
  return narrowed(fold(widened(x), mask, keepdim, op), x.dtype() == Dtype::UInt8 ? Dtype::UInt8 : Dtype::Bool);
}
// Here an empty list means none.
DimMask listed(const OptDims& dim, int ndim) { return dim && dim->empty() ? 0 : mask_of(dim, ndim); }

struct Any {
  static constexpr OpInfo info{.sig = "any(Tensor input) -> Tensor", .doc = "Whether any element is true, 0-d."};
  static Tensor fwd(const Tensor& x) { return truth(x, all_dims(x.dim()), false, Fold::Any); }
};
struct AnyDims {
  static constexpr OpInfo info{.sig = "any(Tensor input, int[1]? dim=None, bool keepdim=False) -> Tensor",
                               .doc = "Whether any element along the dimensions dim is true; keepdim leaves them with size 1."};
  static Tensor fwd(const Tensor& x, const OptDims& dim, bool keepdim) { return truth(x, listed(dim, x.dim()), keepdim, Fold::Any); }
};
struct All {
  static constexpr OpInfo info{.sig = "all(Tensor input) -> Tensor", .doc = "Whether all elements are true, 0-d."};
  static Tensor fwd(const Tensor& x) { return truth(x, all_dims(x.dim()), false, Fold::All); }
};
struct AllDims {
  static constexpr OpInfo info{.sig = "all(Tensor input, int[1]? dim=None, bool keepdim=False) -> Tensor",
                               .doc = "Whether all elements along the dimensions dim are true; keepdim leaves them with size 1."};
  static Tensor fwd(const Tensor& x, const OptDims& dim, bool keepdim) { return truth(x, listed(dim, x.dim()), keepdim, Fold::All); }
};
struct CountNonzero {
  static constexpr OpInfo info{.sig = "count_nonzero(Tensor input, int[1]? dim=None) -> Tensor",
                               .doc = "How many elements along the dimensions dim are not zero, int64."};
  static Tensor fwd(const Tensor& x, const OptDims& dim) { return fold(widened(x), mask_of(dim, x.dim()), false, Fold::Count); }
};

const Register<Any, AnyDims, All, AllDims, CountNonzero> registered;

}  // namespace
}  // namespace st
