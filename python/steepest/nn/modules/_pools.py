"""Pooling layers of other kinds: power sums, windows that cut the input into a given size, windows at random distances."""

from .. import functional as F
from .module import Module
from .utils import _pair, _triple

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
]


class _LPPoolNd(Module):
    __constants__ = ["norm_type", "kernel_size", "stride", "ceil_mode"]

    def __init__(self, norm_type, kernel_size, stride=None, ceil_mode=False):
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def extra_repr(self):
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """``(sum of x**norm_type)**(1/norm_type)`` over each window of ``(N, C, L)`` or ``(C, L)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.LPPool1d(2, 2)(torch.tensor([[3.0, 4.0]]))
        tensor([[5.]])
    """

    def forward(self, input):
        return F.lp_pool1d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool2d(_LPPoolNd):
    """``(sum of x**norm_type)**(1/norm_type)`` over each window of ``(N, C, H, W)`` or ``(C, H, W)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.LPPool2d(1, 2)(torch.ones(1, 2, 2))
        tensor([[[4.]]])
    """

    def forward(self, input):
        return F.lp_pool2d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class LPPool3d(_LPPoolNd):
    """``(sum of x**norm_type)**(1/norm_type)`` over each window of ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.LPPool3d(1, 2)(torch.ones(1, 4, 4, 4)).shape
        torch.Size([1, 2, 2, 2])
    """

    def forward(self, input):
        return F.lp_pool3d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class _AdaptiveAvgPoolNd(Module):
    __constants__ = ["output_size"]

    def __init__(self, output_size):
        super().__init__()
        self.output_size = output_size

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveAvgPool1d(_AdaptiveAvgPoolNd):
    """The averages of windows that cut ``(N, C, L)`` or ``(C, L)`` into ``output_size``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.AdaptiveAvgPool1d(2)(torch.tensor([[1.0, 3.0, 2.0, 0.0]]))
        tensor([[2., 1.]])
    """

    def forward(self, input):
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_AdaptiveAvgPoolNd):
    """The averages of windows that cut ``(N, C, H, W)`` or ``(C, H, W)`` into ``output_size``.

    None stands for the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.AdaptiveAvgPool2d((1, None))(torch.arange(4.0).reshape(1, 2, 2))
        tensor([[[1., 2.]]])
    """

    def forward(self, input):
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_AdaptiveAvgPoolNd):
    """The averages of windows that cut ``(N, C, D, H, W)`` or ``(C, D, H, W)`` into ``output_size``.

    None stands for the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.AdaptiveAvgPool3d(1)(torch.ones(1, 4, 4, 4)).shape
        torch.Size([1, 1, 1, 1])
    """

    def forward(self, input):
        return F.adaptive_avg_pool3d(input, self.output_size)


class _AdaptiveMaxPoolNd(Module):
    __constants__ = ["output_size", "return_indices"]

    def __init__(self, output_size, return_indices=False):
        super().__init__()
        self.output_size = output_size
        self.return_indices = return_indices

    def extra_repr(self):
        return f"output_size={self.output_size}"


class AdaptiveMaxPool1d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that cut ``(N, C, L)`` or ``(C, L)`` into ``output_size``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.AdaptiveMaxPool1d(2)(torch.tensor([[1.0, 3.0, 2.0, 0.0]]))
        tensor([[3., 2.]])
    """

    def forward(self, input):
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that cut ``(N, C, H, W)`` or ``(C, H, W)`` into ``output_size``.

    None stands for the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.AdaptiveMaxPool2d((1, None))(torch.arange(4.0).reshape(1, 2, 2))
        tensor([[[2., 3.]]])
    """

    def forward(self, input):
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMaxPoolNd):
    """The largest elements of windows that cut ``(N, C, D, H, W)`` or ``(C, D, H, W)`` into ``output_size``.

    None stands for the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.AdaptiveMaxPool3d(1)(torch.ones(1, 4, 4, 4)).shape
        torch.Size([1, 1, 1, 1])
    """

    def forward(self, input):
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class _FractionalMaxPoolNd(Module):
    __constants__ = ["kernel_size", "return_indices", "output_size", "output_ratio"]

    def _choose(self, tuple_of, kernel_size, output_size, output_ratio, return_indices, random_samples):
        self.kernel_size = tuple_of(kernel_size)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", random_samples)
        self.output_size = None if output_size is None else tuple_of(output_size)
        self.output_ratio = None if output_ratio is None else tuple_of(output_ratio)
        if output_size is None and output_ratio is None:
            raise ValueError(
                f"{type(self).__name__} requires specifying either an output size, or a pooling ratio"
            )
        if output_size is not None and output_ratio is not None:
            raise ValueError("only one of output_size and output_ratio may be specified")
        if self.output_ratio is not None and not all(0 < ratio < 1 for ratio in self.output_ratio):
            raise ValueError(f"output_ratio must be between 0 and 1 (got {output_ratio})")


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """The largest elements of windows of ``(N, C, H, W)`` or ``(C, H, W)`` at random distances (Graham 2014,
    arXiv:1412.6071): ``output_size`` of them, or ``output_ratio`` times the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.FractionalMaxPool2d(2, output_ratio=0.5)(torch.ones(1, 6, 6)).shape
        torch.Size([1, 3, 3])
    """

    def __init__(
        self, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
    ):
        super().__init__()
        self._choose(_pair, kernel_size, output_size, output_ratio, return_indices, _random_samples)

    def forward(self, input):
        return F.fractional_max_pool2d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """The largest elements of windows of ``(N, C, D, H, W)`` or ``(C, D, H, W)`` at random distances (Graham 2014,
    arXiv:1412.6071): ``output_size`` of them, or ``output_ratio`` times the input's size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.FractionalMaxPool3d(2, output_ratio=0.5)(torch.ones(1, 6, 6, 6)).shape
        torch.Size([1, 3, 3, 3])
    """

    def __init__(
        self, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None
    ):
        super().__init__()
        if (isinstance(kernel_size, int) and kernel_size <= 0) or (
            isinstance(kernel_size, (tuple, list)) and not all(size > 0 for size in kernel_size)
        ):
            raise ValueError(f"kernel_size must be greater than 0, but got {kernel_size}")
        self._choose(_triple, kernel_size, output_size, output_ratio, return_indices, _random_samples)

    def forward(self, input):
        return F.fractional_max_pool3d(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices, self._random_samples
        )
