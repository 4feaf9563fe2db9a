// How tensors lie in memory, and copying between layouts and types. No graph.
#pragma once
#include "core/tensor.h"

namespace st {

bool is_dense(const Tensor& x);             // its elements fill one block without gaps or overlap, in some order
Dims memory_order(const Tensor& x);         // dimensions from the widest stride to the narrowest
Tensor permuted(const Tensor& x, DimSpan order);  // alias with the dimensions in that order
bool overlaps_itself(const Tensor& x);      // two indices share one element (an expanded tensor)
bool overlaps_partly(const Tensor& out, const Tensor& in);  // they share memory, but not element for element

void copy_elements(const Tensor& dst, const Tensor& src);  // src is broadcast and cast; memory that overlaps partly is copied first
void fill_elements(const Tensor& dst, const Scalar& value);
void fill_zero(const Tensor& dst);  // contiguous
Tensor contiguous_copy(const Tensor& x, bool always = false);  // x itself when it is contiguous already, unless `always`
Tensor cast_copy(const Tensor& x, Dtype dtype);                // contiguous, of that type; x itself when nothing is to do
Tensor empty_like(const Tensor& x, Dtype dtype);               // x's sizes, dense; its dimensions lie in memory in x's order
Tensor copy_keeping_strides(const Tensor& x, Dtype dtype);     // dense strides are kept, as clone() does

}  // namespace st
