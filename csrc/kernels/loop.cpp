// The elementwise loop. Its operands are read as one row-major sequence of elements, cut into tiles.
#include "kernels/loop.h"

#include <algorithm>
#include <cstring>

#include "kernels/convert.h"
#include "kernels/parallel.h"
#include "kernels/transpose.h"

namespace st {
namespace {

constexpr int64_t kTileElements = 512;
constexpr int64_t kRepeatedElements = 2048;
constexpr int64_t kLongRow = 256;  // elements; such rows of an operand are worth tiles of their own, in which it is read where it is
constexpr int64_t kGrain = 8192;
constexpr int64_t kWorthTurning = 1024;
constexpr int kMaxDims = 64;

// How an operand is fetched for the elements [at, at + n) of the sequence.
struct Plan {
  enum Mode : uint8_t { Absent, Direct, Repeat, Gather } mode = Absent;
  char* data = nullptr;
  Dtype dtype = Dtype::Float32;
  int64_t item = 0;
  int ndim = 0;
  int64_t sizes[kMaxDims];
  int64_t strides[kMaxDims];  // in bytes, 0 where broadcast
};

// Drops dimensions of size 1 and joins those that lie behind each other in memory.
void plan_strided(Plan& p, const LoopOperand& op, DimSpan sizes) {
  const int shift = static_cast<int>(sizes.size()) - op.ndim;
  p.ndim = 0;
  for (int i = 0; i < static_cast<int>(sizes.size()); ++i) {
    if (sizes[i] == 1) continue;
    const int64_t stride = i < shift || op.sizes[i - shift] == 1 ? 0 : op.strides[i - shift] * p.item;
    if (p.ndim > 0 && p.strides[p.ndim - 1] == stride * sizes[i]) {
      p.sizes[p.ndim - 1] *= sizes[i];
      p.strides[p.ndim - 1] = stride;
    } else {
      p.sizes[p.ndim] = sizes[i];
      p.strides[p.ndim] = stride;
      ++p.ndim;
    }
  }
}

void make_plan(Plan& p, const LoopOperand& op, DimSpan sizes, int64_t numel, Dtype type) {
  if (!op.data) return;
  p.data = op.data;
  p.dtype = op.dtype;
  p.item = item_size(op.dtype);
  if (op.numel == 1) {
    p.mode = Plan::Repeat;
  } else if (op.contiguous && op.numel == numel) {
    p.mode = op.dtype == type ? Plan::Direct : Plan::Gather;
    p.ndim = 1;
    p.sizes[0] = numel;
    p.strides[0] = p.item;
  } else {
    p.mode = Plan::Gather;
    plan_strided(p, op, sizes);
    if (op.dtype == type && p.ndim == 1 && p.strides[0] == p.item) p.mode = Plan::Direct;
  }
}

// Rows of an operand that is dense in another dimension would miss the cache at each element: it is turned first, whole, by tiles.
// The memory it then lies in is returned.
Tensor turn_to_rows(Plan& p, int64_t numel) {
  const int last = p.ndim - 1;
  if (p.mode != Plan::Gather || numel < kWorthTurning || last < 1 || p.strides[last] == p.item || p.item > 8) return {};
  int k = -1;
  int64_t to[kMaxDims], step = p.item;
  for (int d = last; d >= 0; --d) {
    if (p.strides[d] == 0) return {};  // broadcast: smaller than what it would become
    if (p.strides[d] == p.item) k = d;
    to[d] = step;
    step *= p.sizes[d];
  }
  if (k < 0) return {};
  Tensor rows = empty(Dims{numel}, p.dtype);
  copy_transposed({rows->data, p.data, to, p.strides, p.sizes, p.ndim, k, p.item});
  p.data = rows->data;
  p.ndim = 1;
  p.sizes[0] = numel;
  p.strides[0] = p.item;
  return rows;
}

// How many elements from element `at` on lie in its row.
int64_t row_left(const Plan& p, int64_t at) { return p.sizes[p.ndim - 1] - at % p.sizes[p.ndim - 1]; }

// Short rows that come again and again, as a bias does: elements [0, block) are one row of `length` repeated.
struct RepeatedRow {
  int64_t length = 0, block = 0;
  RepeatedRow() = default;
  explicit RepeatedRow(const Plan& p) {
    const int last = p.ndim - 1;
    if (last < 1 || p.strides[last] != p.item || p.strides[last - 1] != 0 || p.sizes[last] >= kLongRow) return;
    length = p.sizes[last];
    block = length * p.sizes[last - 1];
  }
  // How many elements from element `at` on are whole rows of one block, and not more than a tile.
  int64_t left(int64_t at) const {
    const int64_t first = length - at % length;
    return std::min(first + (kTileElements - first) / length * length, block - at % block);
  }
};

// Where element `at` of a strided operand is.
char* place(const Plan& p, int64_t at) {
  char* base = p.data;
  for (int d = p.ndim - 1; d >= 0; --d) {
    base += at % p.sizes[d] * p.strides[d];
    at /= p.sizes[d];
  }
  return base;
}

// Walks the elements [at, at + n) of a strided operand run by run; f(memory, stride in bytes, first, count).
template <class F>
void walk(const Plan& p, int64_t at, int64_t n, F f) {
  int64_t index[kMaxDims];
  int64_t rest = at;
  char* base = p.data;
  for (int d = p.ndim - 1; d >= 0; --d) {
    index[d] = rest % p.sizes[d];
    rest /= p.sizes[d];
    base += index[d] * p.strides[d];
  }
  const int last = p.ndim - 1;
  for (int64_t done = 0; done < n;) {
    const int64_t run = std::min(p.sizes[last] - index[last], n - done);
    f(base, p.strides[last], done, run);
    done += run;
    if (done == n) return;
    base += run * p.strides[last];
    index[last] += run;
    for (int d = last; d > 0 && index[d] == p.sizes[d]; --d) {
      base += p.strides[d - 1] - p.sizes[d] * p.strides[d];
      index[d] = 0;
      ++index[d - 1];
    }
  }
}

struct Loop {
  TileFn tile;
  const double* params;
  Dtype type, out_type;
  int n_in;
  int64_t item, out_item;
  Plan out;
  Plan in[kMaxOperands];

