// Routines of LAPACK that are borrowed, for singular values and eigenvalues: see docs/adr/0004-lapack.md.
#pragma once
#include "ops/value.h"

namespace st {

// routine: "svd" (U, S, Vh, reduced), "svd_full", "svdvals", "eigh_lower", "eigh_upper" (ascending values, vectors), "eigvalsh_lower",
// "eigvalsh_upper", "eig" (values, vectors), "eigvals"; of a batch (*, m, n) of float32, float64 or complex numbers of these, row-major.
// The results have x's dtype; singular values and those of eigh are real, and the results of eig complex. Where a matrix did not converge they are nan. Whoever embeds the library installs this.
extern Tensors (*lapack)(const char* routine, const Tensor& x);

}  // namespace st
