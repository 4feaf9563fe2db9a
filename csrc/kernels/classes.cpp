// Losses of class indices, element by element.
#include "kernels/classes.h"

#include <algorithm>

#include "kernels/layout.h"

namespace st {
namespace {

// Sums from a position on, so that a long list of losses loses few digits.
template <class T>
class LevelledSum {
 public:
  explicit LevelledSum(int64_t n) {
    while (log_ < 62 && (int64_t{1} << log_) < n) ++log_;
    power_ = std::max(4, log_ / kLevels);
  }
  void add(int64_t i, T v) {
    sum_[0] += v;
    const int64_t mask = (int64_t{1} << power_) - 1;
    for (int j = 0; j + 1 < kLevels && (i & (mask << (j * power_))) == 0; ++j) {
      sum_[j + 1] += sum_[j];
      sum_[j] = 0;
    }
  }
  T total() const {
    T t = 0;
    for (T s : sum_) t += s;
    return t;
  }

 private:
  static constexpr int kLevels = 8;
  T sum_[kLevels] = {};
  int log_ = 0, power_;
};

template <class T>
const T* weights(const Classes& k) { return k.weight.defined() ? k.weight.data<T>() : nullptr; }

}  // namespace

void check_targets(const Classes& k) {
  for (int64_t i = 0; i < k.count(); ++i) {
    const int64_t t = k.target[i];
    if (t != k.ignored && (t < 0 || t >= k.c)) index_error("Target ", t, " is out of bounds.");
  }
}

double total_weight(const Classes& k, Dtype dtype) {
  if (!k.weight.defined()) return static_cast<double>(k.count() - std::count(k.target, k.target + k.count(), k.ignored));
  return visit_float(dtype, [&]<class T>() -> double {
    LevelledSum<T> sum(k.count());
    for (int64_t i = 0; i < k.count(); ++i) if (k.target[i] != k.ignored) sum.add(i, weights<T>(k)[k.target[i]]);
    return sum.total();
  });
}

Tensor pick_classes(const Classes& k, const Tensor& x) {
  Tensor y = empty(Dims{k.n, k.s}, x.dtype());
  visit_float(x.dtype(), [&]<class T>() {
    const T *w = weights<T>(k), *from = x.data<T>();
    T* to = y.data<T>();
    for (int64_t n = 0, i = 0; n < k.n; ++n, from += k.c * k.s) {
      for (int64_t s = 0; s < k.s; ++s, ++i) {
        const int64_t t = k.target[i];
        to[i] = t == k.ignored ? T(0) : w ? -from[t * k.s + s] * w[t] : -from[t * k.s + s];
      }
    }
  });
  return y;
}

Tensor sum_classes(const Classes& k, const Tensor& picked) {
  Tensor y = empty({}, picked.dtype());
  visit_float(picked.dtype(), [&]<class T>() {
    LevelledSum<T> sum(k.count());
    for (int64_t i = 0; i < k.count(); ++i) if (k.target[i] != k.ignored) sum.add(i, picked.data<T>()[i]);
    *y.data<T>() = sum.total();
  });
  return y;
}

Tensor weights_of_classes(const Classes& k, const Tensor& scale, double divisor) {
  Tensor y = empty(Dims{k.n, k.s}, scale.dtype());
  visit_float(scale.dtype(), [&]<class T>() {
    const T *w = weights<T>(k), *from = scale.data<T>();
    const int64_t step = scale.numel() == 1 ? 0 : 1;
    for (int64_t i = 0; i < k.count(); ++i) {
      const int64_t t = k.target[i];
      y.data<T>()[i] = t == k.ignored ? T(0) : (w ? w[t] : T(1)) * (from[i * step] / static_cast<T>(divisor));
    }
  });
  return y;
}

Tensor spread_classes(const Classes& k, const Tensor& values) {
  Tensor y = empty(Dims{k.n, k.c, k.s}, values.dtype());
  fill_zero(y);
  visit_float(values.dtype(), [&]<class T>() {
    T* to = y.data<T>();
    for (int64_t n = 0, i = 0; n < k.n; ++n, to += k.c * k.s) {
      for (int64_t s = 0; s < k.s; ++s, ++i) {
        if (k.target[i] != k.ignored) to[k.target[i] * k.s + s] = values.data<T>()[i];
      }
    }
  });
  return y;
}

}  // namespace st
