// One step of a rule over the memory of a parameter, its gradient and its state.
#include "kernels/choice.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"
#include "optim/rules.h"

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

// Elements from which a thread of its own pays.
constexpr int64_t kGrain = 1 << 14;

void run(UpdateFn kernel, const UpdateNumbers& numbers, const Tensor& p, const Tensor& grad, const Tensor* states) {
  const int64_t item = item_size(p.dtype());
  parallel_for(p.numel(), kGrain, [&](int64_t begin, int64_t end) {
    UpdateCall call{end - begin, p->data + begin * item, grad->data + begin * item, {}};
    for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined()) call.state[k] = states[k]->data + begin * item;
    kernel(call, numbers);
  });
}

}  // namespace

void check_parameter(const Tensor& p, const Tensor& grad) {
  if (!differentiable(p.dtype())) runtime_error("optimizer step: parameters must be floating-point, got ", info(p.dtype()).name);
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
  const bool half = p.dtype() != Dtype::Float32 && p.dtype() != Dtype::Float64;
  const UpdateFn kernel = table().of[static_cast<int>(rule.kernel)][p.dtype() == Dtype::Float64];
  bool plain = !half && p.is_contiguous() && grad.is_contiguous();
  for (int k = 0; k < kUpdateStates; ++k) plain &= !states[k].defined() || states[k].is_contiguous();
  if (plain) [[likely]] {
    run(kernel, numbers, p, grad, states);
  } else {
    const Dtype dtype = half ? Dtype::Float32 : p.dtype();  // the shorter types are computed in float32
    Tensor written[kUpdateStates];
    for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined()) written[k] = cast_copy(states[k], dtype);
    const Tensor x = cast_copy(p, dtype);
    run(kernel, numbers, x, cast_copy(grad, dtype), written);
    if (x.impl() != p.impl()) copy_elements(p, x);
    for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined() && written[k].impl() != states[k].impl()) copy_elements(states[k], written[k]);
  }
  p.bump();
  for (int k = 0; k < kUpdateStates; ++k) if (states[k].defined()) states[k].bump();
}

}  // namespace st
