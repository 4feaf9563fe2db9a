"""Rows of single ops: elementwise in modes, sizes, layouts and dtypes; reductions; normalizing, indexing, joining, sorting."""

from pair import Row

SIZES = {"1": 1, "16": 16, "256": 256, "4k": 4096, "64k": 65536, "1M": 1 << 20, "10M": 10_000_000}
QUICK_SIZES = ("16", "4k", "1M")
WIDTH = {"float32": 4, "float64": 8}

# Name: expression of x (and of y), the lowest and the highest value of both.
UNARY = {
    "neg": ("-x", -2, 2),
    "abs": ("x.abs()", -2, 2),
    "exp": ("x.exp()", -2, 2),
    "log": ("x.log()", 0.1, 4),
    "log1p": ("x.log1p()", -0.5, 4),
    "expm1": ("x.expm1()", -2, 2),
    "sqrt": ("x.sqrt()", 0.1, 4),
    "rsqrt": ("x.rsqrt()", 0.1, 4),
    "square": ("x.square()", -2, 2),
    "pow 2": ("x ** 2", -2, 2),
    "pow 1.5": ("x ** 1.5", 0.1, 4),
    "reciprocal": ("x.reciprocal()", 0.1, 4),
    "sin": ("x.sin()", -4, 4),
    "cos": ("x.cos()", -4, 4),
    "tanh": ("x.tanh()", -3, 3),
    "sigmoid": ("x.sigmoid()", -3, 3),
    "erf": ("x.erf()", -3, 3),
    "ndtr": ("torch.special.ndtr(x)", -3, 3),
    "lgamma": ("x.lgamma()", 0.1, 4),
    "relu": ("x.relu()", -2, 2),
    "gelu": ("F.gelu(x)", -3, 3),
    "gelu tanh": ("F.gelu(x, approximate='tanh')", -3, 3),
    "silu": ("F.silu(x)", -3, 3),
    "softplus": ("F.softplus(x)", -3, 3),
    "logsigmoid": ("F.logsigmoid(x)", -3, 3),
    "leaky_relu": ("F.leaky_relu(x)", -2, 2),
    "elu": ("F.elu(x)", -2, 2),
    "hardtanh": ("F.hardtanh(x)", -2, 2),
    "mish": ("F.mish(x)", -3, 3),
    "clamp": ("x.clamp(-1, 1)", -2, 2),
    "round": ("x.round()", -2, 2),
    "floor": ("x.floor()", -2, 2),
    "sign": ("x.sign()", -2, 2),
    "clone": ("x.clone()", -2, 2),
    "x + 1.0": ("x + 1.0", -2, 2),
    "2 * x": ("2 * x", -2, 2),
    "masked_fill": ("x.masked_fill(mask, 0.0)", -2, 2),
    "x > 0": ("x > 0", -2, 2),
    "isnan": ("x.isnan()", -2, 2),
    "to double": ("x.to(torch.float64)", -2, 2),
}
BINARY = {
    "add": ("x + y", -2, 2),
    "sub": ("x - y", -2, 2),
    "mul": ("x * y", -2, 2),
    "div": ("x / y", 0.5, 2),
    "pow": ("x ** y", 0.5, 2),
    "maximum": ("torch.maximum(x, y)", -2, 2),
    "minimum": ("torch.minimum(x, y)", -2, 2),
    "atan2": ("torch.atan2(x, y)", -2, 2),
    "where": ("torch.where(mask, x, y)", -2, 2),
    "lerp": ("torch.lerp(x, y, 0.3)", -2, 2),
    "addcmul": ("torch.addcmul(x, x, y)", -2, 2),
    "x < y": ("x < y", -2, 2),
    "mse_loss": ("F.mse_loss(x, y)", -2, 2),
    "add_": ("x.add_(y, alpha=1e-9)", -2, 2),
    "mul_": ("x.mul_(1.0)", -2, 2),
    "copy_": ("x.copy_(y)", -2, 2),
}
NOT_RECORDED = {"x > 0", "x < y", "isnan", "round", "floor", "sign", "add_", "mul_", "copy_"}
LAYOUTS = {
    "transposed": ("x = rnd({0}, {0}, low={1}, high={2}{3}).t()\n", "y = rnd({0}, {0}, low={1}, high={2}{3})\n"),
    "broadcast": ("x = rnd({0}, {0}, low={1}, high={2}{3})\n", "y = rnd({0}, low={1}, high={2}{3})\n"),
}
IN_LAYOUTS = ("exp", "relu", "tanh", "add", "mul", "div", "where")

