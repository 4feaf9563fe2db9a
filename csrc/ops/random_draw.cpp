// Drawing into tensors: PyTorch's checks, and the loops of kernels/random.h by layout and dtype.
#include <cmath>
#include <limits>

#include "kernels/choice.h"
#include "kernels/layout.h"
#include "ops/check.h"
#include "ops/complex.h"
#include "ops/functions.h"
#include "ops/random.h"

namespace st {
namespace {

const bool selected = random_select(isa_name(chosen_isa()));

// Draws into y, or into a `substitute` of another dtype that lies in memory as y does.
template <class T, class D>
void draw(const Tensor& substitute, const Tensor& y, Generator& g, const D& d) {
  if (y.is_contiguous()) fill(g, substitute.data<T>(), y.numel(), d);
  else fill_strided(g, substitute.data<T>(), y.dim(), substitute->sizes, substitute->strides(), d);
}

// The half types take what is drawn into a T, rounded.
template <class T, class D>
void draw_rounded(const Tensor& y, Generator& g, const D& d) {
  const Tensor wide = empty_like(y, dtype_of<T>);
  draw<T>(wide, y, g, d);
  copy_elements(y, wide);
}

template <class D>
void draw_floating(const Tensor& y, Generator* given, const D& d) {
  Generator& g = generator_or_default(given);
  if (is_half(y.dtype())) draw_rounded<float>(y, g, d);
  else visit_float(y.dtype(), [&]<class T>() { draw<T>(y, y, g, d); });
}

template <class D>
void draw_any(const Tensor& y, Generator* given, const D& d) {
  visit_real(y.dtype(), [&]<class T>() {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) draw_rounded<float>(y, generator_or_default(given), d);
    else draw<T>(y, y, generator_or_default(given), d);
  });
}

struct Limits {
  double largest;
  int64_t digits;
};
Limits limits_of(Dtype d) {
  switch (d) {
    case Dtype::Float16: return {65504.0, 11};
    case Dtype::BFloat16: return {3.3895313892515355e38, 8};
    case Dtype::Float64: return {std::numeric_limits<double>::max(), 53};
    default: return {std::numeric_limits<float>::max(), 24};
  }
}

// Rounding must not reach `to`.
template <class T>
void draw_half_uniform(const Tensor& y, double from, double to, Generator& g) {
  const T low(from), high(to);
  const Tensor wide = empty_like(y, Dtype::Float32);
  draw<float>(wide, y, g, Uniform{low, high});
  auto* v = wide.data<float>();
  for (int64_t i = 0; i < wide.numel(); ++i) if (T(v[i]) == high) v[i] = low;
  copy_elements(y, wide);
}

// A half type fills whole blocks of 16, and then the last 16 elements anew; the wider types draw the rest of the last block before.
void draw_half_normal(const Tensor& y, Generator& g, const Normal& d) {
  const int64_t n = y.numel();
  if (!y.is_contiguous() || n < 16 || n % 16 == 0) return draw_rounded<float>(y, g, d);
  const Tensor wide = empty(y.sizes(), Dtype::Float32);
  fill(g, wide.data<float>(), n - n % 16, d);
  fill(g, wide.data<float>() + n - 16, 16, d);
  copy_elements(y, wide);
}

[[noreturn]] void continuous_only(const char* distribution, Dtype d) {
  const bool cauchy = distribution[0] == 'C';  // whose message shows the name of the C++ type
  runtime_error(distribution, " distribution is a continuous probability distribution. dtype must be a floating point but you specified ",
                cauchy && !is_complex(d) ? cpp_name(d) : info(d).scalar_type);
}

void check_std(double std) {
  if (!(std >= 0.0)) runtime_error("normal expects std >= 0.0, but found std ", std);
}

}  // namespace

void no_random_kernel(const char* name, Dtype dtype) {
  not_implemented("\"", name, "\" not implemented for '", info(dtype).scalar_type, "'");
}

void draw_uniform(const Tensor& y, double from, double to, Generator* g) {
  if (is_complex(y.dtype())) return draw_uniform(pairs_of(y), from, to, g);
  if (!is_floating(y.dtype())) no_random_kernel("check_uniform_bounds", y.dtype());
  const Limits limits = limits_of(y.dtype());
  if (!(from >= -limits.largest && from <= limits.largest)) runtime_error("from is out of bounds for ", cpp_name(y.dtype()));
  if (!(to >= -limits.largest && to <= limits.largest)) runtime_error("to is out of bounds for ", cpp_name(y.dtype()));
  if (from > to) runtime_error("uniform_ expects to return a [from, to) range, but found from=", from, " > to=", to);
  if (to - from > limits.largest) {
    runtime_error("uniform_ expects to-from <= std::numeric_limits<", info(y.dtype()).scalar_type, ">::max(), but found to=", to,
                  " and from=", from, " which result in to-from to exceed the limit");
  }
  if (y.dtype() == Dtype::Float16) draw_half_uniform<Half>(y, from, to, generator_or_default(g));
  else if (y.dtype() == Dtype::BFloat16) draw_half_uniform<BFloat16>(y, from, to, generator_or_default(g));
  else draw_floating(y, g, Uniform{from, to});
}

void draw_normal(const Tensor& y, double mean, double std, Generator* g) {
  check_std(std);
  if (y.numel() == 0) return;
  // A complex number's variance is shared by its parts.
  if (is_complex(y.dtype())) return draw_normal(pairs_of(y), mean, std * std::sqrt(0.5), g);
  if (!is_floating(y.dtype())) no_random_kernel("normal_kernel_cpu", y.dtype());
  if (is_half(y.dtype())) draw_half_normal(y, generator_or_default(g), Normal{mean, std});
  else draw_floating(y, g, Normal{mean, std});
}

