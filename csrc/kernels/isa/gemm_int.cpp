// The matrix product of integers of one instruction set: register tiles over lanes of columns, or of k.
#include "kernels/gemm_int_table.h"
#include "kernels/gemm_pack.h"

namespace st::STEEPEST_ISA {
namespace {

// What elements are multiplied as: unsigned, which wraps, and no narrower than there are instructions for.
template <int kBytes>
struct Wide;
template <>
struct Wide<1> {
  using Type = uint16_t;
};
template <>
struct Wide<2> {
  using Type = uint16_t;
};
template <>
struct Wide<4> {
  using Type = uint32_t;
};
template <>
struct Wide<8> {
  using Type = uint64_t;
};
template <class T>
using WideOf = typename Wide<sizeof(T)>::Type;

// A register of them, and as many elements as they are in memory.
template <class T>
struct Registers {
  static constexpr int kCount = lane::kRegisterBytes / static_cast<int>(sizeof(WideOf<T>));
  typedef WideOf<T> Type __attribute__((vector_size(lane::kRegisterBytes)));
  typedef T Narrow __attribute__((vector_size(kCount * sizeof(T))));
  static STEEPEST_LANE Type load(const T* from) { return __builtin_convertvector(load_as<Narrow>(from), Type); }
  static STEEPEST_LANE void store(T* to, Type x) {
    const Narrow narrow = __builtin_convertvector(x, Narrow);
    __builtin_memcpy(to, &narrow, sizeof narrow);
  }
};

constexpr int kRegisters = 2;
template <class T>
constexpr int kPanel = kRegisters * Registers<T>::kCount;
// Steps of k in one block, and rows of A: a panel of B stays in the first cache, the rows in the second.
constexpr int64_t kDepth = 128, kRows = 256, kFarBytes = 2048;
static_assert(kDepth * kRegisters * lane::kRegisterBytes + kRows * kDepth * static_cast<int64_t>(sizeof(int64_t)) <= kIntScratchBytes);

// R rows of C by a panel of columns.
template <class T, int R>
void rows_of_tile(int64_t k, const T* a, int64_t row, int64_t column, const T* b, int64_t ldb, T* c, int64_t ldc, bool adds) {
  using Lanes = Registers<T>;
  typename Lanes::Type sum[R][kRegisters];
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < kRegisters; ++j) {
      sum[r][j] = adds ? Lanes::load(c + r * ldc + j * Lanes::kCount) : typename Lanes::Type{};
    }
  for (; k > 0; --k, a += column, b += ldb) {
    typename Lanes::Type x[kRegisters];
    STEEPEST_UNROLL for (int j = 0; j < kRegisters; ++j) x[j] = Lanes::load(b + j * Lanes::kCount);
    STEEPEST_UNROLL for (int r = 0; r < R; ++r) {
      const auto s = static_cast<WideOf<T>>(a[r * row]);
      STEEPEST_UNROLL for (int j = 0; j < kRegisters; ++j) sum[r][j] += x[j] * s;
    }
  }
  STEEPEST_UNROLL for (int r = 0; r < R; ++r)
    STEEPEST_UNROLL for (int j = 0; j < kRegisters; ++j) Lanes::store(c + r * ldc + j * Lanes::kCount, sum[r][j]);
}

// m rows of C by a panel. Where `tile` is not 0, A is packed: kTileRows rows are so far apart, and step by step side by side.
template <class T>
void rows_of_panel(int64_t m, int64_t k, const T* a, int64_t row, int64_t column, int64_t tile, const T* b, int64_t ldb, T* c, int64_t ldc, bool adds) {
  const int64_t step = tile != 0 ? tile : kTileRows * row;
  int64_t i = 0;
  for (; i + kTileRows <= m; i += kTileRows, a += step) rows_of_tile<T, kTileRows>(k, a, row, column, b, ldb, c + i * ldc, ldc, adds);
  for (; i + 2 <= m; i += 2, a += 2 * row) rows_of_tile<T, 2>(k, a, row, column, b, ldb, c + i * ldc, ldc, adds);
  if (i < m) rows_of_tile<T, 1>(k, a, row, column, b, ldb, c + i * ldc, ldc, adds);
}

// Packs m rows of A so.
template <class T>
void pack_tiles(int64_t m, int64_t k, const T* a, int64_t row, int64_t column, T* to) {
  for (int64_t i = 0; i < m; i += kTileRows, a += kTileRows * row, to += kTileRows * k) {
    const int64_t height = m - i < kTileRows ? m - i : kTileRows;
    if (row == 1) {
      for (int64_t p = 0; p < k; ++p)
        for (int64_t r = 0; r < height; ++r) to[p * kTileRows + r] = a[r + p * column];
    } else {
      for (int64_t r = 0; r < height; ++r)
        for (int64_t p = 0; p < k; ++p) to[p * kTileRows + r] = a[r * row + p * column];
    }
  }
}

// k rows of a panel of op(B), whose missing columns are 0.
template <class T>
void copy_panel(const IntCall<T>& call, int64_t p, int64_t j, int64_t k, int64_t columns, T* to) {
  if (call.tb) {
    for (int64_t s = 0; s < columns; ++s)
      for (int64_t q = 0; q < k; ++q) to[q * kPanel<T> + s] = call.b[(j + s) * call.ldb + p + q];
  } else {
    for (int64_t q = 0; q < k; ++q) {
      const T* const from = call.b + (p + q) * call.ldb + j;
      if (columns == kPanel<T>) __builtin_memcpy(to + q * kPanel<T>, from, kPanel<T> * sizeof(T));
      else for (int64_t s = 0; s < columns; ++s) to[q * kPanel<T> + s] = from[s];
    }
  }
  for (int64_t q = 0; q < k; ++q)
    for (int64_t s = columns; s < kPanel<T>; ++s) to[q * kPanel<T> + s] = 0;
}

// Rows of A meet a panel of which not all columns exist: whole registers of C lie elsewhere.
template <class T>
void rows_of_last_panel(int64_t m, int64_t k, const T* a, int64_t row, int64_t column, int64_t tile, const T* b, int64_t columns, T* c, int64_t ldc, bool adds) {
  T sums[kTileRows * kPanel<T>];
  const int64_t step = tile != 0 ? tile : kTileRows * row;
  for (int64_t i = 0; i < m; i += kTileRows, a += step, c += kTileRows * ldc) {
    const int64_t height = m - i < kTileRows ? m - i : kTileRows;
    rows_of_panel<T>(height, k, a, row, column, tile, b, kPanel<T>, sums, kPanel<T>, false);
    for (int64_t r = 0; r < height; ++r)
      for (int64_t s = 0; s < columns; ++s) {
        const auto old = static_cast<WideOf<T>>(adds ? c[r * ldc + s] : 0);
        c[r * ldc + s] = static_cast<T>(old + static_cast<WideOf<T>>(sums[r * kPanel<T> + s]));
      }
  }
}

template <class T>
void outer(const IntCall<T>& call, void* scratch) {
  T *const panel = static_cast<T*>(scratch), *const tiles = panel + kDepth * kPanel<T>;
  for (int64_t i = 0; i < call.m; i += kRows) {
    const int64_t m = call.m - i < kRows ? call.m - i : kRows;
    // Many rows that lie far apart, where they share sets of the caches, are packed, and meet panels that are.
    const bool packs = m > 2 * kTileRows && call.lda * static_cast<int64_t>(sizeof(T)) >= kFarBytes;
    for (int64_t p = 0; p < call.k; p += kDepth) {
      const int64_t k = call.k - p < kDepth ? call.k - p : kDepth;
      int64_t row = call.ta ? 1 : call.lda, column = call.ta ? call.lda : 1, tile = 0;
      const T* a = call.a + i * row + p * column;
      if (packs) {
        pack_tiles(m, k, a, row, column, tiles);
        a = tiles;
        row = 1;
        column = kTileRows;
        tile = kTileRows * k;
      }
      for (int64_t j = 0; j < call.n; j += kPanel<T>) {
        const int64_t columns = call.n - j < kPanel<T> ? call.n - j : kPanel<T>;
        const bool copied = call.tb || columns < kPanel<T> || m > 2 * kTileRows;
        if (copied) copy_panel(call, p, j, k, columns, panel);
        T* const c = call.c + i * call.ldc + j;
        if (columns < kPanel<T>) rows_of_last_panel(m, k, a, row, column, tile, panel, columns, c, call.ldc, p > 0);
        else if (copied) rows_of_panel<T>(m, k, a, row, column, tile, panel, kPanel<T>, c, call.ldc, p > 0);
        else rows_of_panel(m, k, a, row, column, tile, call.b + p * call.ldb + j, call.ldb, c, call.ldc, p > 0);
      }
    }
  }
}

// Dot products of contiguous rows of A and contiguous columns of B.
template <class T>
void dots(const IntCall<T>& call) {
  using Lanes = Registers<T>;
  constexpr int kColumns = 4;
  for (int64_t i = 0; i < call.m; ++i) {
    const T* const a = call.a + i * call.lda;
    for (int64_t j = 0; j < call.n; j += kColumns) {
      const int64_t columns = call.n - j < kColumns ? call.n - j : kColumns;
      const T* b[kColumns];
      typename Lanes::Type sum[kColumns];
      STEEPEST_UNROLL for (int s = 0; s < kColumns; ++s) {
        b[s] = call.b + (j + (s < columns ? s : 0)) * call.ldb;
        sum[s] = typename Lanes::Type{};
      }
      int64_t p = 0;
      for (; p + Lanes::kCount <= call.k; p += Lanes::kCount) {
        const auto x = Lanes::load(a + p);
        STEEPEST_UNROLL for (int s = 0; s < kColumns; ++s) sum[s] += x * Lanes::load(b[s] + p);
      }
      for (int64_t s = 0; s < columns; ++s) {
        WideOf<T> total = 0;
        for (int q = 0; q < Lanes::kCount; ++q) total = static_cast<WideOf<T>>(total + sum[s][q]);
        for (int64_t q = p; q < call.k; ++q) total = static_cast<WideOf<T>>(total + static_cast<WideOf<T>>(a[q]) * static_cast<uint64_t>(b[s][q]));
        call.c[i * call.ldc + j + s] = static_cast<T>(total);
      }
    }
  }
}

template <class T>
void product(const IntCall<T>& call, void* scratch) {
  constexpr int64_t kFew = 4;
  if (call.n == 1 && call.m > 1 && call.ldc == 1) {  // a column is the row of the product turned round
    return product<T>({!call.tb, !call.ta, 1, call.m, call.k, call.b, call.ldb, call.a, call.lda, call.c, call.m}, scratch);
  }
  const bool row = !call.ta || (call.m == 1 && call.lda == 1);
  if (row && call.tb && (call.m <= kFew || call.n <= kFew) && call.k >= Registers<T>::kCount) return dots(call);
  outer(call, scratch);
}

}  // namespace

extern const IntTable kIntTable;
const IntTable kIntTable = {product<int8_t>, product<uint8_t>, product<int16_t>, product<int32_t>, product<int64_t>};

}  // namespace st::STEEPEST_ISA
