"""Adamax: Adam with the largest recent gradient in place of the root of the mean square."""

from ._rules import RuleOptimizer, check_betas, check_common, check_not_negative

__all__ = ["Adamax"]


class Adamax(RuleOptimizer):
    """``p -= lr * m / u`` with the running mean m of the gradient, corrected for starting at 0, and its
    fading maximum ``u = max(beta2 * u, abs(g) + eps)`` (Kingma & Ba 2014, arXiv:1412.6980).

    ``foreach`` and ``capturable`` are accepted: the update is always one fused pass.

    Raises ValueError for negative lr, eps or weight_decay and for betas outside [0, 1).

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.Adamax([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    _rule = "adamax"

    def __init__(
        self,
        params,
        lr=2e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        foreach=None,
        *,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        check_common(lr, foreach, None, differentiable)
        check_not_negative("epsilon value", eps)
        check_betas(betas)
        check_not_negative("weight_decay value", weight_decay)
        defaults = {
            "lr": lr,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)
