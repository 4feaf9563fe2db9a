// The matrix product of integers, modulo 2^bits: how threads share it.
#include <algorithm>

#include "kernels/choice.h"
#include "kernels/gemm.h"
#include "kernels/gemm_int_table.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace st {

#define X(isa)                        \
  namespace isa {                     \
  extern const IntTable kIntTable;    \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr double kGrain = 1 << 18;
// Whole tiles of the widest kernels.
constexpr int64_t kUnit = 64;

const IntTable& table() {
  static constexpr const IntTable* kTables[] = {
#define X(isa) &isa::kIntTable,
      STEEPEST_ISAS
#undef X
  };
  static const IntTable& chosen = *kTables[chosen_isa()];
  return chosen;
}

template <class T>
IntProduct<T> kernel() {
  if constexpr (sizeof(T) == 8) return table().i64;
  else if constexpr (sizeof(T) == 4) return table().i32;
  else if constexpr (sizeof(T) == 2) return table().i16;
  else if constexpr (T(-1) < T(0)) return table().i8;
  else return table().u8;
}

}  // namespace

template <class T>
void matmul_int(bool ta, bool tb, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb,
                T* c, int64_t ldc) {
  if (m <= 0 || n <= 0) return;
  if (k <= 0) {
    for (int64_t i = 0; i < m; ++i) std::fill_n(c + i * ldc, n, T{0});
    return;
  }
  const auto run = kernel<T>();
  const bool rows = m >= n;
  const int64_t size = rows ? m : n, share = (size + num_threads() - 1) / num_threads();
  const double each = static_cast<double>(rows ? n : m) * static_cast<double>(k);
  // As few ranges as there are threads, for each packs for itself.
  const int64_t range = std::max(share, static_cast<int64_t>(kGrain / each));
  parallel_for(size, (range + kUnit - 1) / kUnit * kUnit, [&](int64_t begin, int64_t end) {
    void* const scratch = thread_scratch<kIntScratchBytes>();
    const int64_t count = end - begin;
    if (rows) run({ta, tb, count, n, k, a + (ta ? begin : begin * lda), lda, b, ldb, c + begin * ldc, ldc}, scratch);
    else run({ta, tb, m, count, k, a, lda, b + (tb ? begin * ldb : begin), ldb, c + begin, ldc}, scratch);
  }, job_of(static_cast<double>(size) * each, kGrain));
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
