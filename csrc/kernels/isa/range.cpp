// Evenly spaced floats: a product and a sum rounded once, which is one instruction where the machine has it.
#include "kernels/range_table.h"

namespace st::STEEPEST_ISA {
namespace {

inline float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

template <class T>
void ramp(T* __restrict y, int64_t n, int64_t first, int64_t turn, T step, T base) {
  for (int64_t k = 0; k < n; ++k) y[k] = fused(step, static_cast<T>(first + turn * k), base);
}

}  // namespace

extern const RangeTable kRangeTable;
const RangeTable kRangeTable = {ramp<float>, ramp<double>};

}  // namespace st::STEEPEST_ISA
