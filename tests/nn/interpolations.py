"""What interpolate is tried with, in its own tests and beside PyTorch: (mode, shape, options), and the input's values."""

import numpy as np

CASES = [
    (mode, size, options)
    for mode, dims in (("nearest", 1), ("nearest", 2), ("nearest", 3), ("nearest-exact", 2), ("linear", 1))
    + (("bilinear", 2), ("bicubic", 2), ("trilinear", 3), ("area", 2))
    for size, options in (
        ((2, 3, 5, 6, 4)[: 2 + dims], {"scale_factor": 2}),
        ((2, 3, 5, 6, 4)[: 2 + dims], {"scale_factor": 1.7}),
        ((2, 3, 5, 6, 4)[: 2 + dims], {"scale_factor": 1.7, "recompute_scale_factor": True}),
        ((1, 2, 7, 4, 3)[: 2 + dims], {"size": 3}),
        ((1, 1, 3, 40, 2)[: 2 + dims], {"size": (5, 33, 4)[:dims]}),
        ((1, 2, 7, 4, 3)[: 2 + dims], {"size": 5, "align_corners": True}),
    )
    if "align_corners" not in options or mode not in ("nearest", "nearest-exact", "area")
]
CASES += [(mode, (2, 1, 9, 7), {"size": (4, 3), "antialias": True}) for mode in ("bilinear", "bicubic")]
CASES += [("bilinear", (1, 2, 3, 4), {"scale_factor": (2.0, 0.5), "antialias": True})]


def values(shape, dtype="float64"):
    return np.random.default_rng(len(shape)).standard_normal(shape).astype(dtype)
