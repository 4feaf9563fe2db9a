// im2col and col2im, which nn.functional calls unfold and fold: each is the derivative of the other.
#include "kernels/fold.h"

#include "ops/call.h"
#include "ops/functions.h"
#include "ops/reduce_dims.h"

namespace st {
namespace {

struct Steps {
  const Dims &kernel, &dilation, &padding, &stride;
};

Tensor im2col(const Tensor& x, const Steps& p);
Tensor col2im(const Tensor& x, const Dims& size, const Steps& p);

void check_pair(const Dims& list, const char* name) {
  if (list.size() != 2) runtime_error("It is expected ", name, " equals to 2, but got size ", list.size());
}
std::string pair(const Dims& v) { return cat("(", v[0], ", ", v[1], ")"); }
std::string steps_text(const Steps& p) { return cat("kernel_size=", pair(p.kernel), ", dilation=", pair(p.dilation), ", padding=", pair(p.padding)); }

void check_steps(const Steps& p) {
  check_pair(p.kernel, "kernel_size");
  check_pair(p.dilation, "dilation");
  check_pair(p.padding, "padding");
  check_pair(p.stride, "stride");
  const auto least = [](const Dims& v, int64_t limit, const char* what, const char* name) {
    if (v[0] < limit || v[1] < limit) {
      runtime_error(what, limit ? " should be greater than zero" : " should be non-negative", ", but got ", name, "_height: ", v[0], " ", name, "_width: ", v[1]);
    }
  };
  least(p.kernel, 1, "kernel size", "kernel");
  least(p.dilation, 1, "dilation", "dilation");
  least(p.padding, 0, "padding", "pad");
  least(p.stride, 1, "stride", "stride");
}

FoldShape shape_of(int64_t n, int64_t c, const Dims& size, const Steps& p) {
  FoldShape s{n, c, {}, {}, {}, {}, {}, {}};
  for (int d = 0; d < 2; ++d) {
    s.size[d] = size[d];
    s.kernel[d] = p.kernel[d];
    s.dilation[d] = p.dilation[d];
    s.padding[d] = p.padding[d];
    s.stride[d] = p.stride[d];
    const int64_t room = size[d] + 2 * p.padding[d] - p.dilation[d] * (p.kernel[d] - 1) - 1;
    s.blocks[d] = (room < 0 ? -((-room + p.stride[d] - 1) / p.stride[d]) : room / p.stride[d]) + 1;
  }
  return s;
}

[[noreturn]] void no_type(const char* kernel, Dtype d) { not_implemented("\"", kernel, "\" not implemented for '", info(d).scalar_type, "'"); }

struct Im2Col {
  static constexpr OpInfo info{.sig = "im2col(Tensor input, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) -> Tensor",
                               .doc = "The blocks of kernel_size in input (N, C, H, W) or (C, H, W), each as a column of (N, C * kernel_size, blocks).",
                               .where = kNN,
                               .grad_name = "Im2ColBackward0"};
  static Tensor fwd(const Tensor& x, const Dims& kernel, const Dims& dilation, const Dims& padding, const Dims& stride) {
    const Steps p{kernel, dilation, padding, stride};
    check_steps(p);
    const int n = x.dim();
    bool some = n == 3 || n == 4;
    for (int d = n == 4; d < n; ++d) some &= x.size(d) != 0;
    if (!some) {
      runtime_error("Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ", x.sizes());
    }
    if (!is_floating(x.dtype()) && x.dtype() != Dtype::Bool) no_type("im2col_out_cpu", x.dtype());
    const FoldShape s = shape_of(n == 4 ? x.size(0) : 1, x.size(-3), {x.size(-2), x.size(-1)}, p);
    if (s.blocks[0] < 1 || s.blocks[1] < 1) {
      runtime_error("Given input with spatial size (", s.size[0], ", ", s.size[1], "), ", steps_text(p),
                    ", calculated shape of the array of sliding blocks as (", s.blocks[0], ", ", s.blocks[1], "), but its components must be at least one.");
    }
    Dims sizes{s.c * s.kernel[0] * s.kernel[1], s.blocks[0] * s.blocks[1]};
    if (n == 4) sizes.insert(0, s.n);
    const Tensor y = empty(sizes, x.dtype());
    unfold_blocks(s, contiguous_copy(x), y);
    return y;
  }
  static void vjp(Grads& d, const Tensor& x, const Dims& kernel, const Dims& dilation, const Dims& padding, const Dims& stride) {
    d.set(0, col2im(d.g(), {x.size(-2), x.size(-1)}, {kernel, dilation, padding, stride}));
  }
};

struct Col2Im {
  static constexpr OpInfo info{.sig = "col2im(Tensor input, int[2] output_size, int[2] kernel_size, int[2] dilation, int[2] padding, int[2] stride) "
                                      "-> Tensor",
                               .doc = "Adds the columns of input (N, C * kernel_size, blocks) or (C * kernel_size, blocks) up as blocks of (N, C, output_size).",
                               .where = kNN,
                               .grad_name = "Col2ImBackward0"};
  static Tensor fwd(const Tensor& x, const Dims& size, const Dims& kernel, const Dims& dilation, const Dims& padding, const Dims& stride) {
    const Steps p{kernel, dilation, padding, stride};
    check_pair(size, "output_size");
    check_steps(p);
    const int n = x.dim();
    if ((n != 2 && n != 3) || x.size(-2) == 0 || x.size(-1) == 0) {
      runtime_error("Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ", x.sizes());
    }
    const int64_t area = kernel[0] * kernel[1];
    if (x.size(-2) % area) {
      runtime_error("Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=", x.size(-2),
                    " and kernel_size=", pair(kernel), ".");
    }
    const FoldShape s = shape_of(n == 3 ? x.size(0) : 1, x.size(-2) / area, size, p);
    const int64_t blocks = s.blocks[0] * s.blocks[1];
    const std::string given = cat("Given output_size=", pair(size), ", ", steps_text(p), ", stride=", pair(stride), ", expected ");
    if (x.size(-1) != blocks) {
      runtime_error(given, "size of input's dimension 2 to match the calculated number of sliding blocks ", s.blocks[0], " * ", s.blocks[1], " = ", blocks,
                    ", but got input.size(2)=", x.size(-1), ".");
    }
    if (s.blocks[0] < 1 || s.blocks[1] < 1) runtime_error(given, "at least one block, but got ", s.blocks[0], " * ", s.blocks[1], ".");
    if (!is_floating(x.dtype()) && x.dtype() != Dtype::Bool) no_type("col2im_out_cpu", x.dtype());
    Dims sizes{s.c, size[0], size[1]};
    if (n == 3) sizes.insert(0, s.n);
    const Tensor columns = cast_copy(x, x.dtype() == Dtype::Bool ? Dtype::Float32 : computed_in(x.dtype())), y = empty(sizes, columns.dtype());
    fold_blocks(s, columns, y);
    return narrowed(y, x.dtype());
  }
  static void vjp(Grads& d, const Tensor&, const Dims&, const Dims& kernel, const Dims& dilation, const Dims& padding, const Dims& stride) {
    d.set(0, im2col(d.g(), {kernel, dilation, padding, stride}));
  }
};

Tensor im2col(const Tensor& x, const Steps& p) { return call_op<Im2Col>(x, p.kernel, p.dilation, p.padding, p.stride); }
Tensor col2im(const Tensor& x, const Dims& size, const Steps& p) { return call_op<Col2Im>(x, size, p.kernel, p.dilation, p.padding, p.stride); }

const Register<Im2Col, Col2Im> registered;

}  // namespace
}  // namespace st
