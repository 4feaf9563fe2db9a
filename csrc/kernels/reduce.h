// Reductions over tensors of any layout: sums, folds, extremes with places, moments. No graph, no promotion of types.
#pragma once
#include <functional>

#include "core/tensor.h"
#include "kernels/reduce_table.h"

namespace st {

// Bit d: dimension d is reduced.
using DimMask = uint64_t;
[[noreturn]] void too_many_dims();
inline DimMask all_dims(int ndim) {
  if (ndim < 64) [[likely]] return (DimMask{1} << ndim) - 1;
  if (ndim > 64) too_many_dims();
  return ~DimMask{0};
}
Dims reduced_sizes(DimSpan sizes, DimMask mask, bool keepdim);

// Floating-point tensors; the sums of float16 and bfloat16 are float32.
Tensor sum_terms(const Tensor& x, DimMask mask, bool keepdim, Term term);
// Sum over all elements of two contiguous tensors of one shape and type; 0-d.
Tensor sum_squared_differences(const Tensor& x, const Tensor& y);

// Any type but complex, float16 and bfloat16 as the float32 that they stand for; over nothing the result is what the fold starts from.
Tensor fold(const Tensor& x, DimMask mask, bool keepdim, Fold op);

struct Extremes {
  Tensor least, largest;
};
Extremes fold_extremes(const Tensor& x, DimMask mask, bool keepdim);  // Min and Max, of one reading where that can be

// A contiguous tensor cut along one dimension: element i of line (o, j) is at (o * n + i) * inner + j.
struct Lines {
  int64_t outer, n, inner;
  int64_t count() const { return outer * inner; }
};
Lines lines_of(const Tensor& x, int64_t dim);
Tensor dim_last(const Tensor& x, int64_t dim);  // alias with that dimension behind the others, which keep their order; x may be 0-d
// A tensor of any layout, its elements along the dimensions in mask as lines: of the tensor returned, contiguous, x itself if it can be.
std::pair<Tensor, Lines> lines_over(const Tensor& x, DimMask mask);
// f(o, j, m): columns j to j + m of o; shared by threads in blocks of about `grain` elements.
void for_lines(const Lines& lines, int64_t grain, const std::function<void(int64_t o, int64_t j, int64_t m)>& f);

struct Extreme {
  Tensor values, indices;
};
// Not for empty lines.
Extreme extreme(const Tensor& x, int64_t dim, bool keepdim, bool largest);

// Of float32 or float64, in double: one number for each element of the result.
struct Moments {
  int64_t n;
  Tensor mean, squares;  // sum of squared deviations from the mean
};
Moments moments(const Tensor& x, DimMask mask, bool keepdim);

}  // namespace st
