// Numbers against the range of a dtype, writes over memory that is read, names of C++ types. As PyTorch has it, unsigned types take negative integers down to minus their largest, and
// floating-point types take infinities.
#include "ops/check.h"

#include <cmath>
#include <limits>

#include "core/error.h"
#include "kernels/layout.h"

namespace st {
namespace {

template <class T>
bool fits_in(const Scalar& v) {
  if (v.kind == Scalar::Complex && v.imag != 0) return false;
  if constexpr (std::is_same_v<T, bool>) return true;
  else if constexpr (std::is_integral_v<T>) {
    constexpr T kLargest = std::numeric_limits<T>::max();
    constexpr int64_t kSmallest = std::is_unsigned_v<T> ? -static_cast<int64_t>(kLargest) : static_cast<int64_t>(std::numeric_limits<T>::min());
    if (v.kind >= Scalar::Float) return v.d >= static_cast<double>(std::numeric_limits<T>::min()) && v.d <= static_cast<double>(kLargest);
    return v.i >= kSmallest && v.i <= static_cast<int64_t>(kLargest);
  } else if constexpr (std::is_same_v<T, float>) {
    return v.kind < Scalar::Float || !std::isfinite(v.d) || std::abs(v.d) <= static_cast<double>(std::numeric_limits<float>::max());
  }
  return true;
}

const char* c_name(Dtype d) {
  switch (d) {
    case Dtype::UInt8: return "uint8_t";
    case Dtype::Int8: return "int8_t";
    case Dtype::Int16: return "int16_t";
    case Dtype::Int32: return "int";
    case Dtype::Int64: return "int64_t";
    case Dtype::Float32: return "float";
    default: return "double";
  }
}

}  // namespace

bool fits(const Scalar& value, Dtype dtype) {
  return is_complex(dtype) || visit_real(dtype, [&]<class T>() { return fits_in<T>(value); });
}

void check_fits(const Scalar& value, Dtype dtype) {
  if (!fits(value, dtype)) runtime_error("value cannot be converted to type ", c_name(dtype), " without overflow");
}

void refuse_overlap() {
  runtime_error("unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. "
                "Please clone() the tensor before performing the operation.");
}

void refuse_partial_overlap(const Tensor& out, const Tensor& in) {
  if (overlaps_partly(out, in) && is_dense(out) && is_dense(in)) refuse_overlap();
}

const char* cpp_name(Dtype d) {
  static constexpr const char* kNames[kDtypes] = {"bool",      "unsigned char", "signed char", "short int", "int",                 "long int",
                                                  "c10::Half", "c10::BFloat16", "float",       "double",    "c10::complex<float>", "c10::complex<double>"};
  return kNames[static_cast<int>(d)];
}

}  // namespace st
