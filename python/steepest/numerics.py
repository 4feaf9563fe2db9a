"""gradient, unravel_index, histogram, histogramdd and vander: functions whose arguments are too free for the op table."""

import builtins
import collections
import math
import operator

from . import _C
from .size import wrap_dim

__all__ = ["gradient", "histogram", "histogramdd", "resize_as_", "unravel_index", "vander"]


def gradient(input, *, spacing=None, dim=None, edge_order=1):
    """Derivatives of a function known at the points of a grid, one tensor for each of the dimensions `dim`.

    Inside they are exact for parabolas, at the edges for polynomials of degree `edge_order`, 1 or 2. `spacing` is the
    distance of the points, one number or a list with one a dimension, or a list of tensors with their coordinates.

    Raises RuntimeError where spacings and dimensions do not fit, or a dimension has less than edge_order + 1 points.

    >>> import steepest as torch
    >>> torch.gradient(torch.tensor([1.0, 4.0, 9.0, 16.0]))
    (tensor([3., 4., 6., 7.]),)
    """
    dims = range(input.dim()) if dim is None else [dim] if isinstance(dim, builtins.int) else dim
    count = len(dims)
    uniform = spacing is None or not isinstance(spacing, (list, tuple))
    if not uniform and len(spacing) != count:
        if dim is None:
            raise RuntimeError(
                "torch.gradient expected spacing to be unspecified, a scalar, or a list of length equal to "
                f"'self.dim() = {input.dim()}', since dim argument was not given, but got a list of length {len(spacing)}"
            )
        raise RuntimeError(
            "torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same "
            f"length, but got a spacing argument of length {len(spacing)} and a dim argument of length {count}."
        )
    if isinstance(spacing, _C.Tensor):
        if spacing.dim():
            raise TypeError("gradient(): argument 'spacing' must be a number, or a list of numbers or tensors, not Tensor")
        spacing = spacing.item()
    spacings = [1 if spacing is None else spacing] * count if uniform else spacing
    for points in spacings:
        if isinstance(points, _C.Tensor) and points.dim() != 1:
            raise RuntimeError(
                "torch.gradient expected each element of spacing to have one dimension, but got an element with "
                f"{points.dim()} dimensions!"
            )
    if input.dtype == _C.uint8:
        raise RuntimeError("torch.gradient does not support uint8 input.")
    if edge_order not in (1, 2):
        raise RuntimeError("torch.gradient only supports edge_order=1 and edge_order=2.")
    seen = set()
    for d in dims:
        d = wrap_dim(d, input.dim())
        if d in seen:
            raise RuntimeError(f"dim {d} appears multiple times in the list of dims")
        seen.add(d)
        if input.size(d) < edge_order + 1:
            raise RuntimeError("torch.gradient expected each dimension size to be at least edge_order+1")
    return tuple(_slopes(input, d, points, edge_order) for d, points in zip(dims, spacings))


def _slopes(x, dim, points, edge_order):
    """By three points each: their weights are those of the parabola through them (at the edges of a line, perhaps)."""
    n = x.size(dim)

    def along(start, length):
        return x.narrow(dim, start, length)

    if not isinstance(points, _C.Tensor):
        inner = (along(2, n - 2) - along(0, n - 2)) / (2 * points)
        if edge_order == 1:
            first, last = (along(1, 1) - along(0, 1)) / points, (along(n - 1, 1) - along(n - 2, 1)) / points
        else:
            first = (-1.5 * along(0, 1) + 2 * along(1, 1) - 0.5 * along(2, 1)) / points
            last = (1.5 * along(n - 1, 1) - 2 * along(n - 2, 1) + 0.5 * along(n - 3, 1)) / points
        return _C.cat([first, inner, last], dim)
    wide = [1] * x.dim()
    wide[dim] = -1
    steps = _C.diff(points).reshape(wide)

    def step(start, length=1):
        return steps.narrow(dim, start, length)

    low, high = step(0, n - 2), step(1, n - 2)
    inner = (
        along(0, n - 2) * (-high / (low * (low + high)))
        + along(1, n - 2) * ((high - low) / (low * high))
        + along(2, n - 2) * (low / (high * (low + high)))
    )
    first, last = (along(1, 1) - along(0, 1)) / step(0), (along(n - 1, 1) - along(n - 2, 1)) / step(n - 2)
    if edge_order == 2:
        low, high = step(0), step(1)
        bend = (along(2, 1) - along(1, 1)) / high - first
        first = first - bend * low / (low + high)
        low, high = step(n - 3), step(n - 2)
        bend = last - (along(n - 2, 1) - along(n - 3, 1)) / low
        last = last + bend * high / (low + high)
    return _C.cat([first, inner, last], dim)


