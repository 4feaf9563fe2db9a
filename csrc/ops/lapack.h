// Routines of LAPACK that are borrowed, for singular values and eigenvalues: see docs/adr/0004-lapack.md.
#pragma once
#include "ops/value.h"

namespace st {

// routine: "svd" (U, S, Vh, reduced), "svd_full", "svdvals", "eigh_lower", "eigh_upper" (ascending values, vectors), "eigvalsh_lower",
// "eigvalsh_upper", "eig" (values, vectors), "eigvals"; of a batch (*, m, n) of float32 or float64, row-major. The results, eig's complex
// apart, have x's dtype. Where a matrix did not converge they are nan. Whoever embeds the library installs this.
extern Tensors (*lapack)(const char* routine, const Tensor& x);

}  // namespace st
