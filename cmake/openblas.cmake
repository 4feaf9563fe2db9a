# OpenBLAS from the pinned build requirement: sets blas_library (to link) and bundled_blas (to install).
if(APPLE)
  set(origin "@loader_path")
else()
  set(origin "\$ORIGIN")
endif()

set(blas_library "")
if(NOT BLAS)
  target_compile_definitions(flags INTERFACE STEEPEST_NO_BLAS)
  return()
endif()

find_package(Python 3.10 REQUIRED COMPONENTS Interpreter)
execute_process(
  COMMAND "${Python_EXECUTABLE}" -c
          "import scipy_openblas32 as b; print(b.get_lib_dir(), b.get_library(fullname=True), sep='/', end='')"
  OUTPUT_VARIABLE blas_original COMMAND_ERROR_IS_FATAL ANY)

# Stripped: names of its own functions are of no use in a wheel.
cmake_path(GET blas_original FILENAME blas_name)
set(bundled_blas "${PROJECT_BINARY_DIR}/libs/${blas_name}")
add_custom_command(
  OUTPUT "${bundled_blas}"
  COMMAND "${CMAKE_COMMAND}" -E make_directory "${PROJECT_BINARY_DIR}/libs"
  COMMAND "${CMAKE_STRIP}" $<IF:$<PLATFORM_ID:Darwin>,-x,-s> -o "${bundled_blas}" "${blas_original}"
  DEPENDS "${blas_original}"
  COMMENT "Bundling ${blas_name}"
  VERBATIM)
add_custom_target(bundle_blas DEPENDS "${bundled_blas}")

add_library(openblas SHARED IMPORTED)
set_target_properties(openblas PROPERTIES IMPORTED_LOCATION "${bundled_blas}")
add_dependencies(openblas bundle_blas)
set(blas_library openblas)
