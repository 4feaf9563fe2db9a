// Running a tile function over tensors of any layout: what is not contiguous, or of another type, is gathered a tile at a time in L1.
#pragma once
#include <cstdint>

#include "core/tensor.h"

namespace st {

using TileFn = void (*)(char* const* p, int64_t n, const double* params);

// One operand of a loop: memory and how it spreads over the loop's sizes.
struct LoopOperand {
  char* data = nullptr;
  Dtype dtype = Dtype::Float32;
  const int64_t* sizes = nullptr;
  const int64_t* strides = nullptr;  // in elements
  int ndim = 0;
  int64_t numel = 1;
  bool contiguous = true;

  static LoopOperand of(const Tensor& t) {
    return {t->data, t.dtype(), t->sizes, t->strides(), t->ndim, t->numel, t.is_contiguous()};
  }
};

inline constexpr int kMaxOperands = 6;

// out = tile(in...) over `sizes`, the broadcast shape, which is out's. Operands with a null pointer are skipped (p[i] stays null).
// `type` is what the tile reads, `out_type` what it writes; `cost` scales the size from which threads are used.
void run_loop(TileFn tile, const double* params, DimSpan sizes, const LoopOperand& out, Dtype out_type, const LoopOperand* in, int n_in, Dtype type);

}  // namespace st
