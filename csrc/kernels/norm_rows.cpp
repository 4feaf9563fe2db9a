// Layer norm and RMS norm of rows: how they reach their kernels, and what threads share.
#include <algorithm>
#include <vector>

#include "kernels/choice.h"
#include "kernels/norm.h"
#include "kernels/norm_table.h"
#include "kernels/parallel.h"

namespace st {

#define X(isa)                             \
  namespace isa {                          \
  extern const NormRowTable kNormRowTable; \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 4096;  // elements
// Blocks of rows sum the gradients of weight and bias apart, so that the sums do not depend on the number of threads.
constexpr int64_t kBlock = 32768, kMostBlocks = 64, kFewestRows = 16;

template <class T>
const NormRowKernels<T>& kernels() {
  static constexpr const NormRowTable* kTables[] = {
#define X(isa) &isa::kNormRowTable,
      STEEPEST_ISAS
#undef X
  };
  static const NormRowTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

template <class T> T* data_or_null(const Tensor& t) { return t.defined() ? t.data<T>() : nullptr; }
template <class T> T* at_or_null(T* p, int64_t at) { return p ? p + at : nullptr; }

}  // namespace

RowNormed norm_rows(const Tensor& x, int64_t n, const Tensor& weight, const Tensor& bias, double eps, bool centred) {
  const int64_t rows = n ? x.numel() / n : 0;
  RowNormed out{empty(x.sizes(), x.dtype()), centred ? empty(Dims{rows}, x.dtype()) : Tensor(), empty(Dims{rows}, x.dtype())};
  if (x.numel() == 0) return out;
  visit_float(x.dtype(), [&]<class T>() {
    const T *px = x.data<T>(), *w = data_or_null<T>(weight), *b = data_or_null<T>(bias);
    T *y = out.y.template data<T>(), *mean = data_or_null<T>(out.mean), *rstd = out.rstd.template data<T>();
    parallel_items(rows, n, kGrain, [&](int64_t begin, int64_t end) {
      kernels<T>().forward(RowNorm{n, end - begin, eps, centred}, px + begin * n, w, b, y + begin * n, at_or_null(mean, begin), rstd + begin);
    });
  });
  return out;
}

NormGradients norm_rows_backward(const Tensor& x, const Tensor& g, int64_t n, const Tensor& weight, const Tensor& mean, const Tensor& rstd, bool centred, Wanted wanted) {
  const int64_t rows = n ? x.numel() / n : 0;
  NormGradients out;
  if (wanted.dx) out.dx = empty(x.sizes(), x.dtype());
  if (wanted.dweight) out.dweight = empty(Dims{n}, x.dtype());
  if (wanted.dbias) out.dbias = empty(Dims{n}, x.dtype());
  const int64_t size = std::max(kFewestRows, (rows + kMostBlocks - 1) / kMostBlocks);
  const int64_t step = std::max(size, n ? kBlock / n : 1), blocks = (rows + step - 1) / step;
  visit_float(x.dtype(), [&]<class T>() {
    const T *px = x.data<T>(), *pg = g.data<T>(), *w = data_or_null<T>(weight), *m = data_or_null<T>(mean), *r = rstd.data<T>();
    T *dx = data_or_null<T>(out.dx), *dw = data_or_null<T>(out.dweight), *db = data_or_null<T>(out.dbias);
    std::vector<T> parts(static_cast<size_t>((dw ? blocks * n : 0) + (db ? blocks * n : 0)));
    T* const weights = parts.data();
    T* const biases = parts.data() + (dw ? blocks * n : 0);
    const int64_t grain = dw || db ? step : std::max<int64_t>(1, kGrain / std::max<int64_t>(1, n));
    if (n > 0) parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i += grain) {
        const int64_t stop = std::min(i + grain, end), block = i / grain;
        kernels<T>().backward(RowNorm{n, stop - i, 0, centred}, px + i * n, pg + i * n, w, at_or_null(m, i), r + i, at_or_null(dx, i * n), dw ? weights + block * n : nullptr,
                              db ? biases + block * n : nullptr);
      }
    });
    const auto join = [&](T* to, const T* from) {
      std::fill(to, to + n, T(0));
      for (int64_t block = 0; block < blocks; ++block)
        for (int64_t i = 0; i < n; ++i) to[i] += from[block * n + i];
    };
    if (dw) join(dw, weights);
    if (db) join(db, biases);
  });
  return out;
}

}  // namespace st
