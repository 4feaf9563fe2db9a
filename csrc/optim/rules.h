// The optimizers' rules as data: which numbers they take, which state they keep, and how both become the numbers of one step.
#pragma once
#include "core/tensor.h"
#include "kernels/update_table.h"

namespace st {

struct Rule {
  static constexpr int kNumbers = 8;
  struct State {
    const char* name;
    bool (*used)(const double* numbers);
  };
  const char* name;
  UpdateRule kernel;
  int n_numbers;
  bool counts_steps;             // keeps "step", before all other state
  State states[kUpdateStates];   // in the order in which they are made; ends with a null name
  int initial;                   // the number that new state starts at, or -1: zero
  UpdateNumbers (*step)(const double* numbers, double step);
};

extern const Rule kRules[kUpdateRules];

// Refuses tensors whose gradient a rule cannot use; PyTorch's kind of error.
void check_parameter(const Tensor& p, const Tensor& grad);
void check_state(const Tensor& p, const Tensor& state, const char* name);

// One step: p and the states are written, and their versions raised. State that the rule does not use is undefined.
void update_parameter(const Rule& rule, const UpdateNumbers& numbers, const Tensor& p, const Tensor& grad, const Tensor* states);

}  // namespace st
