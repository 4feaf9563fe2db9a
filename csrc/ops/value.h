// A value on its way between Python and an op: what arguments and results are boxed in.
#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/tensor.h"

namespace st {

class Generator;
using Tensors = std::vector<Tensor>;

using Value = std::variant<std::monostate, Tensor, Scalar, Dims, Tensors, Dtype, std::string, Generator*>;

// Value <-> the C++ type in which an op's function states its parameter.
template <class T> struct Box;
template <> struct Box<Tensor> {
  static const Tensor& from(const Value& v) {
    static const Tensor none;
    return v.index() == 1 ? std::get<Tensor>(v) : none;
  }
};
template <> struct Box<Scalar> { static Scalar from(const Value& v) { return std::get<Scalar>(v); } };
template <> struct Box<int64_t> { static int64_t from(const Value& v) { return std::get<Scalar>(v).to_int(); } };
template <> struct Box<double> { static double from(const Value& v) { return std::get<Scalar>(v).to_double(); } };
template <> struct Box<bool> { static bool from(const Value& v) { return std::get<Scalar>(v).to_bool(); } };
template <> struct Box<Dims> { static const Dims& from(const Value& v) { return std::get<Dims>(v); } };
template <> struct Box<Tensors> { static const Tensors& from(const Value& v) { return std::get<Tensors>(v); } };
template <> struct Box<Dtype> { static Dtype from(const Value& v) { return std::get<Dtype>(v); } };
template <> struct Box<std::string> { static const std::string& from(const Value& v) { return std::get<std::string>(v); } };
template <> struct Box<Generator*> {
  static Generator* from(const Value& v) { return v.index() == 0 ? nullptr : std::get<Generator*>(v); }
};
template <class T> struct Box<std::optional<T>> {
  static std::optional<T> from(const Value& v) { return v.index() == 0 ? std::nullopt : std::optional<T>(Box<T>::from(v)); }
};

inline Value to_value(Value v) { return v; }  // of ops whose arguments decide how many tensors they return
inline Value to_value(Tensor v) { return v; }
inline Value to_value(Tensors v) { return v; }
inline Value to_value(Scalar v) { return v; }
inline Value to_value(bool v) { return Scalar(v); }
inline Value to_value(int64_t v) { return Scalar(v); }
inline Value to_value(double v) { return Scalar(v); }
template <class... T>
Value to_value(std::tuple<T...> v) {
  return std::apply([](auto&... t) { Tensors out; out.reserve(sizeof...(T)); (out.push_back(std::move(t)), ...); return out; }, v);
}

}  // namespace st
