// Names and promotion of element types.
#include "core/dtype.h"

#include <atomic>

#include "core/error.h"

namespace st {
namespace {

constexpr DtypeInfo kInfo[kDtypes] = {
    {"bool", "", "BoolTensor", "Bool", 1, Category::Bool},
    {"uint8", "", "ByteTensor", "Byte", 1, Category::Integral},
    {"int8", "", "CharTensor", "Char", 1, Category::Integral},
    {"int16", "short", "ShortTensor", "Short", 2, Category::Integral},
    {"int32", "int", "IntTensor", "Int", 4, Category::Integral},
    {"int64", "long", "LongTensor", "Long", 8, Category::Integral},
    {"float16", "half", "HalfTensor", "Half", 2, Category::Floating},
    {"bfloat16", "", "BFloat16Tensor", "BFloat16", 2, Category::Floating},
    {"float32", "float", "FloatTensor", "Float", 4, Category::Floating},
    {"float64", "double", "DoubleTensor", "Double", 8, Category::Floating},
    {"complex64", "cfloat", "ComplexFloatTensor", "ComplexFloat", 8, Category::Complex},
    {"complex128", "cdouble", "ComplexDoubleTensor", "ComplexDouble", 16, Category::Complex},
};

std::atomic<Dtype> default_float{Dtype::Float32};

}  // namespace

const DtypeInfo& info(Dtype d) { return kInfo[static_cast<int>(d)]; }
Dtype default_dtype() { return default_float.load(std::memory_order_relaxed); }
void set_default_dtype(Dtype d) {
  if (!is_floating(d)) type_error("only floating-point types are supported as the default type");
  default_float.store(d, std::memory_order_relaxed);
}

// Within a category the wider wins; uint8 with a signed type needs one more bit, float16 with bfloat16 needs float32.
Dtype promote(Dtype a, Dtype b) {
  if (a == b) return a;
  if (a > b) std::swap(a, b);
  if (a == Dtype::UInt8 && b == Dtype::Int8) return Dtype::Int16;
  if (a == Dtype::Float16 && b == Dtype::BFloat16) return Dtype::Float32;
  if (b == Dtype::Complex64 && a == Dtype::Float64) return Dtype::Complex128;
  return b;
}

bool can_cast(Dtype from, Dtype to) {
  if (is_complex(from) && !is_complex(to)) return false;
  if (is_floating(from) && !is_floating(to) && !is_complex(to)) return false;
  return from == Dtype::Bool || to != Dtype::Bool;
}

void no_complex(Dtype d) { not_implemented("this operation is not implemented for '", info(d).scalar_type, "'"); }
void no_half(Dtype d) { runtime_error("this kernel is not implemented for '", info(d).scalar_type, "'"); }

}  // namespace st
