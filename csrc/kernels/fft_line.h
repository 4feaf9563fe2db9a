// Fourier transforms of one contiguous line.
#pragma once
#include "kernels/fft_plan.h"

namespace st {

// Elements of T that complex_line needs besides.
template <class T>
int64_t line_scratch(const FftPlan<T>& plan);
// n complex numbers. `to` may be `from`; scratch is aligned to registers where speed matters. Threads share a long line.
template <class T>
void complex_line(const FftPlan<T>& plan, const T* from, T* to, bool inverse, T scale, T* scratch);

// n real numbers to n / 2 + 1 complex ones and back.
template <class T>
int64_t line_scratch(const FftRealPlan<T>& plan);
template <class T>
void real_to_complex_line(const FftRealPlan<T>& plan, const T* from, T* to, T scale, T* scratch);
template <class T>
void complex_to_real_line(const FftRealPlan<T>& plan, const T* from, T* to, T scale, T* scratch);

}  // namespace st
