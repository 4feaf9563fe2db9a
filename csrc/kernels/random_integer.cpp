// Bounds of integer draws, permutations, and draws of categories.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/half.h"
#include "random.h"
#include "random_draw.h"

namespace st {
namespace {

// What float types hold exactly: integers of up to this many bits.
template <class T> constexpr int kDigits = std::numeric_limits<T>::digits;
template <> constexpr int kDigits<Half> = 11;
template <> constexpr int kDigits<BFloat16> = 8;
template <class T>
constexpr bool kFloating = std::is_floating_point_v<T> || std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;

constexpr int64_t kLowest = std::numeric_limits<int64_t>::lowest();

template <class T> constexpr const char* kTypeName = "";  // as the compiler of PyTorch's wheels spells them
template <> constexpr const char* kTypeName<bool> = "bool";
template <> constexpr const char* kTypeName<uint8_t> = "unsigned char";
template <> constexpr const char* kTypeName<int8_t> = "signed char";
template <> constexpr const char* kTypeName<int16_t> = "short int";
template <> constexpr const char* kTypeName<int32_t> = "int";
template <> constexpr const char* kTypeName<int64_t> = "long int";
template <> constexpr const char* kTypeName<Half> = "c10::Half";

[[noreturn]] void refuse(const std::string& start, int64_t from, const char* relation, int64_t to) {
  throw std::runtime_error("random_ expects " + start + ", but got from=" + std::to_string(from) + relation +
                           std::to_string(to));
}

int64_t spacing(int64_t x, int digits) {  // of a float type near x
  const uint64_t magnitude = x < 0 ? 0 - static_cast<uint64_t>(x) : static_cast<uint64_t>(x);
  return int64_t{1} << std::max(0, static_cast<int>(std::bit_width(magnitude)) - digits);
}

// The nearest bound inside the range that T holds, so that no draw rounds out of [from, to).
template <class T>
int64_t raised(int64_t from) {
  const int64_t after = from_double<int64_t>(static_cast<T>(from + 1));
  return after < from ? after + spacing(from + 1, kDigits<T>) : from;
}

template <class T>
int64_t lowered(int64_t to) {
  const int64_t before = from_double<int64_t>(static_cast<T>(to - 1));
  return before >= to ? before - spacing(to - 1, kDigits<T>) : to;
}

template <class T>
void check_in_range(const char* name, int64_t bound) {
  int64_t lowest = kLowest, highest = std::numeric_limits<int64_t>::max();  // the wider float types hold all of these
  if constexpr (std::is_same_v<T, Half>) {
    highest = 65504;
    lowest = -highest;
  } else if constexpr (!kFloating<T>) {
    lowest = static_cast<int64_t>(std::numeric_limits<T>::lowest());
    highest = static_cast<int64_t>(std::numeric_limits<T>::max());
  }
  if (bound < lowest || bound > highest) throw std::runtime_error(std::string(name) + " is out of bounds for " + kTypeName<T>);
}

template <class T>
bool imprecise(int64_t bound) {
  if constexpr (kFloating<T>) {
    constexpr int64_t kExact = int64_t{1} << kDigits<T>;
    return bound < -kExact || bound > kExact;
  }
  return false;
}

}  // namespace

template <class T>
IntegerBounds integer_bounds(int64_t from, std::optional<int64_t> to) {
  int64_t last;  // included
  if (to) {
    int64_t end = *to;
    if (from >= end) refuse("'from' to be less than 'to'", from, " >= to=", end);
    if constexpr (kFloating<T>) {
      from = raised<T>(from);
      end = lowered<T>(end);
      if (from >= end) refuse("'from' casted to dtype to be less than 'to' casted to dtype", from, " >= to=", end);
    }
    last = end - 1;
  } else if (from == kLowest) {
    if (!kFloating<T> && sizeof(T) < 8) {
      throw std::runtime_error(
          "random_full_64_bits_range_kernel_cpu handles only int64, double, float and bfloat16");
    }
    return {{0, 0}, true, false, false};
  } else if constexpr (kFloating<T>) {
    last = int64_t{1} << kDigits<T>;
    if (from < std::numeric_limits<int64_t>::max()) from = raised<T>(from);
    if (from >= last) {
      refuse("'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype", from, " > to_inc=", last);
    }
  } else {
    last = static_cast<int64_t>(std::numeric_limits<T>::max());
  }
  check_in_range<T>("from", from);
  check_in_range<T>("to - 1", last);
  const uint64_t range = static_cast<uint64_t>(last) - static_cast<uint64_t>(from) + 1;
  return {{from, range}, false, imprecise<T>(from), imprecise<T>(last)};
}

// Fisher-Yates. Small n takes 32 bits a step; beyond, their remainder would be skewed, and PyTorch turns to 64 bits and
// to the form that needs no initial order.
template <class T>
void fill_permutation(Generator& generator, T* out, int64_t n) {
  const std::lock_guard<std::mutex> lock(generator.mutex());
  if (n < std::numeric_limits<uint32_t>::max() / 20) {
    for (int64_t i = 0; i < n; ++i) out[i] = static_cast<T>(i);
    for (int64_t i = 0; i < n - 1; ++i) {
      std::swap(out[i], out[i + generator.next32() % static_cast<uint32_t>(n - i)]);
    }
    return;
  }
  for (int64_t i = 0; i < n; ++i) {
    const uint64_t other = generator.next64() % static_cast<uint64_t>(i + 1);
    out[i] = static_cast<T>(i);
    out[i] = out[other];
    out[other] = static_cast<T>(i);
  }
}

namespace {

constexpr char kNoWeights[] = "invalid multinomial distribution (sum of probabilities <= 0)";

template <class T>
bool has_weight(const T* row, int64_t categories) {
  return std::any_of(row, row + categories, [](T w) { return w > 0; });
}

// PyTorch words the same mistakes differently for its two algorithms.
template <class T>
void check_weights_to_replace(const T* weights, int64_t rows, int64_t categories) {
  for (int64_t r = 0; r < rows; ++r) {
    const T* row = weights + r * categories;
    for (int64_t j = 0; j < categories; ++j) {
      if (!(row[j] >= 0)) throw std::runtime_error("invalid multinomial distribution (encountering probability entry < 0)");
      if (!std::isfinite(row[j])) {
        throw std::runtime_error("invalid multinomial distribution (encountering probability entry = infinity or NaN)");
      }
    }
    if (!has_weight(row, categories)) throw std::runtime_error(kNoWeights);
  }
}

template <class T>
void check_weights(const T* weights, int64_t rows, int64_t categories) {
  const auto valid = [](T w) { return w >= 0 && w < std::numeric_limits<T>::infinity(); };
  if (!std::all_of(weights, weights + rows * categories, valid)) {
    throw std::runtime_error("probability tensor contains either `inf`, `nan` or element < 0");
  }
  for (int64_t r = 0; r < rows; ++r) {
    if (!has_weight(weights + r * categories, categories)) throw std::runtime_error(kNoWeights);
  }
}

// Bisects the running sums of a row, kept in T.
template <class T>
void with_replacement(Generator& g, const T* row, int64_t categories, int64_t samples, std::vector<T>& sums,
                      int64_t* out) {
  T sum = 0;
  for (int64_t j = 0; j < categories; ++j) sums[static_cast<size_t>(j)] = sum += row[j];
  for (T& s : sums) s /= sum;
  sums.back() = 1;
  for (int64_t k = 0; k < samples; ++k) {
    const double u = unit_double(g);
    out[k] = std::lower_bound(sums.begin(), sums.end(), u, [](T s, double x) { return s < x; }) - sums.begin();
  }
}

// The `samples` largest of weight / Exponential(1), largest first. Equal ones (weights of zero) come in the order in
// which the standard library's selection leaves them, with which of two algorithms depending on their number.
template <class T>
void largest(std::vector<std::pair<T, int64_t>>& keys, int64_t samples, int64_t* out) {
  const auto before = [](const auto& x, const auto& y) {
    return (std::isnan(x.first) && !std::isnan(y.first)) || x.first > y.first;
  };
  if (samples == 1) {
    *out = std::min_element(keys.begin(), keys.end(), before)->second;
    return;
  }
  if (samples * 64 <= static_cast<int64_t>(keys.size())) {
    std::partial_sort(keys.begin(), keys.begin() + samples, keys.end(), before);
  } else {
    std::nth_element(keys.begin(), keys.begin() + samples - 1, keys.end(), before);
    std::sort(keys.begin(), keys.begin() + samples - 1, before);
  }
  std::transform(keys.begin(), keys.begin() + samples, out, [](const auto& key) { return key.second; });
}

}  // namespace

template <class T>
void multinomial(Generator& generator, const T* weights, int64_t rows, int64_t categories, int64_t samples,
                 bool replacement, int64_t* out) {
  if (samples == 1) replacement = false;  // which PyTorch, too, takes the other way
  if (replacement) check_weights_to_replace(weights, rows, categories);
  else check_weights(weights, rows, categories);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  if (replacement) {
    std::vector<T> sums(static_cast<size_t>(categories));
    for (int64_t r = 0; r < rows; ++r) {
      with_replacement(generator, weights + r * categories, categories, samples, sums, out + r * samples);
    }
    return;
  }
  std::vector<std::pair<T, int64_t>> keys(static_cast<size_t>(categories));
  for (int64_t r = 0; r < rows; ++r) {
    const T* row = weights + r * categories;
    for (int64_t j = 0; j < categories; ++j) {
      keys[static_cast<size_t>(j)] = {row[j] / draw<T>(generator, Exponential{1.0}), j};
    }
    largest(keys, samples, out + r * samples);
  }
}

#define INTEGERS(T) template IntegerBounds integer_bounds<T>(int64_t, std::optional<int64_t>);
#define PERMUTATION(T) template void fill_permutation<T>(Generator&, T*, int64_t);
#define MULTINOMIAL(T) \
  template void multinomial<T>(Generator&, const T*, int64_t, int64_t, int64_t, bool, int64_t*);

INTEGERS(bool)
INTEGERS(uint8_t)
INTEGERS(int8_t)
INTEGERS(int16_t)
INTEGERS(int32_t)
INTEGERS(int64_t)
INTEGERS(Half)
INTEGERS(BFloat16)
INTEGERS(float)
INTEGERS(double)
PERMUTATION(uint8_t)
PERMUTATION(int8_t)
PERMUTATION(int16_t)
PERMUTATION(int32_t)
PERMUTATION(int64_t)
PERMUTATION(float)
PERMUTATION(double)
MULTINOMIAL(float)
MULTINOMIAL(double)

}  // namespace st
