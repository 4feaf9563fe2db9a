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
#include <deque>
#include <exception>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace st {
namespace {

constexpr int kMaxThreads = 1024;
// Ranges in which a thread takes its share: enough that one whose core is busy elsewhere does not hold up the others.
constexpr int64_t kRangesPerThread = 4;

using Clock = std::chrono::steady_clock;
// How long a worker looks out for the next job before it sleeps: bridges what lies between the kernels of a training step.
constexpr std::chrono::microseconds kSpin{100};
// Waking a worker takes the caller 10 us, and another 10 pass until it begins: work of less than this is done sooner alone.
constexpr std::chrono::microseconds kWorthWaking{40};

inline void pause() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Polls `done` until then; false if it never held.
template <class Done>
bool spin_until(Clock::time_point end, Done done) {
  do {
    for (int i = 0; i < 16; ++i) {
      if (done()) return true;
      pause();
    }
  } while (Clock::now() < end);
  return false;
}

int usable_cores() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

// Note [Joining a job]
// A caller must never wait for a worker that has not begun (its core may be busy with something else), so workers
// join a job of their own accord and the caller waits only for those that did. `gate_` holds the number of workers
// inside, how many may take part, and whether the job is closed, in one word: a worker enters by compare-exchange,
// so none can enter after the close, and the job's fields may be rewritten once the closed job is empty.
//
// Note [Shares]
// Each thread begins with a share of its own, the same part of the whole in every job, so that what one kernel left in a
// core's cache the next one finds there; then it takes what others have left.
//
// Note [Waking]
// A worker that still looks out joins within a fraction of a microsecond; one asleep is woken only where that pays. Nobody
// knows what a job of few blocks will take: unless it was told that it is long, the caller does the first block alone and
// judges by its time. Jobs that are each too short are added up while they follow each other closely, so that a run of them wakes
// the workers once and keeps them.
class Pool {
 public:
  Pool() { slots_.emplace_back(); }

  void run(int64_t n, int64_t grain, int threads, Job job, RangeFunction f) {
    const int64_t blocks = (n - 1) / grain + 1;
    members_ = static_cast<int>(std::min<int64_t>(threads, blocks));
    while (static_cast<int>(slots_.size()) < members_) slots_.emplace_back();
    const bool asleep = some_sleep(), large = job == Job::Long || blocks >= kManyGrains;
    const int64_t done = asleep && !large ? work_alone(n, grain, f) : 0;
    if (done == n) return;
    for (int i = 0; i < members_; ++i) {
      Slot& slot = slots_[static_cast<size_t>(i)];
      slot.next.store(std::max(done, blocks * i / members_ * grain), std::memory_order_relaxed);
      slot.end = std::min(n, blocks * (i + 1) / members_ * grain);
    }
    function_ = &f;
    // Short blocks go two at a time: taking them waits until what was written before has left for the cache.
    chunk_ = std::max<int64_t>(large ? 1 : 2, (blocks - 1) / (members_ * kRangesPerThread) + 1) * grain;
    error_ = nullptr;
    failed_.store(false, std::memory_order_relaxed);
    gate_.store(static_cast<uint32_t>(members_ - 1) << kLimitShift, std::memory_order_release);
    epoch_.fetch_add(1);
    if (asleep) wake();
    work(0);
    gate_.fetch_or(kClosed);
    const auto empty = [this] { return (gate_.load(std::memory_order_acquire) & kInside) == 0; };
    if (!empty() && !spin_until(Clock::now() + patience(), empty)) {
      for (uint32_t gate; ((gate = gate_.load(std::memory_order_acquire)) & kInside) != 0;) gate_.wait(gate);
    }
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  static constexpr uint32_t kInside = 0x7fff;
  static constexpr uint32_t kClosed = 0x8000;
  static constexpr int kLimitShift = 16;

  // What a member of the job has of its own; the caller's is the first.
  struct alignas(64) Slot {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
    std::atomic<uint32_t> asleep{1};  // so is a worker that was never started
  };

  // Where threads share cores, looking out would hold up those who have work.
  Clock::duration patience() const { return num_threads() > cores_ ? Clock::duration{} : kSpin; }

  bool some_sleep() const {
    for (int i = 1; i < members_; ++i) if (slots_[static_cast<size_t>(i)].asleep.load() != 0) return true;
    return false;
  }

  void wake() {
    start_workers(members_ - 1);
    for (int i = 1; i < members_; ++i) {
      std::atomic<uint32_t>& asleep = slots_[static_cast<size_t>(i)].asleep;
      if (asleep.exchange(0) != 0) asleep.notify_one();
    }
  }

  // See Note [Waking]: how far the caller gets without help.
  int64_t work_alone(int64_t n, int64_t grain, const RangeFunction& f) {
    const Clock::time_point start = Clock::now();
    if (start - alone_until_ > kSpin) alone_ = {};
    if (alone_ > kWorthWaking) {
      alone_ = {};
      return 0;
    }
    f(0, grain);
    if ((Clock::now() - start) * ((n - 1) / grain) > kWorthWaking) return grain;
    f(grain, n);
    alone_until_ = Clock::now();
    alone_ += alone_until_ - start;
    return n;
  }

  void start_workers(int count) {
    if (started_ >= count) return;
    // Signals belong to the threads of the program, not to ours.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      for (; started_ < count; ++started_) {
        std::thread([this, index = started_ + 1, slot = &slots_[static_cast<size_t>(started_ + 1)]] { serve(index, *slot); }).detach();
      }
    } catch (const std::exception&) {
      // No more threads to be had: those that run, and the caller, do the work.
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }

