// Sums of floats in one fixed order: see Note [Cascade sum].
#include "kernels/half_lanes.h"
#include "kernels/reduce_table.h"

#pragma GCC diagnostic ignored "-Wpsabi"
#define STEEPEST_INLINE __attribute__((always_inline)) inline

namespace st::STEEPEST_ISA {
namespace {

// 32 bytes on every instruction set: the width decides the order of the sums.
template <class T>
struct Register;
template <>
struct Register<float> {
  typedef float type __attribute__((vector_size(32)));
};
template <>
struct Register<double> {
  typedef double type __attribute__((vector_size(32)));
};
template <class T>
using Vec = typename Register<T>::type;
template <class T>
constexpr int kLanes = 32 / static_cast<int>(sizeof(T));
constexpr int kSeries = 4;

template <class V, class T>
STEEPEST_INLINE V read(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

template <class V>
STEEPEST_INLINE V read(const Float16Bits* p) {
  if constexpr (sizeof(V) == 32) return read_eight(p);
  else return read_one(*p);
}
template <class V>
STEEPEST_INLINE V read(const BFloat16Bits* p) {
  if constexpr (sizeof(V) == 32) return read_eight(p);
  else return read_one(*p);
}

// The terms, made of one or two arrays; V is the type that is summed in or a vector of it.
template <Term kTerm, class E>
struct Terms {
  const E* x;
  const E* y;
  template <class V>
  STEEPEST_INLINE V get(int64_t at) const {
    const V v = read<V>(x + at);
    if constexpr (kTerm == Term::Square) return v * v;
    else if constexpr (kTerm == Term::Abs) return v < V{} ? -v : v;
    else if constexpr (kTerm == Term::NonZero) return v != V{} ? V{} + 1 : V{};
    else if constexpr (kTerm == Term::NanToZero) return v == v ? v : V{};
    else if constexpr (kTerm == Term::SquaredDifference) {
      const V d = v - read<V>(y + at);
      return d * d;
    } else {
      return v;
    }
  }
};

template <class V>
struct Four {
  V v[kSeries];
  STEEPEST_INLINE void operator+=(const Four& o) {
#pragma GCC unroll 4
    for (int k = 0; k < kSeries; ++k) v[k] += o.v[k];
  }
};

// Term i of series k stands at `at + i * step + k * way`.
struct Place {
  int64_t at, step, way;
};

template <class V, class S>
STEEPEST_INLINE void add_term(Four<V>& sum, const S& terms, Place p, int64_t i) {
#pragma GCC unroll 4
  for (int k = 0; k < kSeries; ++k) sum.v[k] += terms.template get<V>(p.at + i * p.step + k * p.way);
}

// Sections [begin, begin + count) of 2^power terms each, added one after the other; two at a time, to hide the latency.
template <class V, class S>
STEEPEST_INLINE Four<V> sections(const S& terms, Place p, int power, int64_t begin, int64_t count) {
  Four<V> sum{};
  const int64_t length = int64_t{1} << power;
  int64_t s = begin;
  for (; s + 2 <= begin + count; s += 2) {
    Four<V> a{}, b{};
    const int64_t first = s << power;
    for (int64_t i = first; i < first + length; ++i) {
      add_term<V>(a, terms, p, i);
      add_term<V>(b, terms, p, i + length);
    }
    sum += a;
    sum += b;
  }
  if (s < begin + count) {
    Four<V> a{};
    for (int64_t i = s << power; i < (s + 1) << power; ++i) add_term<V>(a, terms, p, i);
    sum += a;
  }
  return sum;
}

template <class V, class S>
STEEPEST_INLINE Four<V> cascade(const S& terms, Place p, int64_t size, const Four<V>* chunks = nullptr) {
  Four<V> last{};
  int64_t i = 0;
  if (size >= 16) {
    const int power = cascade_power(size);
    const int64_t chunk = int64_t{1} << (2 * power), top = int64_t{1} << (3 * power);
    Four<V> third{}, fourth{};
    for (; i + chunk <= size;) {
      third += chunks ? *chunks++ : sections<V>(terms, p, power, i >> power, int64_t{1} << power);
      i += chunk;
      if (i % top == 0) {
        fourth += third;
        third = {};
      }
    }
    const int64_t whole = (size - i) >> power;
    const Four<V> second = sections<V>(terms, p, power, i >> power, whole);
    i += whole << power;
    for (; i < size; ++i) add_term<V>(last, terms, p, i);
    last += second;
    last += third;
    last += fourth;
    return last;
  }
  for (; i < size; ++i) add_term<V>(last, terms, p, i);
  return last;
}

template <class V, class S>
STEEPEST_INLINE V series_sum(const S& terms, int64_t at, int64_t step, int64_t size, const Four<V>* chunks = nullptr) {
  const int64_t fours = size / kSeries;
  Four<V> sum = cascade<V>(terms, Place{at, step * kSeries, step}, fours, chunks);
  for (int64_t i = fours * kSeries; i < size; ++i) sum.v[0] += terms.template get<V>(at + i * step);
  return ((sum.v[0] + sum.v[1]) + sum.v[2]) + sum.v[3];
}

template <class T, class S>
STEEPEST_INLINE T contiguous_sum(const S& terms, int64_t at, int64_t n, const Four<Vec<T>>* chunks) {
  if (n < kLanes<T>) return series_sum<T>(terms, at, 1, n);
  const int64_t registers = n / kLanes<T>;
  const Vec<T> lanes = series_sum<Vec<T>>(terms, at, kLanes<T>, registers, chunks);
  T sum = 0;
  for (int64_t i = registers * kLanes<T>; i < n; ++i) sum += terms.template get<T>(at + i);
  for (int k = 0; k < kLanes<T>; ++k) sum += lanes[k];
  return sum;
}

template <Term kTerm, class T, class E>
T row(const void* x, const void* y, int64_t n, const T* chunks) {
  const Terms<kTerm, E> terms{static_cast<const E*>(x), static_cast<const E*>(y)};
  return contiguous_sum<T>(terms, 0, n, reinterpret_cast<const Four<Vec<T>>*>(chunks));
}

template <Term kTerm, class T, class E>
void chunk(const void* x, const void* y, int power, T* out) {
  const Terms<kTerm, E> terms{static_cast<const E*>(x), static_cast<const E*>(y)};
  const Four<Vec<T>> sum = sections<Vec<T>>(terms, Place{0, kSeries * kLanes<T>, kLanes<T>}, power, 0, int64_t{1} << power);
  __builtin_memcpy(out, &sum, sizeof sum);
}

template <class T>
STEEPEST_INLINE void add_lanes(T* out, int64_t step, Vec<T> v) {
  for (int k = 0; k < kLanes<T>; ++k) out[k * step] += v[k];
}

// What cascade() gives for `width` columns from `at` on, of rows `step` apart. Rows go by as they lie in memory, over sums that stay in the
// nearest cache: columns one after the other would wait for memory at each element.
template <class T, class S>
struct Columns {
  static constexpr int kMost = 2048 / static_cast<int>(sizeof(T));
  const S& terms;
  int64_t at, step, width;
  T section[kMost] = {}, second[kMost] = {}, third[kMost] = {}, fourth[kMost] = {};

  STEEPEST_INLINE void put(T* sum, int64_t j, Vec<T> v) const { __builtin_memcpy(sum + j, &v, sizeof v); }
  // Empties what is added.
  STEEPEST_INLINE void move(T* to, T* from) const {
    for (int64_t j = 0; j < width; j += kLanes<T>) {
      put(to, j, read<Vec<T>>(to + j) + read<Vec<T>>(from + j));
      put(from, j, Vec<T>{});
    }
  }
  STEEPEST_INLINE void add_rows(T* sum, int64_t begin, int64_t end) const {
    constexpr int64_t kRows = 8;
    int64_t i = begin;
    for (; i + kRows <= end; i += kRows) {
      for (int64_t j = 0; j < width; j += kLanes<T>) {
        Vec<T> v = read<Vec<T>>(sum + j);
#pragma GCC unroll 8
        for (int64_t r = 0; r < kRows; ++r) v += terms.template get<Vec<T>>(at + (i + r) * step + j);
        put(sum, j, v);
      }
    }
    for (; i < end; ++i) {
      for (int64_t j = 0; j < width; j += kLanes<T>) put(sum, j, read<Vec<T>>(sum + j) + terms.template get<Vec<T>>(at + i * step + j));
    }
  }
  // The sums of n rows are left in `section`.
  STEEPEST_INLINE void run(int64_t n) {
    const int power = cascade_power(n);
    const int64_t length = int64_t{1} << power, chunk = int64_t{1} << (2 * power), top = int64_t{1} << (3 * power);
    int64_t i = 0;
    for (; i + length <= n; i += length) {
      add_rows(section, i, i + length);
      move(second, section);
      if ((i + length) % chunk == 0) move(third, second);
      if ((i + length) % top == 0) move(fourth, third);
    }
    add_rows(section, i, n);
    move(section, second);
    move(section, third);
    move(section, fourth);
  }
};

template <Term kTerm, class T, class E>
void fold(const FoldCall& call) {
  T* out = reinterpret_cast<T*>(call.out);
  const Terms<kTerm, E> terms{reinterpret_cast<const E*>(call.in), nullptr};
  int64_t j = 0;
  if (call.step == 1 && call.n >= kLanes<T>) {
    for (; j < call.m; ++j) out[j * call.out_step] += contiguous_sum<T>(terms, j * call.column, call.n, nullptr);
  } else if (call.column == 1 && call.m >= kLanes<T>) {
    const int64_t whole = call.m - call.m % (kSeries * kLanes<T>);
    while (j < whole) {
      using Block = Columns<T, Terms<kTerm, E>>;
      Block columns{terms, j, call.step, whole - j < Block::kMost ? whole - j : Block::kMost};
      columns.run(call.n);
      for (int64_t k = 0; k < columns.width; ++k) out[(j + k) * call.out_step] += columns.section[k];
      j += columns.width;
    }
    for (; j + kLanes<T> <= call.m; j += kLanes<T>) {
      add_lanes<T>(out + j * call.out_step, call.out_step, series_sum<Vec<T>>(terms, j, call.step, call.n));
    }
  } else if (call.step >= call.column) {
    for (; j + kSeries <= call.m; j += kSeries) {
      const Four<T> sum = cascade<T>(terms, Place{j * call.column, call.step, call.column}, call.n);
      for (int k = 0; k < kSeries; ++k) out[(j + k) * call.out_step] += sum.v[k];
    }
  }
  for (; j < call.m; ++j) out[j * call.out_step] += series_sum<T>(terms, j * call.column, call.step, call.n);
}

template <Term kTerm, class T, class E>
constexpr SumKernels<T> kernels() {
  if constexpr (kTerm == Term::SquaredDifference) return {nullptr, row<kTerm, T, E>, chunk<kTerm, T, E>};
  else return {fold<kTerm, T, E>, row<kTerm, T, E>, chunk<kTerm, T, E>};
}

#define STEEPEST_SUMS(T, E)                                                                                                     \
  {                                                                                                                            \
    kernels<Term::Plain, T, E>(), kernels<Term::Square, T, E>(), kernels<Term::Abs, T, E>(), kernels<Term::NonZero, T, E>(),   \
        kernels<Term::NanToZero, T, E>(), kernels<Term::SquaredDifference, T, E>()                                             \
  }

}  // namespace

extern const SumTable kSumTable;
constexpr SumTable kSumTable{STEEPEST_SUMS(float, float), STEEPEST_SUMS(double, double), STEEPEST_SUMS(float, Float16Bits), STEEPEST_SUMS(float, BFloat16Bits)};

}  // namespace st::STEEPEST_ISA
