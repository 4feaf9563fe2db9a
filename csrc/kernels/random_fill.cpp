// Fills of memory with independent draws: block-wise where that is faster, else element by element, same bits.
#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "random.h"
#include "random_block.h"
#include "random_draw.h"

namespace st {
namespace {

constexpr int64_t kBuffer = Generator::kWords;  // words: 2.5 KB, stays in L1
constexpr int64_t kFew = 16;                    // below this, setting up a block costs more than it saves

// Calls take(words, count, offset) over n elements, each of `PerElement` consecutive words.
template <int PerElement, class Take>
void in_blocks(Generator& g, int64_t n, Take take) {
  uint32_t words[kBuffer];
  for (int64_t i = 0; i < n;) {
    const int64_t count = std::min(n - i, kBuffer / PerElement);
    g.words(words, count * PerElement);
    take(words, count, i);
    i += count;
  }
}

inline uint64_t joined(const uint32_t* pair) { return static_cast<uint64_t>(pair[0]) << 32 | pair[1]; }

template <class T, class D>
void fill_each(Generator& g, T* out, int64_t n, const D& d) {
  for (int64_t i = 0; i < n; ++i) out[i] = draw<T>(g, d);
}

void fill_blocks(Generator& g, float* out, int64_t n, float from, float to) {
  const auto uniform = random_kernels().uniform_float;
  in_blocks<1>(g, n, [=](const uint32_t* w, int64_t count, int64_t i) { uniform(w, out + i, count, from, to); });
}

void fill_blocks(Generator& g, double* out, int64_t n, double from, double to) {
  const auto uniform = random_kernels().uniform_double;
  in_blocks<2>(g, n, [=](const uint32_t* w, int64_t count, int64_t i) { uniform(w, out + i, count, from, to); });
}

template <class T>
void fill_unlocked(Generator& g, T* out, int64_t n, const Uniform& d) {
  if (n < kFew) return fill_each(g, out, n, d);
  fill_blocks(g, out, n, static_cast<T>(d.from), static_cast<T>(d.to));
}

void box_muller(float* uniforms, int64_t blocks, float mean, float std) {
  random_kernels().normal_float(uniforms, blocks, mean, std);
}

void box_muller(double* uniforms, int64_t blocks, double mean, double std) {
  for (; blocks > 0; --blocks, uniforms += 16) {
    for (int j = 0; j < 8; ++j) {
      const double radius = std::sqrt(-2.0 * std::log(1.0 - uniforms[j]));
      const double theta = 2.0 * kPi * uniforms[j + 8];
      uniforms[j] = std::fma(radius * std::cos(theta), std, mean);
      uniforms[j + 8] = std::fma(radius * std::sin(theta), std, mean);
    }
  }
}

// 16 and more: uniforms in place, each 16 of them turned into normals. Where 16 does not divide n, the last 16
// elements are drawn anew, after all the others.
template <class T>
void fill_unlocked(Generator& g, T* out, int64_t n, const Normal& d) {
  if (n < 16) return fill_each(g, out, n, d);
  const T mean = static_cast<T>(d.mean);
  const T std = static_cast<T>(d.std);
  constexpr int64_t kChunk = 1024;
  for (int64_t i = 0; i < n; i += kChunk) {
    const int64_t count = std::min(kChunk, n - i);
    fill_blocks(g, out + i, count, T(0), T(1));
    box_muller(out + i, count / 16, mean, std);
  }
  if (n % 16 != 0) {
    fill_blocks(g, out + n - 16, 16, T(0), T(1));
    box_muller(out + n - 16, 1, mean, std);
  }
}

template <class T>
void fill_choice(Generator& g, T* out, int64_t n, double p, T yes) {
  const uint64_t threshold = unit_threshold(p);
  const T choice[2] = {T(0), yes};  // looked up: a branch on a coin is mispredicted half the time
  if (n < kFew) {
    for (int64_t i = 0; i < n; ++i) out[i] = choice[unit_bits(g) < threshold];
    return;
  }
  constexpr uint64_t kMask = (uint64_t{1} << 53) - 1;
  in_blocks<2>(g, n, [=, &choice](const uint32_t* w, int64_t count, int64_t at) {
    for (int64_t i = 0; i < count; ++i) out[at + i] = choice[(joined(w + 2 * i) & kMask) < threshold];
  });
}

template <class T>
void fill_unlocked(Generator& g, T* out, int64_t n, const Bernoulli& d) {
  fill_choice(g, out, n, d.p, T(1));
}

template <class T>
void fill_unlocked(Generator& g, T* out, int64_t n, const Integers& d) {
  if (n < kFew) return fill_each(g, out, n, d);
  const uint64_t base = static_cast<uint64_t>(d.base);
  if (d.range >= kWideRange) {
    in_blocks<2>(g, n, [=, range = d.range](const uint32_t* w, int64_t count, int64_t at) {
      for (int64_t i = 0; i < count; ++i) {
        out[at + i] = static_cast<T>(static_cast<int64_t>(joined(w + 2 * i) % range + base));
      }
    });
    return;
  }
  in_blocks<1>(g, n, [=, range = static_cast<uint32_t>(d.range)](const uint32_t* w, int64_t count, int64_t at) {
    for (int64_t i = 0; i < count; ++i) {
      out[at + i] = static_cast<T>(static_cast<int64_t>(w[i] % range + base));
    }
  });
}

template <class T, class D>
void fill_unlocked(Generator& g, T* out, int64_t n, const D& d) {
  fill_each(g, out, n, d);
}

}  // namespace

template <class T, class D>
void fill(Generator& generator, T* out, int64_t n, const D& distribution) {
  const std::lock_guard<std::mutex> lock(generator.mutex());
  fill_unlocked(generator, out, n, distribution);
}

template <class T, class D>
void fill_strided(Generator& generator, T* out, int ndim, const int64_t* sizes, const int64_t* strides,
                  const D& distribution) {
  if (std::any_of(sizes, sizes + ndim, [](int64_t size) { return size == 0; })) return;
  // Innermost first: from the last dimension to the first, then by stride, ties by size.
  std::vector<int> order(static_cast<size_t>(ndim));
  std::iota(order.rbegin(), order.rend(), 0);
  std::stable_sort(order.begin(), order.end(), [=](int a, int b) {
    return strides[a] != strides[b] ? strides[a] < strides[b] : sizes[a] < sizes[b];
  });
  std::vector<int64_t> index(static_cast<size_t>(ndim));
  const std::lock_guard<std::mutex> lock(generator.mutex());
  for (;;) {
    *out = draw<T>(generator, distribution);
    size_t k = 0;
    for (; k < order.size(); ++k) {
      const int dim = order[k];
      out += strides[dim];
      if (++index[k] < sizes[dim]) break;
      out -= strides[dim] * sizes[dim];
      index[k] = 0;
    }
    if (k == order.size()) return;
  }
}

template <class T, class P>
void fill_bernoulli(Generator& generator, T* out, const P* p, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    if (!(p[i] >= 0 && p[i] <= 1)) {
      throw std::runtime_error(
          "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, "
          "please report an enhancement request to PyTorch.)");
    }
  }
  const std::lock_guard<std::mutex> lock(generator.mutex());
  for (int64_t i = 0; i < n; ++i) {
    if constexpr (sizeof(P) == 8) {
      out[i] = static_cast<T>(unit_double(generator) < p[i]);
    } else {
      out[i] = static_cast<T>(unit_float(generator) < p[i]);
    }
  }
}

