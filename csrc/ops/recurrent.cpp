// lstm, gru, rnn_tanh, rnn_relu and their cells: stacks of layers in one or two directions, over padded or packed batches.
#include "ops/recurrent.h"

#include "ops/call.h"
#include "ops/random.h"

namespace st {
namespace {

enum class Mode { Lstm, Gru, Tanh, Relu };

struct Stack {
  Mode mode;
  bool has_biases, projects;
  int64_t layers;
  double dropout;
  bool train, bidirectional;
  const Tensors& params;

  int64_t per_layer() const { return 2 + (has_biases ? 2 : 0) + projects; }
  int64_t directions() const { return bidirectional ? 2 : 1; }
  LayerWeights weights(int64_t i) const {
    const auto at = [&](int64_t k) { return params[static_cast<size_t>(i * per_layer() + k)]; };
    LayerWeights w{at(0), at(1), {}, {}, {}};
    if (has_biases) w.b_ih = at(2), w.b_hh = at(3);
    if (projects) w.w_hr = at(per_layer() - 1);
    return w;
  }
};

// The half types are computed in float32.
Tensor wide(const Tensor& x) { return x.defined() && is_half(x.dtype()) ? to_dtype(x, Dtype::Float32) : x; }

LayerOut run_layer(const Stack& s, const Tensor& x, LayerWeights w, const Tensor& h, const Tensor& c, const Dims& batch, bool reverse) {
  if (is_half(x.dtype())) {
    for (Tensor* t : {&w.w_ih, &w.w_hh, &w.b_ih, &w.b_hh, &w.w_hr}) *t = wide(*t);
    LayerOut out = run_layer(s, wide(x), std::move(w), wide(h), wide(c), batch, reverse);
    for (Tensor* t : {&out.y, &out.h, &out.c}) if (t->defined()) *t = to_dtype(*t, x.dtype());
    return out;
  }
  switch (s.mode) {
    case Mode::Lstm: return lstm_layer(x, w, h, c, batch, reverse);
    case Mode::Gru: return gru_layer(x, w, h, batch, reverse);
    default: return rnn_layer(x, w, h, batch, reverse, s.mode == Mode::Relu);
  }
}

void check_stack(const Stack& s, const Tensor& x, const Tensor& h, const Tensor& c, int dims) {
  if (x.dim() != dims) runtime_error("input must have ", dims, " dimensions, got ", x.dim());
  const int64_t runs = s.layers * s.directions();
  if (static_cast<int64_t>(s.params.size()) != runs * s.per_layer()) runtime_error("got an incorrect number of RNN parameters");
  for (const Tensor& p : s.params) {
    if (!p.defined() || (p.dim() != 1 && p.dim() != 2)) runtime_error("recurrent layers: expected parameters of one or two dimensions");
  }
  for (int64_t i = 0; i < runs; ++i) {
    const LayerWeights w = s.weights(i);
    if (w.w_ih.dim() != 2 || w.w_hh.dim() != 2 || (w.w_hr.defined() && w.w_hr.dim() != 2)) runtime_error("recurrent layers: expected weights of two dimensions");
  }
  for (const Tensor* t : {&h, &c}) {
    if (!t->defined()) continue;
    if (t->dim() != 3) runtime_error("recurrent layers: expected hidden states of three dimensions, got ", t->dim());
    if (t->size(0) != runs) runtime_error("Expected more hidden states in stacked_rnn");
  }
}

// Results of all layers over x, which has the features last.
struct StackOut { Tensor y, h, c; };
StackOut run_stack(const Stack& s, Tensor x, const Tensor& h0, const Tensor& c0, const Dims& batch) {
  const Tensors h = unbind(h0, 0), c = c0.defined() ? unbind(c0, 0) : Tensors(h.size());
  Tensors last_h, last_c;
  size_t i = 0;
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    Tensors found;
    for (int64_t direction = 0; direction < s.directions(); ++direction, ++i) {
      LayerOut out = run_layer(s, x, s.weights(static_cast<int64_t>(i)), h[i], c[i], batch, direction == 1);
      found.push_back(std::move(out.y));
      last_h.push_back(std::move(out.h));
      last_c.push_back(std::move(out.c));
    }
    x = found.size() == 1 ? found[0] : cat(found, int64_t{-1});
    if (s.train && s.dropout != 0 && layer + 1 < s.layers) x = dropout(x, s.dropout, true);
  }
  return {x, stack(last_h, 0), c0.defined() ? stack(last_c, 0) : Tensor()};
}

StackOut run_padded(const Stack& s, const Tensor& input, const Tensor& h, const Tensor& c, bool batch_first) {
  check_stack(s, input, h, c, 3);
  const Tensor x = batch_first ? transpose(input, 0, 1) : input;
  if (x.size(0) == 0) runtime_error("Expected sequence length to be larger than 0 in RNN");
  if (h.size(1) != x.size(1)) {
    runtime_error("Expected hidden size [", h.size(0), ", ", x.size(1), ", ", h.size(2), "], got ", h.sizes());
  }
  StackOut out = run_stack(s, x, h, c, Dims::filled(static_cast<int>(x.size(0)), x.size(1)));
  if (batch_first) out.y = transpose(out.y, 0, 1);
  return out;
}

StackOut run_packed(const Stack& s, const Tensor& x, const Tensor& batch_sizes, const Tensor& h, const Tensor& c) {
  check_stack(s, x, h, c, 2);
  if (batch_sizes.dim() != 1 || batch_sizes.dtype() != Dtype::Int64 || batch_sizes.numel() == 0) {
    runtime_error("batch_sizes: expected a tensor of int64 of one dimension that is not empty, got ", info(batch_sizes.dtype()).name, " of sizes ",
                  batch_sizes.sizes());
  }
  const Tensor sizes = contiguous_copy(detach(batch_sizes));
  return run_stack(s, x, h, c, Dims(sizes.data<int64_t>(), static_cast<int>(sizes.numel())));
}

void check_states(const Tensors& hx, const char* name) {
  if (hx.size() != 2) runtime_error(name, " expects two hidden states");
}
bool projects(const Tensors& hx) { return hx[0].dim() == 3 && hx[1].dim() == 3 && hx[0].size(2) != hx[1].size(2); }

using Three = std::tuple<Tensor, Tensor, Tensor>;
using Two = std::tuple<Tensor, Tensor>;

struct Lstm : Composite {
  static constexpr OpInfo info{.sig = "lstm(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, "
                                      "bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)",
                               .autocast = Autocast::Lower, .doc = "LSTM layers over input (T, B, F), or (B, T, F) where batch_first; hx are the first hidden and cell states "
                                      "(layers * directions, B, ...), params the weights of nn.LSTM in their order. Returns the results of the last "
                                      "layer for every step, and the last states.",
                               .where = kFunction};
  static Three fwd(const Tensor& x, const Tensors& hx, const Tensors& params, bool biases, int64_t layers, double p, bool train, bool bidirectional,
                   bool batch_first) {
    check_states(hx, "lstm");
    StackOut out = run_padded({Mode::Lstm, biases, projects(hx), layers, p, train, bidirectional, params}, x, hx[0], hx[1], batch_first);
    return {out.y, out.h, out.c};
  }
};
struct LstmPacked : Composite {
  static constexpr OpInfo info{.sig = "lstm(Tensor data, Tensor batch_sizes, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, "
                                      "bool train, bool bidirectional) -> (Tensor, Tensor, Tensor)",
                               .autocast = Autocast::Lower, .doc = "The same over the data and batch_sizes of a PackedSequence.",
                               .where = kFunction};
  static Three fwd(const Tensor& x, const Tensor& sizes, const Tensors& hx, const Tensors& params, bool biases, int64_t layers, double p, bool train,
                   bool bidirectional) {
    check_states(hx, "lstm");
    StackOut out = run_packed({Mode::Lstm, biases, projects(hx), layers, p, train, bidirectional, params}, x, sizes, hx[0], hx[1]);
    return {out.y, out.h, out.c};
  }
};

#define STEEPEST_PADDED(name)                                                                                                                    \
  name "(Tensor input, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first)" \
       " -> (Tensor, Tensor)"
#define STEEPEST_PACKED(name)                                                                                                                    \
  name "(Tensor data, Tensor batch_sizes, Tensor hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional)" \
       " -> (Tensor, Tensor)"

template <Mode kMode>
struct Plain : Composite {
  static constexpr OpInfo info{.sig = kMode == Mode::Gru    ? STEEPEST_PADDED("gru")
                                      : kMode == Mode::Tanh ? STEEPEST_PADDED("rnn_tanh")
                                                            : STEEPEST_PADDED("rnn_relu"),
                               .autocast = kMode == Mode::Gru ? Autocast::None : Autocast::Lower, .doc = "Recurrent layers over input (T, B, F), or (B, T, F) where batch_first; hx is the first state (layers * directions, "
                                      "B, H), params the weights of the module in their order. Returns the results of the last layer for every step, and "
                                      "the last state.",
                               .where = kFunction};
  static Two fwd(const Tensor& x, const Tensor& h, const Tensors& params, bool biases, int64_t layers, double p, bool train, bool bidirectional,
                 bool batch_first) {
    StackOut out = run_padded({kMode, biases, false, layers, p, train, bidirectional, params}, x, h, {}, batch_first);
    return {out.y, out.h};
  }
};
template <Mode kMode>
struct PlainPacked : Composite {
  static constexpr OpInfo info{.sig = kMode == Mode::Gru    ? STEEPEST_PACKED("gru")
                                      : kMode == Mode::Tanh ? STEEPEST_PACKED("rnn_tanh")
                                                            : STEEPEST_PACKED("rnn_relu"),
                               .autocast = kMode == Mode::Gru ? Autocast::None : Autocast::Lower, .doc = "The same over the data and batch_sizes of a PackedSequence.",
                               .where = kFunction};
  static Two fwd(const Tensor& x, const Tensor& sizes, const Tensor& h, const Tensors& params, bool biases, int64_t layers, double p, bool train,
                 bool bidirectional) {
    StackOut out = run_packed({kMode, biases, false, layers, p, train, bidirectional, params}, x, sizes, h, {});
    return {out.y, out.h};
  }
};

// Cells.

void check_cell_input(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, int64_t gates) {
  if (x.dim() != 2 || w_ih.dim() != 2 || w_hh.dim() != 2) runtime_error("recurrent cells: expected an input and weights of two dimensions");
  if (x.size(1) != w_ih.size(1)) runtime_error("input has inconsistent input_size: got ", x.size(1), " expected ", w_ih.size(1));
  const int64_t hidden = w_hh.size(1);
  if (w_ih.size(0) != gates * hidden) {
    runtime_error("weight_ih first dim must be ", gates, " * hidden_size = ", gates * hidden, ", but got ", w_ih.size(0));
  }
  if (w_hh.size(0) != gates * hidden) {
    runtime_error("weight_hh first dim must be ", gates, " * hidden_size = ", gates * hidden, ", but got ", w_hh.size(0));
  }
}
void check_cell_state(const Tensor& x, const Tensor& h, int64_t hidden, int label) {
  if (h.dim() != 2) runtime_error("recurrent cells: expected hidden states of two dimensions, got ", h.dim());
  if (x.size(0) != h.size(0)) runtime_error("Input batch size ", x.size(0), " doesn't match hidden", label, " batch size ", h.size(0));
  if (h.size(1) != hidden) runtime_error("hidden", label, " has inconsistent hidden_size: got ", h.size(1), ", expected ", hidden);
}
LayerWeights cell_weights(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh) {
  if (!is_half(x.dtype())) return {w_ih, w_hh, b_ih, b_hh, {}};
  return {wide(w_ih), wide(w_hh), wide(b_ih), wide(b_hh), {}};
}

struct LstmCell : Composite {
  static constexpr OpInfo info{.sig = "lstm_cell(Tensor input, Tensor[] hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> "
                                      "(Tensor, Tensor)",
                               .doc = "One step of an LSTM: input (B, F), hx the hidden and cell states (B, H); returns the next two.",
                               .where = kFunction};
  static Two fwd(const Tensor& x, const Tensors& hx, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh) {
    check_states(hx, "lstm_cell");
    check_cell_input(x, w_ih, w_hh, 4);
    for (int i = 0; i < 2; ++i) check_cell_state(x, hx[static_cast<size_t>(i)], w_hh.size(1), i);
    LayerOut out = lstm_cell_layer(wide(x), cell_weights(x, w_ih, w_hh, b_ih, b_hh), wide(hx[0]), wide(hx[1]));
    return {to_dtype(out.y, x.dtype()), to_dtype(out.c, x.dtype())};
  }
};

struct GruCell : Composite {
  static constexpr OpInfo info{.sig = "gru_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
                               .doc = "One step of a GRU: input (B, F), hx the hidden state (B, H); returns the next.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& h, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh) {
    check_cell_input(x, w_ih, w_hh, 3);
    check_cell_state(x, h, w_hh.size(1), 0);
    return to_dtype(gru_cell_layer(wide(x), cell_weights(x, w_ih, w_hh, b_ih, b_hh), wide(h)), x.dtype());
  }
};

template <bool kRelu>
struct RnnCell : Composite {
  static constexpr OpInfo info{
      .sig = kRelu ? "rnn_relu_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor"
                   : "rnn_tanh_cell(Tensor input, Tensor hx, Tensor w_ih, Tensor w_hh, Tensor? b_ih=None, Tensor? b_hh=None) -> Tensor",
      .doc = "One step of a plain recurrent net: input (B, F), hx the hidden state (B, H); returns the next.",
      .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& h, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh) {
    check_cell_input(x, w_ih, w_hh, 1);
    check_cell_state(x, h, w_hh.size(1), 0);
    return to_dtype(rnn_cell_layer(wide(x), cell_weights(x, w_ih, w_hh, b_ih, b_hh), wide(h), kRelu), x.dtype());
  }
};

const Register<Lstm, LstmPacked, Plain<Mode::Gru>, PlainPacked<Mode::Gru>, Plain<Mode::Tanh>, PlainPacked<Mode::Tanh>, Plain<Mode::Relu>,
               PlainPacked<Mode::Relu>, LstmCell, GruCell, RnnCell<false>, RnnCell<true>> registered;

}  // namespace
}  // namespace st
