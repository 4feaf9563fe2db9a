// x[indices] with index tensors, and its reverse: index and index_put are each other's derivative.
#include "kernels/masks.h"
#include "ops/index_plan.h"
#include "ops/on_zeros.h"

namespace st {
namespace {

struct Index {
  static constexpr OpInfo info{.sig = "_index(Tensor input, Tensor[]? indices) -> Tensor",
                               .doc = "The elements that the index tensors name, one a dimension; None keeps a dimension, a mask stands for its true elements.",
                               .saves = {X1, 0},
                               .where = 0,
                               .grad_name = "IndexBackward0"};
  static Tensor fwd(const Tensor& x, const Tensors& indices) {
    const IndexPlan plan = plan_index(x, indices);
    const Tensor y = empty(plan.sizes, x.dtype());
    gather_blocks(y->data, x->data, x.dtype(), plan.blocks);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensors& indices);
};

// The mask, when all that is indexed is one mask and one value goes to all of it: then no places need to be listed.
const Tensor* lone_mask(const Tensors& indices, const Tensor& values, bool accumulate) {
  if (accumulate || values.numel() != 1) return nullptr;
  const Tensor* mask = nullptr;
  for (const Tensor& t : indices) {
    if (!t.defined()) continue;
    if (mask || !is_mask_type(t.dtype())) return nullptr;
    mask = &t;
  }
  return mask;
}

// Sizes and strides of a mask seen over all of x.
Tensor mask_over(const Tensor& x, const Tensors& indices) {
  Dims sizes = x.sizes(), strides;
  const Tensor* mask = nullptr;
  for (const Tensor& t : indices) {
    if (t.defined()) {
      mask = &t;
      for (int j = 0; j < t.dim(); ++j) {
        const int d = strides.size();
        if (d >= x.dim() || t.size(j) != x.size(d)) return {};
        strides.push_back(t.stride(j));
      }
    } else {
      strides.push_back(0);
    }
  }
  if (strides.size() > x.dim()) return {};
  strides.resize(x.dim());
  return alias(*mask, sizes, strides, mask->offset());
}

struct IndexPut {
  static constexpr OpInfo info{.sig = "index_put(Tensor input, Tensor[]? indices, Tensor values, bool accumulate=False) -> Tensor",
                               .doc = "input with values, broadcast, written (or added, when accumulate) to the places that the index tensors name.",
                               .saves = {X1, X1, X1},
                               .where = kFunction | kMethod | kInplace};
  static void inplace(const Tensor& x, const Tensors& indices, const Tensor& values, bool accumulate) {
    if (lone_mask(indices, values, accumulate)) {
      if (const Tensor mask = mask_over(x, indices); mask.defined()) return fill_masked(x, mask, cast_copy(values, x.dtype()));
    }
    if (values.dtype() != x.dtype()) {
      runtime_error("Index put requires the source and destination dtypes match, got ", st::info(x.dtype()).scalar_type, " for the destination and ",
                    st::info(values.dtype()).scalar_type, " for the source.");
    }
    const IndexPlan plan = plan_index(x, indices);
    const bool one = values.numel() == 1;
    const Tensor source = one ? values : spread(values, plan.sizes);
    const Tensor own = overlaps_partly(x, source) || x.impl() == source.impl() ? contiguous_copy(source, true) : source;
    if (accumulate) add_blocks(x->data, own->data, one, x.dtype(), Scalar(1), plan.blocks);
    else scatter_blocks(x->data, own->data, one, x.dtype(), plan.blocks);
  }
  static Tensor fwd(const Tensor& x, const Tensors& indices, const Tensor& values, bool accumulate) {
    return on_copy<IndexPut>(x, indices, values, accumulate);
  }
  static void vjp(Grads& d, const Tensor&, const Tensors& indices, const Tensor& values, bool accumulate) {
    if (d.needs(0)) d.set(0, accumulate ? d.g() : index_put(d.g(), indices, zeros({}, d.g().dtype()), false));
    if (const int last = d.inputs() - 1; d.needs(last)) {
      Tensor g = index(d.g(), indices);
      d.set(last, values.numel() == 1 && g.dim() < values.dim() ? reshape(sum(g, {}, false), Dims(values.sizes())) : g);
    }
  }

 private:
  static Tensor spread(const Tensor& values, DimSpan sizes) {
    bool fits = values.dim() <= static_cast<int>(sizes.size());
    const int shift = static_cast<int>(sizes.size()) - values.dim();
    for (int d = 0; fits && d < values.dim(); ++d) fits = values.size(d) == 1 || values.size(d) == sizes[static_cast<size_t>(shift + d)];
    if (!fits) runtime_error("shape mismatch: value tensor of shape ", values.sizes(), " cannot be broadcast to indexing result of shape ", sizes);
    if (values.is_contiguous() && equal(values.sizes(), sizes)) return values;
    const Tensor wide = empty(sizes, values.dtype());
    copy_elements(wide, values);
    return wide;
  }
};

void Index::vjp(Grads& d, const Tensor& x, const Tensors& indices) {
  if (d.needs(0)) d.set(0, on_zeros<IndexPut>(x.sizes(), d.g().dtype(), indices, d.g(), true));
}

const Register<Index, IndexPut> registered;

}  // namespace

Tensor index(const Tensor& x, const Tensors& indices) { return call_op<Index>(x, indices); }
Tensor index_put(const Tensor& x, const Tensors& indices, const Tensor& values, bool accumulate) {
  return call_op<IndexPut>(x, indices, values, accumulate);
}

}  // namespace st
