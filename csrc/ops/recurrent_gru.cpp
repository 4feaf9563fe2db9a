// The layers of GRU (Cho et al. 2014, with PyTorch's place of the reset gate) and of the plain RNN (Elman 1990).
#include "ops/call.h"
#include "ops/recurrent.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// Gradients of the sums (N, 3H) over inputs and over hidden states, and of the first state.
struct GruGradient { Tensor dinput, dhidden, dh; };

GruGradient recorded_gradient(Grads& d, const Tensor& before, const Tensor& w_hh, RecurrentSteps steps) {
  const Tensor work = d.y(2), gy = as_rows(d.g(0));
  const int64_t width = before.size(1);
  GruGradient r{{}, {}, d.g(1)};
  Tensors inputs, hiddens;
  steps.each(true, [&](int64_t first, int64_t rows) {
    const Tensor all = rows_of(work, first, rows), old = rows_of(before, first, rows);
    const Tensor reset = column_block(all, 0, width), z = column_block(all, 1, width), n = column_block(all, 2, width);
    const Tensor inner = column_block(all, 3, width), dh = rows_of(r.dh, 0, rows) + rows_of(gy, first, rows);
    Tensor dn = dh * (1.0 - z), dz = dh * (old - n);
    const Tensor more = d.defined(2) ? rows_of(d.g(2), first, rows) : Tensor();
    if (more.defined()) {
      dn = dn + column_block(more, 2, width);
      dz = dz + column_block(more, 1, width);
    }
    dn = dn * (1.0 - n * n);
    Tensor dreset = dn * inner, dinner = dn * reset;
    if (more.defined()) {
      dreset = dreset + column_block(more, 0, width);
      dinner = dinner + column_block(more, 3, width);
    }
    dreset = dreset * reset * (1.0 - reset);
    dz = dz * z * (1.0 - z);
    inputs.push_back(cat({dreset, dz, dn}, 1));
    hiddens.push_back(cat({dreset, dz, dinner}, 1));
    r.dh = replace_rows(r.dh, dh * z + matmul(hiddens.back(), w_hh), rows);
  });
  r.dinput = join_steps(std::move(inputs), steps.reverse);
  r.dhidden = join_steps(std::move(hiddens), steps.reverse);
  return r;
}

constexpr uint8_t kAlways = X2 | X3 | Y;

struct GruLayer {
  static constexpr OpInfo info{.sig = "_gru_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh, Tensor hx, "
                                      "int[] batch_sizes, bool reverse) -> (Tensor, Tensor, Tensor)",
                               .doc = "One layer of a GRU in one direction over rows: results, last states, gates and the hidden part of the new state.",
                               .saves = {X1 | kAlways, X0 | kAlways, kAlways, kAlways, kAlways, kAlways},
                               .where = 0,
                               .grad_name = "StackBackward0"};
  using Out = std::tuple<Tensor, Tensor, Tensor>;
  static Out fwd(const Tensor& input, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh, const Tensor& h, const Dims& batch,
                 bool reverse) {
    const Tensor x = as_rows(input);
    for (const Tensor* bias : {&b_ih, &b_hh}) check_layer(x, w_ih, w_hh, *bias, h, 3, h.size(1), batch);
    const auto dense = [](const Tensor& t) { return t.defined() ? contiguous_copy(t) : t; };
    GruOut r = gru_forward(dense(x), dense(w_ih), dense(w_hh), dense(b_ih), dense(b_hh), dense(h), {batch, reverse});
    shape_like(r.y, input);
    return {std::move(r.y), std::move(r.h), std::move(r.work)};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor&, const Tensor&, const Tensor& h, const Dims& batch,
                  bool reverse) {
    const RecurrentSteps steps{batch, reverse};
    if (!d.create_graph() && !d.defined(2)) return set_gradients(d, gru_backward(layer_backward(d, x, w_ih, w_hh, h, steps), d.y(2)), x);
    const Tensor before = hidden_before_recorded(as_rows(d.y(0)), h, steps);
    const GruGradient r = recorded_gradient(d, before, w_hh, steps);
    input_gradients(d, r.dinput, x, w_ih, false);
    if (d.needs(2)) d.set(2, product(r.dhidden, Form::Transposed, before, Form::Matrix, Form::Matrix, w_hh.sizes()));
    if (d.needs(4)) d.set(4, sum(r.dhidden, Dims{0}, false));
    if (d.needs(5)) d.set(5, r.dh);
  }
};

struct RnnGradient { Tensor dsums, dh; };

RnnGradient recorded_gradient(Grads& d, const Tensor& w_hh, bool relu, RecurrentSteps steps) {
  const Tensor y = as_rows(d.y(0)), gy = as_rows(d.g(0));
  RnnGradient r{{}, d.g(1)};
  Tensors sums;
  steps.each(true, [&](int64_t first, int64_t rows) {
    const Tensor dh = rows_of(r.dh, 0, rows) + rows_of(gy, first, rows), out = rows_of(y, first, rows);
    sums.push_back(relu ? dh * (out > 0.0) : dh * (1.0 - out * out));
    r.dh = replace_rows(r.dh, matmul(sums.back(), w_hh), rows);
  });
  r.dsums = join_steps(std::move(sums), steps.reverse);
  return r;
}

