// How reductions reach their kernels: the order of the loops, and what threads share.
#include "kernels/reduce.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <vector>

#include "kernels/choice.h"
#include "kernels/convert.h"
#include "kernels/layout.h"
#include "kernels/parallel.h"

namespace st {

#define X(isa)                              \
  namespace isa {                           \
  extern const SumTable kSumTable;          \
  extern const ReduceTable kReduceTable;    \
  extern const ExtremeTable kExtremeTable;  \
  }
STEEPEST_ISAS
#undef X

namespace {

constexpr int64_t kGrain = 16384;  // elements; below, a thread costs more than it brings
constexpr int64_t kFoldBlock = 65536;  // elements whose fold is one factor of the whole, or whose moments are joined
constexpr int64_t kManyColumns = 512;

struct Tables {
  const SumTable& sums;
  const ReduceTable& folds;
  const ExtremeTable& extremes;
};
const Tables& tables() {
  static constexpr Tables kTables[] = {
#define X(isa) {isa::kSumTable, isa::kReduceTable, isa::kExtremeTable},
      STEEPEST_ISAS
#undef X
  };
  static const Tables& chosen = kTables[chosen_isa()];
  return chosen;
}

// f(what sums such terms of elements of that type)
template <class F>
void with_sum_kernels(Dtype d, Term term, F f) {
  const SumTable& sums = tables().sums;
  const int i = static_cast<int>(term);
  if (d == Dtype::Float32) f(sums.f32[i]);
  else if (d == Dtype::Float64) f(sums.f64[i]);
  else if (d == Dtype::Float16) f(sums.f16[i]);
  else if (d == Dtype::BFloat16) f(sums.bf16[i]);
  else no_half(d);
}

ReduceType reduce_type(Dtype d) {
  switch (d) {
    case Dtype::Bool: return kReduceBool;
    case Dtype::UInt8: return kReduceUInt8;
    case Dtype::Int8: return kReduceInt8;
    case Dtype::Int16: return kReduceInt16;
    case Dtype::Int32: return kReduceInt32;
    case Dtype::Int64: return kReduceInt64;
    case Dtype::Float32: return kReduceFloat32;
    case Dtype::Float64: return kReduceFloat64;
    default: no_half(d);
  }
}

FoldFn fold_kernel(Fold op, Dtype d) {
  const ReduceType type = reduce_type(d);
  if (op == Fold::Max || op == Fold::Min) return tables().extremes.folds[op == Fold::Max ? 0 : 1][type];
  return tables().folds.folds[static_cast<int>(op)][type];
}

struct Axis {
  int64_t size, in, out;
  bool reduced;
};

// Reduced dimensions first, from the narrowest stride to the widest, then the kept ones, in the result's order; neighbours that lie
// behind each other are joined. With the kernels' own order this is PyTorch's order of summation.
struct Axes {
  Axis axis[64];
  int n = 0;

  Axes(const Tensor& x, DimMask mask) {
    int64_t step = 1;
    for (int d = x.dim() - 1; d >= 0; --d) {
      const bool reduced = mask >> d & 1;
      const int64_t size = x.size(d);
      if (size != 1) insert({size, x.stride(d), reduced ? 0 : step, reduced});
      if (!reduced) step *= size;
    }
    int last = 0;
    for (int i = 1; i < n; ++i) {
      Axis& a = axis[last];
      const Axis& b = axis[i];
      if (a.reduced == b.reduced && a.in * a.size == b.in && a.out * a.size == b.out) a.size *= b.size;
      else axis[++last] = b;
    }
    n = n ? last + 1 : 0;
  }

