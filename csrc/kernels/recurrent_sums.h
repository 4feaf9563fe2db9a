// What recurrent layers compute for the rows of many steps at once, near in time to the steps so that the caches still have them:
// the input's part of the sums of gates, and the gradients of weights, biases and inputs from those of the sums.
#pragma once
#include <algorithm>
#include <optional>

#include "kernels/gemm.h"
#include "kernels/layout.h"
#include "kernels/recurrent.h"
#include "kernels/recurrent_table.h"
#include "kernels/shared_right.h"

namespace st {

template <class T>
const RecurrentKernels<T>& recurrent_kernels();

template <class T>
T* rows_at(const Tensor& t, int64_t row) { return t.defined() ? t.data<T>() + row * t.size(1) : nullptr; }

constexpr int64_t kManyRows = 256;  // as many as a block of a matrix product sums over; steps of more rows stand alone

// The weights (G, K) as the right side of products with `rows` rows of K numbers. Where K is short, products of a few rows would turn
// the weights around every time; the steps are many, so that is done once for all.
constexpr int64_t kShortRow = 64;
template <class T>
SharedRight<T> transposed_weights(const Tensor& w, int64_t rows) {
  return {w.data<T>(), w.size(1), true, w.size(1), w.size(0), w.size(1) < kShortRow ? kManyRows : rows};
}

// c (N, of rows ldc apart) = x (N, F) @ w^T (F, G), by and by: ready(first, rows) makes what a step needs, unless it is there.
template <class T>
class InputSums {
 public:
  InputSums(const Tensor& x, const Tensor& w, bool reverse, T* c, int64_t ldc)
      : x_(x), w_(transposed_weights<T>(w, std::min(kManyRows, x.size(0)))), columns_(w.size(0)), reverse_(reverse), done_(reverse ? x.size(0) : 0), c_(c), ldc_(ldc) {}
  void ready(int64_t first, int64_t rows) {
    if (!reverse_ && first + rows > done_) {
      const int64_t end = std::min(x_.size(0), std::max(first + rows, done_ + kManyRows));
      make(done_, end);
      done_ = end;
    } else if (reverse_ && first < done_) {
      const int64_t begin = std::max<int64_t>(0, std::min(first, done_ - kManyRows));
      make(begin, done_);
      done_ = begin;
    }
  }

 private:
  void make(int64_t begin, int64_t end) {
    w_.multiply(end - begin, columns_, T(1), x_.data<T>() + begin * x_.size(1), x_.size(1), T(0), c_ + begin * ldc_, ldc_);
  }
  const Tensor& x_;
  SharedRight<T> w_;
  int64_t columns_;
  bool reverse_;
  int64_t done_;  // the first row that is not made, or, in reverse, the last that is
  T* c_;
  int64_t ldc_;
};

// The hidden state before each step, (N, P) by rows: in place among the results where all steps have as many rows as the first
// state, otherwise copied out.
template <class T>
class HiddenBefore {
 public:
  HiddenBefore(const LayerBackward& b) : b_(b), batch_(b.h.size(0)) {
    for (const int64_t rows : b.steps.batch) even_ = even_ && rows == batch_;
    if (!even_) copy_ = hidden_before(b.y, b.h, b.steps);
  }
  // f(first, rows, states) for parts of the rows, one after the other; the rows of one step are in one part.
  template <class F>
  void each(int64_t first, int64_t rows, F f) const {
    if (rows == 0) return;
    if (!even_) return f(first, rows, rows_at<T>(copy_, first));
    const int64_t start = b_.steps.reverse ? b_.y.size(0) - batch_ : 0, end = first + rows;
    if (b_.steps.reverse) {
      if (first < start) f(first, std::min(end, start) - first, rows_at<T>(b_.y, first + batch_));
      if (end > start) f(start, batch_, rows_at<T>(b_.h, 0));
    } else {
      if (first == 0) f(0, batch_, rows_at<T>(b_.h, 0));
      const int64_t from = std::max(first, batch_);
      if (from < end) f(from, end - from, rows_at<T>(b_.y, from - batch_));
    }
  }
  const T* of_step(int64_t first, int64_t rows) const {
    const T* found = nullptr;
    each(first, rows, [&](int64_t, int64_t, const T* states) { found = states; });
    return found;
  }

