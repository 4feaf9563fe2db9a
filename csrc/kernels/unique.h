// Runs of equal elements or rows.
#pragma once
#include "core/tensor.h"

namespace st {

// All int64 vectors.
struct Runs {
  Tensor first;    // the row that each run begins with
  Tensor inverse;  // for each row, its run
  Tensor counts;   // how many rows each run has
};

// x is contiguous, `rows` rows of `width` elements. With `sort`, all equal rows make one run, and runs are in ascending (lexicographic)
// order; otherwise only neighbours are compared. NaN equals nothing, and counts as largest. Without `with_inverse` that part is empty.
Runs find_runs(const Tensor& x, int64_t rows, int64_t width, bool sort, bool with_inverse);
// The first element of each run of neighbours, of a contiguous tensor.
Tensor first_of_runs(const Tensor& x);

}  // namespace st
