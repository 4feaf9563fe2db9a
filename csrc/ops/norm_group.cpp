// group_norm: groups of channels by the mean and spread of their elements.
#include "ops/norm_formula.h"

namespace st {
namespace {

using Three = std::tuple<Tensor, Tensor, Tensor>;

struct GroupNormed {
  static constexpr OpInfo info{.sig = "_group_norm(Tensor input, Tensor? weight, Tensor? bias, int n, int c, int s, int groups, float eps) -> (Tensor, Tensor, Tensor)",
                               .doc = "Group norm of (n, c, s), and the mean and 1 / standard deviation of each group.", .saves = {X0 | X1 | Y1, X0 | Y1, 0}, .where = 0,
                               .grad_name = "NativeGroupNormBackward0"};
  static Three fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t n, int64_t c, int64_t s, int64_t groups, double eps) {
    if (!is_floating(x.dtype())) not_implemented("\"GroupNormKernelImpl\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    check_mixed(x, {&weight, &bias});
    const RowNormed out = norm_groups(ready(x), Channels{n, c, s}, groups, ready(weight), ready(bias), eps);
    return {narrowed(out.y, x.dtype()), out.mean, out.rstd};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& weight, const Tensor&, int64_t n, int64_t c, int64_t s, int64_t groups, double eps) {
    const bool statistics = d.defined(1) || d.defined(2);
    const Dims flat{n, c, s};
    if (!d.needs(0) && !d.needs(1)) {
      if (d.needs(2)) d.set(2, sum(reshape(wide(d.g()), flat), Dims{0, 2}, false));
    } else if (d.create_graph() || statistics) {
      const Dims grouped{n, groups, c / groups * s}, last{2};
      const Normalised made = normalise(reshape(wide(x), grouped), last, eps, true);
      const Tensor g = reshape(wide(d.g()), flat);
      if (d.needs(0)) {
        const Tensor h = weight.defined() ? g * reshape(weight, Dims{c, 1}) : g;
        Tensor dx = normalised_gradient(made, reshape(h, grouped), last, true);
        const double size = static_cast<double>(grouped[2]);
        if (d.defined(1)) dx = dx + unsqueeze(d.g(1), 2) / size;
        if (d.defined(2)) dx = dx - unsqueeze(d.g(2), 2) * made.rstd * made.rstd * made.u / size;
        d.set(0, reshape(dx, x.sizes()));
      }
      if (d.needs(1)) d.set(1, sum(g * reshape(made.u, flat), Dims{0, 2}, false));
      if (d.needs(2)) d.set(2, sum(g, Dims{0, 2}, false));
    } else {
      set_gradients(d, norm_groups_backward(ready(x), ready_gradient(d.g(), x.dtype()), Channels{n, c, s}, groups, d.needs(0) ? ready(weight) : Tensor(), d.y(1), d.y(2),
                       wanted(d)));
    }
  }
};

void check_channels(const Tensor& p, const char* what, const Tensor& x, int64_t c) {
  if (!p.defined() || (p.dim() == 1 && p.numel() == c)) return;
  runtime_error("Expected ", what, " to be a vector of size equal to the number of channels in input, but got ", what, " of shape ", p.sizes(),
                " and input of shape ", x.sizes());
}

void check(const Tensor& x, int64_t c, int64_t groups, const Tensor& weight, const Tensor& bias) {
  if (groups <= 0) runtime_error("Expected num groups to be greater than 0, got ", groups);
  if (c % groups) runtime_error("Expected number of channels in input to be divisible by num_groups, but got input of shape ", x.sizes(), " and num_groups=", groups);
  check_channels(weight, "weight", x, c);
  check_channels(bias, "bias", x, c);
}
void check_dims(const Tensor& x) {
  if (x.dim() < 2) runtime_error("Expected at least 2 dimensions for input tensor but received ", x.dim());
}

struct GroupNorm : Composite {
  static constexpr OpInfo info{.sig = "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05, bool cudnn_enabled=True) -> Tensor",
                               .doc = "(input - mean) / sqrt(variance + eps) * weight + bias with the mean and variance of each of num_groups groups of channels of "
                                      "(N, C, ...); weight and bias have one number a channel (Wu and He 2018, arXiv:1803.08494).",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias, double eps, bool) {
    check_dims(x);
    const int64_t n = x.size(0), c = x.size(1);
    check(x, c, groups, weight, bias);
    return std::get<0>(call_op<GroupNormed>(x, weight, bias, n, c, n * c > 0 ? x.numel() / (n * c) : 1, groups, eps));
  }
};
// nn.functional refuses groups of one value.
struct GroupNormFunctional : Composite {
  static constexpr OpInfo info{.sig = "group_norm(Tensor input, int num_groups, Tensor? weight=None, Tensor? bias=None, float eps=1e-05) -> Tensor",
                               .doc = GroupNorm::info.doc, .where = kNN};
  static Tensor fwd(const Tensor& x, int64_t groups, const Tensor& weight, const Tensor& bias, double eps) {
    check_dims(x);
    if (groups == 0) fail(ErrorKind::ZeroDivision, "integer division or modulo by zero");
    Dims grouped = x.sizes();
    grouped[0] = x.size(0) * x.size(1) / groups;
    grouped[1] = groups;
    int64_t count = 1;
    for (int d = 0; d < grouped.size(); ++d) if (d != 1) count *= grouped[d];
    if (count == 1) value_error("Expected more than 1 value per channel when training, got input size ", DimSpan(grouped));
    return GroupNorm::fwd(x, groups, weight, bias, eps, true);
  }
};
struct NativeGroupNorm : Composite {
  static constexpr OpInfo info{.sig = "native_group_norm(Tensor input, Tensor? weight, Tensor? bias, int N, int C, int HxW, int group, float eps) -> (Tensor, Tensor, Tensor)",
                               .doc = "group_norm() of an input of N * C * HxW elements, and the mean and 1 / standard deviation (N, group) that it used.", .where = kFunction};
  static Three fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t n, int64_t c, int64_t s, int64_t groups, double eps) {
    check(x, c, groups, weight, bias);
    if (n * c * s != x.numel()) runtime_error("Expected N * C * HxW to be the number of elements of the input of shape ", x.sizes());
    const auto [y, mean, rstd] = call_op<GroupNormed>(x, weight, bias, n, c, s, groups, eps);
    const Dtype type = weight.defined() ? weight.dtype() : bias.defined() ? bias.dtype() : x.dtype();
    return {y, to_dtype(mean, type), to_dtype(rstd, type)};
  }
};

const Register<GroupNormed, GroupNorm, GroupNormFunctional, NativeGroupNorm> registered;

}  // namespace
}  // namespace st
