"""ASGD: gradient descent that keeps the average of its path."""

from ._rules import RuleOptimizer, check_common, check_not_negative

__all__ = ["ASGD"]


class ASGD(RuleOptimizer):
    """``p = p * (1 - lambd * eta) - eta * g`` with ``eta = lr / (1 + lambd * lr * step)**alpha``, and in
    ``state[p]["ax"]`` the average of p from step ``t0`` on (Polyak & Juditsky 1992).

    ``foreach`` and ``capturable`` are accepted: the update is always one fused pass.

    Raises ValueError for a negative lr or weight_decay.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.ASGD([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8000], requires_grad=True)
    """

    _rule = "asgd"

    def __init__(
        self,
        params,
        lr=1e-2,
        lambd=1e-4,
        alpha=0.75,
        t0=1e6,
        weight_decay=0,
        foreach=None,
        maximize=False,
        differentiable=False,
        capturable=False,
    ):
        check_common(lr, foreach, None, differentiable)
        check_not_negative("weight_decay value", weight_decay)
        defaults = {
            "lr": lr,
            "lambd": lambd,
            "alpha": alpha,
            "t0": t0,
            "weight_decay": weight_decay,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
            "capturable": capturable,
        }
        super().__init__(params, defaults)
