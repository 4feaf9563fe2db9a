// The steps of recurrent layers: matrix products with the weights packed once, and elementwise kernels between them.
#include "kernels/recurrent.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "kernels/choice.h"
#include "kernels/parallel.h"
#include "kernels/recurrent_sums.h"

namespace st {

#define X(isa)                                  \
  namespace isa {                               \
  extern const RecurrentTable kRecurrentTable;  \
  }
STEEPEST_ISAS
#undef X

template <class T>
const RecurrentKernels<T>& recurrent_kernels() {
  static constexpr const RecurrentTable* kTables[] = {
#define X(isa) &isa::kRecurrentTable,
      STEEPEST_ISAS
#undef X
  };
  static const RecurrentTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

namespace {

constexpr int64_t kGrain = 1024;  // elements of a step that a thread should get

template <class F>
void over_rows(int64_t rows, int64_t hidden, F f) {
  parallel_items(rows, hidden, kGrain, f);
}

Tensor copy_of(const Tensor& x) {
  Tensor y = empty(x.sizes(), x.dtype());
  if (x.numel() > 0) std::memcpy(y->data, x->data, static_cast<size_t>(x.numel() * item_size(x.dtype())));
  return y;
}

// Backward through the steps: step(first, rows, dh) takes the gradient of the rows' hidden state after the step, (rows, P), and leaves
// the gradients of their sums in `sums`, whose part over the state is multiplied by w_hh to the gradient before the step. `direct`
// says that this is added to what the step has left in dh.
template <class T, class Step>
void back_through(const LayerBackward& b, SumGradients<T>& sums, int64_t width, bool direct, LayerGradient& r, Step step) {
  const int64_t out = b.gy.size(1);
  r.h = copy_of(b.gh);
  T* const dh = r.h.data<T>();
  const SharedRight<T> recurrent(b.w_hh.data<T>(), out, false, width, out, b.h.size(0));
  int64_t left = b.gy.size(0);
  b.steps.each(true, [&](int64_t first, int64_t rows) {
    recurrent_kernels<T>().add_rows(1, rows * out, rows_at<T>(b.gy, first), dh);
    sums.begin(first, rows);
    step(first, rows, dh);
    left -= rows;
    if (left > 0 || b.wants.h) recurrent.multiply(rows, out, T(1), sums.hidden(first), width, direct ? T(1) : T(0), dh, out);
  });
  sums.finish();
  if (!b.wants.h) r.h = Tensor();
}

}  // namespace

LstmOut lstm_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h0, const Tensor& c0,
                     const Tensor& w_hr, RecurrentSteps steps) {
  const int64_t n = x.size(0), hidden = c0.size(1), out = h0.size(1), batch = h0.size(0);
  LstmOut r{empty(Dims{n, out}, x.dtype()), copy_of(h0), copy_of(c0), empty(Dims{n, 4 * hidden}, x.dtype()), empty(Dims{n, hidden}, x.dtype())};
  visit_float(x.dtype(), [&]<class T>() {
    InputSums<T> inputs(x, w_ih, steps.reverse, r.gates.data<T>(), 4 * hidden);
    const SharedRight<T> recurrent = transposed_weights<T>(w_hh, batch);
    const Tensor unprojected = w_hr.defined() ? empty(Dims{batch, hidden}, x.dtype()) : Tensor();
    const std::optional<SharedRight<T>> project = w_hr.defined() ? std::optional(transposed_weights<T>(w_hr, batch)) : std::nullopt;
    steps.each(false, [&](int64_t first, int64_t rows) {
      inputs.ready(first, rows);
      recurrent.multiply(rows, 4 * hidden, T(1), r.h.data<T>(), out, T(1), rows_at<T>(r.gates, first), 4 * hidden);
      T* const y = project ? unprojected.data<T>() : rows_at<T>(r.y, first);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        recurrent_kernels<T>().lstm({end - begin, hidden, rows_at<T>(r.gates, first + begin), bias.defined() ? bias.data<T>() : nullptr,
                                     rows_at<T>(r.c, begin), rows_at<T>(r.cells, first + begin), y + begin * hidden});
      });
      if (project) project->multiply(rows, out, T(1), y, hidden, T(0), rows_at<T>(r.y, first), out);
      std::memcpy(r.h->data, rows_at<T>(r.y, first), static_cast<size_t>(rows * out) * sizeof(T));
    });
  });
  return r;
}

