// How losses are reduced, and the node that each of them is.
#pragma once
#include <string>

#include "ops/call.h"
#include "ops/reduce_dims.h"

namespace st {

enum class Reduction : uint8_t { None, Mean, Sum };

inline Reduction reduction_of(const std::string& name) {
  if (name == "mean") return Reduction::Mean;
  if (name == "sum") return Reduction::Sum;
  if (name == "none") return Reduction::None;
  value_error(name, " is not a valid value for reduction");
}

inline Tensor reduce_loss(const Tensor& loss, Reduction r) {
  if (r == Reduction::None) return loss;
  return r == Reduction::Mean ? mean(loss, std::nullopt, false) : sum(loss, std::nullopt, false);
}

// What each element's gradient is multiplied by.
inline double loss_scale(Reduction r, int64_t numel) { return r == Reduction::Mean ? 1.0 / static_cast<double>(numel) : 1.0; }

}  // namespace st
