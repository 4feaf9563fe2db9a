// Products, truth and counts along rows and columns, and moments.
#include "kernels/reduce_table.h"

#pragma GCC diagnostic ignored "-Wpsabi"
#define STEEPEST_INLINE __attribute__((always_inline)) inline

namespace st::STEEPEST_ISA {
namespace {

template <class T>
constexpr bool kFloat = __is_same(T, float) || __is_same(T, double);

template <bool kFirst, class A, class>
struct Pick { using type = A; };
template <class A, class B>
struct Pick<false, A, B> { using type = B; };

struct Product {
  template <class T> using Out = typename Pick<kFloat<T>, T, int64_t>::type;
  template <class V> STEEPEST_INLINE static V combine(V a, V x) { return a * x; }
};
struct IntegerProduct {
  template <class T> using Out = int64_t;
  STEEPEST_INLINE static int64_t combine(int64_t a, int64_t x) { return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(x)); }
};
struct IntegerSum {
  template <class T> using Out = int64_t;
  STEEPEST_INLINE static int64_t combine(int64_t a, int64_t x) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(x)); }
};
// Bytes of 0 and 1, as bool is in memory.
struct AnyTrue {
  template <class T> using Out = uint8_t;
  template <class T> STEEPEST_INLINE static uint8_t combine(uint8_t a, T x) { return a | static_cast<uint8_t>(x != 0); }
};
struct AllTrue {
  template <class T> using Out = uint8_t;
  template <class T> STEEPEST_INLINE static uint8_t combine(uint8_t a, T x) { return a & static_cast<uint8_t>(x != 0); }
};
struct CountTrue {
  template <class T> using Out = int64_t;
  template <class T> STEEPEST_INLINE static int64_t combine(int64_t a, T x) { return a + (x != 0); }
};

template <class Op, class T>
constexpr bool kVector = kFloat<T> && __is_same(Op, Product);

// 32 bytes on every instruction set, so that products have one order, which is PyTorch's: four registers side by side, joined
// (0 1)(2 3), then lane by lane, then what is left.
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

template <class V, class T>
STEEPEST_INLINE V read(const T* p) {
  V v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

template <class Op, class T>
STEEPEST_INLINE T fold_row(T sum, const T* x, int64_t n) {
  using V = typename Register<T>::type;
  constexpr int kLanes = 32 / static_cast<int>(sizeof(T)), kStep = 4 * kLanes;
  int64_t i = 0;
  if (n >= kStep) {
    V a[4];  // read one by one: arrays that are copied as a whole stay in memory
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) a[k] = read<V>(x + k * kLanes);
    for (i = kStep; i + kStep <= n; i += kStep) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) a[k] = Op::combine(a[k], read<V>(x + i + k * kLanes));
    }
    const V joined = Op::combine(Op::combine(a[0], a[1]), Op::combine(a[2], a[3]));
    T lanes = joined[0];
    for (int k = 1; k < kLanes; ++k) lanes = Op::combine(lanes, static_cast<T>(joined[k]));
    sum = Op::combine(sum, lanes);
  }
  for (; i < n; ++i) sum = Op::combine(sum, x[i]);
  return sum;
}

// Rows go by as they lie in memory, a few at a time, over a block of results that stays in the nearest cache.
template <class Op, class T, class Out>
STEEPEST_INLINE void fold_columns(Out* __restrict out, const T* __restrict x, int64_t n, int64_t step, int64_t m) {
  constexpr int64_t kRows = 4, kBlock = 8192 / static_cast<int64_t>(sizeof(Out));
  for (int64_t first = 0; first < m; first += kBlock) {
    const int64_t end = first + kBlock < m ? first + kBlock : m;
    int64_t i = 0;
    for (; i + kRows <= n; i += kRows) {
      const T* row = x + i * step;
      for (int64_t j = first; j < end; ++j) {
        Out sum = out[j];
#pragma GCC unroll 4
        for (int64_t r = 0; r < kRows; ++r) sum = Op::combine(sum, row[r * step + j]);
        out[j] = sum;
      }
    }
    for (; i < n; ++i) for (int64_t j = first; j < end; ++j) out[j] = Op::combine(out[j], x[i * step + j]);
  }
}

// The same of columns that are not neighbours.
template <class Op, class T, class Out>
STEEPEST_INLINE void fold_apart(Out* __restrict out, const T* __restrict x, int64_t n, int64_t step, int64_t m, int64_t column) {
  for (int64_t i = 0; i < n; ++i) for (int64_t j = 0; j < m; ++j) out[j] = Op::combine(out[j], x[i * step + j * column]);
}

