"""Loss modules: a distance between a prediction and a target, reduced to a number."""

import warnings

from ... import _C
from .. import functional as F
from . import _ctc_loss, _linear_loss, _margin_losses, _smooth_losses
from ._ctc_loss import *  # noqa: F403
from ._linear_loss import *  # noqa: F403
from ._loss import _Loss, _WeightedLoss
from ._margin_losses import *  # noqa: F403
from ._smooth_losses import *  # noqa: F403

__all__ = [
    "L1Loss",
    "MSELoss",
    "NLLLoss",
    "NLLLoss2d",
    "BCELoss",
    "BCEWithLogitsLoss",
    "CrossEntropyLoss",
    *_ctc_loss.__all__,
    *_linear_loss.__all__,
    *_margin_losses.__all__,
    *_smooth_losses.__all__,
]


class L1Loss(_Loss):
    """Mean (or sum) of ``|input - target|``; both of one shape, the result 0-d unless reduction="none".

    Example::

        >>> import steepest as torch
        >>> torch.nn.L1Loss()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0]))
        tensor(1.5000)
    """

    def forward(self, input, target):
        return F.l1_loss(input, target, reduction=self.reduction)


class MSELoss(_Loss):
    """Mean (or sum) of ``(input - target)**2``; both of one shape, the result 0-d unless reduction="none".

    Warns where the shapes differ and broadcast.

    Example::

        >>> import steepest as torch
        >>> torch.nn.MSELoss()(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 5.0]))
        tensor(4.5000)
    """

    def forward(self, input, target):
        return F.mse_loss(input, target, reduction=self.reduction)


class NLLLoss(_WeightedLoss):
    """Negative log likelihood: ``-weight[t] * input[n, t]`` for classes ``t = target[n]``.

    Shapes: input ``(N, C)`` of log-probabilities, or ``(C,)``, or ``(N, C, d1, ...)``; target of
    int64 class numbers ``(N,)``, ``()`` or ``(N, d1, ...)``; weight ``(C,)``. The mean divides by
    the sum of the weights. Targets equal to ``ignore_index`` count nothing.

    Example::

        >>> import steepest as torch
        >>> torch.nn.NLLLoss()(torch.tensor([[-1.0, -2.0]]), torch.tensor([1]))
        tensor(2.)
    """

    __constants__ = ["ignore_index", "reduction"]

    def __init__(self, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input, target):
        return _C._nn.nll_loss(input, target, self.weight, self.reduction, self.ignore_index)


class NLLLoss2d(NLLLoss):
    """The old name of :class:`NLLLoss` for images; constructing one is a FutureWarning."""

    def __init__(self, *args, **kwargs):
        warnings.warn(
            "`NLLLoss2d` has been deprecated. Please use `NLLLoss` instead as a drop-in replacement and see "
            "https://pytorch.org/docs/main/nn.html#torch.nn.NLLLoss for more details.",
            FutureWarning,
            stacklevel=2,
        )
        super().__init__(*args, **kwargs)


class BCELoss(_WeightedLoss):
    """Binary cross entropy of probabilities: ``-weight * (t*log(x) + (1-t)*log(1-x))``.

    ``input`` in [0, 1] and ``target`` have one shape, else ValueError; logs are kept above -100.

    Example::

        >>> import steepest as torch
        >>> torch.nn.BCELoss()(torch.tensor([0.5]), torch.tensor([1.0]))
        tensor(0.6931)
    """

    def forward(self, input, target):
        return F.binary_cross_entropy(input, target, weight=self.weight, reduction=self.reduction)


class BCEWithLogitsLoss(_Loss):
    """:class:`BCELoss` of ``sigmoid(input)``, computed without overflow; ``pos_weight`` scales the
    term of positive targets. ``input`` and ``target`` have one shape, else ValueError.

    Example::

        >>> import steepest as torch
        >>> torch.nn.BCEWithLogitsLoss()(torch.tensor([0.0]), torch.tensor([1.0]))
        tensor(0.6931)
    """

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean", pos_weight=None):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
        self.register_buffer("pos_weight", pos_weight)

    def forward(self, input, target):
        return F.binary_cross_entropy_with_logits(
            input, target, self.weight, pos_weight=self.pos_weight, reduction=self.reduction
        )


class CrossEntropyLoss(_WeightedLoss):
    """:class:`NLLLoss` of ``log_softmax(input)``; the target may also be probabilities of the classes.

    Shapes as for NLLLoss; a target of probabilities has the input's shape. ``label_smoothing`` in
    [0, 1] mixes the target with the uniform distribution (Szegedy et al. 2015, arXiv:1512.00567).

    Example::

        >>> import steepest as torch
        >>> torch.nn.CrossEntropyLoss()(torch.zeros(1, 4), torch.tensor([2]))
        tensor(1.3863)
    """

    __constants__ = ["ignore_index", "reduction", "label_smoothing"]

    def __init__(
        self,
        weight=None,
        size_average=None,
        ignore_index=-100,
        reduce=None,
        reduction="mean",
        label_smoothing=0.0,
    ):
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input, target):
        return _C._nn.cross_entropy(input, target, self.weight, self.reduction, self.ignore_index, self.label_smoothing)
