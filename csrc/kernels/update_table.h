// What the optimizers ask of the kernels that are compiled once per instruction set: one pass over a parameter and its state.
#pragma once

#include <cstdint>

namespace st {

enum class UpdateRule : uint8_t { Sgd, Adam, RmsProp, Adagrad, Adadelta, Adamax, NAdam, RAdam, Rprop, Asgd };
inline constexpr int kUpdateRules = 10;
inline constexpr int kUpdateStates = 3;

// The numbers of one step. Kernels round them to the parameter's type; g is the gradient, negated if `maximize`, p the parameter.
struct UpdateNumbers {
  double step_size = 0;   // with the step's corrections
  double step_size2 = 0;  // of the average, where the gradient itself has step_size
  double decay = 0;       // g + decay * p takes the place of g
  double shrink = 1;      // p * shrink takes the place of p
  double momentum = 0;
  double fresh = 0;       // weight of g in its average
  double keep2 = 0;       // weights of the old average of squares and of g * g in it
  double fresh2 = 0;
  double correction = 1;  // the root of the average is divided by it
  double eps = 0;
  double mean_correction = 1;  // the average is divided by it
  double root_scale = 0;       // over the root of the average of squares: what the step is multiplied by; 0: it is left alone
  double rectifier = 1;
  double grow = 1, reduce = 1, least = 0, most = 0;  // of step sizes that each element has for itself
  bool maximize = false;
  bool first = false;     // the first state takes its new value as it is, unmixed
  bool nesterov = false;
  bool amsgrad = false;
  bool centered = false;
};

// p, g and states: arrays of n elements of one type. States that a rule does not use are null. In order:
// Sgd: momentum buffer. Adam: average, average of squares, largest of those. RmsProp: average of squares, momentum buffer, average.
// Adagrad: sum of squares. Adadelta: averages of squares, of gradients and of updates. Adamax: average, largest size. NAdam, RAdam:
// average, average of squares. Rprop: last gradient, step sizes. Asgd: average of the parameter.
struct UpdateCall {
  int64_t n;
  void* p;
  const void* g;
  void* state[kUpdateStates];
};
using UpdateFn = void (*)(const UpdateCall&, const UpdateNumbers&);

struct UpdateTable {
  UpdateFn of[kUpdateRules][2];  // float, double
};

}  // namespace st
