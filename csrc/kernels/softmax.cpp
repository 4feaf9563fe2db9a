// How softmax reaches its kernels, and what threads share.
#include "kernels/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/choice.h"
#include "kernels/convert.h"
#include "kernels/parallel.h"
#include "kernels/softmax_table.h"

namespace st {

#define X(isa)                                \
  namespace isa {                             \
  extern const SoftmaxTable kSoftmaxTable;    \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 4096;  // elements
constexpr int64_t kLongBlock = 65536;  // elements of one line that are summed by themselves, and then joined

template <class T>
const SoftmaxKernels<T>& kernels() {
  static constexpr const SoftmaxTable* kTables[] = {
#define X(isa) &isa::kSoftmaxTable,
      STEEPEST_ISAS
#undef X
  };
  static const SoftmaxTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

// f(call, element and number of the first line)
template <class F>
void for_softmax_lines(const Lines& l, F f) {
  if (l.count() * l.n == 0) return;
  if (l.inner > 1) {
    const int64_t width = std::min(l.inner, kSoftmaxColumns), blocks = (l.inner + width - 1) / width;
    return parallel_items(l.outer * blocks, l.n * width, kGrain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t o = i / blocks, j = i % blocks * width;
        f(SoftmaxCall{l.n, l.inner, std::min(width, l.inner - j)}, o * l.n * l.inner + j, o * l.inner + j);
      }
    });
  }
  parallel_items(l.outer, l.n, kGrain, [&](int64_t begin, int64_t end) { f(SoftmaxCall{l.n, 1, end - begin}, begin * l.n, begin); });
}

template <class F>
void for_rows(const Tensor& x, F f) {
  if (x.size(0) == 0) return;
  parallel_items(x.size(0), x.size(1), kGrain, f);
}

}  // namespace

namespace {

// float16 and bfloat16 as floats, by blocks that the nearest cache holds where lines are short.
void softmax_halves(const Tensor& x, const Tensor& y, const Lines& l, bool logarithm) {
  constexpr int64_t kBlock = 4096;
  const auto fn = logarithm ? kernels<float>().log_softmax : kernels<float>().softmax;
  const Dtype type = x.dtype();
  const int64_t item = item_size(type), lines = std::max<int64_t>(1, kBlock / std::max<int64_t>(1, l.n));
  const auto move = [&](char* to, Dtype to_type, const char* from, Dtype from_type, int64_t n) {
    convert(to, to_type, item_size(to_type), from, from_type, item_size(from_type), n);
  };
  for_softmax_lines(l, [&](const SoftmaxCall& call, int64_t at, int64_t) {
    const bool rows = call.step == 1;
    const int64_t together = std::min(call.m, rows ? lines : call.m);
    std::vector<float> buffer(static_cast<size_t>(call.n * together));
    char* const floats = reinterpret_cast<char*>(buffer.data());
    for (int64_t j = 0; j < call.m; j += together) {
      const int64_t m = std::min(together, call.m - j);
      // Rows lie behind each other as a whole, columns piece by piece.
      const int64_t pieces = rows ? 1 : call.n, length = rows ? m * call.n : m;
      const int64_t first = (at + (rows ? j * call.n : j)) * item;
      const auto each_piece = [&](auto f) { for (int64_t i = 0; i < pieces; ++i) f(floats + i * length * 4, first + i * call.step * item); };
      each_piece([&](char* here, int64_t there) { move(here, Dtype::Float32, x->data + there, type, length); });
      fn(SoftmaxCall{call.n, rows ? 1 : m, m}, buffer.data(), buffer.data());
      each_piece([&](char* here, int64_t there) { move(y->data + there, type, here, Dtype::Float32, length); });
    }
  });
}

}  // namespace

