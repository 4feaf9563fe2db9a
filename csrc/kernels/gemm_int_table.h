// What gemm_int.cpp asks of the kernels that are compiled once per instruction set.
#pragma once

#include <cstdint>

namespace st {

// C (m, n) = op(A) (m, k) * op(B) (k, n), row-major, modulo 2^bits; op transposes where ta, tb say so.
template <class T>
struct IntCall {
  bool ta, tb;
  int64_t m, n, k;
  const T* a;
  int64_t lda;
  const T* b;
  int64_t ldb;
  T* c;
  int64_t ldc;
};

inline constexpr int64_t kIntScratchBytes = 288 << 10;

// On one thread. `scratch` is kIntScratchBytes aligned to a cache line.
template <class T>
using IntProduct = void (*)(const IntCall<T>&, void* scratch);

struct IntTable {
  IntProduct<int8_t> i8;
  IntProduct<uint8_t> u8;
  IntProduct<int16_t> i16;
  IntProduct<int32_t> i32;
  IntProduct<int64_t> i64;
};

}  // namespace st
