// The table of rules: the options and the state of each, and how they become the numbers of a step. The formulas themselves are the
// lane bodies in kernels/isa/update.cpp.
#include "optim/rules.h"

#include <cmath>

namespace st {
namespace {

// The places of the options in `numbers`, in the order of the table below.
namespace sgd { enum { lr, momentum, dampening, weight_decay, nesterov, maximize }; }
namespace adam { enum { lr, beta1, beta2, eps, weight_decay, maximize, amsgrad, decoupled }; }  // to `maximize`: adamax
namespace rmsprop { enum { lr, alpha, eps, weight_decay, momentum, centered, maximize }; }
namespace adagrad { enum { lr, lr_decay, weight_decay, eps, initial, maximize }; }
namespace adadelta { enum { lr, rho, eps, weight_decay, maximize }; }
namespace nadam { enum { lr, beta1, beta2, eps, weight_decay, maximize, decoupled, momentum_decay }; }  // to `decoupled`: radam
namespace rprop { enum { lr, reduce, grow, least, most, maximize }; }
namespace asgd { enum { lr, lambd, alpha, t0, weight_decay, maximize }; }

UpdateNumbers sgd_step(const double* v, Rule::Counts&) {
  UpdateNumbers u;
  u.step_size = v[sgd::lr];
  u.decay = v[sgd::weight_decay];
  u.momentum = v[sgd::momentum];
  u.fresh = 1 - v[sgd::dampening];
  u.nesterov = v[sgd::nesterov] != 0;
  u.maximize = v[sgd::maximize] != 0;
  return u;
}

// What the relatives of Adam have in common.
UpdateNumbers averages(const double* v, bool decoupled) {
  UpdateNumbers u;
  u.step_size = v[adam::lr];
  if (decoupled) u.shrink = v[adam::weight_decay] != 0 ? 1 - v[adam::lr] * v[adam::weight_decay] : 1;
  else u.decay = v[adam::weight_decay];
  u.fresh = 1 - v[adam::beta1];
  u.keep2 = v[adam::beta2];
  u.fresh2 = 1 - v[adam::beta2];
  u.eps = v[adam::eps];
  u.maximize = v[adam::maximize] != 0;
  return u;
}

UpdateNumbers adam_step(const double* v, Rule::Counts& c) {
  UpdateNumbers u = averages(v, v[adam::decoupled] != 0);
  u.step_size /= 1 - std::pow(v[adam::beta1], c.step);
  u.correction = std::sqrt(1 - std::pow(v[adam::beta2], c.step));
  u.amsgrad = v[adam::amsgrad] != 0;
  return u;
}

UpdateNumbers adamax_step(const double* v, Rule::Counts& c) {
  UpdateNumbers u = averages(v, false);
  u.step_size /= 1 - std::pow(v[adam::beta1], c.step);
  return u;
}

// The warm-up of the momentum is 0.96 to the power of the step times momentum_decay; scalars[0] is the product of the momenta so far.
UpdateNumbers nadam_step(const double* v, Rule::Counts& c) {
  UpdateNumbers u = averages(v, v[nadam::decoupled] != 0);
  const auto momentum = [&](double step) { return v[nadam::beta1] * (1 - 0.5 * std::pow(0.96, step * v[nadam::momentum_decay])); };
  const double now = momentum(c.step), next = momentum(c.step + 1);
  double& product = c.scalars[0];
  product = c.single ? static_cast<double>(static_cast<float>(product) * static_cast<float>(now)) : product * now;
  u.correction = 1 - std::pow(v[nadam::beta2], c.step);
  u.step_size = v[nadam::lr] * (1 - now) / (1 - product);
  u.step_size2 = v[nadam::lr] * next / (1 - product * next);
  return u;
}

UpdateNumbers radam_step(const double* v, Rule::Counts& c) {
  UpdateNumbers u = averages(v, v[nadam::decoupled] != 0);
  const double beta2 = v[nadam::beta2], kept = std::pow(beta2, c.step), longest = 2 / (1 - beta2) - 1;
  const double length = longest - 2 * c.step * kept / (1 - kept);  // of the average of squares, were it a plain mean
  u.mean_correction = 1 - std::pow(v[nadam::beta1], c.step);
  if (length > 5) {
    u.root_scale = std::sqrt(1 - kept);
    u.rectifier = std::sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
  }
  return u;
}

UpdateNumbers rmsprop_step(const double* v, Rule::Counts&) {
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

UpdateNumbers adagrad_step(const double* v, Rule::Counts& c) {
  UpdateNumbers u;
  u.step_size = v[adagrad::lr] / (1 + (c.step - 1) * v[adagrad::lr_decay]);
  u.decay = v[adagrad::weight_decay];
  u.eps = v[adagrad::eps];
  u.maximize = v[adagrad::maximize] != 0;
  return u;
}

UpdateNumbers adadelta_step(const double* v, Rule::Counts&) {
  UpdateNumbers u;
  u.step_size = v[adadelta::lr];
  u.decay = v[adadelta::weight_decay];
  u.keep2 = v[adadelta::rho];
  u.fresh2 = 1 - v[adadelta::rho];
  u.eps = v[adadelta::eps];
  u.maximize = v[adadelta::maximize] != 0;
  return u;
}

UpdateNumbers rprop_step(const double* v, Rule::Counts&) {
  UpdateNumbers u;
  u.grow = v[rprop::grow];
  u.reduce = v[rprop::reduce];
  u.least = v[rprop::least];
  u.most = v[rprop::most];
  u.maximize = v[rprop::maximize] != 0;
  return u;
}

// scalars: the step size and the weight of the parameter in its average, both as the last step left them.
UpdateNumbers asgd_step(const double* v, Rule::Counts& c) {
  UpdateNumbers u;
  u.step_size = c.scalars[0];
  u.shrink = 1 - v[asgd::lambd] * c.scalars[0];
  u.fresh = c.scalars[1];
  u.first = c.scalars[1] == 1;
  u.decay = v[asgd::weight_decay];
  u.maximize = v[asgd::maximize] != 0;
  c.scalars[0] = v[asgd::lr] / std::pow(1 + v[asgd::lambd] * v[asgd::lr] * c.step, v[asgd::alpha]);
  c.scalars[1] = 1 / std::fmax(1, c.step - v[asgd::t0]);
  return u;
}

bool always(const double*) { return true; }
double one(const double*) { return 1; }
template <int I>
double number(const double* v) { return v[I]; }
template <int I>
bool is_set(const double* v) { return v[I] != 0; }

}  // namespace

const Rule kRules[kUpdateRules] = {
    {"sgd", UpdateRule::Sgd, {{"lr"}, {"momentum"}, {"dampening"}, {"weight_decay"}, {"nesterov"}, {"maximize"}},
     false, {}, {{"momentum_buffer", is_set<sgd::momentum>}}, sgd_step},
    {"adam", UpdateRule::Adam,
     {{"lr"}, {"betas", 0}, {"betas", 1}, {"eps"}, {"weight_decay"}, {"maximize"}, {"amsgrad"}, {"decoupled_weight_decay"}},
     true, {}, {{"exp_avg", always}, {"exp_avg_sq", always}, {"max_exp_avg_sq", is_set<adam::amsgrad>}}, adam_step},
    {"rmsprop", UpdateRule::RmsProp, {{"lr"}, {"alpha"}, {"eps"}, {"weight_decay"}, {"momentum"}, {"centered"}, {"maximize"}},
     true, {},
     {{"square_avg", always},
      {"momentum_buffer", [](const double* v) { return v[rmsprop::momentum] > 0; }},
      {"grad_avg", is_set<rmsprop::centered>}},
     rmsprop_step},
    {"adagrad", UpdateRule::Adagrad, {{"lr"}, {"lr_decay"}, {"weight_decay"}, {"eps"}, {"initial_accumulator_value"}, {"maximize"}},
     true, {}, {{"sum", always, number<adagrad::initial>}}, adagrad_step},
    {"adadelta", UpdateRule::Adadelta, {{"lr"}, {"rho"}, {"eps"}, {"weight_decay"}, {"maximize"}},
     true, {}, {{"square_avg", always}, {"acc_delta", always}}, adadelta_step},
    {"adamax", UpdateRule::Adamax, {{"lr"}, {"betas", 0}, {"betas", 1}, {"eps"}, {"weight_decay"}, {"maximize"}},
     true, {}, {{"exp_avg", always}, {"exp_inf", always}}, adamax_step},
    {"nadam", UpdateRule::NAdam,
     {{"lr"}, {"betas", 0}, {"betas", 1}, {"eps"}, {"weight_decay"}, {"maximize"}, {"decoupled_weight_decay"}, {"momentum_decay"}},
     true, {{"mu_product", one}}, {{"exp_avg", always}, {"exp_avg_sq", always}}, nadam_step},
    {"radam", UpdateRule::RAdam,
     {{"lr"}, {"betas", 0}, {"betas", 1}, {"eps"}, {"weight_decay"}, {"maximize"}, {"decoupled_weight_decay"}},
     true, {}, {{"exp_avg", always}, {"exp_avg_sq", always}}, radam_step},
    {"rprop", UpdateRule::Rprop, {{"lr"}, {"etas", 0}, {"etas", 1}, {"step_sizes", 0}, {"step_sizes", 1}, {"maximize"}},
     true, {}, {{"prev", always}, {"step_size", always, number<rprop::lr>}}, rprop_step},
    {"asgd", UpdateRule::Asgd, {{"lr"}, {"lambd"}, {"alpha"}, {"t0"}, {"weight_decay"}, {"maximize"}},
     true, {{"eta", number<asgd::lr>}, {"mu", one}}, {{"ax", always}}, asgd_step},
};

}  // namespace st