Tensor softmax_forward(const Tensor& x, int64_t dim, bool logarithm) {
  Tensor y = empty(x.sizes(), x.dtype());
  if (is_half(x.dtype())) {
    softmax_halves(x, y, lines_of(x, dim), logarithm);
    return y;
  }
  visit_float(x.dtype(), [&]<class T>() {
    const auto fn = logarithm ? kernels<T>().log_softmax : kernels<T>().softmax;
    for_softmax_lines(lines_of(x, dim), [&](const SoftmaxCall& call, int64_t at, int64_t) { fn(call, x.data<T>() + at, y.data<T>() + at); });
  });
  return y;
}

Tensor softmax_backward(const Tensor& y, const Tensor& g, int64_t dim, bool logarithm) {
  Tensor dx = empty(y.sizes(), y.dtype());
  visit_float(y.dtype(), [&]<class T>() {
    const auto fn = logarithm ? kernels<T>().log_softmax_backward : kernels<T>().softmax_backward;
    for_softmax_lines(lines_of(y, dim), [&](const SoftmaxCall& call, int64_t at, int64_t) { fn(call, y.data<T>() + at, g.data<T>() + at, dx.data<T>() + at); });
  });
  return dx;
}

// Of one long line: block after block, which threads share, joined in their order.
template <class T>
T log_sum_exp_of_blocks(const T* x, int64_t n) {
  const int64_t blocks = (n + kLongBlock - 1) / kLongBlock;
  std::vector<T> stats(static_cast<size_t>(2 * blocks));
  parallel_for(blocks, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) kernels<T>().row_stats(std::min(kLongBlock, n - i * kLongBlock), 1, x + i * kLongBlock, &stats[static_cast<size_t>(2 * i)]);
  });
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (size_t i = 0; i < stats.size(); i += 2) if (!(stats[i] <= top)) top = stats[i];  // a NaN stays
  if (!std::isfinite(top)) return static_cast<T>(top);
  for (size_t i = 0; i < stats.size(); i += 2) if (std::isfinite(stats[i])) sum += std::exp(stats[i] - top + stats[i + 1]);
  return static_cast<T>(top + std::log(sum));
}

Tensor log_sum_exp(const Tensor& given, DimMask mask, bool keepdim) {
  Tensor y = empty(reduced_sizes(given.sizes(), mask, keepdim), given.dtype());
  const std::pair<Tensor, Lines> cut = lines_over(given, mask);
  visit_float(y.dtype(), [&]<class T>() {
    if (cut.second.count() == 1 && cut.second.n >= 2 * kLongBlock) {
      *y.data<T>() = log_sum_exp_of_blocks(cut.first.data<T>(), cut.second.n);
      return;
    }
    for_softmax_lines(cut.second, [&](const SoftmaxCall& call, int64_t at, int64_t first) {
      kernels<T>().log_sum_exp(call, cut.first.data<T>() + at, y.data<T>() + first);
    });
  });
  return y;
}

Tensor softmax_stats(const Tensor& x) {
  Tensor stats = empty(Dims{x.size(0), 2}, x.dtype());
  visit_float(x.dtype(), [&]<class T>() {
    for_rows(x, [&](int64_t begin, int64_t end) {
      kernels<T>().row_stats(x.size(1), end - begin, x.data<T>() + begin * x.size(1), stats.data<T>() + 2 * begin);
    });
  });
  return stats;
}

Tensor cross_entropy_gradient(const Tensor& x, const Tensor& stats, const Tensor& target, const Tensor& scale) {
  Tensor dx = empty(x.sizes(), x.dtype());
  visit_float(x.dtype(), [&]<class T>() {
    for_rows(x, [&](int64_t begin, int64_t end) {
      const int64_t at = begin * x.size(1);
      kernels<T>().cross_entropy_backward(x.size(1), end - begin, x.data<T>() + at, stats.data<T>() + 2 * begin, target.data<int64_t>() + begin,
                                          scale.data<T>() + begin, dx.data<T>() + at);
    });
  });
  return dx;
}

}  // namespace st
