// The matrix product's way to its kernel: what is tiny, which plan fits the shape, how threads share it.
#include "kernels/gemm.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

#include "kernels/gemm_complex.h"
#include "kernels/gemm_half.h"
#include "kernels/gemm_table.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace st {

#define X(isa)                          \
  namespace isa {                       \
  extern const GemmTable kGemmTable;    \
  }
STEEPEST_ISAS
#undef X

namespace {

struct Isa {
  const char* name;
  const GemmTable* table;
};
constexpr Isa kIsas[] = {
#define X(isa) {#isa, &isa::kGemmTable},
    STEEPEST_ISAS
#undef X
};

const GemmTable* g_table = kIsas[0].table;

template <class T>
const GemmKernels<T>& kernels() {
  if constexpr (sizeof(T) == sizeof(float)) return g_table->f32;
  else return g_table->f64;
}

// Up to here plain loops are faster than setting up tiles.
constexpr int64_t kTiny = 32;
// Multiplications a thread should get at least, a few microseconds of work; ranges of this many are enough for a thread to have
// two, so that one whose core is busy holds up the others less.
constexpr double kGrain = 1 << 18, kLarge = 1 << 22;
// Moving an element of A, B or C through the caches costs about as much as this many multiplications.
constexpr double kMove = 16;
// Packing an element of a transposed matrix likewise; turning one of C round, which is also written once more.
constexpr double kPack = 8, kTurn = 24;
// A register of floats of the widest kernels.
constexpr int64_t kLanes = 16;
// Ranges of a product are whole registers, and whole rows of tiles, of the widest kernels.
constexpr int64_t kRowUnit = 8;
constexpr int64_t kColumnUnit = kLanes;
constexpr int64_t kDotBlock = 1 << 15;

double work(double m, double n, double k) { return m * n * k + kMove * (m * k + n * k + m * n); }

// Where B is transposed, it is packed, n * k elements; C^T needs A packed instead, and is itself turned round. What fills up
// registers of m or of n counts too.
bool turning_pays(int64_t m, int64_t n, int64_t k) {
  const auto filled = [](int64_t size) { return static_cast<double>((size + kLanes - 1) / kLanes * kLanes); };
  const double rows = static_cast<double>(m), columns = static_cast<double>(n), depth = static_cast<double>(k);
  const double direct = (rows * filled(n) + kPack * columns) * depth;
  const double turned = (columns * filled(m) + kPack * rows) * depth + kTurn * rows * columns;
  return turned < direct;
}

template <class T>
GemmPlan plan(const GemmCall<T>& call) {
  const bool dots = !call.ta && call.k >= (call.m <= 8 ? 8 : 32);
  if (call.n <= 4 && dots) return GemmPlan::kDot;
  if (call.n <= (call.ta ? kGemmFewColumns : 4) && call.m >= 2 * call.n && call.m >= 16) return GemmPlan::kTransposed;
  if (dots && call.tb && call.m <= 16 && call.k >= 64) return GemmPlan::kDot;
  return call.tb && turning_pays(call.m, call.n, call.k) ? GemmPlan::kTransposed : GemmPlan::kOuter;
}

template <class T>
GemmCall<T> rows_of(GemmCall<T> call, int64_t begin, int64_t end) {
  call.a += call.ta ? begin : begin * call.lda;
  call.d += begin * call.ldd;
  call.c += begin * call.ldc;
  call.m = end - begin;
  return call;
}
template <class T>
GemmCall<T> columns_of(GemmCall<T> call, int64_t begin, int64_t end) {
  call.b += call.tb ? begin * call.ldb : begin;
  call.d += begin;
  call.c += begin;
  call.n = end - begin;
  return call;
}

// The dot product of two contiguous vectors, in blocks whose size depends on k alone.
template <class T>
T dot(int64_t k, const T* x, const T* y) {
  const auto kernel = kernels<T>().dot;
  if (k <= kDotBlock) return kernel(k, x, y);
  constexpr int64_t kSums = kGemmScratchBytes / static_cast<int64_t>(sizeof(double));
  const int64_t block = std::max(kDotBlock, (k + kSums - 1) / kSums);
  double* const sums = static_cast<double*>(thread_scratch<kGemmScratchBytes>());
  parallel_for(k, block, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i += block) sums[i / block] = kernel(std::min(block, end - i), x + i, y + i);
  });
  double sum = 0;
  for (int64_t i = 0; i * block < k; ++i) sum += sums[i];
  return static_cast<T>(sum);
}

