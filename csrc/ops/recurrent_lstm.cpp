// The LSTM layer (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000), with projections (Sak et al. 2014).
#include "ops/call.h"
#include "ops/recurrent.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

// Gradients of the sums of the gates (N, 4H) and of the states before the first step. Where there is w_hr: dprojected (N, P), that of
// the projections, and hidden (N, H), what was projected.
struct LstmGradient { Tensor dsums, dh, dc, dprojected, hidden; };

// Gradients made of recorded ops: for second derivatives, and where a gradient of the gates or cells has come from one.
LstmGradient recorded_gradient(Grads& d, const Tensor& w_hh, const Tensor& w_hr, RecurrentSteps steps) {
  const Tensor gates = d.y(3), cells = d.y(4), gy = as_rows(d.g(0));
  const int64_t width = cells.size(1);
  LstmGradient r{{}, d.g(1), d.g(2), {}, {}};
  Tensors sums, projected, hidden;
  steps.each(true, [&](int64_t first, int64_t rows) {
    const Tensor all = rows_of(gates, first, rows), before = rows_of(cells, first, rows);
    const Tensor i = column_block(all, 0, width), f = column_block(all, 1, width), g = column_block(all, 2, width), o = column_block(all, 3, width);
    Tensor dh = rows_of(r.dh, 0, rows) + rows_of(gy, first, rows);
    const Tensor t = tanh(f * before + i * g);
    if (w_hr.defined()) {
      projected.push_back(dh);
      hidden.push_back(o * t);
      dh = matmul(dh, w_hr);
    }
    const Tensor dc = rows_of(r.dc, 0, rows) + dh * o * (1.0 - t * t);
    Tensor di = dc * g, df = dc * before, dg = dc * i, dout = dh * t, dbefore = dc * f;
    if (d.defined(3)) {
      const Tensor more = rows_of(d.g(3), first, rows);
      di = di + column_block(more, 0, width);
      df = df + column_block(more, 1, width);
      dg = dg + column_block(more, 2, width);
      dout = dout + column_block(more, 3, width);
    }
    if (d.defined(4)) dbefore = dbefore + rows_of(d.g(4), first, rows);
    sums.push_back(cat({di * i * (1.0 - i), df * f * (1.0 - f), dg * (1.0 - g * g), dout * o * (1.0 - o)}, 1));
    r.dc = replace_rows(r.dc, dbefore, rows);
    r.dh = replace_rows(r.dh, matmul(sums.back(), w_hh), rows);
  });
  r.dsums = join_steps(std::move(sums), steps.reverse);
  if (w_hr.defined()) {
    r.dprojected = join_steps(std::move(projected), steps.reverse);
    r.hidden = join_steps(std::move(hidden), steps.reverse);
  }
  return r;
}

struct LstmLayer {
  static constexpr OpInfo info{.sig = "_lstm_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh, Tensor hx, Tensor cx, "
                                      "Tensor? weight_hr, int[] batch_sizes, bool reverse) -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
                               .doc = "One layer of an LSTM in one direction over rows: results, last states, gates, cells before each step.",
                               .saves = {X1 | X2 | X3 | Y, X0 | X2 | X3 | Y, X2 | X3 | Y, X2 | X3 | Y, X2 | X3 | Y, X2 | X3 | Y},
                               .where = 0,
                               .grad_name = "MkldnnRnnLayerBackward0"};
  using Out = std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor>;
  static Out fwd(const Tensor& input, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh, const Tensor& h, const Tensor& c,
                 const Tensor& w_hr, const Dims& batch, bool reverse) {
    const Tensor x = as_rows(input);
    for (const Tensor* bias : {&b_ih, &b_hh}) check_layer(x, w_ih, w_hh, *bias, h, 4, c.size(1), batch);
    if (c.size(0) != h.size(0)) runtime_error("Expected hidden[0] and hidden[1] of one batch size, got ", h.size(0), " and ", c.size(0));
    if (c.dtype() != x.dtype()) runtime_error("expected the dtype of the cell state to be ", st::info(x.dtype()).scalar_type, ", but got ", st::info(c.dtype()).scalar_type);
    if (w_hr.defined() ? w_hr.size(0) != h.size(1) || w_hr.size(1) != c.size(1) : h.size(1) != c.size(1)) {
      runtime_error("recurrent layer: hidden states ", h.sizes(), " do not fit cell states ", c.sizes());
    }
    LstmOut r = lstm_forward(contiguous_copy(x), contiguous_copy(w_ih), contiguous_copy(w_hh), sum_of_biases(b_ih, b_hh),
                             contiguous_copy(h), contiguous_copy(c), w_hr.defined() ? contiguous_copy(w_hr) : w_hr, {batch, reverse});
    shape_like(r.y, input);
    return {std::move(r.y), std::move(r.h), std::move(r.c), std::move(r.gates), std::move(r.cells)};
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor&, const Tensor&, const Tensor& h, const Tensor&,
                  const Tensor& w_hr, const Dims& batch, bool reverse) {
    const RecurrentSteps steps{batch, reverse};
    LstmGradient r;
    if (d.create_graph() || d.defined(3) || d.defined(4)) {
      r = recorded_gradient(d, w_hh, w_hr, steps);
      input_gradients(d, r.dsums, x, w_ih, true);
      if (d.needs(2)) {
        const Tensor before = hidden_before_recorded(as_rows(d.y(0)), h, steps);
        d.set(2, product(r.dsums, Form::Transposed, before, Form::Matrix, Form::Matrix, w_hh.sizes()));
      }
      if (d.needs(5)) d.set(5, r.dh);
    } else {
      const LayerGradient found = lstm_backward(layer_backward(d, x, w_ih, w_hh, h, steps), contiguous_copy(d.g(2)), d.y(3), d.y(4),
                                                w_hr.defined() ? contiguous_copy(w_hr) : w_hr);
      set_gradients(d, found, x);
      r = {{}, {}, found.c, found.projected, found.hidden};
    }
    if (d.needs(6)) d.set(6, r.dc);
    if (d.needs(7)) d.set(7, product(r.dprojected, Form::Transposed, r.hidden, Form::Matrix, Form::Matrix, w_hr.sizes()));
  }
};

struct LstmCellLayer : LstmLayer {
  static constexpr OpInfo info = renamed(LstmLayer::info, "_lstm_cell_layer(Tensor input, Tensor weight_ih, Tensor weight_hh, Tensor? bias_ih, Tensor? bias_hh, Tensor hx, "
                                         "Tensor cx, Tensor? weight_hr, int[] batch_sizes, bool reverse) -> (Tensor, Tensor, Tensor, Tensor, Tensor)",
                                         "MulBackward0");
};

const Register<LstmLayer, LstmCellLayer> registered;

template <class Op>
LayerOut call(const Tensor& x, const LayerWeights& w, const Tensor& h, const Tensor& c, const Dims& batch, bool reverse) {
  auto out = call_op<Op>(x, w.w_ih, w.w_hh, w.b_ih, w.b_hh, h, c, w.w_hr, batch, reverse);
  return {std::move(std::get<0>(out)), std::move(std::get<1>(out)), std::move(std::get<2>(out))};
}

}  // namespace

LayerOut lstm_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Tensor& c, const Dims& batch, bool reverse) {
  return call<LstmLayer>(x, w, h, c, batch, reverse);
}
LayerOut lstm_cell_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Tensor& c) {
  return call<LstmCellLayer>(x, w, h, c, Dims{x.size(0)}, false);
}

}  // namespace st
