# The interface target `flags`: what every unit of the program is compiled and linked with.
include(CheckCXXCompilerFlag)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON) # vector types and labels as values
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(ccache ccache)
if(ccache)
  # Without these it caches nothing that includes precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${ccache}")
endif()

add_library(flags INTERFACE)
target_include_directories(flags INTERFACE "${PROJECT_SOURCE_DIR}/csrc")
# Vector types wider than the baseline's registers never cross a call between units, so their ABI does not matter.
target_compile_options(flags INTERFACE -Wall -Wextra -Wno-psabi)
# A sum of products is rounded as it is written, on every machine: programs print digits.
target_compile_options(flags INTERFACE -ffp-contract=off -fno-math-errno)
if(WERROR)
  target_compile_options(flags INTERFACE -Werror)
endif()

find_package(Threads REQUIRED)
target_link_libraries(flags INTERFACE Threads::Threads ${CMAKE_DL_LIBS})

# The extension is one library that nobody interposes: calls and thread-locals need no indirection.
foreach(option fno-semantic-interposition fno-plt)
  string(MAKE_C_IDENTIFIER "has_${option}" has)
  check_cxx_compiler_flag("-Werror -${option}" ${has})
  if(${has})
    target_compile_options(flags INTERFACE "-${option}")
  endif()
endforeach()

if(SANITIZE)
  # vptr needs the type information of classes that live in other libraries.
  set(sanitizers -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined)
  target_compile_options(flags INTERFACE ${sanitizers} -fno-omit-frame-pointer -g1 -O1)
  # Each access checked by a call, not in line: unrolled kernels compile in a sixth of the time.
  set(threshold asan-instrumentation-with-call-threshold=0)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(flags INTERFACE "SHELL:--param ${threshold}")
  else()
    target_compile_options(flags INTERFACE "SHELL:-mllvm -${threshold}")
  endif()
  target_link_options(flags INTERFACE ${sanitizers})
  target_compile_definitions(flags INTERFACE STEEPEST_SANITIZE)
else()
  target_compile_options(flags INTERFACE -ftls-model=initial-exec)
endif()