template <class T>
void product(GemmCall<T> call) {
  if (call.k <= 0 || call.alpha == 0) {
    call.k = 0;
    call.alpha = 0;
  }
  if (call.m == 1 && call.n == 1 && (!call.ta || call.lda == 1) && (call.tb || call.ldb == 1)) {
    const T sum = call.alpha * dot(call.k, call.a, call.b);
    *call.c = call.beta == 0 ? sum : sum + call.beta * *call.d;
    return;
  }
  const GemmPlan way = plan(call);
  const auto run = kernels<T>().run;
  const double total = work(static_cast<double>(call.m), static_cast<double>(call.n), static_cast<double>(call.k));
  if (total < 2 * kGrain || num_threads() == 1 || in_parallel()) return run(call, way, thread_scratch<kGemmScratchBytes>);
  const bool by_rows = call.m > call.n;
  const int64_t size = by_rows ? call.m : call.n;
  const int64_t unit = by_rows && way != GemmPlan::kTransposed ? kRowUnit : kColumnUnit;
  // At most two ranges a thread, since each packs for itself; as equal as can be.
  const int64_t threads = num_threads(), wanted = total >= 2 * static_cast<double>(threads) * kLarge ? 2 * threads : threads;
  const int64_t ranges = std::min(wanted, static_cast<int64_t>(total / kGrain)), units = (size + unit - 1) / unit;
  parallel_for(size, (units + ranges - 1) / ranges * unit, [&](int64_t begin, int64_t end) {
    run(by_rows ? rows_of(call, begin, end) : columns_of(call, begin, end), way, thread_scratch<kGemmScratchBytes>);
  }, job_of(total, kGrain));
}

}  // namespace

void gemm_select(const char* isa) {
  for (const Isa& each : kIsas) {
    if (std::strcmp(each.name, isa) == 0) {
      g_table = each.table;
      return;
    }
  }
  throw std::invalid_argument("gemm_select: this build has no kernels for '" + std::string(isa) + "'");
}

template <class T>
void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, Scale<T> alpha, const T* a, int64_t lda, const T* b, int64_t ldb,
          Scale<T> beta, const T* d, int64_t ldd, T* c, int64_t ldc) {
  if (m <= 0 || n <= 0) return;
  const GemmCall<T> call{ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, d, ldd, c, ldc};
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
    gemm_half(call);
  } else if constexpr (!std::is_floating_point_v<T>) {
    gemm_complex(call);
  } else {
    if ((m | n | k) <= kTiny && m * n * k <= kTiny && alpha != 0) return kernels<T>().tiny(call);
    product(call);
  }
}

template <class T>
void gemm(bool ta, bool tb, int64_t m, int64_t n, int64_t k, Scale<T> alpha, const T* a, int64_t lda, const T* b, int64_t ldb,
          Scale<T> beta, T* c, int64_t ldc) {
  gemm<T>(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, c, ldc);
}

template <class T>
void gemm_batched(int64_t batch, bool ta, bool tb, int64_t m, int64_t n, int64_t k, Scale<T> alpha, const T* a, int64_t lda,
                  int64_t step_a, const T* b, int64_t ldb, int64_t step_b, Scale<T> beta, T* c, int64_t ldc, int64_t step_c) {
  if (batch <= 0 || m <= 0 || n <= 0) return;
  const auto range = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      gemm(ta, tb, m, n, k, alpha, a + i * step_a, lda, b + i * step_b, ldb, beta, c + i * step_c, ldc);
    }
  };
  const double each = work(static_cast<double>(m), static_cast<double>(n), static_cast<double>(k));
  // Few large products are each split instead.
  if (batch < 2 * num_threads() && each >= kLarge) return range(0, batch);
  parallel_items(batch, each, kGrain, range);
}

#define STEEPEST_GEMM(T)                                                                                          \
  template void gemm<T>(bool, bool, int64_t, int64_t, int64_t, Scale<T>, const T*, int64_t, const T*, int64_t,    \
                        Scale<T>, T*, int64_t);                                                                   \
  template void gemm<T>(bool, bool, int64_t, int64_t, int64_t, Scale<T>, const T*, int64_t, const T*, int64_t,    \
                        Scale<T>, const T*, int64_t, T*, int64_t);                                                \
  template void gemm_batched<T>(int64_t, bool, bool, int64_t, int64_t, int64_t, Scale<T>, const T*, int64_t,      \
                                int64_t, const T*, int64_t, int64_t, Scale<T>, T*, int64_t, int64_t);
STEEPEST_GEMM(float)
STEEPEST_GEMM(double)
STEEPEST_GEMM(Half)
STEEPEST_GEMM(BFloat16)
STEEPEST_GEMM(std::complex<float>)
STEEPEST_GEMM(std::complex<double>)
#undef STEEPEST_GEMM

}  // namespace st
