// The tiles of one family of elementwise ops for one instruction set: loops over contiguous memory made from the records' bodies.
// Compiled once per pair, with STEEPEST_ISA and STEEPEST_FAMILY.
#include "kernels/lane.h"

#include "ops/tiles.h"

#define STEEPEST_TEXT_(x) #x
#define STEEPEST_TEXT(x) STEEPEST_TEXT_(x)
#define STEEPEST_HEADER(f) STEEPEST_TEXT(ops/elementwise/f.h)
#include STEEPEST_HEADER(STEEPEST_FAMILY)

namespace st {
namespace STEEPEST_ISA {

template <int...>
struct Indices {};

// Reads operand i of the tile at element `at`: a register, its first `left` lanes, or one number.
template <class T>
struct Whole {
  static STEEPEST_LANE auto get(const char* p, int64_t at) { return lane::load(reinterpret_cast<const T*>(p) + at); }
};
template <class T>
struct Part {
  static STEEPEST_LANE auto get(const char* p, int64_t at, int left) { return lane::load_partial(reinterpret_cast<const T*>(p) + at, left); }
};

template <class T>
STEEPEST_LANE void put(char* p, int64_t at, lane::Simd<T> v) { lane::store(reinterpret_cast<T*>(p) + at, v); }
template <class T>
STEEPEST_LANE void put(char* p, int64_t at, lane::Simd<T> v, int left) { lane::store_partial(reinterpret_cast<T*>(p) + at, v, left); }
template <class T>
STEEPEST_LANE void put(char* p, int64_t at, lane::Mask<T> m) { lane::store_bool(reinterpret_cast<uint8_t*>(p) + at, m, lane::Simd<T>::width); }
template <class T>
STEEPEST_LANE void put(char* p, int64_t at, lane::Mask<T> m, int left) { lane::store_bool(reinterpret_cast<uint8_t*>(p) + at, m, left); }

template <class T, class R>
STEEPEST_LANE lane::Simd<T> as_lanes(R v) { return lane::Simd<T>(v); }
template <class T>
STEEPEST_LANE lane::Mask<T> as_lanes(lane::Mask<T> v) { return v; }

// Note [Tile loops]
// Where a tile does not fit the nearest cache, what counts is how much of its memory is asked for early. Two registers are taken at a
// time, and the lines that will be written are fetched ahead: stores, unlike loads, do not overlap by themselves. Pointers and parameters
// are read once: for all the compiler knows, a store could change them.
// f(at) for each whole register of n elements, f(at, left) for the rest.
template <class T, class F>
STEEPEST_LANE void each_register(char* out, int64_t out_size, int64_t n, F f) {
  constexpr int64_t kWidth = lane::Simd<T>::width, kStep = 2 * kWidth, kLine = 64, kAhead = 4 * kLine;
  int64_t at = 0;
  for (; at + kStep <= n; at += kStep) {
    for (int64_t byte = 0; byte < kStep * out_size; byte += kLine) __builtin_prefetch(out + at * out_size + kAhead + byte, 1);
#pragma GCC unroll 2
    for (int64_t k = 0; k < kStep; k += kWidth) f(at + k);
  }
  if (at + kWidth <= n) {
    f(at);
    at += kWidth;
  }
  if (at < n) f(at, static_cast<int>(n - at));
}

template <class Op, class T, int... I, int... P>
void forward_float(char* const* p, int64_t n, const double* params, Indices<I...>, Indices<P...>) {
  char* const out = p[0];
  const char* const x[] = {p[I + 1]...};
  const double s[sizeof...(P) + 1] = {params[P]...};
  each_register<T>(out, Op::info.kind == Kind::Compare ? 1 : sizeof(T), n, [&](int64_t at, auto... left) __attribute__((always_inline)) {
    if constexpr (sizeof...(left) == 0) put<T>(out, at, as_lanes<T>(Op::fwd(Whole<T>::get(x[I], at)..., s[P]...)));
    else put<T>(out, at, as_lanes<T>(Op::fwd(Part<T>::get(x[I], at, left...)..., s[P]...)), left...);
  });
}

// A record may state a quick body for integers, right where slow(...) is 0: a block takes it if none of its elements is an exception.
template <class Op, class T>
concept HasQuick = requires(T a) { Op::quick(a, a); };

// What memory of type T is read and written as: compilers make registers of bytes, not of bool.
template <class T> struct StoredAs { using type = T; };
template <> struct StoredAs<bool> { using type = uint8_t; };
template <class T> using Stored = typename StoredAs<T>::type;

// Blocks of a length that the compiler knows become registers. An operand may be the result, element for element.
template <class Op, class T, class R, int... I, int... P>
void forward_plain(char* const* p, int64_t n, const double* params, Indices<I...>, Indices<P...>) {
  Stored<R>* const out = reinterpret_cast<Stored<R>*>(p[0]);
  const Stored<T>* const x[] = {reinterpret_cast<const Stored<T>*>(p[I + 1])...};
  const double s[sizeof...(P) + 1] = {params[P]...};
  const auto block = [&](int64_t at, auto length) __attribute__((always_inline)) {
    const int64_t end = at + length;
    if constexpr (HasQuick<Op, T>) {
      uint64_t slow = 0;
      for (int64_t k = at; k < end; ++k) slow |= Op::slow(static_cast<T>(x[I][k])...);
      if (slow == 0) {
#pragma GCC ivdep
        for (int64_t k = at; k < end; ++k) out[k] = Op::quick(static_cast<T>(x[I][k])...);
        return;
      }
    }
#pragma GCC ivdep
    for (int64_t k = at; k < end; ++k) out[k] = static_cast<R>(Op::fwd(static_cast<T>(x[I][k])..., s[P]...));
  };
  struct Block { constexpr operator int64_t() const { return sizeof(T) < 4 ? 128 : 64; } };
  constexpr int64_t kLine = 64 / sizeof(R), kAhead = 4 * kLine;
  int64_t at = 0;
  for (; at + Block{} <= n; at += Block{}) {
    for (int64_t k = 0; k < Block{}; k += kLine) __builtin_prefetch(out + at + kAhead + k, 1);
    block(at, Block{});
  }
  block(at, n - at);
}

template <int N> struct Count;
template <> struct Count<0> { using type = Indices<>; };
template <> struct Count<1> { using type = Indices<0>; };
template <> struct Count<2> { using type = Indices<0, 1>; };
template <> struct Count<3> { using type = Indices<0, 1, 2>; };

template <class Op, class T>
void forward(char* const* p, int64_t n, const double* params) {
  using In = typename Count<Op::kInputs>::type;
  using Ps = typename Count<Op::kParams>::type;
  if constexpr (lane::kIsLane<T>) forward_float<Op, T>(p, n, params, In{}, Ps{});
  else if constexpr (Op::info.kind == Kind::Compare) forward_plain<Op, T, bool>(p, n, params, In{}, Ps{});
  else forward_plain<Op, T, T>(p, n, params, In{}, Ps{});
}

// vjp<I> reads x[0] = g, x[1 + i] = input i, x[1 + N] = output; what is not saved is an Absent.
template <class Op, int I, class T, int Slot, class... Left>
STEEPEST_LANE auto saved(const char* const* x, int64_t at, Left... left) {
  constexpr int kBit = Slot == Op::kInputs ? Y : 1 << Slot;
  if constexpr (!(Op::info.saves[I] & kBit)) return Absent{};
  else if constexpr (sizeof...(Left) == 0) return Whole<T>::get(x[1 + Slot], at);
  else return Part<T>::get(x[1 + Slot], at, left...);
}

template <class Op, int I, class T, int... S, int... P>
void backward_tile(char* const* p, int64_t n, const double* params, Indices<S...>, Indices<P...>) {
  char* const out = p[0];
  const char* const x[] = {p[1], p[2 + S]...};
  const double s[sizeof...(P) + 1] = {params[P]...};
  each_register<T>(out, sizeof(T), n, [&](int64_t at, auto... left) __attribute__((always_inline)) {
    if constexpr (sizeof...(left) == 0) {
      put<T>(out, at, as_lanes<T>(Op::template vjp<I>(Whole<T>::get(x[0], at), saved<Op, I, T, S>(x, at)..., s[P]...)));
    } else {
      put<T>(out, at, as_lanes<T>(Op::template vjp<I>(Part<T>::get(x[0], at, left...), saved<Op, I, T, S>(x, at, left...)..., s[P]...)), left...);
    }
  });
}

template <class Op, int I, class T>
void backward(char* const* p, int64_t n, const double* params) {
  using Slots = Indices<0, 1>;
  using Ps = typename Count<Op::kParams>::type;
  if constexpr (Op::kInputs == 1) backward_tile<Op, I, T>(p, n, params, Slots{}, Ps{});
  else if constexpr (Op::kInputs == 2) backward_tile<Op, I, T>(p, n, params, Indices<0, 1, 2>{}, Ps{});
  else backward_tile<Op, I, T>(p, n, params, Indices<0, 1, 2, 3>{}, Ps{});
}

template <class Op, int I>
constexpr void fill_backward(Tiles& t) {
  if constexpr (has_lane_vjp<Op, I>) {
    t.backward[I][0] = backward<Op, I, float>;
    t.backward[I][1] = backward<Op, I, double>;
  }
}

template <class Op>
constexpr Tiles tiles_of() {
  Tiles t{};
  constexpr Kind kind = Op::info.kind;
  if constexpr (kind != Kind::Bits) {
    t.forward[kFloat32] = forward<Op, float>;
    t.forward[kFloat64] = forward<Op, double>;
    fill_backward<Op, 0>(t);
    if constexpr (Op::kInputs > 1) fill_backward<Op, 1>(t);
    if constexpr (Op::kInputs > 2) fill_backward<Op, 2>(t);
  }
  if constexpr (kind != Kind::Float && kind != Kind::FloatOnly) {
    if constexpr (!Op::info.no_bool && Op::info.bools == Bools::Plain) t.forward[kBool] = forward<Op, bool>;
    t.forward[kUInt8] = forward<Op, uint8_t>;
    t.forward[kInt8] = forward<Op, int8_t>;
    t.forward[kInt16] = forward<Op, int16_t>;
    t.forward[kInt32] = forward<Op, int32_t>;
    t.forward[kInt64] = forward<Op, int64_t>;
  }
  if constexpr (Op::info.complex) {
    t.forward[kComplex64] = forward<Op, lane::Complex<float>>;
    t.forward[kComplex128] = forward<Op, lane::Complex<double>>;
  }
  return t;
}

template <class Op>
struct BodyOf { using type = Op; };
template <class Op>
  requires requires { typename Op::Body; }
struct BodyOf<Op> { using type = typename Op::Body; };

template <class... Ops>
const Tiles* family_tiles(Family<Ops...>) {
  static constexpr Tiles tiles[] = {tiles_of<typename BodyOf<Ops>::type>()...};
  return tiles;
}

}  // namespace STEEPEST_ISA

#define STEEPEST_JOIN_(a, b) a##_##b
#define STEEPEST_JOIN(a, b) STEEPEST_JOIN_(a, b)
const Tiles* STEEPEST_JOIN(STEEPEST_JOIN(STEEPEST_FAMILY, tiles), STEEPEST_ISA)() {
  return STEEPEST_ISA::family_tiles(STEEPEST_JOIN(STEEPEST_FAMILY, records){});
}

}  // namespace st
