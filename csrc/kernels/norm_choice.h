// The kernels of batch and group norm for the instruction set in use.
#pragma once
#include <type_traits>

#include "kernels/choice.h"
#include "kernels/norm_table.h"

namespace st {

#define X(isa)                       \
  namespace isa {                    \
  extern const NormTable kNormTable; \
  }
STEEPEST_ISAS
#undef X

template <class T>
const NormKernels<T>& norm_kernels() {
  static constexpr const NormTable* kTables[] = {
#define X(isa) &isa::kNormTable,
      STEEPEST_ISAS
#undef X
  };
  static const NormTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

}  // namespace st
