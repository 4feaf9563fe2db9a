// Random numbers: PyTorch's CPU generator (mt19937) and everything that is drawn from it, bit for bit.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

namespace st {

inline constexpr uint64_t kDefaultSeed = 67280421310721ULL;

// The 32-bit Mersenne twister (Matsumoto and Nishimura 1998), seeded from the low 32 bits of the seed.
//
// Drawing is not synchronised: whoever draws one number at a time holds mutex() meanwhile. The functions below that
// take a Generator& and fill memory lock it themselves.
class Generator {
 public:
  static constexpr int kWords = 624;
  static constexpr size_t kStateBytes = 5056;  // of torch.get_rng_state()

  explicit Generator(uint64_t seed = kDefaultSeed) { manual_seed(seed); }
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  void manual_seed(uint64_t seed);
  uint64_t initial_seed() const { return seed_; }
  uint64_t seed();  // reseeds from the operating system and returns the seed

  // The state as PyTorch lays it out; bytes are portable between the two. set_state throws std::runtime_error on
  // bytes that are no state, and then changes nothing.
  void get_state(uint8_t* bytes) const;
  void set_state(const uint8_t* bytes, size_t size);
  std::unique_ptr<Generator> clone() const;

  uint32_t next32() {
    if (--left_ == 0) refill();
    return temper(state_[next_++]);
  }
  uint64_t next64() {
    const uint64_t high = next32();
    return high << 32 | next32();
  }
  void words(uint32_t* out, int64_t n);  // the next n values of next32()

  // Box-Muller makes normals in pairs; the second one of a pair waits here. It outlives every other kind of draw and
  // is dropped by seeding only.
  std::optional<double> spare_normal;

  std::mutex& mutex() { return mutex_; }

 private:
  static uint32_t temper(uint32_t y) {
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680U;
    y ^= y << 15 & 0xefc60000U;
    return y ^ y >> 18;
  }
  void refill();

  uint64_t seed_ = 0;
  std::optional<float> spare_float_;  // PyTorch's CPU fills never set it; kept so that a loaded state is saved whole
  int left_ = 1;       // draws until refill(), the drawing call included
  uint32_t next_ = 0;  // position in state_
  std::array<uint32_t, kWords> state_{};
  std::mutex mutex_;
};

Generator& default_generator();

// Chooses the instruction set ("v2", "v3", "v4", "neon") of the block loops; false where it was not built. Every choice
// gives the same bits.
bool random_select(const char* isa);

// Distributions. fill() takes contiguous memory; fill_strided() takes any strides (in elements) and draws in the order
// of addresses (largest stride outermost), as PyTorch does for all of these. The two differ for Normal alone: PyTorch
// fills 16 and more contiguous elements in blocks of 16, and everything else one by one with the spare value; so a
// transposed dense tensor is a case for fill_strided() too. Arguments are the caller's to check.
struct Uniform { double from, to; };                 // [from, to); float, double
struct Normal { double mean, std; };                 // float, double
struct LogNormal { double mean, std; };              // float, double
struct Cauchy { double median, sigma; };             // float, double
struct Exponential { double lambda; };               // float, double
struct Geometric { double p; };                      // all but bool
struct Bernoulli { double p; };                      // all types
struct Integers { int64_t base; uint64_t range; };   // [base, base + range); all types
struct AnyInteger {};                                // random_(): [0, max], floats [0, 2^digits]; all types
struct FullInteger {};                               // all 64 bits: int64_t, float, double

template <class T, class D>
void fill(Generator& generator, T* out, int64_t n, const D& distribution);
template <class T, class D>
void fill_strided(Generator& generator, T* out, int ndim, const int64_t* sizes, const int64_t* strides,
                  const D& distribution);

// out[i] = 1 with probability p[i]. P decides the stream: a float takes one word, a double two. Checks p first.
template <class T, class P>
void fill_bernoulli(Generator& generator, T* out, const P* p, int64_t n);

// Bernoulli(1 - p) over 1 - p: what dropout multiplies by. 0 < p < 1.
template <class T>
void fill_dropout(Generator& generator, T* out, int64_t n, double p);

// What rrelu multiplies by in training: Uniform(lower, upper) where x <= 0, and 1, without a draw, elsewhere.
template <class T>
void fill_rrelu(Generator& generator, T* out, const T* x, int64_t n, double lower, double upper);

// The integers that random_(from, to) draws into a T. Throws std::runtime_error with PyTorch's text where the bounds
// are no range of T's. A float type moves bounds it cannot hold, and PyTorch warns where they exceed 2^digits.
struct IntegerBounds {
  Integers integers;
  bool full;        // no bounds at all: draw FullInteger instead
  bool warn_from, warn_to;
};
template <class T>
IntegerBounds integer_bounds(int64_t from, std::optional<int64_t> to);

// out[i] ~ Poisson(rate[i]). Checks all rates first.
template <class T>
void fill_poisson(Generator& generator, T* out, const T* rate, int64_t n);

// A random permutation of 0 .. n-1.
template <class T>
void fill_permutation(Generator& generator, T* out, int64_t n);

// `samples` draws of category indices for each row of weights (rows, categories) into out (rows, samples), contiguous.
// Checks all weights before it draws; throws std::runtime_error with PyTorch's text. Without replacement,
// samples <= categories.
template <class T>
void multinomial(Generator& generator, const T* weights, int64_t rows, int64_t categories, int64_t samples,
                 bool replacement, int64_t* out);

}  // namespace st
