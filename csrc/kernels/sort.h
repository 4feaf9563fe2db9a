// Order along lines: sorting, the k largest or smallest, the k-th, the most frequent. NaN counts as larger than every number, -0 equals 0.
#pragma once
#include "core/tensor.h"

namespace st {

// x is contiguous; its last dimension is the line, of n elements. Outputs are contiguous too, indices int64.
void sort_lines(const Tensor& x, int64_t n, bool descending, const Tensor& values, const Tensor& indices);  // stable
void top_lines(const Tensor& x, int64_t n, int64_t k, bool largest, bool sorted, const Tensor& values, const Tensor& indices);
void kth_lines(const Tensor& x, int64_t n, int64_t k, const Tensor& values, const Tensor& indices);  // k from 1, in ascending order
// The most frequent value, the smallest of several, and where it stands last.
void mode_lines(const Tensor& x, int64_t n, const Tensor& values, const Tensor& indices);

}  // namespace st
