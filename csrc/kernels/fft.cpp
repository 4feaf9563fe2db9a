// Fourier transforms of tensors: which lines there are, in which way they are transformed, and what threads share.
#include "kernels/fft.h"

#include <algorithm>
#include <cstring>

#include "core/allocator.h"
#include "kernels/fft_line.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {
namespace {

constexpr int64_t kGrain = 4096;  // elements

// Scratch of one thread.
template <class T>
class Scratch {
 public:
  explicit Scratch(int64_t count) : bytes_(static_cast<size_t>(std::max<int64_t>(count, 1)) * sizeof(T)), p_(allocate_bytes(bytes_)) {}
  ~Scratch() { release_bytes(p_, bytes_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  T* get() const { return static_cast<T*>(p_); }

 private:
  size_t bytes_;
  void* p_;
};

// Where the lines of one dimension are: (outer, n, inner), the last two of them dense; the pitch counts real elements.
struct Lines {
  int64_t outer, inner, pitch;
};
bool find_lines(const Tensor& x, int64_t dim, Lines& lines) {
  int64_t dense = 1;
  for (int64_t d = x.dim() - 1; d >= dim; --d) {
    if (x.size(d) != 1 && x.stride(d) != dense) return false;
    if (d == dim) lines.inner = dense;
    dense *= x.size(d);
  }
  lines.outer = 1;
  lines.pitch = dense;
  for (int64_t d = dim - 1; d >= 0; --d) {
    if (x.size(d) == 1) continue;
    if (lines.outer == 1) lines.pitch = x.stride(d);
    else if (x.stride(d) != lines.outer * lines.pitch) return false;
    lines.outer *= x.size(d);
  }
  if (is_complex(x.dtype())) lines.pitch *= 2;
  return true;
}
// x, or a copy of it, whose lines can be told.
Tensor with_lines(const Tensor& x, int64_t dim, Lines& lines) {
  if (find_lines(x, dim, lines)) return x;
  const Tensor copy = contiguous_copy(x);
  find_lines(copy, dim, lines);
  return copy;
}

template <class T>
struct Transform {
  FftKind kind;
  bool inverse;
  int64_t n;
  T scale;
  std::shared_ptr<const FftPlan<T>> plan;      // of complex lines
  std::shared_ptr<const FftRealPlan<T>> real;  // of the others

  Transform(FftKind kind, bool inverse, int64_t n, double scale) : kind(kind), inverse(inverse), n(n), scale(static_cast<T>(scale)) {
    if (kind != FftKind::kComplex) real = fft_real_plan<T>(n);
    plan = kind == FftKind::kComplex ? fft_plan<T>(n) : real->complex;
  }

  // Real elements of a line, before and after.
  int64_t size_from() const { return kind == FftKind::kRealToComplex ? n : kind == FftKind::kComplex ? 2 * n : 2 * (n / 2 + 1); }
  int64_t size_to() const { return kind == FftKind::kComplexToReal ? n : kind == FftKind::kComplex ? 2 * n : 2 * (n / 2 + 1); }

  void run(const T* from, const Lines& source, T* to, const Lines& result) const {
    if (source.inner == 1 && plan->split_for(source.outer)) return by_lines(from, source, to, result);
    if (source.inner > 1 && !plan->in_lanes()) return by_copies(from, source, to, result);
    const int64_t width = fft_kernels<T>().width, side = source.inner == 1 ? source.outer : source.inner;
    const int64_t across = (side + width - 1) / width, tiles = source.inner == 1 ? across : source.outer * across;
    parallel_items(tiles, n * width, kGrain, [&](int64_t begin, int64_t end) {
      const Scratch<T> work(4 * width * (plan->n + 1));
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i % across * width;
        const int64_t before = source.inner == 1 ? first * source.pitch : i / across * source.pitch + first * (kind == FftKind::kRealToComplex ? 1 : 2);
        const int64_t after = source.inner == 1 ? first * result.pitch : i / across * result.pitch + first * (kind == FftKind::kComplexToReal ? 1 : 2);
        fft_kernels<T>().tile(FftTile<T>{.lanes = &plan->lanes, .turns = real ? real->turns.data() : nullptr, .from = from + before, .to = to + after,
                                         .work = work.get(), .n = n, .turn_count = real ? real->turn_count : 0, .from_pitch = source.pitch,
                                         .to_pitch = result.pitch, .inner = source.inner, .lines = static_cast<int>(std::min(width, side - first)),
                                         .kind = kind, .inverse = inverse, .scale = scale});
      }
    });
  }

 private:
  int64_t scratch_size() const { return real ? line_scratch(*real) : line_scratch(*plan); }
  void line(const T* from, T* to, T* scratch) const {
    if (kind == FftKind::kComplex) complex_line(*plan, from, to, inverse, scale, scratch);
    else if (kind == FftKind::kRealToComplex) real_to_complex_line(*real, from, to, scale, scratch);
    else complex_to_real_line(*real, from, to, scale, scratch);
  }
  void by_lines(const T* from, const Lines& source, T* to, const Lines& result) const {
    // A line of n / 2 + 1 complex numbers begins anywhere in a cache line, which no hardware foresees.
    constexpr int64_t kLine = 64 / sizeof(T), kMostAhead = 4096;
    const bool ahead = kind != FftKind::kComplex && n <= kMostAhead;
    parallel_items(source.outer, n, kGrain, [&](int64_t begin, int64_t end) {
      const Scratch<T> scratch(scratch_size());
      for (int64_t i = begin; i < end; ++i) {
        if (ahead && i + 1 < end) {
          for (int64_t e = 0; e < n; e += kLine) {
            __builtin_prefetch(from + (i + 1) * source.pitch + e);
            __builtin_prefetch(to + (i + 1) * result.pitch + e, 1);
          }
        }
        line(from + i * source.pitch, to + i * result.pitch, scratch.get());
      }
    });
  }
  // Long lines side by side, each gathered and scattered.
  void by_copies(const T* from, const Lines& source, T* to, const Lines& result) const {
    const int64_t inner = source.inner, parts_from = kind == FftKind::kRealToComplex ? 1 : 2, parts_to = kind == FftKind::kComplexToReal ? 1 : 2;
    parallel_items(source.outer * inner, n, kGrain, [&](int64_t begin, int64_t end) {
      const int64_t before = (size_from() + 15) / 16 * 16, after = (size_to() + 15) / 16 * 16;
      const Scratch<T> scratch(before + after + scratch_size());
      T *const x = scratch.get(), *const y = x + before, *const rest = y + after;
      for (int64_t i = begin; i < end; ++i) {
        const T* p = from + i / inner * source.pitch + i % inner * parts_from;
        for (int64_t e = 0; e < size_from() / parts_from; ++e, p += inner * parts_from) std::memcpy(x + e * parts_from, p, parts_from * sizeof(T));
        line(x, y, rest);
        T* q = to + i / inner * result.pitch + i % inner * parts_to;
        for (int64_t e = 0; e < size_to() / parts_to; ++e, q += inner * parts_to) std::memcpy(q, y + e * parts_to, parts_to * sizeof(T));
      }
    });
  }
};

template <class T>
void transform_dim(FftKind kind, bool inverse, int64_t n, double scale, const Tensor& x, const Tensor& y, int64_t dim) {
  Lines source, result;
  const Tensor from = with_lines(x, dim, source);
  find_lines(y, dim, result);
  Transform<T>(kind, inverse, n, scale).run(from.data<T>(), source, y.data<T>(), result);
}

// Along each of dims in place, but where `x` is not yet y.
template <class T>
void transform_complex(Tensor x, const Tensor& y, const Dims& dims, int count, bool inverse, double scale) {
  for (int i = count - 1; i >= 0; --i, x = y) transform_dim<T>(FftKind::kComplex, inverse, y.size(dims[i]), i == 0 ? scale : 1, x, y, dims[i]);
}

// Of lines whose first n / 2 + 1 elements are there, the others.
template <class T>
void add_mirror(const Tensor& y, int64_t dim) {
  Lines lines;
  find_lines(y, dim, lines);
  const int64_t n = y.size(dim), step = 2 * lines.inner;
  parallel_items(lines.outer, n * lines.inner, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t o = begin; o < end; ++o) {
      T* const line = y.data<T>() + o * lines.pitch;
      for (int64_t k = n / 2 + 1; k < n; ++k) {
        const T* from = line + (n - k) * step;
        T* to = line + k * step;
        for (int64_t i = 0; i < step; i += 2) {
          to[i] = from[i];
          to[i + 1] = -from[i + 1];
        }
      }
    }
  });
}

}  // namespace