template <class Op, class T>
void fold(const FoldCall& call) {
  using Out = typename Op::template Out<T>;
  Out* out = reinterpret_cast<Out*>(call.out);
  const T* in = reinterpret_cast<const T*>(call.in);
  if (call.step == 1) {
    for (int64_t j = 0; j < call.m; ++j) {
      Out& y = out[j * call.out_step];
      const T* x = in + j * call.column;
      if constexpr (kVector<Op, T>) {
        y = fold_row<Op, T>(y, x, call.n);
      } else {
        Out sum = y;
        for (int64_t i = 0; i < call.n; ++i) sum = Op::combine(sum, x[i]);
        y = sum;
      }
    }
  } else if (call.column == 1 && call.out_step == 1) {
    fold_columns<Op>(out, in, call.n, call.step, call.m);
  } else if (call.out_step == 1 && call.column < call.step) {
    fold_apart<Op>(out, in, call.n, call.step, call.m, call.column);
  } else {
    for (int64_t j = 0; j < call.m; ++j) {
      Out sum = out[j * call.out_step];
      for (int64_t i = 0; i < call.n; ++i) sum = Op::combine(sum, in[j * call.column + i * call.step]);
      out[j * call.out_step] = sum;
    }
  }
}

// Moments of neighbours, a block of columns at a time.
template <class T>
void moments(const MomentsCall& call) {
  const T* in = reinterpret_cast<const T*>(call.in);
  constexpr int kWidth = 16;
  const double n = static_cast<double>(call.n);
  if (call.m == 1) {
    const auto total = [&](auto term) __attribute__((always_inline)) {
      double s[kWidth] = {};
      int64_t i = 0;
      if (call.step == 1) {
        for (; i + kWidth <= call.n; i += kWidth)
          for (int k = 0; k < kWidth; ++k) s[k] += term(static_cast<double>(in[i + k]));
      }
      for (; i < call.n; ++i) s[0] += term(static_cast<double>(in[i * call.step]));
      double sum = 0;
      for (int k = 0; k < kWidth; ++k) sum += s[k];
      return sum;
    };
    const double mean = total([](double x) { return x; }) / n;
    *call.mean = mean;
    *call.squares = total([mean](double x) { return (x - mean) * (x - mean); });
    return;
  }
  for (int64_t j = 0; j < call.m; j += kWidth) {
    const int width = call.m - j < kWidth ? static_cast<int>(call.m - j) : kWidth;
    double mean[kWidth] = {}, squares[kWidth] = {};
    const auto pass = [&](int count) __attribute__((always_inline)) {
      for (int64_t i = 0; i < call.n; ++i)
        for (int k = 0; k < count; ++k) mean[k] += static_cast<double>(in[i * call.step + j + k]);
      for (int k = 0; k < count; ++k) mean[k] /= n;
      for (int64_t i = 0; i < call.n; ++i) {
        for (int k = 0; k < count; ++k) {
          const double d = static_cast<double>(in[i * call.step + j + k]) - mean[k];
          squares[k] += d * d;
        }
      }
    };
    if (width == kWidth) pass(kWidth);
    else pass(width);
    for (int k = 0; k < width; ++k) {
      call.mean[j + k] = mean[k];
      call.squares[j + k] = squares[k];
    }
  }
}

#define STEEPEST_TYPES(f, Op, Int)                                                                                     \
  { f<Int, bool>, f<Int, uint8_t>, f<Int, int8_t>, f<Int, int16_t>, f<Int, int32_t>, f<Int, int64_t>, f<Op, float>, f<Op, double> }

}  // namespace

extern const ReduceTable kReduceTable;
constexpr ReduceTable kReduceTable{
    {STEEPEST_TYPES(fold, Product, IntegerProduct), STEEPEST_TYPES(fold, AnyTrue, AnyTrue), STEEPEST_TYPES(fold, AllTrue, AllTrue),
     STEEPEST_TYPES(fold, CountTrue, CountTrue),
     {fold<IntegerSum, bool>, fold<IntegerSum, uint8_t>, fold<IntegerSum, int8_t>, fold<IntegerSum, int16_t>, fold<IntegerSum, int32_t>,
      fold<IntegerSum, int64_t>, nullptr, nullptr}},
    {moments<float>, moments<double>}};

}  // namespace st::STEEPEST_ISA
