// softmax and log_softmax, with fused first derivatives.
#include "kernels/softmax.h"

#include "ops/call.h"
#include "ops/elementwise/exp_log.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

template <bool kLogarithm>
struct Softmax {
  static constexpr OpInfo info{.sig = kLogarithm ? "_log_softmax(Tensor input, int dim) -> Tensor" : "_softmax(Tensor input, int dim) -> Tensor",
                               .doc = "Without conversion of the type.", .saves = {Y}, .where = 0,
                               .grad_name = kLogarithm ? "LogSoftmaxBackward0" : "SoftmaxBackward0"};
  static Tensor fwd(const Tensor& x, int64_t given) {
    const int64_t dim = wrap_dim(given, x.dim());
    if (!differentiable(x.dtype())) {
      not_implemented("\"", kLogarithm ? "log_" : "", dim == x.dim() - 1 || x.dim() == 0 ? "softmax_lastdim_kernel_impl" : "softmax_kernel_impl",
                      "\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    }
    if (is_complex(x.dtype())) no_complex(x.dtype());
    return softmax_forward(contiguous_copy(x), dim, kLogarithm);
  }
  static void vjp(Grads& d, const Tensor& x, int64_t given) {
    const int64_t dim = wrap_dim(given, x.dim());
    const Tensor y = d.y(), &g = d.g();
    if (!d.create_graph()) {
      d.set(0, softmax_backward(contiguous_copy(widened(y)), cast_copy(g, computed_in(y.dtype())), dim, kLogarithm));
    } else if constexpr (kLogarithm) {
      d.set(0, g - exp(y) * sum(g, Dims{dim}, true));
    } else {
      d.set(0, softmax_gradient(y, g, dim));
    }
  }
};

template <bool kLogarithm>
Tensor in_type(const Tensor& x, int64_t dim, const std::optional<Dtype>& dtype) {
  return call_op<Softmax<kLogarithm>>(dtype ? to_dtype(x, *dtype) : x, dim);
}

struct SoftmaxTyped : Composite {
  static constexpr OpInfo info{.sig = "softmax(Tensor input, int dim, dtype? dtype=None) -> Tensor",
                               .doc = "exp(input) / sum(exp(input)) along dim, of the input's shape; dtype is what the input is cast to first."};
  static Tensor fwd(const Tensor& x, int64_t dim, const std::optional<Dtype>& dtype) { return in_type<false>(x, dim, dtype); }
};
struct LogSoftmaxTyped : Composite {
  static constexpr OpInfo info{.sig = "log_softmax(Tensor input, int dim, dtype? dtype=None) -> Tensor",
                               .doc = "Logarithm of softmax along dim, of the input's shape; dtype is what the input is cast to first."};
  static Tensor fwd(const Tensor& x, int64_t dim, const std::optional<Dtype>& dtype) { return in_type<true>(x, dim, dtype); }
};

const Register<Softmax<false>, Softmax<true>, SoftmaxTyped, LogSoftmaxTyped> registered;

}  // namespace

Tensor softmax(const Tensor& x, int64_t dim) { return call_op<Softmax<false>>(x, dim); }
Tensor log_softmax(const Tensor& x, int64_t dim) { return call_op<Softmax<true>>(x, dim); }
Tensor softmax_gradient(const Tensor& y, const Tensor& g, int64_t dim) {
  const Tensor share = g * y;
  return share - y * sum(share, Dims{dim}, true);
}

}  // namespace st
