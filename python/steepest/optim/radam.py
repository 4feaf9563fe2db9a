"""RAdam: Adam that waits for its mean square to mean something."""

from ._rules import RuleOptimizer, check_betas, check_common, check_not_negative

__all__ = ["RAdam"]


class RAdam(RuleOptimizer):
    """:class:`Adam` whose steps are divided by the root of the mean square only once that mean is over
    enough gradients, and then rectified for its variance (Liu et al. 2019, arXiv:1908.03265).

    ``weight_decay`` adds ``weight_decay * p`` to the gradient, or with ``decoupled_weight_decay`` shrinks
    p itself. ``foreach`` and ``capturable`` are accepted: the update is always one fused pass.

    Raises ValueError for negative lr, eps or weight_decay and for betas outside [0, 1).

    Example::

        >>> import steepest as torch
        >>> w = torch.tensor([1.0], requires_grad=True)
        >>> optimizer = torch.optim.RAdam([w], lr=0.1)
        >>> (w**2).sum().backward()
        >>> optimizer.step()
        >>> w
        tensor([0.8000], requires_grad=True)
    """

    _rule = "radam"

    def __init__(
        self,
        params,
        lr=1e-3,
        betas=(0.9, 0.999),
        eps=1e-8,
        weight_decay=0,
        decoupled_weight_decay=False,
        *,
        foreach=None,
        maximize=False,
        capturable=False,
        differentiable=False,
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
            "maximize": maximize,
            "foreach": foreach,
            "capturable": capturable,
            "decoupled_weight_decay": decoupled_weight_decay,
            "differentiable": differentiable,
        }
        super().__init__(params, defaults)
