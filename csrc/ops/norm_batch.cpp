// batch_norm: each channel by the mean and variance of the batch, or by those that training has kept. instance_norm is made of it.
#include <cmath>
#include <vector>

#include "ops/norm_formula.h"

namespace st {
namespace {

using Three = std::tuple<Tensor, Tensor, Tensor>;

Channels channels_of(const Tensor& x) {
  Channels k{x.dim() > 0 ? x.size(0) : 1, x.dim() > 1 ? x.size(1) : 0, 1};
  for (int d = 2; d < x.dim(); ++d) k.s *= x.size(d);
  return k;
}
Dims other_dims(const Tensor& x) {
  Dims dims{0};
  for (int d = 2; d < x.dim(); ++d) dims.push_back(d);
  return dims;
}
// (C) beside the other dimensions of x.
Tensor beside(const Tensor& t, const Tensor& x) {
  if (x.dim() < 2) return t;  // an empty row
  Dims sizes = Dims::filled(x.dim(), 1);
  sizes[1] = t.numel();
  return reshape(t, sizes);
}

void check_count(const Tensor& p, const char* name, int64_t channels) {
  if (p.defined() && p.numel() != channels) runtime_error(name, " should contain ", channels, " elements not ", p.numel());
}
void check(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, bool training) {
  const int64_t channels = channels_of(x).c;
  if (!training && !mean.defined()) runtime_error("running_mean must be defined in evaluation mode");
  if (!training && !var.defined()) runtime_error("running_var must be defined in evaluation mode");
  check_count(mean, "running_mean", channels);
  check_count(var, "running_var", channels);
  check_count(weight, "weight", channels);
  check_count(bias, "bias", channels);
  if (mean.defined() != var.defined()) value_error("running_mean and running_var must either both be None or neither be None");
  if (!is_floating(x.dtype())) not_implemented("\"batch_norm\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
  if (x.dim() < 2 && x.numel() > 0) index_error("Dimension out of range (expected to be in range of [-1, 0], but got 1)");
  check_mixed(x, {&weight, &bias, &mean, &var});
}

// running = momentum * now(c) + (1 - momentum) * running. The version stays: a backward that is still to come read other values.
template <class Now>
void follow(const Tensor& running, double momentum, Now now) {
  const bool direct = running.is_contiguous() && !is_half(running.dtype());
  const Tensor values = direct ? running : cast_copy(running, Dtype::Float64);
  visit_float(values.dtype(), [&]<class T>() {
    T* p = values.data<T>();
    for (int64_t c = 0; c < values.numel(); ++c) p[c] = static_cast<T>(momentum * now(c) + (1 - momentum) * static_cast<double>(p[c]));
  });
  if (!direct) copy_elements(running, values);
}

// Whose name the gradient has.
enum class Form : uint8_t { Native, Legit, LegitWithoutStatistics, WithUpdate };
constexpr const char* kGradName[] = {"NativeBatchNormBackward0", "NativeBatchNormLegitBackward0", "NativeBatchNormLegitBackward1", "BatchNormWithUpdateBackward0"};

template <Form kForm>
struct Trained {
  static constexpr OpInfo info{.sig = "_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, float momentum, float eps) -> "
                                      "(Tensor, Tensor, Tensor)",
                               .doc = "By the batch's statistics, which are the other outputs and go into the running ones.", .saves = {X0 | X1 | Y1, X0 | Y1, 0, 0, 0},
                               .grads = 0b00111, .where = 0, .grad_name = kGradName[static_cast<int>(kForm)]};
  static Three fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean, const Tensor& running_var, double momentum, double eps) {
    const Channels k = channels_of(x);
    const ChannelNormed out = norm_channels(ready(x), k, ready(weight), ready(bias), eps);
    if (running_mean.defined() && x.numel() > 0) {
      const double freedom = static_cast<double>(k.count() - 1);
      visit_float(out.mean.dtype(), [&]<class T>() { follow(running_mean, momentum, [&](int64_t c) { return static_cast<double>(out.mean.data<T>()[c]); }); });
      follow(running_var, momentum, [&](int64_t c) { return out.squares.data<double>()[c] / freedom; });
    }
    return {narrowed(out.y, x.dtype()), out.mean, out.rstd};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& weight, const Tensor&, const Tensor&, const Tensor&, double, double eps) {
    const Dims dims = other_dims(x);
    if (!d.needs(0) && !d.needs(1)) {
      if (d.needs(2)) d.set(2, sum(wide(d.g()), dims, false));
    } else if (d.create_graph()) {
      const Normalised n = normalise(wide(x), dims, eps, true);
      const Tensor g = wide(d.g());
      if (d.needs(0)) d.set(0, normalised_gradient(n, weight.defined() ? g * beside(weight, x) : g, dims, true));
      if (d.needs(1)) d.set(1, sum(g * n.u, dims, false));
      if (d.needs(2)) d.set(2, sum(g, dims, false));
    } else {
      set_gradients(d, norm_channels_backward(ready(x), ready_gradient(d.g(), x.dtype()), channels_of(x), d.needs(0) ? ready(weight) : Tensor(), d.y(1), d.y(2),
                       wanted(d)));
    }
  }
};

Tensor inverse_root(const Tensor& var, double eps) {
  const Tensor values = ready(var), out = empty(values.sizes(), values.dtype());
  visit_float(values.dtype(), [&]<class T>() {
    for (int64_t c = 0; c < values.numel(); ++c) out.data<T>()[c] = static_cast<T>(1 / std::sqrt(values.data<T>()[c] + static_cast<T>(eps)));
  });
  return out;
}

template <Form kForm>
struct Kept {
  static constexpr OpInfo info{.sig = "_batch_norm_kept(Tensor input, Tensor? weight, Tensor? bias, Tensor mean, Tensor var, float eps) -> Tensor",
                               .doc = "By given statistics.", .saves = {X1 | X3, X0 | X3, 0, 0, 0}, .grads = 0b00111, .where = 0,
                               .grad_name = kGradName[static_cast<int>(kForm)]};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, double eps) {
    const Dtype type = computed_in(x.dtype());
    return narrowed(affine_channels(ready(x), channels_of(x), cast_copy(mean, type), cast_copy(inverse_root(var, eps), type), ready(weight), ready(bias)), x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& weight, const Tensor&, const Tensor& mean, const Tensor& var, double eps) {
    if (!d.create_graph() && (d.needs(0) || d.needs(1))) {
      const Dtype type = computed_in(x.dtype());
      set_gradients(d, affine_channels_backward(d.needs(1) ? ready(x) : x, ready_gradient(d.g(), x.dtype()), channels_of(x), d.needs(0) ? ready(weight) : Tensor(),
                       cast_copy(mean, type), cast_copy(inverse_root(var, eps), type), wanted(d)));
      return;
    }
    const Dims dims = other_dims(x);
    const Tensor g = wide(d.g());
    if (d.needs(0)) {
      const Tensor rstd = beside(rsqrt(var + eps), x);
      d.set(0, g * (weight.defined() ? beside(weight, x) * rstd : rstd));
    }
    if (d.needs(1)) d.set(1, sum(g * (wide(x) - beside(mean, x)), dims, false) * rsqrt(var + eps));
    if (d.needs(2)) d.set(2, sum(g, dims, false));
  }
};

template <Form kForm>
Three normed(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, bool training, double momentum, double eps) {
  check(x, weight, bias, mean, var, training);
  if (training) return call_op<Trained<kForm>>(x, weight, bias, mean, var, momentum, eps);
  return {call_op<Kept<kForm>>(x, weight, bias, mean, var, eps), Tensor(), Tensor()};
}

struct BatchNorm : Composite {
  static constexpr OpInfo info{.sig = "batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, float momentum, "
                                      "float eps, bool cudnn_enabled) -> Tensor",
                               .doc = "(input - mean) / sqrt(variance + eps) * weight + bias for each channel of (N, C, ...): in training by the statistics of the batch, "
                                      "which the running ones follow, else by the running ones (Ioffe and Szegedy 2015, arXiv:1502.03167).",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, bool training, double momentum, double eps, bool) {
    return std::get<0>(normed<Form::Native>(x, weight, bias, mean, var, training, momentum, eps));
  }
};

// nn.functional has another order and refuses batches of one value.
struct BatchNormFunctional : Composite {
  static constexpr OpInfo info{.sig = "batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight=None, Tensor? bias=None, bool training=False, "
                                      "float momentum=0.1, float eps=1e-05) -> Tensor",
                               .doc = "See steepest.nn.BatchNorm1d.", .where = kNN};
  static Tensor fwd(const Tensor& x, const Tensor& mean, const Tensor& var, const Tensor& weight, const Tensor& bias, bool training, double momentum, double eps) {
    if (training) {
      if (x.dim() == 0) index_error("tuple index out of range");
      if (channels_of(x).count() == 1) value_error("Expected more than 1 value per channel when training, got input size torch.Size(", x.sizes(), ")");
      if (eps <= 0) value_error("batch_norm eps must be positive during training, but got ", eps);
    }
    return std::get<0>(normed<Form::Native>(x, weight, bias, mean, var, training, momentum, eps));
  }
};

// The outputs after the first, which have no gradient; empty where nothing was computed.
template <Form kForm>
Three with_statistics(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, bool training, double momentum, double eps) {
  const auto [y, m, r] = normed<kForm>(x, weight, bias, mean, var, training, momentum, eps);
  const Dtype type = weight.defined() ? weight.dtype() : x.dtype();
  return {y, m.defined() ? cast_copy(detach(m), type) : empty(Dims{0}, type), r.defined() ? cast_copy(detach(r), type) : empty(Dims{0}, type)};
}

struct NativeBatchNorm : Composite {
  static constexpr OpInfo info{.sig = "native_batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool training, "
                                      "float momentum, float eps) -> (Tensor, Tensor, Tensor)",
                               .doc = "batch_norm(), and in training the mean and 1 / standard deviation that it used.", .where = kFunction};
  static Three fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, bool training, double momentum, double eps) {
    return with_statistics<Form::Native>(x, weight, bias, mean, var, training, momentum, eps);
  }
};
struct LegitBatchNorm : Composite {
  static constexpr OpInfo info{.sig = "_native_batch_norm_legit(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, bool training, "
                                      "float momentum, float eps) -> (Tensor, Tensor, Tensor)",
                               .doc = "native_batch_norm().", .where = kFunction};
  static Three fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, bool training, double momentum, double eps) {
    return with_statistics<Form::Legit>(x, weight, bias, mean, var, training, momentum, eps);
  }
};
struct LegitWithoutStatistics : Composite {
  static constexpr OpInfo info{.sig = "_native_batch_norm_legit(Tensor input, Tensor? weight, Tensor? bias, bool training, float momentum, float eps) -> "
                                      "(Tensor, Tensor, Tensor)",
                               .doc = "native_batch_norm() without running statistics.", .where = kFunction};
  static Three fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, bool training, double momentum, double eps) {
    return with_statistics<Form::LegitWithoutStatistics>(x, weight, bias, Tensor(), Tensor(), training, momentum, eps);
  }
};
struct BatchNormWithUpdate : Composite {
  static constexpr OpInfo info{.sig = "_batch_norm_with_update(Tensor input, Tensor? weight, Tensor? bias, Tensor running_mean, Tensor running_var, float momentum, "
                                      "float eps) -> (Tensor, Tensor, Tensor, Tensor)",
                               .doc = "native_batch_norm() in training, and a tensor that other backends use.", .where = kFunction};
  static std::tuple<Tensor, Tensor, Tensor, Tensor> fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& mean, const Tensor& var, double momentum,
                                                        double eps) {
    return std::tuple_cat(with_statistics<Form::WithUpdate>(x, weight, bias, mean, var, true, momentum, eps), std::tuple(empty(Dims{0}, Dtype::UInt8)));
  }
};

