// The matrix product of one instruction set: blocking for the caches around the register tiles, on one thread.
#include "kernels/gemm_pack.h"
#include "kernels/gemm_table.h"

namespace st::STEEPEST_ISA {
namespace {

// Note [Blocks of the product]
// k is cut into blocks of about kBlockK, whose sums are added one after the other; the cuts depend on k alone. Within a
// block, rows of A, at most kBlockBytes, stay in the second cache while the panels of B pass; or, where rows of C lie so far
// apart that going down a panel would meet a new page at every step, as much of B stays there while the rows of A pass. Small
// B with contiguous rows is read where it is.
constexpr int64_t kBlockK = 256;
// Processors with AVX-512 have a second cache of 1 MB and more, others often of 512 KB.
constexpr int64_t kBlockBytes = (lane::kRegisterBytes == 64 ? 640 : 480) << 10;
// Tiles of A that are packed together, while their columns are at hand: as many as the first cache has ways.
constexpr int64_t kPackedTiles = 8;
// Room for one panel of B or some packed tiles of A.
constexpr int64_t kPanelBytes = kPackedTiles * kTileRows * kBlockK * static_cast<int64_t>(sizeof(double));
static_assert(kWidest * kBlockK * lane::kRegisterBytes <= kPanelBytes);
// Room for C^T in the plan that computes it.
constexpr int64_t kTransposedBytes = 256 << 10;
// Rows of C that such a piece has at least, where there are so many; and at most, for the strips that turn it round.
constexpr int64_t kTransposedRows = 64;
template <class T>
constexpr int64_t kStripRows = kBlockBytes / lane::kRegisterBytes;
// Rows of B up to here are near enough to be read in place by any number of rows of tiles.
constexpr int64_t kInPlaceBytes = 24 << 10;
// Rows from here on apart share sets of the first cache, and each has a page of its own.
constexpr int64_t kFarBytes = 4 << 10;
static_assert(kBlockBytes + kPanelBytes + kTransposedBytes <= kGemmScratchBytes);

// A multiple of all widths and heights of tiles, and the columns of B or rows of A in a block.
constexpr int64_t kBlockUnit = 48;
template <class T>
constexpr int64_t kBlockSide = kBlockBytes / (kBlockK * static_cast<int64_t>(sizeof(T))) / kBlockUnit * kBlockUnit;
static_assert(kBlockUnit % (kTileRegisters * kLanes<float>) == 0 && kBlockUnit % kTileRows == 0);

// op(A), rows from `first` on: element (i, p) is at[(i - first) * row + p * column]. Where column is kPacked, tile after tile, each as
// columns of its height; row is then the number of columns.
template <class T>
struct Left {
  static constexpr int64_t kPacked = -1;
  const T* at;
  int64_t row, column, first = 0;
  const T* from(int64_t i) const { return at + (i - first) * row; }
};
// op(B): element (p, j) is at[p * ld + j], or at[j * ld + p] where transposed.
template <class T>
struct Right {
  const T* at;
  int64_t ld;
  bool transposed;
  const T* from(int64_t p, int64_t j) const { return transposed ? at + j * ld + p : at + p * ld + j; }
};
template <class T>
struct Out {
  T alpha, beta;
  const T* d;
  int64_t ldd;
  T* at;
  int64_t ld;
  // The part from there on.
  Out from(int64_t i, int64_t j) const { return {alpha, beta, d + i * ldd + j, ldd, at + i * ld + j, ld}; }
  // Where sums are added to what is there already.
  Out more() const { return {alpha, T(1), at, ld, at, ld}; }
};

// The panels of columns in which `rows` rows of tiles walk over n columns of C.
template <class T>
struct Panels {
  Parts registers;
  int64_t n;
  Panels(int64_t n, int64_t rows) : registers(divide_up(n, kLanes<T>), tile_registers(rows)), n(n) {}
  int64_t count() const { return registers.count; }
  int64_t width(int64_t j) const { return registers.begin(j + 1) - registers.begin(j); }
  int64_t begin(int64_t j) const { return registers.begin(j) * kLanes<T>; }
  int64_t columns(int64_t j) const { return partial(j) ? n - begin(j) : width(j) * kLanes<T>; }
  bool partial(int64_t j) const { return begin(j + 1) > n; }
  // The tile of panel j at rows [r, r + height), the first of a run.
  TileRun<T> first(int64_t j, int64_t r, int64_t height, int64_t k, const Left<T>& a, const T* b, int64_t ldb, const Out<T>& c) const {
    const bool tiled = a.column == Left<T>::kPacked;
    const int last = static_cast<int>(columns(j) - (width(j) - 1) * kLanes<T>);
    const Out<T> to = c.from(r, begin(j));
    return {k, a.from(r), tiled ? 1 : a.row, tiled ? height : a.column, b, ldb, c.alpha, c.beta, to.d, c.ldd, to.at, c.ld, last, nullptr,
            1, 0, 0, 0, 0};
  }
  // Panel j through parts [begin, end) of the rows.
  void down(int64_t j, const Parts& rows, int64_t begin, int64_t end, int64_t k, const Left<T>& a, const T* b, int64_t ldb,
            Reading reading, const Out<T>& c, T* copy = nullptr) const {
    rows.runs(begin, end, [&](int64_t i, int64_t count, int64_t height) __attribute__((always_inline)) {
      TileRun<T> run = first(j, rows.begin(i), height, k, a, b, ldb, c);
      run.copy = copy;
      run.count = count;
      run.a_step = height * a.row;
      run.d_step = height * c.ldd;
      run.c_step = height * c.ld;
      tile_for<T>(height, width(j), reading)(run);
    });
  }
  // Part i of the rows through all panels, which are packed.
  void across(const Parts& rows, int64_t i, int64_t k, const Left<T>& a, const T* b, const Out<T>& c) const {
    const int64_t r = rows.begin(i), height = rows.begin(i + 1) - r, end = partial(count() - 1) ? count() - 1 : count();
    registers.runs(0, end, [&](int64_t j, int64_t count, int64_t width) __attribute__((always_inline)) {
      const int64_t columns = width * kLanes<T>;
      TileRun<T> run = first(j, r, height, k, a, b + begin(j) * k, columns, c);
      run.count = count;
      run.b_step = columns * k;
      run.d_step = run.c_step = columns;
      tile_for<T>(height, width, Reading::kWhole)(run);
    });
    if (end < count()) down(end, rows, i, i + 1, k, a, b + begin(end) * k, width(end) * kLanes<T>, Reading::kWhole, c);
  }
};

// A panel that lies as packing would leave it is read where it is, and so is B where reading its rows again costs little.
template <class T>
bool packs(const Right<T>& b, int64_t m, int64_t n, int64_t k) {
  if (b.transposed) return true;
  const bool panel = b.ld == n && n % kLanes<T> == 0 && n <= kTileRegisters * kLanes<T>;
  return m > 2 * kTileRows && !panel && n * k * static_cast<int64_t>(sizeof(T)) > kInPlaceBytes;
}

// Eight rows are eight streams, which the processor follows by itself; eight columns are a jump at every step.
template <class T>
bool packs_left(const Left<T>& a, const Panels<T>& panels) {
  return a.column != 1 && panels.count() >= 4;
}

// How the first row of tiles gets at panel j of packed B: by a copy made before where lanes cannot do it on the way.
template <class T>
bool copies_on_the_way(const Right<T>& b, const Panels<T>& panels, int64_t j) {
  return !b.transposed && (kHasMasks || !panels.partial(j));
}

// Packs kPackedTiles tiles of A, or what is left of them, from part i of the rows on.
template <class T>
void pack_tiles(const Left<T>& a, const Parts& rows, int64_t i, int64_t k, T* to) {
  const int64_t end = i + kPackedTiles < rows.count ? i + kPackedTiles : rows.count;
  pack_rows(a.at, a.column, rows, i, end, k, to);
}

// The first row of tiles meets panel j of B, and leaves it packed.
template <class T>
void pack_and_multiply(const Panels<T>& panels, int64_t j, const Parts& rows, int64_t k, const Left<T>& a, const Right<T>& b, const Out<T>& c,
                       T* panel) {
  const T* const right = b.from(0, panels.begin(j));
  if (copies_on_the_way(b, panels, j)) return panels.down(j, rows, 0, 1, k, a, right, b.ld, Reading::kCopied, c, panel);
  pack_panel(b.transposed, right, b.ld, panels.columns(j), k, panel);
  panels.down(j, rows, 0, 1, k, a, panel, panels.width(j) * kLanes<T>, Reading::kWhole, c);
}

// One block of k where rows of A are few, or B is small: each panel of B, packed or in place, meets all rows.
template <class T>
void outer_by_panels(int64_t m, int64_t n, int64_t k, Left<T> a, Right<T> b, Out<T> c, bool packed,
                     void* (*scratch)()) {
  const Parts rows(m, kTileRows);
  const Panels<T> panels(n, m);
  T* const block = packed || !kHasMasks ? static_cast<T*>(scratch()) + kBlockBytes / sizeof(T) : nullptr;
  if (packed && packs_left(a, panels)) {
    T* const left = static_cast<T*>(scratch());
    for (int64_t i = 0; i < rows.count; i += kPackedTiles) pack_tiles(a, rows, i, k, left + rows.begin(i) * k);
    a = {left, k, Left<T>::kPacked};
  }
  for (int64_t j = 0; j < panels.count(); ++j) {
    const int64_t width = panels.width(j) * kLanes<T>;
    if (packed) {
      pack_and_multiply(panels, j, rows, k, a, b, c, block);
      panels.down(j, rows, 1, rows.count, k, a, block, width, Reading::kWhole, c);
    } else if (!kHasMasks && panels.partial(j)) {
      // Reading a part of a register at every step is slow where there are no masks.
      pack_panel(b.transposed, b.from(0, panels.begin(j)), b.ld, panels.columns(j), k, block);
      panels.down(j, rows, 0, rows.count, k, a, block, width, Reading::kWhole, c);
    } else {
      panels.down(j, rows, 0, rows.count, k, a, b.from(0, panels.begin(j)), b.ld, panels.partial(j) ? Reading::kPartial : Reading::kWhole, c);
    }
  }
}

// One block of k and of n: all of B in panels, packed by the first row of tiles, then row after row of tiles.
template <class T>
void outer_by_rows(int64_t m, int64_t n, int64_t k, Left<T> a, Right<T> b, Out<T> c, void* (*scratch)()) {
  const Parts rows(m, kTileRows);
  const Panels<T> panels(n, m);
  T* const block = static_cast<T*>(scratch());
  T* const left = block + kBlockBytes / sizeof(T);
  const bool pack_left = packs_left(a, panels);
  Left<T> x = a;
  for (int64_t i = 0; i < rows.count; ++i) {
    if (pack_left && i % kPackedTiles == 0) {
      pack_tiles(a, rows, i, k, left);
      x = {left, k, Left<T>::kPacked, rows.begin(i)};
    }
    if (i > 0) {
      panels.across(rows, i, k, x, block, c);
    } else {
      for (int64_t j = 0; j < panels.count(); ++j) pack_and_multiply(panels, j, rows, k, x, b, c, block + panels.begin(j) * k);
    }
  }
}

template <class T>
void outer(int64_t m, int64_t n, int64_t k, Left<T> a, Right<T> b, Out<T> c, void* (*scratch)()) {
  const bool packed = packs(b, m, n, k), rows_far = c.ld * static_cast<int64_t>(sizeof(T)) >= kFarBytes;
  const bool by_rows = packed && m > kBlockSide<T> && rows_far;
  const Parts depth(k, kBlockK);
  // Of the matrix that stays in the second cache.
  const Parts blocks(divide_up(by_rows ? n : m, kBlockUnit), packed ? kBlockSide<T> / kBlockUnit : m + n);
  for (int64_t q = 0; q < depth.count; ++q) {
    const int64_t p = depth.begin(q), size = depth.begin(q + 1) - p;
    const Left<T> x{a.at + p * a.column, a.row, a.column};
    const Right<T> y{b.from(p, 0), b.ld, b.transposed};
    if (q == 1) c = c.more();
    for (int64_t i = 0; i < blocks.count; ++i) {
      const int64_t begin = blocks.begin(i) * kBlockUnit, end = blocks.begin(i + 1) * kBlockUnit;
      if (by_rows) {
        outer_by_rows(m, (end < n ? end : n) - begin, size, x, {y.from(0, begin), y.ld, y.transposed},
                      c.from(0, begin), scratch);
      } else {
        outer_by_panels((end < m ? end : m) - begin, n, size, {x.at + begin * x.row, x.row, x.column}, y,
                        c.from(begin, 0), packed, scratch);
      }
    }
  }
}

// C (m, n) = the transpose of x (n, m), whose rows are m apart, + beta * D: `width` rows of x at a time become columns of `strip`.
template <class T>
void put_transposed(int64_t m, int64_t n, const T* x, const Out<T>& c, T* strip) {
  constexpr int64_t kWidth = kLanes<T>;
  for (int64_t j = 0; j < n; j += kWidth) {
    const int count = static_cast<int>(n - j < kWidth ? n - j : kWidth);
    transpose(x + j * m, m, count, m, strip, kWidth);
    for (int64_t i = 0; i < m; ++i) {
      const Out<T> to = c.from(i, j);
      const Simd<T> y = lane::load(strip + i * kWidth);
      if (count == kWidth) {
        lane::store(to.at, c.beta == 0 ? y : lane::mul_add(Simd<T>(c.beta), lane::load(to.d), y));
      } else {
        lane::store_partial(to.at, c.beta == 0 ? y : lane::mul_add(Simd<T>(c.beta), lane::load_partial(to.d, count), y), count);
      }
    }
  }
}

template <class T>
void outer_transposed(const GemmCall<T>& call, void* (*scratch)()) {
  const Left<T> a{call.b, call.tb ? call.ldb : 1, call.tb ? 1 : call.ldb};
  const Right<T> b{call.a, call.lda, !call.ta};
  const Out<T> c{call.alpha, call.beta, call.d, call.ldd, call.c, call.ldc};
  if (call.n == 1 && call.ldc == 1 && call.ldd == 1) return outer(1, call.m, call.k, a, b, c, scratch);
  T* const memory = static_cast<T*>(scratch());
  T *const out = memory + (kBlockBytes + kPanelBytes) / sizeof(T), *const strip = memory;
  // Pieces of C^T that fit: of few columns, as many rows of C as there is room for.
  constexpr int64_t kRoom = kTransposedBytes / static_cast<int64_t>(sizeof(T)), kMostColumns = kRoom / kTransposedRows;
  const Parts columns(call.n, kMostColumns);
  for (int64_t q = 0; q < columns.count; ++q) {
    const int64_t j = columns.begin(q), width = columns.begin(q + 1) - j;
    const Parts rows(call.m, kRoom / width < kStripRows<T> ? kRoom / width : kStripRows<T>);
    for (int64_t p = 0; p < rows.count; ++p) {
      const int64_t i = rows.begin(p), count = rows.begin(p + 1) - i;
      outer<T>(width, count, call.k, {a.at + j * a.row, a.row, a.column}, {b.from(0, i), b.ld, b.transposed},
               {call.alpha, T(0), out, count, out, count}, scratch);
      put_transposed(count, width, out, c.from(i, j), strip);
    }
  }
}

template <class T>
void dot_tiles(int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, const T* b, int64_t ldb, Out<T> c) {
  const Parts rows(m, kDotRows), columns(n, kDotColumns);
  for (int64_t i = 0; i < rows.count; ++i)
    for (int64_t j = 0; j < columns.count; ++j) {
      const int64_t r = rows.begin(i), s = columns.begin(j);
      dots_for<T>(rows.begin(i + 1) - r, columns.begin(j + 1) - s)(
          k, a + r * lda, lda, b + s * ldb, ldb, c.alpha, c.beta, c.from(r, s).d, c.ldd, c.from(r, s).at, c.ld);
    }
}

template <class T>
void dot_plan(const GemmCall<T>& call, void* (*scratch)()) {
  const Out<T> c{call.alpha, call.beta, call.d, call.ldd, call.c, call.ldc};
  if (call.tb || (call.n == 1 && call.ldb == 1)) {
    return dot_tiles(call.m, call.n, call.k, call.a, call.lda, call.b, call.ldb, c);
  }
  constexpr int64_t kStep = kBlockBytes / (kGemmFewColumns * static_cast<int64_t>(sizeof(T)));
  T* const columns = static_cast<T*>(scratch());
  for (int64_t p = 0; p < call.k; p += kStep) {
    const int64_t count = call.k - p < kStep ? call.k - p : kStep;
    for (int64_t q = 0; q < count; ++q)
      for (int64_t j = 0; j < call.n; ++j) columns[j * count + q] = call.b[(p + q) * call.ldb + j];
    dot_tiles(call.m, call.n, count, call.a + p, call.lda, columns, count, p == 0 ? c : c.more());
  }
}

template <class T>
void run(const GemmCall<T>& call, GemmPlan plan, void* (*scratch)()) {
  switch (plan) {
    case GemmPlan::kDot: return dot_plan(call, scratch);
    case GemmPlan::kTransposed: return outer_transposed(call, scratch);
    case GemmPlan::kOuter:
      return outer(call.m, call.n, call.k, Left<T>{call.a, call.ta ? 1 : call.lda, call.ta ? call.lda : 1},
                   Right<T>{call.b, call.ldb, call.tb}, Out<T>{call.alpha, call.beta, call.d, call.ldd, call.c, call.ldc}, scratch);
  }
}

template <class T>
void tiny(const GemmCall<T>& call) {
  const int64_t row = call.ta ? 1 : call.lda, column = call.ta ? call.lda : 1;
  const int64_t down = call.tb ? 1 : call.ldb, across = call.tb ? call.ldb : 1;
  for (int64_t i = 0; i < call.m; ++i)
    for (int64_t j = 0; j < call.n; ++j) {
      const T *x = call.a + i * row, *y = call.b + j * across;
      T sum = 0;
      for (int64_t p = 0; p < call.k; ++p, x += column, y += down) {
#if defined(__FMA__) || defined(__aarch64__)
        if constexpr (sizeof(T) == 4) sum = __builtin_fmaf(*x, *y, sum);
        else sum = __builtin_fma(*x, *y, sum);
#else
        sum += *x * *y;
#endif
      }
      call.c[i * call.ldc + j] = call.beta == 0 ? call.alpha * sum : call.alpha * sum + call.beta * call.d[i * call.ldd + j];
    }
}

// Four registers of sums hide the latency of the addition.
template <class T>
T dot(int64_t n, const T* x, const T* y) {
  Simd<T> sum[4] = {Simd<T>(0), Simd<T>(0), Simd<T>(0), Simd<T>(0)};
  int64_t i = 0;
  for (; i + 4 * kLanes<T> <= n; i += 4 * kLanes<T>) {
    STEEPEST_UNROLL for (int q = 0; q < 4; ++q) {
      sum[q] = lane::mul_add(lane::load(x + i + q * kLanes<T>), lane::load(y + i + q * kLanes<T>), sum[q]);
    }
  }
  for (; i + kLanes<T> <= n; i += kLanes<T>) sum[0] = lane::mul_add(lane::load(x + i), lane::load(y + i), sum[0]);
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    sum[1] = lane::mul_add(lane::load_partial(x + i, rest), lane::load_partial(y + i, rest), sum[1]);
  }
  return sum_lanes((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

}  // namespace

extern const GemmTable kGemmTable;
const GemmTable kGemmTable = {{tiny<float>, run<float>, dot<float>}, {tiny<double>, run<double>, dot<double>}};

}  // namespace st::STEEPEST_ISA
