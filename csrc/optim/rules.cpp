// The rules' numbers, and running an update over memory. The formulas themselves are the lane bodies in kernels/isa/update.cpp.
#include "optim/rules.h"

#include <cmath>

#include "kernels/choice.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {

#define X(isa)                            \
  namespace isa {                         \
  extern const UpdateTable kUpdateTable;  \
  }
STEEPEST_ISAS
#undef X

namespace {

const UpdateTable& table() {
  static constexpr const UpdateTable* kTables[] = {
#define X(isa) &isa::kUpdateTable,
      STEEPEST_ISAS
#undef X
  };
  static const UpdateTable& chosen = *kTables[chosen_isa()];
  return chosen;
}

// The numbers, in the order in which they are passed.
namespace sgd { enum { lr, momentum, dampening, weight_decay, nesterov, maximize, count }; }
namespace adam { enum { lr, beta1, beta2, eps, weight_decay, amsgrad, maximize, decoupled, count }; }
namespace rmsprop { enum { lr, alpha, eps, weight_decay, momentum, centered, maximize, count }; }
namespace adagrad { enum { lr, lr_decay, weight_decay, eps, initial, maximize, count }; }

UpdateNumbers sgd_step(const double* v, double) {
  UpdateNumbers u;
  u.step_size = v[sgd::lr];
  u.decay = v[sgd::weight_decay];
  u.momentum = v[sgd::momentum];
  u.fresh = 1 - v[sgd::dampening];
  u.nesterov = v[sgd::nesterov] != 0;
  u.maximize = v[sgd::maximize] != 0;
  return u;
}

UpdateNumbers adam_step(const double* v, double step) {
  UpdateNumbers u;
  u.step_size = v[adam::lr] / (1 - std::pow(v[adam::beta1], step));
  u.correction = std::sqrt(1 - std::pow(v[adam::beta2], step));
  if (v[adam::decoupled] != 0) u.shrink = v[adam::weight_decay] != 0 ? 1 - v[adam::lr] * v[adam::weight_decay] : 1;
  else u.decay = v[adam::weight_decay];
  u.fresh = 1 - v[adam::beta1];
  u.keep2 = v[adam::beta2];
  u.fresh2 = 1 - v[adam::beta2];
  u.eps = v[adam::eps];
  u.amsgrad = v[adam::amsgrad] != 0;
  u.maximize = v[adam::maximize] != 0;
  return u;
}

UpdateNumbers rmsprop_step(const double* v, double) {
  UpdateNumbers u;
  u.step_size = v[rmsprop::lr];
  u.decay = v[rmsprop::weight_decay];
  u.momentum = v[rmsprop::momentum] > 0 ? v[rmsprop::momentum] : 0;
  u.keep2 = v[rmsprop::alpha];
  u.fresh = u.fresh2 = 1 - v[rmsprop::alpha];
  u.eps = v[rmsprop::eps];
  u.centered = v[rmsprop::centered] != 0;
  u.maximize = v[rmsprop::maximize] != 0;
  return u;
}

UpdateNumbers adagrad_step(const double* v, double step) {
  UpdateNumbers u;
  u.step_size = v[adagrad::lr] / (1 + (step - 1) * v[adagrad::lr_decay]);
  u.decay = v[adagrad::weight_decay];
  u.eps = v[adagrad::eps];
  u.maximize = v[adagrad::maximize] != 0;
  return u;
}

bool always(const double*) { return true; }

// Elements from which a thread of its own pays.
constexpr int64_t kGrain = 1 << 16;

void run(UpdateFn kernel, const UpdateNumbers& numbers, const Tensor& p, const Tensor& grad, const Tensor* states) {
  const int64_t item = item_size(p.dtype());
  parallel_for(p.numel(), kGrain, [&](int64_t begin, int64_t end) {
    UpdateCall call{end - begin, p->data + begin * item, grad->data + begin * item, {}};
    for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined()) call.state[k] = states[k]->data + begin * item;
    kernel(call, numbers);
  });
}

}  // namespace

const Rule kRules[kUpdateRules] = {
    {"sgd", UpdateRule::Sgd, sgd::count, false, {{"momentum_buffer", [](const double* v) { return v[sgd::momentum] != 0; }}}, -1, sgd_step},
    {"adam",
     UpdateRule::Adam,
     adam::count,
     true,
     {{"exp_avg", always}, {"exp_avg_sq", always}, {"max_exp_avg_sq", [](const double* v) { return v[adam::amsgrad] != 0; }}},
     -1,
     adam_step},
    {"rmsprop",
     UpdateRule::RmsProp,
     rmsprop::count,
     true,
     {{"square_avg", always},
      {"momentum_buffer", [](const double* v) { return v[rmsprop::momentum] > 0; }},
      {"grad_avg", [](const double* v) { return v[rmsprop::centered] != 0; }}},
     -1,
     rmsprop_step},
    {"adagrad", UpdateRule::Adagrad, adagrad::count, true, {{"sum", always}}, adagrad::initial, adagrad_step},
};

void check_parameter(const Tensor& p, const Tensor& grad) {
  if (p.dtype() != Dtype::Float32 && p.dtype() != Dtype::Float64) {
    if (differentiable(p.dtype())) not_implemented("optimizer step: parameters of dtype ", info(p.dtype()).name, " are not supported; use float32 or float64");
    runtime_error("optimizer step: parameters must be floating-point, got ", info(p.dtype()).name);
  }
  check_state(p, grad, "grad");
  if (!p.is_contiguous() && overlaps_itself(p)) {
    runtime_error("unsupported operation: more than one element of the written-to tensor refers to a single memory location. "
                  "Please clone() the tensor before performing the operation.");
  }
}

void check_state(const Tensor& p, const Tensor& state, const char* name) {
  if (state.dtype() != p.dtype()) {
    runtime_error("optimizer step: ", name, " has dtype ", info(state.dtype()).name, ", but its parameter has ", info(p.dtype()).name);
  }
  if (!same_shape(state, p)) runtime_error("optimizer step: ", name, " has shape ", state.sizes(), ", but its parameter has ", p.sizes());
}

void update_parameter(const Rule& rule, const UpdateNumbers& numbers, const Tensor& p, const Tensor& grad, const Tensor* states) {
  const UpdateFn kernel = table().of[static_cast<int>(rule.kernel)][p.dtype() == Dtype::Float64];
  bool plain = p.is_contiguous() && grad.is_contiguous();
  for (int k = 0; k < kUpdateStates; ++k) plain &= !states[k].defined() || states[k].is_contiguous();
  if (plain) [[likely]] {
    run(kernel, numbers, p, grad, states);
  } else {
    Tensor written[kUpdateStates];
    for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined()) written[k] = contiguous_copy(states[k]);
    const Tensor x = contiguous_copy(p);
    run(kernel, numbers, x, contiguous_copy(grad), written);
    if (x.impl() != p.impl()) copy_elements(p, x);
    for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined() && written[k].impl() != states[k].impl()) copy_elements(states[k], written[k]);
  }
  p.bump();
  for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined()) states[k].bump();
}

}  // namespace st
