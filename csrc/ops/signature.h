// The signature of an op, parsed from its record: what Python may pass and what it gets back.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ops/value.h"

namespace st {

enum class ParamType : uint8_t { Tensor, TensorOrScalar, Tensors, Scalar, Int, Float, Bool, Ints, Dtype, String, Generator, Ignored };

const char* type_word(ParamType type);  // as PyTorch's messages name it: "tuple of ints"

struct Param {
  std::string name;
  ParamType type;
  bool optional = false;     // Type?: None is allowed
  bool required = true;
  bool keyword_only = false;
  bool broadcast = false;    // int[2]: one int stands for all
  Value default_value;
  int64_t length = 0;        // of int[n]
};

struct Signature {
  std::string name;
  std::vector<Param> params;
  bool varargs = false;                // int[]... : the ints may stand for themselves, x.view(2, 3)
  int list_at = 0;                     // the parameter that they are, where varargs
  int positional = 0;                  // how many parameters may be given by place
  bool returns_tuple = false;          // several outputs
  bool returns_list = false;           // Tensor[]
  std::vector<std::string> fields;     // names of the outputs, where they have some
  std::string text;                    // as PyTorch shows it in messages: (Tensor input, Tensor other)
};

// Grammar: name(Type name=default, *, Type name=default) -> Type. Types: Tensor, Tensor|Scalar, Tensor[], Scalar, int, float, bool,
// int[], int[n], int[]..., dtype, str, Generator, ignored; a '?' behind allows None. "**factory" stands for the keyword arguments of
// functions that make tensors: dtype, layout, device, pin_memory, requires_grad.
Signature parse_signature(std::string_view sig);

}  // namespace st
