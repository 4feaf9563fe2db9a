// The thread pool behind parallel_for: lazily started workers that spin briefly, then sleep.
#include "kernels/parallel.h"

#include <pthread.h>
#include <signal.h>
#if defined(__linux__)
#include <sched.h>
#endif
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace st {
namespace {

constexpr int kMaxThreads = 1024;
// Ranges a thread gets on average: enough that a thread whose core is busy elsewhere does not hold up the others.
constexpr int64_t kRangesPerThread = 4;
// Long enough to bridge the gap between the kernels of one training step, short against waking a thread (5-50 us).
constexpr std::chrono::microseconds kSpin{20};

inline void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Polls `done` for about kSpin; false if it never held.
template <class Done>
bool spin_until(Done done) {
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 16; ++i) {
      if (done()) return true;
      pause();
    }
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

// Note [Joining a job]
// A caller must never wait for a worker that has not begun (its core may be busy with something else), so workers
// join a job of their own accord and the caller waits only for those that did. `gate_` holds the number of workers
// inside, how many may take part, and whether the job is closed, in one word: a worker enters by compare-exchange,
// so none can enter after the close, and the job's fields may be rewritten once the closed job is empty.
class Pool {
 public:
  void run(int64_t n, int64_t chunk, int threads, RangeFunction f) {
    const int64_t chunks = (n - 1) / chunk + 1;
    const int helpers = static_cast<int>(std::min<int64_t>(threads, chunks)) - 1;
    start_workers(helpers);
    function_ = &f;
    size_ = n;
    chunk_ = chunk;
    error_ = nullptr;
    failed_.store(false, std::memory_order_relaxed);
    next_.store(0, std::memory_order_relaxed);
    gate_.store(static_cast<uint32_t>(helpers) << kLimitShift, std::memory_order_release);
    epoch_.fetch_add(1);
    epoch_.notify_all();
    work();
    gate_.fetch_or(kClosed);
    const auto empty = [this] { return (gate_.load(std::memory_order_acquire) & kInside) == 0; };
    if (!spin_until(empty)) {
      for (uint32_t gate; ((gate = gate_.load(std::memory_order_acquire)) & kInside) != 0;) gate_.wait(gate);
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  static constexpr uint32_t kInside = 0x7fff;
  static constexpr uint32_t kClosed = 0x8000;
  static constexpr int kLimitShift = 16;

  void start_workers(int count) {
    if (started_ >= count) return;
    // Signals belong to the threads of the program, not to ours.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (; started_ < count; ++started_) {
        std::thread([this, index = static_cast<uint32_t>(started_)] { serve(index); }).detach();
      }
    } catch (const std::system_error&) {
      // No more threads to be had: those that run, and the caller, do the work.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void serve(uint32_t index);

  bool enter(uint32_t index) {
    uint32_t gate = gate_.load(std::memory_order_relaxed);
    while ((gate & kClosed) == 0 && index < (gate >> kLimitShift)) {
      if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acq_rel, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  void leave() {
    const uint32_t gate = gate_.fetch_sub(1);
    if ((gate & kInside) == 1) gate_.notify_all();
  }

  void work() {
    try {
      for (int64_t begin; (begin = next_.fetch_add(chunk_, std::memory_order_relaxed)) < size_;) {
        (*function_)(begin, std::min(begin + chunk_, size_));
      }
    } catch (...) {
      next_.store(size_, std::memory_order_relaxed);
      if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::current_exception();
    }
  }

  std::atomic<uint32_t> epoch_{0};
  std::atomic<uint32_t> gate_{kClosed};
  std::atomic<int64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
  const RangeFunction* function_ = nullptr;
  int64_t size_ = 0;
  int64_t chunk_ = 1;
  int started_ = 0;
};

thread_local bool t_inside = false;
std::atomic<int> g_threads{0};
// Held by the caller whose range the pool works on; also guards g_pool.
std::atomic<bool> g_busy{false};
// Never deleted: its workers may be asleep on it when the process ends.
Pool* g_pool = nullptr;

void Pool::serve(uint32_t index) {
  t_inside = true;
  for (uint32_t seen = 0;;) {
    if (!spin_until([&] { return epoch_.load(std::memory_order_acquire) != seen; })) {
      epoch_.wait(seen, std::memory_order_acquire);
    }
    seen = epoch_.load(std::memory_order_acquire);
    if (!enter(index)) continue;
    work();
    leave();
  }
}

Pool& pool() {
  if (g_pool == nullptr) {
    // The child of a fork has none of the workers: it forgets the pool and builds its own when it first needs one.
    static const int registered = pthread_atfork(nullptr, nullptr, [] {
      g_pool = nullptr;
      g_busy.store(false);
    });
    static_cast<void>(registered);
    g_pool = new Pool;
  }
  return *g_pool;
}

int usable_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

int default_threads() {
  if (const char* text = std::getenv("OMP_NUM_THREADS")) {
    const long count = std::strtol(text, nullptr, 10);
    if (count > 0) return static_cast<int>(std::min<long>(count, kMaxThreads));
  }
  return std::min(usable_cores(), kMaxThreads);
}

// Marks this thread as working and the pool as taken, also when a range throws.
struct Taken {
  Taken() { t_inside = true; }
  ~Taken() {
    t_inside = false;
    g_busy.store(false, std::memory_order_release);
  }
};

}  // namespace

int num_threads() {
  int count = g_threads.load(std::memory_order_relaxed);
  if (count == 0) {
    // Another thread's set_num_threads in between wins.
    const int wanted = default_threads();
    count = g_threads.compare_exchange_strong(count, wanted) ? wanted : count;
  }
  return count;
}

void set_num_threads(int count) {
  if (count < 1) {
    throw std::invalid_argument("set_num_threads: expected a positive number, got " + std::to_string(count));
  }
  g_threads.store(std::min(count, kMaxThreads), std::memory_order_relaxed);
}

bool in_parallel() { return t_inside; }

void parallel_for_split(int64_t n, int64_t grain, RangeFunction f) {
  grain = std::max<int64_t>(grain, 1);
  const int threads = t_inside ? 1 : num_threads();
  if (threads == 1 || n <= grain || g_busy.exchange(true, std::memory_order_acquire)) return f(0, n);
  const Taken taken;
  const int64_t blocks = (n - 1) / grain + 1;
  const int64_t wanted = threads * kRangesPerThread;
  pool().run(n, grain * ((blocks - 1) / wanted + 1), threads, f);
}

}  // namespace st