# Not ones: through softmax or a norm those come out as nothing but rounding errors.
BACKWARD = """
z = {}
g = torch.empty_like(z).copy_(torch.arange(z.numel(), dtype=z.dtype).sin().reshape(z.shape))
inputs = tuple(v for v in (x, y) if v is not None)
"""
GRADIENTS = "torch.autograd.grad(z, inputs, g, retain_graph=True)"


def modes(name, make, expression, quick, traffic, recorded=True):
    """Forward, recorded and backward of one expression; `make` makes the inputs, given what comes after their bounds."""
    yield Row(f"{name}", make(""), expression, bytes=traffic, quick=quick)
    if recorded:
        setup = make(", grad=True")
        yield Row(f"{name}, recorded", setup, expression, quick=quick and name.endswith(" 16"))
        yield Row(f"{name}, backward", setup + BACKWARD.format(expression), GRADIENTS, quick=quick)


def elementwise():
    for name, (expression, low, high) in {**UNARY, **BINARY}.items():
        operands = 2 if name in BINARY else 1
        for dtype, width in WIDTH.items():
            for size, count in SIZES.items():
                if dtype == "float64" and size not in QUICK_SIZES:
                    continue

                def make(grad, count=count, dtype=dtype, low=low, high=high, operands=operands):
                    text = f"x = rnd({count}, low={low}, high={high}, dtype='{dtype}'{grad})\nmask = rnd({count}) > 0\n"
                    return text + (f"y = rnd({count}, low={low}, high={high}, dtype='{dtype}'{grad})\n" if operands == 2 else "y = None\n")

                title = f"{name} {'f64 ' if dtype == 'float64' else ''}{size}"
                quick = dtype == "float32" and size in QUICK_SIZES
                yield from modes(title, make, expression, quick, (operands + 1) * count * width, name not in NOT_RECORDED)
        for layout, (left, right) in LAYOUTS.items() if name in IN_LAYOUTS else ():
            for size, side in {"4k": 64, "1M": 1024}.items():

                def make(grad, side=side, low=low, high=high, left=left, right=right, operands=operands):
                    text = (left + (right if operands == 2 else "y = None\n")).format(side, low, high, grad)
                    return text + f"mask = rnd({side}, {side}) > 0\n"

                yield from modes(f"{name} {layout} {size}", make, expression, False, 0)


REDUCTIONS = {
    "sum": "x.sum({})",
    "mean": "x.mean({})",
    "amax": "x.amax({})",
    "argmax": "x.argmax({})",
    "var": "x.var({})",
    "norm": "torch.linalg.vector_norm(x, 2{})",
    "logsumexp": "x.logsumexp({})",
    "prod": "x.prod({})",
    "any": "(x > 3).any({})",
}
DIMS = {"first": "0", "last": "1", "all": ""}


def reductions():
    for name, template in REDUCTIONS.items():
        for dim, text in DIMS.items():
            if name == "norm":
                text = f", dim={text}" if text else ""
            if name == "logsumexp" and not text:
                text = "(0, 1)"
            expression = template.format(text)
            for size, shape in {"256": "16, 16", "64k": "256, 256", "1M": "1024, 1024"}.items():
                count = eval(shape.replace(",", "*"))

                def make(grad, shape=shape):
                    return f"x = rnd({shape}, low=0.9, high=1.1{grad})\ny = None\n"

                yield from modes(
                    f"{name} {dim} {size}", make, expression, size == "1M", 4 * count, name not in ("argmax", "any")
                )


