// What pooling ops do with the places they found: gradients added there, elements taken from there, and max_unpool, which puts them back.
#include "ops/call.h"
#include "ops/pool.h"

namespace st {
namespace {

int64_t planes_of(DimSpan sizes, int64_t k) {
  int64_t n = 1;
  for (size_t d = 0; d + static_cast<size_t>(k) < sizes.size(); ++d) n *= sizes[d];
  return n;
}

struct AddAtPlaces {
  static constexpr OpInfo info{.sig = "_add_at_places(Tensor grad, Tensor? input, Tensor places, int[] sizes, int dims) -> Tensor",
                               .doc = "Zeros of those sizes with grad added at places of the planes of the last dims dimensions.",
                               .saves = {X2},
                               .where = 0,
                               .grad_name = "MaxPoolBackwardBackward0"};
  static Tensor fwd(const Tensor& g, const Tensor&, const Tensor& places, const Dims& sizes, int64_t k) {
    const Tensor x = empty(sizes, computed_in(g.dtype()));
    add_places(x, contiguous_copy(widened(g)), places, planes_of(sizes, k));
    return narrowed(x, g.dtype());
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& input, const Tensor& places, const Dims&, int64_t k) {
    if (d.needs(0)) d.set(0, take_at_places(d.g(), places, static_cast<int>(k)));
    if (d.needs(1)) d.set(1, zeros(input.sizes(), input.dtype()));
  }
};

struct TakeAtPlaces {
  static constexpr OpInfo info{.sig = "_take_at_places(Tensor input, Tensor places, int dims) -> Tensor",
                               .doc = "The elements at places of the planes of the last dims dimensions.",
                               .saves = {X1},
                               .where = 0};
  static Tensor fwd(const Tensor& x, const Tensor& places, int64_t k) {
    const Tensor y = empty(places.sizes(), x.dtype());
    take_places(y, contiguous_copy(x), places, planes_of(x.sizes(), k));
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Tensor& places, int64_t k) {
    if (d.needs(0)) d.set(0, add_at_places(d.g(), Tensor(), places, x.sizes(), static_cast<int>(k)));
  }
};

template <int kDims>
struct Unpool {
  static constexpr OpInfo info{.sig = kDims == 2 ? "_max_unpool2d(Tensor input, Tensor indices, int[] output_size) -> Tensor"
                                                 : "_max_unpool3d(Tensor input, Tensor indices, int[] output_size) -> Tensor",
                               .doc = "Zeros with the elements of input at the places that max pooling found them.",
                               .saves = {X1},
                               .where = 0,
                               .grad_name = kDims == 2 ? "MaxUnpool2DBackward0" : "MaxUnpool3DBackward0"};
  static Tensor fwd(const Tensor& x, const Tensor& places, const Dims& output) {
    if (output.size() != kDims) runtime_error("There should be exactly ", kDims == 2 ? "two" : "three", " elements (", kDims == 2 ? "" : "depth, ", "height, width) in output_size, but got ", output.size(), " elements.");
    if (places.dtype() != Dtype::Int64) runtime_error("elements in indices should be type int64 but got: ", st::info(places.dtype()).scalar_type);
    if (x.dim() != kDims + 1 && x.dim() != kDims + 2) {
      runtime_error("Input to max_unpooling", kDims, "d should be a ", kDims + 1, "d or ", kDims + 2, "d Tensor, but got a tensor with ", x.dim(), " dimensions.");
    }
    if (!same_shape(x, places)) {
      runtime_error("Expected shape of indices to be same as that of the input tensor (", x.sizes(), ") but got indices tensor with shape: ", places.sizes());
    }
    for (int d = 1; d < x.dim(); ++d) {
      if (x.size(d) == 0) {
        runtime_error("max_unpooling", kDims, "d_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, but got ", x.sizes(), " with dimension ", d, " being empty.");
      }
    }
    Dims sizes = x.sizes();
    std::string volume;
    int64_t elements = 1;
    for (int i = 0; i < kDims; ++i) {
      sizes[x.dim() - kDims + i] = output[i];
      elements *= output[i];
      volume += cat(i ? "x" : "", output[i]);
    }
    const Tensor at = contiguous_copy(places);
    for (int64_t i = 0; i < at.numel(); ++i) {
      const int64_t place = at.data<int64_t>()[i];
      if (place < 0 || place >= elements) runtime_error("Found an invalid max index: ", place, " (output volumes are of size ", volume, ")");
    }
    const Tensor y = empty(sizes, x.dtype());
    put_places(y, contiguous_copy(x), at, planes_of(sizes, kDims));
    return y;
  }
  static void vjp(Grads& d, const Tensor&, const Tensor& places, const Dims&) {
    if (d.needs(0)) d.set(0, take_at_places(d.g(), contiguous(places), kDims));
  }
};

const Register<AddAtPlaces, TakeAtPlaces, Unpool<2>, Unpool<3>> registered;

}  // namespace

Tensor add_at_places(const Tensor& g, const Tensor& input, const Tensor& places, const Dims& sizes, int k) {
  return call_op<AddAtPlaces>(g, input, places, sizes, int64_t{k});
}
Tensor take_at_places(const Tensor& x, const Tensor& places, int k) { return call_op<TakeAtPlaces>(x, places, int64_t{k}); }

}  // namespace st
