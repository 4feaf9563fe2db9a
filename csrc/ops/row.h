// Row: an op's record as plain data and function pointers. Its address is the op's identity.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "graph/node.h"
#include "ops/argument.h"
#include "ops/record.h"
#include "ops/signature.h"
#include "ops/tiles.h"
#include "ops/value.h"

namespace st {

struct Operand;  // ops/elementwise_call.h

struct Row : NodeType {
  OpInfo info{};
  Signature sig;
  std::string grad_name;
  bool elementwise = false;
  bool differentiable = false;

  // Elementwise ops.
  uint8_t n_inputs = 0, n_params = 0;
  const Row* (*redirect)(const Operand* x, double* params) = nullptr;  // another row that runs these operands, or nullptr
  void (*check)(const Operand* x) = nullptr;                           // of operands that are not floats of one type: throws what PyTorch throws
  Tensor (*of_complex)(const Tensor& x) = nullptr;                     // for the few ops that take complex tensors: ops/complex.cpp
  const Tiles* tiles = nullptr;
  Tensor (*vjp)(int i, const Tensor& g, const Tensor* saved, const double* params) = nullptr;

  // All ops: arguments in the order of the signature, without the ignored ones. What returns one tensor has `run`, all else
  // `run_to_value`; run_inplace writes the result into argument 0.
  Tensor (*run)(const Row& row, const Argument* args) = nullptr;
  Value (*run_to_value)(const Row& row, const Argument* args) = nullptr;
  void (*run_inplace)(const Row& row, const Argument* args) = nullptr;
  std::vector<Argument> defaults;  // of all parameters of the signature
  int arity = 0;                   // how many arguments those functions take

  // Deprecated orders of arguments, as rows that have a signature and `today`, the row that runs them: as functions, and as methods
  // with the input moved to the front.
  std::vector<Row> older;
  const Row* today = nullptr;

  const std::string& name() const { return sig.name; }
};

// All rows, in the order of registration. Rows register themselves when the library loads; see Register in ops/call.h.
std::vector<Row*>& all_rows();
void complete(Row& row, int arity);  // parses the signature, which must have that many arguments, and names the node

// Constant-initialised, so that it is there before any unit registers rows.
template <class Op>
struct RowOf {
  static constinit Row row;
};
template <class Op>
constinit Row RowOf<Op>::row{};

}  // namespace st
