// A Python number on its way into an op: bool, int, float or complex, kept exact.
#pragma once
#include <complex>
#include <cstdint>

#include "core/dtype.h"

namespace st {

struct Scalar {
  enum Kind : uint8_t { Bool, Int, Float, Complex };
  Kind kind = Float;
  union {
    int64_t i;
    double d;
  };
  double imag = 0;

  Scalar() : d(0) {}
  Scalar(bool v) : kind(Bool), i(v) {}
  Scalar(int v) : kind(Int), i(v) {}
  Scalar(int64_t v) : kind(Int), i(v) {}
  Scalar(double v) : kind(Float), d(v) {}
  Scalar(std::complex<double> v) : kind(Complex), d(v.real()), imag(v.imag()) {}

  double to_double() const { return kind >= Float ? d : static_cast<double>(i); }
  int64_t to_int() const { return kind >= Float ? static_cast<int64_t>(d) : i; }
  bool to_bool() const { return kind >= Float ? d != 0 || imag != 0 : i != 0; }
  std::complex<double> to_complex() const { return {to_double(), imag}; }
  template <class T>
  T to() const {
    if constexpr (std::is_same_v<T, bool>) return to_bool();
    else if constexpr (std::is_integral_v<T>) return static_cast<T>(to_int());
    else if constexpr (std::is_same_v<T, std::complex<float>>) return std::complex<float>(to_complex());
    else if constexpr (std::is_same_v<T, std::complex<double>>) return to_complex();
    else return static_cast<T>(to_double());
  }
  Category category() const { return static_cast<Category>(kind); }
  // The dtype a tensor made of this number has.
  Dtype dtype() const {
    switch (kind) {
      case Bool: return Dtype::Bool;
      case Int: return Dtype::Int64;
      case Float: return default_dtype();
      default: return default_dtype() == Dtype::Float64 ? Dtype::Complex128 : Dtype::Complex64;
    }
  }
};

}  // namespace st