  // Of an operand whose buffer holds one element, or one row from `phase` on, again and again.
  struct Repeated {
    const char* from = nullptr;
    int64_t count = 0, phase = 0;
    bool holds(const char* wanted, int64_t n, int64_t at) const { return from == wanted && count >= n && phase == at; }
  };

  static bool in_one_row(const Plan& p, int64_t at, int64_t n) { return p.strides[p.ndim - 1] == p.item && (p.ndim == 1 || row_left(p, at) >= n); }

  int64_t long_rows_left(int64_t at) const {
    int64_t n = kTileElements;
    const auto shorten = [&](const Plan& p) {
      if (p.mode != Plan::Gather || p.ndim < 2) return;
      if (p.sizes[p.ndim - 1] >= kLongRow) n = std::min(n, row_left(p, at));
      else if (const RepeatedRow row(p); row.block >= kLongRow) n = std::min(n, row.left(at));
    };
    shorten(out);
    for (int i = 0; i < n_in; ++i) shorten(in[i]);
    return n;
  }

  // The elements [at, at + n) of an operand: where they are, or copied to its buffer.
  char* gathered(const Plan& x, int64_t at, int64_t n, char* buffer, Repeated& repeated) const {
    if (x.dtype == type && in_one_row(x, at, n)) return place(x, at);
    if (x.strides[x.ndim - 1] == 0 && row_left(x, at) >= n) {
      char* const from = place(x, at);
      if (!repeated.holds(from, n, 0)) {
        convert(buffer, type, item, from, x.dtype, 0, n);
        repeated = {from, n, 0};
      }
      return buffer;
    }
    if (const RepeatedRow row(x); row.block >= kLongRow && x.dtype == type && row.left(at) >= n) {
      const int64_t phase = at % row.length, length = row.length * item, all = n * item;
      const char* const from = place(x, at - phase);
      if (!repeated.holds(from, n, phase)) {
        const int64_t first = std::min(length - phase * item, all), second = std::min(phase * item, all - first);
        std::memcpy(buffer, from + phase * item, static_cast<size_t>(first));
        std::memcpy(buffer + first, from, static_cast<size_t>(second));
        for (int64_t done = first + second; done < all; done *= 2) std::memcpy(buffer + done, buffer, static_cast<size_t>(std::min(done, all - done)));
        repeated = {from, n, phase};
      }
      return buffer;
    }
    repeated = {};
    walk(x, at, n, [&](char* src, int64_t stride, int64_t done, int64_t run) {
      convert(buffer + done * item, type, item, src, x.dtype, stride, run);
    });
    return buffer;
  }

