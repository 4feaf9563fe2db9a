// Choosing the instruction set.
#include "kernels/choice.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

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

// What was asked for: before "_" an instruction set, all of it what is beside it.
const char* asked() { return std::getenv("STEEPEST_ISA"); }

int choose() {
#if defined(__x86_64__)
  __builtin_cpu_init();
#endif
  const char* const name = asked();
  const size_t length = name ? std::strcspn(name, "_") : 0;
  for (int i = kCount - 1; i > 0; --i) {
    if (supported(kNames[i]) && (!name || (std::strlen(kNames[i]) == length && !std::strncmp(kNames[i], name, length)))) return i;
  }
  return 0;
}

#if defined(STEEPEST_HAS_amx)
// Tiles are 8 KB more to save whenever threads are switched: the system wants to be asked.
bool tiles_permitted() {
#if defined(__linux__)
  constexpr long kRequest = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  return syscall(SYS_arch_prctl, kRequest, kTileData) == 0;
#else
  return false;
#endif
}
#endif

// What this build and this processor both have.
Beside best_beside() {
#if defined(STEEPEST_HAS_bf16)
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (std::strcmp(isa_name(chosen_isa()), "v4") || !__get_cpuid_count(7, 1, &a, &b, &c, &d) || !(a & 1u << 5)) return Beside::Nothing;
#if defined(STEEPEST_HAS_amx)
  constexpr unsigned kTiles = 1u << 22 | 1u << 24;  // for bfloat16, and at all
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & kTiles) == kTiles && tiles_permitted()) return Beside::Amx;
#endif
  return Beside::Bf16;
#else
  return Beside::Nothing;
#endif
}

constexpr const char* kBesideNames[] = {"v4", "v4_bf16", "v4_amx"};

Beside choose_beside() {
  const Beside best = best_beside();
  if (!asked()) return best;
  for (int i = static_cast<int>(best); i > 0; --i) {
    if (!std::strcmp(asked(), kBesideNames[i])) return Beside(i);
  }
  return Beside::Nothing;
}

}  // namespace

int chosen_isa() {
  static const int chosen = choose();
  return chosen;
}
const char* isa_name(int i) { return kNames[i]; }

Beside chosen_beside() {
  static const Beside chosen = choose_beside();
  return chosen;
}

const char* chosen_name() {
  return chosen_beside() == Beside::Nothing ? isa_name(chosen_isa()) : kBesideNames[static_cast<int>(chosen_beside())];
}

}  // namespace st
