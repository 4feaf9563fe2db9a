// Copying a run of elements from the last to the first.
#pragma once
#include <cstdint>

namespace st {

// dst[i] = src[-i] for n elements of `item` bytes.
void copy_reversed(char* dst, const char* src, int64_t item, int64_t n);

}  // namespace st
