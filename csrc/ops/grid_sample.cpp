// grid_sampler: elements of planes and volumes at places between them that a grid names. Kernels for values and first derivatives,
// recorded ops for those of any order.
#include <vector>

#include "kernels/grid_sample.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/pool.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

using Mode = SampleMode;

Tensor constant(double v, const Tensor& like) { return full(Dims{}, Scalar(v), like.dtype()); }
Tensor where_(const Tensor& mask, const Tensor& a, double b) { return where(mask, a, constant(b, a)); }

// A coordinate in elements, and its slope by the grid's number.
struct Place {
  Tensor at, slope;
};

// Brings coordinates into the range: `slope` becomes 0 where the edge decides, and changes sign with each reflection.
void clip(Place& p, int64_t size) {
  const Tensor low = p.at > 0.0, high = p.at < static_cast<double>(size - 1);  // a NaN goes to 0, as an edge does
  p.slope = where_(low & high, p.slope, 0);
  p.at = where_(low, where_(high, p.at, static_cast<double>(size - 1)), 0);
}
void reflect(Place& p, int64_t size, bool align_corners) {
  const double low = align_corners ? 0 : -0.5, span = align_corners ? static_cast<double>(size - 1) : static_cast<double>(size);
  if (span <= 0) {
    p.slope = p.slope * 0.0;
    p.at = p.at * 0.0;
    return;
  }
  const Tensor from = p.at - low, distance = abs(from);
  const Tensor flips = floor(distance / span), rest = distance - flips * span;
  const Tensor even = remainder(flips, constant(2, flips)) == 0.0;
  const Tensor side = where_(from < 0.0, -p.slope, 0) + where_(from >= 0.0, p.slope, 0);
  p.at = where(even, rest + low, span - rest + low);
  p.slope = where(even, side, -side);
  p.at = where_(p.at == p.at, p.at, 0);
}
void bring_inside(Place& p, int64_t size, Outside outside, bool align_corners) {
  if (outside == Outside::Reflection) reflect(p, size, align_corners);
  if (outside != Outside::Zeros) clip(p, size);
}

// Along one dimension: the neighbours of each place, their weights and the weights' slopes by the grid's number. Where a neighbour is
// outside and nothing stands there, its weight is 0.
struct Neighbours {
  std::vector<Tensor> at, weight, slope;
};

constexpr double kA = -0.75;
Tensor near(const Tensor& x) { return ((kA + 2) * x - (kA + 3)) * x * x + 1.0; }
Tensor far(const Tensor& x) { return ((kA * x - 5 * kA) * x + 8 * kA) * x - 4 * kA; }
Tensor near_slope(const Tensor& x) { return (3 * (kA + 2) * x - 2 * (kA + 3)) * x; }
Tensor far_slope(const Tensor& x) { return (3 * kA * x - 10 * kA) * x + 8 * kA; }

Neighbours neighbours(const Tensor& grid, int64_t size, Mode mode, Outside outside, bool align_corners) {
  const double scale = static_cast<double>(align_corners ? size - 1 : size) / 2;
  Place p{align_corners ? (grid + 1.0) * scale : (grid + 1.0) * scale - 0.5, full(grid.sizes(), Scalar(scale), grid.dtype())};
  Neighbours n;
  auto add = [&](const Tensor& at, const Tensor& weight, const Tensor& slope) {
    Place neighbour{at, p.slope};
    if (mode == Mode::Cubic) bring_inside(neighbour, size, outside, align_corners);
    const Tensor exists = (neighbour.at >= 0.0) & (neighbour.at <= static_cast<double>(size - 1));
    n.at.push_back(to_dtype(where_(exists, neighbour.at, 0), Dtype::Int64));
    n.weight.push_back(where_(exists, weight, 0));
    n.slope.push_back(where_(exists, slope, 0));
  };
  if (mode == Mode::Cubic) {
    const Tensor below = floor(p.at), t = p.at - below;
    add(below - 1.0, far(t + 1.0), far_slope(t + 1.0) * p.slope);
    add(below, near(t), near_slope(t) * p.slope);
    add(below + 1.0, near(1.0 - t), -near_slope(1.0 - t) * p.slope);
    add(below + 2.0, far(2.0 - t), -far_slope(2.0 - t) * p.slope);
    return n;
  }
  bring_inside(p, size, outside, align_corners);
  if (mode == Mode::Nearest) {
    const Tensor none = where_(p.at < p.at, p.at, 0);  // zeros that know the grid: its derivative is zero, not none
    add(round(p.at), none + 1.0, none);
  } else {
    const Tensor below = floor(p.at), t = p.at - below;
    add(below, 1.0 - t, -p.slope);
    add(below + 1.0, t, p.slope);
  }
  return n;
}

