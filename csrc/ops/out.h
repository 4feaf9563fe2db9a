// What out= may be: the rule of each op, for those who write results to it.
//
// Note [out=]
// An elementwise op casts its result to the dtype of out, any other op wants out to have the result's dtype: as PyTorch has it, with
// exceptions that it owes to how its kernels came to be. An op that casts is named in an OutCasts beside its registration; one that
// reads its inputs again after it has begun to write, so that out must share no memory with them, in an OutApart.
#pragma once
#include "ops/row.h"

namespace st {

enum OutRule : uint8_t { kOutCasts = 1, kOutApart = 2 };
uint8_t out_rule(const Row& row);
void add_out_rule(const Row& row, OutRule rule);

// const OutCasts<Sum, Mean> casts;
template <class... Ops>
struct OutCasts {
  OutCasts() { (add_out_rule(RowOf<Ops>::row, kOutCasts), ...); }
};
template <class... Ops>
struct OutApart {
  OutApart() { (add_out_rule(RowOf<Ops>::row, kOutApart), ...); }
};

// PyTorch's error where a result like y may not be written to `out`, of an op that has read `inputs`; its warning where out is resized.
void check_out(const Row& row, const Tensor& y, const Tensor& out, const Tensors& inputs);
// y's elements into `out`, which takes y's sizes; after check_out.
void write_to_out(const Tensor& y, const Tensor& out);

}  // namespace st
