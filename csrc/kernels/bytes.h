// Types that only stand for so many bytes: what moves elements without computing need not know what they are.
#pragma once
#include <cstdint>

#include "core/dtype.h"

namespace st {

struct Bytes16 {
  uint64_t low, high;
};

// f.operator()<T>() with a T of the dtype's size.
template <class F>
decltype(auto) visit_bytes(Dtype d, F&& f) {
  switch (item_size(d)) {
    case 1: return f.template operator()<uint8_t>();
    case 2: return f.template operator()<uint16_t>();
    case 4: return f.template operator()<uint32_t>();
    case 8: return f.template operator()<uint64_t>();
    default: return f.template operator()<Bytes16>();
  }
}

}  // namespace st