Tensor fourier_complex(const Tensor& x, const Dims& dims, bool forward, double scale) {
  const Tensor y = empty(x.sizes(), x.dtype());
  if (y.numel() == 0) return y;
  const auto run = [&]<class T>() { transform_complex<T>(x, y, dims, dims.size(), !forward, scale); };
  x.dtype() == Dtype::Complex64 ? run.template operator()<float>() : run.template operator()<double>();
  return y;
}

Tensor fourier_of_real(const Tensor& x, const Dims& dims, bool onesided, double scale) {
  const int64_t last = dims.back(), n = x.size(last);
  Dims sizes = x.sizes();
  if (onesided) sizes[last] = n / 2 + 1;
  const Tensor y = empty(sizes, x.dtype() == Dtype::Float32 ? Dtype::Complex64 : Dtype::Complex128);
  if (y.numel() == 0 || n == 0) return y;
  visit_float(x.dtype(), [&]<class T>() {
    transform_dim<T>(FftKind::kRealToComplex, false, n, dims.size() == 1 ? scale : 1, x, y, last);
    if (!onesided) add_mirror<T>(y, last);
    transform_complex<T>(y, y, dims, dims.size() - 1, false, scale);
  });
  return y;
}

Tensor fourier_to_real(const Tensor& x, const Dims& dims, int64_t last, double scale) {
  const int64_t dim = dims.back();
  Dims sizes = x.sizes();
  sizes[dim] = last / 2 + 1;
  const Tensor half = alias(x, sizes, x.strides(), x.offset());
  sizes[dim] = last;
  const Tensor y = empty(sizes, x.dtype() == Dtype::Complex64 ? Dtype::Float32 : Dtype::Float64);
  if (y.numel() == 0) return y;
  visit_float(y.dtype(), [&]<class T>() {
    Tensor z = half;
    if (dims.size() > 1) {
      z = empty(half.sizes(), x.dtype());
      transform_complex<T>(half, z, dims, dims.size() - 1, true, 1);
    }
    transform_dim<T>(FftKind::kComplexToReal, true, last, scale, z, y, dim);
  });
  return y;
}

}  // namespace st