def unravel_index(indices, shape):
    """For flat indices into a tensor of the given shape, a tuple of tensors with the coordinates.

    Raises TypeError for indices that are no integers, ValueError for negative sizes.

    >>> import steepest as torch
    >>> torch.unravel_index(torch.tensor([4, 1]), (3, 2))
    (tensor([2, 0]), tensor([0, 1]))
    """
    if not isinstance(indices, _C.Tensor):
        raise TypeError(f"expected 'indices' to be integer dtype, but got {type(indices)}")
    if indices.is_floating_point() or indices.is_complex() or indices.dtype == _C.bool:
        raise TypeError(f"expected 'indices' to be integer dtype, but got {indices.dtype}")
    if not isinstance(shape, (builtins.int, list, tuple)):
        raise TypeError(f"expected 'shape' to be int or sequence of ints, but got {type(shape)}")
    sizes = (shape,) if isinstance(shape, builtins.int) else tuple(operator.index(s) for s in shape)
    if any(s < 0 for s in sizes):
        raise ValueError(f"'shape' cannot have negative values, but got {sizes}")
    steps = [math.prod(sizes[k + 1 :]) for k in range(len(sizes))]
    return tuple(_C.remainder(_C.div(indices, step, rounding_mode="floor"), size) for step, size in zip(steps, sizes))


def _edges(values, bins, bounds, dimension):
    """`bins` + 1 evenly spaced edges over `bounds`, or the values' own range."""
    if bins < 1:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {bins} for dimension {dimension}")
    if bounds is None:
        low, high = (v.item() for v in _C.aminmax(values)) if values.numel() else (0.0, 1.0)
        if not (math.isfinite(low) and math.isfinite(high)):
            raise RuntimeError(f"torch.histogramdd: dimension {dimension}'s range [{low:g}, {high:g}] is not finite")
    else:
        low, high = bounds
        if low > high:
            raise RuntimeError(
                f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {dimension}"
            )
    if low == high:
        low, high = low - 0.5, high + 0.5
    return _C.linspace(low, high, bins + 1, dtype=values.dtype)


def _demand_floats(input):
    if input.dtype not in (_C.float32, _C.float64):
        raise NotImplementedError(f'"histogramdd" not implemented for \'{input.type().split(".")[-1].removesuffix("Tensor")}\'')


def histogram(input, bins=100, *, range=None, weight=None, density=False, out=None):
    """(hist, bin_edges): how many elements of `input`, or what weight of them, lie in each bin.

    `bins` is their number, evenly spaced over `range` or from the least element to the greatest, or a tensor of edges.
    With `density` the result integrates to 1.

    >>> import steepest as torch
    >>> torch.histogram(torch.tensor([1.0, 2, 1]), bins=4, range=(0.0, 3.0)).hist
    tensor([0., 2., 1., 0.])
    """
    _demand_floats(input)
    edges = bins if isinstance(bins, _C.Tensor) else _edges(input, operator.index(bins), range, 0)
    return _C._histogram(input, edges, weight=weight, density=density, out=out)


class _HistogramDD(collections.namedtuple("histogramdd", ["hist", "bin_edges"])):
    __slots__ = ()

    def __repr__(self):
        return f"torch.return_types.histogramdd(\nhist={self.hist!r},\nbin_edges={self.bin_edges!r})"


_HistogramDD.__name__ = _HistogramDD.__qualname__ = "histogramdd"
_HistogramDD.__module__ = "torch.return_types"


def histogramdd(input, bins, range=None, weight=None, density=False):
    """(hist, bin_edges): how many of the points in the last dimension of `input` lie in each cell of a grid.

    `bins` is the number of bins, one for all dimensions or one a dimension, or a list of tensors of edges; `range` lists
    the lowest and the highest edge of each dimension.

    >>> import steepest as torch
    >>> torch.histogramdd(torch.tensor([[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]]), bins=[2, 2]).hist
    tensor([[0., 1.],
            [1., 1.]])
    """
    _demand_floats(input)
    count = input.size(-1)
    if isinstance(bins, builtins.int):
        bins = [bins] * count
    if len(bins) != count:
        raise RuntimeError("histogramdd: The size of bins must be equal to the innermost dimension of the input.")
    if range is not None and len(range) != 2 * count:
        raise RuntimeError(
            f"torch.histogramdd: for a {count}-dimensional histogram range should have {2 * count} elements, but got {len(range)}"
        )
    edges = [
        b if isinstance(b, _C.Tensor) else _edges(input[..., d], b, None if range is None else range[2 * d : 2 * d + 2], d)
        for d, b in enumerate(bins)
    ]
    return _HistogramDD(_C._histogramdd(input, edges, weight=weight, density=density), tuple(edges))


def vander(x, N=None, increasing=False):
    """The powers of the vector `x` as the columns of a matrix: from N - 1 down to 0, or up with `increasing`.

    >>> import steepest as torch
    >>> torch.vander(torch.tensor([2, 3]), 3)
    tensor([[4, 2, 1],
            [9, 3, 1]])
    """
    if x.dim() != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    n = x.size(0) if N is None else N
    if n < 0:
        raise RuntimeError("N must be non-negative.")
    if n > 1 and not x.is_complex():  # whose products are not accumulated
        powers = _C._linalg.vander(x, N=n)
    else:
        powers = x.unsqueeze(1) ** _C.arange(n, dtype=_C.int64)
    return powers if increasing else _C.flip(powers, (1,))


def resize_as_(input, the_template, *, memory_format=None):
    """Resizes `input` to the sizes of another tensor: see Tensor.resize_()."""
    return input.resize_(the_template.shape)
