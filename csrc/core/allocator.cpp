// The caching allocator behind every tensor.
//
// Note [Why a cache]: a fresh 40 MB block costs the kernel 15 ms of page faults, many times what an elementwise op needs to fill it.
// Large blocks are rounded up to one of four sizes per power of two and kept, up to a limit, for the next request of that size.
#include "core/allocator.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "core/error.h"

namespace st {

constinit thread_local ThreadState* current_thread_state STEEPEST_TLS_MODEL = nullptr;

namespace {

// Gives the thread's blocks back when it ends; they are carved from slabs, so they move to the shared list.
struct ThreadStateOwner {
  ThreadState* state = nullptr;
  ~ThreadStateOwner();
};
thread_local ThreadStateOwner owner;

struct SharedBlocks {
  std::mutex mutex;
  FreeList lists[kBlockClasses];
};
// Blocks that move between a thread's list and the shared one at a time.
constexpr int kBatch = 64;

SharedBlocks& shared_blocks() {
  static auto* shared = new SharedBlocks;  // never destroyed: tensors may outlive static destructors
  return *shared;
}

ThreadStateOwner::~ThreadStateOwner() {
  if (!state) return;
  SharedBlocks& shared = shared_blocks();
  {
    std::lock_guard lock(shared.mutex);
    for (size_t cls = 0; cls < kBlockClasses; ++cls) {
      while (void* block = state->free_blocks[cls].head) {
        state->free_blocks[cls].head = *static_cast<void**>(block);
        *static_cast<void**>(block) = shared.lists[cls].head;
        shared.lists[cls].head = block;
      }
    }
  }
  current_thread_state = nullptr;
  delete state;
}

constexpr int kBins = 4 * 48;

// Index and size of the bin that serves `bytes`: 2^k * (4, 5, 6, 7) / 4.
int bin_of(size_t bytes, size_t& rounded) {
  const size_t b = std::max<size_t>(bytes, 2 * kLargestBlock) - 1;
  const int log = std::bit_width(b) - 1;
  const size_t quarter = size_t{1} << (log - 2);
  const size_t step = b / quarter - 4;  // 0..3
  rounded = (step + 5) * quarter;
  return static_cast<int>((log - 10) * 4 + step);
}

struct LargeCache {
  std::mutex mutex;
  std::vector<void*> bins[kBins];
  MemoryStats stats{};
  LargeCache() {
    const int64_t ram = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGE_SIZE);
    stats.cache_limit = std::min<int64_t>(ram / 8, int64_t{1} << 31);
#if defined(STEEPEST_SANITIZE)
    stats.cache_limit = 0;  // a freed block must be the sanitizer's at once, or it sees no use after free
#endif
  }
  void clear() {
    for (auto& bin : bins) {
      for (void* p : bin) std::free(p);
      bin.clear();
    }
    stats.cached = 0;
  }
};
LargeCache& large_cache() {
  static auto* cache = new LargeCache;
  return *cache;
}

// From kHugeFrom on the system is asked for pages of 2 MB: a third of the time to fault them in, and fewer misses of the translation cache.
// A virtual machine may have given such pages back to its host, and then waits for each of them several times as long as for the small
// pages in its place (2.4 ms against 0.6): the first page of a block shows it, and from then on pages are small.
constexpr size_t kHugePage = size_t{2} << 20, kHugeFrom = 2 * kHugePage;
constexpr std::chrono::microseconds kSlowPage{1000};
std::atomic<bool> huge_pages_pay{true};

void* system_allocate(size_t bytes) {
  const bool huge = bytes >= kHugeFrom && huge_pages_pay.load(std::memory_order_relaxed);
  const size_t align = huge ? kHugePage : 64;
  void* p = std::aligned_alloc(align, (bytes + align - 1) / align * align);
#if defined(MADV_HUGEPAGE)
  if (p && huge && madvise(p, bytes / kHugePage * kHugePage, MADV_HUGEPAGE) == 0) {  // where it refuses, pages stay small
    const auto start = std::chrono::steady_clock::now();
    *static_cast<volatile char*>(p) = 0;
    if (std::chrono::steady_clock::now() - start > kSlowPage) {
      huge_pages_pay = false;
      madvise(p, bytes / kHugePage * kHugePage, MADV_NOHUGEPAGE);
    }
  }
#endif
  return p;
}

}  // namespace

ThreadState& create_thread_state() {
  current_thread_state = new ThreadState;
  owner.state = current_thread_state;
  return *current_thread_state;
}