LayerGradient lstm_backward(const LayerBackward& b, const Tensor& gc, const Tensor& gates, const Tensor& cells, const Tensor& w_hr) {
  const int64_t out = b.gy.size(1), hidden = cells.size(1);
  LayerGradient r;
  r.c = copy_of(gc);
  if (w_hr.defined()) {
    r.projected = empty(b.gy.sizes(), gc.dtype());
    r.hidden = empty(cells.sizes(), gc.dtype());
  }
  visit_float(gc.dtype(), [&]<class T>() {
    SumGradients<T> sums(b, 4 * hidden, false, r);
    const Tensor through = w_hr.defined() ? empty(Dims{b.h.size(0), hidden}, gc.dtype()) : Tensor();
    back_through<T>(b, sums, 4 * hidden, false, r, [&](int64_t first, int64_t rows, T* dh) {
      if (w_hr.defined()) {
        std::memcpy(rows_at<T>(r.projected, first), dh, static_cast<size_t>(rows * out) * sizeof(T));
        gemm<T>(false, false, rows, hidden, out, T(1), dh, out, w_hr.data<T>(), hidden, T(0), through.data<T>(), hidden);
        dh = through.data<T>();
      }
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        recurrent_kernels<T>().lstm_backward({end - begin, hidden, rows_at<T>(gates, first + begin), rows_at<T>(cells, first + begin), dh + begin * hidden,
                                              rows_at<T>(r.c, begin), sums.input(first + begin), rows_at<T>(r.hidden, first + begin)});
      });
    });
  });
  return r;
}

GruOut gru_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& b_ih, const Tensor& b_hh, const Tensor& h0,
                   RecurrentSteps steps) {
  const int64_t n = x.size(0), hidden = h0.size(1), batch = h0.size(0);
  GruOut r{empty(Dims{n, hidden}, x.dtype()), copy_of(h0), empty(Dims{n, 4 * hidden}, x.dtype())};
  const Tensor sums = empty(Dims{batch, 3 * hidden}, x.dtype());
  visit_float(x.dtype(), [&]<class T>() {
    InputSums<T> inputs(x, w_ih, steps.reverse, r.work.data<T>(), 4 * hidden);
    const SharedRight<T> recurrent = transposed_weights<T>(w_hh, batch);
    const T *const bi = b_ih.defined() ? b_ih.data<T>() : nullptr, *const bh = b_hh.defined() ? b_hh.data<T>() : nullptr;
    steps.each(false, [&](int64_t first, int64_t rows) {
      inputs.ready(first, rows);
      recurrent.multiply(rows, 3 * hidden, T(1), r.h.data<T>(), hidden, T(0), sums.data<T>(), 3 * hidden);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        recurrent_kernels<T>().gru({end - begin, hidden, rows_at<T>(r.work, first + begin), rows_at<T>(sums, begin), bi, bh, rows_at<T>(r.h, begin),
                                    rows_at<T>(r.y, first + begin)});
      });
    });
  });
  return r;
}

LayerGradient gru_backward(const LayerBackward& b, const Tensor& work) {
  const int64_t hidden = b.gy.size(1);
  LayerGradient r;
  visit_float(work.dtype(), [&]<class T>() {
    SumGradients<T> sums(b, 3 * hidden, true, r);
    back_through<T>(b, sums, 3 * hidden, true, r, [&](int64_t first, int64_t rows, T* dh) {
      const T* const before = sums.before().of_step(first, rows);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        recurrent_kernels<T>().gru_backward({end - begin, hidden, rows_at<T>(work, first + begin), before + begin * hidden, dh + begin * hidden,
                                             sums.input(first + begin), sums.hidden(first + begin)});
      });
    });
  });
  return r;
}

RnnOut rnn_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h0, bool relu, RecurrentSteps steps) {
  const int64_t n = x.size(0), hidden = h0.size(1);
  RnnOut r{empty(Dims{n, hidden}, x.dtype()), copy_of(h0)};
  visit_float(x.dtype(), [&]<class T>() {
    InputSums<T> inputs(x, w_ih, steps.reverse, r.y.data<T>(), hidden);
    const SharedRight<T> recurrent = transposed_weights<T>(w_hh, h0.size(0));
    steps.each(false, [&](int64_t first, int64_t rows) {
      inputs.ready(first, rows);
      recurrent.multiply(rows, hidden, T(1), r.h.data<T>(), hidden, T(1), rows_at<T>(r.y, first), hidden);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        recurrent_kernels<T>().rnn(end - begin, hidden, relu, bias.defined() ? bias.data<T>() : nullptr, rows_at<T>(r.y, first + begin),
                                   rows_at<T>(r.h, begin));
      });
    });
  });
  return r;
}

LayerGradient rnn_backward(const LayerBackward& b, bool relu) {
  const int64_t hidden = b.gy.size(1);
  LayerGradient r;
  visit_float(b.y.dtype(), [&]<class T>() {
    SumGradients<T> sums(b, hidden, false, r);
    back_through<T>(b, sums, hidden, false, r, [&](int64_t first, int64_t rows, T* dh) {
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        recurrent_kernels<T>().rnn_backward((end - begin) * hidden, relu, rows_at<T>(b.y, first + begin), dh + begin * hidden, sums.input(first + begin));
      });
    });
  });
  return r;
}

Tensor hidden_before(const Tensor& y, const Tensor& h, RecurrentSteps steps) {
  const int64_t row = h.size(1) * item_size(h.dtype());
  const Tensor before = empty(y.sizes(), y.dtype()), state = copy_of(h);
  steps.each(false, [&](int64_t first, int64_t rows) {
    std::memcpy(before->data + first * row, state->data, static_cast<size_t>(rows * row));
    std::memcpy(state->data, y->data + first * row, static_cast<size_t>(rows * row));
  });
  return before;
}

}  // namespace st