 private:
  void insert(const Axis& a) {
    int i = n++;
    for (; i > 0; --i) {
      const Axis& b = axis[i - 1];
      const bool before = a.reduced != b.reduced ? a.reduced : a.reduced ? a.in < b.in : a.out < b.out;
      if (!before) break;
      axis[i] = b;
    }
    axis[i] = a;
  }
};

// Calls fn for axes [begin, n) in a nest, the two innermost by itself.
void run_axes(FoldFn fn, FoldCall call, const Axis* axis, int n, int64_t in_size, int64_t out_size) {
  if (n == 0) return fn(call);
  if (n == 1) {
    call.m = axis[0].size;
    call.column = axis[0].in;
    call.out_step = axis[0].out;
    return fn(call);
  }
  const Axis& a = axis[n - 1];
  for (int64_t i = 0; i < a.size; ++i) {
    run_axes(fn, call, axis, n - 1, in_size, out_size);
    call.in += a.in * in_size;
    call.out += a.out * out_size;
  }
}

// out, contiguous, holds what the fold starts from.
void run_fold(FoldFn fn, const Tensor& out, const Tensor& x, DimMask mask) {
  if (x.numel() == 0) return;
  const Axes axes(x, mask);
  const int64_t in_size = item_size(x.dtype()), out_size = item_size(out.dtype());
  FoldCall call{out->data, x->data, 1, 0, 1, 0, 0};
  int first = 0;
  if (axes.n && axes.axis[0].reduced) {
    call.n = axes.axis[0].size;
    call.step = axes.axis[0].in;
    first = 1;
  }
  const Axis* axis = axes.axis + first;
  const int n = axes.n - first;
  if (n == 0 || x.numel() <= kGrain || axis[n - 1].reduced) return run_axes(fn, call, axis, n, in_size, out_size);
  // Threads share the outermost kept dimension; where that is the kernel's columns, in whole registers, what is left over with the last,
  // and where there are many, in runs of memory that are worth fetching ahead.
  const Axis& shared = axis[n - 1];
  const int64_t unit = n > 1 ? 1 : shared.size < kManyColumns ? 32 : 128, units = std::max<int64_t>(1, shared.size / unit);
  parallel_items(units, x.numel() / shared.size * unit, kGrain, [&](int64_t begin, int64_t end) {
    Axis part[64];
    std::copy(axis, axis + n, part);
    begin *= unit;
    part[n - 1].size = (end == units ? shared.size : end * unit) - begin;
    FoldCall mine = call;
    mine.in += begin * shared.in * in_size;
    mine.out += begin * shared.out * out_size;
    run_axes(fn, mine, part, n, in_size, out_size);
  });
}

// Rows over which columns are folded, shared by threads: each folds rows that lie together, where sharing the columns would cut every
// page of memory. For folds that do not ask for the order of what they fold. Whether it was done: else there is nothing to share.
bool fold_shared_rows(Fold op, FoldFn fn, const Tensor& out, const Tensor& x, DimMask mask, const Scalar& start) {
  if (op != Fold::Max && op != Fold::Min && op != Fold::Any && op != Fold::All) return false;
  if (x.numel() < 2 * kGrain || num_threads() == 1 || in_parallel()) return false;
  const Axes axes(x, mask);
  if (axes.n != 2 || !axes.axis[0].reduced || axes.axis[1].reduced || axes.axis[1].in != 1) return false;
  const int64_t n = axes.axis[0].size, m = axes.axis[1].size, step = axes.axis[0].in;
  const int64_t parts = std::min<int64_t>(num_threads(), x.numel() / kGrain), rows = (n + parts - 1) / parts;
  if (n < m / 16 || rows >= n) return false;
  const Tensor partial = empty(Dims{parts, m}, out.dtype());
  fill_elements(partial, start);
  const int64_t in_size = item_size(x.dtype()), out_size = item_size(out.dtype());
  parallel_for(parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end && i * rows < n; ++i) {
      fn({partial->data + i * m * out_size, x->data + i * rows * step * in_size, std::min(rows, n - i * rows), step, m, 1, 1});
    }
  });
  fold_kernel(op, out.dtype())({out->data, partial->data, parts, m, m, 1, 1});
  return true;
}

// Contiguous; chunks of the cascade are what threads share.
template <class T>
T sum_row(const SumKernels<T>& k, const char* x, const char* y, int64_t item, int64_t n) {
  if (n < 2 * kGrain || num_threads() == 1 || in_parallel()) return k.row(x, y, n, nullptr);
  const int power = cascade_power(n / kChunkLanes<T>);
  const int64_t length = int64_t{kChunkLanes<T>} << (2 * power), count = n / length;
  const std::unique_ptr<void, void (*)(void*)> memory(std::aligned_alloc(128, static_cast<size_t>((count + 1) * 128)), std::free);
  if (!memory) throw std::bad_alloc();
  T* chunks = static_cast<T*>(memory.get());
  parallel_items(count, length, kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) k.chunk(x + i * length * item, y ? y + i * length * item : nullptr, power, chunks + i * kChunkLanes<T>);
  });
  return k.row(x, y, n, chunks);
}

Scalar start_of(Fold op, Dtype d) {
  switch (op) {
    case Fold::Prod:
    case Fold::All: return 1;
    case Fold::Max:
    case Fold::Min:
      return visit_real(d, [&]<class T>() -> Scalar {
        using L = std::numeric_limits<T>;
        if constexpr (std::is_integral_v<T>) return static_cast<int64_t>(op == Fold::Max ? L::lowest() : L::max());
        else return op == Fold::Max ? -L::infinity() : double{L::infinity()};
      });
    default: return 0;
  }
}