void* allocate_block_slow(size_t cls) {
  const size_t bytes = (cls + 1) * kBlockStep;
#if defined(STEEPEST_SANITIZE)
  return system_allocate(bytes);
#else
  FreeList& list = thread_state().free_blocks[cls];
  SharedBlocks& shared = shared_blocks();
  {
    std::lock_guard lock(shared.mutex);
    for (int i = 0; i < kBatch && shared.lists[cls].head; ++i) {
      void* block = shared.lists[cls].head;
      shared.lists[cls].head = *static_cast<void**>(block);
      *static_cast<void**>(block) = list.head;
      list.head = block;
      ++list.count;
    }
  }
  if (!list.head) {
    constexpr size_t kSlab = 64 * 1024;
    auto* slab = static_cast<char*>(system_allocate(kSlab));
    if (!slab) fail(ErrorKind::Memory, "DefaultCPUAllocator: can't allocate memory: you tried to allocate 65536 bytes");
    for (size_t at = kSlab / bytes * bytes; at >= bytes; at -= bytes) {
      *reinterpret_cast<void**>(slab + at - bytes) = list.head;
      list.head = slab + at - bytes;
      ++list.count;
    }
  }
  return allocate_block(bytes);
#endif
}

void release_block_slow(void* block, size_t cls) {
#if defined(STEEPEST_SANITIZE)
  (void)cls;
  std::free(block);
#else
  FreeList& list = thread_state().free_blocks[cls];
  void *const first = list.head, *last = first;
  for (int i = 1; i < kBatch; ++i) last = *static_cast<void**>(last);
  list.head = *static_cast<void**>(last);
  list.count -= kBatch;
  SharedBlocks& shared = shared_blocks();
  {
    std::lock_guard lock(shared.mutex);
    *static_cast<void**>(last) = shared.lists[cls].head;
    shared.lists[cls].head = first;
  }
  release_block(block, (cls + 1) * kBlockStep);
#endif
}

void* allocate_bytes(size_t bytes) {
  if (bytes <= kLargestBlock) return allocate_block(bytes ? bytes : 1);
  size_t rounded = bytes;
  LargeCache& cache = large_cache();
  std::unique_lock lock(cache.mutex);
  if (bytes < size_t{1} << 46) {
    auto& bin = cache.bins[bin_of(bytes, rounded)];
    if (!bin.empty()) {
      void* p = bin.back();
      bin.pop_back();
      cache.stats.cached -= rounded;
      cache.stats.allocated += rounded;
      cache.stats.peak_allocated = std::max(cache.stats.peak_allocated, cache.stats.allocated);
      ++cache.stats.cache_hits;
      return p;
    }
  }
  void* p = system_allocate(rounded);
  if (!p) {
    cache.clear();
    p = system_allocate(rounded);
  }
  if (!p) {
    fail(ErrorKind::Runtime, cat("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate ", bytes,
                                 " bytes. Error code 12 (Cannot allocate memory)"));
  }
  cache.stats.allocated += rounded;
  cache.stats.peak_allocated = std::max(cache.stats.peak_allocated, cache.stats.allocated);
  ++cache.stats.system_allocations;
  return p;
}

void release_bytes(void* p, size_t bytes) {
  if (bytes <= kLargestBlock) return release_block(p, bytes ? bytes : 1);
  size_t rounded;
  const int index = bin_of(bytes, rounded);
  LargeCache& cache = large_cache();
  std::unique_lock lock(cache.mutex);
  cache.stats.allocated -= rounded;
  if (cache.stats.cached + static_cast<int64_t>(rounded) <= cache.stats.cache_limit) {
    cache.bins[index].push_back(p);
    cache.stats.cached += rounded;
    return;
  }
  lock.unlock();
  std::free(p);
}

MemoryStats memory_stats() {
  LargeCache& cache = large_cache();
  std::lock_guard lock(cache.mutex);
  return cache.stats;
}
void reset_peak_memory() {
  LargeCache& cache = large_cache();
  std::lock_guard lock(cache.mutex);
  cache.stats.peak_allocated = cache.stats.allocated;
}
void empty_cache() {
  LargeCache& cache = large_cache();
  std::lock_guard lock(cache.mutex);
  cache.clear();
}
void set_cache_limit(int64_t bytes) {
  LargeCache& cache = large_cache();
  std::lock_guard lock(cache.mutex);
  cache.stats.cache_limit = bytes;
  if (cache.stats.cached > bytes) cache.clear();
}

}  // namespace st
