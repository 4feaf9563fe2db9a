// logcumsumexp: logarithms of running sums of exponentials.
#include <cmath>

#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// log(exp(a) + exp(b)); an infinity of both stays what it is.
template <class T>
T log_sum(T a, T b) {
  const T low = a < b ? a : b, high = a < b ? b : a;
  if (a != a || b != b) return a + b;
  if (low == high && std::isinf(low)) return low;
  return high + std::log1p(std::exp(low - high));
}

struct Logcumsumexp {
  static constexpr OpInfo info{.sig = "logcumsumexp(Tensor input, int dim) -> Tensor",
                               .doc = "log(cumsum(exp(input))) along dim, safe from overflow.", .saves = {X0 | Y}};
  static Tensor fwd(const Tensor& given, int64_t dim) {
    if (!differentiable(given.dtype())) not_implemented("\"logcumsumexp_out_cpu\" not implemented for '", st::info(given.dtype()).scalar_type, "'");
    const int64_t d = wrap_dim(dim, given.dim());
    const Tensor x = contiguous_copy(widened(given));
    const Tensor y = empty(x.sizes(), x.dtype());
    const Lines l = lines_of(x, d);
    visit_float(x.dtype(), [&]<class T>() {
      for_lines(l, 1024, [&](int64_t o, int64_t first, int64_t m) {
        for (int64_t j = first; j < first + m; ++j) {
          int64_t at = o * l.n * l.inner + j;
          double so_far = -std::numeric_limits<double>::infinity();
          for (int64_t i = 0; i < l.n; ++i, at += l.inner) {
            so_far = log_sum(static_cast<double>(x.data<T>()[at]), so_far);
            y.data<T>()[at] = static_cast<T>(so_far);
          }
        }
      });
    });
    return narrowed(y, given.dtype());
  }
  // With g split by sign so that logarithms exist: g_x = exp(x) * (reversed running sum of g exp(-y)).
  static void vjp(Grads& d, const Tensor& x, int64_t dim) {
    if (x.dim() == 0 || x.numel() == 0) return d.set(0, d.g());
    const double low = std::numeric_limits<double>::lowest();
    const Tensor least = full({}, Scalar(x.dtype() == Dtype::Float64 ? low : double{std::numeric_limits<float>::lowest()}), x.dtype());
    const auto share = [&](const Tensor& size, const Tensor& where_) {
      const Tensor logs = where(where_, log(size), least);
      return exp(reversed(logs - d.y(), dim) + x);
    };
    d.set(0, share(d.g(), d.g() > 0) - share(-d.g(), d.g() < 0));
  }

 private:
  static Tensor reversed(const Tensor& x, int64_t dim) { return flip(call_op<Logcumsumexp>(flip(x, Dims{dim}), dim), Dims{dim}); }
};

const Register<Logcumsumexp> registered;

}  // namespace
}  // namespace st
