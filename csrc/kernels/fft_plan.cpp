// Plans of Fourier transforms: factors, twiddles, and which way a length goes.
#include "kernels/fft_plan.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include "kernels/choice.h"
#include "kernels/fft_line.h"

namespace st {

#define X(isa)                     \
  namespace isa {                  \
  extern const FftTable kFftTable; \
  }
STEEPEST_ISAS
#undef X

template <class T>
const FftKernels<T>& fft_kernels() {
  static constexpr const FftTable* kTables[] = {
#define X(isa) &isa::kFftTable,
      STEEPEST_ISAS
#undef X
  };
  static const FftTable& chosen = *kTables[chosen_isa()];
  if constexpr (sizeof(T) == sizeof(float)) return chosen.f32;
  else return chosen.f64;
}

// By way of the first octant, where sine and cosine are as exact as doubles are.
Root root_of_one(int64_t k, int64_t n) {
  k %= n;
  int64_t eighths = 8 * k;
  const bool below = eighths > 4 * n;  // beyond half a turn: the mirror image
  if (below) eighths = 8 * n - eighths;
  const bool left = eighths > 2 * n;  // beyond a quarter
  if (left) eighths = 4 * n - eighths;
  const bool steep = eighths > n;
  if (steep) eighths = 2 * n - eighths;
  const double angle = 0.78539816339744830962 * (static_cast<double>(eighths) / static_cast<double>(n));
  double c = std::cos(angle), s = std::sin(angle);
  if (steep) std::swap(c, s);
  return {left ? -c : c, below ? s : -s};
}

namespace {

constexpr int64_t kCacheBytes = 1 << 28;

template <class Plan>
class Plans {
 public:
  template <class Make>
  std::shared_ptr<const Plan> get(int64_t n, Make make) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto it = plans_.find(n); it != plans_.end()) return it->second;
    }
    std::shared_ptr<const Plan> made = make();
    const std::lock_guard lock(mutex_);
    bytes_ += made->bytes;
    if (bytes_ > kCacheBytes) {
      plans_.clear();
      bytes_ = made->bytes;
    }
    return plans_.emplace(n, made).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<int64_t, std::shared_ptr<const Plan>> plans_;
  int64_t bytes_ = 0;
};

// The factors of n, those of powers of two as eights and one other; empty where a prime is too large for a pass.
std::vector<int64_t> radices(int64_t n) {
  std::vector<int64_t> found;
  int twos = 0;
  for (; n % 2 == 0; n /= 2) ++twos;
  for (int64_t p = 3; p <= kFftMostRadix; p += 2) {
    for (; n % p == 0; n /= p) found.push_back(p);
  }
  if (n > 1) return {};
  if (twos % 3 == 1) found.push_back(twos == 1 ? 2 : 16);
  if (twos % 3 == 2) found.push_back(4);
  for (int left = twos == 1 ? 0 : twos - (twos % 3 == 1 ? 4 : twos % 3); left > 0; left -= 3) found.push_back(8);
  return found;
}

// Of a pass, for a register: 1 is about what reading and writing it costs.
double pass_cost(int64_t radix) { return radix <= 4 ? 1.2 : radix == 8 ? 1.6 : radix == 16 ? 2.4 : 0.5 * static_cast<double>(radix); }
double cost(const std::vector<int64_t>& factors) {
  double sum = 0;
  for (int64_t r : factors) sum += pass_cost(r);
  return sum;
}

template <class T>
FftLanes<T> lanes_of(FftPlan<T>& plan, int64_t n, const std::vector<int64_t>& factors) {
  FftLanes<T> lanes{};
  lanes.n = n;
  int64_t rest = n;
  for (int64_t r : factors) {
    const int64_t whole = rest;
    rest /= r;
    FftPass<T>& pass = lanes.passes[lanes.n_passes++];
    pass.radix = r;
    pass.rest = rest;
    T* w = plan.table(2 * rest * (r - 1));
    pass.twiddles = w;
    for (int64_t p = 0; p < rest; ++p) {
      for (int64_t k = 1; k < r; ++k) {
        const Root root = root_of_one(p * k, whole);
        *w++ = static_cast<T>(root.re);
        *w++ = static_cast<T>(root.im);
      }
    }
    if (r % 2 == 0) continue;
    T* roots = plan.table(2 * r);
    pass.roots = roots;
    for (int64_t i = 0; i < r; ++i) {
      const Root root = root_of_one(i, r);
      *roots++ = static_cast<T>(root.re);
      *roots++ = static_cast<T>(-root.im);
    }
  }
  return lanes;
}

int64_t divide_up(int64_t x, int64_t y) { return (x + y - 1) / y; }

constexpr double kMoveIn = 2, kMoveOut = 1;  // of a register, into a split line and out of it, in units of pass_cost

// The cheapest split n = n1 n2: n1, or 1 where there is none.
int64_t best_split(int64_t n, int64_t width, double& least) {
  int64_t best = 1;
  for (int64_t n1 = 2; n1 * n1 <= n; ++n1) {
    if (n % n1 != 0) continue;
    for (int64_t first : {n1, n / n1}) {
      const int64_t second = n / first;
      const double sum = static_cast<double>(divide_up(second, width) * first) * (cost(radices(first)) + kMoveIn) +
                         static_cast<double>(divide_up(first, width) * second) * (cost(radices(second)) + kMoveOut);
      // What does not stay in the first cache while it is transformed costs more.
      const double penalty = std::max(first, second) * width > 4096 ? 1.5 : 1;
      if (best == 1 || sum * penalty < 0.99 * least) {
        least = sum * penalty;
        best = first;
      }
    }
  }
  return best;
}

