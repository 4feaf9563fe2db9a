// Resampling to another size: nearest, linear to trilinear, bicubic, and with antialiasing. Python's interpolate() chooses among them.
#include "kernels/pad.h"
#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"
#include "ops/upsample_taps.h"

namespace st {
namespace {

struct Kind {
  const char *sig, *backward_sig, *grad_name, *backward_grad_name;
  Interpolation mode;
  int dims;
};
#define STEEPEST_UPSAMPLE(op, grad, mode, dims)                                                                                                            \
  Kind {                                                                                                                                                   \
    "_" op "(Tensor input, int[] output_size, bool align_corners, float? scales_d, float? scales_h, float? scales_w) -> Tensor",                           \
        "_" op "_backward(Tensor grad, int[] input_size, bool align_corners, float? scales_d, float? scales_h, float? scales_w) -> Tensor", grad "Backward0", \
        grad "BackwardBackward0", Interpolation::mode, dims                                                                                                \
  }
constexpr Kind kKinds[] = {
    STEEPEST_UPSAMPLE("upsample_nearest1d", "UpsampleNearest1D", Nearest, 1),
    STEEPEST_UPSAMPLE("upsample_nearest2d", "UpsampleNearest2D", Nearest, 2),
    STEEPEST_UPSAMPLE("upsample_nearest3d", "UpsampleNearest3D", Nearest, 3),
    STEEPEST_UPSAMPLE("upsample_nearest_exact1d", "UpsampleNearestExact1D", NearestExact, 1),
    STEEPEST_UPSAMPLE("upsample_nearest_exact2d", "UpsampleNearestExact2D", NearestExact, 2),
    STEEPEST_UPSAMPLE("upsample_nearest_exact3d", "UpsampleNearestExact3D", NearestExact, 3),
    STEEPEST_UPSAMPLE("upsample_linear1d", "UpsampleLinear1D", Linear, 1),
    STEEPEST_UPSAMPLE("upsample_bilinear2d", "UpsampleBilinear2D", Linear, 2),
    STEEPEST_UPSAMPLE("upsample_trilinear3d", "UpsampleTrilinear3D", Linear, 3),
    STEEPEST_UPSAMPLE("upsample_bicubic2d", "UpsampleBicubic2D", Cubic, 2),
    STEEPEST_UPSAMPLE("upsample_bilinear2d_aa", "UpsampleBilinear2DAa", LinearAntialiased, 2),
    STEEPEST_UPSAMPLE("upsample_bicubic2d_aa", "UpsampleBicubic2DAa", CubicAntialiased, 2),
};
#undef STEEPEST_UPSAMPLE

using Scale = std::optional<double>;

std::string by_axis(const Dims& v) {
  static constexpr const char* kAxes[] = {"D", "H", "W"};
  std::string out;
  for (int i = 0; i < v.size(); ++i) out += cat(i ? ", " : "", kAxes[3 - v.size() + i], ": ", v[i]);
  return out;
}

void check_sizes(const Tensor& x, const Dims& output, int k) {
  if (output.size() != k) runtime_error("It is expected output_size equals to ", k, ", but got size ", output.size());
  if (x.dim() != k + 2) runtime_error("It is expected input_size equals to ", k + 2, ", but got size ", x.dim());
  Dims in = x.sizes().last(static_cast<size_t>(k));
  for (int i = 0; i < k; ++i) {
    if (in[i] > 0 && output[i] > 0) continue;
    runtime_error("Input and output sizes should be greater than 0, but got input (", by_axis(in), ") output (", by_axis(output), ")");
  }
  if (x.size(1) == 0) runtime_error("Non-empty ", k + 2, "D data tensor expected but got a tensor with sizes ", x.sizes());
}

std::vector<Taps> taps_of(const Kind& kind, DimSpan in, DimSpan out, bool align_corners, const Scale* scales, Dtype dtype) {
  std::vector<Taps> dims;
  for (int i = 0; i < kind.dims; ++i) {
    const size_t d = in.size() - static_cast<size_t>(kind.dims - i);
    dims.push_back(upsample_taps(kind.mode, in[d], out[d], align_corners, scales[3 - kind.dims + i], dtype));
  }
  return dims;
}

// One element each: bytes are moved.
Tensor nearest(const Tensor& x, const Dims& sizes, const std::vector<Taps>& dims) {
  PlaneMap map;
  map.planes = x.size(0) * x.size(1);
  const size_t k = dims.size();
  for (size_t i = 0; i < 3; ++i) {
    if (i + k < 3) {
      map.at[i] = {0};
      continue;
    }
    const Taps& t = dims[i + k - 3];
    map.sizes[i] = t.size;
    map.at[i].assign(t.at.begin(), t.at.end());
  }
  const Tensor y = empty(sizes, x.dtype());
  take_mapped(y, contiguous_copy(x), map);
  return y;
}

template <int kKind>
struct Upsample {
  static constexpr const Kind& kind = kKinds[kKind];
  static constexpr bool kNearest = kind.mode == Interpolation::Nearest || kind.mode == Interpolation::NearestExact;
  static constexpr OpInfo info{.sig = kind.sig, .doc = "input (N, C, *) resampled to output_size.", .where = 0, .grad_name = kind.grad_name};

