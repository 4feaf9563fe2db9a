"""Convolutions of nn.functional, and the sliding blocks that they see."""

from .. import _C
from ._tuples import _pair

__all__ = [
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "conv_tbc", "fold", "unfold",
]

conv1d = _C._nn.conv1d
conv2d = _C._nn.conv2d
conv3d = _C._nn.conv3d
conv_transpose1d = _C._nn.conv_transpose1d
conv_transpose2d = _C._nn.conv_transpose2d
conv_transpose3d = _C._nn.conv_transpose3d
conv_tbc = _C.conv_tbc


def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    """The blocks of ``kernel_size`` that slide over images, each as a column.

    Shapes: input ``(N, C, H, W)`` or ``(C, H, W)``, result ``(N, C * kernel area, blocks)``; of floats and bool.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.unfold(torch.ones(1, 3, 10, 12), (4, 5)).shape
        torch.Size([1, 60, 56])
    """
    return _C._nn.im2col(input, _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    """Add columns of sliding blocks up to images of ``output_size``; what :func:`unfold` takes apart.

    Shapes: input ``(N, C * kernel area, blocks)`` or without N, result ``(N, C, *output_size)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.fold(torch.ones(1, 60, 56), (10, 12), (4, 5)).shape
        torch.Size([1, 3, 10, 12])
    """
    return _C._nn.col2im(
        input, _pair(output_size), _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride)
    )
