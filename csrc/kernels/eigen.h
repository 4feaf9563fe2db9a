// Eigenvalues and eigenvectors of small symmetric matrices.
#pragma once

#include <cstdint>

namespace st {

// LAPACK's method up to this size, by which its results can be reproduced; from there on it divides and conquers.
inline constexpr int64_t kSmallEigen = 25;

// Ascending eigenvalues of A (n, n), n <= kSmallEigen, row-major, of which the lower or the upper triangle is read, and where `vectors`
// is not null orthonormal eigenvectors as its columns. False where A is not finite or the
// iteration does not end: the results are then of no use.
template <class T>
bool eigen_symmetric(int64_t n, const T* a, bool upper, T* values, T* vectors);

}  // namespace st
