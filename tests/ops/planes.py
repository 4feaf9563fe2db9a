"""Samples of padding, pooling and resampling: one line an op."""

import numpy as np

from .draw import op, x

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


SIDES = [(ROWS, (2, 1)), (PLANES, (1, 2, 3, 0)), (BOXES, [1, 2, 0, 1, 3, 2])]

SPREAD = [(v, p, mode) for mode in ("reflect", "replicate", "circular") for v, p in SIDES]

RESAMPLINGS = {
    "constant_pad_nd": op((PLANES, (1, 2, -1, 3)), (PLANES, [1, -2], 3), (x(3), ()),
        ref=lambda v, p, value=0: pad(v, p, value=value)),
    "pad": op((PLANES, (1, 2, -1, 3)), (ROWS, [1, 1], "constant", 2.0), *SPREAD,
        (ROWS, (-1, 2), "reflect"), ref=pad, dtypes="fi"),
}  # fmt: skip
