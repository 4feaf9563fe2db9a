"""Activation layers that are smooth, and the softmax family. All but GLU keep the input's shape."""

from .. import functional as F
from ._rectifiers import _Inplace
from .module import Module

__all__ = [
    "GELU", "GLU", "LogSigmoid", "LogSoftmax", "Mish", "SiLU", "Sigmoid", "Softmax", "Softmax2d",
    "Softmin", "Softplus", "Softsign", "Tanh", "Tanhshrink",
]


class Sigmoid(Module):
    """``1 / (1 + exp(-x))``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Sigmoid()(torch.tensor([0.0, 2.0]))
        tensor([0.5000, 0.8808])
    """

    def forward(self, input):
        return input.sigmoid()


class Tanh(Module):
    """The hyperbolic tangent.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Tanh()(torch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7616])
    """

    def forward(self, input):
        return input.tanh()


class SiLU(_Inplace):
    """``x * sigmoid(x)`` (Elfwing et al. 2017, arXiv:1702.03118).

    Example::

        >>> import steepest as torch
        >>> torch.nn.SiLU()(torch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7311])
    """

    def forward(self, input):
        return F.silu(input, self.inplace)


class Mish(_Inplace):
    """``x * tanh(softplus(x))`` (Misra 2019, arXiv:1908.08681).

    Example::

        >>> import steepest as torch
        >>> torch.nn.Mish()(torch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8651])
    """

    def forward(self, input):
        return F.mish(input, self.inplace)


class GELU(Module):
    """``x`` times the normal distribution function of ``x``, exactly or with ``approximate="tanh"``
    (Hendrycks & Gimpel 2016, arXiv:1606.08415).

    Example::

        >>> import steepest as torch
        >>> torch.nn.GELU()(torch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8413])
    """

    __constants__ = ["approximate"]

    def __init__(self, approximate="none"):
        super().__init__()
        self.approximate = approximate

    def forward(self, input):
        return F.gelu(input, approximate=self.approximate)

    def extra_repr(self):
        return f"approximate={self.approximate!r}"


class GLU(Module):
    """``a * sigmoid(b)`` for the halves a, b of the input along ``dim`` (Dauphin et al. 2016, arXiv:1612.08083).

    RuntimeError where the size of that dimension is odd.

    Example::

        >>> import steepest as torch
        >>> torch.nn.GLU()(torch.tensor([2.0, 0.0]))
        tensor([1.])
    """

    __constants__ = ["dim"]

    def __init__(self, dim=-1):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.glu(input, self.dim)

    def extra_repr(self):
        return f"dim={self.dim}"


class LogSigmoid(Module):
    """``log(sigmoid(x))``, computed without overflow.

    Example::

        >>> import steepest as torch
        >>> torch.nn.LogSigmoid()(torch.tensor([0.0, -100.0]))
        tensor([  -0.6931, -100.0000])
    """

    def forward(self, input):
        return F.logsigmoid(input)


class Softplus(Module):
    """``log(1 + exp(beta * x)) / beta``, and ``x`` itself where ``beta * x > threshold``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Softplus()(torch.tensor([0.0, 100.0]))
        tensor([  0.6931, 100.0000])
    """

    __constants__ = ["beta", "threshold"]

    def __init__(self, beta=1.0, threshold=20.0):
        super().__init__()
        self.beta = beta
        self.threshold = threshold

    def forward(self, input):
        return F.softplus(input, self.beta, self.threshold)

    def extra_repr(self):
        return f"beta={self.beta}, threshold={self.threshold}"


class Softsign(Module):
    """``x / (1 + |x|)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Softsign()(torch.tensor([-1.0, 3.0]))
        tensor([-0.5000,  0.7500])
    """

    def forward(self, input):
        return F.softsign(input)


class Tanhshrink(Module):
    """``x - tanh(x)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Tanhshrink()(torch.tensor([0.0, 1.0]))
        tensor([0.0000, 0.2384])
    """

    def forward(self, input):
        return F.tanhshrink(input)


class Softmax(Module):
    """``exp(x) / sum(exp(x))`` along ``dim``; without ``dim`` a guess, with a warning.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Softmax(dim=0)(torch.zeros(2))
        tensor([0.5000, 0.5000])
    """

    __constants__ = ["dim"]

    def __init__(self, dim=None):
        super().__init__()
        self.dim = dim

    def forward(self, input):
        return F.softmax(input, self.dim, _stacklevel=4)

    def extra_repr(self):
        return f"dim={self.dim}"


class Softmin(Softmax):
    """``softmax(-x)`` along ``dim``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Softmin(dim=0)(torch.zeros(2))
        tensor([0.5000, 0.5000])
    """

    def forward(self, input):
        return F.softmin(input, self.dim, _stacklevel=4)


class LogSoftmax(Softmax):
    """The logarithm of :class:`Softmax`, computed without overflow.

    Example::

        >>> import steepest as torch
        >>> torch.nn.LogSoftmax(dim=0)(torch.zeros(2))
        tensor([-0.6931, -0.6931])
    """

    def forward(self, input):
        return F.log_softmax(input, self.dim, _stacklevel=4)


class Softmax2d(Module):
    """Softmax over the channels of ``(N, C, H, W)`` or ``(C, H, W)``; ValueError for any other rank.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Softmax2d()(torch.zeros(2, 1, 1)).flatten()
        tensor([0.5000, 0.5000])
    """

    def forward(self, input):
        if input.dim() not in (3, 4):
            raise ValueError(f"Softmax2d: expected input to be 3D or 4D, got {input.dim()}D instead")
        return F.softmax(input, -3, _stacklevel=4)
