// The steps of recurrent layers: matrix products with the weights packed once, and elementwise kernels between them.
#include "kernels/recurrent.h"

#include <algorithm>
#include <cstring>

#include "kernels/choice.h"
#include "kernels/gemm.h"
#include "kernels/parallel.h"
#include "kernels/recurrent_table.h"
#include "kernels/shared_right.h"

namespace st {

#define X(isa)                                  \
  namespace isa {                               \
  extern const RecurrentTable kRecurrentTable;  \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 4096;  // elements of a step that a thread should get

template <class T>
const RecurrentKernels<T>& kernels() {
  static constexpr const RecurrentTable* kTables[] = {
#define X(isa) &isa::kRecurrentTable,
      STEEPEST_ISAS
#undef X
  };
  static const RecurrentTable& chosen = *kTables[chosen_isa()];
  if constexpr (std::is_same_v<T, float>) return chosen.f32;
  else return chosen.f64;
}

template <class F>
void over_rows(int64_t rows, int64_t hidden, F f) {
  parallel_for(rows, std::max<int64_t>(1, kGrain / std::max<int64_t>(1, hidden)), f);
}

// The weights of the recurrence as the right side of products, for w (n, k) transposed or w (k, n).
template <class T>
SharedRight<T> weights_of(const Tensor& w, bool transposed, int64_t rows) {
  return {w.data<T>(), w.size(1), transposed, w.size(transposed ? 1 : 0), w.size(transposed ? 0 : 1), rows};
}

template <class T>
T* at(const Tensor& t, int64_t row) { return t.defined() ? t.data<T>() + row * t.size(1) : nullptr; }

Tensor copy_of(const Tensor& x) {
  Tensor y = empty(x.sizes(), x.dtype());
  if (x.numel() > 0) std::memcpy(y->data, x->data, static_cast<size_t>(x.numel() * item_size(x.dtype())));
  return y;
}

template <class T>
void add_rows(T* to, const T* from, int64_t n) {
  for (int64_t i = 0; i < n; ++i) to[i] += from[i];
}

// c (N, of rows ldc apart) = x (N, F) @ w^T (F, G)
template <class T>
void input_sums(const Tensor& x, const Tensor& w, T* c, int64_t ldc) {
  gemm<T>(false, true, x.size(0), w.size(0), x.size(1), T(1), x.data<T>(), std::max<int64_t>(1, x.size(1)), w.data<T>(),
          std::max<int64_t>(1, w.size(1)), T(0), c, ldc);
}

}  // namespace

LstmOut lstm_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h0, const Tensor& c0,
                     const Tensor& w_hr, RecurrentSteps steps) {
  const int64_t n = x.size(0), hidden = c0.size(1), out = h0.size(1), batch = h0.size(0);
  LstmOut r{empty(Dims{n, out}, x.dtype()), copy_of(h0), copy_of(c0), empty(Dims{n, 4 * hidden}, x.dtype()), empty(Dims{n, hidden}, x.dtype())};
  visit_float(x.dtype(), [&]<class T>() {
    input_sums<T>(x, w_ih, r.gates.data<T>(), 4 * hidden);
    const SharedRight<T> recurrent = weights_of<T>(w_hh, true, batch);
    const Tensor unprojected = w_hr.defined() ? empty(Dims{batch, hidden}, x.dtype()) : Tensor();
    steps.each(false, [&](int64_t first, int64_t rows) {
      recurrent.multiply(rows, 4 * hidden, T(1), r.h.data<T>(), out, T(1), at<T>(r.gates, first), 4 * hidden);
      T* const y = unprojected.defined() ? unprojected.data<T>() : at<T>(r.y, first);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        kernels<T>().lstm({end - begin, hidden, at<T>(r.gates, first + begin), bias.defined() ? bias.data<T>() : nullptr, at<T>(r.c, begin),
                           at<T>(r.cells, first + begin), y + begin * hidden});
      });
      if (unprojected.defined()) input_sums<T>(alias(unprojected, Dims{rows, hidden}, Dims{hidden, 1}, 0), w_hr, at<T>(r.y, first), out);
      std::memcpy(r.h->data, at<T>(r.y, first), static_cast<size_t>(rows * out) * sizeof(T));
    });
  });
  return r;
}

