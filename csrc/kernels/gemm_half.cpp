// The matrix product of half types: by the processor's instructions for bfloat16 where it has them, otherwise through floats.
#include "kernels/gemm_half.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "core/tensor.h"
#include "kernels/choice.h"
#include "kernels/convert.h"
#include "kernels/gemm_bf16_table.h"
#include "kernels/parallel.h"
#include "kernels/scratch.h"

namespace st {

#if defined(STEEPEST_HAS_bf16)
namespace v4_bf16 {
extern const Bf16Engine kBf16Engine;
extern const Bf16Product kBf16Product;
}  // namespace v4_bf16
#endif
#if defined(STEEPEST_HAS_amx)
namespace v4_amx {
extern const Bf16Engine kBf16Engine;
}
#endif

namespace {

#if defined(STEEPEST_HAS_bf16)
// Work is counted in multiplications of floats, of which a thread should get this many at least.
constexpr double kGrain = 1 << 18, kLarge = 1 << 22;

const Bf16Engine* engine() {
#if defined(STEEPEST_HAS_amx)
  if (chosen_beside() == Beside::Amx) return &v4_amx::kBf16Engine;
#endif
  return chosen_beside() == Beside::Nothing ? nullptr : &v4_bf16::kBf16Engine;
}

// Rows, or else columns, [begin, end) of C.
Bf16Call part(Bf16Call call, bool rows, int64_t begin, int64_t end) {
  if (rows) {
    call.a += call.ta ? begin : begin * call.lda;
    call.d += begin * call.ldd;
    call.c += begin * call.ldc;
    call.m = end - begin;
  } else {
    call.b += call.tb ? begin * call.ldb : begin;
    call.d += begin;
    call.c += begin;
    call.n = end - begin;
  }
  return call;
}

// One column is taken as the one row of the product turned round.
Bf16Call planned(Bf16Call call, const Bf16Engine& engine) {
  if (call.n == 1 && call.m > 1 && call.ldc == 1 && (call.beta == 0 || call.ldd == 1)) {
    std::swap(call.a, call.b);
    std::swap(call.lda, call.ldb);
    std::swap(call.m, call.n);
    std::swap(call.ta, call.tb);
    call.ta = !call.ta;
    call.tb = !call.tb;
  }
  if (call.m == 1 && call.lda == 1) call.ta = false;
  // C^T is turned element by element, which many of k make up for; up to four rows are as fast by themselves.
  constexpr int64_t kRows = 4, kSteps = 16;
  call.turned = engine.turns && call.tb && call.m > kRows && call.m <= kBf16Side && call.k >= kSteps * call.m;
  call.few = !call.turned && call.m <= kBf16FewRows && (!call.ta || call.m * call.k <= kBf16FewElements);
  return call;
}

void by_hardware(const Bf16Call& call, const Bf16Engine& engine) {
  // Some multiplications are made at once; what they are made of moves no faster.
  constexpr double kAtOnce = 8, kMove = 4;
  const double m = static_cast<double>(call.m), n = static_cast<double>(call.n), k = static_cast<double>(call.k);
  const double total = m * n * k / kAtOnce + kMove * (m * k + n * k + m * n);
  if (total < 2 * kGrain || num_threads() == 1 || in_parallel()) return v4_bf16::kBf16Product(call, engine, thread_scratch<kBf16ScratchBytes>);
  const bool rows = call.m > call.n;
  const int64_t size = rows ? call.m : call.n, threads = num_threads(), units = (size + kBf16Side - 1) / kBf16Side;
  const int64_t ranges = std::min(total >= 2 * static_cast<double>(threads) * kLarge ? 2 * threads : threads, static_cast<int64_t>(total / kGrain));
  parallel_for(size, (units + ranges - 1) / ranges * kBf16Side, [&](int64_t begin, int64_t end) {
    v4_bf16::kBf16Product(part(call, rows, begin, end), engine, thread_scratch<kBf16ScratchBytes>);
  }, job_of(total, kGrain));
}
#endif

// A matrix of rows `ld` apart, as floats without gaps; or floats, as one with gaps.
template <class To, class From>
void convert_matrix(const From* from, int64_t from_ld, To* to, int64_t to_ld, int64_t rows, int64_t columns) {
  constexpr int64_t kElements = 1 << 16;
  if (from_ld == columns && to_ld == columns) columns *= rows, rows = 1;
  const auto run = [&](const From* x, To* y, int64_t n) {
    convert(reinterpret_cast<char*>(y), dtype_of<To>, sizeof(To), reinterpret_cast<const char*>(x), dtype_of<From>, sizeof(From), n);
  };
  if (rows == 1) {
    return parallel_for(columns, kElements, [&](int64_t begin, int64_t end) { run(from + begin, to + begin, end - begin); }, job_of(columns, kElements));
  }
  parallel_items(rows, columns, kElements, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) run(from + i * from_ld, to + i * to_ld, columns);
  });
}

