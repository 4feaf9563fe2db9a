// Making tensors of given sizes: empty, zeros, ones, full, eye, and the forms that follow another tensor.
#include <algorithm>

#include "kernels/layout.h"
#include "ops/call.h"
#include "ops/check.h"
#include "ops/functions.h"
#include "ops/geometry.h"

namespace st {
namespace {

using OptDtype = std::optional<Dtype>;

struct Empty {
  static constexpr OpInfo info{.sig = "empty(int[]... size, **factory, ignored? memory_format=None) -> Tensor", .doc = "Memory for a tensor, not initialised.",
                               .where = kFunction};
  static Tensor fwd(const Dims& size, OptDtype dtype) { return empty(size, dtype.value_or(default_dtype())); }
};
struct Zeros {
  static constexpr OpInfo info{.sig = "zeros(int[]... size, **factory) -> Tensor", .doc = "A tensor of zeros.", .where = kFunction};
  static Tensor fwd(const Dims& size, OptDtype dtype) {
    for (int64_t s : size) if (s < 0) runtime_error("zeros: Dimension size must be non-negative.");
    return zeros(size, dtype.value_or(default_dtype()));
  }
};
struct Ones {
  static constexpr OpInfo info{.sig = "ones(int[]... size, **factory) -> Tensor", .doc = "A tensor of ones.", .where = kFunction};
  static Tensor fwd(const Dims& size, OptDtype dtype) { return full(size, Scalar(1), dtype.value_or(default_dtype())); }
};
struct Full {
  static constexpr OpInfo info{.sig = "full(int[] size, Scalar fill_value, **factory) -> Tensor", .doc = "A tensor of fill_value, whose dtype is that of the number.",
                               .where = kFunction};
  static Tensor fwd(const Dims& size, const Scalar& value, OptDtype dtype) { return full(size, value, dtype.value_or(value.dtype())); }
};
struct EmptyStrided {
  static constexpr OpInfo info{.sig = "empty_strided(int[] size, int[] stride, **factory) -> Tensor", .doc = "Memory for a tensor of the given strides, not initialised.",
                               .where = kFunction};
  static Tensor fwd(const Dims& size, const Dims& stride, OptDtype dtype) { return make(size, stride, dtype.value_or(default_dtype())); }
  static Tensor make(const Dims& size, const Dims& stride, Dtype dtype) {
    if (size.size() != stride.size()) {
      runtime_error("dimensionality of sizes (", size.size(), ") must match dimensionality of strides (", stride.size(), ")");
    }
    count_elements(size);
    const auto length = reach(size, stride);
    if (!length) runtime_error("Storage size calculation overflowed with sizes=", DimSpan(size), " and strides=", DimSpan(stride));
    Tensor y = empty(Dims{*length}, dtype);
    set_geometry(y.impl(), size, stride);
    return y;
  }
};
struct EmptyPermuted {
  static constexpr OpInfo info{.sig = "empty_permuted(int[] size, int[] physical_layout, **factory) -> Tensor",
                               .doc = "Memory for a tensor, not initialised, whose dimensions lie from the widest stride to the narrowest as physical_layout lists them.",
                               .where = kFunction};
  static Tensor fwd(const Dims& size, const Dims& order, OptDtype dtype) {
    const int n = size.size();
    if (order.size() != n) {
      runtime_error("Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ", n,
                    " is not equal to len(physical_layout) = ", order.size());
    }
    Dims strides = Dims::filled(n, 0), seen = Dims::filled(n, 0);
    for (int64_t d : order) {
      if (d < 0 || d >= n) runtime_error("Dimension out of range (expected to be between 0 and ", n - 1, ", but got ", d, " at index 0).  NB: negative dims not currently supported");
      if (seen[d]++) runtime_error("Duplicate dim not allowed");
    }
    int64_t step = 1;
    for (int i = n - 1; i >= 0; --i) {
      strides[order[i]] = step;
      step *= std::max<int64_t>(size[order[i]], 1);
    }
    count_elements(size);
    return empty_like_strided(size, strides, dtype.value_or(default_dtype()));
  }
};
struct ScalarTensor {
  static constexpr OpInfo info{.sig = "scalar_tensor(Scalar s, **factory) -> Tensor", .doc = "A 0-d tensor of the number s, of the default dtype unless told.",
                               .where = kFunction};
  static Tensor fwd(const Scalar& s, OptDtype dtype) { return full({}, s, dtype.value_or(default_dtype())); }
};

Tensor like(const Tensor& x, OptDtype dtype) { return empty_like(x, dtype.value_or(x.dtype())); }
Tensor filled(const Tensor& y, const Scalar& value) {
  check_fits(value, y.dtype());
  fill_elements(y, value);
  return y;
}

struct EmptyLike {
  static constexpr OpInfo info{.sig = "empty_like(Tensor input, **factory, ignored? memory_format=None) -> Tensor", .doc = "Memory for a tensor of the sizes and dtype of input.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, OptDtype dtype) { return like(x, dtype); }
};
struct ZerosLike {
  static constexpr OpInfo info{.sig = "zeros_like(Tensor input, **factory, ignored? memory_format=None) -> Tensor", .doc = "Zeros of the sizes and dtype of input.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, OptDtype dtype) { return filled(like(x, dtype), Scalar(0)); }
};
struct OnesLike {
  static constexpr OpInfo info{.sig = "ones_like(Tensor input, **factory, ignored? memory_format=None) -> Tensor", .doc = "Ones of the sizes and dtype of input.",
                               .where = kFunction};
  static Tensor fwd(const Tensor& x, OptDtype dtype) { return filled(like(x, dtype), Scalar(1)); }
};
struct FullLike {
  static constexpr OpInfo info{.sig = "full_like(Tensor input, Scalar fill_value, **factory, ignored? memory_format=None) -> Tensor",
                               .doc = "fill_value in the sizes and dtype of input.", .where = kFunction};
  static Tensor fwd(const Tensor& x, const Scalar& value, OptDtype dtype) { return filled(like(x, dtype), value); }
};

struct NewEmpty {
  static constexpr OpInfo info{.sig = "new_empty(Tensor input, int[]... size, **factory) -> Tensor", .doc = "empty() with the dtype of input.", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size, OptDtype dtype) { return empty(size, dtype.value_or(x.dtype())); }
};
struct NewEmptyStrided {
  static constexpr OpInfo info{.sig = "new_empty_strided(Tensor input, int[] size, int[] stride, **factory) -> Tensor", .doc = "empty_strided() with the dtype of input.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size, const Dims& stride, OptDtype dtype) { return EmptyStrided::make(size, stride, dtype.value_or(x.dtype())); }
};
struct NewZeros {
  static constexpr OpInfo info{.sig = "new_zeros(Tensor input, int[]... size, **factory) -> Tensor", .doc = "zeros() with the dtype of input.", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size, OptDtype dtype) { return zeros(size, dtype.value_or(x.dtype())); }
};
struct NewOnes {
  static constexpr OpInfo info{.sig = "new_ones(Tensor input, int[]... size, **factory) -> Tensor", .doc = "ones() with the dtype of input.", .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size, OptDtype dtype) { return full(size, Scalar(1), dtype.value_or(x.dtype())); }
};
struct NewFull {
  static constexpr OpInfo info{.sig = "new_full(Tensor input, int[] size, Scalar fill_value, **factory) -> Tensor", .doc = "full() with the dtype of input.",
                               .where = kMethod};
  static Tensor fwd(const Tensor& x, const Dims& size, const Scalar& value, OptDtype dtype) { return full(size, value, dtype.value_or(x.dtype())); }
};

int64_t checked_side(int64_t n, const char* name) {
  if (n < 0) runtime_error(name, " must be greater or equal to 0, got ", n);
  return n;
}

struct EyeRectangle {
  static constexpr OpInfo info{.sig = "eye(int n, int m, **factory) -> Tensor", .doc = "An n by m matrix of zeros with ones on the diagonal.", .where = kFunction};
  static Tensor fwd(int64_t n, int64_t m, OptDtype dtype) {
    const Tensor y = zeros(Dims{checked_side(n, "n"), checked_side(m, "m")}, dtype.value_or(default_dtype()));
    fill_elements(alias(y, Dims{std::min(n, m)}, Dims{m + 1}, 0), Scalar(1));
    return y;
  }
};
struct Eye {
  static constexpr OpInfo info{.sig = "eye(int n, **factory) -> Tensor", .doc = "The n by n unit matrix.", .where = kFunction};
  static Tensor fwd(int64_t n, OptDtype dtype) { return EyeRectangle::fwd(checked_side(n, "n"), n, dtype); }
};

const Register<Empty, Zeros, Ones, Full, EmptyStrided, EmptyPermuted, ScalarTensor, EmptyLike, ZerosLike, OnesLike, FullLike, NewEmpty, NewEmptyStrided, NewZeros,
               NewOnes, NewFull, Eye, EyeRectangle> registered;

}  // namespace

Tensor full(DimSpan sizes, const Scalar& value, Dtype dtype) { return filled(empty(sizes, dtype), value); }
Tensor zeros_like(const Tensor& x) { return ZerosLike::fwd(x, std::nullopt); }
Scalar number_of(const Tensor& x) {
  return visit(x.dtype(), [&]<class T>() -> Scalar {
    const T v = *x.data<T>();
    if constexpr (std::is_same_v<T, bool>) return v;
    else if constexpr (std::is_integral_v<T>) return static_cast<int64_t>(v);
    else if constexpr (requires { v.imag(); }) return std::complex<double>(v);
    else return static_cast<double>(v);
  });
}

}  // namespace st
