// An argument on its way from Python to an op's function. It owns nothing, so that a call takes neither heap nor counted references.
#pragma once
#include <optional>

#include "ops/value.h"

namespace st {

// What `kind` says stands in the union; what is pointed to outlives the call.
struct Argument {
  enum Kind : uint8_t { None, OfTensor, OfNumber, OfDims, OfTensors, OfDtype, OfText, OfGenerator };
  Kind kind;
  Dtype dtype;
  union {
    const Tensor* tensor;
    const Dims* dims;
    const Tensors* tensors;
    const std::string* text;
    Generator* generator;
    Scalar number;
  };

  Argument() {}  // nothing is written: rooms for many are made, and few are used
  Argument(std::nullopt_t) : kind(None), tensor(nullptr) {}
  Argument(const Tensor& t) : kind(OfTensor), tensor(&t) {}
  Argument(const Scalar& s) : kind(OfNumber), number(s) {}
  Argument(const Dims& d) : kind(OfDims), dims(&d) {}
  Argument(const Tensors& l) : kind(OfTensors), tensors(&l) {}
  Argument(Dtype d) : kind(OfDtype), dtype(d), tensor(nullptr) {}
  Argument(const std::string& s) : kind(OfText), text(&s) {}
  Argument(Generator* g) : kind(OfGenerator), generator(g) {}
};

// As the C++ type in which an op's function states its parameter.
template <class T> struct Unpack;
template <> struct Unpack<Tensor> {
  static const Tensor& from(const Argument& a) {
    static const Tensor none;
    return a.kind == Argument::OfTensor ? *a.tensor : none;
  }
};
template <> struct Unpack<Scalar> { static const Scalar& from(const Argument& a) { return a.number; } };
template <> struct Unpack<int64_t> { static int64_t from(const Argument& a) { return a.number.to_int(); } };
template <> struct Unpack<double> { static double from(const Argument& a) { return a.number.to_double(); } };
template <> struct Unpack<bool> { static bool from(const Argument& a) { return a.number.to_bool(); } };
template <> struct Unpack<Dims> { static const Dims& from(const Argument& a) { return *a.dims; } };
template <> struct Unpack<Tensors> { static const Tensors& from(const Argument& a) { return *a.tensors; } };
template <> struct Unpack<Dtype> { static Dtype from(const Argument& a) { return a.dtype; } };
template <> struct Unpack<std::string> { static const std::string& from(const Argument& a) { return *a.text; } };
template <> struct Unpack<Generator*> { static Generator* from(const Argument& a) { return a.kind == Argument::None ? nullptr : a.generator; } };
template <class T> struct Unpack<std::optional<T>> {
  static std::optional<T> from(const Argument& a) { return a.kind == Argument::None ? std::nullopt : std::optional<T>(Unpack<T>::from(a)); }
};

// The argument that stands for a default.
inline Argument argument_of(const Value& v) {
  return std::visit([]<class T>(const T& x) -> Argument {
    if constexpr (std::is_same_v<T, std::monostate>) return std::nullopt;
    else return x;
  }, v);
}

}  // namespace st
