// One small thread pool for all kernels: parallel_for splits a range over it.
//
// Not for translation units that are compiled once per instruction set: its inline functions are shared
// with the rest of the program.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace st {

// A non-owning reference to something callable as f(begin, end); it must outlive the call it is passed to.
class RangeFunction {
 public:
  template <class F, class = std::enable_if_t<!std::is_same_v<std::remove_cvref_t<F>, RangeFunction>>>
  RangeFunction(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(&f))), call_([](void* object, int64_t begin, int64_t end) {
          (*static_cast<std::remove_reference_t<F>*>(object))(begin, end);
        }) {}

  void operator()(int64_t begin, int64_t end) const { call_(object_, begin, end); }

 private:
  void* object_;
  void (*call_)(void*, int64_t, int64_t);
};

// The number of threads a parallel_for may use, the calling one included. At first OMP_NUM_THREADS where that is
// a positive number, otherwise the number of cores this process may run on.
int num_threads();

// Throws std::invalid_argument unless count >= 1.
void set_num_threads(int count);

// True inside a chunk of a parallel_for that was split: a nested call runs serially.
bool in_parallel();

// Whether a job is short, as far as is known, or so long that sleeping workers are woken before it begins.
enum class Job : uint8_t { Short, Long };

// A job of so many grains is long.
inline constexpr int kManyGrains = 32;

void parallel_for_split(int64_t n, int64_t grain, RangeFunction f, Job job);

// Calls f(begin, end) for disjoint ranges that cover [0, n). Every range starts at a multiple of `grain` and, except
// the last, its length is one: a caller whose result must not depend on the number of threads works in blocks of
// `grain`. Sharing costs some tenths of a microsecond: 2 us of work are a good grain. The caller works too; while the
// pool is busy with another caller's range, it does everything itself. An exception in a range skips the ranges not
// begun and is thrown here once all others have ended.
inline void parallel_for(int64_t n, int64_t grain, RangeFunction f, Job job = Job::Short) {
  if (n <= 0) return;
  if (n <= grain) return f(0, n);
  parallel_for_split(n, grain, f, job);
}

// What a job of that much work is, of which a thread should get `grain` at least.
template <class Work>
Job job_of(Work work, Work grain) {
  return work >= kManyGrains * grain ? Job::Long : Job::Short;
}

// The same for n items that are `each` work, of which a thread should get `grain` at least.
template <class Work>
void parallel_items(int64_t n, Work each, Work grain, RangeFunction f) {
  each = std::max(each, Work(1));
  parallel_for(n, std::max<int64_t>(1, static_cast<int64_t>(grain / each)), f, job_of(static_cast<Work>(n) * each, grain));
}

}  // namespace st
