"""Convolution layers, their transposes, and both with the number of channels taken from the first input."""

import math

from ... import empty
from .. import functional as F
from .. import init
from ..parameter import Parameter, UninitializedParameter
from .lazy import LazyModuleMixin
from .module import Module

__all__ = [
    "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d",
    "LazyConv1d", "LazyConv2d", "LazyConv3d", "LazyConvTranspose1d", "LazyConvTranspose2d", "LazyConvTranspose3d",
]

_PADDINGS = {"same", "valid"}
_PADDING_MODES = {"zeros", "reflect", "replicate", "circular"}


def _times(value, n):
    """A tuple as it is, anything else `n` times."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * n


def _padding_of_pad(padding, kernel_size, dilation):
    """The list that F.pad takes, last dimension first, for a layer's padding."""
    sides = []
    if padding == "valid":
        return [0, 0] * len(kernel_size)
    if padding == "same":
        for step, size in zip(reversed(dilation), reversed(kernel_size)):
            total = step * (size - 1)
            sides += [total // 2, total - total // 2]
        return sides
    return tuple(p for p in reversed(padding) for _ in range(2))


class _ConvNd(Module):
    """What all convolution layers share: settings, parameters, and how they are printed."""

    __constants__ = [
        "stride",
        "padding",
        "dilation",
        "groups",
        "padding_mode",
        "output_padding",
        "in_channels",
        "out_channels",
        "kernel_size",
    ]

    def __init__(
        self, in_channels, out_channels, kernel_size, stride, padding, dilation, transposed, output_padding, groups,
        bias, padding_mode, device=None, dtype=None,
    ):
        super().__init__()
        if groups <= 0:
            raise ValueError("groups must be a positive integer")
        if in_channels % groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        if out_channels % groups != 0:
            raise ValueError("out_channels must be divisible by groups")
        if isinstance(padding, str):
            if padding not in _PADDINGS:
                raise ValueError(f"Invalid padding string {padding!r}, should be one of {_PADDINGS}")
            if padding == "same" and any(s != 1 for s in stride):
                raise ValueError("padding='same' is not supported for strided convolutions")
        if padding_mode not in _PADDING_MODES:
            raise ValueError(
                f"padding_mode must be one of {_PADDING_MODES}, but got padding_mode='{padding_mode}'"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.dilation = dilation
        self.transposed = transposed
        self.output_padding = output_padding
        self.groups = groups
        self.padding_mode = padding_mode
        self._reversed_padding_repeated_twice = _padding_of_pad(padding, kernel_size, dilation)
        self.weight = Parameter(empty(self._weight_shape(), device=device, dtype=dtype))
        if bias:
            self.bias = Parameter(empty(out_channels, device=device, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def _weight_shape(self):
        given, made = self.in_channels, self.out_channels
        first, second = (given, made) if self.transposed else (made, given)
        return (first, second // self.groups, *self.kernel_size)

    def reset_parameters(self):
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            fan_in, _ = init._calculate_fan_in_and_fan_out(self.weight)
            if fan_in != 0:
                bound = 1 / math.sqrt(fan_in)
                init.uniform_(self.bias, -bound, bound)

    def extra_repr(self):
        n = len(self.kernel_size)
        shown = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        for name, default in (("padding", 0), ("dilation", 1), ("output_padding", 0)):
            if getattr(self, name) != (default,) * n:
                shown += f", {name}={getattr(self, name)}"
        if self.groups != 1:
            shown += f", groups={self.groups}"
        if self.bias is None:
            shown += ", bias=False"
        if self.padding_mode != "zeros":
            shown += f", padding_mode={self.padding_mode}"
        return shown

    def __setstate__(self, state):
        super().__setstate__(state)
        self.__dict__.setdefault("padding_mode", "zeros")  # layers from before there were others


class _Conv(_ConvNd):
    """A convolution of `_n` spatial dimensions."""

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
        padding_mode="zeros", device=None, dtype=None,
    ):
        n = self._n
        super().__init__(
            in_channels, out_channels, _times(kernel_size, n), _times(stride, n),
            padding if isinstance(padding, str) else _times(padding, n), _times(dilation, n), False, (0,) * n, groups,
            bias, padding_mode, device, dtype,
        )

    def _conv_forward(self, input, weight, bias):
        if self.padding_mode == "zeros":
            return self._conv(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)
        input = F.pad(input, self._reversed_padding_repeated_twice, mode=self.padding_mode)
        return self._conv(input, weight, bias, self.stride, (0,) * self._n, self.dilation, self.groups)

    def forward(self, input):
        return self._conv_forward(input, self.weight, self.bias)


class _ConvTransposeNd(_ConvNd):
    """A transposed convolution of `_n` spatial dimensions."""

    def __init__(
        self, in_channels, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True,
        dilation=1, padding_mode="zeros", device=None, dtype=None,
    ):
        if padding_mode != "zeros":
            raise ValueError(f'Only "zeros" padding mode is supported for {type(self).__name__}')
        n = self._n
        super().__init__(
            in_channels, out_channels, _times(kernel_size, n), _times(stride, n), _times(padding, n),
            _times(dilation, n), True, _times(output_padding, n), groups, bias, padding_mode, device, dtype,
        )

    def _output_padding(self, input, output_size, stride, padding, kernel_size, num_spatial_dims, dilation=None):
        """What has to be added at the end for a result of `output_size`."""
        if output_size is None:
            return _times(self.output_padding, 1)
        n = num_spatial_dims
        leading = 2 if input.dim() == n + 2 else 1
        if len(output_size) == leading + n:
            output_size = output_size[leading:]
        if len(output_size) != n:
            raise ValueError(
                f"ConvTranspose{n}D: for {input.dim()}D input, output_size must have {n} "
                f"or {leading + n} elements (got {len(output_size)})"
            )
        dilation = (1,) * n if dilation is None else dilation
        smallest = [
            (input.size(leading + d) - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel_size[d] - 1) + 1
            for d in range(n)
        ]
        largest = [size + step - 1 for size, step in zip(smallest, stride)]
        if any(not low <= size <= high for low, size, high in zip(smallest, output_size, largest)):
            raise ValueError(
                f"requested an output size of {output_size}, but valid sizes range "
                f"from {smallest} to {largest} (for an input of {input.size()[2:]})"
            )
        return [size - low for size, low in zip(output_size, smallest)]

    def forward(self, input, output_size=None):
        output_padding = self.output_padding
        if output_size is not None:
            output_padding = self._output_padding(
                input, output_size, self.stride, self.padding, self.kernel_size, self._n, self.dilation
            )
        return self._conv(
            input, self.weight, self.bias, self.stride, self.padding, output_padding, self.groups, self.dilation
        )


class _LazyConv(LazyModuleMixin):
    """A convolution layer whose ``in_channels`` come from its first input."""

    def _make_lazy(self, out_channels, bias, device, dtype):
        self.weight = UninitializedParameter(device=device, dtype=dtype)
        self.out_channels = out_channels
        if bias:
            self.bias = UninitializedParameter(device=device, dtype=dtype)

    def reset_parameters(self):
        if not self.has_uninitialized_params() and self.in_channels != 0:
            super().reset_parameters()

    def initialize_parameters(self, input, *args, **kwargs):
        if not self.has_uninitialized_params():
            return
        self.in_channels = self._get_in_channels(input)
        if self.in_channels % self.groups != 0:
            raise ValueError("in_channels must be divisible by groups")
        self.weight.materialize(self._weight_shape())
        if self.bias is not None:
            self.bias.materialize((self.out_channels,))
        self.reset_parameters()

    def _get_in_channels(self, input):
        n = self._get_num_spatial_dims()
        if input.dim() not in (n + 1, n + 2):
            raise RuntimeError(
                f"Expected {n + 1}D (unbatched) or {n + 2}D (batched) input to {type(self).__name__}, "
                f"but got input of size: {input.shape}"
            )
        return input.shape[input.dim() - n - 1]

    def _get_num_spatial_dims(self):
        return self._n


class _LazyPlain(_LazyConv):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode="zeros",
        device=None, dtype=None,
    ):
        super().__init__(0, 0, kernel_size, stride, padding, dilation, groups, False, padding_mode, device, dtype)
        self._make_lazy(out_channels, bias, device, dtype)


class _LazyTransposed(_LazyConv):
    def __init__(
        self, out_channels, kernel_size, stride=1, padding=0, output_padding=0, groups=1, bias=True, dilation=1,
        padding_mode="zeros", device=None, dtype=None,
    ):
        super().__init__(
            0, 0, kernel_size, stride, padding, output_padding, groups, False, dilation, padding_mode, device, dtype
        )
        self._make_lazy(out_channels, bias, device, dtype)


class Conv1d(_Conv):
    """Cross-correlation of sequences with ``out_channels`` filters, plus a bias.

    Shapes: x ``(N, in_channels, L)`` or without N, y ``(N, out_channels, ...)`` with sizes
    ``(size + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1``; weight ``(out_channels, in_channels / groups,
    *kernel_size)``, bias ``(out_channels,)`` or None. ``padding`` is a number, one for each dimension, ``"valid"`` or
    ``"same"``; ``padding_mode`` says what stands there. Parameters start uniform in ``[-k, k]`` with ``k = 1/sqrt(fan in)``.
    Raises ValueError where ``groups`` does not divide the channels, RuntimeError for inputs of other sizes.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Conv1d(3, 4, kernel_size=3, padding=1)(torch.ones(2, 3, 5)).shape
        torch.Size([2, 4, 5])
    """

    _n, _conv = 1, staticmethod(F.conv1d)


class Conv2d(_Conv):
    """Cross-correlation of images with ``out_channels`` filters, plus a bias.

    Shapes: x ``(N, in_channels, H, W)`` or without N, y ``(N, out_channels, ...)`` with sizes
    ``(size + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1``; weight ``(out_channels, in_channels / groups,
    *kernel_size)``, bias ``(out_channels,)`` or None. ``padding`` is a number, one for each dimension, ``"valid"`` or
    ``"same"``; ``padding_mode`` says what stands there. Parameters start uniform in ``[-k, k]`` with ``k = 1/sqrt(fan in)``.
    Raises ValueError where ``groups`` does not divide the channels, RuntimeError for inputs of other sizes.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Conv2d(3, 4, kernel_size=3, padding=1)(torch.ones(2, 3, 5, 5)).shape
        torch.Size([2, 4, 5, 5])
    """

    _n, _conv = 2, staticmethod(F.conv2d)


class Conv3d(_Conv):
    """Cross-correlation of volumes with ``out_channels`` filters, plus a bias.

    Shapes: x ``(N, in_channels, D, H, W)`` or without N, y ``(N, out_channels, ...)`` with sizes
    ``(size + 2 padding - dilation (kernel_size - 1) - 1) // stride + 1``; weight ``(out_channels, in_channels / groups,
    *kernel_size)``, bias ``(out_channels,)`` or None. ``padding`` is a number, one for each dimension, ``"valid"`` or
    ``"same"``; ``padding_mode`` says what stands there. Parameters start uniform in ``[-k, k]`` with ``k = 1/sqrt(fan in)``.
    Raises ValueError where ``groups`` does not divide the channels, RuntimeError for inputs of other sizes.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Conv3d(3, 4, kernel_size=3, padding=1)(torch.ones(2, 3, 5, 5, 5)).shape
        torch.Size([2, 4, 5, 5, 5])
    """

    _n, _conv = 3, staticmethod(F.conv3d)


class ConvTranspose1d(_ConvTransposeNd):
    """The gradient of :class:`Conv1d` by its input as a layer: from y's shape back to x's.

    Shapes: x ``(N, in_channels, L)`` or without N, y ``(N, out_channels, ...)`` with sizes
    ``(size - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1``; weight ``(in_channels,
    out_channels / groups, *kernel_size)``. ``forward(x, output_size)`` chooses ``output_padding``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ConvTranspose1d(3, 4, kernel_size=2, stride=2)(torch.ones(2, 3, 5)).shape
        torch.Size([2, 4, 10])
    """

    _n, _conv = 1, staticmethod(F.conv_transpose1d)


class ConvTranspose2d(_ConvTransposeNd):
    """The gradient of :class:`Conv2d` by its input as a layer: from y's shape back to x's.

    Shapes: x ``(N, in_channels, H, W)`` or without N, y ``(N, out_channels, ...)`` with sizes
    ``(size - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1``; weight ``(in_channels,
    out_channels / groups, *kernel_size)``. ``forward(x, output_size)`` chooses ``output_padding``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ConvTranspose2d(3, 4, kernel_size=2, stride=2)(torch.ones(2, 3, 5, 5)).shape
        torch.Size([2, 4, 10, 10])
    """

    _n, _conv = 2, staticmethod(F.conv_transpose2d)


class ConvTranspose3d(_ConvTransposeNd):
    """The gradient of :class:`Conv3d` by its input as a layer: from y's shape back to x's.

    Shapes: x ``(N, in_channels, D, H, W)`` or without N, y ``(N, out_channels, ...)`` with sizes
    ``(size - 1) stride - 2 padding + dilation (kernel_size - 1) + output_padding + 1``; weight ``(in_channels,
    out_channels / groups, *kernel_size)``. ``forward(x, output_size)`` chooses ``output_padding``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ConvTranspose3d(3, 4, kernel_size=2, stride=2)(torch.ones(2, 3, 5, 5, 5)).shape
        torch.Size([2, 4, 10, 10, 10])
    """

    _n, _conv = 3, staticmethod(F.conv_transpose3d)


class LazyConv1d(_LazyPlain, Conv1d):
    """:class:`Conv1d` without ``in_channels``, which come from the first input; see :class:`LazyModuleMixin`."""

    cls_to_become = Conv1d


class LazyConv2d(_LazyPlain, Conv2d):
    """:class:`Conv2d` without ``in_channels``, which come from the first input; see :class:`LazyModuleMixin`."""

    cls_to_become = Conv2d


class LazyConv3d(_LazyPlain, Conv3d):
    """:class:`Conv3d` without ``in_channels``, which come from the first input; see :class:`LazyModuleMixin`."""

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyTransposed, ConvTranspose1d):
    """:class:`ConvTranspose1d` without ``in_channels``, which come from the first input; see :class:`LazyModuleMixin`."""

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyTransposed, ConvTranspose2d):
    """:class:`ConvTranspose2d` without ``in_channels``, which come from the first input; see :class:`LazyModuleMixin`."""

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyTransposed, ConvTranspose3d):
    """:class:`ConvTranspose3d` without ``in_channels``, which come from the first input; see :class:`LazyModuleMixin`."""

    cls_to_become = ConvTranspose3d
