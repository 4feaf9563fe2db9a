"""Samples of padding, pooling and resampling: one line an op."""

import functools
import itertools

import numpy as np

from .draw import f, op, x

ROWS, PLANES, BOXES = x(2, 3, 7), x(2, 3, 5, 6), x(1, 2, 4, 5, 3)


def pairs(ndim, pad):
    """numpy's widths, and the slices that take away what is negative."""
    widths = [(0, 0)] * (ndim - len(pad) // 2) + [pad[k : k + 2] for k in range(len(pad) - 2, -1, -2)]
    cut = tuple(slice(-a if a < 0 else None, b if b < 0 else None) for a, b in widths)
    return [(max(a, 0), max(b, 0)) for a, b in widths], cut


def pad(v, pad, mode="constant", value=0):
    widths, cut = pairs(v.ndim, pad)
    if mode == "constant":
        return np.pad(v[cut], widths, constant_values=value)
    return np.pad(v, widths, {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode])[cut]


def pooled(v, windows, of):
    """of(elements, places in the plane) of every window; `windows` has by dimension the places of each window."""
    k = len(windows)
    flat = np.arange(np.prod(v.shape[-k:])).reshape(v.shape[-k:])
    planes = v.reshape(-1, *v.shape[-k:])
    results = [of(p[np.ix_(*w)], flat[np.ix_(*w)]) for p in planes for w in itertools.product(*windows)]
    sizes = (*v.shape[:-k], *map(len, windows))
    return [np.array(r).reshape(sizes) for r in zip(*results)]


def each_dim(value, k):
    return [value] * k if isinstance(value, int) else list(value) * (k if len(value) == 1 else 1)


def windows(v, k, kernel, stride=None, padding=0, dilation=1, ceil_mode=False):
    out = []
    stride = kernel if stride in (None, ()) else stride
    options = (each_dim(o, k) for o in (kernel, stride, padding, dilation))
    for n, size, step, p, d in zip(v.shape[-k:], *options):
        count = (n + 2 * p - d * (size - 1) - 1 + (step - 1 if ceil_mode else 0)) // step + 1
        if ceil_mode and (count - 1) * step >= n + p:
            count -= 1
        out.append([range(o * step - p, o * step - p + d * (size - 1) + 1, d) for o in range(count)])
    return out


def inside(all_windows, sizes):
    return [[[j for j in w if 0 <= j < n] for w in ws] for ws, n in zip(all_windows, sizes)]


def cut(v, output_size, k):
    """The windows of adaptive pooling."""
    sizes = zip(v.shape[-k:], each_dim(output_size, k))
    return [[range(o * n // m, -(-(o + 1) * n // m)) for o in range(m)] for n, m in sizes]


def first_largest(elements, places):
    at = np.argmax(elements)
    return elements.flat[at], places.flat[at]


def max_pool(k):
    def of(v, kernel, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        all_windows = windows(v, k, kernel, stride, padding, dilation, ceil_mode)
        both = pooled(v, inside(all_windows, v.shape[-k:]), first_largest)
        return tuple(both) if return_indices else both[0]

    return of


def avg_pool(k):
    def of(v, kernel, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        all_windows = windows(v, k, kernel, stride, padding, 1, ceil_mode)
        sums, counts = pooled(v, inside(all_windows, v.shape[-k:]), lambda e, _: (e.sum(), e.size))
        if count_include_pad:
            edges = zip(all_windows, v.shape[-k:], each_dim(padding, k))
            lengths = [[len([j for j in w if j < n + p]) for w in ws] for ws, n, p in edges]
            counts = counts * 0 + functools.reduce(np.multiply.outer, lengths, 1)
        counts = divisor_override or counts
        return np.trunc(sums / counts).astype(int) if v.dtype.kind == "i" else sums / counts

    return of


def adaptive_avg(k):
    return lambda v, size: pooled(v, cut(v, size, k), lambda e, _: (e.mean(),))[0]


def adaptive_max(k):
    return lambda v, size: tuple(pooled(v, cut(v, size, k), first_largest))


def fractional(k):
    def of(v, kernel, output_size, samples):
        planes = []
        for plane, u in zip(v.reshape(-1, *v.shape[-k:]), samples.reshape(-1, k)):
            all_windows = []
            for n, size, m, shift in zip(plane.shape, each_dim(kernel, k), each_dim(output_size, k), u[::-1] if k == 2 else u):
                step = (n - size) / (m - 1)
                begins = [int((o + shift) * step) - int(shift * step) for o in range(m - 1)] + [n - size]
                all_windows.append([range(b, b + size) for b in begins])
            planes.append(pooled(plane, all_windows, first_largest))
        return tuple(np.array(r).reshape(*v.shape[:-k], *each_dim(output_size, k)) for r in zip(*planes))

    return of


def pixel_shuffle(v, r):
    c, h, w = v.shape[-3:]
    apart = v.reshape(-1, c // r**2, r, r, h, w).transpose(0, 1, 4, 2, 5, 3)
    return apart.reshape(*v.shape[:-3], c // r**2, h * r, w * r)


def pixel_unshuffle(v, r):
    c, h, w = v.shape[-3:]
    apart = v.reshape(-1, c, h // r, r, w // r, r).transpose(0, 1, 3, 5, 2, 4)
    return apart.reshape(*v.shape[:-3], c * r**2, h // r, w // r)


def channel_shuffle(v, groups):
    n, c, *rest = v.shape
    return v.reshape(n, groups, c // groups, *rest).swapaxes(1, 2).reshape(v.shape)


def outside(at, n, mode, align):
    """A coordinate brought inside as the padding mode says."""
    low, high = (0, n - 1) if align else (-0.5, n - 0.5)
    while mode == 2 and high > low and not low <= at <= high:
        at = 2 * low - at if at < low else 2 * high - at
    return min(max(at, 0), n - 1) if mode else at


def cubic(t, a=-0.75):
    t = abs(t)
    return ((a + 2) * t - (a + 3)) * t * t + 1 if t <= 1 else ((a * t - 5 * a) * t + 8 * a) * t - 4 * a


def taps(u, n, mode, padding, align):
    """The elements and their weights along one dimension of size n, at the grid's number u."""
    at = (u + 1) / 2 * (n - 1) if align else ((u + 1) * n - 1) / 2
    if mode == 2:
        near = int(np.floor(at)) + np.arange(-1, 3)
        pairs = [(outside(j, n, padding, align), cubic(at - j)) for j in near]
    else:
        at = outside(at, n, padding, align)
        low = int(np.floor(at))
        pairs = [(round(at), 1.0)] if mode == 1 else [(low, low + 1 - at), (low + 1, at - low)]
    return [(int(j), w) for j, w in pairs if 0 <= j < n]


def grid_sampler(v, grid, mode, padding, align):
    y = np.zeros((v.shape[0], v.shape[1], *grid.shape[1:-1]))
    for b, *to in np.ndindex(*grid.shape[:-1]):
        sizes = v.shape[2:]
        along = [taps(u, n, mode, padding, align) for u, n in zip(grid[(b, *to)][::-1], sizes)]
        for way in itertools.product(*along):
            place, weights = zip(*way)
            y[(b, slice(None), *to)] += np.prod(weights) * v[(b, slice(None), *place)]
    return y


def affine_grid(theta, size, align):
    axes = [((2 * np.arange(n) + 1) / n - 1) if not align else np.linspace(-1, 1, n) for n in size[2:]]
    base = np.stack([*np.meshgrid(*axes, indexing="ij")[::-1], np.ones(size[2:])], -1)
    return np.einsum("...k,nik->n...i", base, theta)


SIDES = [(ROWS, (2, 1)), (PLANES, (1, 2, 3, 0)), (BOXES, [1, 2, 0, 1, 3, 2])]
SPREAD = [(v, p, mode) for mode in ("reflect", "replicate", "circular") for v, p in SIDES]
WIDE = x(1, 1, 6, 45)  # rows that take several registers
# Distinct values: the gradient of a largest element has one place.
MAX_2D = [(PLANES, 2), (PLANES, (3, 2), 1, 1), (PLANES, 3, 2, (1, 0), 1, True), (PLANES, 2, (1, 2), 0, 2),
    (x(3, 5, 6), [2], (), 1), (WIDE, 3, 2, 1), (WIDE, 2, 1), (PLANES, 2, {"return_indices": True})]
MAX_1D = [(ROWS, 3), (ROWS, (2,), 1, 1), (x(3, 7), 3, 2, 1, 1, True), (ROWS, 2, 1, 0, 2, {"return_indices": True})]
MAX_3D = [(BOXES, 2), (BOXES, (2, 3, 1), 1, (1, 0, 0)), (x(2, 4, 5, 3), 2, 1, 0, 1, True, True)]
AVG_2D = [(PLANES, 2), (PLANES, (3, 2), 1, 1), (PLANES, 3, 2, 1, True), (PLANES, 3, 2, 1, True, False),
    (PLANES, 2, {"divisor_override": 3}), (x(3, 5, 6), [2], (), 1), (WIDE, 3, 2, 1), (WIDE, 2, 1), (WIDE, (6, 9))]
FLAT, DEEP = (PLANES, f(2, 4, 3, 2, low=-1.4, high=1.4)), (BOXES, f(1, 2, 3, 2, 3, low=-1.4, high=1.4))
SAMPLED_2D = [(*FLAT, mode, outside, align) for mode in (0, 1, 2) for outside, align in ((0, False), (1, True), (2, False))]
SAMPLED_2D += [(*FLAT, 0, 2, True)]
SAMPLED_3D = [(*DEEP, 0, 0, True), (*DEEP, 0, 1, False), (*DEEP, 0, 2, False), (*DEEP, 1, 0, False)]
AVG_1D = [(ROWS, 3), (ROWS, (2,), 1, 1), (x(3, 7), 3, 2, 1, True, False)]
AVG_3D = [(BOXES, 2), (BOXES, (2, 3, 1), 1, (1, 0, 0), False, False), (x(2, 4, 5, 3), 2, 1, 0, True, True, 5)]

RESAMPLINGS = {
    "constant_pad_nd": op((PLANES, (1, 2, -1, 3)), (PLANES, [1, -2], 3), (x(3), ()),
        ref=lambda v, p, value=0: pad(v, p, value=value)),
    "pad": op((PLANES, (1, 2, -1, 3)), (ROWS, [1, 1], "constant", 2.0), *SPREAD, (ROWS, (-1, 2), "reflect"), ref=pad,
        dtypes="fi"),
    "max_pool1d": op(*MAX_1D, ref=max_pool(1), dtypes="f"),
    "max_pool2d": op(*MAX_2D, ref=max_pool(2), dtypes="fi"),
    "max_pool3d": op(*MAX_3D, ref=max_pool(3), dtypes="fi"),
    "avg_pool1d": op(*AVG_1D, ref=avg_pool(1), dtypes="f"),
    "avg_pool2d": op(*AVG_2D, ref=avg_pool(2), dtypes="f"),
    "avg_pool3d": op(*AVG_3D, ref=avg_pool(3), dtypes="f"),
    "adaptive_avg_pool1d": op((ROWS, 3), (x(3, 7), (1,)), ref=adaptive_avg(1), dtypes="f"),
    "adaptive_avg_pool2d": op((PLANES, 3), (PLANES, (4, 1)), (PLANES, 1), (x(3, 5, 6), (7, 8)), ref=adaptive_avg(2),
        dtypes="f"),
    "adaptive_avg_pool3d": op((BOXES, 2), (BOXES, (3, 1, 2)), (BOXES, 1), ref=adaptive_avg(3), dtypes="f"),
    "adaptive_max_pool1d": op((ROWS, 3), (x(3, 7), (1,)), ref=adaptive_max(1), dtypes="f"),
    "adaptive_max_pool2d": op((PLANES, 3), (PLANES, (4, 1)), (x(3, 5, 6), (7, 8)), ref=adaptive_max(2), dtypes="f"),
    "adaptive_max_pool3d": op((BOXES, 2), (BOXES, (3, 1, 2)), ref=adaptive_max(3), dtypes="f"),
    "fractional_max_pool2d": op((PLANES, 2, 3, f(2, 3, 2, low=0.05, high=0.95, grad=False)),
        (x(3, 5, 6), (1, 2), (4, 3), f(1, 3, 2, low=0.05, high=0.95, grad=False)), ref=fractional(2), dtypes="f"),
    "fractional_max_pool3d": op((BOXES, (2, 2, 1), 2, f(1, 2, 3, low=0.05, high=0.95, grad=False)), ref=fractional(3),
        dtypes="f"),
    "grid_sampler_2d": op(*SAMPLED_2D, ref=grid_sampler, dtypes="f", rtol=64, atol=64, half_tol=8),
    "grid_sampler_3d": op(*SAMPLED_3D, ref=grid_sampler, dtypes="f", rtol=64, atol=64, half_tol=8),
    "grid_sampler": op(*SAMPLED_2D[:2], *SAMPLED_3D[:1], ref=grid_sampler, dtypes="f", rtol=64, atol=64, half_tol=8),
    "affine_grid_generator": op((x(2, 2, 3), (2, 3, 4, 5), False), (x(1, 3, 4), (1, 1, 2, 3, 2), True), ref=affine_grid,
        dtypes="f", half_tol=8),
    "pixel_shuffle": op((x(2, 8, 2, 3), 2), (x(4, 2, 3), 2), ref=pixel_shuffle),
    "pixel_unshuffle": op((x(2, 3, 4, 6), 2), (x(1, 4, 2), 2), ref=pixel_unshuffle),
    "channel_shuffle": op((x(2, 6, 2, 3), 3), (x(2, 4, 3), 2), ref=channel_shuffle),
}
