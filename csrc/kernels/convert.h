// Copying elements from one type and stride to another.
#pragma once
#include <cstdint>

#include "core/dtype.h"

namespace st {

// n elements; strides in bytes, 0 repeats one element.
void convert(char* dst, Dtype dst_type, int64_t dst_stride, const char* src, Dtype src_type, int64_t src_stride, int64_t n);

}  // namespace st
