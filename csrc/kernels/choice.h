// Which instruction set's kernels are in use: chosen once, when the library loads.
#pragma once

namespace st {

int chosen_isa();            // place among STEEPEST_ISAS: the best this CPU has, or what the variable STEEPEST_ISA names
const char* isa_name(int);   // "v2", "v3", "v4" or "neon"

// What a processor with "v4" may have beside it: instructions for bfloat16, and tiles for it. Chosen likewise; the variable names them
// "v4_bf16" and "v4_amx".
enum class Beside { Nothing, Bf16, Amx };
Beside chosen_beside();

const char* chosen_name();  // of both choices together, as the variable would name them

}  // namespace st
