// Choosing the instruction set.
#include "kernels/choice.h"

#include <cstdlib>
#include <cstring>

namespace st {
namespace {

constexpr const char* kNames[] = {
#define X(isa) #isa,
    STEEPEST_ISAS
#undef X
};
constexpr int kCount = sizeof kNames / sizeof kNames[0];

bool supported(const char* name) {
#if defined(__x86_64__)
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  if (!std::strcmp(name, "v3")) return v3;
  if (!std::strcmp(name, "v4")) {
    return v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd");
  }
#endif
  return name == kNames[0];
}

int choose() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  const char* asked = std::getenv("STEEPEST_ISA");
  for (int i = kCount - 1; i > 0; --i) {
    if (supported(kNames[i]) && (!asked || !std::strcmp(asked, kNames[i]))) return i;
  }
  return 0;
}

}  // namespace

int chosen_isa() {
  static const int chosen = choose();
  return chosen;
}
const char* isa_name(int i) { return kNames[i]; }

}  // namespace st
