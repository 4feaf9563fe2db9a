# Units compiled more than once: per instruction set, per family of elementwise ops, or both.
# Sets repeated_sources (not to be compiled again), repeated_libraries, baseline, and the macro STEEPEST_ISAS.
# A unit of an instruction set sees STEEPEST_ISA and keeps to a namespace of that name: docs/architecture.md, "Kernels".
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(isas v2 v3 v4)
  foreach(isa IN LISTS isas)
    set(march_${isa} "-march=x86-64-${isa}")
  endforeach()
  set(baseline "${march_v2}")
else()
  set(isas neon)
  set(baseline "")
endif()
# What is not compiled per instruction set runs wherever the first of them runs.
if(NATIVE)
  set(baseline -march=native)
endif()

# Every unit can list the instruction sets there are: #define X(isa) ..., STEEPEST_ISAS, #undef X.
list(TRANSFORM isas REPLACE "(.+)" "X(\\1)" OUTPUT_VARIABLE isa_rows)
list(JOIN isa_rows "" isa_rows)
target_compile_definitions(flags INTERFACE "STEEPEST_ISAS=${isa_rows}")

# (Integers wrap, as PyTorch's do.)
set(isa_options -O3 -fno-trapping-math -fno-stack-protector -fwrapv)
if(SANITIZE)
  list(REMOVE_ITEM isa_options -O3)
endif()

set(csrc "${PROJECT_SOURCE_DIR}/csrc")
file(GLOB kernel_units CONFIGURE_DEPENDS "${csrc}/kernels/isa/*.cpp")
list(APPEND kernel_units "${csrc}/kernels/gemm_kernel.cpp")
set(repeated_sources "${csrc}/kernels/gemm_kernel.cpp" "${csrc}/ops/lanes.cpp" "${csrc}/ops/family.cpp")
set(repeated_libraries "")

macro(add_unit name source)
  add_library(${name} OBJECT "${source}")
  target_link_libraries(${name} PRIVATE flags)
  target_compile_definitions(${name} PRIVATE ${ARGN})
  list(APPEND repeated_libraries ${name})
endmacro()

macro(add_isa_units name source)
  foreach(isa IN LISTS isas)
    add_unit(${name}_${isa} "${source}" STEEPEST_ISA=${isa} ${ARGN})
    target_compile_options(${name}_${isa} PRIVATE ${isa_options} ${march_${isa}})
  endforeach()
endmacro()

foreach(source IN LISTS kernel_units)
  cmake_path(GET source STEM stem)
  add_isa_units(isa_${stem} "${source}")
endforeach()

# Beside v4, what some processors have for products of bfloat16: units of their own, where the compiler knows it.
if("v4" IN_LIST isas)
  set(options_bf16 -mavx512bf16)
  set(options_amx -mavx512bf16 -mamx-tile -mamx-bf16)
  foreach(beside bf16 amx)
    list(JOIN options_${beside} " " options)
    check_cxx_compiler_flag("${march_v4} ${options}" has_${beside})
    if(has_${beside})
      add_unit(isa_${beside} "${csrc}/kernels/bf16/${beside}.cpp" STEEPEST_ISA=v4_${beside})
      target_compile_options(isa_${beside} PRIVATE ${isa_options} ${march_v4} ${options_${beside}})
      set_property(SOURCE "${csrc}/kernels/choice.cpp" "${csrc}/kernels/gemm_half.cpp" APPEND PROPERTY COMPILE_DEFINITIONS STEEPEST_HAS_${beside})
    endif()
  endforeach()
endif()

# A family is a header of csrc/ops/elementwise: its rows once, its loops once per instruction set.
file(GLOB families CONFIGURE_DEPENDS "${csrc}/ops/elementwise/*.h")
foreach(header IN LISTS families)
  cmake_path(GET header STEM family)
  add_unit(family_${family} "${csrc}/ops/family.cpp" STEEPEST_FAMILY=${family})
  target_compile_options(family_${family} PRIVATE ${baseline})
  add_isa_units(isa_lanes_${family} "${csrc}/ops/lanes.cpp" STEEPEST_FAMILY=${family})
endforeach()