Dtype result_type(Fold op, Dtype d) {
  switch (op) {
    case Fold::Any:
    case Fold::All: return Dtype::Bool;
    case Fold::Count:
    case Fold::IntSum: return Dtype::Int64;
    case Fold::Prod: return is_floating(d) ? d : Dtype::Int64;
    default: return d;
  }
}

}  // namespace

void too_many_dims() { runtime_error("only tensors with up to 64 dims are supported"); }

Dims reduced_sizes(DimSpan sizes, DimMask mask, bool keepdim) {
  Dims out;
  for (size_t d = 0; d < sizes.size(); ++d) {
    if (!(mask >> d & 1)) out.push_back(sizes[d]);
    else if (keepdim) out.push_back(1);
  }
  return out;
}

Tensor sum_terms(const Tensor& x, DimMask mask, bool keepdim, Term term) {
  const bool full = mask == all_dims(x.dim());
  const Dtype result = computed_in(x.dtype());
  if (full && x.is_contiguous()) [[likely]] {
    Tensor out = keepdim ? empty(Dims::filled(x.dim(), 1), result) : empty({}, result);
    with_sum_kernels(x.dtype(), term, [&]<class T>(const SumKernels<T>& k) {
      *out.data<T>() = sum_row<T>(k, x->data, nullptr, item_size(x.dtype()), x.numel());
    });
    return out;
  }
  Tensor out = empty(reduced_sizes(x.sizes(), mask, keepdim), result);
  std::fill_n(out->data, out.numel() * item_size(result), 0);
  with_sum_kernels(x.dtype(), term, [&](const auto& k) { run_fold(k.fold, out, x, mask); });
  return out;
}

Tensor sum_squared_differences(const Tensor& x, const Tensor& y) {
  Tensor out = empty({}, x.dtype());
  with_sum_kernels(x.dtype(), Term::SquaredDifference, [&]<class T>(const SumKernels<T>& k) {
    *out.data<T>() = sum_row<T>(k, x->data, y->data, item_size(x.dtype()), x.numel());
  });
  return out;
}

namespace {

// A result for each of the folds, which start from what it holds: all elements of x, block by block, each read from memory once. Blocks
// are of one length, so that a product does not depend on the number of threads.
template <size_t N>
void fold_blocks(const Tensor& x, Dtype type, const Fold (&ops)[N], const Tensor (&outs)[N]) {
  constexpr int64_t kWidened = 4096;  // elements at a time that are not of `type`
  const int64_t n = x.numel(), blocks = (n + kFoldBlock - 1) / kFoldBlock, size = item_size(type), in_size = item_size(x.dtype());
  Tensor partial[N];
  for (size_t k = 0; k < N; ++k) fill_elements(partial[k] = empty(Dims{blocks}, outs[k].dtype()), start_of(ops[k], outs[k].dtype()));
  parallel_for(blocks, 1, [&](int64_t begin, int64_t end) {
    alignas(64) char wide[kWidened * 4];
    const bool converts = x.dtype() != type;
    const int64_t step = converts ? kWidened : N > 1 ? kFoldBlock / 4 : kFoldBlock;  // what the next fold finds in a near cache
    for (int64_t at = begin * kFoldBlock; at < std::min(end * kFoldBlock, n); at += step) {
      const int64_t count = std::min(step, n - at);
      const char* in = x->data + at * in_size;
      if (converts) {
        convert(wide, type, size, in, x.dtype(), in_size, count);
        in = wide;
      }
      for (size_t k = 0; k < N; ++k) {
        fold_kernel(ops[k], type)({partial[k]->data + at / kFoldBlock * item_size(outs[k].dtype()), in, count, 1, 1, 0, 0});
      }
    }
  });
  for (size_t k = 0; k < N; ++k) {
    const Fold join = ops[k] == Fold::Count ? Fold::IntSum : ops[k];
    fold_kernel(join, outs[k].dtype())({outs[k]->data, partial[k]->data, blocks, 1, 1, 0, 0});
  }
}
bool worth_blocks(const Tensor& x, DimMask mask) { return mask == all_dims(x.dim()) && x.numel() >= 2 * kFoldBlock && x.is_contiguous(); }
// Filled with what the fold starts from.
Tensor start_fold(const Tensor& x, Dtype type, DimMask mask, bool keepdim, Fold op) {
  Tensor out = empty(reduced_sizes(x.sizes(), mask, keepdim), result_type(op, type));
  fill_elements(out, start_of(op, out.dtype()));
  return out;
}

}  // namespace

