// Discrete Fourier transforms: three ops that are each other's derivatives, of which torch.fft is made.
#include "kernels/fft.h"

#include <cmath>

#include "ops/call.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {

namespace {

// How results are scaled, as PyTorch numbers the ways.
enum Scaling : int64_t { kUnscaled, kByRoot, kByCount };

double factor(int64_t scaling, double count) { return scaling == kUnscaled ? 1 : scaling == kByRoot ? 1 / std::sqrt(count) : 1 / count; }

double count_along(const Tensor& x, const Dims& dims) {
  double n = 1;
  for (int64_t d : dims) n *= static_cast<double>(x.size(d));
  return n;
}

void check(const char* name, const Tensor& x, bool complex) {
  if (complex ? is_complex(x.dtype()) : x.dtype() == Dtype::Float32 || x.dtype() == Dtype::Float64) return;
  runtime_error(name, ": expected ", complex ? "a complex" : "a float32 or float64", " tensor, got ", st::info(x.dtype()).name);
}

Tensor c2c(const Tensor& x, const Dims& dims, int64_t scaling, bool forward);
Tensor r2c(const Tensor& x, const Dims& dims, int64_t scaling, bool onesided);

struct ComplexToComplex {
  static constexpr OpInfo info{.sig = "_fft_c2c(Tensor input, int[] dim, int normalization, bool forward) -> Tensor",
                               .doc = "The discrete Fourier transform along dim of complex numbers, or the inverse one.", .where = kFunction, .grad_name = "FftC2CBackward0"};
  static Tensor fwd(const Tensor& x, const Dims& dims, int64_t scaling, bool forward) {
    check("_fft_c2c", x, true);
    if (dims.empty() || x.numel() == 0) return clone(x);
    return fourier_complex(x, wrap_dims(dims, x.dim()), forward, factor(scaling, count_along(x, dims)));
  }
  static void vjp(Grads& d, const Tensor&, const Dims& dims, int64_t scaling, bool forward) {
    d.set(0, c2c(d.g(), dims, scaling, !forward));
  }
};

struct RealToComplex {
  static constexpr OpInfo info{.sig = "_fft_r2c(Tensor input, int[] dim, int normalization, bool onesided) -> Tensor",
                               .doc = "The discrete Fourier transform along dim of real numbers; onesided, without the mirrored half of the last of dim.",
                               .where = kFunction, .grad_name = "FftR2CBackward0"};
  static Tensor fwd(const Tensor& x, const Dims& dims, int64_t scaling, bool onesided) {
    check("_fft_r2c", x, false);
    return fourier_of_real(x, wrap_dims(dims, x.dim()), onesided, factor(scaling, count_along(x, dims)));
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& dims, int64_t scaling, bool onesided) {
    Tensor g = d.g();
    if (onesided) {  // what was left out has no gradient
      const int64_t last = wrap_dim(dims.back(), x.dim());
      Dims rest = g.sizes();
      rest[static_cast<int>(last)] = x.size(last) - g.size(last);
      g = cat({g, zeros(rest, g.dtype())}, last);
    }
    d.set(0, real_part(c2c(g, dims, scaling, false)));
  }
};

struct ComplexToReal {
  static constexpr OpInfo info{.sig = "_fft_c2r(Tensor input, int[] dim, int normalization, int last_dim_size) -> Tensor",
                               .doc = "The inverse of the onesided _fft_r2c; the last of dim gets last_dim_size elements.", .where = kFunction, .grad_name = "FftC2RBackward0"};
  static Tensor fwd(const Tensor& x, const Dims& dims, int64_t scaling, int64_t last) {
    check("_fft_c2r", x, true);
    if (last < 1) runtime_error("Invalid number of data points (", last, ") specified");
    const Dims along = wrap_dims(dims, x.dim());
    const int64_t given = x.size(along.back());
    if (given < last / 2 + 1) runtime_error("_fft_c2r: expected at least ", last / 2 + 1, " elements for ", last, " real ones, got ", given);
    return fourier_to_real(x, along, last, factor(scaling, count_along(x, dims) / static_cast<double>(given) * static_cast<double>(last)));
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& dims, int64_t scaling, int64_t) {
    // What has a mirror image counts for both.
    const Tensor g = r2c(d.g(), dims, scaling, true);
    const int64_t last = wrap_dim(dims.back(), x.dim()), twice = d.g().size(last) - g.size(last);
    const Tensor weights = full(Dims{g.size(last)}, Scalar(1.0), d.g().dtype());
    fill_elements(alias(weights, Dims{twice}, Dims{1}, 1), Scalar(2.0));
    Dims along;
    for (int64_t i = 0; i < x.dim(); ++i) along.push_back(i == last ? g.size(last) : 1);
    d.set(0, g * view(weights, along));
  }
};

const Register<ComplexToComplex, RealToComplex, ComplexToReal> registered;

Tensor c2c(const Tensor& x, const Dims& dims, int64_t scaling, bool forward) { return call_op<ComplexToComplex>(x, dims, scaling, forward); }
Tensor r2c(const Tensor& x, const Dims& dims, int64_t scaling, bool onesided) { return call_op<RealToComplex>(x, dims, scaling, onesided); }

}  // namespace
}  // namespace st
