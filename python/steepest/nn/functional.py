"""nn.functional: the functions behind the layers, without parameters of their own."""

from .. import _C, einsum
from ._activations import *  # noqa: F403
from ._activations import __all__ as _activations
from ._dropouts import *  # noqa: F403
from ._dropouts import __all__ as _dropouts
from ._losses import *  # noqa: F403
from ._losses import __all__ as _losses

__all__ = ["bilinear", "embedding", "linear", "one_hot", *_activations, *_dropouts, *_losses]

linear = _C._nn.linear
embedding = _C._nn.embedding
one_hot = _C._nn.one_hot


def bilinear(input1, input2, weight, bias=None):
    """``y_k = input1 @ weight_k @ input2 + bias_k``; see :class:`steepest.nn.Bilinear`.

    Shapes: ``(*, I)``, ``(*, J)``, weight ``(K, I, J)``, result ``(*, K)``.

    Example::

        >>> import steepest as torch
        >>> w = torch.ones(1, 2, 2)
        >>> torch.nn.functional.bilinear(torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0]), w)
        tensor([21.])
    """
    if input1.dim() != input2.dim() or input1.shape[:-1] != input2.shape[:-1]:
        raise RuntimeError(
            "bilinear(): input batch dimensions do not match: "
            f"got {tuple(input1.shape[:-1])} and {tuple(input2.shape[:-1])}"
        )
    if input1.size(-1) != weight.size(1) or input2.size(-1) != weight.size(2):
        raise RuntimeError(
            f"bilinear(): input1 and input2 sizes do not match weight: got {input1.size(-1)} and "
            f"{input2.size(-1)}, but expected {weight.size(1)} and {weight.size(2)}"
        )
    y = einsum("...i,kij,...j->...k", input1, weight, input2)
    return y if bias is None else y + bias
