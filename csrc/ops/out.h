// Results written to out=: see Note [out=] in ops/record.h.
#pragma once
#include "ops/row.h"

namespace st {

inline bool casts_to_out(const Row& row) { return row.elementwise || row.info.out & kOutCasts; }
// An elementwise op with its result written into `out` at once, where nothing stands in the way: no gradient, no cast, no other sizes, no
// memory that it shares with an input. Else false, and nothing is done.
bool run_elementwise_into(const Row& row, const Argument* args, const Tensor& out);
// PyTorch's error where a result like y may not be written to `out`, of an op that has read `inputs`; its warning where out is resized.
void check_out(const Row& row, const Tensor& y, const Tensor& out, const Tensors& inputs);
// y's elements into `out`, which takes y's sizes; after check_out.
void write_to_out(const Tensor& y, const Tensor& out);

}  // namespace st
