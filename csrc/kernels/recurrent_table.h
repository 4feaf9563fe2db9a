// What recurrent layers ask of the kernels that are compiled once per instruction set: the elementwise part of one time step.
#pragma once

#include <cstdint>

namespace st {

// Rows of `hidden` numbers; the gates of a row lie side by side, in PyTorch's order. State is read and then replaced.
template <class T>
struct LstmStep {
  int64_t rows, hidden;
  T* gates;        // (rows, 4 hidden) i f g o: sums in, activations out
  const T* bias;   // (4 hidden) or null
  T* c;            // state
  T* c_before;     // a copy of c before the step
  T* h;            // out
};
template <class T>
struct LstmBackwardStep {
  int64_t rows, hidden;
  const T* gates;
  const T* c_before;
  const T* dh;
  T* dc;        // gradient of the state after the step in, before the step out
  T* dgates;    // of the sums
  T* h;         // the output again, or null
};

template <class T>
struct GruStep {
  int64_t rows, hidden;
  T* work;          // (rows, 4 hidden): sums of r z n from the input in; activations r z n and the hidden part of n out
  const T* hidden_sums;  // (rows, 3 hidden)
  const T *bias_ih, *bias_hh;  // (3 hidden) or null
  T* h;             // state
  T* y;             // a copy of h after the step
};
template <class T>
struct GruBackwardStep {
  int64_t rows, hidden;
  const T *work, *h_before;
  T* dh;            // gradient of h after the step in; its direct part for h before the step out
  T *dinput, *dhidden;  // (rows, 3 hidden), of the sums
};

template <class T>
struct RecurrentKernels {
  void (*lstm)(const LstmStep<T>&);
  void (*lstm_backward)(const LstmBackwardStep<T>&);
  void (*gru)(const GruStep<T>&);
  void (*gru_backward)(const GruBackwardStep<T>&);
  // y = tanh or relu of y + bias, rows of `hidden`; and dy = gradient of the sums, from that of y.
  void (*rnn)(int64_t rows, int64_t hidden, bool relu, const T* bias, T* y, T* h);
  void (*rnn_backward)(int64_t n, bool relu, const T* y, const T* dh, T* dsums);
  // to (n) += the sum of all rows of x (rows, n).
  void (*add_rows)(int64_t rows, int64_t n, const T* x, T* to);
};

struct RecurrentTable {
  RecurrentKernels<float> f32;
  RecurrentKernels<double> f64;
};

}  // namespace st
