// A matrix that many products share as their right side, packed for them once.
#pragma once
#include <algorithm>
#include <cstring>

#include "core/tensor.h"
#include "kernels/gemm.h"
#include "kernels/parallel.h"
#include "kernels/transpose.h"

namespace st {

// B (k, n), cut into panels of columns, each small and contiguous, which the matrix kernels read in place; a product alone would
// pack B every time. Products of a few rows read B where it is.
template <class T>
class SharedRight {
 public:
  // w, of rows `ld` apart, is (n, k) where transposed, otherwise (k, n). `rows` is how many most products have.
  SharedRight(const T* w, int64_t ld, bool transposed, int64_t k, int64_t n, int64_t rows) : k_(k), n_(n), width_(panel_width(n)), transposed_(transposed), direct_(rows < kFewRows) {
    if (!direct_) panels_ = empty(Dims{k * n}, dtype_of<T>);
    set(w, ld);
  }
  // The same for another matrix of these sizes.
  void set(const T* w, int64_t ld) {
    w_ = w;
    ld_ = std::max<int64_t>(1, ld);
    if (direct_ || k_ == 0) return;
    constexpr int64_t kItem = sizeof(T);
    for (int64_t j = 0; j < n_; j += width_) {
      const int64_t width = std::min(width_, n_ - j);
      T* const to = panels_.data<T>() + j * k_;
      if (transposed_) {
        const int64_t to_steps[] = {width * kItem, kItem}, from_steps[] = {kItem, ld_ * kItem}, sizes[] = {k_, width};
        copy_transposed({reinterpret_cast<char*>(to), reinterpret_cast<const char*>(w + j * ld), to_steps, from_steps, sizes, 2, 0, kItem});
      } else {
        for (int64_t p = 0; p < k_; ++p) std::memcpy(to + p * width, w + p * ld + j, static_cast<size_t>(width) * sizeof(T));
      }
    }
  }
  // c (rows, columns), of rows ldc apart, = alpha * a (rows, k) @ the first columns of B + beta * c
  void multiply(int64_t rows, int64_t columns, T alpha, const T* a, int64_t lda, T beta, T* c, int64_t ldc) const {
    lda = std::max<int64_t>(1, lda);
    if (direct_) return gemm<T>(false, transposed_, rows, columns, k_, alpha, a, lda, w_, ld_, beta, c, ldc);
    const int64_t count = (columns + width_ - 1) / width_, each = rows * width_ * k_;
    parallel_items(count, each, kWork, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t j = i * width_, width = std::min(width_, n_ - j);
        gemm<T>(false, false, rows, std::min(width, columns - j), k_, alpha, a, lda, panels_.data<T>() + j * k_, width, beta, c + j, ldc);
      }
    });
  }

 private:
  static constexpr int64_t kPanel = 48, kRegister = 16, kFewRows = 9, kWork = 1 << 18;
  // Panels are as equal as whole registers can be: one that is left over and narrow would be slow.
  static int64_t panel_width(int64_t n) {
    const int64_t panels = std::max<int64_t>(1, (n + kPanel - 1) / kPanel), least = (n + panels - 1) / panels;
    return std::max(kRegister, (least + kRegister - 1) / kRegister * kRegister);
  }
  const T* w_ = nullptr;
  int64_t ld_ = 1, k_, n_, width_;
  bool transposed_, direct_;
  Tensor panels_;
};

}  // namespace st
