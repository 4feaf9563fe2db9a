// What the records of recurrent layers share: checks, rows of steps as recorded ops, gradients of the inputs.
#include <algorithm>

#include "ops/call.h"
#include "ops/recurrent.h"

namespace st {

void check_layer(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h, int64_t gates, int64_t hidden,
                 const Dims& batch) {
  if (x.size(1) != w_ih.size(1)) inner_sizes_differ(x.size(0), x.size(1), w_ih.size(1), w_ih.size(0));
  if (h.size(1) != w_hh.size(1)) inner_sizes_differ(h.size(0), h.size(1), w_hh.size(1), w_hh.size(0));
  if (w_ih.size(0) != gates * hidden || w_hh.size(0) != gates * hidden || (bias.defined() && (bias.dim() != 1 || bias.size(0) != gates * hidden))) {
    runtime_error("recurrent layer: expected weights of ", gates * hidden, " rows for a hidden size of ", hidden, ", but got ", w_ih.sizes(), " and ",
                  w_hh.sizes());
  }
  for (const Tensor* t : {&w_ih, &w_hh, &bias, &h}) {
    if (t->defined() && t->dtype() != x.dtype()) {
      runtime_error("mat1 and mat2 must have the same dtype, but got ", info(x.dtype()).scalar_type, " and ", info(t->dtype()).scalar_type);
    }
  }
  if (!is_floating(x.dtype())) not_implemented("\"addmm_impl_cpu_\" not implemented for '", info(x.dtype()).scalar_type, "'");
  int64_t rows = 0, last = h.size(0);
  for (const int64_t n : batch) {
    if (n < 0 || n > last) runtime_error("batch_sizes: expected numbers that do not grow, from at most ", h.size(0), " on, but got ", DimSpan(batch));
    rows += n;
    last = n;
  }
  if (rows != x.size(0)) runtime_error("batch_sizes: expected a sum of ", x.size(0), ", the number of rows, but got ", rows);
}

Tensor as_rows(const Tensor& x) { return x.dim() == 2 ? x : reshape(x, Dims{x.size(0) * x.size(1), x.size(2)}); }

void shape_like(const Tensor& y, const Tensor& x) {
  if (x.dim() == 2) return;
  const Dims sizes{x.size(0), x.size(1), y.size(1)};
  set_geometry(y.impl(), sizes, contiguous_strides(sizes));
}

Tensor sum_of_biases(const Tensor& b_ih, const Tensor& b_hh) {
  if (!b_ih.defined() || !b_hh.defined()) return b_ih.defined() ? contiguous_copy(b_ih) : b_hh.defined() ? contiguous_copy(b_hh) : Tensor();
  return contiguous_copy(b_ih + b_hh);
}

Tensor replace_rows(const Tensor& x, const Tensor& first, int64_t rows) {
  return rows == x.size(0) ? first : cat({first, narrow(x, 0, rows, x.size(0) - rows)}, 0);
}

Tensor join_steps(Tensors parts, bool reverse) {
  if (!reverse) std::reverse(parts.begin(), parts.end());
  return parts.size() == 1 ? parts[0] : cat(parts, int64_t{0});
}

Tensor hidden_before_recorded(const Tensor& y, const Tensor& h, RecurrentSteps steps) {
  Tensors parts;
  Tensor state = h;
  steps.each(false, [&](int64_t first, int64_t rows) {
    parts.push_back(rows_of(state, 0, rows));
    state = replace_rows(state, rows_of(y, first, rows), rows);
  });
  return join_steps(std::move(parts), !steps.reverse);
}

void input_gradients(Grads& d, const Tensor& dsums, const Tensor& x, const Tensor& w_ih, bool shared) {
  if (d.needs(0)) {
    const int64_t sizes[] = {dsums.size(0), w_ih.size(1)};
    const Tensor dx = product(dsums, Form::Matrix, w_ih, Form::Matrix, Form::Matrix, sizes);
    d.set(0, x.dim() == 2 ? dx : reshape(dx, x.sizes()));
  }
  if (d.needs(1)) d.set(1, product(dsums, Form::Transposed, as_rows(x), Form::Matrix, Form::Matrix, w_ih.sizes()));
  const bool second = shared && d.needs(4);
  if (!d.needs(3) && !second) return;
  const Tensor dbias = sum(dsums, Dims{0}, false);
  if (d.needs(3)) d.set(3, dbias);
  if (second) d.set(4, dbias);
}

LayerBackward layer_backward(const Grads& d, const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& h, RecurrentSteps steps) {
  const auto dense = [](const Tensor& t, bool wanted) { return wanted ? as_rows(contiguous_copy(t)) : Tensor(); };
  return {as_rows(contiguous_copy(d.g(0))), contiguous_copy(d.g(1)), as_rows(d.y(0)), dense(x, d.needs(1)), dense(w_ih, d.needs(0)),
          contiguous_copy(w_hh), contiguous_copy(h), steps, {d.needs(0), d.needs(1), d.needs(2), d.needs(3), d.needs(4), d.needs(5)}};
}

void set_gradients(Grads& d, const LayerGradient& r, const Tensor& x) {
  if (d.needs(0)) d.set(0, x.dim() == 2 ? r.x : reshape(r.x, x.sizes()));
  if (d.needs(1)) d.set(1, r.w_ih);
  if (d.needs(2)) d.set(2, r.w_hh);
  if (d.needs(3)) d.set(3, r.b_ih);
  if (d.needs(4)) d.set(4, r.b_hh.defined() ? r.b_hh : r.b_ih);
  if (d.needs(5)) d.set(5, r.h);
}

}  // namespace st
