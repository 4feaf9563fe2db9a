// Walking several tensors of one shape together, innermost row by innermost row, whatever their strides.
#pragma once
#include <algorithm>
#include <array>

#include "core/dims.h"
#include "kernels/parallel.h"

namespace st {

// K operands over the same sizes; strides in elements. Dimensions of size 1 are dropped, and neighbours joined where every operand
// allows it, so that contiguous operands become one row.
template <int K>
class Rows {
 public:
  Rows(DimSpan sizes, const std::array<DimSpan, K>& strides) {
    for (size_t d = 0; d < sizes.size(); ++d) {
      if (sizes[d] == 1) continue;
      bool joins = !sizes_.empty();
      for (int k = 0; k < K && joins; ++k) joins = strides_[k].back() == strides[k][d] * sizes[d];
      if (joins) {
        sizes_.back() *= sizes[d];
        for (int k = 0; k < K; ++k) strides_[k].back() = strides[k][d];
      } else {
        sizes_.push_back(sizes[d]);
        for (int k = 0; k < K; ++k) strides_[k].push_back(strides[k][d]);
      }
    }
    if (sizes_.empty()) {
      sizes_.push_back(1);
      for (Dims& s : strides_) s.push_back(0);
    }
    for (int d = 0; d < sizes_.size() - 1; ++d) count_ *= sizes_[d];
  }

  int64_t count() const { return count_; }
  int64_t length() const { return sizes_.back(); }
  int64_t step(int k) const { return strides_[k].back(); }  // within a row
  // Whether rows of operand k that differ lie apart, as far as its strides tell.
  bool apart(int k) const { return std::find(strides_[k].begin(), strides_[k].end() - 1, 0) == strides_[k].end() - 1; }

  // f(offset of the row's first element in each operand) for the rows [begin, end).
  template <class F>
  void run(int64_t begin, int64_t end, F f) const {
    if (length() == 0 || begin >= end) return;
    const int outer = sizes_.size() - 1;
    Dims at = Dims::filled(outer, 0);
    std::array<int64_t, K> offset{};
    int64_t rest = begin;
    for (int d = outer - 1; d >= 0; --d) {
      at[d] = rest % sizes_[d];
      rest /= sizes_[d];
      for (int k = 0; k < K; ++k) offset[k] += at[d] * strides_[k][d];
    }
    for (int64_t r = begin;;) {
      f(offset);
      if (++r == end) return;
      int d = outer - 1;
      for (; at[d] + 1 == sizes_[d]; --d) {
        for (int k = 0; k < K; ++k) offset[k] -= at[d] * strides_[k][d];
        at[d] = 0;
      }
      ++at[d];
      for (int k = 0; k < K; ++k) offset[k] += strides_[k][d];
    }
  }
  template <class F>
  void run(F f) const { run(0, count_, f); }

  // f(offset of a row's first element in each operand, length): threads share the rows, or parts of the only one, of about `grain` elements.
  template <class F>
  void share(int64_t grain, F f) const {
    if (count_ == 1) return share_within(grain, f);
    parallel_items(count_, length(), grain, [&](int64_t begin, int64_t end) {
      run(begin, end, [&](const std::array<int64_t, K>& offset) { f(offset, length()); });
    });
  }
  // The same where every row is cut up, at the same places.
  template <class F>
  void share_within(int64_t grain, F f) const {
    parallel_for(length(), std::max<int64_t>(kLine, grain / std::max<int64_t>(1, count_)), [&](int64_t begin, int64_t end) {
      run([&](std::array<int64_t, K> offset) {
        for (int k = 0; k < K; ++k) offset[k] += begin * step(k);
        f(offset, end - begin);
      });
    });
  }

 private:
  static constexpr int64_t kLine = 16;  // less would share cache lines between threads
  Dims sizes_;
  std::array<Dims, K> strides_;
  int64_t count_ = 1;
};

}  // namespace st