// x as (N, C, plane), the grid as (N, P, dims); dims in the order of the planes, the reverse of the grid's last dimension.
template <int kDims, class F>
void each_neighbour(const Tensor& x, const Tensor& grid, Mode mode, Outside outside, bool align_corners, F f) {
  const int64_t batch = x.size(0), places = batch ? grid.numel() / batch / kDims : 0;
  const Tensor numbers = reshape(grid, Dims{batch, places, kDims});
  Neighbours n[kDims];
  for (int d = 0; d < kDims; ++d) n[d] = neighbours(select(numbers, 2, kDims - 1 - d), x.size(2 + d), mode, outside, align_corners);
  const size_t count = n[0].at.size();
  size_t total = 1;
  for (int d = 0; d < kDims; ++d) total *= count;
  for (size_t k = 0; k < total; ++k) {
    size_t which[kDims], rest = k;
    Tensor at = zeros(Dims{batch, places}, Dtype::Int64), weight;
    for (int d = kDims - 1; d >= 0; --d, rest /= count) which[d] = rest % count;
    for (int d = 0; d < kDims; ++d) {
      at = at * x.size(2 + d) + n[d].at[which[d]];
      weight = weight.defined() ? weight * n[d].weight[which[d]] : n[d].weight[which[d]];
    }
    const Tensor spread = contiguous(expand(unsqueeze(at, 1), Dims{batch, x.size(1), places}));
    f(spread, weight, [&](int by) {  // the weight's slope by one of the grid's numbers
      Tensor slope;
      for (int d = 0; d < kDims; ++d) {
        const Tensor& factor = d == by ? n[d].slope[which[d]] : n[d].weight[which[d]];
        slope = slope.defined() ? slope * factor : factor;
      }
      return slope;
    });
  }
}

template <int kDims>
struct GridSampler {
  static constexpr OpInfo info{
      .sig = kDims == 2 ? "grid_sampler_2d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor"
                        : "grid_sampler_3d(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
      .doc = "grid_sampler() of planes or volumes.",
      .saves = {X0 | X1, X0 | X1},
      .where = kFunction,
      .grad_name = kDims == 2 ? "GridSampler2DBackward0" : "GridSampler3DBackward0"};