struct RnnLayer {
  static constexpr OpInfo info{.sig = "_rnn_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh, Tensor hx, int[] batch_sizes, "
                                      "bool reverse, bool relu) -> (Tensor, Tensor)",
                               .doc = "One layer of a plain recurrent net in one direction over rows: results, last states.",
                               .saves = {X1 | kAlways, X0 | kAlways, kAlways, kAlways, kAlways, kAlways},
                               .where = 0,
                               .grad_name = "StackBackward0"};
  static std::tuple<Tensor, Tensor> fwd(const Tensor& input, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh, const Tensor& h,
                                        const Dims& batch, bool reverse, bool relu) {
    const Tensor x = as_rows(input);
    for (const Tensor* bias : {&b_ih, &b_hh}) check_layer(x, w_ih, w_hh, *bias, h, 1, h.size(1), batch);
    RnnOut r = rnn_forward(contiguous_copy(x), contiguous_copy(w_ih), contiguous_copy(w_hh), sum_of_biases(b_ih, b_hh),
                           contiguous_copy(h), relu, {batch, reverse});
    shape_like(r.y, input);
    return {std::move(r.y), std::move(r.h)};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor&, const Tensor&, const Tensor& h, const Dims& batch,
                  bool reverse, bool relu) {
    const RecurrentSteps steps{batch, reverse};
    if (!d.create_graph()) return set_gradients(d, rnn_backward(layer_backward(d, x, w_ih, w_hh, h, steps), relu), x);
    const RnnGradient r = recorded_gradient(d, w_hh, relu, steps);
    input_gradients(d, r.dsums, x, w_ih, true);
    if (d.needs(2)) {
      const Tensor before = hidden_before_recorded(as_rows(d.y(0)), h, steps);
      d.set(2, product(r.dsums, Form::Transposed, before, Form::Matrix, Form::Matrix, w_hh.sizes()));
    }
    if (d.needs(5)) d.set(5, r.dh);
  }
};

struct GruCellLayer : GruLayer {
  static constexpr OpInfo info = renamed(GruLayer::info, "_gru_cell_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, "
                                         "Tensor? bias_hh, Tensor hx, int[] batch_sizes, bool reverse) -> (Tensor, Tensor, Tensor)", "AddBackward0");
};
template <bool kRelu>
struct RnnCellLayer : RnnLayer {
  static constexpr OpInfo info =
      renamed(RnnLayer::info, kRelu ? "_rnn_relu_cell_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh, Tensor hx, int[] batch_sizes, "
                                      "bool reverse, bool relu) -> (Tensor, Tensor)"
                                    : "_rnn_tanh_cell_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh, Tensor hx, int[] batch_sizes, "
                                      "bool reverse, bool relu) -> (Tensor, Tensor)",
              kRelu ? "ReluBackward0" : "TanhBackward0");
};

const Register<GruLayer, GruCellLayer, RnnLayer, RnnCellLayer<false>, RnnCellLayer<true>> registered;

template <class Op>
LayerOut call_gru(const Tensor& x, const LayerWeights& w, const Tensor& h, const Dims& batch, bool reverse) {
  auto out = call_op<Op>(x, w.w_ih, w.w_hh, w.b_ih, w.b_hh, h, batch, reverse);
  return {std::move(std::get<0>(out)), std::move(std::get<1>(out)), {}};
}
template <class Op>
LayerOut call_rnn(const Tensor& x, const LayerWeights& w, const Tensor& h, const Dims& batch, bool reverse, bool relu) {
  auto out = call_op<Op>(x, w.w_ih, w.w_hh, w.b_ih, w.b_hh, h, batch, reverse, relu);
  return {std::move(std::get<0>(out)), std::move(std::get<1>(out)), {}};
}

}  // namespace

LayerOut gru_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Dims& batch, bool reverse) {
  return call_gru<GruLayer>(x, w, h, batch, reverse);
}
Tensor gru_cell_layer(const Tensor& x, const LayerWeights& w, const Tensor& h) { return call_gru<GruCellLayer>(x, w, h, Dims{x.size(0)}, false).y; }

LayerOut rnn_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Dims& batch, bool reverse, bool relu) {
  return call_rnn<RnnLayer>(x, w, h, batch, reverse, relu);
}
Tensor rnn_cell_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, bool relu) {
  const Dims batch{x.size(0)};
  return (relu ? call_rnn<RnnCellLayer<true>>(x, w, h, batch, false, true) : call_rnn<RnnCellLayer<false>>(x, w, h, batch, false, false)).y;
}

}  // namespace st