template <class T>
void fill_dropout(Generator& generator, T* out, int64_t n, double p) {
  const std::lock_guard<std::mutex> lock(generator.mutex());
  fill_choice(generator, out, n, 1.0 - p, T(1) / static_cast<T>(1.0 - p));
}

template <class T>
void fill_rrelu(Generator& generator, T* out, const T* x, int64_t n, double lower, double upper) {
  const double from = static_cast<T>(lower);
  const double range = static_cast<T>(upper) - from;
  const std::lock_guard<std::mutex> lock(generator.mutex());
  for (int64_t i = 0; i < n; ++i) {
    out[i] = x[i] <= 0 ? static_cast<T>(unit_double(generator) * range + from) : T(1);
  }
}

#define FILL(T, D)                                               \
  template void fill<T, D>(Generator&, T*, int64_t, const D&); \
  template void fill_strided<T, D>(Generator&, T*, int, const int64_t*, const int64_t*, const D&);
#define FILL_BERNOULLI(T, P) template void fill_bernoulli<T, P>(Generator&, T*, const P*, int64_t);
#define FILL_ANY(T)       \
  FILL(T, Bernoulli)      \
  FILL(T, Integers)       \
  FILL(T, AnyInteger)     \
  FILL_BERNOULLI(T, float) \
  FILL_BERNOULLI(T, double)
#define FILL_FLOATING(T)  \
  FILL(T, Uniform)        \
  FILL(T, Normal)         \
  FILL(T, LogNormal)      \
  FILL(T, Cauchy)         \
  FILL(T, Exponential)    \
  template void fill_dropout<T>(Generator&, T*, int64_t, double); \
  template void fill_rrelu<T>(Generator&, T*, const T*, int64_t, double, double);

FILL_ANY(bool)
FILL_ANY(uint8_t)
FILL_ANY(int8_t)
FILL_ANY(int16_t)
FILL_ANY(int32_t)
FILL_ANY(int64_t)
FILL_ANY(float)
FILL_ANY(double)
FILL_FLOATING(float)
FILL_FLOATING(double)
FILL(uint8_t, Geometric)
FILL(int8_t, Geometric)
FILL(int16_t, Geometric)
FILL(int32_t, Geometric)
FILL(int64_t, Geometric)
FILL(float, Geometric)
FILL(double, Geometric)
FILL(int64_t, FullInteger)
FILL(float, FullInteger)
FILL(double, FullInteger)

}  // namespace st