void draw_log_normal(const Tensor& y, double mean, double std, Generator* g) {
  if (!(std > 0.0)) runtime_error("log_normal_ expects std > 0.0, but found std=", std);
  if (!is_floating(y.dtype())) no_random_kernel("log_normal_cpu", y.dtype());
  draw_floating(y, g, LogNormal{mean, std});
}

void draw_cauchy(const Tensor& y, double median, double sigma, Generator* g) {
  if (!(sigma > 0.0)) runtime_error("cauchy_ expects sigma > 0.0, but found sigma=", sigma);
  if (!is_floating(y.dtype())) continuous_only("Cauchy", y.dtype());
  draw_floating(y, g, Cauchy{median, sigma});
}

void draw_exponential(const Tensor& y, double lambda, Generator* g) {
  if (!(lambda > 0.0)) runtime_error("exponential_ expects lambda > 0.0, but found lambda=", lambda);
  if (!is_floating(y.dtype())) continuous_only("Exponential", y.dtype());
  draw_floating(y, g, Exponential{lambda});
}

void draw_geometric(const Tensor& y, double p, Generator* given) {
  if (!(0 < p && p < 1)) runtime_error("geometric_ expects p to be in (0, 1), but got p=", p);
  if (y.dtype() == Dtype::Bool || is_complex(y.dtype())) no_random_kernel("geometric_cpu", y.dtype());
  Generator& g = generator_or_default(given);
  visit_real(y.dtype(), [&]<class T>() {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) draw_rounded<float>(y, g, Geometric{p});
    else if constexpr (!std::is_same_v<T, bool>) draw<T>(y, y, g, Geometric{p});
  });
}

void draw_bernoulli(const Tensor& y, double p, Generator* g) {
  if (!(0 <= p && p <= 1)) runtime_error("bernoulli_ expects p to be in [0, 1], but got p=", p);
  if (is_complex(y.dtype())) no_random_kernel("bernoulli_scalar_cpu_", y.dtype());
  draw_any(y, g, Bernoulli{p});
}

void draw_bernoulli(const Tensor& y, const Tensor& given, Generator* g) {
  if (is_complex(y.dtype())) no_random_kernel("bernoulli_tensor_cpu_self_", y.dtype());
  if (!is_floating(given.dtype())) no_random_kernel("bernoulli_tensor_cpu_p_", given.dtype());
  // In the order of y's memory.
  const Dims order = memory_order(y);
  const Tensor out = permuted(y, order);
  Tensor p = empty(out.sizes(), is_half(given.dtype()) ? Dtype::Float32 : given.dtype());
  Dims inverse = Dims::filled(order.size(), 0);
  for (int i = 0; i < order.size(); ++i) inverse[order[i]] = i;
  copy_elements(permuted(p, inverse), expand(given, y.sizes()));
  const Dtype dtype = is_half(y.dtype()) ? Dtype::Float32 : y.dtype();
  const Tensor draws = out.is_contiguous() && dtype == y.dtype() ? out : empty(out.sizes(), dtype);
  visit_float(p.dtype(), [&]<class P>() {
    visit_real(dtype, [&]<class T>() {
      if constexpr (!std::is_same_v<T, Half> && !std::is_same_v<T, BFloat16>) {
        fill_bernoulli(generator_or_default(g), draws.data<T>(), p.data<P>(), p.numel());
      }
    });
  });
  if (draws.impl() != out.impl()) copy_elements(out, draws);
}

namespace {

void warn_imprecise(const char* bound, Dtype d) {
  const int64_t digits = limits_of(d).digits;
  warn(cat(bound, " is out of bounds [-(2^", digits, "), 2^", digits, "]. Due to precision limitations ", cpp_name(d),
           " can support discrete uniform distribution only within this range. This warning will become an error in version 1.7 release, "
           "please fix the code in advance"));
}

}  // namespace

void draw_integers(const Tensor& y, int64_t from, std::optional<int64_t> to, Generator* given) {
  if (is_complex(y.dtype())) runtime_error("check_random_bounds handles only integral, floating-point and boolean types");
  if (y.dtype() == Dtype::Bool && from == std::numeric_limits<int64_t>::min() && !to) no_random_kernel("random_full_64_bits_range_kernel_cpu", y.dtype());
  Generator& g = generator_or_default(given);
  visit_real(y.dtype(), [&]<class T>() {
    const IntegerBounds bounds = integer_bounds<T>(from, to);
    if (bounds.warn_from) warn_imprecise("from", y.dtype());
    if (bounds.warn_to) warn_imprecise("to - 1", y.dtype());
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      if (!bounds.full) draw_rounded<int64_t>(y, g, bounds.integers);
      else if (y.dtype() == Dtype::BFloat16) draw_rounded<int64_t>(y, g, FullInteger{});
      else no_random_kernel("random_full_64_bits_range_kernel_cpu", y.dtype());
    } else if constexpr (std::is_same_v<T, int64_t> || std::is_floating_point_v<T>) {
      if (bounds.full) draw<T>(y, y, g, FullInteger{});
      else draw<T>(y, y, g, bounds.integers);
    } else {
      draw<T>(y, y, g, bounds.integers);
    }
  });
}

void draw_integers(const Tensor& y, Generator* g) {
  if (is_complex(y.dtype())) no_random_kernel("random_kernel_cpu", y.dtype());
  if (is_half(y.dtype())) draw_rounded<int64_t>(y, generator_or_default(g), Integers{0, (uint64_t{1} << limits_of(y.dtype()).digits) + 1});
  else draw_any(y, g, AnyInteger{});
}

}  // namespace st
