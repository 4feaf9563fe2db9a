"""interpolate of nn.functional, and its older names."""

import math
import warnings

from .. import _C
from ._pools import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = ["interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

_AREA = {3: adaptive_avg_pool1d, 4: adaptive_avg_pool2d, 5: adaptive_avg_pool3d}
_MODES = {
    ("nearest", 3): _C._upsample_nearest1d,
    ("nearest", 4): _C._upsample_nearest2d,
    ("nearest", 5): _C._upsample_nearest3d,
    ("nearest-exact", 3): _C._upsample_nearest_exact1d,
    ("nearest-exact", 4): _C._upsample_nearest_exact2d,
    ("nearest-exact", 5): _C._upsample_nearest_exact3d,
    ("linear", 3): _C._upsample_linear1d,
    ("bilinear", 4): _C._upsample_bilinear2d,
    ("trilinear", 5): _C._upsample_trilinear3d,
    ("bicubic", 4): _C._upsample_bicubic2d,
}
_ANTIALIASED = {"bilinear": _C._upsample_bilinear2d_aa, "bicubic": _C._upsample_bicubic2d_aa}
_RANK = {"linear": 3, "bilinear": 4, "trilinear": 5}
_WITHOUT_CORNERS = ("nearest", "area", "nearest-exact")


def _layout_hint(input, dims, name, shown):
    what = "output size of" if name == "size" else "scale_factor of shape"
    wanted = "output size in (o1, o2, ...,oK)" if name == "size" else "scale_factor in (s1, s2, ...,sK)"
    other = "output" if name == "size" else "scale_factor"
    return (
        f"Input and {other} must have the same number of spatial dimensions, but got input with spatial dimensions "
        f"of {list(input.shape[2:])} and {what} {shown}. Please provide input tensor in (N, C, d1, d2, ...,dK) format "
        f"and {wanted} format."
    )


def _sizes_and_scales(input, size, scale_factor):
    """(the output's sizes or None, scale factors or None), one number a dimension."""
    dims = input.dim() - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if size is None:
        if not isinstance(scale_factor, (list, tuple)):
            return None, [float(scale_factor)] * dims
        if len(scale_factor) != dims:
            raise ValueError(_layout_hint(input, dims, "scale_factor", scale_factor))
        return None, [float(scale) for scale in scale_factor]
    if not isinstance(size, (list, tuple)):
        return [size] * dims, None
    if len(size) != dims:
        raise ValueError(_layout_hint(input, dims, "size", size))
    if not all(hasattr(n, "__index__") for n in size):
        raise TypeError(
            "expected size to be one of int or Tuple[int] or Tuple[int, int] or Tuple[int, int, int], "
            f"but got size with types {[type(n) for n in size]}"
        )
    return [int(n) for n in size], None


def interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    """Resample ``(N, C, *)`` to ``size``, or to its size times ``scale_factor``.

    ``mode`` is ``nearest``, ``nearest-exact`` or ``area`` (1 to 3 dimensions behind the channels), ``linear`` (1),
    ``bilinear`` or ``bicubic`` (2) or ``trilinear`` (3). With ``align_corners`` the centres of the corner elements stay
    where they are. ``recompute_scale_factor`` takes the scale from the two sizes rather than as given; ``antialias`` widens the
    filters of ``bilinear`` and ``bicubic`` where the result is smaller.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.interpolate(torch.tensor([[[0.0, 4.0]]]), scale_factor=2, mode="linear")
        tensor([[[0., 1., 3., 4.]]])
    """
    if mode in _WITHOUT_CORNERS:
        if align_corners is not None:
            raise ValueError(
                "align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear"
            )
    elif align_corners is None:
        align_corners = False
    rank = input.dim()
    output_size, scales = _sizes_and_scales(input, size, scale_factor)
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if output_size is None:
        output_size = [math.floor(float(input.size(d + 2)) * scale) for d, scale in enumerate(scales)]
        if recompute_scale_factor or mode == "area":
            scales = None
    if antialias and not (mode in _ANTIALIASED and rank == 4):
        raise ValueError("Anti-alias option is restricted to bilinear and bicubic modes and requires a 4-D tensor as input")
    if mode == "area" and rank in _AREA:
        return _AREA[rank](input, output_size)
    call = _ANTIALIASED[mode] if antialias else _MODES.get((mode, rank))
    if call is None:
        if mode in _RANK and rank in (3, 4, 5):
            raise NotImplementedError(f"Got {rank}D input, but {mode} mode needs {_RANK[mode]}D input")
        raise NotImplementedError(
            f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {rank}D) for the modes: nearest | linear | "
            f"bilinear | bicubic | trilinear | area | nearest-exact (got {mode})"
        )
    by_axis = [None] * (5 - rank) + (scales or [None] * (rank - 2))
    return call(input, output_size, bool(align_corners), *by_axis)


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    """The old name of :func:`interpolate`."""
    warnings.warn("`nn.functional.upsample` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2)
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    """:func:`interpolate` with ``mode="nearest"``."""
    warnings.warn(
        "`nn.functional.upsample_nearest` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    """:func:`interpolate` with ``mode="bilinear"`` and ``align_corners=True``."""
    warnings.warn(
        "`nn.functional.upsample_bilinear` is deprecated. Use `nn.functional.interpolate` instead.", stacklevel=2
    )
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)
