// Element types: sizes, names, categories, PyTorch's promotion rules, and dispatch from a dtype to a C++ type.
#pragma once
#include <complex>
#include <cstdint>
#include <limits>

#include "core/half.h"

namespace st {

enum class Dtype : uint8_t { Bool, UInt8, Int8, Int16, Int32, Int64, Float16, BFloat16, Float32, Float64, Complex64, Complex128 };
inline constexpr int kDtypes = 12;

enum class Category : uint8_t { Bool, Integral, Floating, Complex };

struct DtypeInfo {
  const char* name;         // float32, as in torch.float32
  const char* alias;        // float, "" where there is none
  const char* tensor_type;  // FloatTensor, as in x.type()
  const char* scalar_type;  // Float, as PyTorch's messages name it
  uint8_t size;             // bytes
  Category category;
};
const DtypeInfo& info(Dtype d);

inline constexpr uint8_t kItemSize[kDtypes] = {1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16};
inline int64_t item_size(Dtype d) { return kItemSize[static_cast<int>(d)]; }
inline Category category(Dtype d) {
  return d == Dtype::Bool ? Category::Bool : d < Dtype::Float16 ? Category::Integral : d < Dtype::Complex64 ? Category::Floating : Category::Complex;
}
inline bool is_floating(Dtype d) { return d >= Dtype::Float16 && d <= Dtype::Float64; }
inline bool is_half(Dtype d) { return d == Dtype::Float16 || d == Dtype::BFloat16; }
inline Dtype computed_in(Dtype d) { return is_half(d) ? Dtype::Float32 : d; }  // arithmetic on the 16-bit types is float32's
inline bool is_complex(Dtype d) { return d >= Dtype::Complex64; }
inline bool is_integral(Dtype d) { return d < Dtype::Float16 && d != Dtype::Bool; }
inline bool differentiable(Dtype d) { return d >= Dtype::Float16; }

Dtype promote(Dtype a, Dtype b);
bool can_cast(Dtype from, Dtype to);  // may a result of `from` be stored in a tensor of `to`?
Dtype default_dtype();                // of floating-point literals; float32 unless set
void set_default_dtype(Dtype d);

template <class T> struct DtypeOf;
template <> struct DtypeOf<bool> { static constexpr Dtype value = Dtype::Bool; };
template <> struct DtypeOf<uint8_t> { static constexpr Dtype value = Dtype::UInt8; };
template <> struct DtypeOf<int8_t> { static constexpr Dtype value = Dtype::Int8; };
template <> struct DtypeOf<int16_t> { static constexpr Dtype value = Dtype::Int16; };
template <> struct DtypeOf<int32_t> { static constexpr Dtype value = Dtype::Int32; };
template <> struct DtypeOf<int64_t> { static constexpr Dtype value = Dtype::Int64; };
template <> struct DtypeOf<Half> { static constexpr Dtype value = Dtype::Float16; };
template <> struct DtypeOf<BFloat16> { static constexpr Dtype value = Dtype::BFloat16; };
template <> struct DtypeOf<float> { static constexpr Dtype value = Dtype::Float32; };
template <> struct DtypeOf<double> { static constexpr Dtype value = Dtype::Float64; };
template <> struct DtypeOf<std::complex<float>> { static constexpr Dtype value = Dtype::Complex64; };
template <> struct DtypeOf<std::complex<double>> { static constexpr Dtype value = Dtype::Complex128; };
template <class T> inline constexpr Dtype dtype_of = DtypeOf<T>::value;

// visit(dtype, [&]<class T>() {...}) for all twelve types; visit_real leaves the complex ones out, visit_native the half ones too.
template <class F>
decltype(auto) visit(Dtype d, F&& f) {
  switch (d) {
    case Dtype::Bool: return f.template operator()<bool>();
    case Dtype::UInt8: return f.template operator()<uint8_t>();
    case Dtype::Int8: return f.template operator()<int8_t>();
    case Dtype::Int16: return f.template operator()<int16_t>();
    case Dtype::Int32: return f.template operator()<int32_t>();
    case Dtype::Int64: return f.template operator()<int64_t>();
    case Dtype::Float16: return f.template operator()<Half>();
    case Dtype::BFloat16: return f.template operator()<BFloat16>();
    case Dtype::Float32: return f.template operator()<float>();
    case Dtype::Float64: return f.template operator()<double>();
    case Dtype::Complex64: return f.template operator()<std::complex<float>>();
    default: return f.template operator()<std::complex<double>>();
  }
}
[[noreturn]] void no_complex(Dtype d);
[[noreturn]] void no_half(Dtype d);

template <class F>
decltype(auto) visit_real(Dtype d, F&& f) {
  switch (d) {
    case Dtype::Bool: return f.template operator()<bool>();
    case Dtype::UInt8: return f.template operator()<uint8_t>();
    case Dtype::Int8: return f.template operator()<int8_t>();
    case Dtype::Int16: return f.template operator()<int16_t>();
    case Dtype::Int32: return f.template operator()<int32_t>();
    case Dtype::Int64: return f.template operator()<int64_t>();
    case Dtype::Float16: return f.template operator()<Half>();
    case Dtype::BFloat16: return f.template operator()<BFloat16>();
    case Dtype::Float32: return f.template operator()<float>();
    case Dtype::Float64: return f.template operator()<double>();
    default: no_complex(d);
  }
}

// float32 and float64 only: for kernels that the caller feeds with those.
template <class F>
decltype(auto) visit_float(Dtype d, F&& f) {
  if (d == Dtype::Float32) return f.template operator()<float>();
  if (d == Dtype::Float64) return f.template operator()<double>();
  no_half(d);
}

}  // namespace st