# Name: shape of x, further setup, expression, whether it has a gradient.
OTHERS = {
    "softmax 64x10": ("64, 10", "", "F.softmax(x, 1)", True),
    "softmax 1024x1024": ("1024, 1024", "", "F.softmax(x, 1)", True),
    "softmax first 1024x1024": ("1024, 1024", "", "F.softmax(x, 0)", True),
    "log_softmax 64x10": ("64, 10", "", "F.log_softmax(x, 1)", True),
    "log_softmax 512x1000": ("512, 1000", "", "F.log_softmax(x, 1)", True),
    "cross_entropy 64x10": ("64, 10", "t = integers(10, 64)\n", "F.cross_entropy(x, t)", True),
    "cross_entropy 512x1000": ("512, 1000", "t = integers(1000, 512)\n", "F.cross_entropy(x, t)", True),
    "layer_norm 32x128": ("32, 128", "", "F.layer_norm(x, (128,))", True),
    "layer_norm 2048x512": ("2048, 512", "", "F.layer_norm(x, (512,))", True),
    "batch_norm 32x64x16x16": ("32, 64, 16, 16", "", "F.batch_norm(x, None, None, training=True)", True),
    "group_norm 32x64x16x16": ("32, 64, 16, 16", "", "F.group_norm(x, 8)", True),
    "embedding 10000x128 of 512": ("10000, 128", "i = integers(10000, 512)\n", "F.embedding(i, x)", True),
    "index_select 4096x64": ("4096, 64", "i = integers(4096, 4096)\n", "x.index_select(0, i)", True),
    "x[i] 4096x64": ("4096, 64", "i = integers(4096, 4096)\n", "x[i]", True),
    "gather 1024x1024": ("1024, 1024", "i = integers(1024, 1024, 1024)\n", "x.gather(1, i)", True),
    "scatter_add 1024x1024": ("1024, 1024", "i = integers(1024, 1024, 1024)\n", "torch.zeros_like(x).scatter_add(1, i, x)", True),
    "masked_select 1M": ("1024, 1024", "mask = x > 0\n", "x[mask]", True),
    "nonzero 1M": ("1024, 1024", "mask = x > 0\n", "mask.nonzero()", False),
    "cat first 4 x 512x512": ("512, 512", "", "torch.cat([x, x, x, x])", True),
    "cat last 4 x 512x512": ("512, 512", "", "torch.cat([x, x, x, x], 1)", True),
    "stack 16 of 16": ("16", "", "torch.stack([x] * 16)", True),
    "t().contiguous() 1024x1024": ("1024, 1024", "", "x.t().contiguous()", True),
    "permute 32x64x16x16": ("32, 64, 16, 16", "", "x.permute(0, 2, 3, 1).contiguous()", True),
    "cumsum last 1024x1024": ("1024, 1024", "", "x.cumsum(1)", True),
    "cumsum first 1024x1024": ("1024, 1024", "", "x.cumsum(0)", True),
    "sort 1024x1024": ("1024, 1024", "", "x.sort(1)[0]", True),
    "sort 64k": ("65536", "", "x.sort()[0]", True),
    "topk 10 of 1024x1024": ("1024, 1024", "", "x.topk(10, 1)[0]", True),
    "unique 64k": ("65536", "i = integers(1000, 65536)\n", "i.unique()", False),
    "one_hot 4096 of 100": ("1", "i = integers(100, 4096)\n", "F.one_hot(i, 100)", False),
    "tril 1024x1024": ("1024, 1024", "", "x.tril()", True),
    "dropout 1M": ("1024, 1024", "", "F.dropout(x, 0.5)", True),
    "randn 1M": ("1", "", "torch.randn(1 << 20)", False),
    "randn 16": ("1", "", "torch.randn(16)", False),
    "rand 1M": ("1", "", "torch.rand(1 << 20)", False),
    "randperm 64k": ("1", "", "torch.randperm(65536)", False),
    "arange 1M": ("1", "", "torch.arange(1 << 20)", False),
    "zeros 16": ("1", "", "torch.zeros(16)", False),
    "zeros 1M": ("1", "", "torch.zeros(1 << 20)", False),
}


def others():
    for name, (shape, further, expression, recorded) in OTHERS.items():

        def make(grad, shape=shape, further=further):
            return f"x = rnd({shape}{grad})\ny = None\n{further}"

        yield from modes(name, make, expression, True, 0, recorded)


def rows():
    yield from elementwise()
    yield from reductions()
    yield from others()