// (C) once for each of the batch.
Tensor repeated(const Tensor& t, int64_t n) {
  if (!t.defined()) return t;
  return reshape(expand(reshape(t, Dims{1, t.numel()}), Dims{n, t.numel()}), Dims{n * t.numel()});
}

struct InstanceNorm : Composite {
  static constexpr OpInfo info{.sig = "instance_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor? running_mean, Tensor? running_var, bool use_input_stats, "
                                      "float momentum, float eps, bool cudnn_enabled) -> Tensor",
                               .doc = "batch_norm() with statistics of their own for each of the batch (Ulyanov et al. 2016, arXiv:1607.08022).", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& weight, const Tensor& bias, const Tensor& running_mean, const Tensor& running_var, bool use_input_stats,
                    double momentum, double eps, bool) {
    if (!use_input_stats && !(running_mean.defined() && running_var.defined())) {
      runtime_error("Expected running_mean and running_var to be defined when use_input_stats is false");
    }
    if (x.dim() < 2) index_error("Dimension out of range (expected to be in range of [-1, 0], but got 1)");
    const int64_t n = x.size(0), c = x.size(1);
    Dims sizes = x.sizes();
    sizes[0] = 1;
    sizes[1] = n * c;
    Tensor mean, var;
    {
      const GradMode off(false);
      mean = repeated(running_mean, n);
      var = repeated(running_var, n);
    }
    const Tensor rows = reshape(contiguous(x), sizes);
    const Tensor y = std::get<0>(normed<Form::Native>(rows, repeated(weight, n), repeated(bias, n), mean, var, use_input_stats, momentum, eps));
    for (const auto& [from, to] : {std::pair(&mean, &running_mean), std::pair(&var, &running_var)}) {
      if (!to->defined() || !use_input_stats || n == 0) continue;
      const GradMode off(false);
      copy_elements(*to, st::mean(reshape(*from, Dims{n, c}), Dims{0}, false));
      to->bump();
    }
    return view(y, x.sizes());
  }
};

const Register<Trained<Form::Native>, Kept<Form::Native>, Trained<Form::Legit>, Kept<Form::Legit>, Trained<Form::LegitWithoutStatistics>,
               Kept<Form::LegitWithoutStatistics>, Trained<Form::WithUpdate>, Kept<Form::WithUpdate>, BatchNorm, BatchNormFunctional, NativeBatchNorm, LegitBatchNorm,
               LegitWithoutStatistics, BatchNormWithUpdate, InstanceNorm> registered;

}  // namespace
}  // namespace st
