// One layer of a recurrent net in one direction, as a function of recorded ops; and what the layers' records share.
#pragma once
#include "kernels/recurrent.h"
#include "ops/functions.h"
#include "ops/product.h"

namespace st {

// x (N, F) holds the rows of Note [Rows of a sequence], or is (T, B, F), which is the same memory; the results are of its kind. `batch`
// and `reverse` are those of RecurrentSteps. The names of the nodes, which programs print, are PyTorch's: a cell's is that of its last op.
struct LayerWeights {
  Tensor w_ih, w_hh, b_ih, b_hh, w_hr;  // biases and w_hr may be undefined
};
// The results: y (N, P), and the last states (B, ...); all but the LSTM's have no c.
struct LayerOut { Tensor y, h, c; };
LayerOut lstm_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Tensor& c, const Dims& batch, bool reverse);
LayerOut gru_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Dims& batch, bool reverse);
LayerOut rnn_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Dims& batch, bool reverse, bool relu);
LayerOut lstm_cell_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, const Tensor& c);
Tensor gru_cell_layer(const Tensor& x, const LayerWeights& w, const Tensor& h);
Tensor rnn_cell_layer(const Tensor& x, const LayerWeights& w, const Tensor& h, bool relu);

// x (T, B, F) or (N, F) as (N, F), and a result (N, P) in x's dimensions, where it is fresh.
Tensor as_rows(const Tensor& x);
void shape_like(const Tensor& y, const Tensor& x);
Tensor sum_of_biases(const Tensor& b_ih, const Tensor& b_hh);  // not recorded

// Sizes and types of x (N, F), w_ih (G, F), w_hh (G, P), h (B, P) and a bias, for G = gates * hidden.
void check_layer(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h, int64_t gates, int64_t hidden,
                 const Dims& batch);

// hidden_before() of recorded ops.
Tensor hidden_before_recorded(const Tensor& y, const Tensor& h, RecurrentSteps steps);

// The first `rows` rows of x replaced by `first`.
Tensor replace_rows(const Tensor& x, const Tensor& first, int64_t rows);
inline Tensor rows_of(const Tensor& x, int64_t first, int64_t rows) { return first == 0 && rows == x.size(0) ? x : narrow(x, 0, first, rows); }
inline Tensor column_block(const Tensor& x, int64_t i, int64_t width) { return narrow(x, 1, i * width, width); }
// The parts that the steps gave, last step first, as rows in the order of time.
Tensor join_steps(Tensors parts, bool reverse);

class Grads;
// Gradients of x, w_ih and the biases (inputs 3 and 4 where they share one) from that of the sums (N, G), in recorded ops.
void input_gradients(Grads& d, const Tensor& dsums, const Tensor& x, const Tensor& w_ih, bool shared);

// The same layer for the kernels, and the gradients that they found as those of inputs 0 to 5.
LayerBackward layer_backward(const Grads& d, const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& h, RecurrentSteps steps);
void set_gradients(Grads& d, const LayerGradient& r, const Tensor& x);

}  // namespace st
