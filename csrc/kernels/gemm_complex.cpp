// The matrix product of complex elements: one product of real matrices, of which one is the numbers where they are.
#include "kernels/gemm_complex.h"

#include <algorithm>

#include "core/tensor.h"
#include "kernels/parallel.h"

namespace st {
namespace {

// Note [Complex products as real ones]
// Numbers in memory are pairs (re, im), so that a matrix (m, k) is a real one (m, 2k) too. With every row of B followed by i times that
// row, a real matrix (2k, 2n), the real product of A and it is C, in pairs.
// Few rows are not worth writing all of B anew. The real product of [re A; im A] (2m, k) and B as pairs, or, where B is transposed, of
// [conj A; i conj A] as pairs (2m, 2k) and those, leaves what is added up for each element of C.
constexpr int64_t kFewRows = 4, kTiny = 64;
constexpr double kGrain = 1 << 15;

template <class T>
using Complex = std::complex<T>;
template <class T>
const T* pairs(const Complex<T>* p) {
  return reinterpret_cast<const T*>(p);
}
template <class T>
T* pairs(Complex<T>* p) {
  return reinterpret_cast<T*>(p);
}

// Products are spelled out: the standard's look for infinities.
template <class T>
Complex<T> times(Complex<T> x, Complex<T> y) {
  return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
}

// Element (i, j) of C, of which `sum` is op(A) op(B).
template <class T>
void put(const GemmCall<Complex<T>>& call, int64_t i, int64_t j, Complex<T> sum) {
  if (call.alpha != Complex<T>(1)) sum = times(call.alpha, sum);
  if (call.beta != Complex<T>(0)) sum += times(call.beta, call.d[i * call.ldd + j]);
  call.c[i * call.ldc + j] = sum;
}

template <class T>
void plain(const GemmCall<Complex<T>>& call) {
  const int64_t row = call.ta ? 1 : call.lda, column = call.ta ? call.lda : 1, down = call.tb ? 1 : call.ldb, across = call.tb ? call.ldb : 1;
  for (int64_t i = 0; i < call.m; ++i)
    for (int64_t j = 0; j < call.n; ++j) {
      T re = 0, im = 0;
      for (int64_t p = 0; p < call.k; ++p) {
        const Complex<T> x = call.a[i * row + p * column], y = call.b[p * down + j * across];
        re += x.real() * y.real() - x.imag() * y.imag();
        im += x.real() * y.imag() + x.imag() * y.real();
      }
      put(call, i, j, {re, im});
    }
}

// f(i, j) for the elements of a matrix; those that follow one another in memory where it is transposed are `kStreams` rows of it.
template <class F>
void each(bool transposed, int64_t rows, int64_t columns, F f) {
  constexpr int64_t kStreams = 8;
  parallel_items(rows, static_cast<double>(columns), kGrain, [&](int64_t begin, int64_t end) {
    if (!transposed) {
      for (int64_t i = begin; i < end; ++i)
        for (int64_t j = 0; j < columns; ++j) f(i, j);
      return;
    }
    for (int64_t left = 0; left < columns; left += kStreams)
      for (int64_t i = begin; i < end; ++i)
        for (int64_t j = left; j < std::min(left + kStreams, columns); ++j) f(i, j);
  });
}

template <class T>
Tensor room(int64_t count) {
  return empty(Dims{count}, dtype_of<T>);
}

// op(A) where it is, or copied where that is transposed.
template <class T>
const Complex<T>* rows_of(const GemmCall<Complex<T>>& call, Tensor& memory, int64_t& ld) {
  ld = call.lda;
  if (!call.ta) return call.a;
  memory = room<T>(2 * call.m * call.k);
  Complex<T>* const to = reinterpret_cast<Complex<T>*>(memory.data<T>());
  ld = call.k;
  each(true, call.m, call.k, [&](int64_t i, int64_t p) { to[i * ld + p] = call.a[p * call.lda + i]; });
  return to;
}

template <class T>
void by_rows_of_b(const GemmCall<Complex<T>>& call) {
  Tensor memory;
  int64_t lda;
  const Complex<T>* const a = rows_of(call, memory, lda);
  const Tensor expanded = room<T>(4 * call.k * call.n);
  T* const b = expanded.data<T>();
  const int64_t row = 2 * call.n;
  const auto expand = [&](int64_t p, int64_t j, Complex<T> x) {
    T* const to = b + 2 * p * row + 2 * j;
    to[0] = x.real();
    to[1] = x.imag();
    to[row] = -x.imag();
    to[row + 1] = x.real();
  };
  if (call.tb) each(true, call.k, call.n, [&](int64_t p, int64_t j) { expand(p, j, call.b[j * call.ldb + p]); });
  else each(false, call.k, call.n, [&](int64_t p, int64_t j) { expand(p, j, call.b[p * call.ldb + j]); });
  if (call.alpha.imag() == 0 && call.beta.imag() == 0) {
    return gemm<T>(false, false, call.m, row, 2 * call.k, call.alpha.real(), pairs(a), 2 * lda, b, row, call.beta.real(), pairs(call.d), 2 * call.ldd,
                   pairs(call.c), 2 * call.ldc);
  }
  const Tensor sums = room<T>(call.m * row);
  const Complex<T>* const sum = reinterpret_cast<const Complex<T>*>(sums.data<T>());
  gemm<T>(false, false, call.m, row, 2 * call.k, 1, pairs(a), 2 * lda, b, row, 0, sums.data<T>(), row);
  each(false, call.m, call.n, [&](int64_t i, int64_t j) { put(call, i, j, sum[i * call.n + j]); });
}

template <class T>
void few_rows(const GemmCall<Complex<T>>& call) {
  Tensor memory;
  int64_t lda;
  const Complex<T>* const a = rows_of(call, memory, lda);
  const int64_t m = call.m, k = call.tb ? 2 * call.k : call.k, n = call.tb ? call.n : 2 * call.n;
  const Tensor left = room<T>(2 * m * k), sums = room<T>(2 * m * n);
  T *const x = left.data<T>(), *const sum = sums.data<T>();
  each(false, m, call.k, [&](int64_t i, int64_t p) {
    const Complex<T> v = a[i * lda + p];
    if (call.tb) {
      T *const re = x + i * k + 2 * p, *const im = re + m * k;
      re[0] = v.real();
      re[1] = -v.imag();
      im[0] = v.imag();
      im[1] = v.real();
    } else {
      x[i * k + p] = v.real();
      x[(m + i) * k + p] = v.imag();
    }
  });
  gemm<T>(false, call.tb, 2 * m, n, k, 1, x, k, pairs(call.b), 2 * call.ldb, 0, sum, n);
  each(false, m, call.n, [&](int64_t i, int64_t j) {
    const T *const re = sum + i * n, *const im = re + m * n;
    put(call, i, j, call.tb ? Complex<T>(re[j], im[j]) : Complex<T>(re[2 * j] - im[2 * j + 1], re[2 * j + 1] + im[2 * j]));
  });
}

}  // namespace

template <class T>
void gemm_complex(const GemmCall<std::complex<T>>& call) {
  if (call.k <= 0 || call.alpha == Complex<T>(0)) {
    return each(false, call.m, call.n, [&](int64_t i, int64_t j) { put(call, i, j, Complex<T>(0)); });
  }
  if ((call.m | call.n | call.k) <= kTiny && call.m * call.n * call.k <= kTiny) return plain(call);
  if (call.m <= kFewRows && call.n > call.m) return few_rows(call);
  by_rows_of_b(call);
}

template void gemm_complex<float>(const GemmCall<std::complex<float>>&);
template void gemm_complex<double>(const GemmCall<std::complex<double>>&);

}  // namespace st
