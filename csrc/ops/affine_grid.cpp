// affine_grid_generator: the places that affine maps send a regular grid to.
#include "ops/call.h"
#include "ops/functions.h"

namespace st {
namespace {

// n numbers from -1 to 1: the corners' centres, or those of cells between the corners.
std::vector<double> steps(int64_t n, bool align_corners) {
  std::vector<double> out;
  const double shrink = align_corners ? 1 : static_cast<double>(n - 1) / static_cast<double>(n);
  for (int64_t i = 0; i < n; ++i) out.push_back(n == 1 ? 0 : (2 * static_cast<double>(i) / static_cast<double>(n - 1) - 1) * shrink);
  return out;
}

// (P, dims + 1): x, y (and z), and 1 of every place of a regular grid of `sizes`, the last of which is x's.
Tensor regular_grid(const Dims& sizes, bool align_corners, Dtype dtype) {
  const int64_t k = sizes.size(), n = count_elements(sizes);
  std::vector<std::vector<double>> axes;
  for (int64_t size : sizes) axes.push_back(steps(size, align_corners));
  const Tensor base = empty(Dims{n, k + 1}, Dtype::Float64);
  for (int64_t i = 0; i < n; ++i) {
    int64_t rest = i;
    double* row = base.data<double>() + i * (k + 1);
    for (int64_t d = k - 1; d >= 0; --d) {
      row[k - 1 - d] = axes[static_cast<size_t>(d)][static_cast<size_t>(rest % sizes[d])];
      rest /= sizes[d];
    }
    row[k] = 1;
  }
  return to_dtype(base, dtype);
}

struct AffineGrid {
  static constexpr OpInfo info{.sig = "affine_grid_generator(Tensor theta, int[] size, bool align_corners) -> Tensor",
                               .doc = "For each matrix of theta (N, 2, 3), the places (N, H, W, 2) to which it maps a regular grid of numbers from -1 to 1; size is "
                                      "(N, C, H, W). Likewise theta (N, 3, 4) and size (N, C, D, H, W) to (N, D, H, W, 3).",
                               .where = kFunction,
                               .grad_name = "AffineGridGeneratorBackward0"};
  static Tensor fwd(const Tensor& theta, const Dims& size, bool align_corners) {
    if (size.size() != 4 && size.size() != 5) runtime_error("AffineGridGenerator needs 4d (spatial) or 5d (volumetric) inputs.");
    const Tensor base = regular_grid(spatial(size), align_corners, theta.dtype());
    Dims sizes = spatial(size);
    sizes.insert(0, size[0]);
    sizes.push_back(size.size() - 2);
    if (theta.dim() != 3 || theta.size(0) != size[0] || theta.size(1) != size.size() - 2 || theta.size(2) != size.size() - 1) {
      runtime_error("Expected theta of shape [", size[0], ", ", size.size() - 2, ", ", size.size() - 1, "] but got: ", theta.sizes());
    }
    return detach(reshape(matmul(base, transpose(theta, 1, 2)), sizes));  // no view of what is not recorded
  }
  static void vjp(Grads& d, const Tensor& theta, const Dims& size, bool align_corners) {
    const Tensor base = regular_grid(spatial(size), align_corners, theta.dtype());
    const Tensor g = reshape(d.g(), Dims{size[0], base.size(0), size.size() - 2});
    d.set(0, matmul(transpose(g, 1, 2), base));
  }

 private:
  static Dims spatial(const Dims& size) { return Dims(DimSpan(size).subspan(2)); }
};

const Register<AffineGrid> registered;

}  // namespace
}  // namespace st
