// Memory for tensors: free-lists of small blocks a thread, a bounded cache of large ones for all.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/thread_state.h"

namespace st {

void* allocate_block_slow(size_t cls);
void release_block_slow(void* block, size_t cls);

// Blocks are 64-byte aligned and not zeroed; `bytes` is at most kLargestBlock and is given again on release.
inline void* allocate_block(size_t bytes) {
  const size_t cls = (bytes - 1) / kBlockStep;
  FreeList& list = thread_state().free_blocks[cls];
  void* block = list.head;
  if (!block) [[unlikely]] return allocate_block_slow(cls);
  list.head = *static_cast<void**>(block);
  --list.count;
  return block;
}

inline void release_block(void* block, size_t bytes) {
  const size_t cls = (bytes - 1) / kBlockStep;
#if defined(STEEPEST_SANITIZE)
  release_block_slow(block, cls);  // no reuse, so that the sanitizer sees every use after free
#else
  FreeList& list = thread_state().free_blocks[cls];
  if (list.count >= 2048) [[unlikely]] return release_block_slow(block, cls);
  *static_cast<void**>(block) = list.head;
  list.head = block;
  ++list.count;
#endif
}

// Any size; throws Error(Memory) with PyTorch's text when the system has none.
void* allocate_bytes(size_t bytes);
void release_bytes(void* p, size_t bytes);

struct MemoryStats {
  int64_t allocated, peak_allocated, cached, system_allocations, cache_hits, cache_limit;
};
MemoryStats memory_stats();        // bytes in blocks of more than kLargestBlock
void reset_peak_memory();
void empty_cache();                // gives cached large blocks back to the system
void set_cache_limit(int64_t bytes);

}  // namespace st
