// Memory that a thread keeps for the kernels that it runs.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <new>

namespace st {

// kBytes, a multiple of 64 and aligned so; the same memory at every call, until the thread ends.
template <int64_t kBytes>
void* thread_scratch() {
  struct Scratch {
    void* memory = nullptr;
    ~Scratch() { std::free(memory); }
  };
  thread_local Scratch own;
  if (own.memory == nullptr) {
    own.memory = std::aligned_alloc(64, kBytes);
    if (own.memory == nullptr) throw std::bad_alloc();
  }
  return own.memory;
}

}  // namespace st