LstmGradient lstm_backward(const Tensor& gy, const Tensor& gh, const Tensor& gc, const Tensor& gates, const Tensor& cells, const Tensor& w_hh,
                           const Tensor& w_hr, RecurrentSteps steps) {
  const int64_t out = gy.size(1), hidden = cells.size(1), batch = gh.size(0);
  LstmGradient r{empty(gates.sizes(), gy.dtype()), copy_of(gh), copy_of(gc), {}, {}};
  Tensor dhidden = r.dh;
  if (w_hr.defined()) {
    r.dprojected = empty(gy.sizes(), gy.dtype());
    r.hidden = empty(cells.sizes(), gy.dtype());
    dhidden = empty(Dims{batch, hidden}, gy.dtype());
  }
  visit_float(gy.dtype(), [&]<class T>() {
    const SharedRight<T> recurrent = weights_of<T>(w_hh, false, batch);
    steps.each(true, [&](int64_t first, int64_t rows) {
      add_rows(r.dh.data<T>(), at<T>(gy, first), rows * out);
      if (w_hr.defined()) {
        std::memcpy(at<T>(r.dprojected, first), r.dh->data, static_cast<size_t>(rows * out) * sizeof(T));
        gemm<T>(false, false, rows, hidden, out, T(1), r.dh.data<T>(), out, w_hr.data<T>(), hidden, T(0), dhidden.data<T>(), hidden);
      }
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        kernels<T>().lstm_backward({end - begin, hidden, at<T>(gates, first + begin), at<T>(cells, first + begin), at<T>(dhidden, begin),
                                    at<T>(r.dc, begin), at<T>(r.dsums, first + begin), at<T>(r.hidden, first + begin)});
      });
      recurrent.multiply(rows, out, T(1), at<T>(r.dsums, first), 4 * hidden, T(0), r.dh.data<T>(), out);
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
    input_sums<T>(x, w_ih, r.work.data<T>(), 4 * hidden);
    const SharedRight<T> recurrent = weights_of<T>(w_hh, true, batch);
    const T *const bi = b_ih.defined() ? b_ih.data<T>() : nullptr, *const bh = b_hh.defined() ? b_hh.data<T>() : nullptr;
    steps.each(false, [&](int64_t first, int64_t rows) {
      recurrent.multiply(rows, 3 * hidden, T(1), r.h.data<T>(), hidden, T(0), sums.data<T>(), 3 * hidden);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        kernels<T>().gru({end - begin, hidden, at<T>(r.work, first + begin), at<T>(sums, begin), bi, bh, at<T>(r.h, begin), at<T>(r.y, first + begin)});
      });
    });
  });
  return r;
}

GruGradient gru_backward(const Tensor& gy, const Tensor& gh, const Tensor& work, const Tensor& before, const Tensor& w_hh, RecurrentSteps steps) {
  const int64_t n = gy.size(0), hidden = gy.size(1), batch = gh.size(0);
  GruGradient r{empty(Dims{n, 3 * hidden}, gy.dtype()), empty(Dims{n, 3 * hidden}, gy.dtype()), copy_of(gh)};
  visit_float(gy.dtype(), [&]<class T>() {
    const SharedRight<T> recurrent = weights_of<T>(w_hh, false, batch);
    steps.each(true, [&](int64_t first, int64_t rows) {
      add_rows(r.dh.data<T>(), at<T>(gy, first), rows * hidden);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        const int64_t row = first + begin;
        kernels<T>().gru_backward({end - begin, hidden, at<T>(work, row), at<T>(before, row), at<T>(r.dh, begin), at<T>(r.dinput, row),
                                   at<T>(r.dhidden, row)});
      });
      recurrent.multiply(rows, hidden, T(1), at<T>(r.dhidden, first), 3 * hidden, T(1), r.dh.data<T>(), hidden);
    });
  });
  return r;
}

RnnOut rnn_forward(const Tensor& x, const Tensor& w_ih, const Tensor& w_hh, const Tensor& bias, const Tensor& h0, bool relu, RecurrentSteps steps) {
  const int64_t n = x.size(0), hidden = h0.size(1);
  RnnOut r{empty(Dims{n, hidden}, x.dtype()), copy_of(h0)};
  visit_float(x.dtype(), [&]<class T>() {
    input_sums<T>(x, w_ih, r.y.data<T>(), hidden);
    const SharedRight<T> recurrent = weights_of<T>(w_hh, true, h0.size(0));
    steps.each(false, [&](int64_t first, int64_t rows) {
      recurrent.multiply(rows, hidden, T(1), r.h.data<T>(), hidden, T(1), at<T>(r.y, first), hidden);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        kernels<T>().rnn(end - begin, hidden, relu, bias.defined() ? bias.data<T>() : nullptr, at<T>(r.y, first + begin), at<T>(r.h, begin));
      });
    });
  });
  return r;
}

RnnGradient rnn_backward(const Tensor& gy, const Tensor& gh, const Tensor& y, const Tensor& w_hh, bool relu, RecurrentSteps steps) {
  const int64_t hidden = gy.size(1);
  RnnGradient r{empty(gy.sizes(), gy.dtype()), copy_of(gh)};
  visit_float(gy.dtype(), [&]<class T>() {
    const SharedRight<T> recurrent = weights_of<T>(w_hh, false, gh.size(0));
    steps.each(true, [&](int64_t first, int64_t rows) {
      add_rows(r.dh.data<T>(), at<T>(gy, first), rows * hidden);
      over_rows(rows, hidden, [&](int64_t begin, int64_t end) {
        kernels<T>().rnn_backward((end - begin) * hidden, relu, at<T>(y, first + begin), at<T>(r.dh, begin), at<T>(r.dsums, first + begin));
      });
      recurrent.multiply(rows, hidden, T(1), at<T>(r.dsums, first), hidden, T(0), r.dh.data<T>(), hidden);
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