  void serve(int index, Slot& own);

  bool enter(int index) {
    uint32_t gate = gate_.load(std::memory_order_relaxed);
    while ((gate & kClosed) == 0 && static_cast<uint32_t>(index) <= (gate >> kLimitShift)) {
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

  void work(int index) {
    try {
      for (int i = 0; i < members_; ++i) {
        Slot& share = slots_[static_cast<size_t>((index + i) % members_)];
        for (int64_t begin; (begin = share.next.fetch_add(chunk_, std::memory_order_relaxed)) < share.end;) {
          if (failed_.load(std::memory_order_relaxed)) return;
          (*function_)(begin, std::min(begin + chunk_, share.end));
        }
      }
    } catch (...) {
      if (!failed_.exchange(true, std::memory_order_relaxed)) error_ = std::current_exception();
    }
  }

  const int cores_ = usable_cores();
  std::atomic<uint32_t> epoch_{0};
  std::atomic<uint32_t> gate_{kClosed};
  std::atomic<bool> failed_{false};
  std::exception_ptr error_;
  const RangeFunction* function_ = nullptr;
  std::deque<Slot> slots_;  // grows only while no worker is inside
  int64_t chunk_ = 1;
  int members_ = 1;
  int started_ = 0;
  // Time that the caller has spent on jobs by itself since the workers fell asleep, and when the last of them ended.
  Clock::duration alone_{};
  Clock::time_point alone_until_{};
};

thread_local bool t_inside = false;
std::atomic<int> g_threads{0};
// Held by the caller whose range the pool works on; also guards g_pool.
std::atomic<bool> g_busy{false};
// Never deleted: its workers may be asleep on it when the process ends.
Pool* g_pool = nullptr;

void Pool::serve(int index, Slot& own) {
  t_inside = true;
  uint32_t seen = 0;
  Clock::time_point end;
  const auto called = [&] { return epoch_.load() != seen; };
  const auto look_out = [&] { end = Clock::now() + patience(); };
  for (look_out();;) {
    if (!spin_until(end, called)) {
      own.asleep.store(1);
      while (!called() && own.asleep.load() != 0) own.asleep.wait(1);
      own.asleep.store(0);
      look_out();
    }
    seen = epoch_.load();
    if (!enter(index)) continue;
    work(index);
    leave();
    look_out();
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

void parallel_for_split(int64_t n, int64_t grain, RangeFunction f, Job job) {
  grain = std::max<int64_t>(grain, 1);
  const int threads = t_inside ? 1 : num_threads();
  if (threads == 1 || n <= grain || g_busy.exchange(true, std::memory_order_acquire)) return f(0, n);
  const Taken taken;
  pool().run(n, grain, threads, job, f);
}

}  // namespace st
