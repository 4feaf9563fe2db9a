"""Dropout layers: zero elements or channels at random while training."""

from .. import functional as F
from .module import Module

__all__ = ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"]


class _DropoutNd(Module):
    """What the layers share: a probability in [0, 1] and the choice to work in place."""

    __constants__ = ["p", "inplace"]

    def __init__(self, p=0.5, inplace=False):
        super().__init__()
        if p < 0 or p > 1:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        self.p = p
        self.inplace = inplace

    def extra_repr(self):
        return f"p={self.p}, inplace={self.inplace}"


class Dropout(_DropoutNd):
    """Zeroes each element with probability ``p`` and scales the others by ``1/(1-p)``, in training only.

    Any shape; the output has the input's (Hinton et al. 2012, arXiv:1207.0580).

    Example::

        >>> import steepest as torch
        >>> torch.nn.Dropout(0.3).eval()(torch.ones(2))
        tensor([1., 1.])
    """

    def forward(self, input):
        return F.dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_DropoutNd):
    """Zeroes whole channels of an input ``(N, C, L)`` or ``(C, L)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Dropout1d(0.3)(torch.ones(2, 3, 4)).shape
        torch.Size([2, 3, 4])
    """

    def forward(self, input):
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_DropoutNd):
    """Zeroes whole channels of an input ``(N, C, H, W)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Dropout2d(0.3)(torch.ones(2, 3, 4, 4)).shape
        torch.Size([2, 3, 4, 4])
    """

    def forward(self, input):
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_DropoutNd):
    """Zeroes whole channels of an input ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.Dropout3d(0.3)(torch.ones(2, 3, 4, 4, 1)).shape
        torch.Size([2, 3, 4, 4, 1])
    """

    def forward(self, input):
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_DropoutNd):
    """Dropout that keeps mean 0 and variance 1: for networks of SELU (Klambauer et al. 2017, arXiv:1706.02515).

    Example::

        >>> import steepest as torch
        >>> torch.nn.AlphaDropout(0.2).eval()(torch.ones(2))
        tensor([1., 1.])
    """

    def forward(self, input):
        return F.alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_DropoutNd):
    """:class:`AlphaDropout` of whole channels: input ``(N, C, ...)``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.FeatureAlphaDropout(0.2).eval()(torch.ones(1, 2))
        tensor([[1., 1.]])
    """

    def forward(self, input):
        return F.feature_alpha_dropout(input, self.p, self.training)