  void run(int64_t begin, int64_t end) const {
    alignas(64) char buffers[kMaxOperands + 1][kTileElements * 8];
    char* p[kMaxOperands + 1] = {};
    bool gathers = out.mode != Plan::Direct;
    int repeats = 0;
    for (int i = 0; i < n_in; ++i) {
      gathers |= in[i].mode == Plan::Gather;
      repeats += in[i].mode == Plan::Repeat;
    }
    int64_t step = end - begin;  // what needs no buffer need not be cut up
    if (gathers) step = item > 8 ? kTileElements / 2 : kTileElements;  // buffers have 8 bytes an element
    else if (repeats) step = std::min(kRepeatedElements, static_cast<int64_t>(sizeof buffers) / (repeats * item) / 16 * 16);
    const int64_t first = std::min(step, end - begin);
    char* free = buffers[0];  // where nothing is gathered, those that are repeated share the buffers
    for (int i = 0; i < n_in; ++i) {
      if (in[i].mode != Plan::Repeat) continue;
      p[i + 1] = gathers ? buffers[i + 1] : free;
      convert(p[i + 1], type, item, in[i].data, in[i].dtype, 0, first);
      free += step * item;
    }
    Repeated repeated[kMaxOperands];
    for (int64_t at = begin, n; at < end; at += n) {
      n = std::min(step, end - at);
      if (gathers) n = std::min(n, long_rows_left(at));
      for (int i = 0; i < n_in; ++i) {
        if (in[i].mode == Plan::Direct) p[i + 1] = in[i].data + at * item;
        else if (in[i].mode == Plan::Gather) p[i + 1] = gathered(in[i], at, n, buffers[i + 1], repeated[i]);
      }
      const bool direct = out.mode == Plan::Direct || (out.dtype == out_type && in_one_row(out, at, n));
      if (out.mode == Plan::Direct) p[0] = out.data + at * out_item;
      else p[0] = direct ? place(out, at) : buffers[0];
      tile(p, n, params);
      if (!direct) {
        walk(out, at, n, [&](char* dst, int64_t stride, int64_t done, int64_t run) {
          convert(dst, out.dtype, stride, buffers[0] + done * out_item, out_type, out_item, run);
        });
      }
    }
  }
};

}  // namespace

void run_loop(TileFn tile, const double* params, DimSpan sizes, const LoopOperand& out, Dtype out_type, const LoopOperand* in, int n_in,
              Dtype type) {
  int64_t numel = 1;
  for (int64_t s : sizes) numel *= s;
  if (numel == 0) return;
  Loop loop;
  loop.tile = tile;
  loop.params = params;
  loop.type = type;
  loop.out_type = out_type;
  loop.n_in = n_in;
  loop.item = item_size(type);
  loop.out_item = item_size(out_type);
  Tensor turned[kMaxOperands];
  for (int i = 0; i < n_in; ++i) {
    make_plan(loop.in[i], in[i], sizes, numel, type);
    turned[i] = turn_to_rows(loop.in[i], numel);
    if (turned[i].defined() && in[i].dtype == type) loop.in[i].mode = Plan::Direct;
  }
  make_plan(loop.out, out, sizes, numel, out_type);
  if (loop.out.mode == Plan::Repeat) {  // a single element
    loop.out.mode = Plan::Gather;
    loop.out.ndim = 1;
    loop.out.sizes[0] = 1;
    loop.out.strides[0] = loop.out.item;
  }
  if (numel <= kGrain) return loop.run(0, numel);
  const int64_t tiles = (numel + kTileElements - 1) / kTileElements;
  parallel_for(tiles, kGrain / kTileElements, [&](int64_t begin, int64_t end) {
    loop.run(begin * kTileElements, std::min(end * kTileElements, numel));
  });
}

}  // namespace st
