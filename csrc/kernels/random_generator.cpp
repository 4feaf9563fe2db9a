// The generator: seeding, refilling, PyTorch's byte layout of its state, and the choice of the block loops.
#include <algorithm>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>

#include "random.h"
#include "random_block.h"

namespace st {

#define X(isa)                          \
  namespace isa {                       \
  extern const RandomKernels kRandomKernels; \
  }
STEEPEST_ISAS
#undef X

namespace {

struct Choice {
  const char* name;
  const RandomKernels* kernels;
};
#define X(isa) {#isa, &isa::kRandomKernels},
constexpr Choice kChoices[] = {STEEPEST_ISAS};
#undef X

const RandomKernels* chosen = kChoices[0].kernels;

// What PyTorch has written since its Lua days: words widened to 64 bits, fields that nobody uses any more. Both sides
// are little-endian machines with these alignments.
struct StateBytes {
  uint64_t seed;
  int32_t left;
  int32_t seeded;
  uint64_t next;
  uint64_t state[Generator::kWords];
  double unused_x;
  double normal;
  double unused_rho;
  int32_t normal_valid;
  int32_t padding;
  float float_normal;
  uint8_t float_normal_valid;
  uint8_t end[3];
};
static_assert(sizeof(StateBytes) == Generator::kStateBytes);

}  // namespace

const RandomKernels& random_kernels() { return *chosen; }

bool random_select(const char* isa) {
  for (const Choice& choice : kChoices) {
    if (std::strcmp(choice.name, isa) == 0) {
      chosen = choice.kernels;
      return true;
    }
  }
  return false;
}

void Generator::manual_seed(uint64_t seed) {
  seed_ = seed;
  state_[0] = static_cast<uint32_t>(seed);
  for (uint32_t i = 1; i < kWords; ++i) {
    state_[i] = 1812433253U * (state_[i - 1] ^ state_[i - 1] >> 30) + i;
  }
  left_ = 1;
  next_ = 0;
  spare_normal.reset();
  spare_float_.reset();
}

uint64_t Generator::seed() {
  std::random_device device;
  const uint64_t high = device();
  const uint64_t low = device();
  manual_seed((high << 32 | low) & ((uint64_t{1} << 53) - 1));  // exact as a Python or JavaScript number
  return seed_;
}

void Generator::refill() {
  chosen->twist(state_.data());
  left_ = kWords;
  next_ = 0;
}

void Generator::words(uint32_t* out, int64_t n) {
  while (n > 0) {
    if (left_ == 1) {
      refill();
      ++left_;  // next32() counts the drawing call, which has not happened yet
    }
    const int64_t run = std::min<int64_t>(n, left_ - 1);
    chosen->temper(state_.data() + next_, out, run);
    next_ += static_cast<uint32_t>(run);
    left_ -= static_cast<int>(run);
    out += run;
    n -= run;
  }
}

void Generator::get_state(uint8_t* bytes) const {
  StateBytes s{};
  s.seed = seed_;
  s.left = left_;
  s.seeded = 1;
  s.next = next_;
  std::copy(state_.begin(), state_.end(), s.state);
  s.normal = spare_normal.value_or(0.0);
  s.normal_valid = spare_normal.has_value();
  s.float_normal = spare_float_.value_or(0.0F);
  s.float_normal_valid = spare_float_.has_value();
  std::memcpy(bytes, &s, sizeof s);
}

void Generator::set_state(const uint8_t* bytes, size_t size) {
  if (size != kStateBytes) {
    throw std::runtime_error("Expected a CPUGeneratorImplState of size " + std::to_string(kStateBytes) +
                             " but found the input RNG state size to be " + std::to_string(size));
  }
  StateBytes s;
  std::memcpy(&s, bytes, sizeof s);
  // A position from which the remaining draws would run past the words would read foreign memory.
  const bool valid = s.seeded && s.left > 0 && s.left <= kWords && s.next <= kWords &&
                     s.next + static_cast<uint64_t>(s.left) - 1 <= kWords;
  if (!valid) throw std::runtime_error("Invalid mt19937 state");
  seed_ = s.seed;
  left_ = s.left;
  next_ = static_cast<uint32_t>(s.next);
  std::transform(s.state, s.state + kWords, state_.begin(), [](uint64_t word) { return static_cast<uint32_t>(word); });
  spare_normal = s.normal_valid ? std::optional<double>(s.normal) : std::nullopt;
  spare_float_ = s.float_normal_valid ? std::optional<float>(s.float_normal) : std::nullopt;
}

std::unique_ptr<Generator> Generator::clone() const {
  auto copy = std::make_unique<Generator>();
  copy->seed_ = seed_;
  copy->spare_normal = spare_normal;
  copy->spare_float_ = spare_float_;
  copy->left_ = left_;
  copy->next_ = next_;
  copy->state_ = state_;
  return copy;
}

Generator& default_generator() {
  static Generator generator;
  return generator;
}

}  // namespace st
