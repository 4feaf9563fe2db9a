"""Loss modules of distances that are smooth, and of likelihoods of whole distributions."""

from .. import functional as F
from ._loss import _Loss

__all__ = ["GaussianNLLLoss", "HuberLoss", "KLDivLoss", "PoissonNLLLoss", "SmoothL1Loss"]


class SmoothL1Loss(_Loss):
    """``|input - target| - beta / 2``, and below ``beta`` the parabola ``(input - target)**2 / (2 * beta)`` (Girshick 2015).

    Input and target have one shape; RuntimeError for ``beta < 0``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.SmoothL1Loss()(torch.tensor([3.0]), torch.tensor([0.0]))
        tensor(2.5000)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", beta=1.0):
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input, target):
        return F.smooth_l1_loss(input, target, reduction=self.reduction, beta=self.beta)


class HuberLoss(_Loss):
    """``(input - target)**2 / 2``, and beyond ``delta`` the line ``delta * (|input - target| - delta / 2)`` (Huber 1964).

    Input and target have one shape; RuntimeError unless ``delta > 0``, TypeError unless it is a number.

    Example::

        >>> import steepest as torch
        >>> torch.nn.HuberLoss()(torch.tensor([3.0]), torch.tensor([0.0]))
        tensor(2.5000)
    """

    __constants__ = ["reduction", "delta"]

    def __init__(self, reduction="mean", delta=1.0):
        super().__init__(reduction=reduction)
        if not isinstance(delta, (float, int)):
            raise TypeError(f"delta must be a float or int, got: {type(delta)}")
        self.delta = delta

    def forward(self, input, target):
        return F.huber_loss(input, target, reduction=self.reduction, delta=self.delta)


class KLDivLoss(_Loss):
    """``target * (log(target) - input)`` for log-probabilities input, of one shape with target.

    ``reduction="batchmean"`` divides the sum by the first size, as the definition of the divergence does; with
    ``log_target`` the target is given as logarithms too.

    Example::

        >>> import steepest as torch
        >>> torch.nn.KLDivLoss(reduction="sum")(torch.tensor([0.5, 0.5]).log(), torch.tensor([1.0, 0.0]))
        tensor(0.6931)
    """

    def __init__(self, size_average=None, reduce=None, reduction="mean", log_target=False):
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input, target):
        return F.kl_div(input, target, reduction=self.reduction, log_target=self.log_target)


class PoissonNLLLoss(_Loss):
    """Negative log likelihood of counts: ``exp(input) - target * input``, or ``input - target * log(input + eps)``.

    ``log_input`` says which; ``full`` adds Stirling's approximation of ``log(target!)`` for targets above 1.

    Example::

        >>> import steepest as torch
        >>> torch.nn.PoissonNLLLoss()(torch.tensor([0.0]), torch.tensor([2.0]))
        tensor(1.)
    """

    __constants__ = ["log_input", "full", "eps", "reduction"]

    def __init__(self, log_input=True, full=False, size_average=None, eps=1e-08, reduce=None, reduction="mean"):
        super().__init__(size_average, reduce, reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input, target):
        return F.poisson_nll_loss(
            log_input, target, log_input=self.log_input, full=self.full, eps=self.eps, reduction=self.reduction
        )


class GaussianNLLLoss(_Loss):
    """``(log(var) + (input - target)**2 / var) / 2``, with ``var`` at least ``eps`` (Nix and Weigend 1994).

    ``var`` has the input's shape, or 1 or nothing in place of its last size, or is a float; ValueError where an entry is
    negative. ``full`` adds ``log(2 * pi) / 2``.

    Example::

        >>> import steepest as torch
        >>> torch.nn.GaussianNLLLoss()(torch.tensor([1.0]), torch.tensor([3.0]), torch.tensor([1.0]))
        tensor(2.)
    """

    __constants__ = ["full", "eps", "reduction"]

    def __init__(self, *, full=False, eps=1e-06, reduction="mean"):
        super().__init__(reduction=reduction)
        self.full = full
        self.eps = eps

    def forward(self, input, target, var):
        return F.gaussian_nll_loss(input, target, var, full=self.full, eps=self.eps, reduction=self.reduction)
