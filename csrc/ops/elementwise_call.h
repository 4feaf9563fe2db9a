// Calling an elementwise op on tensors: types, shapes, the loop, and the record for backward.
#pragma once
#include <utility>

#include "ops/row.h"

namespace st {

// A tensor or a number.
struct Operand {
  const Tensor* t = nullptr;
  Scalar s;
  Operand() = default;
  Operand(const Tensor& t) : t(&t) {}
  Operand(const Scalar& s) : s(s) {}
  Operand(double s) : s(s) {}
  Operand(int s) : s(s) {}
  Operand(int64_t s) : s(s) {}
  Operand(bool s) : s(s) {}
};

Tensor call_elementwise(const Row& row, const Operand* operands, const double* params);
// Writes into operand 0 (`add_`), or into `out` without a record.
void call_elementwise_inplace(const Row& row, const Operand* operands, const double* params);

void elementwise_backward(BackwardCall& call);
Tensor run_elementwise(const Row& row, const Argument* args);
void run_elementwise_inplace(const Row& row, const Argument* args);

// A function of a number that a node saved: again a number, in double precision.
Tensor call_on_number(const Row& row, const Tensor& x, const double* params);

template <class T>
inline constexpr bool is_number = std::is_arithmetic_v<T> || std::is_same_v<T, Scalar>;

template <> struct Unpack<Operand> {
  static Operand from(const Argument& a) { return a.kind == Argument::OfTensor ? Operand(*a.tensor) : Operand(a.number); }
};

template <class Op, class... A>
  requires((std::is_same_v<A, Tensor> || ...) && ((std::is_same_v<A, Tensor> || is_number<A>) && ...))
Tensor tensor_call(const A&... args) {
  static_assert(sizeof...(A) == Op::kInputs + Op::kParams);
  Operand operands[] = {Operand(args)...};
  double params[Op::kParams ? Op::kParams : 1] = {};
  for (int i = 0; i < Op::kParams; ++i) params[i] = operands[Op::kInputs + i].s.to_double();
  if constexpr (Op::kInputs == 1) {
    if (operands[0].t && (*operands[0].t)->has(kWrappedNumber)) return call_on_number(RowOf<Op>::row, *operands[0].t, params);
  }
  return call_elementwise(RowOf<Op>::row, operands, params);
}

Tensor tensor_zero(const Tensor& g);
Tensor tensor_real(const Tensor& x);

// vjp<I> of a record over tensors, so that gradients are made of recorded ops and can be differentiated again.
template <class Op, int I, int... S, int... P>
Tensor tensor_vjp(const Tensor& g, const Tensor* saved, const double* params, std::integer_sequence<int, S...>, std::integer_sequence<int, P...>) {
  if constexpr (!has_vjp<Op, I>) return {};
  else if constexpr (Op::info.passes >> I & 1) return g;
  else if constexpr (Op::info.refused >> I & 1) not_implemented("the derivative for '", RowOf<Op>::row.name(), ": input' is not implemented.");
  else if constexpr (Op::info.undifferentiable) runtime_error("derivative for aten::", RowOf<Op>::row.name(), " is not implemented");
  else {
    auto pick = [&]<int Slot>(std::integral_constant<int, Slot>) {
      constexpr int kBit = Slot == Op::kInputs ? Y : 1 << Slot;
      if constexpr (Op::info.saves[I] & kBit) return saved[Slot];
      else return Absent{};
    };
    return Op::template vjp<I>(g, pick(std::integral_constant<int, S>{})..., params[P]...);
  }
}

template <class Op> inline constexpr bool is_alias = requires { typename Op::Body; };

template <class Op>
void fill_row(Row& row) {
  row.info = Op::info;
  row.elementwise = true;
  row.n_inputs = Op::kInputs;
  row.n_params = Op::kParams;
  row.differentiable = has_vjp<Op, 0> || has_vjp<Op, 1> || has_vjp<Op, 2>;
  // A record may state how it is called with a number for operand 1: Op::WithNumber, a record of its own, or more in Op::redirect.
  if constexpr (!is_alias<Op>) {
    if constexpr (requires { &Op::redirect; }) row.redirect = Op::redirect;
    else if constexpr (requires { typename Op::WithNumber; }) {
      row.redirect = [](const Operand* x, double*) -> const Row* { return x[1].t ? nullptr : &RowOf<typename Op::WithNumber>::row; };
    }
  }
  if constexpr (requires { &Op::check; }) row.check = Op::check;
  row.backward = elementwise_backward;
  row.destroy = nullptr;
  row.run = run_elementwise;
  row.run_inplace = run_elementwise_inplace;
  row.vjp = [](int i, const Tensor& g, const Tensor* saved, const double* params) {
    using S = std::make_integer_sequence<int, Op::kInputs + 1>;
    using P = std::make_integer_sequence<int, Op::kParams>;
    if (i == 0) return tensor_vjp<Op, 0>(g, saved, params, S{}, P{});
    if (i == 1) return tensor_vjp<Op, 1>(g, saved, params, S{}, P{});
    return tensor_vjp<Op, 2>(g, saved, params, S{}, P{});
  };
  complete(row, Op::kInputs + Op::kParams);
}

// Fills the rows of a family, with the tiles of the instruction set in use.
template <class... Ops>
struct RegisterFamily {
  RegisterFamily(Family<Ops...>, const Tiles* tiles) { ((RowOf<Ops>::row.tiles = tiles++, fill_row<Ops>(RowOf<Ops>::row)), ...); }
};

}  // namespace st
