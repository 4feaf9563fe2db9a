// A value of any type that ops know: what their results come in, and how signatures keep defaults.
#pragma once
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "core/tensor.h"

namespace st {

class Generator;
using Tensors = std::vector<Tensor>;

using Value = std::variant<std::monostate, Tensor, Scalar, Dims, Tensors, Dtype, std::string, Generator*>;

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
