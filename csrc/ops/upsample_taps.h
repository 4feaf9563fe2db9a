// Which elements a resampled one is made of, and with which weights: nearest, linear, cubic, and the latter two with antialiasing.
#pragma once
#include <optional>

#include "kernels/resample.h"

namespace st {

enum class Interpolation : uint8_t { Nearest, NearestExact, Linear, Cubic, LinearAntialiased, CubicAntialiased };

// In the arithmetic of `dtype`, as PyTorch's positions are rounded. `scale` stands in for out / in where it is given.
Taps upsample_taps(Interpolation mode, int64_t in, int64_t out, bool align_corners, std::optional<double> scale, Dtype dtype);

}  // namespace st
