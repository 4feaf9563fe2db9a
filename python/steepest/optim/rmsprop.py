"""RMSprop: steps divided by the recent size of the gradient."""

from ._rules import RuleOptimizer, check_common, check_not_negative

__all__ = ["RMSprop"]


class RMSprop(RuleOptimizer):
    """``p -= lr * g / (sqrt(s) + eps)`` with the running mean s of ``g**2`` (Hinton 2012, lecture 6).

    ``alpha`` is the weight of the past in s. ``momentum`` smooths the steps. ``centered`` divides by
    the standard deviation instead (Graves 2013, arXiv:1308.0850). ``foreach`` and ``capturable`` are
    accepted: the update is always one fused pass.

    Raises ValueError for a negative lr, eps, momentum, weight_decay or alpha.

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.RMSprop([w], lr=0.01)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    _rule = "rmsprop"

    def __init__(
        self,
        params,
        lr=1e-2,
        alpha=0.99,
        eps=1e-8,
        weight_decay=0,
        momentum=0,
        centered=False,
        capturable=False,
        foreach=None,
        maximize=False,
        differentiable=False,
    ):
        check_common(lr, foreach, None, differentiable)
        check_not_negative("epsilon value", eps)
        check_not_negative("momentum value", momentum)
        check_not_negative("weight_decay value", weight_decay)
        check_not_negative("alpha value", alpha)
        defaults = {
            "lr": lr,
            "momentum": momentum,
            "alpha": alpha,
            "eps": eps,
            "centered": centered,
            "weight_decay": weight_decay,
            "capturable": capturable,
            "foreach": foreach,
            "maximize": maximize,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)
