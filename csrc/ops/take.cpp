// Elements of the flattened tensor: take, and put, which is its reverse.
#include "ops/index_plan.h"
#include "ops/on_zeros.h"

namespace st {
namespace {

// Where the elements lie in x's memory, as if x were flattened.
Tensor flat_offsets(const char* op, const Tensor& x, const Tensor& index) {
  if (index.dtype() != Dtype::Int64) runtime_error(op, "(): Expected a long tensor for index, but got ", info(index.dtype()).scalar_type);
  const int64_t n = x.numel();
  if (n == 0 && index.numel() > 0) index_error(op, "(): tried to take from an empty tensor");
  const Tensor given = contiguous_copy(index);
  const Tensor offsets = empty(Dims{index.numel()}, Dtype::Int64);
  const auto* from = given.data<int64_t>();
  auto* to = offsets.data<int64_t>();
  for (int64_t i = 0; i < given.numel(); ++i) {
    int64_t v = from[i];
    if (v < -n || v >= n) index_error("out of range: tried to access index ", v, " on a tensor of ", n, " elements.");
    if (v < 0) v += n;
    if (x.is_contiguous()) {
      to[i] = v;
      continue;
    }
    to[i] = 0;
    for (int d = x.dim() - 1; d >= 0; --d) {
      to[i] += v % x.size(d) * x.stride(d);
      v /= x.size(d);
    }
  }
  return offsets;
}

struct Take {
  static constexpr OpInfo info{.sig = "take(Tensor input, Tensor index) -> Tensor",
                               .doc = "The elements of the flattened input that index names, in index's shape.",
                               .saves = {X1}, .out = kOutApart};
  static Tensor fwd(const Tensor& x, const Tensor& index) {
    const Tensor offsets = flat_offsets("take", x, index);
    const Tensor y = empty(index.sizes(), x.dtype());
    gather_blocks(y->data, x->data, x.dtype(), blocks_of_elements(offsets));
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& index);
};

struct Put {
  static constexpr OpInfo info{.sig = "put(Tensor input, Tensor index, Tensor source, bool accumulate=False) -> Tensor",
                               .doc = "input with the elements of source written, or added, to those of its flattened elements that index names.",
                               .saves = {X1, 0, X1},
                               .where = kFunction | kMethod | kMethodInplace};
  static void inplace(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
    if (index.dtype() != Dtype::Int64) runtime_error("put_(): Expected a long tensor for index, but got ", st::info(index.dtype()).scalar_type);
    if (x.dtype() != source.dtype()) {
      runtime_error("put_(): self and source expected to have the same dtype, but got self.dtype = ", st::info(x.dtype()).scalar_type,
                    " and source.dtype = ", st::info(source.dtype()).scalar_type);
    }
    if (index.numel() != source.numel()) {
      index_error("put_(): Expected source and index to have the same number of elements, but got source.numel() = ", source.numel(),
                  ", index.numel() = ", index.numel());
    }
    const Tensor offsets = flat_offsets("put_", x, index);
    const Tensor from = contiguous_copy(source, overlaps_partly(x, source) || x->data == source->data);
    if (accumulate) add_blocks(x->data, from->data, false, x.dtype(), Scalar(1), blocks_of_elements(offsets));
    else scatter_blocks(x->data, from->data, false, x.dtype(), blocks_of_elements(offsets));
  }
  static Tensor fwd(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) {
    return on_copy<Put>(x, index, source, accumulate);
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& index, const Tensor& source, bool accumulate) {
    if (d.needs(0)) d.set(0, accumulate ? d.g() : put(d.g(), index, zeros(source.sizes(), d.g().dtype()), false));
    if (d.needs(2)) d.set(2, reshape(take(d.g(), index), source.sizes()));
  }
};

void Take::vjp(Grads& d, const Tensor& x, const Tensor& index) {
  if (d.needs(0)) d.set(0, on_zeros<Put>(x.sizes(), d.g().dtype(), index, d.g(), true));
}

const Register<Take, Put> registered;

}  // namespace

Tensor take(const Tensor& x, const Tensor& index) { return call_op<Take>(x, index); }
Tensor put(const Tensor& x, const Tensor& index, const Tensor& source, bool accumulate) { return call_op<Put>(x, index, source, accumulate); }

}  // namespace st
