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
  V inverse, step_size, step_size2, decay, shrink, momentum, fresh, keep2, fresh2, correction, eps, mean_correction, root_scale, rectifier;
  V grow, reduce, least, most;
  bool decays, shrinks, maximize, first, nesterov, amsgrad, centered, has_momentum, nearer, adapts;

  STEEPEST_LANE explicit Numbers(const UpdateNumbers& u)
      : inverse(static_cast<T>(1) / static_cast<T>(u.correction)),
        step_size(static_cast<T>(-u.step_size)),
        step_size2(static_cast<T>(-u.step_size2)),
        decay(static_cast<T>(u.decay)),
        shrink(static_cast<T>(u.shrink)),
        momentum(static_cast<T>(u.momentum)),
        fresh(static_cast<T>(u.fresh)),
        keep2(static_cast<T>(u.keep2)),
        fresh2(static_cast<T>(u.fresh2)),
        correction(static_cast<T>(u.correction)),
        eps(static_cast<T>(u.eps)),
        mean_correction(static_cast<T>(u.mean_correction)),
        root_scale(static_cast<T>(u.root_scale)),
        rectifier(static_cast<T>(u.rectifier)),
        grow(static_cast<T>(u.grow)),
        reduce(static_cast<T>(u.reduce)),
        least(static_cast<T>(u.least)),
        most(static_cast<T>(u.most)),
        decays(u.decay != 0),
        shrinks(u.shrink != 1),
        maximize(u.maximize),
        first(u.first),
        nesterov(u.nesterov),
        amsgrad(u.amsgrad),
        centered(u.centered),
        has_momentum(u.momentum != 0),
        nearer(static_cast<T>(u.fresh) < T(0.5) && static_cast<T>(u.fresh) > T(-0.5)),
        adapts(u.root_scale != 0) {}

  STEEPEST_LANE V gradient(V p, V g) const {
    if (maximize) g = -g;
    return decays ? fused(decay, p, g) : g;
  }
  // a moved to b by the weight `fresh`, from the end that is nearer.
  STEEPEST_LANE V average(V a, V b) const {
    return nearer ? fused(fresh, b - a, a) : fused(a - b, V(1) - fresh, b);
  }
  // x / correction, by multiplying and correcting what that lacks: divisions are most of the time of a step.
  STEEPEST_LANE V corrected(V x) const {
    if constexpr (!lane::kHasFma) return x / correction;
    const V quotient = x * inverse, exact = fused(fused(-quotient, correction, x), inverse, quotient);
    return lane::where(exact == exact, exact, quotient);
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
    p = p + u.step_size * s[0] / (u.corrected(lane::sqrt(largest)) + u.eps);
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

struct Adadelta {
  static constexpr int kStates = 2;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    g = u.gradient(p, g);
    s[0] = u.average_of_squares(s[0], g);
    const Simd<T> move = lane::sqrt(s[1] + u.eps) / lane::sqrt(s[0] + u.eps) * g;
    s[1] = u.average_of_squares(s[1], move);
    p = fused(u.step_size, move, p);
  }
};

struct Adamax {
  static constexpr int kStates = 2;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    g = u.gradient(p, g);
    s[0] = u.average(s[0], g);
    s[1] = lane::maximum(s[1] * u.keep2, lane::abs(g) + u.eps);
    p = p + u.step_size * s[0] / s[1];
  }
};

struct NAdam {
  static constexpr int kStates = 2;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    if (u.shrinks) p = p * u.shrink;
    g = u.gradient(p, g);
    s[0] = u.average(s[0], g);
    s[1] = u.average_of_squares(s[1], g);
    const Simd<T> root = lane::sqrt(s[1] / u.correction) + u.eps;
    p = p + u.step_size * g / root;
    p = p + u.step_size2 * s[0] / root;
  }
};

struct RAdam {
  static constexpr int kStates = 2;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    if (u.shrinks) p = p * u.shrink;
    g = u.gradient(p, g);
    s[0] = u.average(s[0], g);
    s[1] = u.average_of_squares(s[1], g);
    Simd<T> move = s[0] / u.mean_correction * u.step_size;
    if (u.adapts) move = move * (u.root_scale / (lane::sqrt(s[1]) + u.eps)) * u.rectifier;
    p = p + move;
  }
};

struct Rprop {
  static constexpr int kStates = 2;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    if (u.maximize) g = -g;
    const Simd<T> turn = g * s[0];  // < 0 where the gradient has changed its sign
    const Simd<T> size = s[1] * lane::where(turn > 0, u.grow, lane::where(turn < 0, u.reduce, 1));
    s[1] = lane::minimum(lane::maximum(size, u.least), u.most);
    s[0] = lane::where(turn < 0, 0, g);
    p = p - lane::sign(s[0]) * s[1];
  }
};

struct Asgd {
  static constexpr int kStates = 1;
  template <class T>
  STEEPEST_LANE static void step(Simd<T>& p, Simd<T> g, Simd<T>* s, const Numbers<T>& u) {
    g = u.gradient(p, g);
    p = fused(u.step_size, g, p * u.shrink);
    s[0] = u.first ? p : s[0] + (p - s[0]) * u.fresh;
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
  const auto step = [&](int64_t i, int count) __attribute__((always_inline)) {
    const auto get = [=](const T* from) __attribute__((always_inline)) {
      return count == kWidth ? lane::load(from + i) : lane::load_partial(from + i, count);
    };
    const auto put = [=](T* to, Simd<T> v) __attribute__((always_inline)) {
      if (count == kWidth) lane::store(to + i, v);
      else lane::store_partial(to + i, v, count);
    };
    Simd<T> x = get(p), s[Rule::kStates];
    for (int k = 0; k < Rule::kStates; ++k) s[k] = state[k] ? get(state[k]) : Simd<T>(0);
    Rule::step(x, get(g), s, u);
    put(p, x);
    for (int k = 0; k < Rule::kStates; ++k) if (state[k]) put(state[k], s[k]);
  };
  int64_t i = 0;
  for (; i + kWidth <= call.n; i += kWidth) step(i, kWidth);
  if (i < call.n) step(i, static_cast<int>(call.n - i));
}

}  // namespace

extern const UpdateTable kUpdateTable;
constexpr UpdateTable kUpdateTable{{{update<Sgd, float>, update<Sgd, double>},
                                    {update<Adam, float>, update<Adam, double>},
                                    {update<RmsProp, float>, update<RmsProp, double>},
                                    {update<Adagrad, float>, update<Adagrad, double>},
                                    {update<Adadelta, float>, update<Adadelta, double>},
                                    {update<Adamax, float>, update<Adamax, double>},
                                    {update<NAdam, float>, update<NAdam, double>},
                                    {update<RAdam, float>, update<RAdam, double>},
                                    {update<Rprop, float>, update<Rprop, double>},
                                    {update<Asgd, float>, update<Asgd, double>}}};

}  // namespace st::STEEPEST_ISA
