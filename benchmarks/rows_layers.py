"""Rows of matrix products, convolutions and pooling, forward and gradients, with the arithmetic that bounds them."""

from math import prod

from pair import Row

SQUARES = (4, 16, 32, 64, 128, 256, 512, 1024, 2048)
SKINNY = {"784x256": (784, 256), "256x10": (256, 10), "512x512": (512, 512)}
LAYOUTS = {"NN": "a @ b", "NT": "a @ b.t()", "TN": "a.t() @ b"}

# Name: input, channels out, kernel, further arguments of F.conv2d, groups, height and width of the output.
CONVOLUTIONS = {
    "1x28x28 5x5": ((32, 1, 28, 28), 32, 5, "padding=2", 1, 28 * 28),
    "1x28x28 3x3": ((32, 1, 28, 28), 32, 3, "padding=1", 1, 28 * 28),
    "32x14x14 3x3": ((32, 32, 14, 14), 64, 3, "padding=1", 1, 14 * 14),
    "32x14x14 5x5": ((32, 32, 14, 14), 64, 5, "padding=2", 1, 14 * 14),
    "64x32x32 3x3": ((16, 64, 32, 32), 64, 3, "padding=1", 1, 32 * 32),
    "64x32x32 1x1": ((16, 64, 32, 32), 64, 1, "padding=0", 1, 32 * 32),
    "64x32x32 3x3 stride 2": ((16, 64, 32, 32), 128, 3, "padding=1, stride=2", 1, 16 * 16),
    "64x32x32 depthwise": ((16, 64, 32, 32), 64, 3, "padding=1, groups=64", 64, 32 * 32),
}
POOLING = {
    "max_pool2d 2": "F.max_pool2d(x, 2)",
    "max_pool2d 3 stride 2": "F.max_pool2d(x, 3, 2, 1)",
    "avg_pool2d 2": "F.avg_pool2d(x, 2)",
    "adaptive_avg_pool2d 1": "F.adaptive_avg_pool2d(x, 1)",
    "interpolate nearest": "F.interpolate(x, scale_factor=2)",
}


def products():
    for dtype in ("float32", "float64"):
        # One lane of double is two of float: shares are of the float peak.
        weight = 1 if dtype == "float32" else 2
        mark = "" if dtype == "float32" else " f64"
        for layout, expression in LAYOUTS.items():
            for n in SQUARES:
                setup = f"a = rnd({n}, {n}, dtype='{dtype}')\nb = rnd({n}, {n}, dtype='{dtype}')\n"
                quick = layout == "NN" and not mark and n in (16, 64, 256, 1024)
                yield Row(f"matmul {layout}{mark} {n}", setup, expression, flops=2 * n**3 * weight, quick=quick, tolerance=1e-3)
        setup = f"a = rnd(64, 32, 32, dtype='{dtype}')\nb = rnd(64, 32, 32, dtype='{dtype}')\n"
        yield Row(f"bmm{mark} 64x32", setup, "a @ b", flops=2 * 64 * 32**3 * weight, quick=not mark)
    for batch in (32, 64, 128):
        for name, (wide, narrow) in SKINNY.items():
            make = "x = rnd({}, {}{})\nw = rnd({}, {}{})\nb = rnd({}{})\n"
            work = 2 * batch * wide * narrow
            plain = make.format(batch, wide, "", narrow, wide, "", narrow, "")
            yield Row(f"linear {batch}x{name}", plain, "F.linear(x, w, b)", flops=work, quick=batch == 64, tolerance=1e-3)
            grad = ", grad=True"
            setup = make.format(batch, wide, grad, narrow, wide, grad, narrow, grad) + "z = F.linear(x, w, b)\ng = torch.ones_like(z)\n"
            statement = "torch.autograd.grad(z, (x, w, b), g, retain_graph=True)"
            yield Row(f"linear {batch}x{name}, backward", setup, statement, flops=2 * work, quick=batch == 64, tolerance=1e-3)


def convolutions():
    for name, (shape, out, kernel, arguments, groups, places) in CONVOLUTIONS.items():
        weight = (out, shape[1] // groups, kernel, kernel)
        work = 2 * shape[0] * places * prod(weight)
        setup = f"x = rnd{shape}.requires_grad_()\nw = torch.sin(torch.arange({prod(weight)}.0)).reshape{weight}.requires_grad_()\n"
        setup += f"z = F.conv2d(x, w, {arguments})\ng = torch.ones_like(z)\n"
        yield Row(f"conv2d {name}", setup, f"F.conv2d(x, w, {arguments})", flops=work, quick=True, tolerance=1e-3)
        for part in ("x", "w"):
            statement = f"torch.autograd.grad(z, {part}, g, retain_graph=True)"
            yield Row(f"conv2d {name}, gradient of {part}", setup, statement, flops=work, quick=True, tolerance=1e-3)


def pooling():
    for name, expression in POOLING.items():
        setup = f"x = rnd(32, 32, 28, 28, grad=True)\nz = {expression}\ng = torch.ones_like(z)\n"
        yield Row(name, setup, expression, quick=True)
        yield Row(f"{name}, backward", setup, "torch.autograd.grad(z, x, g, retain_graph=True)", quick=True)


def rows():
    yield from products()
    yield from convolutions()
    yield from pooling()
