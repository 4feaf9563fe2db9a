"""Pooling functions of nn.functional, and max_unpool."""

import math

from .. import _C
from ._tuples import _pair, _single, _triple

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_with_indices",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d",
    "adaptive_max_pool3d_with_indices",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "fractional_max_pool2d",
    "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d",
    "fractional_max_pool3d_with_indices",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
]

_nn = _C._nn

avg_pool1d = _nn.avg_pool1d
avg_pool2d = _nn.avg_pool2d
avg_pool3d = _nn.avg_pool3d
max_pool1d = _nn.max_pool1d
max_pool2d = _nn.max_pool2d
max_pool3d = _nn.max_pool3d
adaptive_avg_pool1d = _nn.adaptive_avg_pool1d


def max_pool1d_with_indices(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """:func:`max_pool1d` that returns ``(values, indices)``."""
    return max_pool1d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool2d_with_indices(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """:func:`max_pool2d` that returns ``(values, indices)``."""
    return max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def max_pool3d_with_indices(
    input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False
):
    """:func:`max_pool3d` that returns ``(values, indices)``."""
    return max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode, True)


def _whole(output_size, input):
    """`output_size` with the input's sizes in place of None."""
    if isinstance(output_size, int):
        return output_size
    sizes = input.shape
    if len(sizes) <= len(output_size):
        raise ValueError(f"Input dimension should be at least {len(output_size) + 1}")
    last = sizes[len(sizes) - len(output_size) :]
    return [size if wanted is None else wanted for wanted, size in zip(output_size, last)]


def adaptive_avg_pool2d(input, output_size):
    """Averages over windows that cut ``(N, C, H, W)`` or ``(C, H, W)`` into ``output_size``: an int, or two of ints and None
    (the input's size).

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.adaptive_avg_pool2d(torch.arange(4.0).reshape(1, 2, 2), (1, None))
        tensor([[[1., 2.]]])
    """
    return _nn.adaptive_avg_pool2d(input, _whole(output_size, input))


def adaptive_avg_pool3d(input, output_size):
    """:func:`adaptive_avg_pool2d` of ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
    return _nn.adaptive_avg_pool3d(input, _whole(output_size, input))


def adaptive_max_pool1d_with_indices(input, output_size, return_indices=False):
    """:func:`adaptive_max_pool1d` that returns ``(values, indices)``."""
    return tuple(_nn.adaptive_max_pool1d(input, output_size))


def adaptive_max_pool2d_with_indices(input, output_size, return_indices=False):
    """:func:`adaptive_max_pool2d` that returns ``(values, indices)``."""
    return tuple(_nn.adaptive_max_pool2d(input, _whole(output_size, input)))


def adaptive_max_pool3d_with_indices(input, output_size, return_indices=False):
    """:func:`adaptive_max_pool3d` that returns ``(values, indices)``."""
    return tuple(_nn.adaptive_max_pool3d(input, _whole(output_size, input)))


def adaptive_max_pool1d(input, output_size, return_indices=False):
    """The largest elements over windows that cut ``(N, C, L)`` or ``(C, L)`` into ``output_size``; with ``return_indices``
    also their places.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.adaptive_max_pool1d(torch.arange(6.0).reshape(1, 6), 2)
        tensor([[2., 5.]])
    """
    both = adaptive_max_pool1d_with_indices(input, output_size)
    return both if return_indices else both[0]


def adaptive_max_pool2d(input, output_size, return_indices=False):
    """:func:`adaptive_max_pool1d` of ``(N, C, H, W)`` or ``(C, H, W)``."""
    both = adaptive_max_pool2d_with_indices(input, output_size)
    return both if return_indices else both[0]


def adaptive_max_pool3d(input, output_size, return_indices=False):
    """:func:`adaptive_max_pool1d` of ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
    both = adaptive_max_pool3d_with_indices(input, output_size)
    return both if return_indices else both[0]


def _power_mean(pool, input, norm_type, kernel_size, elements, stride, ceil_mode):
    if math.isinf(norm_type):  # the largest of the absolute values, or the smallest
        largest = {avg_pool1d: max_pool1d, avg_pool2d: max_pool2d, avg_pool3d: max_pool3d}[pool]
        sign = 1 if norm_type > 0 else -1
        return sign * largest(sign * input.abs(), kernel_size, stride, 0, 1, ceil_mode)
    mean = pool(input.pow(norm_type), kernel_size, stride, 0, ceil_mode)
    return (mean.sign() * mean.abs().relu()).mul(elements).pow(1.0 / norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """``(sum of x**norm_type)**(1/norm_type)`` over windows of ``(N, C, L)`` or ``(C, L)``; 0 where the sum is negative.

    For a norm_type of inf the largest absolute value, for -inf the smallest.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.lp_pool1d(torch.tensor([[3.0, 4.0]]), 2, 2)
        tensor([[5.]])
    """
    elements = kernel_size if isinstance(kernel_size, int) else kernel_size[0]
    return _power_mean(avg_pool1d, input, norm_type, kernel_size, elements, stride, ceil_mode)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """:func:`lp_pool1d` of ``(N, C, H, W)`` or ``(C, H, W)``."""
    high, wide = _pair(kernel_size)
    return _power_mean(avg_pool2d, input, norm_type, kernel_size, high * wide, stride, ceil_mode)


def lp_pool3d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    """:func:`lp_pool1d` of ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
    deep, high, wide = _triple(kernel_size)
    return _power_mean(avg_pool3d, input, norm_type, kernel_size, deep * high * wide, stride, ceil_mode)


def _fractional(dims, input, kernel_size, output_size, output_ratio, samples):
    name, tuple_of = f"fractional_max_pool{dims}d", _pair if dims == 2 else _triple
    if output_size is None and output_ratio is None:
        raise ValueError(f"{name} requires specifying either an output_size or an output_ratio")
    if output_size is None:
        if len(output_ratio := tuple_of(output_ratio)) > 2 and dims == 2:
            raise ValueError(f"{name} requires output_ratio to either be a single Int or tuple of Ints.")
        output_size = [int(input.size(k - dims) * output_ratio[k]) for k in range(dims)]
    if samples is None:
        planes = (1, input.size(-dims - 1)) if input.dim() == dims + 1 else input.shape[:2]
        samples = _C.rand(*planes, dims, dtype=input.dtype)
    call = _nn.fractional_max_pool2d if dims == 2 else _nn.fractional_max_pool3d
    return tuple(call(input, tuple_of(kernel_size), tuple_of(output_size), samples))


def fractional_max_pool2d_with_indices(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """:func:`fractional_max_pool2d` that returns ``(values, indices)``."""
    return _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool3d_with_indices(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """:func:`fractional_max_pool3d` that returns ``(values, indices)``."""
    return _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)


def fractional_max_pool2d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """The largest elements over windows at random distances (Graham 2014, arXiv:1412.6071) of ``(N, C, H, W)`` or
    ``(C, H, W)``: ``output_size`` of them, or ``output_ratio`` times the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.functional.fractional_max_pool2d(torch.ones(1, 6, 6), 2, output_ratio=(0.5, 0.5)).shape
        torch.Size([1, 3, 3])
    """
    both = _fractional(2, input, kernel_size, output_size, output_ratio, _random_samples)
    return both if return_indices else both[0]


def fractional_max_pool3d(
    input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
):
    """:func:`fractional_max_pool2d` of ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
    both = _fractional(3, input, kernel_size, output_size, output_ratio, _random_samples)
    return both if return_indices else both[0]


def _unpooled_size(input, kernel_size, stride, padding, output_size):
    """The sizes that max_unpool makes: by default those of the smallest input that max_pool would make this input of."""
    dims, sizes = len(kernel_size), input.shape
    smallest = [
        (sizes[len(sizes) - dims + d] - 1) * stride[d] + kernel_size[d] - 2 * padding[d] for d in range(dims)
    ]
    if output_size is None:
        return smallest
    if len(output_size) == dims + 2:
        output_size = output_size[2:]
    if len(output_size) != dims:
        raise ValueError(
            f"output_size should be a sequence containing {dims} or {dims + 2} elements, "
            f"but it has a length of '{len(output_size)}'"
        )
    for d in range(dims):
        low, high = smallest[d] - stride[d], smallest[d] + stride[d]
        if not low < output_size[d] < high:
            raise ValueError(f'invalid output_size "{output_size}" (dim {d} must be between {low} and {high})')
    return output_size


def max_unpool1d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """Zeros with the elements of ``input``, ``(N, C, L)`` or ``(C, L)``, at the places ``indices`` that :func:`max_pool1d`
    returned.

    Example::

        >>> import steepest as torch
        >>> y, at = torch.nn.functional.max_pool1d(torch.tensor([[1.0, 3.0, 2.0, 0.0]]), 2, return_indices=True)
        >>> torch.nn.functional.max_unpool1d(y, at, 2)
        tensor([[0., 3., 2., 0.]])
    """
    kernel_size = _single(kernel_size)
    stride = kernel_size if stride is None else _single(stride)
    size = _unpooled_size(input, kernel_size, stride, _single(padding), output_size)
    return _C._max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), [*size, 1]).squeeze(-1)


def max_unpool2d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """:func:`max_unpool1d` of ``(N, C, H, W)`` or ``(C, H, W)``."""
    kernel_size = _pair(kernel_size)
    stride = kernel_size if stride is None else _pair(stride)
    return _C._max_unpool2d(input, indices, _unpooled_size(input, kernel_size, stride, _pair(padding), output_size))


def max_unpool3d(input, indices, kernel_size, stride=None, padding=0, output_size=None):
    """:func:`max_unpool1d` of ``(N, C, D, H, W)`` or ``(C, D, H, W)``."""
    kernel_size = _triple(kernel_size)
    stride = kernel_size if stride is None else _triple(stride)
    size = _unpooled_size(input, kernel_size, stride, _triple(padding), output_size)
    for d, n in enumerate(size):
        if n < 0:
            raise ValueError(
                f"max_unpooling: output_size must contain non-negative spatial dimensions, but got output_size[{d}]={n}"
            )
    if any(s <= 0 for s in stride):
        raise RuntimeError(f"strides should be greater than zero, but got stride: {list(stride)}")
    return _C._max_unpool3d(input, indices, size)