template <class T>
void add_split(FftPlan<T>& plan, int64_t width) {
  const int64_t n = plan.n, n1 = best_split(n, width, plan.split_cost), n2 = n / n1;
  if (n1 == 1) return;
  plan.splits = true;
  plan.split.first = lanes_of(plan, n1, radices(n1));
  plan.split.second = lanes_of(plan, n2, radices(n2));
  const int64_t tiles = divide_up(n2, width);
  T* w = plan.table(2 * tiles * n1 * width);
  plan.split.twiddles = w;
  for (int64_t t = 0; t < tiles; ++t) {
    for (int64_t row = 0; row < n1; ++row, w += 2 * width) {
      for (int64_t lane = 0; lane < width; ++lane) {
        const Root root = root_of_one(row * (t * width + lane), n);
        w[lane] = static_cast<T>(root.re);
        w[width + lane] = static_cast<T>(root.im);
      }
    }
  }
}

// A length of at least n whose transform is quick.
int64_t padded_length(int64_t n) {
  int64_t best = 1;
  while (best < n) best *= 2;
  for (int64_t odd : {3, 5, 9, 15}) {
    int64_t m = odd;
    while (m < n) m *= 2;
    best = std::min(best, m);
  }
  return best;
}

template <class T>
void add_chirp(FftPlan<T>& plan) {
  const int64_t n = plan.n, m = padded_length(2 * n - 1);
  plan.padded = fft_plan<T>(m);
  const auto exact = fft_plan<double>(m);
  std::vector<double> wave(2 * m), result(2 * m), scratch(line_scratch(*exact));
  T *chirp = plan.table(2 * n), *spectrum = plan.table(2 * m);
  plan.chirp = chirp;
  plan.spectrum = spectrum;
  int64_t square = 0;  // j^2 modulo 2 n
  for (int64_t j = 0; j < n; ++j) {
    const Root root = root_of_one(square, 2 * n);
    square = (square + 2 * j + 1) % (2 * n);
    chirp[2 * j] = static_cast<T>(root.re);
    chirp[2 * j + 1] = static_cast<T>(root.im);
    for (int64_t at : {j, (m - j) % m}) {
      wave[2 * at] = root.re;
      wave[2 * at + 1] = -root.im;
    }
  }
  complex_line<double>(*exact, wave.data(), result.data(), false, 1 / static_cast<double>(m), scratch.data());
  for (int64_t i = 0; i < 2 * m; ++i) spectrum[i] = static_cast<T>(result[i]);
}

template <class T>
std::shared_ptr<const FftPlan<T>> make_plan(int64_t n) {
  auto plan = std::make_shared<FftPlan<T>>();
  plan->n = n;
  const std::vector<int64_t> factors = radices(n);
  plan->smooth = n == 1 || !factors.empty();
  if (!plan->smooth) {
    add_chirp(*plan);
    return plan;
  }
  const int64_t width = fft_kernels<T>().width;
  // Twiddles of so long a line would only be asked for if it lay side by side with others.
  if (plan->in_lanes()) plan->lanes = lanes_of(*plan, n, factors);
  plan->lanes_cost = static_cast<double>(n) * (cost(factors) + kMoveIn + kMoveIn) * (n * width > 4096 ? 1.4 : 1);
  add_split(*plan, width);
  return plan;
}

template <class T>
std::shared_ptr<const FftRealPlan<T>> make_real_plan(int64_t n) {
  auto plan = std::make_shared<FftRealPlan<T>>();
  plan->n = n;
  plan->complex = fft_plan<T>(n % 2 == 0 ? n / 2 : n);
  if (n % 2 != 0) return plan;
  const int64_t count = n / 4 + 1;
  plan->turn_count = count;
  plan->turns.resize(static_cast<size_t>(2 * count));
  plan->bytes = 2 * count * static_cast<int64_t>(sizeof(T));
  for (int64_t k = 0; k < count; ++k) {
    const Root root = root_of_one(k, n);
    plan->turns[k] = static_cast<T>(root.re);
    plan->turns[count + k] = static_cast<T>(root.im);
  }
  return plan;
}

}  // namespace

template <class T>
T* FftPlan<T>::table(int64_t count) {
  bytes += count * static_cast<int64_t>(sizeof(T));
  return tables.emplace_back(static_cast<size_t>(count)).data();
}

template <class T>
bool FftPlan<T>::split_for(int64_t lines) const {
  if (!in_lanes()) return true;
  const double width = fft_kernels<T>().width;
  return splits && split_cost < lanes_cost / std::min(static_cast<double>(lines), width);
}

template <class T>
std::shared_ptr<const FftPlan<T>> fft_plan(int64_t n) {
  static Plans<FftPlan<T>> plans;
  return plans.get(n, [n] { return make_plan<T>(n); });
}
template <class T>
std::shared_ptr<const FftRealPlan<T>> fft_real_plan(int64_t n) {
  static Plans<FftRealPlan<T>> plans;
  return plans.get(n, [n] { return make_real_plan<T>(n); });
}

template struct FftPlan<float>;
template struct FftPlan<double>;
template const FftKernels<float>& fft_kernels<float>();
template const FftKernels<double>& fft_kernels<double>();
template std::shared_ptr<const FftPlan<float>> fft_plan<float>(int64_t);
template std::shared_ptr<const FftPlan<double>> fft_plan<double>(int64_t);
template std::shared_ptr<const FftRealPlan<float>> fft_real_plan<float>(int64_t);
template std::shared_ptr<const FftRealPlan<double>> fft_real_plan<double>(int64_t);

}  // namespace st
