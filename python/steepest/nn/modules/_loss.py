"""What all losses share: how they are reduced, and a weight."""

from .._reduction import legacy_reduction
from .module import Module


class _Loss(Module):
    """What losses share: ``reduction`` is "none", "mean" or "sum"."""

    __constants__ = ["reduction"]

    def __init__(self, size_average=None, reduce=None, reduction="mean"):
        super().__init__()
        self.reduction = legacy_reduction(size_average, reduce, reduction)


class _WeightedLoss(_Loss):
    """A loss with a buffer ``weight``."""

    def __init__(self, weight=None, size_average=None, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", weight)
