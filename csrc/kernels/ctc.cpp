// Connectionist temporal classification in log space, by the recursions of Graves et al. 2006 (equations 6 to 16); threaded over samples.
#include "kernels/ctc.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 2000;  // states times steps that a thread takes at least
template <class T> constexpr T kLow = -std::numeric_limits<T>::infinity();

// exp(v - m) for m, the largest, which is one of the values: mostly no exponential is needed. NaN where m is infinite.
template <class T>
T share(T v, T m) {
  if (v == m) return 1 + (m - m);
  return v == kLow<T> ? 0 : std::exp(v - m);
}
template <class T>
T log_sum(T a, T b, T c) {
  T m = a;
  if (b > m) m = b;
  if (c > m) m = c;
  if (m == kLow<T>) m = 0;
  return std::log(share(a, m) + share(b, m) + share(c, m)) + m;
}

// The states of one sample.
struct States {
  States(const CtcBatch& k, int64_t n) : count(2 * k.label_counts[n] + 1), at(static_cast<size_t>(count), k.blank), skips(static_cast<size_t>(count) + 2) {
    const int64_t* labels = k.labels + k.offsets[n];
    for (int64_t s = 1; s < count; s += 2) {
      at[static_cast<size_t>(s)] = labels[s / 2];
      skips[static_cast<size_t>(s)] = s > 1 && labels[s / 2] != labels[s / 2 - 1];
    }
  }
  int64_t operator[](int64_t s) const { return at[static_cast<size_t>(s)]; }
  bool skip(int64_t s) const { return skips[static_cast<size_t>(s)]; }  // whether s may follow s - 2: the blank between two different labels is optional
  int64_t count;
  std::vector<int64_t> at;
  std::vector<char> skips;
};

template <class F>
void each_sample(const CtcBatch& k, F f) {
  parallel_items(k.batch, k.steps * k.states, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) f(n);
  });
}

template <class T>
T sample_loss(const CtcBatch& k, int64_t n, const T* x, T* alpha) {
  const int64_t steps = k.step_counts[n], row = k.batch * k.classes;
  if (steps == 0) return k.label_counts[n] == 0 ? -T(0) : -kLow<T>;
  const States states(k, n);
  const int64_t last = states.count - 1;
  std::fill(alpha, alpha + states.count, kLow<T>);
  for (int64_t s = 0; s <= std::min<int64_t>(1, last); ++s) alpha[s] = x[states[s]];
  for (int64_t t = 1; t < steps; ++t) {
    const T* const before = alpha;
    alpha += k.states;
    x += row;
    for (int64_t s = 0; s <= last; ++s) {
      alpha[s] = log_sum(before[s], s > 0 ? before[s - 1] : kLow<T>, states.skip(s) ? before[s - 2] : kLow<T>) + x[states[s]];
    }
  }
  return last == 0 ? -alpha[0] : -log_sum(alpha[last], alpha[last - 1], kLow<T>);
}

// The gradient of a step: exp(x) - the share of the alignments that are in a class then. Shares are summed as logarithms, from the last
// state down: float32's roundings, visible in long sequences, are then PyTorch's.
template <class T>
class StepGradient {
 public:
  StepGradient(const States& states, int64_t classes, T loss, T g) : states_(states), paths_(static_cast<size_t>(classes), kLow<T>), loss_(loss), g_(g) {}
  void operator()(T* dx, const T* x, const T* alpha, const T* beta, int64_t classes) {
    for (int64_t s = states_.count - 1; s >= 0; --s) {
      const T path = alpha[s] + beta[s];
      T& all = paths_[static_cast<size_t>(states_[s])];
      if (all == kLow<T>) all = path;
      else if (path != kLow<T>) all = log_sum(all, path, kLow<T>);
    }
    for (int64_t s = 0; s < states_.count; ++s) {
      T& all = paths_[static_cast<size_t>(states_[s])];
      if (all != kLow<T>) dx[states_[s]] -= std::exp(all + loss_ - x[states_[s]]);
      all = kLow<T>;
    }
    for (int64_t c = 0; c < classes; ++c) {
      const T none = kLow<T> + loss_ - x[c];  // not a number where the share of a class without a path is none
      dx[c] = (none == none ? dx[c] : none) * g_;
    }
  }

 private:
  const States& states_;
  std::vector<T> paths_;
  T loss_, g_;
};

template <class T>
void sample_gradient(const CtcBatch& k, int64_t n, T* dx, T g, const T* x, T loss, const T* alpha, bool zero_infinity) {
  const int64_t row = k.batch * k.classes, steps = zero_infinity && loss == -kLow<T> ? 0 : k.step_counts[n];
  for (int64_t t = steps; t < k.steps; ++t) std::fill(dx + t * row, dx + t * row + k.classes, T(0));
  if (steps == 0) return;
  const States states(k, n);
  const int64_t last = states.count - 1;
  StepGradient<T> step(states, k.classes, loss, g);
  // beta of a step, with two states beyond the last that cannot be reached
  std::vector<T> beta(static_cast<size_t>(states.count) + 2, kLow<T>);
  T* const b = beta.data();
  for (int64_t t = steps - 1; t >= 0; --t) {
    const T* const now = x + t * row;
    if (t == steps - 1) {
      for (int64_t s = last; s >= std::max<int64_t>(0, last - 1); --s) b[s] = now[states[s]];
    } else {  // upwards: a state is reached from those above it, which are still of the step behind
      for (int64_t s = 0; s <= last; ++s) b[s] = log_sum(b[s], b[s + 1], states.skip(s + 2) ? b[s + 2] : kLow<T>) + now[states[s]];
    }
    step(dx + t * row, now, alpha + t * k.states, b, k.classes);
  }
}

template <class F>
void visit(const Tensor& x, F f) {
  if (x.dtype() == Dtype::Float64) f.template operator()<double>();
  else f.template operator()<float>();
}

}  // namespace

void ctc_forward(const CtcBatch& k, const Tensor& x, const Tensor& loss, const Tensor& alpha) {
  visit(x, [&]<class T>() {
    const T* const from = x.data<T>();
    T *const to = loss.data<T>(), *const paths = alpha.data<T>();
    each_sample(k, [&](int64_t n) { to[n] = sample_loss(k, n, from + n * k.classes, paths + n * k.steps * k.states); });
  });
}

void ctc_backward(const CtcBatch& k, const Tensor& dx, const Tensor& g, const Tensor& x, const Tensor& loss, const Tensor& alpha, bool zero_infinity) {
  visit(x, [&]<class T>() {
    T* const to = dx.data<T>();
    const T *const from = x.data<T>(), *const scale = g.data<T>(), *const losses = loss.data<T>(), *const paths = alpha.data<T>();
    each_sample(k, [&](int64_t n) {
      const int64_t first = n * k.classes;
      sample_gradient(k, n, to + first, scale[n], from + first, losses[n], paths + n * k.steps * k.states, zero_infinity);
    });
  });
}

}  // namespace st
