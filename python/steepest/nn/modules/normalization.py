"""Normalisation without a batch's statistics: layer, group, RMS and local response norm."""

from numbers import Integral

from ... import empty
from .. import functional as F
from .. import init
from .._norms import neighbours
from ..parameter import Parameter
from .module import Module

__all__ = ["CrossMapLRN2d", "GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class _ShapeNorm(Module):
    """A norm over last dimensions of the sizes ``normalized_shape``, an int or several."""

    __constants__ = ["normalized_shape", "eps", "elementwise_affine"]

    def __init__(self, normalized_shape, eps, elementwise_affine):
        super().__init__()
        self.normalized_shape = (normalized_shape,) if isinstance(normalized_shape, Integral) else tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine

    def _add(self, name, wanted, device, dtype):
        made = Parameter(empty(self.normalized_shape, device=device, dtype=dtype)) if wanted else None
        self.register_parameter(name, made)


class LayerNorm(_ShapeNorm):
    """``(x - mean) / sqrt(var + eps) * weight + bias`` over the last dimensions (Ba et al. 2016, arXiv:1607.06450).

    Shapes: x ``(*, *normalized_shape)``; weight and bias ``normalized_shape``, absent unless ``elementwise_affine``.
    Raises RuntimeError where x ends in other sizes.

    Example::

        >>> import steepest as torch
        >>> torch.nn.LayerNorm(2, elementwise_affine=False)(torch.tensor([[1.0, 3.0]]))
        tensor([[-1.0000,  1.0000]])
    """

    def __init__(self, normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None):
        super().__init__(normalized_shape, eps, elementwise_affine)
        self._add("weight", elementwise_affine, device, dtype)
        self._add("bias", elementwise_affine and bias, device, dtype)
        self.reset_parameters()

    def reset_parameters(self):
        if self.elementwise_affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def forward(self, input):
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(_ShapeNorm):
    """``x / sqrt(mean(x**2) + eps) * weight`` over the last dimensions (Zhang and Sennrich 2019, arXiv:1910.07467).

    Shapes as for :class:`LayerNorm`; ``eps=None`` stands for the dtype's epsilon.

    Example::

        >>> import steepest as torch
        >>> torch.nn.RMSNorm(2, elementwise_affine=False)(torch.tensor([[1.0, 7.0]]))
        tensor([[0.2000, 1.4000]])
    """

    def __init__(self, normalized_shape, eps=None, elementwise_affine=True, device=None, dtype=None):
        super().__init__(normalized_shape, eps, elementwise_affine)
        self._add("weight", elementwise_affine, device, dtype)
        self.reset_parameters()

    def reset_parameters(self):
        if self.elementwise_affine:
            init.ones_(self.weight)

    def forward(self, x):
        return F.rms_norm(x, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self):
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """:class:`LayerNorm` of each of ``num_groups`` groups of channels (Wu and He 2018, arXiv:1803.08494).

    Shapes: x ``(N, num_channels, *)``; weight and bias ``(num_channels,)``, absent unless ``affine``. Raises ValueError
    where the groups are not of one size.

    Example::

        >>> import steepest as torch
        >>> torch.nn.GroupNorm(1, 2, affine=False)(torch.tensor([[1.0, 3.0]]))
        tensor([[-1.0000,  1.0000]])
    """

    __constants__ = ["num_groups", "num_channels", "eps", "affine"]

    def __init__(self, num_groups, num_channels, eps=1e-05, affine=True, device=None, dtype=None, *, bias=True):
        super().__init__()
        if num_groups <= 0:
            raise ValueError(f"num_groups must be > 0, but got {num_groups}")
        if num_channels % num_groups:
            raise ValueError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        made = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(empty(num_channels, **made)) if affine else None)
        self.register_parameter("bias", Parameter(empty(num_channels, **made)) if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self):
        if self.affine:
            init.ones_(self.weight)
            if self.bias is not None:
                init.zeros_(self.bias)

    def forward(self, input):
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self):
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, bias={self.bias is not None}"


class _ResponseNorm(Module):
    """The four numbers of a response norm."""

    def __init__(self, size, alpha=0.0001, beta=0.75, k=1.0):
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def extra_repr(self):
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class LocalResponseNorm(_ResponseNorm):
    """``x / (k + alpha * mean)**beta`` with the mean of the squares of ``size`` neighbouring channels.

    x is ``(N, C, *)``, at least 3-D, else ValueError (Krizhevsky et al. 2012).

    Example::

        >>> import steepest as torch
        >>> torch.nn.LocalResponseNorm(2)(torch.ones(2, 3, 4)).shape
        torch.Size([2, 3, 4])
    """

    __constants__ = ["size", "alpha", "beta", "k"]

    def forward(self, input):
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)


class CrossMapLRN2d(_ResponseNorm):
    """:class:`LocalResponseNorm` of images ``(N, C, H, W)``; of an even ``size`` the larger half lies ahead.

    Example::

        >>> import steepest as torch
        >>> torch.nn.CrossMapLRN2d(3)(torch.ones(2, 3, 4, 4)).shape
        torch.Size([2, 3, 4, 4])
    """

    def __init__(self, size, alpha=0.0001, beta=0.75, k=1):
        super().__init__(size, alpha, beta, k)

    def forward(self, input):
        if input.dim() != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.dim()}D instead.")
        reach = (self.size - 1) // 2 + 1  # channels on either side, the middle one included
        squares = input * input
        total = neighbours(squares, 2 * reach - 1)
        return input * (total * (self.alpha / self.size) + self.k).pow(-self.beta)
