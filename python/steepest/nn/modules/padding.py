"""Padding layers: elements added around the last one to three dimensions.

Each takes an input ``(N, C, *)`` or ``(C, *)`` and ``padding``, an int for all sides or one a side, beginning with the last
dimension: ``(left, right, top, bottom, front, back)``. Negative numbers take elements away.
"""

from .. import functional as F
from .module import Module
from .utils import _ntuple, _pair, _quadruple

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

_sextuple = _ntuple(6, "_sextuple")


class _ConstantPadNd(Module):
    __constants__ = ["padding", "value"]

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, input):
        return F.pad(input, self.padding, "constant", self.value)

    def extra_repr(self):
        return f"padding={self.padding}, value={self.value}"


class _SpreadNd(Module):
    """What the layers share that pad with the input's own elements."""

    __constants__ = ["padding"]
    _mode = ""

    def forward(self, input):
        return F.pad(input, self.padding, self._mode)

    def extra_repr(self):
        return f"{self.padding}"


class _ReflectionPadNd(_SpreadNd):
    _mode = "reflect"


class _ReplicationPadNd(_SpreadNd):
    _mode = "replicate"


class _CircularPadNd(_SpreadNd):
    _mode = "circular"
    _ranks = ()

    def forward(self, input):
        if input.dim() not in self._ranks:
            fewer, more = self._ranks
            raise ValueError(f"expected {fewer}D or {more}D input (got {input.dim()}D input)")
        return super().forward(input)


class ConstantPad1d(_ConstantPadNd):
    """Pads the last dimension with ``value``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ConstantPad1d(1, 9.0)(torch.zeros(1, 1))
        tensor([[9., 0., 9.]])
    """

    def __init__(self, padding, value):
        super().__init__(value)
        self.padding = _pair(padding)


class ConstantPad2d(_ConstantPadNd):
    """Pads the last 2 dimensions with ``value``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ConstantPad2d(1, 9.0)(torch.zeros(1, 1, 1))
        tensor([[[9., 9., 9.],
                 [9., 0., 9.],
                 [9., 9., 9.]]])
    """

    def __init__(self, padding, value):
        super().__init__(value)
        self.padding = _quadruple(padding)


class ConstantPad3d(_ConstantPadNd):
    """Pads the last 3 dimensions with ``value``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ConstantPad3d(1, 9.0)(torch.zeros(2, 2, 2, 2)).shape
        torch.Size([2, 4, 4, 4])
    """

    def __init__(self, padding, value):
        super().__init__(value)
        self.padding = _sextuple(padding)


class ZeroPad1d(ConstantPad1d):
    """Pads the last dimension with zeros.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ZeroPad1d(1)(torch.ones(1, 1)).shape
        torch.Size([1, 3])
    """

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad2d(ConstantPad2d):
    """Pads the last 2 dimensions with zeros.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ZeroPad2d(1)(torch.ones(1, 1, 1)).shape
        torch.Size([1, 3, 3])
    """

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ZeroPad3d(ConstantPad3d):
    """Pads the last 3 dimensions with zeros.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ZeroPad3d(1)(torch.ones(1, 1, 1, 1)).shape
        torch.Size([1, 3, 3, 3])
    """

    def __init__(self, padding):
        super().__init__(padding, 0.0)

    def extra_repr(self):
        return f"{self.padding}"


class ReflectionPad1d(_ReflectionPadNd):
    """Pads the last dimension with the input mirrored at its edges, which are not repeated.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ReflectionPad1d(1)(torch.arange(3.0).reshape(1, 3))
        tensor([[1., 0., 1., 2., 1.]])
    """

    def __init__(self, padding):
        super().__init__()
        self.padding = _pair(padding)


class ReflectionPad2d(_ReflectionPadNd):
    """Pads the last 2 dimensions with the input mirrored at its edges, which are not repeated.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ReflectionPad2d(1)(torch.ones(1, 2, 2)).shape
        torch.Size([1, 4, 4])
    """

    def __init__(self, padding):
        super().__init__()
        self.padding = _quadruple(padding)


class ReflectionPad3d(_ReflectionPadNd):
    """Pads the last 3 dimensions with the input mirrored at its edges, which are not repeated.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ReflectionPad3d(1)(torch.ones(1, 2, 2, 2)).shape
        torch.Size([1, 4, 4, 4])
    """

    def __init__(self, padding):
        super().__init__()
        self.padding = _sextuple(padding)


class ReplicationPad1d(_ReplicationPadNd):
    """Pads the last dimension with the elements at the edges.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ReplicationPad1d(1)(torch.arange(3.0).reshape(1, 3))
        tensor([[0., 0., 1., 2., 2.]])
    """

    def __init__(self, padding):
        super().__init__()
        self.padding = _pair(padding)


class ReplicationPad2d(_ReplicationPadNd):
    """Pads the last 2 dimensions with the elements at the edges.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ReplicationPad2d(1)(torch.ones(1, 2, 2)).shape
        torch.Size([1, 4, 4])
    """

    def __init__(self, padding):
        super().__init__()
        self.padding = _quadruple(padding)


class ReplicationPad3d(_ReplicationPadNd):
    """Pads the last 3 dimensions with the elements at the edges.

    Example::

        >>> import steepest as torch
        >>> torch.nn.ReplicationPad3d(1)(torch.ones(1, 2, 2, 2)).shape
        torch.Size([1, 4, 4, 4])
    """

    def __init__(self, padding):
        super().__init__()
        self.padding = _sextuple(padding)


class CircularPad1d(_CircularPadNd):
    """Pads the last dimension with the elements at the other end.

    Example::

        >>> import steepest as torch
        >>> torch.nn.CircularPad1d(1)(torch.arange(3.0).reshape(1, 3))
        tensor([[2., 0., 1., 2., 0.]])
    """

    _ranks = (2, 3)

    def __init__(self, padding):
        super().__init__()
        self.padding = _pair(padding)


class CircularPad2d(_CircularPadNd):
    """Pads the last 2 dimensions with the elements at the other end.

    Example::

        >>> import steepest as torch
        >>> torch.nn.CircularPad2d(1)(torch.ones(1, 2, 2)).shape
        torch.Size([1, 4, 4])
    """

    _ranks = (3, 4)

    def __init__(self, padding):
        super().__init__()
        self.padding = _quadruple(padding)


class CircularPad3d(_CircularPadNd):
    """Pads the last 3 dimensions with the elements at the other end.

    Example::

        >>> import steepest as torch
        >>> torch.nn.CircularPad3d(1)(torch.ones(1, 2, 2, 2)).shape
        torch.Size([1, 4, 4, 4])
    """

    _ranks = (4, 5)

    def __init__(self, padding):
        super().__init__()
        self.padding = _sextuple(padding)
