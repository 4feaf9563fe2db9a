// The optimizers' update rules: one lane body each, in one pass over parameter, gradient and state.
//
// Note [Roundings of an update]
// The rules round where PyTorch's loop over parameters does: numbers are rounded to the type first, and where PyTorch has one op for
// a + s * b (add with alpha, addcmul, lerp) that is one fused multiply-add. So parameters agree bit for bit as long as no square
// root is involved, whose last digit PyTorch leaves to a vendor's library; here it is rounded correctly.
#include "kernels/lane.h"
#include "kernels/update_table.h"

namespace st::STEEPEST_ISA {
namespace {

using lane::fused;
using lane::Simd;

// UpdateNumbers rounded to T, each in all lanes.
template <class T>
struct Numbers {
  using V = Simd<T>;
  V step_size, decay, shrink, momentum, fresh, keep2, fresh2, correction, eps;
  bool decays, shrinks, maximize, first, nesterov, amsgrad, centered, has_momentum, nearer;

  STEEPEST_LANE explicit Numbers(const UpdateNumbers& u)
      : step_size(static_cast<T>(-u.step_size)),
        decay(static_cast<T>(u.decay)),
        shrink(static_cast<T>(u.shrink)),
        momentum(static_cast<T>(u.momentum)),
        fresh(static_cast<T>(u.fresh)),
        keep2(static_cast<T>(u.keep2)),
        fresh2(static_cast<T>(u.fresh2)),
        correction(static_cast<T>(u.correction)),
        eps(static_cast<T>(u.eps)),
        decays(u.decay != 0),
        shrinks(u.shrink != 1),
        maximize(u.maximize),
        first(u.first),
        nesterov(u.nesterov),
        amsgrad(u.amsgrad),
        centered(u.centered),
        has_momentum(u.momentum != 0),
        nearer(static_cast<T>(u.fresh) < T(0.5) && static_cast<T>(u.fresh) > T(-0.5)) {}

  STEEPEST_LANE V gradient(V p, V g) const {
    if (maximize) g = -g;
    return decays ? fused(decay, p, g) : g;
  }
  // a moved to b by the weight `fresh`, from the end that is nearer.
  STEEPEST_LANE V average(V a, V b) const {
    return nearer ? fused(fresh, b - a, a) : fused(a - b, V(1) - fresh, b);
  }
  STEEPEST_LANE V average_of_squares(V s, V g) const { return fused(fresh2 * g, g, s * keep2); }
};

struct Sgd {
  static constexpr int kStates = 1;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    g = u.gradient(p, g);
    if (u.has_momentum) {
      s[0] = u.first ? g : fused(u.fresh, g, s[0] * u.momentum);
      g = u.nesterov ? fused(u.momentum, s[0], g) : s[0];
    }
    p = p + u.step_size * g;  // rounded twice, as a step written by hand is: both print the same digits
  }
};

struct Adam {
  static constexpr int kStates = 3;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    if (u.shrinks) p = p * u.shrink;
    g = u.gradient(p, g);
    s[0] = u.average(s[0], g);
    s[1] = u.average_of_squares(s[1], g);
    Simd<T> largest = s[1];
    if (u.amsgrad) largest = s[2] = lane::maximum(s[2], s[1]);
    p = p + u.step_size * s[0] / (lane::sqrt(largest) / u.correction + u.eps);
  }
};

struct RmsProp {
  static constexpr int kStates = 3;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    g = u.gradient(p, g);
    s[0] = u.average_of_squares(s[0], g);
    Simd<T> variance = s[0];
    if (u.centered) {
      s[2] = u.average(s[2], g);
      variance = fused(-s[2], s[2], s[0]);
    }
    const Simd<T> root = lane::sqrt(variance) + u.eps;
    if (u.has_momentum) {
      s[1] = s[1] * u.momentum + g / root;
      p = fused(u.step_size, s[1], p);
    } else {
      p = p + u.step_size * g / root;
    }
  }
};

struct Adagrad {
  static constexpr int kStates = 1;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    g = u.gradient(p, g);
    s[0] = fused(g, g, s[0]);
    p = p + u.step_size * g / (lane::sqrt(s[0]) + u.eps);
  }
};

template <class Rule, class T>
void update(const UpdateCall& call, const UpdateNumbers& numbers) {
  constexpr int kWidth = Simd<T>::width;
  const Numbers<T> u(numbers);
  T* const p = static_cast<T*>(call.p);
  const T* const g = static_cast<const T*>(call.g);
  T* state[Rule::kStates];
  for (int k = 0; k < Rule::kStates; ++k) state[k] = static_cast<T*>(call.state[k]);
  int64_t i = 0;
  for (; i + kWidth <= call.n; i += kWidth) {
    Simd<T> x = lane::load(p + i), s[Rule::kStates];
    for (int k = 0; k < Rule::kStates; ++k) s[k] = state[k] ? lane::load(state[k] + i) : Simd<T>(0);
    Rule::step(x, lane::load(g + i), s, u);
    lane::store(p + i, x);
    for (int k = 0; k < Rule::kStates; ++k) if (state[k]) lane::store(state[k] + i, s[k]);
  }
  if (i == call.n) return;
  const int rest = static_cast<int>(call.n - i);
  Simd<T> x = lane::load_partial(p + i, rest), s[Rule::kStates];
  for (int k = 0; k < Rule::kStates; ++k) s[k] = state[k] ? lane::load_partial(state[k] + i, rest) : Simd<T>(0);
  Rule::step(x, lane::load_partial(g + i, rest), s, u);
  lane::store_partial(p + i, x, rest);
  for (int k = 0; k < Rule::kStates; ++k) if (state[k]) lane::store_partial(state[k] + i, s[k], rest);
}

}  // namespace

extern const UpdateTable kUpdateTable;
constexpr UpdateTable kUpdateTable{{{update<Sgd, float>, update<Sgd, double>},
                                    {update<Adam, float>, update<Adam, double>},
                                    {update<RmsProp, float>, update<RmsProp, double>},
                                    {update<Adagrad, float>, update<Adagrad, double>}}};

}  // namespace st::STEEPEST_ISA
