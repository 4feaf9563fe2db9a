"""grid_sample and affine_grid of nn.functional."""

import warnings

from .. import _C

__all__ = ["affine_grid", "grid_sample"]

_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
_OUTSIDE = {"zeros": 0, "border": 1, "reflection": 2}


def _corners(align_corners):
    """False where it is not said, with PyTorch's warning."""
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. Please "
            "specify align_corners=True if the old behavior is desired. See the documentation of grid_sample for "
            "details.",
            stacklevel=3,
        )
        return False
    return align_corners


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    """Elements of ``input``, ``(N, C, H, W)``, at the places ``(x, y)`` of ``grid``, ``(N, H', W', 2)``, which go from -1 to 1;
    or of ``(N, C, D, H, W)`` at ``(x, y, z)`` of ``(N, D', H', W', 3)``.

    ``mode`` is ``bilinear``, ``nearest`` or ``bicubic`` (planes only); outside the input are, by ``padding_mode``, ``zeros``, the
    ``border``'s elements or the input's ``reflection``. With ``align_corners`` -1 and 1 are the centres of the corner elements,
    otherwise their outer edges.

    Example::

        >>> import steepest as torch
        >>> x = torch.arange(4.0).reshape(1, 1, 2, 2)
        >>> torch.nn.functional.grid_sample(x, torch.zeros(1, 1, 1, 2), align_corners=False)
        tensor([[[[1.5000]]]])
    """
    if mode not in _MODES:
        raise ValueError(
            f"nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '{mode}'"
        )
    if padding_mode not in _OUTSIDE:
        raise ValueError(
            "nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
            f"but got: '{padding_mode}'"
        )
    align_corners = _corners(align_corners)
    return _C.grid_sampler(input, grid, _MODES[mode], _OUTSIDE[padding_mode], align_corners)


def affine_grid(theta, size, align_corners=None):
    """For each matrix of ``theta``, ``(N, 2, 3)`` or ``(N, 3, 4)``, the places to which it maps a regular grid of ``size``,
    ``(N, C, H, W)`` or ``(N, C, D, H, W)``: what :func:`grid_sample` takes.

    Example::

        >>> import steepest as torch
        >>> theta = torch.tensor([[[1.0, 0.0, 0.5], [0.0, 1.0, 0.0]]])
        >>> torch.nn.functional.affine_grid(theta, (1, 1, 1, 2), align_corners=False)
        tensor([[[[0., 0.],
                  [1., 0.]]]])
    """
    align_corners = _corners(align_corners)
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    size = tuple(size)
    if len(size) not in (4, 5):
        raise NotImplementedError(
            "affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. "
            f"Got size {size}."
        )
    dims = len(size) - 2
    if theta.dim() != 3 or theta.shape[-2] != dims or theta.shape[-1] != dims + 1:
        raise ValueError(
            f"Expected a batch of {dims}D affine matrices of shape Nx{dims}x{dims + 1} for size {size}. Got {theta.shape}."
        )
    if min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return _C.affine_grid_generator(theta, size, align_corners)