  static Tensor fwd(const Tensor& x, const Tensor& grid, int64_t mode, int64_t outside, bool align_corners) {
    if (x.dim() != kDims + 2 || grid.dim() != kDims + 2) {
      runtime_error("grid_sampler(): expected ", kDims + 2, "D input and grid with same number of dimensions, but got input with sizes ", x.sizes(),
                    " and grid with sizes ", grid.sizes());
    }
    if (Mode(mode) == Mode::Cubic && kDims == 3) runtime_error("grid_sampler(): bicubic interpolation only supports 4D input");
    if (x.dtype() != grid.dtype()) {
      runtime_error("expected scalar type ", st::info(x.dtype()).scalar_type, " but found ", st::info(grid.dtype()).scalar_type);
    }
    if (!is_floating(x.dtype())) not_implemented("\"grid_sampler_", kDims, "d_cpu_kernel_impl\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    const Tensor from = contiguous_copy(widened(x));
    Dims sizes = grid.sizes().first(kDims + 1);
    sizes.insert(1, x.size(1));
    const Tensor y = empty(sizes, from.dtype());
    if (y.numel() > 0) grid_sample(reshape(y, Dims{x.size(0), x.size(1), places(grid)}), from, contiguous_copy(widened(grid)), Sampling{kDims, Mode(mode), Outside(outside), align_corners});
    return narrowed(y, x.dtype());
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& grid, int64_t mode, int64_t outside, bool align_corners) {
    const Dtype type = computed_in(x.dtype());
    const Tensor from = to_dtype(x, type), planes = flat(from), wide = to_dtype(grid, type);
    const Tensor g = reshape(to_dtype(d.g(), type), Dims{x.size(0), x.size(1), places(grid)});
    if (!d.create_graph()) {
      const Tensor dx = d.needs(0) ? empty(x.sizes(), type) : Tensor(), dgrid = d.needs(1) ? zeros(grid.sizes(), type) : Tensor();
      grid_sample_backward(dx, dgrid, contiguous_copy(g), contiguous_copy(from), contiguous_copy(wide), Sampling{kDims, Mode(mode), Outside(outside), align_corners});
      if (dx.defined()) d.set(0, narrowed(dx, x.dtype()));
      if (dgrid.defined()) d.set(1, narrowed(dgrid, grid.dtype()));
      return;
    }
    Tensor dx = zeros(planes.sizes(), type), by[kDims];
    for (Tensor& t : by) t = zeros(Dims{x.size(0), places(grid)}, type);
    if (g.numel() > 0) {
      each_neighbour<kDims>(from, wide, Mode(mode), Outside(outside), align_corners, [&](const Tensor& at, const Tensor& weight, auto slope) {
        if (d.needs(0)) dx = dx + add_at_places(g * unsqueeze(weight, 1), Tensor(), at, planes.sizes(), 1);
        if (!d.needs(1)) return;
        const Tensor share = sum(g * take_at_places(planes, at, 1), Dims{1}, false);
        for (int k = 0; k < kDims; ++k) by[k] = by[k] + share * slope(k);
      });
    }
    if (d.needs(0)) d.set(0, to_dtype(reshape(dx, x.sizes()), x.dtype()));
    if (d.needs(1)) {
      Tensors last;
      for (int k = kDims - 1; k >= 0; --k) last.push_back(by[k]);
      d.set(1, to_dtype(reshape(stack(last, -1), grid.sizes()), grid.dtype()));
    }
  }

 private:
  static Tensor flat(const Tensor& x) {
    int64_t n = 1;
    for (int d = 0; d < kDims; ++d) n *= x.size(2 + d);
    return reshape(x, Dims{x.size(0), x.size(1), n});
  }
  static int64_t places(const Tensor& grid) {
    int64_t n = 1;
    for (int d = 1; d <= kDims; ++d) n *= grid.size(d);
    return n;
  }
};

struct AnyGridSampler : Composite {
  static constexpr OpInfo info{.sig = "grid_sampler(Tensor input, Tensor grid, int interpolation_mode, int padding_mode, bool align_corners) -> Tensor",
                               .doc = "input (N, C, H, W) at the places (x, y) of grid (N, H', W', 2), or (N, C, D, H, W) at those (x, y, z) of grid (N, D', H', W', 3), "
                                      "whose numbers go from -1 to 1. Modes: 0 linear, 1 nearest, 2 cubic; outside: 0 zeros, 1 border, 2 reflection.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, const Tensor& grid, int64_t mode, int64_t outside, bool align_corners) {
    if (x.dim() == 0 || grid.dim() == 0 || x.size(0) != grid.size(0)) {
      runtime_error("grid_sampler(): expected grid and input to have same batch size, but got input with sizes ", x.sizes(), " and grid with sizes ", grid.sizes());
    }
    if (grid.size(-1) != x.dim() - 2) {
      runtime_error("grid_sampler(): expected grid to have size ", x.dim() - 2, " in last dimension, but got grid with sizes ", grid.sizes());
    }
    for (int d = 2; d < x.dim(); ++d) {
      if (x.size(d) == 0) {
        runtime_error("grid_sampler(): expected input to have non-empty spatial dimensions, but input has sizes ", x.sizes(), " with dimension ", d, " being empty");
      }
    }
    if ((x.dim() != 4 && x.dim() != 5) || x.dim() != grid.dim()) {
      runtime_error("grid_sampler(): expected 4D or 5D input and grid with same number of dimensions, but got input with sizes ", x.sizes(), " and grid with sizes ",
                    grid.sizes());
    }
    if (x.dim() == 4) return call_op<GridSampler<2>>(x, grid, mode, outside, align_corners);
    return call_op<GridSampler<3>>(x, grid, mode, outside, align_corners);
  }
};

const Register<GridSampler<2>, GridSampler<3>, AnyGridSampler> registered;

}  // namespace
}  // namespace st
