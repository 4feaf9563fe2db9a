// The optimizers' rules as data: which options they read, which state they keep, and how both become the numbers of one step.
#pragma once
#include "core/tensor.h"
#include "kernels/update_table.h"

namespace st {

struct Rule {
  static constexpr int kNumbers = 9, kScalars = 2;
  // An option of the parameter group, or one part of an option that is a pair.
  struct Number {
    const char* option;
    int part = -1;
  };
  // A number that is kept as a 0-d tensor of the type of "step".
  struct Scalar {
    const char* name;
    double (*initial)(const double* numbers);
  };
  // A tensor of the parameter's shape and type; new ones are filled with `initial`, or 0 where that is null.
  struct State {
    const char* name;
    bool (*used)(const double* numbers);
    double (*initial)(const double* numbers) = nullptr;
  };
  // "step" and the rule's scalars, which a step reads and writes. Writing rounds to float if they are `single`.
  struct Counts {
    double step = 0;
    double scalars[kScalars] = {};
    bool single = true;
  };

  const char* name;
  UpdateRule kernel;
  Number numbers[kNumbers];     // ends with a null option
  bool counts_steps;            // keeps "step", before all other state
  Scalar scalars[kScalars];     // then these; ends with a null name
  State states[kUpdateStates];  // in the order in which they are made; ends with a null name
  UpdateNumbers (*step)(const double* numbers, Counts& counts);
};

extern const Rule kRules[kUpdateRules];

// Refuses tensors whose gradient a rule cannot use; PyTorch's kind of error.
void check_parameter(const Tensor& p, const Tensor& grad);
void check_state(const Tensor& p, const Tensor& state, const char* name);

// One step: p and the states are written, and their versions raised. State that the rule does not use is undefined.
void update_parameter(const Rule& rule, const UpdateNumbers& numbers, const Tensor& p, const Tensor& grad, const Tensor* states);

}  // namespace st
