// One layer of an LSTM, GRU or RNN in one direction, over contiguous float32 or float64 tensors.
#pragma once
#include "core/tensor.h"

namespace st {

// Note [Rows of a sequence]
// A batch of B sequences is a matrix of rows (N, features), time step after time step; batch[t] says how many sequences have a
// step t, and never grows with t. Sequence b is row b of each step that it has. A padded batch (T, B, features) is the case in which
// all are B. The state has B rows, of which a step reads and replaces the first batch[t]: so, in both directions, what is there after
// the last step is the final state of each sequence, however long it was.
struct RecurrentSteps {
  DimSpan batch;
  bool reverse;
  // f(first row, rows) for each step in the order of the recurrence, or against it.
  template <class F>
  void each(bool backward, F f) const {
    const auto n = static_cast<int64_t>(batch.size());
    if (reverse == backward) {
      for (int64_t t = 0, at = 0; t < n; at += batch[t++]) f(at, batch[t]);
    } else {
      int64_t at = 0;
      for (const int64_t rows : batch) at += rows;
      for (int64_t t = n - 1; t >= 0; --t) f(at -= batch[t], batch[t]);
    }
  }
};

// x (N, F), w_ih (G, F), w_hh (G, P), h (B, P); an undefined bias is none.

// What backward needs of every layer: the gradients of its results y and of the last hidden state, its results, and what went in.
// x and w_ih may be undefined where they are not needed for what is wanted.
struct LayerBackward {
  Tensor gy, gh, y, x, w_ih, w_hh, h;
  RecurrentSteps steps;
  struct { bool x, w_ih, w_hh, b_ih, b_hh, h; } wants;
};
// Those that are not wanted are undefined, and so is b_hh where it is b_ih's. Only an LSTM has c; where it has w_hr, `projected`
// (N, P) is the gradient of its projections, and `hidden` (N, H) what was projected.
struct LayerGradient { Tensor x, w_ih, w_hh, b_ih, b_hh, h, c, projected, hidden; };

// gates (N, 4H): i f g o after their activations; cells (N, H): c before each step. w_hr (P, H) is undefined where P is H.
struct LstmOut { Tensor y, h, c, gates, cells; };
LstmOut lstm_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h, const Tensor& c,
                     const Tensor& w_hr, RecurrentSteps steps);
LayerGradient lstm_backward(const LayerBackward& b, const Tensor& gc, const Tensor& gates, const Tensor& cells, const Tensor& w_hr);

// work (N, 4H): r z n after their activations, and the hidden part of n.
struct GruOut { Tensor y, h, work; };
GruOut gru_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh, const Tensor& h,
                   RecurrentSteps steps);
LayerGradient gru_backward(const LayerBackward& b, const Tensor& work);

struct RnnOut { Tensor y, h; };
RnnOut rnn_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h, bool relu, RecurrentSteps steps);
LayerGradient rnn_backward(const LayerBackward& b, bool relu);

// (N, P): the hidden state before each step, from the results y and the first state h.
Tensor hidden_before(const Tensor& y, const Tensor& h, RecurrentSteps steps);

}  // namespace st
