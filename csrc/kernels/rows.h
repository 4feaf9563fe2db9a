// Walking several tensors of one shape together, innermost row by innermost row, whatever their strides.
#pragma once
#include <array>

#include "core/dims.h"

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

 private:
  Dims sizes_;
  std::array<Dims, K> strides_;
  int64_t count_ = 1;
};

}  // namespace st
