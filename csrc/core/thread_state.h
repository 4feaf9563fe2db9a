// What a thread keeps: the recording modes and its free-lists of small blocks. One pointer of thread-local storage.
#pragma once
#include <cstddef>
#include <cstdint>

namespace st {

// Blocks of up to 1 KiB come in classes of 64 bytes, each with a list of its own.
inline constexpr size_t kBlockStep = 64, kBlockClasses = 16, kLargestBlock = kBlockStep * kBlockClasses;

struct FreeList {
  void* head = nullptr;
  uint32_t count = 0;
};

struct ThreadState {
  bool grad_enabled = true;
  bool inference = false;
  bool anomaly = false;
  bool anomaly_check_nan = true;
  bool packs_saved = false;      // hooks change what nodes save
  FreeList free_blocks[kBlockClasses];
  uint64_t last_sequence = 0;    // of the nodes made on this thread
};

#if defined(STEEPEST_SANITIZE)
#define STEEPEST_TLS_MODEL
#else
#define STEEPEST_TLS_MODEL __attribute__((tls_model("initial-exec")))
#endif
extern constinit thread_local ThreadState* current_thread_state STEEPEST_TLS_MODEL;
ThreadState& create_thread_state();

inline ThreadState& thread_state() {
  ThreadState* s = current_thread_state;
  return s ? *s : create_thread_state();
}

inline bool grad_enabled() { return thread_state().grad_enabled; }

// Sets whether ops are recorded for the length of a scope.
class GradMode {
 public:
  explicit GradMode(bool on) : state_(thread_state()), before_(state_.grad_enabled) { state_.grad_enabled = on; }
  ~GradMode() { state_.grad_enabled = before_; }
  GradMode(const GradMode&) = delete;
  GradMode& operator=(const GradMode&) = delete;

 private:
  ThreadState& state_;
  bool before_;
};

}  // namespace st
