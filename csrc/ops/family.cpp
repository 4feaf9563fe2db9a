// The rows of one family of elementwise ops, with the tiles of the instruction set in use. Compiled once per STEEPEST_FAMILY.
#include "kernels/choice.h"
#include "ops/functions.h"

#define STEEPEST_TEXT_(x) #x
#define STEEPEST_TEXT(x) STEEPEST_TEXT_(x)
#define STEEPEST_HEADER(f) STEEPEST_TEXT(ops/elementwise/f.h)
#include STEEPEST_HEADER(STEEPEST_FAMILY)

#define STEEPEST_JOIN_(a, b) a##_##b
#define STEEPEST_JOIN(a, b) STEEPEST_JOIN_(a, b)

namespace st {

#define X(isa) const Tiles* STEEPEST_JOIN(STEEPEST_JOIN(STEEPEST_FAMILY, tiles), isa)();
STEEPEST_ISAS
#undef X

namespace {

const Tiles* chosen_tiles() {
  static constexpr const Tiles* (*kChoices[])() = {
#define X(isa) STEEPEST_JOIN(STEEPEST_JOIN(STEEPEST_FAMILY, tiles), isa),
      STEEPEST_ISAS
#undef X
  };
  return kChoices[chosen_isa()]();
}

const RegisterFamily registered(STEEPEST_JOIN(STEEPEST_FAMILY, records){}, chosen_tiles());

}  // namespace
}  // namespace st
