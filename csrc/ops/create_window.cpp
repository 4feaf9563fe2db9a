// Window functions, in the roundings of PyTorch's: hann_window, hamming_window, bartlett_window, blackman_window, kaiser_window.
#include <cmath>

#include "kernels/range.h"
#include "ops/call.h"
#include "ops/elementwise/bessel.h"
#include "ops/functions.h"

namespace st {
namespace {

using OptDtype = std::optional<Dtype>;
constexpr double kPi = 3.14159265358979323846;

// f(i = 0, 1, ..., last index) of a symmetric window; a periodic one is a symmetric one that lacks its last element.
template <class F>
Tensor window(const char* name, int64_t length, bool periodic, OptDtype given, F f) {
  const Dtype dtype = given.value_or(default_dtype());
  if (!is_floating(dtype)) {
    runtime_error(name, " expects floating point dtypes, got: TensorOptions(dtype=", is_complex(dtype) ? "complex" : info(dtype).name,
                  ", device=cpu, layout=Strided (default), requires_grad=false (default), pinned_memory=false, memory_format=(nullopt))");
  }
  if (length < 0) runtime_error(name, " requires non-negative window_length, got window_length=", length);
  if (length == 0) return empty(Dims{0}, dtype);
  if (length == 1) return full(Dims{1}, Scalar(1), dtype);
  const int64_t n = length + periodic;
  const Tensor at = empty(Dims{n}, computed_in(dtype));
  fill_arange(at, Scalar(0), Scalar(1));
  const Tensor y = to_dtype(f(at, static_cast<double>(n - 1)), dtype);
  return periodic ? contiguous_copy(narrow(y, 0, 0, length), true) : y;
}

struct HammingWindow {
  static constexpr OpInfo info{.sig = "hamming_window(int window_length, bool periodic=True, float alpha=0.54, float beta=0.46, **factory) -> Tensor",
                               .doc = "alpha - beta cos(2 pi i / N); N is window_length, or one less unless periodic.", .where = kFunction};
  static Tensor fwd(int64_t length, bool periodic, double alpha, double beta, OptDtype dtype) { return make("hamming_window", length, periodic, alpha, beta, dtype); }
  static Tensor make(const char* name, int64_t length, bool periodic, double alpha, double beta, OptDtype dtype) {
    return window(name, length, periodic, dtype, [&](const Tensor& i, double last) { return cos(i * (2 * kPi / last)) * -beta + alpha; });
  }
};
struct HannWindow {
  static constexpr OpInfo info{.sig = "hann_window(int window_length, bool periodic=True, **factory) -> Tensor",
                               .doc = "sin(pi i / N)^2; N is window_length, or one less unless periodic.", .where = kFunction};
  static Tensor fwd(int64_t length, bool periodic, OptDtype dtype) { return HammingWindow::make("hann_window", length, periodic, 0.5, 0.5, dtype); }
};
struct BartlettWindow {
  static constexpr OpInfo info{.sig = "bartlett_window(int window_length, bool periodic=True, **factory) -> Tensor",
                               .doc = "1 - |2 i / N - 1|; N is window_length, or one less unless periodic.", .where = kFunction};
  static Tensor fwd(int64_t length, bool periodic, OptDtype dtype) {
    return window("bartlett_window", length, periodic, dtype, [](const Tensor& i, double last) {
      const Tensor rise = i * (2 / last);
      return where(i * 2.0 <= last, rise, 2.0 - rise);
    });
  }
};
struct BlackmanWindow {
  static constexpr OpInfo info{.sig = "blackman_window(int window_length, bool periodic=True, **factory) -> Tensor",
                               .doc = "0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N); N is window_length, or one less unless periodic.", .where = kFunction};
  static Tensor fwd(int64_t length, bool periodic, OptDtype dtype) {
    return window("blackman_window", length, periodic, dtype, [](const Tensor& i, double last) {
      const Tensor turn = i * (kPi / last);
      return cos(turn * 4.0) * 0.08 - cos(turn * 2.0) * 0.5 + 0.42;
    });
  }
};
struct KaiserWindow {
  static constexpr OpInfo info{.sig = "kaiser_window(int window_length, bool periodic=True, float beta=12.0, **factory) -> Tensor",
                               .doc = "i0(beta sqrt(1 - (2 i / N - 1)^2)) / i0(beta); N is window_length, or one less unless periodic.", .where = kFunction};
  static Tensor fwd(int64_t length, bool periodic, double beta, OptDtype dtype) {
    return window("kaiser_window", length, periodic, dtype, [beta](const Tensor& i, double last) {
      const Tensor away = i * (2 / last) - 1.0;
      const Tensor inside = tensor_call<I0>(sqrt(tensor_call<ClampMinNumber>(1.0 - away * away, 0.0)) * beta);
      return inside / tensor_call<I0>(full({}, Scalar(beta), Dtype::Float64));
    });
  }
};

const Register<HannWindow, HammingWindow, BartlettWindow, BlackmanWindow, KaiserWindow> registered;

}  // namespace
}  // namespace st
