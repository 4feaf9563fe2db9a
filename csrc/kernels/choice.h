// Which instruction set's kernels are in use: chosen once, when the library loads.
#pragma once

namespace st {

int chosen_isa();            // place among STEEPEST_ISAS: the best this CPU has, or what the variable STEEPEST_ISA names
const char* isa_name(int);   // "v2", "v3", "v4" or "neon"

}  // namespace st