// The smaller of A and B becomes floats as a whole. The other passes in blocks, which are floats while they are in the cache: of so
// many elements, and of so many times the rows or columns of the smaller one, that what the product does once a block costs little.
template <class T>
void through_floats(const GemmCall<T>& call) {
  constexpr int64_t kBlock = 1 << 14, kTimes = 8, kUnit = 16;
  const bool rows = call.m > call.n;
  const int64_t fixed = rows ? call.n : call.m, size = rows ? call.m : call.n, depth = std::max<int64_t>(1, call.k);
  const int64_t wanted = std::max(kBlock / depth, kTimes * fixed), each = std::min(size, (wanted + kUnit - 1) / kUnit * kUnit);
  const bool turned = rows ? call.tb : call.ta;
  // Of the one that is fixed: how many rows lie in memory, and how long they are.
  const int64_t lines = turned == rows ? fixed : call.k, line = turned == rows ? call.k : fixed;
  const Tensor whole = empty(Dims{lines * line}, Dtype::Float32);
  convert_matrix(rows ? call.b : call.a, rows ? call.ldb : call.lda, whole.data<float>(), line, lines, line);
  parallel_for(size, each, [&](int64_t begin, int64_t end) {
    const int64_t count = end - begin, m = rows ? count : call.m, n = rows ? call.n : count;
    // The other's: its rows lie along k, or along what the blocks cut.
    const bool along = rows ? !call.ta : call.tb;
    const int64_t ld = rows ? call.lda : call.ldb, block_lines = along ? count : call.k, block_line = along ? call.k : count;
    const T* const from = (rows ? call.a : call.b) + (along ? begin * ld : begin);
    const Tensor block = empty(Dims{block_lines * block_line}, Dtype::Float32), sums = empty(Dims{m * n}, Dtype::Float32);
    convert_matrix(from, ld, block.data<float>(), block_line, block_lines, block_line);
    const int64_t to_row = rows ? begin : 0, to_column = rows ? 0 : begin;
    const Tensor added = call.beta != 0 && call.ldd == 0 ? empty(Dims{n}, Dtype::Float32) : sums;
    const T* const d = call.d + to_row * call.ldd + to_column;
    if (call.beta != 0) convert_matrix(d, call.ldd, added.data<float>(), n, call.ldd == 0 ? 1 : m, n);
    const float *const a = rows ? block.data<float>() : whole.data<float>(), *const b = rows ? whole.data<float>() : block.data<float>();
    gemm<float>(call.ta, call.tb, m, n, call.k, call.alpha, a, call.ta ? m : call.k, b, call.tb ? call.k : n, call.beta, added.data<float>(),
                call.ldd == 0 ? 0 : n, sums.data<float>(), n);
    convert_matrix(sums.data<float>(), n, call.c + to_row * call.ldc + to_column, call.ldc, m, n);
  });
}

}  // namespace

template <class T>
void gemm_half(const GemmCall<T>& call) {
#if defined(STEEPEST_HAS_bf16)
  if constexpr (std::is_same_v<T, BFloat16>) {
    static const Bf16Engine* const chosen = engine();
    if (chosen && call.k > 0 && call.alpha != 0) {
      const auto bits = [](auto* p) { return p ? &p->bits : nullptr; };
      return by_hardware(planned({false, false, call.ta, call.tb, call.m, call.n, call.k, call.alpha, bits(call.a), call.lda, bits(call.b), call.ldb, call.beta, bits(call.d),
                          call.ldd, bits(call.c), call.ldc}, *chosen), *chosen);
    }
  }
#endif
  through_floats(call);
}

template void gemm_half<Half>(const GemmCall<Half>&);
template void gemm_half<BFloat16>(const GemmCall<BFloat16>&);

}  // namespace st
