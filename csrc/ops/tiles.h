// The function pointers that an elementwise op's record turns into, for one instruction set.
#pragma once
#include <cstdint>

#include "ops/record.h"

namespace st {

// p[0] is the result; then the operands, contiguous and all of the type computed in. Where some are copied first, kTile elements a call.
using Tile = void (*)(char* const* p, int64_t n, const double* params);
inline constexpr int64_t kTile = 512;

enum TileType : uint8_t { kBool, kUInt8, kInt8, kInt16, kInt32, kInt64, kFloat32, kFloat64, kComplex64, kComplex128, kTileTypes };

struct Tiles {
  Tile forward[kTileTypes];
  Tile backward[3][2];  // of input I, in float32 and float64
};

// Whether input I has a derivative, and whether that takes a body (passing the gradient on does not).
template <class Op, int I>
inline constexpr bool has_vjp = I < Op::kInputs && Op::info.kind != Kind::Compare && Op::info.kind != Kind::Bits && (Op::info.grads >> I & 1);
template <class Op, int I>
inline constexpr bool has_lane_vjp = has_vjp<Op, I> && !(Op::info.passes >> I & 1) && !Op::info.undifferentiable && !(Op::info.refused >> I & 1);

}  // namespace st