  struct Backward {
    static constexpr OpInfo info{.sig = kind.backward_sig, .doc = "The gradient of resampling an input of that size.", .where = 0, .grad_name = kind.backward_grad_name};
    static Tensor fwd(const Tensor& g, const Dims& input, bool align_corners, Scale d, Scale h, Scale w) {
      const Scale scales[] = {d, h, w};
      std::vector<Taps> dims;
      for (const Taps& t : taps_of(kind, input, g.sizes(), align_corners, scales, g.dtype())) dims.push_back(transposed(t));
      const Tensor dx = empty(input, computed_in(g.dtype()));
      resample(dx, contiguous_copy(widened(g)), dims, true);
      return narrowed(dx, g.dtype());
    }
    static void vjp(Grads& grads, const Tensor& g, const Dims&, bool align_corners, Scale d, Scale h, Scale w) {
      if (grads.needs(0)) grads.set(0, call_op<Upsample>(grads.g(), Dims(g.sizes().last(kind.dims)), align_corners, d, h, w));
    }
  };

  static Tensor fwd(const Tensor& x, const Dims& output, bool align_corners, Scale d, Scale h, Scale w) {
    check_sizes(x, output, kind.dims);
    const bool bytes = x.dtype() == Dtype::UInt8 && (kNearest || kind.dims == 2);
    if (!is_floating(x.dtype()) && !bytes) not_implemented("\"", name(), "\" not implemented for '", st::info(x.dtype()).scalar_type, "'");
    Dims sizes = x.sizes();
    for (int i = 0; i < kind.dims; ++i) sizes[2 + i] = output[i];
    const Scale scales[] = {d, h, w};
    const std::vector<Taps> dims = taps_of(kind, x.sizes(), sizes, align_corners, scales, x.dtype());
    if constexpr (kNearest) return nearest(x, sizes, dims);
    const Dtype type = bytes ? Dtype::Float32 : computed_in(x.dtype());
    const Tensor y = empty(sizes, type);
    resample(y, cast_copy(x, type), dims, false);
    if (!bytes) return narrowed(y, x.dtype());
    for (int64_t i = 0; i < y.numel(); ++i) {
      float& v = y.data<float>()[i];
      v = std::min(std::max(v + 0.5f, 0.0f), 255.0f);
    }
    return cast_copy(y, Dtype::UInt8);
  }
  static void vjp(Grads& grads, const Tensor& x, const Dims&, bool align_corners, Scale d, Scale h, Scale w) {
    if (grads.needs(0)) grads.set(0, call_op<Backward>(grads.g(), Dims(x.sizes()), align_corners, d, h, w));
  }

 private:
  static std::string name() {
    const std::string_view sig = kind.sig;
    return cat(sig.substr(1, sig.find('(') - 1), "_channels_last");
  }
};

template <int... kKind>
void register_kinds(std::integer_sequence<int, kKind...>) {
  static const Register<Upsample<kKind>..., typename Upsample<kKind>::Backward...> registered;
}
[[maybe_unused]] const bool registered = (register_kinds(std::make_integer_sequence<int, static_cast<int>(std::size(kKinds))>()), true);

}  // namespace
}  // namespace st
