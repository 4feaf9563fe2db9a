// The matrix product of integers, modulo 2^bits: rows of B scaled and added, which the compiler turns into lanes.
#include <algorithm>
#include <memory>
#include <type_traits>

#include "kernels/gemm.h"
#include "kernels/parallel.h"

namespace st {
namespace {

// Columns of C and rows of B in one block: 64 KB of the widest type.
constexpr int64_t kColumns = 256;
constexpr int64_t kDepth = 32;
constexpr double kGrain = 1 << 17;

template <class T>
struct IntCall {
  bool ta, tb;
  int64_t n, k;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  T* c;
  int64_t ldc;
};

// Rows [begin, end) of C. `block` takes kDepth rows of kColumns of op(B) where B has to be transposed.
template <class T>
void rows_of_product(const IntCall<T>& call, int64_t begin, int64_t end, T* block) {
  // Unsigned and at least as wide as int: small types would be promoted to int, whose overflow is undefined.
  using U = std::conditional_t<(sizeof(T) < sizeof(int)), unsigned, std::make_unsigned_t<T>>;
  for (int64_t i = begin; i < end; ++i) std::fill_n(call.c + i * call.ldc, call.n, T{0});
  for (int64_t j = 0; j < call.n; j += kColumns) {
    const int64_t width = std::min(kColumns, call.n - j);
    for (int64_t p = 0; p < call.k; p += kDepth) {
      const int64_t depth = std::min(kDepth, call.k - p);
      const T* b = call.b + p * call.ldb + j;
      int64_t ldb = call.ldb;
      if (call.tb) {
        for (int64_t s = 0; s < width; ++s)
          for (int64_t q = 0; q < depth; ++q) block[q * width + s] = call.b[(j + s) * call.ldb + p + q];
        b = block;
        ldb = width;
      }
      for (int64_t i = begin; i < end; ++i) {
        T* const c = call.c + i * call.ldc + j;
        for (int64_t q = 0; q < depth; ++q) {
          const U x = static_cast<U>(call.ta ? call.a[(p + q) * call.lda + i] : call.a[i * call.lda + p + q]);
          const T* const y = b + q * ldb;
          for (int64_t s = 0; s < width; ++s) c[s] = static_cast<T>(static_cast<U>(c[s]) + x * static_cast<U>(y[s]));
        }
      }
    }
  }
}

}  // namespace

template <class T>
void matmul_int(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb,
                T* c, int64_t ldc) {
  if (m <= 0 || n <= 0) return;
  const IntCall<T> call{ta, tb, n, k, a, lda, b, ldb, c, ldc};
  const double row = static_cast<double>(n) * static_cast<double>(std::max<int64_t>(k, 1));
  parallel_items(m, row, kGrain, [&](int64_t begin, int64_t end) {
    const auto block = tb ? std::make_unique_for_overwrite<T[]>(kColumns * kDepth) : nullptr;
    rows_of_product(call, begin, end, block.get());
  });
}

#define STEEPEST_MATMUL(T)                                                                                       \
  template void matmul_int<T>(bool, bool, int64_t, int64_t, int64_t, const T*, int64_t, const T*, int64_t, T*,   \
                              int64_t);
STEEPEST_MATMUL(int8_t)
STEEPEST_MATMUL(int16_t)
STEEPEST_MATMUL(int32_t)
STEEPEST_MATMUL(int64_t)
STEEPEST_MATMUL(uint8_t)
#undef STEEPEST_MATMUL

}  // namespace st