 private:
  const LayerBackward& b_;
  int64_t batch_;
  bool even_ = true;
  Tensor copy_;
};

// Takes the gradients of the sums, step by step, and makes of those of many rows the gradients that are wanted.
template <class T>
class SumGradients {
 public:
  // `width` sums a row; those over the input and those over the state differ where `differ`.
  SumGradients(const LayerBackward& b, int64_t width, bool differ, LayerGradient& out)
      : b_(b), before_(b), out_(out), width_(width), rows_(b.y.size(0)), room_(std::max(kManyRows, b.h.size(0))),
        input_(empty(Dims{room_, width}, b.y.dtype())), hidden_(differ ? empty(Dims{room_, width}, b.y.dtype()) : input_) {
    const Dtype dtype = b.y.dtype();
    if (b.wants.x) out.x = empty(Dims{rows_, b.w_ih.size(1)}, dtype);
    if (b.wants.w_ih) out.w_ih = empty(Dims{width, b.x.size(1)}, dtype);
    if (b.wants.w_hh) out.w_hh = empty(b.w_hh.sizes(), dtype);
    if (b.wants.b_ih || (b.wants.b_hh && !differ)) out.b_ih = empty(Dims{width}, dtype);
    if (b.wants.b_hh && differ) out.b_hh = empty(Dims{width}, dtype);
    for (const Tensor* bias : {&out.b_ih, &out.b_hh}) if (bias->defined()) fill_elements(*bias, Scalar(0));
    if (rows_ > 0) return;
    for (const Tensor* weight : {&out.w_ih, &out.w_hh}) if (weight->defined()) fill_elements(*weight, Scalar(0));
  }

  // Where the step's rows go.
  void begin(int64_t first, int64_t rows) {
    if (first < base_ || first + rows > base_ + room_) finish();
    if (low_ == high_) {
      base_ = b_.steps.reverse ? first : first + rows - room_;
      low_ = first;
      high_ = first + rows;
    }
    low_ = std::min(low_, first);
    high_ = std::max(high_, first + rows);
  }
  T* input(int64_t row) const { return rows_at<T>(input_, row - base_); }
  T* hidden(int64_t row) const { return rows_at<T>(hidden_, row - base_); }
  const HiddenBefore<T>& before() const { return before_; }

  // What was taken since the last time.
  void finish() {
    const int64_t rows = high_ - low_;
    if (rows == 0) return;
    const T* const sums = input(low_);
    if (b_.wants.x) {
      const int64_t n = b_.w_ih.size(1);
      gemm<T>(false, false, rows, n, width_, T(1), sums, width_, b_.w_ih.data<T>(), n, T(0), rows_at<T>(out_.x, low_), n);
    }
    if (b_.wants.w_ih) add(sums, rows, rows_at<T>(b_.x, low_), out_.w_ih, has_input_);
    if (b_.wants.w_hh) {
      before_.each(low_, rows, [&](int64_t first, int64_t count, const T* states) { add(hidden(first), count, states, out_.w_hh, has_hidden_); });
    }
    const auto add_rows = recurrent_kernels<T>().add_rows;
    if (out_.b_ih.defined()) add_rows(rows, width_, sums, out_.b_ih.data<T>());
    if (out_.b_hh.defined()) add_rows(rows, width_, hidden(low_), out_.b_hh.data<T>());
    low_ = high_;
  }

 private:
  // to (width, n) = sums^T @ rows + what is there
  void add(const T* sums, int64_t rows, const T* x, const Tensor& to, bool& more) {
    const int64_t n = std::max<int64_t>(1, to.size(1));
    gemm<T>(true, false, width_, to.size(1), rows, T(1), sums, width_, x, n, more ? T(1) : T(0), to.data<T>(), n);
    more = true;
  }
  const LayerBackward& b_;
  HiddenBefore<T> before_;
  LayerGradient& out_;
  int64_t width_, rows_, room_;
  Tensor input_, hidden_;
  int64_t base_ = 0, low_ = 0, high_ = 0;  // the row of the sequence that comes first in the memory; the rows that are there
  bool has_input_ = false, has_hidden_ = false;
};

}  // namespace st