Tensor fold(const Tensor& given, DimMask mask, bool keepdim, Fold op) {
  const Dtype type = computed_in(given.dtype());
  Tensor out = start_fold(given, type, mask, keepdim, op);
  if (worth_blocks(given, mask)) {
    fold_blocks(given, type, {op}, {out});
    return out;
  }
  const Tensor x = given.dtype() == type ? given : cast_copy(given, type);
  const FoldFn fn = fold_kernel(op, type);
  if (!fold_shared_rows(op, fn, out, x, mask, start_of(op, out.dtype()))) run_fold(fn, out, x, mask);
  return out;
}

Extremes fold_extremes(const Tensor& x, DimMask mask, bool keepdim) {
  if (!worth_blocks(x, mask)) return {fold(x, mask, keepdim, Fold::Min), fold(x, mask, keepdim, Fold::Max)};
  const Dtype type = computed_in(x.dtype());
  Extremes out{start_fold(x, type, mask, keepdim, Fold::Min), start_fold(x, type, mask, keepdim, Fold::Max)};
  fold_blocks(x, type, {Fold::Min, Fold::Max}, {out.least, out.largest});
  return out;
}

Extreme extreme(const Tensor& given, int64_t dim, bool keepdim, bool largest) {
  const bool along = given.dim() > 1 && !given.is_contiguous() && given.stride(dim) == 1;  // as a transposed matrix lies
  const Tensor x = contiguous_copy(along ? dim_last(given, dim) : given);
  const Lines l = lines_of(x, along ? x.dim() - 1 : dim);
  const Dims sizes = reduced_sizes(given.sizes(), x.dim() ? DimMask{1} << dim : 0, keepdim);
  Extreme out{empty(sizes, x.dtype()), empty(sizes, Dtype::Int64)};
  const ExtremeFn fn = tables().extremes.places[largest ? 0 : 1][reduce_type(x.dtype())];
  const int64_t item = item_size(x.dtype());
  const auto run = [&](int64_t first, int64_t step, int64_t m, int64_t column, int64_t at) {
    fn({x->data + first * item, l.n, step, m, column, out.values->data + at * item, out.indices.data<int64_t>() + at});
  };
  if (l.inner == 1) {
    parallel_items(l.outer, l.n, kGrain, [&](int64_t begin, int64_t end) { run(begin * l.n, 1, end - begin, l.n, begin); });
  } else {
    for_lines(l, kGrain, [&](int64_t o, int64_t j, int64_t m) { run(o * l.n * l.inner + j, l.inner, m, 1, o * l.inner + j); });
  }
  return out;
}

namespace {

// Of all elements, block after block: the moments of blocks that threads share, joined in their order.
void join_moments(const Tensor& x, MomentsFn fn, const Moments& out) {
  const int64_t n = x.numel(), blocks = (n + kFoldBlock - 1) / kFoldBlock;
  std::vector<double> means(static_cast<size_t>(blocks)), squares(static_cast<size_t>(blocks));
  parallel_for(n, kFoldBlock, [&](int64_t begin, int64_t end) {
    for (; begin < end; begin += kFoldBlock) {
      const auto i = static_cast<size_t>(begin / kFoldBlock);
      fn({x->data + begin * item_size(x.dtype()), std::min(kFoldBlock, end - begin), 1, 1, &means[i], &squares[i]});
    }
  }, Job::Long);
  double mean = 0, square = 0;
  for (int64_t i = 0; i < blocks; ++i) {
    const auto at = static_cast<size_t>(i);
    const double before = static_cast<double>(i * kFoldBlock), more = static_cast<double>(std::min(kFoldBlock, n - i * kFoldBlock));
    const double share = more / (before + more), step = means[at] - mean;
    square += squares[at] + step * step * before * share;
    mean += step * share;
  }
  *out.mean.data<double>() = mean;
  *out.squares.data<double>() = square;
}

}  // namespace

Moments moments(const Tensor& given, DimMask mask, bool keepdim) {
  const Dims sizes = reduced_sizes(given.sizes(), mask, keepdim);
  const std::pair<Tensor, Lines> cut = lines_over(given, mask);
  const Tensor& x = cut.first;
  const Lines& l = cut.second;
  Moments out{l.n, empty(sizes, Dtype::Float64), empty(sizes, Dtype::Float64)};
  const MomentsFn fn = tables().folds.moments[x.dtype() == Dtype::Float32 ? 0 : 1];
  if (l.count() == 1 && l.n >= 2 * kFoldBlock) {
    join_moments(x, fn, out);
    return out;
  }
  for_lines(l, kGrain, [&](int64_t o, int64_t j, int64_t m) {
    const int64_t at = o * l.inner + j;
    fn({x->data + (o * l.n * l.inner + j) * item_size(x.dtype()), l.n, l.inner, m, out.mean.data<double>() + at, out.squares.data<double>() + at});
  });
  return out;
}

}  // namespace st
